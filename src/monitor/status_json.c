/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "eii/base/json_writer.h"
#include "eii/base/timestamp.h"
#include "eii/ingest/advice.h"
#include "eii/ingest/words.h"
#include "status_private.h"

/* 0 = null. */
static void add_time(struct eii_json_writer *json, const char *key, int64_t unix_s)
{
	char text[EII_TIMESTAMP_TEXT_BYTES];

	eii_json_key(json, key);
	if (!unix_s) {
		eii_json_word(json, EII_JSON_NULL);
		return;
	}
	eii_timestamp_format(unix_s, 0, text);
	eii_json_str(json, text);
}

static void add_number(struct eii_json_writer *json, const char *key, uint64_t number)
{
	eii_json_key(json, key);
	eii_json_u64(json, number);
}

static void add_str(struct eii_json_writer *json, const char *key, const char *string)
{
	eii_json_key(json, key);
	eii_json_str(json, string);
}

/* Any number but 0 is true. */
static void add_truth(struct eii_json_writer *json, const char *key, int number)
{
	eii_json_key(json, key);
	eii_json_word(json, number ? EII_JSON_TRUE : EII_JSON_FALSE);
}

static void add_run(struct eii_json_writer *json, const struct eii_status *status)
{
	eii_json_key(json, "state");
	eii_json_object_begin(json);
	add_str(json, "phase", eii_status_phase(status->told.phase));
	add_time(json, "since", status->told.phase_since_s);
	add_number(json, "found", status->n_found);
	add_number(json, "settled", status->n_settled);
	eii_json_object_end(json);
	add_truth(json, "ready", status->is_ready);
	add_time(json, "next_run_at", status->next_run_s);
	add_time(json, "last_success_at", atomic_load(&status->watched->stats->last_success_s));
}

/* Oldest first; kept in memory, since started_at at the earliest. */
static void add_hours(struct eii_json_writer *json, const struct eii_status *status)
{
	eii_json_key(json, "hours");
	eii_json_array_begin(json);
	for (unsigned ago = EII_HOURS; ago-- > 0;) {
		struct eii_hour hour = eii_hours_get(&status->told.hours, status->now.unix_s, ago);

		eii_json_object_begin(json);
		add_time(json, "begins", hour.hour * EII_HOUR_S);
		add_number(json, "mails", hour.mails);
		add_number(json, "fallbacks", hour.fallbacks);
		eii_json_object_end(json);
	}
	eii_json_array_end(json);
}

static void add_queue(struct eii_json_writer *json, const struct eii_status *status)
{
	eii_json_key(json, "queue");
	eii_json_object_begin(json);
	add_number(json, "bytes", status->queue_bytes);
	add_number(json, "threshold_bytes", status->watched->threshold_bytes);
	add_truth(json, "is_over", atomic_load(&status->watched->stats->is_over_threshold));
	eii_json_object_end(json);
}

static void add_parts(struct eii_json_writer *json, const struct eii_status *status)
{
	eii_json_key(json, "parts");
	eii_json_array_begin(json);
	for (enum eii_part part = 0; part < EII_PARTS; part++) {
		int64_t failing_s = eii_status_failing_s(status, part);

		eii_json_object_begin(json);
		add_str(json, "part", eii_words_part(part));
		add_truth(json, "works", !failing_s);
		add_number(json, "failing_s", (uint64_t)failing_s);
		eii_json_object_end(json);
	}
	eii_json_array_end(json);
}

static void add_trouble(struct eii_json_writer *json, const struct eii_trouble *trouble)
{
	eii_json_object_begin(json);
	add_str(json, "code", eii_words_name(trouble->type));
	if (eii_words_names_part(trouble->type))
		add_str(json, "part", eii_words_part(trouble->part));
	add_time(json, "since", trouble->since_s);
	add_time(json, "over_at", trouble->over_s);
	add_str(json, "words", eii_advice_words(trouble));
	add_str(json, "do", eii_advice_do(trouble));
	eii_json_object_end(json);
}

static void add_settings(struct eii_json_writer *json, const struct eii_watched *watched)
{
	eii_json_key(json, "settings_changed");
	eii_json_array_begin(json);
	for (size_t i = 0; i < watched->n_changed; i++)
		eii_json_str(json, watched->changed[i]);
	eii_json_array_end(json);
	if (!watched->mailbox)
		return;
	eii_json_key(json, "mailbox");
	eii_json_object_begin(json);
	add_str(json, "user", watched->mailbox->user);
	add_str(json, "host", watched->mailbox->host);
	add_str(json, "folder", watched->mailbox->folder);
	eii_json_object_end(json);
}

static void add_all(struct eii_json_writer *json, const struct eii_status *status)
{
	eii_json_object_begin(json);
	add_number(json, "schema", EII_STATUS_SCHEMA);
	add_str(json, "name", status->watched->name);
	add_str(json, "version", status->watched->version);
	add_time(json, "now", status->now.unix_s);
	add_time(json, "started_at", status->watched->started_s);
	add_run(json, status);
	add_hours(json, status);
	add_queue(json, status);
	add_parts(json, status);
	eii_json_key(json, "troubles");
	eii_json_array_begin(json);
	for (size_t i = 0; i < status->n_troubles; i++)
		add_trouble(json, status->troubles[i]);
	eii_json_array_end(json);
	add_settings(json, status->watched);
	eii_json_object_end(json);
}

void eii_status_json_write(const struct eii_watched *watched, struct eii_instant now,
			   struct eii_buf *out)
{
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_status status;

	eii_status_gather(watched, now, &status);
	eii_buf_sink_init(&sink, out);
	eii_json_writer_init(&json, &sink.base);
	add_all(&json, &status);
	/* The buffer remembers what it could not take. */
	if (eii_json_writer_finish(&json, NULL) == EII_OK)
		eii_buf_add_char(out, '\n');
}
