/* SPDX-License-Identifier: Apache-2.0 */
/* What a FETCH brings: bodies, and what servers give in their place. */
#include "models.h"

static struct sim_pending *first(struct sim_world *world)
{
	return &world->mailbox.pending[0];
}

static enum eii_body_result body_of(struct sim_world *world, const struct sim_mail *mail,
				    const struct eii_fetch_item *item, uint32_t head_bytes)
{
	if (mail->is_withheld && !(head_bytes && mail->gives_header)) {
		sim_struck(world, SIM_FAULT_BODY_WITHHELD);
		return EII_BODY_NIL;
	}
	if (sim_folders_withholds(world, world->mailbox.open))
		return EII_BODY_NIL;
	if (sim_strikes(world, SIM_FAULT_BODY_NIL))
		return EII_BODY_NIL;
	if (sim_strikes(world, SIM_FAULT_BODY_EMPTY))
		return EII_BODY_EMPTY;
	if (sim_strikes(world, SIM_FAULT_NO_MEMORY))
		return EII_BODY_NO_MEMORY;
	if ((head_bytes && mail->size > head_bytes ? head_bytes : mail->size) > item->granted_bytes)
		return EII_BODY_TOO_LARGE;
	return EII_BODY_CAME;
}

static void hold(struct sim_world *world, const struct eii_fact *fact,
		 const struct eii_order *order)
{
	uint32_t head_bytes = order->fetch.head_bytes;
	struct sim_slot *slot = &world->process.slots[fact->body.slot];
	struct sim_mail *mail = &world->mails[slot->mail];

	if (fact->body.result != EII_BODY_CAME)
		return;
	world->process.held_bytes += fact->body.len;
	slot->is_held = true;
	slot->held = fact->body.len;
	slot->is_head = head_bytes > 0;
	slot->is_whole = !head_bytes || (fact->body.len == mail->size && !order->fetch.is_header);
	world->process.held_bytes -= slot->granted;
	slot->granted = 0;
	if (!head_bytes)
		mail->gave_whole = true;
}

/* What the server does with this very UID; false: the FETCH ends with it. */
static bool may_hand_out(struct sim_world *world, struct sim_mail *mail)
{
	if (mail->is_deadly_body) {
		mail->had_trouble = true;
		sim_struck(world, SIM_FAULT_BODY_DEADLY);
		sim_mailbox_die(world, EII_FAILURE_UNREACHABLE);
		return false;
	}
	if (world->now_ms < mail->refused_until_ms) {
		mail->had_trouble = true;
		sim_struck(world, SIM_FAULT_BODY_REFUSED);
		sim_mailbox_refuse(world);
		return false;
	}
	return true;
}

/* False: the order has ended meanwhile. */
static bool tell_body(struct sim_world *world, struct sim_mail *mail,
		      const struct eii_fetch_item *item)
{
	const struct eii_order *order = &first(world)->order;
	uint32_t head_bytes = order->fetch.head_bytes;
	uint32_t life = world->process.life;
	uint32_t turn = first(world)->turn;
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_BODY, order->number);

	fact.body.slot = item->slot;
	fact.body.uid = item->uid;
	fact.body.result = body_of(world, mail, item, head_bytes);
	fact.body.len = head_bytes && mail->size > head_bytes ? head_bytes : mail->size;
	mail->had_trouble |= fact.body.result != EII_BODY_CAME;
	if (fact.body.result == EII_BODY_NIL || fact.body.result == EII_BODY_EMPTY)
		fact.body.len = 0;
	world->process.slots[item->slot].mail = (uint16_t)(mail - world->mails);
	hold(world, &fact, order);
	sim_tell(world, life, &fact);
	return world->process.life == life && world->mailbox.n_pending &&
	       first(world)->turn == turn;
}

/* One mail of a FETCH; false: the FETCH ends with it. */
static bool hand_out(struct sim_world *world, const struct eii_fetch_item *item)
{
	struct sim_mail *mail = sim_folder_find(world, world->mailbox.open, item->uid);
	const struct sim_slot *slot = &world->process.slots[item->slot];

	/* Gone, or given up meanwhile. */
	if (!mail || !slot->is_used || slot->uid != item->uid)
		return true;
	if (sim_strikes(world, SIM_FAULT_BODY_ABSENT)) {
		mail->had_trouble = true;
		return true;
	}
	if (!may_hand_out(world, mail) || !tell_body(world, mail, item))
		return false;
	if (sim_strikes(world, SIM_FAULT_BODY_THEN_NO)) {
		mail->had_trouble = true;
		sim_mailbox_refuse(world);
		return false;
	}
	return true;
}

void sim_bodies_step(struct sim_world *world)
{
	struct sim_pending *pending = first(world);
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_FETCHED, pending->order.number);

	if (pending->next < pending->n) {
		const struct eii_fetch_item *item = &pending->items[pending->next++];

		if (hand_out(world, item))
			sim_mailbox_goes_on(world, sim_chance_between(&world->chance, 0,
								      world->plan.mailbox_ms / 4));
		return;
	}
	sim_mailbox_answer(world, &fact);
}
