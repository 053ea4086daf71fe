/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/metrics.h"

#include <stddef.h>
#include <stdlib.h>

#include "eii/ingest/words.h"
#include "eii/monitor/exposition.h"
#include "process.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MS_OF_S      1000

/* A number of the stats under a name. */
struct row {
	const char *name;
	const char *help;
	size_t offset; /* of an _Atomic uint64_t in struct eii_stats */
};

#define ROW(name_, member, help_)                                                                  \
	{                                                                                          \
		.name = (name_), .help = (help_), .offset = offsetof(struct eii_stats, member)     \
	}

static uint64_t number_at(const struct eii_stats *stats, size_t offset)
{
	const void *at = (const char *)stats + offset;

	return atomic_load((const _Atomic uint64_t *)at);
}

static void counter(struct eii_exposition *e, const char *name, const char *help, uint64_t value)
{
	eii_exposition_family(e, name, EII_METRIC_COUNTER, help);
	eii_exposition_u64(e, NULL, 0, value);
}

static void gauge(struct eii_exposition *e, const char *name, const char *help, int64_t value)
{
	eii_exposition_family(e, name, EII_METRIC_GAUGE, help);
	eii_exposition_i64(e, NULL, 0, value);
}

/* ---- pycti's ----------------------------------------------------------- */

/* As prometheus_client exposes a counter: with the instant of its making beside it. */
static void pycti_counter(struct eii_exposition *e, const char *stem, const char *help,
			  uint64_t value, int64_t created_s)
{
	struct eii_buf name;

	eii_buf_init(&name, EII_EXPOSITION_NAME_MAX);
	eii_buf_addf(&name, "%s_total", stem);
	counter(e, name.data, help, value);
	eii_buf_reset(&name);
	eii_buf_addf(&name, "%s_created", stem);
	gauge(e, name.data, help, created_s);
	eii_buf_clear(&name);
}

/* Its Enum names the label like the metric; the plain name is there as well. */
static void write_state(struct eii_exposition *e, const struct eii_stats *stats)
{
	static const char *const names[] = {
		[EII_ACTIVITY_IDLE] = "idle",
		[EII_ACTIVITY_RUNNING] = "running",
		[EII_ACTIVITY_STOPPED] = "stopped",
	};
	int activity = atomic_load(&stats->activity);

	eii_exposition_family(e, "state", EII_METRIC_GAUGE, "State of connector");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct eii_label labels[] = { { "state", names[i] }, { e->name, names[i] } };

		eii_exposition_u64(e, labels, *e->prefix ? 2 : 1, activity == (int)i);
	}
}

static void write_identity(struct eii_exposition *e, const struct eii_watched *watched)
{
	struct eii_label labels[] = {
		{ "id", watched->id },
		{ "name", watched->name },
		{ "type", watched->type },
		{ "scope", watched->scope },
	};

	eii_exposition_family(e, "identity_info", EII_METRIC_GAUGE,
			      "Identity and configuration of the connector");
	eii_exposition_u64(e, labels, ARRAY_LEN(labels), 1);
}

static void write_pycti(struct eii_exposition *e, const struct eii_watched *watched)
{
	static const struct row rows[] = {
		ROW("bundles_sent", n_published, "Number of bundles sent"),
		/* Each of our bundles holds one object. */
		ROW("records_sent", n_published, "Number of records (objects per bundle) sent"),
		ROW("runs", n_runs, "Number of runs"),
		ROW("ping_api", n_pings, "Number of pings to the API"),
		ROW("ping_api_errors", n_failed_pings, "Number of errors when pinging the API"),
		ROW("client_errors", n_failed_calls, "Number of client errors"),
	};
	const struct eii_stats *stats = watched->stats;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		pycti_counter(e, rows[i].name, rows[i].help, number_at(stats, rows[i].offset),
			      watched->started_s);
	pycti_counter(e, "errors", "Number of errors",
		      atomic_load(&stats->n_failed_runs) + atomic_load(&stats->n_no_report),
		      watched->started_s);
	write_state(e, stats);
	write_identity(e, watched);
}

/* ---- mails ------------------------------------------------------------- */

