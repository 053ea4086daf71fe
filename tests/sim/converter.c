/* SPDX-License-Identifier: Apache-2.0 */
/* The converter as its driver shows it: what is asked comes back in its order. */
#include <stdio.h>
#include <string.h>

#include "models.h"

#define FACTS_ID     0x8000u /* a report of bare facts has an id of its own */
#define REASON_DIED  1
#define REASON_LIED  2
#define REASON_FACTS 3
#define REPORT_BYTES 900u /* of a report without a mail's words */
#define START_MS     2000 /* from one try to start it to the next */
#define MAX_QUEUE    (SIM_SLOTS * 2)

static void hash_into(uint8_t identity[EII_CORE_IDENTITY_BYTES], uint64_t what)
{
	struct sim_chance chance;

	sim_chance_seed(&chance, what, 77);
	for (int i = 0; i < EII_CORE_IDENTITY_BYTES / 8; i++) {
		uint64_t word = sim_chance_next(&chance);

		memcpy(identity + 8 * i, &word, 8);
	}
}

void sim_converter_order(struct sim_world *world, const struct eii_order *order)
{
	struct sim_converter *converter = &world->converter;

	if (converter->n == MAX_QUEUE) {
		sim_fail(world, "bounded-facts", "more is asked of the converter than there is");
		return;
	}
	converter->queue[(converter->first + converter->n++) % MAX_QUEUE] = *order;
	/* A text of the order is copied by who takes it. */
	if (order->type == EII_ORDER_MAKE)
		world->process.slots[order->make.slot].work =
			sim_work_of(world, order->make.work_id);
	if (converter->n == 1)
		sim_later(world, sim_pace(world, world->plan.converter_ms), SIM_CONVERTER_DONE,
			  ++converter->turn, 0);
}

static uint8_t reason_of(struct sim_world *world, const struct sim_slot *slot,
			 const struct sim_mail *mail)
{
	if (mail->is_poison)
		return REASON_LIED;
	if (slot->is_held && sim_strikes(world, SIM_FAULT_CONVERTER_FAILS))
		return REASON_DIED;
	return 0;
}

/* Facts alone: there was no FETCH of it. */
static void take_slot(struct sim_world *world, struct sim_slot *slot, uint32_t uid)
{
	slot->is_used = true;
	slot->uid = uid;
	slot->mail = SIM_NONE;
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		if (world->mails[i].last_uid == uid &&
		    &world->mailbox.folders[world->mails[i].folder] == world->mailbox.worked)
			slot->mail = (uint16_t)i;
	}
}

static void convert(struct sim_world *world, const struct eii_order *order)
{
	struct sim_slot *slot = &world->process.slots[order->convert.slot];
	const struct sim_mail *mail;
	struct eii_fact fact = sim_fact(world, EII_FACT_CONVERTED, order->number);
	uint8_t identity[EII_CORE_IDENTITY_BYTES];
	uint8_t head_identity[EII_CORE_IDENTITY_BYTES];
	char plain_id[EII_CORE_PLAIN_ID_BYTES];

	if (!slot->is_used)
		take_slot(world, slot, order->convert.uid);
	mail = &world->mails[slot->mail];
	if (slot->mail == SIM_NONE) {
		sim_fail(world, "one-order", "slot %u holds no mail to convert",
			 order->convert.slot);
		return;
	}
	if (mail->is_deadly && slot->is_held && slot->is_whole && !order->convert.is_head_only) {
		sim_trace(world, "mail %u ends the process", slot->mail);
		world->process.is_doomed = true;
		return;
	}
	slot->reason = reason_of(world, slot, mail);
	slot->plain = mail->plain;
	hash_into(identity, mail->group * 4u + (slot->is_whole ? 0 : 1));
	hash_into(head_identity, mail->group * 4u + 1);
	if (!slot->is_held) {
		slot->plain = (uint16_t)(FACTS_ID | slot->mail);
		slot->reason = REASON_FACTS;
		hash_into(identity, mail->group * 4u + 2);
	} else if ((order->convert.is_head_only || !slot->is_whole) && !slot->reason) {
		slot->reason = REASON_DIED;
	}
	slot->is_converted = true;
	slot->has_content = slot->is_whole && slot->reason == 0;
	snprintf(plain_id, sizeof(plain_id), "report--%08x-5ee1-5000-8000-%012x", slot->plain,
		 slot->plain * 7u);
	fact.converted.slot = order->convert.slot;
	fact.converted.reason = order->convert.is_head_only ? 0 : slot->reason;
	fact.converted.is_left_out = mail->is_left_out && slot->is_held;
	fact.converted.plain_id = plain_id;
	fact.converted.identity = identity;
	fact.converted.head_identity = head_identity;
	sim_tell(world, world->process.life, &fact);
}

