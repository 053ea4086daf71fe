/* SPDX-License-Identifier: Apache-2.0 */
/* The folder on the server: mails come, go, and get other numbers. */
#include <string.h>

#include "models.h"
#include "oracle.h"

#define HOUR_S       3600
#define DAY_S        86400
#define FEW          2
#define DEADLY_MAILS 3 /* each costs three lives */

static struct sim_chance *chance_of(struct sim_world *world, enum sim_fault fault)
{
	return &world->per_fault[fault];
}

struct sim_mail *sim_folder_find(struct sim_world *world, uint32_t uid)
{
	const struct sim_mailbox *mailbox = &world->mailbox;
	uint32_t low = 0;
	uint32_t high = mailbox->n_folder;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (world->mails[mailbox->folder[middle]].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == mailbox->n_folder || world->mails[mailbox->folder[low]].uid != uid)
		return NULL;
	return &world->mails[mailbox->folder[low]];
}

/* ---- what mails there are ------------------------------------------------ */

static uint64_t size_of(struct sim_world *world, struct sim_chance *chance)
{
	const struct sim_plan *plan = &world->plan;

	if (sim_chance_hits(chance, 30000))
		return (uint64_t)sim_chance_between(chance, (int64_t)plan->max_mail_bytes - 1,
						    (int64_t)plan->max_mail_bytes + 2000);
	return (uint64_t)sim_chance_log(chance, 200, (int64_t)plan->typical_bytes * 4);
}

static bool one_in(struct sim_world *world, enum sim_fault fault, uint32_t n)
{
	if (!world->plan.has[fault] || sim_chance_below(chance_of(world, fault), n))
		return false;
	sim_struck(world, fault);
	return true;
}

static void make_traits(struct sim_world *world, struct sim_mail *mail)
{
	mail->is_deadly_size = one_in(world, SIM_FAULT_SIZE_DEADLY, 8);
	mail->is_deadly_body = one_in(world, SIM_FAULT_BODY_DEADLY, 8);
	mail->is_withheld = one_in(world, SIM_FAULT_BODY_WITHHELD, 8);
	mail->gives_header = sim_chance_below(chance_of(world, SIM_FAULT_BODY_WITHHELD), 4) > 0;
	mail->is_poison = one_in(world, SIM_FAULT_CONVERTER_LIES, 8);
	mail->is_deadly = world->struck[SIM_FAULT_MAIL_KILLS] < DEADLY_MAILS &&
			  one_in(world, SIM_FAULT_MAIL_KILLS, 8);
	mail->is_refused = one_in(world, SIM_FAULT_REPORT_REFUSED, 8);
	mail->is_left_out = one_in(world, SIM_FAULT_LEFT_OUT, 4);
	mail->told_size = mail->size;
	if (one_in(world, SIM_FAULT_SIZE_LIES, 4))
		mail->told_size = sim_chance_below(chance_of(world, SIM_FAULT_SIZE_LIES), 2)
					  ? mail->size / 8
					  : mail->size * 8;
	mail->lied_size = mail->told_size;
	if (one_in(world, SIM_FAULT_BODY_REFUSED, 4))
		mail->refused_until_ms = sim_chance_log(chance_of(world, SIM_FAULT_BODY_REFUSED),
							1000, world->plan.chaos_ms + 1000);
}

static void make_mail(struct sim_world *world, uint16_t number, struct sim_chance *chance)
{
	struct sim_mail *mail = &world->mails[number];

	mail->group = mail->plain = number;
	if (number && sim_chance_hits(chance, 30000)) {
		uint16_t other = world->mails[sim_chance_below(chance, number)].group;

		mail->group = other;
		mail->plain = world->mails[other].plain;
		mail->size = world->mails[other].size;
	} else {
		mail->size = size_of(world, chance);
		if (world->plan.is_crowded && sim_chance_hits(chance, 600000))
			mail->plain = (uint16_t)sim_chance_below(chance, 3);
	}
	make_traits(world, mail);
}

