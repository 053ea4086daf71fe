/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/report_driver.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "eii/codec/hash.h"
#include "eii/ingest/parcel.h"
#include "eii/ingest/words.h"
#include "eii/opencti/envelope.h"

#define PLACE_BYTES 4096

struct eii_report_driver {
	struct eii_report_driver_options options;
	struct eii_registration registration; /* what an envelope needs */
	struct eii_features features;
	uint64_t registration_number; /* of these; 0 = none yet */
	/* Mails in the converter's order; those from waiting on are not given to it yet. */
	struct eii_task *first, *last, *waiting;
	bool has_said_converter;
};

/* ---- mails that wait --------------------------------------------------- */

static void push(struct eii_report_driver *d, struct eii_task *task)
{
	if (d->last)
		d->last->next = task;
	else
		d->first = task;
	d->last = task;
	if (!d->waiting)
		d->waiting = task;
}

static struct eii_task *pop(struct eii_report_driver *d)
{
	struct eii_task *task = d->first;

	d->first = task->next;
	if (!d->first)
		d->last = NULL;
	if (d->waiting == task)
		d->waiting = d->first;
	return task;
}

static bool is_void(const struct eii_task *task)
{
	return eii_parcel_is_dropped(task->parcel);
}

/* ---- life -------------------------------------------------------------- */

struct eii_report_driver *eii_report_driver_new(const struct eii_report_driver_options *options)
{
	struct eii_report_driver *d = EII_NEW(struct eii_report_driver);

	d->options = *options;
	return d;
}

void eii_report_driver_free(struct eii_report_driver *d)
{
	if (!d)
		return;
	while (d->first)
		eii_task_free(pop(d));
	eii_registration_clear(&d->registration);
	free(d);
}

/* ---- bytes -> fields --------------------------------------------------- */

static struct eii_text bytes_of(const struct eii_parcel *parcel)
{
	return eii_text(parcel->raw, parcel->raw_len);
}

/* What stands below the header; all of it where no empty line ends one. */
static struct eii_text body_of(const struct eii_parcel *parcel)
{
	const char *end = parcel->raw ? parcel->raw + parcel->raw_len : NULL;
	const char *at = parcel->raw;

	while (at && at < end) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			break;
		at++;
		if (at < end && *at == '\r')
			at++;
		if (at < end && *at == '\n')
			return eii_text(at + 1, (size_t)(end - at) - 1);
	}
	return bytes_of(parcel);
}

/* Message-ID and body: what makes two deliveries one mail. */
static void identity_of(struct eii_text message_id, struct eii_text body,
			uint8_t out[EII_CORE_IDENTITY_BYTES])
{
	struct eii_sha256 *hash = eii_sha256_new();

	eii_sha256_add(hash, message_id.data, message_id.len);
	eii_sha256_add(hash, "", 1);
	eii_sha256_add(hash, body.data, body.len);
	eii_sha256_finish(hash, out);
}

/* What makes a mail of facts alone one of its own: where it stands. */
static struct eii_text place_of(const struct eii_order *order, char out[PLACE_BYTES])
{
	const char *folder = order->convert.folder;

	/* Two folders may have the same numbers. */
	(void)snprintf(out, PLACE_BYTES, "%llu %u%s%s",
		       (unsigned long long)order->convert.uidvalidity, order->convert.uid,
		       folder ? " " : "", folder ? folder : "");
	return eii_text_of(out);
}

static void count_conversion(struct eii_report_driver *d, const struct eii_fields *fields)
{
	EII_COUNT(d->options.stats, n_converted);
	for (size_t i = 0; i < fields->n_attachments; i++)
		EII_COUNT(d->options.stats, n_attachments[fields->attachments[i].fate]);
}

static struct eii_verdict judge(const struct eii_report_driver *d, const struct eii_task *task,
				const struct eii_conversion *conversion)
{
	const struct eii_order *order = &task->order;
	const char *folder = order->convert.folder ? order->convert.folder : d->options.folder;
	const struct eii_judged_mail mail = {
		.fields = conversion->fields,
		/* What the server withholds is read as an empty header. */
		.has_headers = conversion->has_headers && task->parcel->raw_len > 0,
		.folder = eii_text_of(folder),
		.size_bytes = order->convert.size_bytes ? order->convert.size_bytes
							: task->parcel->raw_len,
		.internal_unix_s = order->convert.internal_unix_s,
		.now_unix_s = eii_clock_unix_s(),
	};

	return eii_judge(d->options.selection, &mail);
}

