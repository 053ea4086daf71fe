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

struct sim_mail *sim_folder_find(struct sim_world *world, const struct sim_folder *folder,
				 uint32_t uid)
{
	uint32_t low = 0;
	uint32_t high = folder ? folder->n : 0;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (world->mails[folder->mails[middle]].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (!folder || low == folder->n || world->mails[folder->mails[low]].uid != uid)
		return NULL;
	return &world->mails[folder->mails[low]];
}

struct sim_folder *sim_folder_each(struct sim_world *world, const struct sim_folder *last)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	size_t i = last ? (size_t)(last - mailbox->folders) + 1 : 0;

	while (i < mailbox->n_folders && !mailbox->folders[i].exists)
		i++;
	return i < mailbox->n_folders ? &mailbox->folders[i] : NULL;
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

void sim_folder_put_in(struct sim_world *world, struct sim_folder *folder, struct sim_mail *mail)
{
	uint16_t number = (uint16_t)(mail - world->mails);

	mail->folder = (uint8_t)(folder - world->mailbox.folders);
	mail->uid = mail->last_uid = folder->uidnext;
	mail->has_come = true;
	mail->is_reused = mail->uid <= folder->highest;
	if (mail->uid > folder->highest)
		folder->highest = mail->uid;
	/* Its UID was another one's, and nothing has shown that: it cannot be seen as new. */
	mail->is_passed = folder->is_back;
	mail->came_ms = world->now_ms;
	folder->uidnext += 1 + (sim_chance_hits(&world->chance, 100000) ? 5u : 0u);
	folder->mails[folder->n++] = number;
	if (folder == world->mailbox.open) {
		world->mailbox.n_come++;
		sim_push_came(world);
	}
	sim_trace(world, "mail %u comes into %s as UID %u, %lu bytes%s", number, folder->key,
		  mail->uid, (unsigned long)mail->size, mail->is_old ? ", old" : "");
}

struct sim_mail *sim_folder_next(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	if (mailbox->next_mail == world->plan.n_mails)
		return NULL;
	return &world->mails[mailbox->next_mail++];
}

void sim_folder_make(struct sim_world *world)
{
	const struct sim_plan *plan = &world->plan;
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_chance chance;

	sim_chance_seed(&chance, plan->seed, 2);
	mailbox->folders[0].uidvalidity = 1 + sim_chance_below(&chance, 1000);
	mailbox->folders[0].uidnext = 1 + sim_chance_below(&chance, 100);
	sim_folders_make(world);
	for (uint32_t i = 0; i < plan->n_mails; i++)
		make_mail(world, (uint16_t)i, &chance);
	while (mailbox->next_mail < plan->n_first) {
		struct sim_mail *mail = sim_folder_next(world);

		mail->is_old = sim_chance_hits(&chance, 200000);
		mail->date_s = sim_unix_s(world) - DAY_S * (mail->is_old ? 40 : 0) -
			       sim_chance_between(&chance, 0, 20 * DAY_S);
		sim_folder_put_in(world, sim_folders_some(world), mail);
	}
	for (uint32_t i = plan->n_first; i < plan->n_mails; i++)
		sim_later(world, sim_chance_between(&chance, 0, plan->chaos_ms - 1),
			  SIM_MAIL_ARRIVES, 0, 0);
}

void sim_folder_arrive(struct sim_world *world)
{
	struct sim_mail *mail = sim_folder_next(world);

	if (!mail)
		return;
	mail->date_s = sim_unix_s(world);
	sim_folder_put_in(world, sim_folders_some(world), mail);
}

/* ---- what happens to them ------------------------------------------------ */

void sim_folder_take_out(struct sim_world *world, struct sim_folder *folder, uint32_t at)
{
	sim_trace(world, "UID %u is expunged from %s", world->mails[folder->mails[at]].uid,
		  folder->key);
	world->mails[folder->mails[at]].uid = 0;
	folder->n--;
	memmove(&folder->mails[at], &folder->mails[at + 1],
		(folder->n - at) * sizeof(folder->mails[0]));
}

void sim_folder_empty(struct sim_world *world, struct sim_folder *folder)
{
	while (folder->n)
		sim_folder_take_out(world, folder, folder->n - 1);
}

static void expunge(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_EXPUNGED);
	uint32_t n = 1 + sim_chance_below(chance, 4);
	struct sim_folder *folder = sim_folders_some(world);

	while (n-- && folder->n) {
		sim_folder_take_out(world, folder, sim_chance_below(chance, folder->n));
		sim_struck(world, SIM_FAULT_EXPUNGED);
	}
}

