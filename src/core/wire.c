/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to the queue: dialled when a run has mails, author and marking
 * in front, hung up at the end or when it is stuck.
 */
#include "wire.h"

/* Author and marking are a few hundred bytes. */
#define OBJECT_BYTES 2048

void eii_wire_hand_over(struct eii_core *core, enum eii_message_kind kind, uint16_t slot,
			uint8_t index, uint64_t bytes)
{
	struct eii_order *order = eii_pulse_order(&core->pulse, EII_ORDER_SEND, EII_PULSE_NEVER);
	struct eii_message message = { .number = order->number,
				       .kind = kind,
				       .slot = slot,
				       .index = index,
				       .bytes = bytes,
				       .sent_ms = core->pulse.now_ms };

	order->send.kind = kind;
	order->send.slot = slot;
	order->send.index = index;
	order->send.work_id = core->store.ledger.work_id;
	order->draft_id = eii_core_draft(core);
	eii_link_write(&core->link, &message);
}

/* ---- up and down ------------------------------------------------------- */

static bool wants_link(const struct eii_core *core)
{
	return !eii_pulse_is_stopping(&core->pulse) && core->run.phase == EII_PHASE_FLOW &&
	       core->run.has_work && core->run.reason == EII_EVENT_NONE;
}

static void dial(struct eii_core *core)
{
	struct eii_order *order = eii_pulse_order(&core->pulse, EII_ORDER_DIAL,
						  core->pulse.now_ms + EII_LINK_DIAL_MS);

	core->link.state = EII_LINK_DIALLING;
	core->link.is_cut = false;
	core->link.order = order->number;
}

static void hang_up(struct eii_core *core)
{
	struct eii_order *order =
		eii_pulse_order(&core->pulse, EII_ORDER_HANG_UP, core->pulse.now_ms + 1000);

	core->link.state = EII_LINK_HANGING_UP;
	core->link.order = order->number;
}

/* One that was handed over and has no outcome: the broker may or may not have it. */
static void forget_message(struct eii_core *core, const struct eii_message *message)
{
	struct eii_entry *entry;

	if (!eii_core_writes_files(core))
		eii_work_lose(&core->work);
	if (message->kind != EII_MESSAGE_REPORT)
		return;
	entry = eii_line_at(&core->line, message->slot);
	entry->n_open--;
	/* Refused before does not tell of this one. */
	entry->is_refused = false;
	entry->must_ask = true;
	/* By its id the first of two messages is found. */
	entry->is_unknown = entry->is_unknown || message->index == 0;
	if (entry->n_open == 0) {
		core->n_sent_again++;
		eii_line_again(&core->line, message->slot);
	}
}

/* Half-sent reports that are not open any more begin anew as well. */
static void take_back(struct eii_core *core)
{
	struct eii_message message;

	while (eii_link_take_unknown(&core->link, &message))
		forget_message(core, &message);
	for (int slot = eii_line_first(&core->line, EII_STAGE_READY); slot >= 0;) {
		int next = core->line.entries[slot].next;

		if (core->line.entries[slot].n_sent)
			eii_line_again(&core->line, (uint16_t)slot);
		slot = next;
	}
}

void eii_wire_is_over(struct eii_core *core)
{
	take_back(core);
	eii_link_down(&core->link);
	/* One of several authors may have been under way. */
	if (core->pulse.config.n_more_authors && !core->link.knows_author)
		core->link.is_marking_sent = false;
	eii_pulse_move(&core->pulse);
}

static void link_failed(struct eii_core *core, const struct eii_failure *failure)
{
	struct eii_link *link = &core->link;
	enum eii_over_code code;

	eii_attempt_failed(&link->dial, &core->pulse, failure);
	eii_part_failed(core, &link->dial, failure);
	/* The platform may have another password for us by now. */
	if (failure->kind == EII_FAILURE_CREDENTIALS)
		eii_registry_refresh(&core->registry);
	if (eii_attempt_gives_up(&link->dial, &core->pulse, &code))
		eii_course_give_up(core, code);
}

void eii_wire_redial(struct eii_core *core, const char *words)
{
	struct eii_failure failure = { .kind = EII_FAILURE_PASSING, .words = words };

	if (core->link.state != EII_LINK_HANGING_UP)
		hang_up(core);
	link_failed(core, &failure);
}

/* ---- does the platform have author and marking? ------------------------ */

static void begin_asking(struct eii_core *core)
{
	struct eii_link *link = &core->link;

	link->ask_since_ms = core->pulse.now_ms;
	link->ask_ms = core->pulse.now_ms;
	link->ask_wait_ms = EII_LINK_ASK_FIRST_MS;
}

