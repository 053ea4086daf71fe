/* SPDX-License-Identifier: Apache-2.0 */
/* Works, reports and messages: what may go, and under what. */
#include "oracle.h"

#include "models.h"

void sim_oracle_add(struct sim_world *world)
{
	for (uint32_t i = 1; i < world->platform.n_works; i++) {
		struct sim_work *work = &world->platform.works[i];

		if (work->is_ours_open && work->exists && work->is_alive && !work->is_closed)
			sim_fail(world, "one-work", "a new Work while %u is open", i);
	}
}

static void check_edit(struct sim_world *world, const struct sim_slot *slot)
{
	const struct sim_report *report = sim_report_find(world, slot->plain, slot->ms);

	if (!report || !report->is_edited || world->plan.has[SIM_FAULT_OLD_PLATFORM] ||
	    world->oracle.was_reset)
		return;
	/* The same mail delivered a second time is another mail, with the same report. */
	if (report->mail != slot->mail)
		return;
	if (!slot->was_asked || slot->was_there)
		sim_fail(world, "edit-kept", "mail %u goes again over an edited report",
			 slot->mail);
}

/* What the official connector imported before us is left alone, where it shows. */
static void check_taken_over(struct sim_world *world, const struct sim_slot *slot)
{
	const struct sim_oracle *oracle = &world->oracle;
	const struct sim_mail *mail = &world->mails[slot->mail];

	if (!mail->is_only_his || !mail->is_date_told || mail->date_s >= oracle->official_s)
		return;
	if (oracle->was_reset || oracle->was_twin || oracle->was_renumbered ||
	    world->struck[SIM_FAULT_DATE_MISSING])
		return;
	if (slot->was_asked && !slot->was_there)
		return;
	/* What was set aside goes again where the platform cannot be asked. */
	if (mail->is_aside && world->plan.has[SIM_FAULT_OLD_PLATFORM])
		return;
	if (sim_report_find(world, slot->plain, slot->ms))
		sim_fail(world, "taken-over", "mail %u goes again, the official one had it",
			 slot->mail);
}

/* What was passed then may be ours now. */
static bool is_anew_since(const struct sim_world *world, int64_t ms)
{
	static const enum eii_event_type events[] = {
		EII_EVENT_WORK_LOST,    EII_EVENT_WORK_CLEARED, EII_EVENT_WORK_UNSURE,
		EII_EVENT_RETURNED,     EII_EVENT_RIGHTS_THERE, EII_EVENT_TAKEN_OVER,
		EII_EVENT_UIDNEXT_BACK, EII_EVENT_RESET,        EII_EVENT_DELETED,
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (sim_oracle_told_since(world, events[i], ms))
			return true;
	}
	return false;
}

/*
 * Mails of one name and second are numbered in the order of UIDs, which a next life
 * repeats. One that comes before its turn has its number stored before it is sent.
 */
static void check_overtaken(struct sim_world *world, const struct sim_mail *mail)
{
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		const struct sim_mail *later = &world->mails[i];

		if (later->is_sent_early && later->numbered_life == world->process.life &&
		    later->plain == mail->plain && later->folder == mail->folder &&
		    later->numbered_uid > mail->uid && later->cursor_then < mail->uid &&
		    !later->is_aside && !is_anew_since(world, later->numbered_ms))
			sim_fail(world, "number-stored-first",
				 "mail %u was sent before its turn, its number not stored", i);
	}
}

void sim_oracle_converted(struct sim_world *world, uint16_t slot)
{
	uint16_t number = world->process.slots[slot].mail;
	struct sim_mail *mail = &world->mails[number];

	if (number == SIM_NONE || mail->numbered_life == world->process.life)
		return;
	if (!mail->is_aside && !mail->is_reused && !world->oracle.was_renumbered)
		check_overtaken(world, mail);
	mail->numbered_life = world->process.life;
	mail->numbered_uid = mail->uid;
	mail->numbered_ms = world->now_ms;
	mail->cursor_then = world->mailbox.folders[mail->folder].place.cursor;
	mail->pings_then = world->platform.n_pings;
	mail->is_sent_early = false;
}