/* Attachments go, largest first, until it fits. */
static uint64_t fit(uint64_t bytes, uint64_t limit)
{
	return bytes <= limit ? bytes : limit - limit / 16;
}

static void make(struct sim_world *world, const struct eii_order *order)
{
	struct sim_slot *slot = &world->process.slots[order->make.slot];
	struct eii_fact fact = sim_fact(world, EII_FACT_MADE, order->number);
	uint64_t limit = order->make.limit_bytes ? order->make.limit_bytes : UINT64_MAX;
	uint64_t bytes = REPORT_BYTES + slot->held * 4 / 3;

	slot->ms = order->make.milliseconds;
	slot->has_content = slot->is_whole && slot->reason == 0 && order->make.reason == 0;
	slot->n_messages = slot->held > 4000 && slot->mail % 5 == 0 ? 2 : 1;
	if (limit < REPORT_BYTES)
		slot->n_messages = 0;
	slot->bytes[0] = fit(slot->n_messages == 2 ? bytes / 2 : bytes, limit);
	slot->bytes[1] = slot->n_messages == 2 ? fit(bytes / 2, limit) : 0;
	fact.made.slot = order->make.slot;
	fact.made.n_messages = slot->n_messages;
	fact.made.bytes[0] = slot->bytes[0];
	fact.made.bytes[1] = slot->bytes[1];
	sim_tell(world, world->process.life, &fact);
}

void sim_converter_done(struct sim_world *world, uint32_t turn)
{
	struct sim_converter *converter = &world->converter;
	struct eii_order order;

	if (!converter->n || converter->turn != turn)
		return;
	order = converter->queue[converter->first];
	/* It cannot be started: what it has stays with it, and it is started again. */
	if (order.type == EII_ORDER_CONVERT && sim_is_on(world, SIM_FAULT_CONVERTER_DOWN)) {
		struct eii_fact fact =
			sim_failure(world, EII_FACT_CONVERTER_FAILED, 0, EII_FAILURE_PASSING);

		sim_later(world, START_MS, SIM_CONVERTER_DONE, ++converter->turn, 0);
		sim_tell(world, world->process.life, &fact);
		return;
	}
	converter->first = (converter->first + 1) % MAX_QUEUE;
	if (--converter->n)
		sim_later(world, sim_pace(world, world->plan.converter_ms), SIM_CONVERTER_DONE,
			  ++converter->turn, 0);
	if (order.type == EII_ORDER_NONE)
		return;
	if (order.type == EII_ORDER_MAKE) {
		make(world, &order);
	} else {
		convert(world, &order);
	}
}

/* What was asked of a slot is taken back. */
void sim_converter_drop(struct sim_world *world, uint16_t slot)
{
	struct sim_converter *converter = &world->converter;

	for (uint32_t i = 0; i < converter->n; i++) {
		struct eii_order *order = &converter->queue[(converter->first + i) % MAX_QUEUE];

		if ((order->type == EII_ORDER_MAKE && order->make.slot == slot) ||
		    (order->type == EII_ORDER_CONVERT && order->convert.slot == slot))
			order->type = EII_ORDER_NONE;
	}
}

void sim_converter_forget(struct sim_world *world)
{
	world->converter.n = 0;
}