static void put_in(struct sim_world *world, uint16_t number)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_mail *mail = &world->mails[number];

	mail->uid = mail->last_uid = mailbox->uidnext;
	mail->has_come = true;
	mail->is_reused = mail->uid <= mailbox->highest;
	if (mail->uid > mailbox->highest)
		mailbox->highest = mail->uid;
	/* Its UID was another one's, and nothing has shown that: it cannot be seen as new. */
	mail->is_passed = mailbox->is_back;
	mail->came_ms = world->now_ms;
	mailbox->uidnext += 1 + (sim_chance_hits(&world->chance, 100000) ? 5u : 0u);
	mailbox->folder[mailbox->n_folder++] = number;
	mailbox->n_come++;
	sim_push_came(world);
	sim_trace(world, "mail %u comes as UID %u, %lu bytes%s", number, mail->uid,
		  (unsigned long)mail->size, mail->is_old ? ", old" : "");
}

void sim_folder_make(struct sim_world *world)
{
	const struct sim_plan *plan = &world->plan;
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_chance chance;

	sim_chance_seed(&chance, plan->seed, 2);
	mailbox->uidvalidity = 1 + sim_chance_below(&chance, 1000);
	mailbox->uidnext = 1 + sim_chance_below(&chance, 100);
	for (uint32_t i = 0; i < plan->n_mails; i++)
		make_mail(world, (uint16_t)i, &chance);
	for (; mailbox->next_mail < plan->n_first; mailbox->next_mail++) {
		struct sim_mail *mail = &world->mails[mailbox->next_mail];

		mail->is_old = sim_chance_hits(&chance, 200000);
		mail->date_s = sim_unix_s(world) - DAY_S * (mail->is_old ? 40 : 0) -
			       sim_chance_between(&chance, 0, 20 * DAY_S);
		put_in(world, (uint16_t)mailbox->next_mail);
	}
	for (uint32_t i = plan->n_first; i < plan->n_mails; i++)
		sim_later(world, sim_chance_between(&chance, 0, plan->chaos_ms - 1),
			  SIM_MAIL_ARRIVES, 0, 0);
}

static struct sim_mail *next_mail(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	return mailbox->next_mail < world->plan.n_mails ? &world->mails[mailbox->next_mail] : NULL;
}

void sim_folder_arrive(struct sim_world *world)
{
	struct sim_mail *mail = next_mail(world);

	if (!mail)
		return;
	mail->date_s = sim_unix_s(world);
	put_in(world, (uint16_t)world->mailbox.next_mail++);
}

/* ---- what happens to them ------------------------------------------------ */

static void take_out(struct sim_world *world, uint32_t at)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	sim_trace(world, "UID %u is expunged", world->mails[mailbox->folder[at]].uid);
	world->mails[mailbox->folder[at]].uid = 0;
	mailbox->n_folder--;
	memmove(&mailbox->folder[at], &mailbox->folder[at + 1],
		(mailbox->n_folder - at) * sizeof(mailbox->folder[0]));
}

static void expunge(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_EXPUNGED);
	uint32_t n = 1 + sim_chance_below(chance, 4);

	while (n-- && world->mailbox.n_folder) {
		take_out(world, sim_chance_below(chance, world->mailbox.n_folder));
		sim_struck(world, SIM_FAULT_EXPUNGED);
	}
}

/* A mail moved away and back, or from elsewhere: a new UID, an old INTERNALDATE. */
static void move_back(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_MOVED_BACK_OLD);
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_mail *mail = next_mail(world);

	if (!mail)
		return;
	sim_struck(world, SIM_FAULT_MOVED_BACK_OLD);
	mail->date_s = sim_unix_s(world) - sim_chance_log(chance, 30, 60 * DAY_S);
	if (mailbox->n_folder && sim_chance_below(chance, 2)) {
		uint32_t at = sim_chance_below(chance, mailbox->n_folder);
		const struct sim_mail *moved = &world->mails[mailbox->folder[at]];

		mail->group = moved->group;
		mail->plain = moved->plain;
		mail->size = mail->told_size = moved->size;
		mail->date_s = moved->date_s;
		take_out(world, at);
	}
	mail->is_moved = mail->date_s < sim_unix_s(world) - HOUR_S;
	put_in(world, (uint16_t)mailbox->next_mail++);
}