static void tell_converted(struct eii_report_driver *d, struct eii_task *task,
			   struct eii_conversion *conversion)
{
	struct eii_note *note = eii_note_new(EII_FACT_CONVERTED, task->order.number);
	struct eii_converted_note *converted = EII_NEW(struct eii_converted_note);
	const struct eii_fields *fields = conversion->fields;
	char place[PLACE_BYTES];

	count_conversion(d, fields);
	converted->verdict = judge(d, task, conversion);
	eii_report_plain_id(fields, task->order.convert.internal_unix_s, converted->plain_id);
	identity_of(fields->message_id,
		    task->parcel->raw ? body_of(task->parcel) : place_of(&task->order, place),
		    converted->identity);
	identity_of(fields->message_id, (struct eii_text){ 0 }, converted->head_identity);
	memcpy(converted->detail, conversion->detail, sizeof(converted->detail));
	note->converted = converted;
	note->fields = conversion->fields;
	note->parcel = EII_DETACH(task->parcel);
	note->fact.converted.slot = task->order.convert.slot;
	note->fact.converted.reason = (uint8_t)conversion->reason;
	note->fact.converted.is_left_out = converted->verdict.left_out != EII_LEFT_OUT_NOT;
	note->fact.converted.plain_id = converted->plain_id;
	note->fact.converted.identity = converted->identity;
	note->fact.converted.head_identity = converted->head_identity;
	eii_lane_tell(d->options.lane, note);
}

static void take_results(struct eii_report_driver *d)
{
	struct eii_conversion conversion;

	while (eii_converter_next(d->options.converter, &conversion)) {
		EII_AUTO(eii_task) task = pop(d);

		if (is_void(task))
			eii_fields_free(conversion.fields);
		else
			tell_converted(d, task, &conversion);
	}
}

/* What was dropped before its turn is not converted, if nothing before it waits. */
static void submit(struct eii_report_driver *d)
{
	struct eii_converter *converter = d->options.converter;

	while (d->waiting) {
		struct eii_task *task = d->waiting;

		if (task == d->first && is_void(task)) {
			eii_task_free(pop(d));
			continue;
		}
		if (!eii_converter_has_room(converter, task->parcel->raw_len))
			return;
		eii_converter_submit(converter, task->order.number, bytes_of(task->parcel),
				     task->order.convert.is_head_only ? EII_SUBMIT_FALLBACK_ONLY
								      : EII_SUBMIT_FULL);
		d->waiting = task->next;
	}
}

static void say_started(struct eii_report_driver *d)
{
	struct eii_converter_info info;

	if (d->has_said_converter || !eii_converter_info(d->options.converter, &info))
		return;
	d->has_said_converter = true;
	EII_LOG(INFO, "converter.started", "Converter started in its jail",
		EII_U64("landlock_abi", info.landlock_abi),
		EII_U64("missing_charsets", info.missing_charsets));
	if (info.is_relaxed)
		EII_LOG_PLAINLY(ERROR, "converter.relaxed",
				"The converter's jail is relaxed: this build is for tests only");
	else if (!info.landlock_abi)
		EII_LOG_PLAINLY(WARN, "converter.no_landlock",
				"This kernel has no landlock; the rest of the jail holds");
}

static void count_children(const struct eii_report_driver *d)
{
	const struct eii_converter *converter = d->options.converter;
	struct eii_stats *stats = d->options.stats;

	atomic_store(&stats->n_converter_restarts, eii_converter_restarts(converter));
	atomic_store(&stats->n_converter_replacements, eii_converter_replacements(converter));
}

static void serve_converter(struct eii_report_driver *d)
{
	struct eii_error err;
	enum eii_rc rc;

	submit(d);
	rc = eii_converter_advance(d->options.converter, eii_clock_monotonic_ms(), &err);
	count_children(d);
	if (rc)
		eii_lane_tell(d->options.lane, eii_note_of_failure(EII_FACT_CONVERTER_FAILED, NULL,
								   EII_RETRY, &err));
	else
		say_started(d);
	take_results(d);
}

/* ---- fields -> report -------------------------------------------------- */

static void refresh_registration(struct eii_report_driver *d)
{
	uint64_t number = eii_registered_number(d->options.registered);

	if (number == d->registration_number)
		return;
	if (eii_registered_get(d->options.registered, &d->registration, &d->features))
		d->registration_number = number;
}

