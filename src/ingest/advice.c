/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/advice.h"

#include <stddef.h>

#include "eii/ingest/words.h"

#define SEE_LOG    "The log has the server's words, at part.failed or part.waits_for_person. "
#define BY_ITSELF  "Nothing: the connector sees to it by itself."
#define KIND_COUNT (EII_FAILURE_CUT + 1)

/* ---- parts ------------------------------------------------------------- */

static const char *const part_words[EII_PARTS][KIND_COUNT] = {
	[EII_PART_MAILBOX] = {
		[EII_FAILURE_UNREACHABLE] = "The mail server does not answer",
		[EII_FAILURE_PASSING] = "The mail server refuses for now",
		[EII_FAILURE_CREDENTIALS] = "The sign-in to the mailbox is refused",
		[EII_FAILURE_CONFIG] = "What the settings say of the mailbox does not fit the server",
		[EII_FAILURE_INPUT] = "The mail server refuses what it is asked",
	},
	[EII_PART_QUEUE] = {
		[EII_FAILURE_NONE] = "The broker takes no messages: its alarm stands",
		[EII_FAILURE_UNREACHABLE] = "The broker does not answer",
		[EII_FAILURE_PASSING] = "The broker refuses for now",
		[EII_FAILURE_CREDENTIALS] = "The broker refuses the sign-in",
		[EII_FAILURE_CONFIG] = "What is known of the broker does not fit it",
		[EII_FAILURE_INPUT] = "The broker refuses a message",
		[EII_FAILURE_STORAGE] = "The directory of reports cannot be written",
	},
	[EII_PART_PLATFORM] = {
		[EII_FAILURE_UNREACHABLE] = "The platform does not answer",
		[EII_FAILURE_PASSING] = "The platform refuses for now",
		[EII_FAILURE_CREDENTIALS] = "The platform refuses the token",
		[EII_FAILURE_CONFIG] = "What answers at OPENCTI_URL does not fit the settings",
		[EII_FAILURE_RIGHTS] = "The token's user lacks a right",
		[EII_FAILURE_INPUT] = "The platform refuses what it is asked",
	},
	[EII_PART_CONVERTER] = {
		[EII_FAILURE_NONE] = "The converter cannot be started, or does not answer",
	},
};

static const char *const part_do[EII_PARTS][KIND_COUNT] = {
	[EII_PART_MAILBOX] = {
		[EII_FAILURE_UNREACHABLE] =
			"It is tried again. If it lasts: EMAIL_INTEL_IMAP_HOST and _PORT, DNS, the firewall.",
		[EII_FAILURE_PASSING] =
			"It is tried again. If it lasts: has the server a limit on sign-ins or connections?",
		[EII_FAILURE_CREDENTIALS] =
			"Give the mailbox a secret that works. One from a file is read at the next "
			"try; SIGHUP tries at once.",
		[EII_FAILURE_CONFIG] =
			"Run email-intel-imap --check: it names the setting (folder, certificate, "
			"port or way of TLS).",
	},
	[EII_PART_QUEUE] = {
		[EII_FAILURE_NONE] = "Give RabbitMQ memory or disk: its alarm ends then.",
		[EII_FAILURE_UNREACHABLE] =
			"It is tried again. If it lasts: MQ_HOST and MQ_PORT override the platform.",
		[EII_FAILURE_PASSING] = "It is tried again. If it lasts: see RabbitMQ's log.",
		[EII_FAILURE_CREDENTIALS] =
			"Correct MQ_USER and MQ_PASS, or take them away: the platform tells its own.",
		[EII_FAILURE_CONFIG] =
			"Run email-intel-imap --check: it names the setting (vhost, TLS, authority).",
		[EII_FAILURE_STORAGE] =
			"It is tried again. See to CONNECTOR_SEND_TO_DIRECTORY_PATH: space, rights, mount.",
	},
	[EII_PART_PLATFORM] = {
		[EII_FAILURE_UNREACHABLE] =
			"It is tried again. If it lasts: is OPENCTI_URL its address from here?",
		[EII_FAILURE_PASSING] = "It is tried again. If it lasts: see the platform's log.",
		[EII_FAILURE_CREDENTIALS] = "Give OPENCTI_TOKEN a token that the platform knows.",
		[EII_FAILURE_CONFIG] =
			"Run email-intel-imap --check: it names the setting (address, proxy, TLS).",
		[EII_FAILURE_RIGHTS] =
			"Give the token's user the role of a connector. It is asked each minute.",
	},
	[EII_PART_CONVERTER] = {
		[EII_FAILURE_NONE] =
			"Run email-intel-imap --check: it tries the converter and says what it lacks.",
	},
};