/*
 * All but the first author, which is there already. The platform's own marking is waited for,
 * and never made: its name may be mistyped.
 */
static void send_marking(struct eii_core *core)
{
	const struct eii_core_config *config = &core->pulse.config;
	struct eii_link *link = &core->link;

	if (link->is_marking_sent)
		return;
	for (uint8_t i = 1; i <= config->n_more_authors; i++)
		eii_wire_hand_over(core, EII_MESSAGE_AUTHOR, 0, i, OBJECT_BYTES);
	for (uint8_t i = config->marking_is_given ? 1 : 0; i <= config->n_more_markings; i++)
		eii_wire_hand_over(core, EII_MESSAGE_MARKING, 0, i, OBJECT_BYTES);
	link->is_marking_sent = true;
}

void eii_wire_works(struct eii_core *core)
{
	eii_attempt_worked(&core->link.dial);
	eii_part_worked(core, EII_PART_QUEUE);
}

void eii_wire_author_confirmed(struct eii_core *core)
{
	struct eii_link *link = &core->link;

	eii_wire_works(core);
	link->state = link->is_known ? EII_LINK_READY : EII_LINK_MARKING;
	if (link->is_known)
		return;
	send_marking(core);
	begin_asking(core);
}

/* What was confirmed may be gone with its queue: both once more. */
static void send_objects_again(struct eii_core *core)
{
	struct eii_link *link = &core->link;

	if (link->n_open || link->is_blocked)
		return;
	link->is_marking_sent = false;
	if (!link->knows_author)
		eii_wire_hand_over(core, EII_MESSAGE_AUTHOR, 0, 0, OBJECT_BYTES);
}

/* From here on it is a fault, told and asked about with growing pauses. */
static void marking_is_late(struct eii_core *core)
{
	static const struct eii_failure absent = {
		.kind = EII_FAILURE_PASSING,
		.lives = true,
		.words = "the platform has not imported the marking of the reports: are its "
			 "workers running?",
	};
	struct eii_link *link = &core->link;

	eii_pulse_say(&core->pulse, EII_EVENT_MARKING_UNKNOWN, 0, 0);
	link->ask_since_ms = core->pulse.now_ms;
	eii_attempt_failed(&link->ask, &core->pulse, &absent);
	eii_part_failed(core, &link->ask, &absent);
	eii_course_give_up(core, EII_OVER_GAVE_UP);
	/* On an older platform nothing else shows that the Work was cleared. */
	if (!core->work.can_say && core->work.has_told_unknown) {
		core->work.has_told_unknown = false;
		eii_course_go_back(core, EII_EVENT_WORK_LOST);
		return;
	}
	core->work.has_told_unknown = true;
	send_objects_again(core);
}

static void both_are_known(struct eii_core *core)
{
	struct eii_link *link = &core->link;

	link->is_known = true;
	link->state = EII_LINK_READY;
	eii_attempt_worked(&link->ask);
	eii_part_worked(core, EII_PART_PLATFORM);
	eii_pulse_move(&core->pulse);
}

/*
 * A report that overtakes its marking is imported without it, in silence: so
 * reports wait for it, however long. An absent author costs its name only.
 */
static void tend_known(struct eii_core *core)
{
	struct eii_link *link = &core->link;
	bool is_late = eii_pulse_is_due(&core->pulse, link->ask_since_ms + EII_LINK_KNOWN_MS);

	if (link->knows_marking && !link->knows_author && is_late && !link->is_author_waived) {
		eii_pulse_say(&core->pulse, EII_EVENT_AUTHOR_UNKNOWN, 0, 0);
		link->is_author_waived = true;
	}
	if (link->knows_marking && (link->knows_author || link->is_author_waived))
		both_are_known(core);
	else if (is_late && !link->knows_marking)
		marking_is_late(core);
}

/* ---- an alarm ---------------------------------------------------------- */

static void tend_blocked(struct eii_core *core)
{
	struct eii_link *link = &core->link;
	struct eii_event event = { .type = EII_EVENT_BLOCKED, .words = link->blocked_words };

	if (!link->is_blocked || link->is_blocked_told ||
	    !eii_pulse_is_due(&core->pulse, link->blocked_ms + EII_TELLER_STANDS_MS))
		return;
	link->is_blocked_told = true;
	event.a = (uint64_t)(core->pulse.now_ms - link->blocked_ms) / 1000;
	eii_pulse_say_event(&core->pulse, &event);
}

