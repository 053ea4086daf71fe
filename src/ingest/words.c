/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/words.h"

#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/timestamp.h"
#include "eii/convert/converter.h"
#include "eii/ingest/rights.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define N_NUMBERS    4
#define RIGHTS_MAX   256

/* What an event's numbers a to d are called; NULL = not told. */
struct row {
	enum eii_log_level level;
	const char *name;
	const char *message;
	const char *next; /* NULL = nothing is awaited */
	const char *keys[N_NUMBERS];
};

#define RETRY "retry"

static const struct row rows[EII_EVENTS] = {
	[EII_EVENT_FAULT] = { EII_LOG_WARN,
			      "part.failed",
			      "A part does not work; trying again",
			      RETRY,
			      { "delay_ms" } },
	[EII_EVENT_FAULT_STANDS] = { EII_LOG_ERROR,
				     "part.failing",
				     "A part has not worked for over a minute",
				     RETRY,
				     { "for_s" } },
	[EII_EVENT_FAULT_OVER] = { EII_LOG_INFO,
				   "part.works_again",
				   "A part works again",
				   NULL,
				   { "after_s" } },
	[EII_EVENT_WAITS_PERSON] = { EII_LOG_ERROR,
				     "part.waits_for_person",
				     "Only a person can mend this; tried again when a secret's "
				     "file changes, at SIGHUP, and from time to time",
				     "wait",
				     { "delay_s" } },
	[EII_EVENT_BLOCKED] = { EII_LOG_ERROR,
				"amqp.blocked",
				"The broker's alarm stands: it takes no messages",
				"wait",
				{ "for_s" } },
	[EII_EVENT_UNBLOCKED] = { EII_LOG_INFO,
				  "amqp.unblocked",
				  "The broker takes messages again",
				  NULL,
				  { "after_s" } },
	[EII_EVENT_RUN_STARTED] = { EII_LOG_INFO,
				    "run.started",
				    "Importing new mails",
				    NULL,
				    { "found", "cursor" } },
	[EII_EVENT_RUN_PROGRESS] = { EII_LOG_INFO,
				     "run.progress",
				     "Importing",
				     NULL,
				     { "done", "found" } },
	[EII_EVENT_RUN_DONE] = { EII_LOG_INFO,
				 "run.done",
				 "Run finished",
				 NULL,
				 { "found", "reports", "fallbacks", "ms" } },
	[EII_EVENT_RUN_BROKEN] = { EII_LOG_WARN,
				   "run.broken_off",
				   "Run broken off; what is not settled stays for the next",
				   RETRY,
				   { "found", "reports" } },
	[EII_EVENT_RUN_CAREFUL] = { EII_LOG_WARN,
				    "run.careful",
				    "The last starts made no progress: fetching mail by mail",
				    NULL,
				    { "starts" } },
	[EII_EVENT_NOTHING_NEW] = { EII_LOG_INFO,
				    "run.nothing_new",
				    "No new mail",
				    NULL,
				    { NULL, "cursor" } },
	[EII_EVENT_WINDOW_EMPTY] = { EII_LOG_WARN,
				     "run.window_empty",
				     "The folder has mails, but all are older than the first "
				     "import reaches: is a clock wrong, or "
				     "EMAIL_INTEL_IMAP_RELATIVE_IMPORT_START_DATE too short?",
				     NULL,
				     { "mails" } },
	[EII_EVENT_OVER_THRESHOLD] = { EII_LOG_WARN,
				       "queue.over_threshold",
				       "The platform's queue is over CONNECTOR_QUEUE_THRESHOLD: "
				       "pausing",
				       "wait",
				       { "queue_bytes" } },
	[EII_EVENT_UNDER_THRESHOLD] = { EII_LOG_WARN,
					"queue.under_threshold",
					"The platform's queue is under the threshold again: going "
					"on",
					NULL,
					{ "queue_bytes" } },
	[EII_EVENT_PAUSED_OUT] = { EII_LOG_WARN,
				   "run.paused_out",
				   "The queue stayed over CONNECTOR_QUEUE_THRESHOLD for a whole "
				   "period",
				   "wait",
				   { NULL } },
	[EII_EVENT_NOT_PUSHED] = { EII_LOG_WARN,
				   "mailbox.not_pushed",
				   "EMAIL_INTEL_IMAP_PUSH=on, but the mail server announces no "
				   "mails: they are looked for by the period",
				   NULL,
				   { NULL } },
	[EII_EVENT_STOPPED] = { EII_LOG_INFO,
				"run.stopped",
				"The connector was stopped",
				"exit",
				{ NULL } },
	[EII_EVENT_RENUMBERED] = { EII_LOG_WARN,
				   "mailbox.renumbered",
				   "The server numbers the folder anew: a window is imported, "
				   "what is there already is asked for",
				   NULL,
				   { "uidvalidity", "was" } },
	[EII_EVENT_UIDNEXT_BACK] = { EII_LOG_ERROR,
				     "mailbox.gone_back",
				     "The folder's next UID is below what was imported: was the "
				     "mailbox restored from a backup?",
				     NULL,
				     { "uidnext", "cursor" } },
	[EII_EVENT_TAKEN_OVER] = { EII_LOG_WARN,
				   "mailbox.taken_over",
				   "The official connector ran after us: mails from before its "
				   "end count as its own",
				   NULL,
				   { "mails" } },
	[EII_EVENT_SET_ASIDE] = { EII_LOG_WARN,
				  "mail.set_aside",
				  "The server withholds a mail's content: tried again for a week",
				  RETRY,
				  { "uid", "tries" } },
	[EII_EVENT_REPAIRED] = { EII_LOG_INFO,
				 "mail.repaired",
				 "A mail that was withheld has come: its report gets its content",
				 NULL,
				 { "uid", "tries" } },
	[EII_EVENT_GIVEN_UP_UID] = { EII_LOG_ERROR,
				     "mail.withheld",
				     "The server never handed the mail out: it stays a report of "
				     "its facts",
				     NULL,
				     { "uid" } },
	[EII_EVENT_KILLER] = { EII_LOG_WARN,
			       "mail.given_up",
			       "The process ended twice on this mail: it becomes a report without "
			       "conversion",
			       NULL,
			       { "uid" } },
	[EII_EVENT_FOLDER_NEW] = { EII_LOG_INFO,
				   "mailbox.folder_new",
				   "A folder is read from now on",
				   NULL,
				   { NULL } },
	[EII_EVENT_FOLDER_GONE] = { EII_LOG_WARN,
				    "mailbox.folder_gone",
				    "A folder is not there, or not read, any more; where it stood "
				    "is kept for 30 days",
				    NULL,
				    { NULL } },
	[EII_EVENT_FOLDER_RENAMED] = { EII_LOG_INFO,
				       "mailbox.folder_renamed",
				       "A folder has the numbers of one that is gone: it goes on "
				       "where that one stood",
				       NULL,
				       { NULL } },
	[EII_EVENT_FOLDER_REFUSED] = { EII_LOG_ERROR,
				       "mailbox.folder_refused",
				       "The mail server does not open a folder: the run leaves it "
				       "out",
				       RETRY,
				       { NULL } },
	[EII_EVENT_FOLDERS_TOO_MANY] = { EII_LOG_ERROR,
					 "mailbox.folders_too_many",
					 "EMAIL_INTEL_IMAP_MAILBOX names more folders than one "
					 "connector reads: give a second one the rest",
					 NULL,
					 { "named", "read" } },
	[EII_EVENT_REGISTERED] = { EII_LOG_INFO,
				   "platform.registered",
				   "Connector registered",
				   NULL,
				   { NULL } },
	[EII_EVENT_RESET] = { EII_LOG_WARN,
			      "state.reset",
			      "The connector was reset in the platform: starting from the first "
			      "window again",
			      NULL,
			      { NULL } },
	[EII_EVENT_DELETED] = { EII_LOG_WARN,
				"platform.deleted",
				"The connector was deleted in the platform: registering it again",
				RETRY,
				{ NULL } },
	[EII_EVENT_STATE_UNREADABLE] = { EII_LOG_ERROR,
					 "state.unreadable",
					 "The stored state cannot be read and is written over",
					 NULL,
					 { "bytes", "hash" } },
	[EII_EVENT_FOREIGN_MOVED] = { EII_LOG_ERROR,
				      "state.shared",
				      "Another mailbox is run under this CONNECTOR_ID: give each "
				      "its own",
				      NULL,
				      { NULL } },
	[EII_EVENT_TWIN] = { EII_LOG_ERROR,
			     "state.twin",
			     "Another process runs this very mailbox: stop one of the two",
			     NULL,
			     { NULL } },
	[EII_EVENT_WORK_ACCOUNTED] = { EII_LOG_INFO,
				       "work.accounted",
				       "The platform has imported all that was sent",
				       NULL,
				       { "expected", "processed" } },
	[EII_EVENT_WORK_ERRORS] = { EII_LOG_ERROR,
				    "work.errors",
				    "The platform refused reports: see the connector's Works there",
				    NULL,
				    { "mendable", "other" } },
	[EII_EVENT_WORK_CLEARED] = { EII_LOG_WARN,
				     "work.cleared",
				     "The Work was cleared with reports that waited: they are "
				     "asked for, and what is missing goes again",
				     RETRY,
				     { "from_uid" } },
	[EII_EVENT_WORK_LOST] = { EII_LOG_ERROR,
				  "work.lost",
				  "Broker or platform lost reports that were confirmed: they are "
				  "asked for, and what is missing goes again",
				  RETRY,
				  { "from_uid" } },
	[EII_EVENT_WORK_UNSURE] = { EII_LOG_WARN,
				    "work.unsure",
				    "A lost connection or a kill has left messages without an "
				    "answer: the reports are asked for, and what is missing goes "
				    "again",
				    RETRY,
				    { "from_uid" } },
	[EII_EVENT_WORK_LET_GO] = { EII_LOG_ERROR,
				    "work.let_go",
				    "The Work was cleared a second time: the reports of these "
				    "mails are not sent again",
				    NULL,
				    { "from_uid", "to_uid" } },
	[EII_EVENT_CANNOT_ACCOUNT] = { EII_LOG_WARN,
				       "work.cannot_account",
				       "The platform cannot say what it has imported: the "
				       "broker's confirm counts",
				       NULL,
				       { NULL } },
	[EII_EVENT_CANNOT_ASK] = { EII_LOG_WARN,
				   "work.cannot_ask",
				   "The platform cannot be asked for reports: they go again, and "
				   "edits of analysts may be replaced",
				   NULL,
				   { NULL } },
	[EII_EVENT_RETURNED] = { EII_LOG_ERROR,
				 "amqp.returned",
				 "The push queue was deleted, with what was in it; the mails go "
				 "again",
				 RETRY,
				 { "from_uid" } },
	[EII_EVENT_RIGHTS_MISSING] = { EII_LOG_ERROR,
				       "platform.rights_missing",
				       "The token's user lacks rights: give it the role of a "
				       "connector, and the marking of the reports",
				       "wait",
				       { NULL } },
	[EII_EVENT_RIGHTS_THERE] = { EII_LOG_INFO,
				     "platform.rights_there",
				     "The token's user has all rights",
				     NULL,
				     { NULL } },
	[EII_EVENT_NACKED] = { EII_LOG_WARN,
			       "amqp.nacked",
			       "The broker refused a message (is the queue full?)",
			       RETRY,
			       { "delay_ms" } },
	[EII_EVENT_TOO_LARGE] = { EII_LOG_WARN,
				  "amqp.too_large",
				  "The broker's max_message_size is smaller than "
				  "MQ_MAX_MESSAGE_BYTES says; the report goes again with less "
				  "attached",
				  RETRY,
				  { "uid", "limit_bytes" } },
	[EII_EVENT_NO_REPORT] = { EII_LOG_ERROR,
				  "mail.no_report",
				  "No report of the mail fits the broker's limit",
				  NULL,
				  { "uid" } },
	[EII_EVENT_AUTHOR_UNKNOWN] = { EII_LOG_WARN,
				       "platform.author_unknown",
				       "The platform has not imported the author; reports go "
				       "without waiting for it",
				       NULL,
				       { NULL } },
	[EII_EVENT_MARKING_UNKNOWN] = { EII_LOG_ERROR,
					"platform.marking_unknown",
					"The platform has not imported the marking; reports wait. "
					"Are its workers running?",
					"wait",
					{ NULL } },
	[EII_EVENT_REPORTS_WAIT] = { EII_LOG_INFO,
				     "run.reports_wait",
				     "Reports wait for the platform's workers",
				     NULL,
				     { "reports" } },
	[EII_EVENT_CLOCK_OFF] = { EII_LOG_ERROR,
				  "platform.clock_off",
				  "This machine's clock is not the platform's, which counts",
				  NULL,
				  { "ahead_s" } },
};

