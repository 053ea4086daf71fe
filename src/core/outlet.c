/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the line to the queue: conversion, report, question, message, outcome.
 */
#include "wire.h"

#define LIMIT_S 86400

/* ---- leaving the line -------------------------------------------------- */

void eii_outlet_drop(struct eii_core *core, uint16_t slot)
{
	struct eii_order *order = eii_pulse_order(&core->pulse, EII_ORDER_DROP, EII_PULSE_NEVER);

	order->drop.slot = slot;
	eii_careful_put_down(&core->run.careful, &core->place->s,
			     eii_line_at(&core->line, slot)->uid);
	eii_line_free(&core->line, slot);
}

void eii_outlet_drop_all(struct eii_core *core)
{
	for (int stage = EII_STAGE_RAW; stage < EII_STAGES; stage++) {
		while (eii_line_first(&core->line, (enum eii_stage)stage) >= 0) {
			int slot = eii_line_first(&core->line, (enum eii_stage)stage);

			EII_INVARIANT(core->line.entries[slot].n_open == 0);
			eii_outlet_drop(core, (uint16_t)slot);
		}
	}
	core->line.n_slots = 0;
	core->line.ask_order = 0;
	core->ask_since_ms = 0;
}

static void settle_aside(struct eii_core *core, const struct eii_entry *entry)
{
	const struct eii_aside *aside = eii_place_find_aside(core->place, entry->uid);
	bool is_header = entry->form == EII_FORM_HEAD && entry->reason == EII_MAIL_REASON_WITHHELD;

	if (is_header && entry->n_messages) {
		eii_place_sent_header(core->place, entry->uid, entry->milliseconds);
		return;
	}
	if (aside && entry->reason != EII_MAIL_REASON_WITHHELD)
		eii_pulse_say(&core->pulse, EII_EVENT_REPAIRED, entry->uid, aside->n_tries);
	/* Confirmed is not imported: until the Work is accounted for it stands in the state. */
	if (entry->n_messages && !eii_core_writes_files(core))
		eii_place_sent_aside(core->place, entry->uid, entry->milliseconds);
	else
		eii_place_drop_aside(core->place, entry->uid);
}

void eii_outlet_settle(struct eii_core *core, uint16_t slot)
{
	struct eii_entry *entry = eii_line_at(&core->line, slot);

	core->run.n_settled++;
	settle_aside(core, entry);
	(void)eii_place_settle(core->place, entry->uid);
	/* Careful mode goes on behind what the state knows. */
	if (core->run.careful.n_left)
		eii_store_hurry(&core->store);
	eii_core_touch(core);
	eii_outlet_drop(core, slot);
}

void eii_outlet_there(struct eii_core *core, uint16_t slot)
{
	struct eii_entry *entry = eii_line_at(&core->line, slot);

	/* The message that had no outcome has made it, unless it was there before. */
	if (entry->is_unknown && entry->was_absent)
		eii_work_found(&core->work);
	entry->is_unknown = false;
	if (entry->n_messages == 1) {
		eii_outlet_settle(core, slot);
		return;
	}
	/* Of two messages the first has made it; the second may be the one that was lost. */
	entry->n_sent = 1;
	entry->confirmed = 1;
	eii_line_move(&core->line, slot, EII_STAGE_READY);
}

/* ---- into the converter ------------------------------------------------ */

static uint16_t n_held(const struct eii_core *core)
{
	const struct eii_line *line = &core->line;

	return (uint16_t)(eii_line_n(line, EII_STAGE_CONVERTED) +
			  eii_line_n(line, EII_STAGE_MAKING) + eii_line_n(line, EII_STAGE_ASKING) +
			  eii_line_n(line, EII_STAGE_READY));
}

static uint16_t max_held(const struct eii_core *core)
{
	/* A question to the platform is worth asking for many at once. */
	return eii_line_n(&core->line, EII_STAGE_ASKING) ? EII_CORE_FIND_IDS + EII_CONVERT_MAILS
							 : EII_MADE_MAILS;
}