static void write_counters(struct eii_exposition *e, const struct eii_stats *stats)
{
	static const struct row rows[] = {
		ROW("mails_fetched_total", n_fetched, "Mails that came from the mailbox"),
		ROW("mails_converted_total", n_converted, "Mails that became fields"),
		ROW("mails_published_total", n_sent,
		    "Mails whose report is wholly handed to the broker, repeats included"),
		ROW("mails_confirmed_total", n_confirmed,
		    "Mails whose report the broker has confirmed"),
		ROW("announcements_total", n_announced,
		    "Looks that an announcement of the mail server has caused (IDLE)"),
		ROW("mails_expunged_total", n_expunged, "Mails that vanished before their fetch"),
		ROW("mails_without_report_total", n_no_report,
		    "Mails of which no report fits the broker's limit"),
		ROW("fetched_bytes_total", fetched_bytes, "Bytes of mail that came"),
		ROW("published_bytes_total", published_bytes,
		    "Bytes of messages handed to the broker"),
		ROW("messages_nacked_total", n_nacked, "Messages that the broker refused"),
		ROW("messages_returned_total", n_returned,
		    "Messages that came back because the push queue was gone"),
		ROW("failed_runs_total", n_failed_runs, "Runs that failed"),
		ROW("reports_sent_again_total", n_sent_again,
		    "Reports that went again after they had been confirmed"),
		ROW("reports_lost_total", n_lost_reports,
		    "Reports that broker or platform lost after their confirm"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		counter(e, rows[i].name, rows[i].help, number_at(stats, rows[i].offset));
}

static void write_fallbacks(struct eii_exposition *e, const struct eii_stats *stats)
{
	eii_exposition_family(e, "fallback_reports_total", EII_METRIC_COUNTER,
			      "Mails that became a report without their content");
	for (unsigned reason = 0; reason < EII_MAIL_REASONS; reason++) {
		struct eii_label label = { "reason", eii_words_mail_label(reason) };

		if (label.value)
			eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_fallbacks[reason]));
	}
}

static void write_left_out(struct eii_exposition *e, const struct eii_stats *stats)
{
	eii_exposition_family(e, "mails_left_out_total", EII_METRIC_COUNTER,
			      "Mails of which no report is wanted");
	for (int i = EII_LEFT_OUT_NOT + 1; i < EII_LEFT_OUTS; i++) {
		const struct eii_label label = { "reason",
						 eii_left_out_word((enum eii_left_out)i) };

		eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_left_out[i]));
	}
}

static void write_attachments(struct eii_exposition *e, const struct eii_stats *stats)
{
	static const char *const reasons[EII_ATTACHMENT_FATES] = {
		[EII_ATTACHMENT_TYPE_NOT_LISTED] = "type_not_listed",
		[EII_ATTACHMENT_INLINE] = "inline",
		[EII_ATTACHMENT_TOO_LARGE] = "too_large",
		[EII_ATTACHMENT_TOO_MANY] = "too_many",
	};
	struct eii_label label = { "reason", "message_limit" };

	counter(e, "attachments_kept_total", "Attachments whose bytes are for the report",
		atomic_load(&stats->n_attachments[EII_ATTACHMENT_KEPT]));
	eii_exposition_family(e, "attachments_left_out_total", EII_METRIC_COUNTER,
			      "Attachments of which the report has the name and hash only");
	eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_files_left_out));
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		label.value = reasons[i];
		if (reasons[i])
			eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_attachments[i]));
	}
}

static void write_times(struct eii_exposition *e, const char *name, const char *help,
			const struct eii_times *times)
{
	uint64_t counts[EII_TIMES_BOUNDS + 1];

	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		counts[i] = atomic_load(&times->buckets[i]);
	eii_exposition_family(e, name, EII_METRIC_HISTOGRAM, help);
	eii_exposition_histogram(e, eii_times_bounds_ms, EII_TIMES_BOUNDS, counts,
				 atomic_load(&times->sum_ms));
}

static void write_mailbox(struct eii_exposition *e, const struct eii_stats *stats, int64_t now_s)
{
	int64_t waiting = atomic_load(&stats->run_found) - atomic_load(&stats->run_done);
	int64_t oldest_s = atomic_load(&stats->oldest_waiting_s);

	gauge(e, "mailbox_last_uid", "UID up to which every mail is settled",
	      atomic_load(&stats->last_uid));
	gauge(e, "mailbox_uidnext", "UID that the mailbox will give next, at the last look",
	      atomic_load(&stats->uidnext));
	gauge(e, "mails_waiting", "Mails that the last look found and that are not settled",
	      waiting > 0 ? waiting : 0);
	gauge(e, "oldest_waiting_mail_age_seconds",
	      "Since the oldest mail in hand came to the mailbox; 0 when none waits",
	      oldest_s && now_s > oldest_s ? now_s - oldest_s : 0);
	gauge(e, "messages_unconfirmed", "Messages at the broker without a confirm",
	      atomic_load(&stats->n_unconfirmed));
	gauge(e, "last_success_timestamp_seconds",
	      "End of the last run that settled all it found; 0 before the first",
	      atomic_load(&stats->last_success_s));
}