enum eii_log_level eii_words_level(enum eii_event_type type)
{
	return rows[type].level;
}

const char *eii_words_name(enum eii_event_type type)
{
	return rows[type].name;
}

const char *eii_words_message(enum eii_event_type type)
{
	return rows[type].message;
}

const char *eii_words_part(enum eii_part part)
{
	static const char *const names[EII_PARTS] = {
		[EII_PART_MAILBOX] = "mailbox",
		[EII_PART_QUEUE] = "queue",
		[EII_PART_PLATFORM] = "platform",
		[EII_PART_CONVERTER] = "converter",
	};

	return names[part];
}

bool eii_words_names_part(enum eii_event_type type)
{
	return type == EII_EVENT_FAULT || type == EII_EVENT_FAULT_STANDS ||
	       type == EII_EVENT_FAULT_OVER || type == EII_EVENT_WAITS_PERSON;
}

static size_t add_numbers(const struct eii_event *event, const struct row *row,
			  struct eii_log_field *fields)
{
	const uint64_t numbers[N_NUMBERS] = { event->a, event->b, event->c, event->d };
	size_t n = 0;

	for (size_t i = 0; i < N_NUMBERS; i++) {
		if (row->keys[i] && event->type == EII_EVENT_CLOCK_OFF)
			fields[n++] =
				(struct eii_log_field)EII_I64(row->keys[i], (int64_t)numbers[i]);
		else if (row->keys[i])
			fields[n++] = (struct eii_log_field)EII_U64(row->keys[i], numbers[i]);
	}
	return n;
}

