/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "eii/ingest/words.h"
#include "heart_private.h"

static void replace(struct eii_heart *h, uint16_t slot, struct eii_parcel *parcel)
{
	if (h->slots[slot])
		eii_parcel_drop(h->slots[slot]);
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
	struct eii_task *task;

	/* A mail of facts alone was never fetched. */
	if (!parcel) {
		parcel = eii_parcel_new(order->convert.uid);
		parcel->came_ms = eii_clock_monotonic_ms();
		replace(h, slot, parcel);
	}
	parcel->size_bytes = order->convert.size_bytes;
	parcel->internal_unix_s = order->convert.internal_unix_s;
	task = eii_task_new(order);
	task->parcel = eii_parcel_ref(parcel);
	eii_lane_post(h->options.reports, task);
}

/*
 * The slot's parcel if it is still the note's, whose reference goes: from here
 * on nobody but the heart knows what the note has brought.
 */
static struct eii_parcel *parcel_of(struct eii_heart *h, struct eii_note *note, uint16_t slot)
{
	struct eii_parcel *parcel = EII_DETACH(note->parcel);
	bool is_its = h->slots[slot] == parcel;

	if (is_its)
		eii_parcel_unref(parcel);
	else
		note->parcel = parcel;
	return is_its ? parcel : NULL;
}

static void say_left_out(struct eii_heart *h, const struct eii_parcel *parcel,
			 const struct eii_verdict *verdict)
{
	struct eii_text rule = verdict->rule ? verdict->rule->name : eii_text(NULL, 0);

	EII_COUNT(h->options.stats, n_left_out[verdict->left_out]);
	EII_LOG(DEBUG, "mail.left_out", "The mail is left out", EII_U64("uid", parcel->uid),
		EII_TEXT("message_id", parcel->fields->message_id),
		EII_STR("reason", eii_left_out_words(verdict->left_out, parcel->fields)),
		EII_TEXT("rule", rule));
}

static void say_rule(const struct eii_parcel *parcel)
{
	if (parcel->rule)
		EII_LOG(INFO, "mail.ruled", "A rule takes the mail", EII_U64("uid", parcel->uid),
			EII_TEXT("message_id", parcel->fields->message_id),
			EII_TEXT("rule", parcel->rule->name));
}

void eii_heart_converted(struct eii_heart *h, struct eii_note *note)
{
	struct eii_parcel *parcel = parcel_of(h, note, note->fact.converted.slot);

	if (!parcel)
		return;
	eii_parcel_set_fields(parcel, EII_DETACH(note->fields));
	memcpy(parcel->detail, note->converted->detail, sizeof(parcel->detail));
	parcel->rule = note->converted->verdict.rule;
	say_rule(parcel);
	if (note->fact.converted.is_left_out)
		say_left_out(h, parcel, &note->converted->verdict);
}

/* ---- fields -> report -------------------------------------------------- */

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

void eii_heart_make(struct eii_heart *h, const struct eii_order *order)
{
	struct eii_parcel *parcel = h->slots[order->make.slot];
	struct eii_task *task = eii_task_new(order);

	count_fallback(h, order, parcel);
	parcel->confirmed = 0;
	parcel->uidvalidity = order->make.uidvalidity;
	task->parcel = eii_parcel_ref(parcel);
	task->fields = parcel->fields;
	eii_lane_post(h->options.reports, task);
}

static void say_own_tlp(const struct eii_parcel *parcel)
{
	enum eii_tlp tlp = eii_report_own_tlp(parcel->report);

	if (tlp != EII_TLP_NONE)
		EII_LOG(INFO, "mail.marked", "The report is marked as the mail says",
			EII_U64("uid", parcel->uid),
			EII_TEXT("message_id", parcel->fields->message_id),
			EII_STR("marking", eii_tlp_name(tlp)));
}

void eii_heart_made(struct eii_heart *h, struct eii_note *note)
{
	struct eii_parcel *parcel = parcel_of(h, note, note->fact.made.slot);

	if (!parcel || !note->report)
		return;
	eii_parcel_set_report(parcel, EII_DETACH(note->report));
	say_own_tlp(parcel);
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

static void log_printed(const struct eii_parcel *parcel)
{
	EII_LOG(INFO, "mail.printed", "Report printed", EII_U64("uidvalidity", parcel->uidvalidity),
		EII_U64("uid", parcel->uid), EII_TEXT("message_id", parcel->fields->message_id),
		EII_STR("report", eii_report_id(parcel->report)));
}

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
	if (h->options.is_dry_run)
		log_printed(parcel);
	else
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