/* The part's word for the kind; the converter has one for all. */
static const char *of_part(const char *const table[EII_PARTS][KIND_COUNT],
			   const struct eii_trouble *trouble, const char *otherwise)
{
	const char *words = table[trouble->part][trouble->kind];

	if (!words && trouble->part == EII_PART_CONVERTER)
		words = table[trouble->part][EII_FAILURE_NONE];
	return words ? words : otherwise;
}

/* ---- the rest ---------------------------------------------------------- */

static const char *do_about_state(enum eii_event_type type)
{
	switch ((int)type) {
	case EII_EVENT_RENUMBERED:
	case EII_EVENT_WORK_CLEARED:
	case EII_EVENT_WORK_LOST:
	case EII_EVENT_WORK_UNSURE:
	case EII_EVENT_RETURNED:
	case EII_EVENT_DELETED:
		return BY_ITSELF;
	case EII_EVENT_STATE_UNREADABLE:
		return "Nothing: it begins with the first window, and mails become the same "
		       "reports.";
	case EII_EVENT_UIDNEXT_BACK:
		return "If the mailbox was not restored, ask whoever runs the mail server.";
	case EII_EVENT_RESET:
	case EII_EVENT_TAKEN_OVER:
		return "Nothing, if that was meant.";
	case EII_EVENT_FOREIGN_MOVED:
		return "Give each mailbox a CONNECTOR_ID of its own.";
	case EII_EVENT_TWIN:
		return "Stop one of the two processes.";
	case EII_EVENT_WORK_LET_GO:
		return "To have them again, reset the connector in the platform.";
	case EII_EVENT_CANNOT_ACCOUNT:
	case EII_EVENT_CANNOT_ASK:
		return "A newer OpenCTI can be asked; until then there is nothing to do.";
	default:
		return "The log has more: docs/errors.md explains each event.";
	}
}

static const char *do_about(enum eii_event_type type)
{
	switch ((int)type) {
	case EII_EVENT_BLOCKED:
		return part_do[EII_PART_QUEUE][EII_FAILURE_NONE];
	case EII_EVENT_OVER_THRESHOLD:
	case EII_EVENT_PAUSED_OUT:
		return "Wait, start more workers of the platform, or raise "
		       "CONNECTOR_QUEUE_THRESHOLD.";
	case EII_EVENT_RUN_CAREFUL:
	case EII_EVENT_SET_ASIDE:
	case EII_EVENT_KILLER:
		return BY_ITSELF;
	case EII_EVENT_GIVEN_UP_UID:
		return "Look at the mail in the mailbox itself: its server does not hand it out.";
	case EII_EVENT_WORK_ERRORS:
		return "The connector's Works in the platform tell what was refused.";
	case EII_EVENT_RIGHTS_MISSING:
		return "Give the token's user the role of a connector and the reports' marking. It "
		       "is asked each minute.";
	case EII_EVENT_NACKED:
		return "It is tried again. If it lasts: is the queue full, or limited by a policy?";
	case EII_EVENT_TOO_LARGE:
		return "Raise RabbitMQ's max_message_size, or lower MQ_MAX_MESSAGE_BYTES to it.";
	case EII_EVENT_NO_REPORT:
		return "Raise the broker's max_message_size and MQ_MAX_MESSAGE_BYTES.";
	case EII_EVENT_AUTHOR_UNKNOWN:
	case EII_EVENT_MARKING_UNKNOWN:
		return "Are the platform's workers running?";
	case EII_EVENT_CLOCK_OFF:
		return "Set this machine's clock (NTP).";
	default:
		return do_about_state(type);
	}
}

const char *eii_advice_words(const struct eii_trouble *trouble)
{
	const char *words = eii_words_message(trouble->type);

	if (eii_words_names_part(trouble->type))
		return of_part(part_words, trouble, "A part does not work");
	return words ? words : "";
}

const char *eii_advice_do(const struct eii_trouble *trouble)
{
	if (eii_words_names_part(trouble->type))
		return of_part(part_do, trouble, SEE_LOG);
	if (trouble->type == EII_EVENT_RUN_BROKEN)
		return trouble->reason ? do_about(trouble->reason) : SEE_LOG;
	return do_about(trouble->type);
}