/* Its words are a folder's name; of the only one, none. */
static bool names_folder(enum eii_event_type type)
{
	return type == EII_EVENT_FOLDER_NEW || type == EII_EVENT_FOLDER_GONE ||
	       type == EII_EVENT_FOLDER_RENAMED || type == EII_EVENT_WORK_LET_GO;
}

void eii_words_log(const struct eii_event *event)
{
	const struct row *row = &rows[event->type];
	const char *reason = event->words && event->words[0] ? event->words : NULL;
	struct eii_log_field fields[N_NUMBERS + 6];
	char since[EII_TIMESTAMP_TEXT_BYTES];
	struct eii_buf rights;
	size_t n = 0;

	if (!row->name || !eii_log_enabled(row->level))
		return;
	eii_buf_init(&rights, RIGHTS_MAX);
	if (event->type == EII_EVENT_RIGHTS_MISSING)
		eii_rights_name((unsigned)event->a, &rights);
	if (eii_words_names_part(event->type))
		fields[n++] = (struct eii_log_field)EII_STR("part", eii_words_part(event->part));
	n += add_numbers(event, row, &fields[n]);
	if (event->type == EII_EVENT_WINDOW_EMPTY) {
		eii_timestamp_format_iso((int64_t)event->b, since);
		fields[n++] = (struct eii_log_field)EII_STR("since", since);
	}
	if (names_folder(event->type)) {
		fields[n++] = (struct eii_log_field)EII_STR("folder", reason);
		reason = NULL;
	}
	if (!reason && event->reason != EII_EVENT_NONE)
		reason = eii_words_reason(event->reason);
	fields[n++] = (struct eii_log_field)EII_STR("reason", reason);
	fields[n++] = (struct eii_log_field)EII_STR("missing", rights.len ? rights.data : NULL);
	fields[n++] = (struct eii_log_field)EII_STR("next", row->next);
	eii_log_write(row->level, row->name, row->message, fields, n);
	eii_buf_clear(&rights);
}

