/* SPDX-License-Identifier: Apache-2.0 */
#include "check_run.h"

#include <sysexits.h>

#include "eii/app/exit_code.h"

/* What an operator has to mend first: a wrong setting, then credentials, then a server. */
static int rank(int code)
{
	return code == EX_CONFIG ? 3 : code == EX_NOPERM ? 2 : code == EX_OK ? 0 : 1;
}

/* By what kind of thing has to be mended. */
struct part {
	const char *name;
	struct eii_check_cure unavailable, credentials, setting;
};

#define SIGN_IN_CURE                                                                               \
	"give a user and a secret that open the mailbox, and see that the server lets this user "  \
	"in over IMAP"
#define RESOLVE_CURE "see that it is spelt right, and that this machine's DNS knows it"
#define TOKEN_CURE                                                                                 \
	"give a token of a user with the role of a connector, and the markings of the reports "    \
	"(EMAIL_INTEL_IMAP_TLP_LEVEL, _RULES), which have to be there, as allowed ones"

static const struct part parts[EII_CHECK_PARTS] = {
	[EII_CHECK_SETTINGS] = {
		.name = "settings",
		.unavailable = { NULL, "give the process more of what it lacks" },
		.setting = { NULL, "correct it, or take it away" },
	},
	[EII_CHECK_CONVERTER] = {
		.name = "converter",
		.unavailable = { NULL, "install connector and converter of the same release, and "
				       "let the container's runtime allow what its jail needs" },
		.setting = { NULL, "correct it, or take it away" },
	},
	[EII_CHECK_MAILBOX_NAME] = {
		.name = "dns",
		.unavailable = { "EMAIL_INTEL_IMAP_HOST", RESOLVE_CURE },
		.setting = { "EMAIL_INTEL_IMAP_HOST", RESOLVE_CURE },
	},
	[EII_CHECK_MAILBOX] = {
		.name = "mailbox",
		.unavailable = { "EMAIL_INTEL_IMAP_HOST",
				 "see that host and port are right, and that a firewall lets this "
				 "machine through" },
		.credentials = { "EMAIL_INTEL_IMAP_USERNAME", SIGN_IN_CURE },
		.setting = { "EMAIL_INTEL_IMAP_HOST",
			     "let the setting say what the mail server has" },
	},
	[EII_CHECK_PLATFORM_NAME] = {
		.name = "dns",
		.unavailable = { "OPENCTI_URL", RESOLVE_CURE },
		.setting = { "OPENCTI_URL", RESOLVE_CURE },
	},
	[EII_CHECK_PLATFORM] = {
		.name = "platform",
		.unavailable = { "OPENCTI_URL",
				 "see that this is the platform's address from here, and that it "
				 "runs" },
		.credentials = { "OPENCTI_TOKEN", TOKEN_CURE },
		.setting = { "OPENCTI_URL", "give the platform's own address" },
	},
	[EII_CHECK_REGISTRATION] = {
		.name = "registration",
		.unavailable = { "OPENCTI_URL", "try again; if it lasts, see the platform's log" },
		.credentials = { "OPENCTI_TOKEN", TOKEN_CURE },
		.setting = { "CONNECTOR_ID", "give the connector a UUID of its own" },
	},
	[EII_CHECK_BROKER] = {
		.name = "broker",
		.unavailable = { "MQ_HOST",
				 "see that the address is right from here, and that a firewall "
				 "lets this machine through; MQ_HOST and MQ_PORT override what the "
				 "platform tells" },
		.credentials = { "MQ_USER", "correct MQ_USER and MQ_PASS, or take them away: the "
					    "platform tells its own" },
		.setting = { "MQ_HOST", "let the MQ_ settings say what the broker has" },
	},
	[EII_CHECK_DIRECTORY] = {
		.name = "directory",
		.unavailable = { "CONNECTOR_SEND_TO_DIRECTORY_PATH",
				 "see that it is there with room in it, and that the connector's "
				 "user may write to it" },
	},
};

static const struct eii_check_cure *cure_of(const struct part *part, int code)
{
	return code == EX_CONFIG   ? &part->setting
	       : code == EX_NOPERM ? &part->credentials
				   : &part->unavailable;
}

void eii_check_fail(struct eii_check *check, enum eii_check_part part, enum eii_rc rc,
		    const struct eii_error *err)
{
	int code = eii_exit_code(rc, err);

	/* A server that does not answer now is unavailable, whatever kind of failure it was. */
	if (code != EX_CONFIG && code != EX_NOPERM)
		code = EX_UNAVAILABLE;
	eii_check_report_add(&check->report, parts[part].name, EII_CHECK_FAILED,
			     cure_of(&parts[part], code), "%s", err->text);
	if (rank(code) > rank(check->worst))
		check->worst = code;
}