void eii_wire_heed_blocked(struct eii_core *core, const struct eii_fact *fact)
{
	bool is_blocked = fact->type == EII_FACT_QUEUE_BLOCKED;
	struct eii_link *link = &core->link;

	if (link->state < EII_LINK_AUTHOR || link->is_blocked == is_blocked)
		return;
	if (!is_blocked && link->is_blocked_told)
		eii_pulse_say(&core->pulse, EII_EVENT_UNBLOCKED,
			      (uint64_t)(core->pulse.now_ms - link->blocked_ms) / 1000, 0);
	link->is_blocked = is_blocked;
	link->is_blocked_told = false;
	link->blocked_ms = core->pulse.now_ms;
	eii_pulse_keep_words(link->blocked_words, fact->text);
	eii_pulse_move(&core->pulse);
}

/* ---- facts ------------------------------------------------------------- */

void eii_wire_heed_dialled(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_link *link = &core->link;

	if (link->state != EII_LINK_DIALLING || fact->order != link->order)
		return;
	link->order = 0;
	link->state = eii_core_writes_files(core) ? EII_LINK_READY : EII_LINK_AUTHOR;
	eii_pulse_move(&core->pulse);
	if (wants_link(core) && !eii_core_writes_files(core))
		eii_wire_hand_over(core, EII_MESSAGE_AUTHOR, 0, 0, OBJECT_BYTES);
}

void eii_wire_heed_failed(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_link *link = &core->link;
	bool is_ours = fact->order == 0 || fact->order == link->order;

	/* An order that failed in an earlier life of the link means nothing. */
	if (link->state == EII_LINK_DOWN || !is_ours)
		return;
	/* While an order is under way its own answer ends the connection. */
	if (fact->order == 0 &&
	    (link->state == EII_LINK_DIALLING || link->state == EII_LINK_HANGING_UP))
		return;
	if (link->state != EII_LINK_HANGING_UP)
		link_failed(core, &fact->failure);
	eii_wire_is_over(core);
}

/* ---- the beat ---------------------------------------------------------- */

/* Nothing that has been begun is left to be handed over; or it has had its time. */
static bool is_drained(struct eii_core *core)
{
	const struct eii_line *line = &core->line;
	struct eii_pulse *pulse = &core->pulse;

	if (eii_pulse_is_stopping(pulse) &&
	    eii_pulse_is_due(pulse, pulse->stop_ms + EII_STOP_CONVERT_MS))
		return true;
	return !eii_line_n(line, EII_STAGE_CONVERTING) && !eii_line_n(line, EII_STAGE_CONVERTED) &&
	       !eii_line_n(line, EII_STAGE_MAKING) && !eii_line_n(line, EII_STAGE_READY);
}

static bool is_link_over_due(struct eii_core *core)
{
	struct eii_pulse *pulse = &core->pulse;

	if (core->run.reason != EII_EVENT_NONE && !eii_pulse_is_stopping(pulse))
		return true; /* what broke the run is worse than what is unconfirmed */
	if (eii_pulse_is_stopping(pulse))
		return eii_pulse_is_due(pulse, pulse->stop_ms + EII_STOP_CONFIRM_MS) ||
		       (core->link.n_open == 0 &&
			(core->link.state != EII_LINK_READY || is_drained(core)));
	return core->run.phase == EII_PHASE_CLOSE && core->link.n_open == 0;
}

/* A dial that nobody needs any more. */
static void cut_dial(struct eii_core *core)
{
	struct eii_order *order;

	if (core->link.is_cut || wants_link(core))
		return;
	core->link.is_cut = true;
	order = eii_pulse_order(&core->pulse, EII_ORDER_CUT, EII_PULSE_NEVER);
	order->cut.part = EII_PART_QUEUE;
}

void eii_wire_tend(struct eii_core *core)
{
	struct eii_link *link = &core->link;
	const char *stuck;

	tend_blocked(core);
	if (link->state == EII_LINK_DOWN) {
		if (wants_link(core) && eii_attempt_is_due(&link->dial, &core->pulse))
			dial(core);
		return;
	}
	if (link->state == EII_LINK_HANGING_UP)
		return;
	if (link->state != EII_LINK_DIALLING && is_link_over_due(core)) {
		hang_up(core);
		return;
	}
	if (link->state == EII_LINK_DIALLING) {
		cut_dial(core);
		return;
	}
	stuck = eii_link_is_stuck(link, &core->pulse);
	if (stuck) {
		eii_wire_redial(core, stuck);
		return;
	}
	if (link->state == EII_LINK_MARKING && core->run.reason == EII_EVENT_NONE) {
		if (eii_attempt_is_due(&link->nack, &core->pulse))
			send_marking(core);
		tend_known(core);
	}
}