static void check_report(struct sim_world *world, const struct eii_order *order)
{
	const struct sim_slot *slot = &world->process.slots[order->send.slot];

	/* The header of one that is withheld may be asked for at any time. */
	if (!slot->is_head || slot->mail == SIM_NONE || !world->mails[slot->mail].is_withheld)
		world->oracle.n_sent++;
	if (!slot->is_used || slot->mail == SIM_NONE || order->send.index >= slot->n_messages) {
		sim_fail(world, "one-order", "slot %u has no message %u", order->send.slot,
			 order->send.index);
		return;
	}
	if (world->mails[slot->mail].is_old && world->mails[slot->mail].is_date_told &&
	    !world->struck[SIM_FAULT_DATE_MISSING])
		sim_fail(world, "window", "mail %u is older than the window", slot->mail);
	if (!world->platform.has_marking)
		sim_fail(world, "marking-first", "mail %u goes before its marking is known",
			 slot->mail);
	/* The second of two messages brings the files alone. */
	if (order->send.index)
		return;
	world->mails[slot->mail].is_sent_early |=
		world->oracle.newest_ping <= world->mails[slot->mail].pings_then;
	check_edit(world, slot);
	check_taken_over(world, slot);
}

void sim_oracle_send(struct sim_world *world, const struct eii_order *order)
{
	uint16_t work = sim_work_of(world, order->send.work_id);

	if (!world->platform.works[work].is_stored && work)
		sim_fail(world, "work-stored-first", "a message under Work %u, not stored", work);
	if (order->send.kind == EII_MESSAGE_REPORT)
		check_report(world, order);
}

static void check_fault_of(struct sim_world *world, uint16_t number, uint8_t reason)
{
	const struct sim_mail *mail = &world->mails[number];

	if (reason == EII_MAIL_REASON_KILLER && mail->n_alone < 2)
		sim_fail(world, "content", "mail %u counts as a killer named in %u starts", number,
			 mail->n_alone);
	if (reason == EII_MAIL_REASON_OVER_LIMIT && mail->size <= world->plan.max_mail_bytes &&
	    mail->lied_size <= world->plan.max_mail_bytes)
		sim_fail(world, "content", "mail %u is not over the limit", number);
}

void sim_oracle_make(struct sim_world *world, const struct eii_order *order)
{
	const struct sim_slot *slot = &world->process.slots[order->make.slot];
	struct sim_mail *mail;
	uint8_t reason = order->make.reason;

	if (!slot->is_used || slot->mail == SIM_NONE || !slot->is_converted) {
		sim_fail(world, "one-order", "slot %u has nothing to make a report of",
			 order->make.slot);
		return;
	}
	mail = &world->mails[slot->mail];
	/* Where a folder restored gives UIDs again, what one did is held against the next. */
	if (!mail->is_reused)
		check_fault_of(world, slot->mail, reason);
	if (reason && reason < EII_MAIL_REASON_OVER_LIMIT && !slot->reason)
		sim_fail(world, "content", "mail %u: the converter did not say %u", slot->mail,
			 reason);
	if (reason && reason != EII_MAIL_REASON_WITHHELD)
		mail->is_lossy = true;
}

void sim_oracle_confirmed(struct sim_world *world, const struct sim_message *message)
{
	struct sim_mail *mail;

	world->oracle.nacked_until_ms = 0;
	if (message->kind != EII_MESSAGE_REPORT)
		return;
	mail = &world->mails[message->mail];
	mail->n_parts_confirmed |= (uint8_t)(1u << message->index);
	if (mail->n_parts_confirmed + 1u >= 1u << message->n_messages)
		mail->is_confirmed = true;
}

void sim_oracle_found(struct sim_world *world, const struct sim_call *call)
{
	for (uint32_t i = 0; i < call->n; i++) {
		struct sim_slot *slot = &world->process.slots[call->slots[i]];

		slot->was_asked = true;
		slot->was_there = call->is_there[i];
		if (slot->was_there && slot->mail != SIM_NONE)
			world->mails[slot->mail].is_found = true;
	}
}
