/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "eii/codec/hash.h"
#include "eii/ingest/words.h"
#include "eii/opencti/envelope.h"
#include "heart_private.h"

#define JOBS (2 * EII_CORE_LINE_MAILS)

static void replace(struct eii_heart *h, uint16_t slot, struct eii_parcel *parcel)
{
	eii_parcel_unref(h->slots[slot]);
	h->slots[slot] = parcel;
}

void eii_heart_drop(struct eii_heart *h, uint16_t slot)
{
	replace(h, slot, NULL);
}

/* ---- bytes ------------------------------------------------------------- */

void eii_heart_fetching(struct eii_heart *h, const struct eii_order *order)
{
	for (uint16_t i = 0; i < order->fetch.n; i++) {
		const struct eii_fetch_item *item = &order->fetch.items[i];
		struct eii_parcel *parcel = eii_parcel_new(item->uid);

		parcel->fetch_order = order->number;
		parcel->is_head = order->fetch.head_bytes > 0;
		replace(h, item->slot, parcel);
	}
}

void eii_heart_take_body(struct eii_heart *h, struct eii_note *note)
{
	struct eii_parcel *parcel = h->slots[note->fact.body.slot];

	if (note->fact.body.result != EII_BODY_CAME)
		return;
	EII_COUNT(h->options.stats, n_fetched);
	EII_COUNT_BY(h->options.stats, fetched_bytes, note->fact.body.len);
	/* The slot may be another mail's by now. */
	if (!parcel || parcel->fetch_order != note->fact.order || parcel->raw)
		return;
	parcel->raw = EII_DETACH(note->raw);
	parcel->raw_len = (size_t)note->fact.body.len;
	parcel->came_ms = eii_clock_monotonic_ms();
}

/* ---- bytes -> fields --------------------------------------------------- */

void eii_heart_convert(struct eii_heart *h, const struct eii_order *order)
{
	uint16_t slot = order->convert.slot;
	struct eii_parcel *parcel = h->slots[slot];

	/* A mail of facts alone was never fetched. */
	if (!parcel) {
		parcel = eii_parcel_new(order->convert.uid);
		parcel->came_ms = eii_clock_monotonic_ms();
		replace(h, slot, parcel);
	}
	parcel->size_bytes = order->convert.size_bytes;
	parcel->internal_unix_s = order->convert.internal_unix_s;
	if (h->n_jobs == JOBS)
		abort(); /* more than the line has */
	h->jobs[(h->first_job + h->n_jobs++) % JOBS] = (struct eii_heart_job){
		.order = order->number,
		.slot = slot,
		.is_head_only = order->convert.is_head_only,
		.parcel = eii_parcel_ref(parcel),
	};
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
	return eii_text(parcel->raw, parcel->raw_len);
}

/* Message-ID and body: what makes two deliveries one mail. */
static void identity_of(const struct eii_parcel *parcel, struct eii_text body,
			uint8_t out[EII_CORE_IDENTITY_BYTES])
{
	struct eii_text message_id = parcel->fields->message_id;
	struct eii_sha256 *hash = eii_sha256_new();

	eii_sha256_add(hash, message_id.data, message_id.len);
	eii_sha256_add(hash, "", 1);
	eii_sha256_add(hash, body.data, body.len);
	eii_sha256_finish(hash, out);
}

static void count_conversion(struct eii_heart *h, const struct eii_fields *fields)
{
	EII_COUNT(h->options.stats, n_converted);
	for (size_t i = 0; i < fields->n_attachments; i++)
		EII_COUNT(h->options.stats, n_attachments[fields->attachments[i].fate]);
}

static void take_fields(struct eii_heart *h, const struct eii_heart_job *job,
			const struct eii_conversion *conversion, struct eii_heart_converted *out)
{
	struct eii_parcel *parcel = job->parcel;

	count_conversion(h, conversion->fields);
	eii_parcel_set_fields(parcel, conversion->fields);
	memcpy(parcel->detail, conversion->detail, sizeof(parcel->detail));
	eii_report_plain_id(parcel->fields, parcel->internal_unix_s, out->plain_id);
	identity_of(parcel, body_of(parcel), out->identity);
	identity_of(parcel, (struct eii_text){ 0 }, out->head_identity);
	out->fact = (struct eii_fact){ .type = EII_FACT_CONVERTED, .order = job->order };
	out->fact.converted.slot = job->slot;
	out->fact.converted.reason = (uint8_t)conversion->reason;
	out->fact.converted.plain_id = out->plain_id;
	out->fact.converted.identity = out->identity;
	out->fact.converted.head_identity = out->head_identity;
}