/* A mail moved away and back, or from elsewhere: a new UID, an old INTERNALDATE. */
static void move_back(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_MOVED_BACK_OLD);
	struct sim_folder *folder = sim_folders_some(world);
	struct sim_mail *mail = sim_folder_next(world);

	if (!mail)
		return;
	sim_struck(world, SIM_FAULT_MOVED_BACK_OLD);
	mail->date_s = sim_unix_s(world) - sim_chance_log(chance, 30, 60 * DAY_S);
	if (folder->n && sim_chance_below(chance, 2)) {
		uint32_t at = sim_chance_below(chance, folder->n);
		const struct sim_mail *moved = &world->mails[folder->mails[at]];

		mail->group = moved->group;
		mail->plain = moved->plain;
		mail->size = mail->told_size = moved->size;
		mail->date_s = moved->date_s;
		sim_folder_take_out(world, folder, at);
	}
	mail->is_moved = mail->date_s < sim_unix_s(world) - HOUR_S;
	sim_folder_put_in(world, folder, mail);
}

static bool is_one_left(const struct sim_world *world)
{
	return world->mailbox.next_mail < world->plan.n_mails;
}

static void renumber(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_RENUMBERED);
	struct sim_folder *folder = sim_folders_some(world);
	int64_t first_s = sim_unix_s(world) - world->plan.start_period_s + DAY_S;

	sim_struck(world, SIM_FAULT_RENUMBERED);
	folder->uidvalidity += 1 + sim_chance_below(chance, 5);
	folder->uidnext = 1 + sim_chance_below(chance, 50);
	for (uint32_t i = 0; i < folder->n; i++) {
		struct sim_mail *mail = &world->mails[folder->mails[i]];

		mail->uid = mail->last_uid = folder->uidnext++;
		/* Nobody has seen it, or it is too old, and nothing else tells of it now. */
		mail->is_passed |= mail->is_moved && (!mail->is_listed || mail->date_s < first_s);
	}
	folder->highest = folder->uidnext - 1;
	/* A mail that is restored or moved with it is a little older than the last look. */
	if (is_one_left(world) && sim_chance_below(chance, 2)) {
		struct sim_mail *mail = sim_folder_next(world);

		mail->date_s = sim_unix_s(world) - sim_chance_log(chance, 30, 3000);
		sim_folder_put_in(world, folder, mail);
	}
	world->mailbox.has_session = false;
	sim_oracle_numbers_anew(world, folder);
}

/* From a backup: the newest mails are gone and their UIDs are given again. */
static void restore(struct sim_world *world)
{
	struct sim_chance *chance = chance_of(world, SIM_FAULT_RESTORED);
	struct sim_folder *folder = sim_folders_some(world);
	uint32_t n = 1 + sim_chance_below(chance, 3);

	if (folder->n <= n)
		return;
	sim_struck(world, SIM_FAULT_RESTORED);
	while (n--) {
		folder->uidnext = world->mails[folder->mails[folder->n - 1]].uid;
		sim_folder_take_out(world, folder, folder->n - 1);
	}
	world->mailbox.has_session = false;
	folder->is_back = true;
	sim_oracle_numbers_anew(world, folder);
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
	while (is_one_left(world))
		sim_folder_arrive(world);
}

/* What an earlier look was told is not kept for this one, which may get no answer. */
void sim_folder_asked(struct sim_world *world, const struct eii_order *order)
{
	const struct sim_mailbox *mailbox = &world->mailbox;

	for (uint32_t i = 0; i < mailbox->n_list; i++) {
		struct sim_mail *mail = sim_folder_find(world, mailbox->open, mailbox->list[i]);

		if (mail && mailbox->list[i] > order->sizes.after)
			mail->is_date_told = false;
	}
}

void sim_folder_listed(struct sim_world *world, const struct eii_fact *fact)
{
	for (uint16_t i = 0; i < fact->sizes.n; i++) {
		struct sim_mail *mail =
			sim_folder_find(world, world->mailbox.open, fact->sizes.infos[i].uid);

		if (!mail)
			continue;
		mail->is_listed |= fact->sizes.infos[i].has_date;
		mail->is_date_told |= fact->sizes.infos[i].has_date;
	}
}