static const struct eii_report_shape *shape_of(const struct eii_report_driver *d,
					       const struct eii_parcel *parcel)
{
	const struct eii_rules *rules = d->options.selection->rules;

	return parcel->rule ? &d->options.report->shapes[parcel->rule - rules->items] : NULL;
}

static enum eii_rc new_report(struct eii_report_driver *d, const struct eii_task *task,
			      const struct eii_envelope *envelope, struct eii_report **out)
{
	const struct eii_parcel *parcel = task->parcel;
	const struct eii_order *order = &task->order;
	struct eii_report_source source = {
		.fields = task->fields,
		.shape = shape_of(d, parcel),
		.uidvalidity = order->make.uidvalidity,
		.uid = parcel->uid,
		.internal_unix_s = parcel->internal_unix_s,
		.mail_bytes = parcel->size_bytes || parcel->is_head ? parcel->size_bytes
								    : parcel->raw_len,
		.raw = bytes_of(parcel),
		.raw_is_partial = parcel->is_head || !parcel->raw,
		.fallback = eii_words_mail_reason(order->make.reason),
		.milliseconds = order->make.milliseconds,
		.now_us = eii_clock_unix_us(),
		.envelope_bytes = eii_envelope_size(envelope, 0),
		.max_message_bytes = order->make.limit_bytes,
		.platform = {
			.content_member = d->features.needs_content_member,
			.file_version = d->features.needs_file_version,
			.files_first = d->features.sends_files_first,
		},
	};
	struct eii_error err;

	return eii_report_new(d->options.report, &source, out, &err);
}

static void make(struct eii_report_driver *d, struct eii_task *task)
{
	struct eii_note *note;
	struct eii_envelope envelope;
	struct eii_report *report = NULL;
	unsigned n = 0;

	if (is_void(task))
		return;
	refresh_registration(d);
	envelope = (struct eii_envelope){ .applicant_id = d->registration.connector_user_id,
					  .work_id = task->order.make.work_id,
					  .draft_id = task->order.draft_id,
					  .sequence = 1,
					  .features = &d->features };
	/* That not even its facts fit is the core's to tell. */
	if (new_report(d, task, &envelope, &report))
		EII_COUNT(d->options.stats, n_no_report);
	else
		n = eii_report_n_messages(report);
	note = eii_note_new(EII_FACT_MADE, task->order.number);
	note->report = report;
	note->parcel = EII_DETACH(task->parcel);
	note->fact.made.slot = task->order.make.slot;
	note->fact.made.n_messages = (uint8_t)n;
	for (unsigned i = 0; i < n; i++)
		note->fact.made.bytes[i] =
			eii_envelope_size(&envelope, eii_report_bundle_size(report, i));
	eii_lane_tell(d->options.lane, note);
}

/* ---- the loop ---------------------------------------------------------- */

static void take_orders(struct eii_report_driver *d)
{
	for (;;) {
		struct eii_task *task = eii_lane_take(d->options.lane);

		if (!task)
			return;
		if (task->order.type == EII_ORDER_CONVERT) {
			push(d, task);
			continue;
		}
		make(d, task);
		eii_task_free(task);
		eii_lane_beat(d->options.lane, 0);
	}
}

static void wait_for_more(struct eii_report_driver *d)
{
	struct pollfd fds[2] = { { .fd = eii_lane_fd(d->options.lane), .events = POLLIN } };
	int64_t until_ms = eii_clock_monotonic_ms() + EII_BEAT_MS;
	int64_t converter_due_ms;

	eii_converter_poll(d->options.converter, &fds[1], &converter_due_ms);
	if (converter_due_ms < until_ms)
		until_ms = converter_due_ms;
	(void)poll(fds, 2, eii_clock_left_ms(until_ms));
	eii_lane_beat(d->options.lane, 0);
}

/* Here, because the kernel ends a child with the thread that started it. */
static void begin(struct eii_report_driver *d)
{
	struct eii_error err;

	if (eii_converter_begin(d->options.converter, &err))
		EII_LOG(ERROR, "converter.not_started", "The converter's settings are too long",
			EII_STR("reason", err.text));
}

void *eii_report_driver_run(void *arg)
{
	struct eii_report_driver *d = arg;

	begin(d);
	while (!eii_lane_is_closed(d->options.lane)) {
		take_orders(d);
		serve_converter(d);
		/* What a result has made room for goes at once. */
		if (d->waiting)
			serve_converter(d);
		wait_for_more(d);
	}
	return NULL;
}