/* Since when the core cannot use a part, for how long; 0 = it can. */
static void write_faults(struct eii_exposition *e, const struct eii_stats *stats, int64_t now_ms)
{
	eii_exposition_family(e, "fault_since_seconds", EII_METRIC_GAUGE,
			      "For how long the part has not worked; 0 when it does");
	for (int part = 0; part < EII_PARTS; part++) {
		struct eii_label label = { "part", eii_words_part((enum eii_part)part) };
		int64_t since_ms = atomic_load(&stats->fault_since_ms[part]);

		eii_exposition_i64(e, &label, 1,
				   since_ms && now_ms > since_ms ? (now_ms - since_ms) / MS_OF_S
								 : 0);
	}
}

static void write_turn(struct eii_exposition *e, const struct eii_stats *stats)
{
	eii_exposition_family(
		e, "heart_longest_turn_seconds", EII_METRIC_GAUGE,
		"The longest time for which the deciding thread looked at nothing new");
	eii_exposition_milli(e, "", NULL, 0, (uint64_t)atomic_load(&stats->heart_turn_ms));
}

static void write_accounts(struct eii_exposition *e, const struct eii_stats *stats)
{
	struct eii_label label = { "kind", "mendable" };

	gauge(e, "runs_unaccounted", "Runs whose reports the platform has not all imported yet",
	      atomic_load(&stats->n_unaccounted_runs));
	gauge(e, "mails_set_aside", "Mails that the server withholds, to be tried again",
	      atomic_load(&stats->n_aside));
	gauge(e, "state_bytes", "Size of the state that the platform keeps",
	      atomic_load(&stats->state_bytes));
	eii_exposition_family(e, "work_errors_total", EII_METRIC_COUNTER,
			      "Reports that the platform refused to import");
	eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_work_errors_mendable));
	label.value = "other";
	eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_work_errors_other));
}

/* ---- the servers ------------------------------------------------------- */

typedef void server_sample(struct eii_exposition *e, const struct eii_label *label,
			   const struct eii_contact *contact, int64_t now_ms);

static void sample_age(struct eii_exposition *e, const struct eii_label *label,
		       const struct eii_contact *contact, int64_t now_ms)
{
	int64_t age_ms = now_ms - contact->answered_ms;

	if (contact->answered_ms)
		eii_exposition_i64(e, label, 1, age_ms > 0 ? age_ms / MS_OF_S : 0);
}

static void sample_failing(struct eii_exposition *e, const struct eii_label *label,
			   const struct eii_contact *contact, int64_t now_ms)
{
	(void)now_ms;
	eii_exposition_u64(e, label, 1, contact->failing_ms != 0);
}

static void sample_failures(struct eii_exposition *e, const struct eii_label *label,
			    const struct eii_contact *contact, int64_t now_ms)
{
	(void)now_ms;
	eii_exposition_u64(e, label, 1, contact->n_failures);
}

static void sample_connects(struct eii_exposition *e, const struct eii_label *label,
			    const struct eii_contact *contact, int64_t now_ms)
{
	(void)now_ms;
	eii_exposition_u64(e, label, 1, contact->n_connects);
}

static void sample_certificate(struct eii_exposition *e, const struct eii_label *label,
			       const struct eii_contact *contact, int64_t now_ms)
{
	(void)now_ms;
	if (contact->certificate_s)
		eii_exposition_i64(e, label, 1, contact->certificate_s);
}