const char *eii_words_reason(enum eii_event_type reason)
{
	switch ((int)reason) {
	case EII_EVENT_STOPPED:
		return "the connector was stopped";
	case EII_EVENT_RESET:
	case EII_EVENT_DELETED:
		return "the connector was reset or deleted in the platform";
	case EII_EVENT_PAUSED_OUT:
		return "the queue stayed over CONNECTOR_QUEUE_THRESHOLD for a whole period";
	case EII_EVENT_RENUMBERED:
		return "the mail server numbers the folder anew";
	case EII_EVENT_RETURNED:
		return "the push queue was deleted with what was in it";
	case EII_EVENT_RIGHTS_MISSING:
		return "the token's user lacks rights";
	case EII_EVENT_MARKING_UNKNOWN:
		return "the platform has not imported the marking";
	default:
		break;
	}
	return rows[reason].message ? rows[reason].message : "a part did not work";
}

const char *eii_words_mail_reason(unsigned reason)
{
	switch (reason) {
	case EII_MAIL_REASON_NONE:
		return NULL;
	case EII_MAIL_REASON_OVER_LIMIT:
		return "the mail is larger than EMAIL_INTEL_IMAP_MAX_MAIL_BYTES";
	case EII_MAIL_REASON_WITHHELD:
		return "the mail server does not hand the mail out";
	case EII_MAIL_REASON_KILLER:
		return "the connector was ended twice while it worked on the mail";
	default:
		return eii_fallback_text((enum eii_fallback)reason);
	}
}

const char *eii_words_mail_label(unsigned reason)
{
	static const char *const labels[EII_MAIL_REASONS] = {
		[EII_FALLBACK_ASKED] = "header_only",
		[EII_FALLBACK_TOO_LARGE] = "too_large",
		[EII_FALLBACK_CRASHED] = "crashed",
		[EII_FALLBACK_TIMED_OUT] = "timed_out",
		[EII_FALLBACK_MEMORY] = "memory",
		[EII_FALLBACK_NONSENSE] = "nonsense",
		[EII_MAIL_REASON_OVER_LIMIT] = "over_limit",
		[EII_MAIL_REASON_WITHHELD] = "not_fetched",
		[EII_MAIL_REASON_KILLER] = "given_up",
	};

	return labels[reason];
}