static struct eii_heart_job pop_job(struct eii_heart *h)
{
	struct eii_heart_job job = h->jobs[h->first_job];

	h->first_job = (h->first_job + 1) % JOBS;
	h->n_jobs--;
	return job;
}

/* The slot was dropped since, and may be another mail's. */
static bool is_void(const struct eii_heart *h, const struct eii_heart_job *job)
{
	return h->slots[job->slot] != job->parcel;
}

bool eii_heart_next_converted(struct eii_heart *h, struct eii_heart_converted *out)
{
	struct eii_conversion conversion;

	while (eii_converter_next(h->options.converter, &conversion)) {
		struct eii_heart_job job = pop_job(h);
		bool is_wanted = !is_void(h, &job);

		h->n_submitted--;
		if (is_wanted)
			take_fields(h, &job, &conversion, out);
		else
			eii_fields_free(conversion.fields);
		eii_parcel_unref(job.parcel);
		if (is_wanted)
			return true;
	}
	return false;
}

bool eii_heart_has_jobs(const struct eii_heart *h)
{
	return h->n_submitted < h->n_jobs;
}

static struct eii_text bytes_of(const struct eii_parcel *parcel)
{
	return eii_text(parcel->raw, parcel->raw_len);
}

/* What was dropped before its turn is not converted, if nothing before it waits. */
static void submit(struct eii_heart *h)
{
	while (h->n_submitted < h->n_jobs) {
		struct eii_heart_job *job = &h->jobs[(h->first_job + h->n_submitted) % JOBS];

		if (h->n_submitted == 0 && is_void(h, job)) {
			struct eii_heart_job dropped = pop_job(h);

			eii_parcel_unref(dropped.parcel);
			continue;
		}
		if (!eii_converter_has_room(h->options.converter, job->parcel->raw_len))
			return;
		eii_converter_submit(h->options.converter, job->order, bytes_of(job->parcel),
				     job->is_head_only ? EII_SUBMIT_FALLBACK_ONLY
						       : EII_SUBMIT_FULL);
		h->n_submitted++;
	}
}