static void write_servers(struct eii_exposition *e, const struct eii_watched *watched,
			  int64_t now_ms)
{
	static const struct {
		const char *name;
		enum eii_metric_type type;
		server_sample *sample;
		const char *help;
	} families[] = {
		{ "last_contact_age_seconds", EII_METRIC_GAUGE, sample_age,
		  "Since the server's last answer; absent before the first" },
		{ "server_failing", EII_METRIC_GAUGE, sample_failing,
		  "1 when the last attempt to use the server failed" },
		{ "server_failures_total", EII_METRIC_COUNTER, sample_failures,
		  "Attempts to use the server that failed" },
		{ "server_connects_total", EII_METRIC_COUNTER, sample_connects,
		  "Sign-ins to the server" },
		{ "certificate_expiry_timestamp_seconds", EII_METRIC_GAUGE, sample_certificate,
		  "Earliest end in the server's verified certificate chain" },
	};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		eii_exposition_family(e, families[i].name, families[i].type, families[i].help);
		for (enum eii_server server = 0; server < EII_SERVERS; server++) {
			struct eii_label label = { "server", eii_server_name(server) };
			struct eii_contact contact;

			eii_contacts_get(watched->contacts, server, &contact);
			/* The platform is asked by single requests: nothing is signed in to. */
			if (families[i].sample != sample_connects || server != EII_SERVER_PLATFORM)
				families[i].sample(e, &label, &contact, now_ms);
		}
	}
}

static void write_platform(struct eii_exposition *e, const struct eii_watched *watched)
{
	const struct eii_stats *stats = watched->stats;
	_Atomic int64_t *token_end = eii_contacts_token(watched->contacts);
	int64_t token_s = token_end ? atomic_load(token_end) : 0;

	gauge(e, "registered", "1 when the platform knows the connector",
	      atomic_load(&stats->is_registered));
	gauge(e, "mailbox_watched", "1 while the mail server is asked to announce mails (IDLE)",
	      atomic_load(&stats->is_watching));
	gauge(e, "platform_queue_bytes", "Size of the push queue as the platform tells it",
	      atomic_load(&stats->queue_bytes));
	gauge(e, "platform_queue_threshold_bytes", "CONNECTOR_QUEUE_THRESHOLD; 0 = none",
	      (int64_t)watched->threshold_bytes);
	gauge(e, "platform_queue_over_threshold", "1 when the import pauses because of that",
	      atomic_load(&stats->is_over_threshold));
	eii_exposition_family(e, "mailbox_token_expiry_timestamp_seconds", EII_METRIC_GAUGE,
			      "End of the mailbox's OAuth access token; absent without one");
	if (token_s)
		eii_exposition_i64(e, NULL, 0, token_s);
}

/* ---- the process ------------------------------------------------------- */

static void write_converter(struct eii_exposition *e, const struct eii_stats *stats)
{
	struct eii_label label = { "cause", "failure" };

	eii_exposition_family(e, "converter_restarts_total", EII_METRIC_COUNTER,
			      "Converter processes replaced, after a failure or by plan");
	eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_converter_restarts));
	label.value = "planned";
	eii_exposition_u64(e, &label, 1, atomic_load(&stats->n_converter_replacements));
}

static void write_build(struct eii_exposition *e, const struct eii_watched *watched)
{
	struct eii_label label = { "version", watched->version };

	gauge(e, "period_seconds", "CONNECTOR_DURATION_PERIOD: from one run to the next",
	      watched->period_s);
	eii_exposition_family(e, "build_info", EII_METRIC_GAUGE, "The program's version");
	eii_exposition_u64(e, &label, 1, 1);
}

void eii_metrics_write(const struct eii_watched *watched, struct eii_instant now,
		       struct eii_buf *out)
{
	struct eii_exposition e = { .out = out, .prefix = watched->prefix };
	const struct eii_stats *stats = watched->stats;

	write_pycti(&e, watched);
	write_counters(&e, stats);
	write_fallbacks(&e, stats);
	write_left_out(&e, stats);
	write_attachments(&e, stats);
	write_times(&e, "mail_to_confirm_duration_seconds",
		    "From a mail's arrival in the process to the confirm of its report",
		    &stats->mail_times);
	write_times(&e, "confirm_duration_seconds", "From a message's sending to its outcome",
		    &stats->confirm_times);
	write_times(&e, "graphql_duration_seconds", "Calls of the platform's API",
		    &stats->call_times);
	write_mailbox(&e, stats, now.unix_s);
	write_accounts(&e, stats);
	write_faults(&e, stats, now.monotonic_ms);
	write_turn(&e, stats);
	write_servers(&e, watched, now.monotonic_ms);
	write_platform(&e, watched);
	write_converter(&e, stats);
	write_build(&e, watched);
	eii_process_write(&e, watched->started_s);
}