static bool may_convert(struct eii_core *core)
{
	const struct eii_line *line = &core->line;
	uint16_t n = eii_line_n(line, EII_STAGE_CONVERTING);

	if (eii_line_first(line, EII_STAGE_RAW) < 0 || core->run.reason != EII_EVENT_NONE ||
	    eii_pulse_is_stopping(&core->pulse))
		return false;
	if (n >= EII_CONVERT_MAILS || n + n_held(core) >= max_held(core) ||
	    (n && line->converting_bytes >= EII_CONVERT_BYTES))
		return false;
	if (eii_numbering_must_wait(core, &line->entries[eii_line_first(line, EII_STAGE_RAW)]))
		return false;
	return eii_attempt_is_due(&core->converter, &core->pulse) &&
	       eii_pulse_room(&core->pulse) > EII_PULSE_ORDERS / 2;
}

static void convert_next(struct eii_core *core)
{
	uint16_t slot = (uint16_t)eii_line_first(&core->line, EII_STAGE_RAW);
	struct eii_entry *entry = eii_line_at(&core->line, slot);
	struct eii_order *order = eii_pulse_order(&core->pulse, EII_ORDER_CONVERT, EII_PULSE_NEVER);

	order->convert.slot = slot;
	order->convert.is_head_only = entry->form != EII_FORM_WHOLE;
	order->convert.uid = entry->uid;
	order->convert.uidvalidity = core->place->s.uidvalidity;
	order->convert.folder = eii_turns_name(core);
	order->convert.internal_unix_s = entry->has_date ? entry->internal_unix_s : 0;
	order->convert.size_bytes = entry->size_bytes;
	entry->order = order->number;
	if (!eii_line_n(&core->line, EII_STAGE_CONVERTING))
		core->convert_ms = core->pulse.now_ms;
	eii_line_move(&core->line, slot, EII_STAGE_CONVERTING);
}

/* Whoever changes what is left out resets the connector: what was settled stays so. */
static void leave_out(struct eii_core *core, uint16_t slot)
{
	eii_line_at(&core->line, slot)->n_messages = 0;
	eii_outlet_settle(core, slot);
	eii_pulse_move(&core->pulse);
}

void eii_outlet_forgo_header(struct eii_core *core, uint16_t slot)
{
	eii_place_sent_header(core->place, eii_line_at(&core->line, slot)->uid,
			      EII_ASIDE_NO_HEADER);
	eii_core_touch(core);
	eii_outlet_drop(core, slot);
	eii_pulse_move(&core->pulse);
}

static void heed_converted(struct eii_core *core, const struct eii_fact *fact)
{
	int slot =
		eii_line_find(&core->line, fact->converted.slot, EII_STAGE_CONVERTING, fact->order);
	struct eii_entry *entry;

	if (slot < 0)
		return;
	entry = eii_line_at(&core->line, (uint16_t)slot);
	entry->order = 0;
	entry->converter_reason = fact->converted.reason;
	core->convert_ms = core->pulse.now_ms;
	eii_attempt_worked(&core->converter);
	eii_part_worked(core, EII_PART_CONVERTER);
	if (fact->converted.is_left_out) {
		leave_out(core, (uint16_t)slot);
		return;
	}
	if (eii_numbering_forgoes_header(core, entry, fact)) {
		eii_outlet_forgo_header(core, (uint16_t)slot);
		return;
	}
	eii_numbering_converted(core, entry, fact);
	eii_line_move(&core->line, (uint16_t)slot, EII_STAGE_CONVERTED);
	eii_pulse_move(&core->pulse);
}

/* ---- the report -------------------------------------------------------- */

/* What a refusal taught holds for a day: somebody may have raised it since. */
static uint64_t limit_of(const struct eii_core *core, const struct eii_entry *entry)
{
	const struct eii_ledger *ledger = &core->store.ledger;
	int64_t age_s = core->pulse.unix_s - ledger->limit_s;

	if (entry->limit_bytes)
		return entry->limit_bytes;
	return age_s >= 0 && age_s < LIMIT_S ? ledger->limit_bytes : 0;
}

static void make_next(struct eii_core *core)
{
	uint16_t slot = (uint16_t)eii_line_first(&core->line, EII_STAGE_CONVERTED);
	struct eii_entry *entry = eii_line_at(&core->line, slot);
	struct eii_order *order = eii_pulse_order(&core->pulse, EII_ORDER_MAKE, EII_PULSE_NEVER);

	order->make.slot = slot;
	order->make.milliseconds = entry->milliseconds;
	order->make.limit_bytes = limit_of(core, entry);
	order->make.uidvalidity = core->place->s.uidvalidity;
	order->make.reason = entry->reason ? entry->reason : entry->converter_reason;
	order->make.work_id = core->store.ledger.work_id;
	order->draft_id = eii_core_draft(core);
	entry->order = order->number;
	eii_line_move(&core->line, slot, EII_STAGE_MAKING);
}