static void say_started(struct eii_heart *h)
{
	struct eii_converter_info info;

	if (h->has_said_converter || !eii_converter_info(h->options.converter, &info))
		return;
	h->has_said_converter = true;
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

enum eii_rc eii_heart_serve_converter(struct eii_heart *h, struct eii_error *err)
{
	struct eii_converter *converter = h->options.converter;
	enum eii_rc rc;

	submit(h);
	rc = eii_converter_advance(converter, eii_clock_monotonic_ms(), err);
	atomic_store(&h->options.stats->n_converter_restarts, eii_converter_restarts(converter));
	atomic_store(&h->options.stats->n_converter_replacements,
		     eii_converter_replacements(converter));
	if (!rc)
		say_started(h);
	return rc;
}

/* ---- fields -> report -------------------------------------------------- */

static struct eii_envelope envelope_of(const struct eii_heart *h, const char *work_id)
{
	return (struct eii_envelope){ .applicant_id = h->registration.connector_user_id,
				      .work_id = work_id,
				      .sequence = 1,
				      .features = &h->features };
}

/* Once for a mail, though its report may be made again. */
static void count_fallback(struct eii_heart *h, const struct eii_order *order,
			   struct eii_parcel *parcel)
{
	unsigned reason = order->make.reason;

	if (!reason || parcel->is_told_fallback)
		return;
	parcel->is_told_fallback = true;
	if (reason < EII_MAIL_REASONS)
		EII_COUNT(h->options.stats, n_fallbacks[reason]);
	EII_LOG(WARN, "mail.fallback", "The mail becomes a report without its content",
		EII_U64("uidvalidity", order->make.uidvalidity), EII_U64("uid", parcel->uid),
		EII_TEXT("message_id", parcel->fields->message_id),
		EII_STR("reason", eii_words_mail_reason(reason)),
		EII_STR("detail", parcel->detail));
}

static enum eii_rc new_report(struct eii_heart *h, const struct eii_order *order,
			      struct eii_parcel *parcel, struct eii_report **out)
{
	struct eii_envelope envelope = envelope_of(h, order->make.work_id);
	struct eii_report_source source = {
		.fields = parcel->fields,
		.uidvalidity = (uint32_t)order->make.uidvalidity,
		.uid = parcel->uid,
		.internal_unix_s = parcel->internal_unix_s,
		.mail_bytes = parcel->size_bytes || parcel->is_head ? parcel->size_bytes
								    : parcel->raw_len,
		.raw = bytes_of(parcel),
		.raw_is_partial = parcel->is_head || !parcel->raw,
		.fallback = eii_words_mail_reason(order->make.reason),
		.milliseconds = order->make.milliseconds,
		.now_us = eii_clock_unix_us(),
		.envelope_bytes = eii_envelope_size(&envelope, 0),
		.max_message_bytes = order->make.limit_bytes,
		.platform = {
			.content_member = h->features.needs_content_member,
			.file_version = h->features.needs_file_version,
			.files_first = h->features.sends_files_first,
		},
	};
	struct eii_error err;

	return eii_report_new(h->options.report, &source, out, &err);
}

void eii_heart_make(struct eii_heart *h, const struct eii_order *order)
{
	struct eii_parcel *parcel = h->slots[order->make.slot];
	struct eii_heart_made *made = &h->made[h->n_made++];
	struct eii_envelope envelope = envelope_of(h, order->make.work_id);
	struct eii_report *report = NULL;

	*made = (struct eii_heart_made){ .order = order->number, .slot = order->make.slot };
	count_fallback(h, order, parcel);
	parcel->confirmed = 0;
	parcel->uidvalidity = order->make.uidvalidity;
	if (new_report(h, order, parcel, &report)) {
		/* That not even its facts fit is the core's to tell. */
		EII_COUNT(h->options.stats, n_no_report);
		return;
	}
	eii_parcel_set_report(parcel, report);
	made->n_messages = (uint8_t)eii_report_n_messages(report);
	for (unsigned i = 0; i < made->n_messages; i++)
		made->bytes[i] = eii_envelope_size(&envelope, eii_report_bundle_size(report, i));
}

void eii_heart_report_id(const struct eii_heart *h, uint16_t slot,
			 char out[EII_CORE_PLAIN_ID_BYTES])
{
	const struct eii_parcel *parcel = h->slots[slot];
	char id[EII_ID_BYTES] = "";

	if (parcel && parcel->report)
		(void)memccpy(id, eii_report_id(parcel->report), '\0', sizeof(id));
	else if (parcel && parcel->fields)
		eii_report_plain_id(parcel->fields, parcel->internal_unix_s, id);
	(void)memccpy(out, id, '\0', EII_CORE_PLAIN_ID_BYTES);
	out[EII_CORE_PLAIN_ID_BYTES - 1] = '\0';
}

/* ---- report -> queue --------------------------------------------------- */

static void log_sent(const struct eii_parcel *parcel)
{
	EII_LOG(INFO, "mail.sent", "Report sent to the queue",
		EII_U64("uidvalidity", parcel->uidvalidity), EII_U64("uid", parcel->uid),
		EII_TEXT("message_id", parcel->fields->message_id),
		EII_STR("report", eii_report_id(parcel->report)),
		EII_U64("files", eii_report_n_files(parcel->report)),
		EII_U64("left_out", eii_report_n_left_out(parcel->report)));
}

void eii_heart_sending(struct eii_heart *h, struct eii_task *task)
{
	struct eii_parcel *parcel = h->slots[task->order.send.slot];

	task->parcel = eii_parcel_ref(parcel);
	if (task->order.send.index + 1u < eii_report_n_messages(parcel->report))
		return;
	log_sent(parcel);
	EII_COUNT(h->options.stats, n_sent);
	EII_COUNT_BY(h->options.stats, n_files_left_out, eii_report_n_left_out(parcel->report));
}

void eii_heart_outcome(struct eii_heart *h, const struct eii_note *note)
{
	struct eii_stats *stats = h->options.stats;
	int64_t now_ms = eii_clock_monotonic_ms();
	struct eii_parcel *parcel = NULL;

	eii_times_add(&stats->confirm_times, now_ms - note->sent_ms);
	if (note->fact.outcome.result == EII_OUTCOME_NACKED)
		EII_COUNT(stats, n_nacked);
	else if (note->fact.outcome.result == EII_OUTCOME_RETURNED)
		EII_COUNT(stats, n_returned);
	if (note->slot != EII_NOTE_NO_SLOT)
		parcel = h->slots[note->slot];
	if (!parcel || !parcel->report || note->fact.outcome.result != EII_OUTCOME_CONFIRMED)
		return;
	parcel->confirmed |= (uint8_t)(1u << note->index);
	if (parcel->is_counted ||
	    parcel->confirmed != (1u << eii_report_n_messages(parcel->report)) - 1)
		return;
	parcel->is_counted = true;
	EII_COUNT(stats, n_confirmed);
	eii_times_add(&stats->mail_times, now_ms - parcel->came_ms);
}