static void renumber(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_RENUMBERED);
	struct sim_mailbox *mailbox = &world->mailbox;
	int64_t first_s = sim_unix_s(world) - world->plan.start_period_s + DAY_S;

	sim_struck(world, SIM_FAULT_RENUMBERED);
	mailbox->uidvalidity += 1 + sim_chance_below(chance, 5);
	mailbox->uidnext = 1 + sim_chance_below(chance, 50);
	for (uint32_t i = 0; i < mailbox->n_folder; i++) {
		struct sim_mail *mail = &world->mails[mailbox->folder[i]];

		mail->uid = mail->last_uid = mailbox->uidnext++;
		/* Nobody has seen it, or it is too old, and nothing else tells of it now. */
		mail->is_passed |= mail->is_moved && (!mail->is_listed || mail->date_s < first_s);
	}
	mailbox->highest = mailbox->uidnext - 1;
	/* A mail that is restored or moved with it is a little older than the last look. */
	if (next_mail(world) && sim_chance_below(chance, 2)) {
		next_mail(world)->date_s = sim_unix_s(world) - sim_chance_log(chance, 30, 3000);
		put_in(world, (uint16_t)mailbox->next_mail++);
	}
	mailbox->has_session = false;
	world->oracle.renumbered_s = sim_unix_s(world);
	world->oracle.was_renumbered = true;
	world->oracle.is_renumbering = true;
	sim_oracle_renumbered(world);
}

/* From a backup: the newest mails are gone and their UIDs are given again. */
static void restore(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_RESTORED);
	struct sim_mailbox *mailbox = &world->mailbox;
	uint32_t n = 1 + sim_chance_below(chance, 3);

	if (mailbox->n_folder <= n)
		return;
	sim_struck(world, SIM_FAULT_RESTORED);
	while (n--) {
		mailbox->uidnext = world->mails[mailbox->folder[mailbox->n_folder - 1]].uid;
		take_out(world, mailbox->n_folder - 1);
	}
	mailbox->has_session = false;
	mailbox->is_back = true;
	world->oracle.renumbered_s = sim_unix_s(world);
	world->oracle.was_renumbered = true;
	world->oracle.is_renumbering = true;
	sim_oracle_renumbered(world);
}

void sim_folder_fault(struct sim_world *world, enum sim_fault fault)
{
	if (fault == SIM_FAULT_EXPUNGED)
		expunge(world);
	else if (fault == SIM_FAULT_MOVED_BACK_OLD)
		move_back(world);
	else if (fault == SIM_FAULT_RENUMBERED)
		renumber(world);
	else if (fault == SIM_FAULT_RESTORED)
		restore(world);
}

void sim_mailbox_heal(struct sim_world *world)
{
	uint32_t n_deadly = 0;

	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		struct sim_mail *mail = &world->mails[i];

		/* A body that is withheld stays so: there are such mails. */
		/* There are such UIDs, but few. */
		if (mail->is_deadly_size)
			mail->is_deadly_size = (world->plan.seed & 2) && n_deadly++ < FEW;
		mail->is_deadly_body = false;
		mail->refused_until_ms = 0;
		mail->told_size = mail->size;
	}
	while (next_mail(world))
		sim_folder_arrive(world);
}

/* What an earlier look was told is not kept for this one, which may get no answer. */
void sim_folder_asked(struct sim_world *world, const struct eii_order *order)
{
	const struct sim_mailbox *mailbox = &world->mailbox;

	for (uint32_t i = 0; i < mailbox->n_list; i++) {
		struct sim_mail *mail = sim_folder_find(world, mailbox->list[i]);

		if (mail && mailbox->list[i] > order->sizes.after)
			mail->is_date_told = false;
	}
}

void sim_folder_listed(struct sim_world *world, const struct eii_fact *fact)
{
	for (uint16_t i = 0; i < fact->sizes.n; i++) {
		struct sim_mail *mail = sim_folder_find(world, fact->sizes.infos[i].uid);

		if (!mail)
			continue;
		mail->is_listed |= fact->sizes.infos[i].has_date;
		mail->is_date_told |= fact->sizes.infos[i].has_date;
	}
}