static void heed_made(struct eii_core *core, const struct eii_fact *fact)
{
	int slot = eii_line_find(&core->line, fact->made.slot, EII_STAGE_MAKING, fact->order);
	struct eii_entry *entry;

	if (slot < 0)
		return;
	entry = eii_line_at(&core->line, (uint16_t)slot);
	entry->order = 0;
	eii_pulse_move(&core->pulse);
	if (fact->made.n_messages == 0) {
		eii_pulse_say(&core->pulse, EII_EVENT_NO_REPORT, entry->uid, 0);
		eii_outlet_settle(core, (uint16_t)slot);
		return;
	}
	entry->n_messages = fact->made.n_messages;
	entry->n_sent = 0;
	entry->confirmed = 0;
	entry->bytes[0] = fact->made.bytes[0];
	entry->bytes[1] = fact->made.bytes[1];
	if (!entry->must_ask || entry->is_refused || eii_core_writes_files(core)) {
		eii_line_move(&core->line, (uint16_t)slot, EII_STAGE_READY);
		return;
	}
	if (!core->ask_since_ms)
		core->ask_since_ms = core->pulse.now_ms;
	eii_line_move(&core->line, (uint16_t)slot, EII_STAGE_ASKING);
}

/* ---- outcomes ---------------------------------------------------------- */

/* All its messages have their outcome. */
static void message_is_done(struct eii_core *core, uint16_t slot)
{
	struct eii_entry *entry = eii_line_at(&core->line, slot);

	if (entry->n_open)
		return;
	if (entry->confirmed != (1u << entry->n_sent) - 1) {
		eii_line_again(&core->line, slot);
		return;
	}
	if (entry->n_sent < entry->n_messages)
		return;
	core->run.n_reports++;
	if (entry->reason || entry->converter_reason)
		core->run.n_fallbacks++;
	eii_outlet_settle(core, slot);
}

static void nacked(struct eii_core *core, const struct eii_message *message)
{
	static const struct eii_failure failure = {
		.kind = EII_FAILURE_PASSING,
		.lives = true,
		.words = "the broker refuses messages (is the queue full?)",
	};
	struct eii_link *link = &core->link;
	uint64_t tries = link->nack.n;

	eii_attempt_failed_again(&link->nack, &core->pulse, &failure);
	if (!link->nacked_ms)
		link->nacked_ms = core->pulse.now_ms;
	if (link->nack.n != tries) {
		eii_pulse_say(&core->pulse, EII_EVENT_NACKED,
			      (uint64_t)(link->nack.due_ms - core->pulse.now_ms), 0);
		eii_part_failed(core, &link->nack, &failure);
	}
	if (message->kind == EII_MESSAGE_AUTHOR)
		eii_wire_redial(core, failure.words);
	if (message->kind == EII_MESSAGE_MARKING)
		link->is_marking_sent = false;
}

static void too_large(struct eii_core *core, const struct eii_message *message, uint64_t limit)
{
	struct eii_entry *entry;

	if (message->kind != EII_MESSAGE_REPORT)
		return;
	entry = eii_line_at(&core->line, message->slot);
	/* Where the broker does not say its limit: half of what it refused. */
	entry->limit_bytes = limit ? limit : message->bytes / 2;
	if (limit) {
		core->store.ledger.limit_bytes = limit;
		core->store.ledger.limit_s = core->pulse.unix_s;
		eii_core_touch(core);
	}
	eii_pulse_say(&core->pulse, EII_EVENT_TOO_LARGE, entry->uid, entry->limit_bytes);
}

static void count(struct eii_core *core, const struct eii_message *message)
{
	if (eii_core_writes_files(core))
		return;
	if (message->kind == EII_MESSAGE_REPORT)
		eii_work_count(&core->work);
	else
		eii_work_count_object(&core->work);
}

static void confirmed(struct eii_core *core, const struct eii_message *message)
{
	struct eii_link *link = &core->link;

	link->nacked_ms = 0;
	if (link->nack.n) {
		eii_attempt_worked(&link->nack);
		eii_part_worked(core, EII_PART_QUEUE);
	}
	/* That the directory is there shows nothing: it may be full. */
	if (eii_core_writes_files(core) && link->dial.n)
		eii_wire_works(core);
	count(core, message);
	eii_core_touch(core);
	if (message->kind == EII_MESSAGE_AUTHOR && link->state == EII_LINK_AUTHOR)
		eii_wire_author_confirmed(core);
	if (message->kind == EII_MESSAGE_REPORT)
		eii_line_at(&core->line, message->slot)->confirmed |=
			(uint8_t)(1u << message->index);
}

static void take_outcome(struct eii_entry *entry, enum eii_outcome result)
{
	entry->n_open--;
	if (result == EII_OUTCOME_CONFIRMED)
		return;
	/* Behind a first message that was taken the report may be there, and edited. */
	entry->is_refused = !entry->confirmed;
	entry->must_ask = entry->must_ask || entry->confirmed;
}

static void heed_outcome(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_message message;

	if (!eii_link_settle(&core->link, fact->order, &message))
		return;
	eii_pulse_move(&core->pulse);
	if (message.kind == EII_MESSAGE_REPORT)
		take_outcome(eii_line_at(&core->line, message.slot), fact->outcome.result);
	switch (fact->outcome.result) {
	case EII_OUTCOME_CONFIRMED:
		confirmed(core, &message);
		break;
	case EII_OUTCOME_NACKED:
		nacked(core, &message);
		break;
	case EII_OUTCOME_RETURNED:
		eii_course_go_back(core, EII_EVENT_RETURNED);
		break;
	case EII_OUTCOME_TOO_LARGE:
		too_large(core, &message, fact->outcome.limit_bytes);
		break;
	}
	if (message.kind == EII_MESSAGE_REPORT)
		message_is_done(core, message.slot);
}

/* ---- facts ------------------------------------------------------------- */

static void converter_failed(struct eii_core *core, const struct eii_failure *failure)
{
	enum eii_over_code code;

	eii_attempt_failed_again(&core->converter, &core->pulse, failure);
	eii_part_failed(core, &core->converter, failure);
	if (eii_attempt_gives_up(&core->converter, &core->pulse, &code))
		eii_course_give_up(core, code);
}

void eii_outlet_heed(struct eii_core *core, const struct eii_fact *fact)
{
	switch ((int)fact->type) {
	case EII_FACT_CONVERTED:
		heed_converted(core, fact);
		break;
	case EII_FACT_MADE:
		heed_made(core, fact);
		break;
	case EII_FACT_CONVERTER_FAILED:
		converter_failed(core, &fact->failure);
		break;
	case EII_FACT_QUEUE_DIALLED:
		eii_wire_heed_dialled(core, fact);
		break;
	case EII_FACT_QUEUE_HUNG_UP:
		if (core->link.state == EII_LINK_HANGING_UP && fact->order == core->link.order)
			eii_wire_is_over(core);
		break;
	case EII_FACT_QUEUE_OUTCOME:
		heed_outcome(core, fact);
		break;
	case EII_FACT_QUEUE_BLOCKED:
	case EII_FACT_QUEUE_UNBLOCKED:
		eii_wire_heed_blocked(core, fact);
		break;
	case EII_FACT_QUEUE_FAILED:
		eii_wire_heed_failed(core, fact);
		break;
	default:
		break;
	}
}

/* Its driver ends each conversion by a clock of its own: where it does not, that shows. */
static void tend_convert(struct eii_core *core)
{
	static const struct eii_failure silent = {
		.kind = EII_FAILURE_UNREACHABLE,
		.words = "the converter has not answered for three minutes",
	};

	if (!eii_line_n(&core->line, EII_STAGE_CONVERTING) ||
	    !eii_pulse_is_due(&core->pulse, core->convert_ms + EII_POLICY_CONVERT_MS))
		return;
	core->convert_ms = core->pulse.now_ms;
	converter_failed(core, &silent);
}

/* ---- the beat ---------------------------------------------------------- */

void eii_outlet_tend(struct eii_core *core)
{
	while (may_convert(core))
		convert_next(core);
	tend_convert(core);
	while (eii_line_first(&core->line, EII_STAGE_CONVERTED) >= 0 &&
	       (eii_core_writes_files(core) || eii_work_is_open(&core->work)) &&
	       eii_sending_is_open(core) && eii_pulse_room(&core->pulse) > EII_PULSE_ORDERS / 2)
		make_next(core);
	eii_wire_tend(core);
	eii_sending_tend(core);
}
