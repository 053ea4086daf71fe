/* SPDX-License-Identifier: Apache-2.0 */
/* Several folders of an account: they come and go, get other names, and mails go between them. */
#include <stdio.h>
#include <string.h>

#include "models.h"
#include "oracle.h"

#define HOUR_S       3600
#define FIRST_MOST   4       /* folders at the start, beside INBOX at least one */
#define UIDNEXT_MOST 40      /* of a folder that is new: mails were there and are gone */
#define ANEW         100000u /* more in the UIDVALIDITY, for each */
#define APPEARS_MOST 4       /* mails that are moved into a new folder at once */

static struct sim_chance *chance(struct sim_world *world)
{
	return &world->per_fault[SIM_FAULT_FOLDERS];
}

static const char *name_of(const struct sim_folder *folder)
{
	return folder->key + strlen(SIM_ACCOUNT);
}

static void give_name(struct sim_world *world, struct sim_folder *folder)
{
	snprintf(folder->key, sizeof(folder->key), SIM_ACCOUNT "Reports/%u",
		 ++world->mailbox.n_names);
}

/* ---- which there are ------------------------------------------------------ */

/* Never seen before; NULL: the account has as many as it ever has. */
static struct sim_folder *make_folder(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_folder *folder = &mailbox->folders[mailbox->n_folders];

	if (mailbox->n_folders == SIM_FOLDERS)
		return NULL;
	mailbox->n_folders++;
	folder->exists = true;
	folder->uidvalidity = mailbox->folders[0].uidvalidity;
	if (!world->plan.has[SIM_FAULT_FOLDERS_ALIKE])
		folder->uidvalidity += 1000u * mailbox->n_folders;
	folder->uidnext = 1 + sim_chance_below(chance(world), UIDNEXT_MOST);
	give_name(world, folder);
	return folder;
}

void sim_folders_make(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_folder *inbox = &mailbox->folders[0];
	uint32_t n;

	mailbox->n_folders = 1;
	mailbox->open = mailbox->worked = inbox;
	inbox->exists = true;
	snprintf(inbox->key, sizeof(inbox->key), SIM_ACCOUNT SIM_INBOX);
	if (!world->plan.has[SIM_FAULT_FOLDERS])
		return;
	n = 1 + sim_chance_below(chance(world), FIRST_MOST);
	while (n--)
		(void)make_folder(world);
	if (world->plan.has[SIM_FAULT_FOLDERS_ALIKE])
		sim_struck(world, SIM_FAULT_FOLDERS_ALIKE);
	sim_struck(world, SIM_FAULT_FOLDERS);
}

static uint32_t n_there(struct sim_world *world)
{
	struct sim_folder *folder;
	uint32_t n = 0;

	for (folder = sim_folder_each(world, NULL); folder; folder = sim_folder_each(world, folder))
		n++;
	return n;
}

struct sim_folder *sim_folders_some(struct sim_world *world)
{
	struct sim_folder *folder = sim_folder_each(world, NULL);
	uint32_t n = 0;

	if (world->plan.has[SIM_FAULT_FOLDERS])
		n = sim_chance_below(chance(world), n_there(world));
	while (n--)
		folder = sim_folder_each(world, folder);
	return folder;
}

/* INBOX is always there. NULL: there is no other. */
static struct sim_folder *some_but_inbox(struct sim_world *world)
{
	struct sim_folder *folder = sim_folders_some(world);

	return folder == &world->mailbox.folders[0] ? sim_folder_each(world, folder) : folder;
}

struct sim_folder *sim_folders_named(struct sim_world *world, const char *name)
{
	struct sim_folder *folder = sim_folder_each(world, NULL);

	while (name && folder && strcmp(name_of(folder), name) != 0)
		folder = sim_folder_each(world, folder);
	return folder;
}

/* ---- what the server says -------------------------------------------------- */

bool sim_folders_is_refused(const struct sim_world *world, const struct sim_folder *folder)
{
	return folder == world->mailbox.refused && sim_is_on(world, SIM_FAULT_FOLDER_REFUSED);
}

bool sim_folders_withholds(const struct sim_world *world, const struct sim_folder *folder)
{
	return folder == world->mailbox.withholding && sim_is_on(world, SIM_FAULT_FOLDER_WITHHOLDS);
}

void sim_folders_list(struct sim_world *world)
{
	struct eii_folder_name names[SIM_FOLDERS];
	struct eii_fact fact =
		sim_fact(world, EII_FACT_MAILBOX_LISTED, world->mailbox.pending[0].order.number);
	struct sim_folder *folder;

	if (sim_is_on(world, SIM_FAULT_FOLDER_MISSING)) {
		fact = sim_failure(world, EII_FACT_MAILBOX_FAILED, fact.order, EII_FAILURE_CONFIG);
		fact.failure.lives = true;
		sim_mailbox_answer(world, &fact);
		return;
	}
	for (folder = sim_folder_each(world, NULL); folder; folder = sim_folder_each(world, folder))
		names[fact.folders.n++] =
			(struct eii_folder_name){ .name = name_of(folder), .is_wanted = true };
	fact.folders.names = names;
	sim_mailbox_answer(world, &fact);
}

/* By STATUS: one that is not there, or is refused, is not told of. */
void sim_folders_glance(struct sim_world *world)
{
	const struct eii_order *order = &world->mailbox.pending[0].order;
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_GLANCED, order->number);
	struct eii_glimpse glimpses[EII_CORE_FOLDERS] = { 0 };

	fact.glance.n = order->glance.n;
	for (uint16_t i = 0; i < order->glance.n; i++) {
		const struct sim_folder *folder = sim_folders_named(world, order->glance.names[i]);

		if (folder && !sim_folders_is_refused(world, folder))
			glimpses[i] = (struct eii_glimpse){ .uidvalidity = folder->uidvalidity,
							    .uidnext = folder->uidnext };
	}
	fact.glance.glimpses = glimpses;
	sim_mailbox_answer(world, &fact);
}

/* Unclear words mostly; that there is none of that name, where there is none. */
void sim_folders_refuse(struct sim_world *world, const struct eii_order *order)
{
	const char *name = order->type == EII_ORDER_OPEN ? order->open.folder : order->look.folder;
	struct eii_fact fact = sim_failure(world, EII_FACT_MAILBOX_FAILED, order->number,
					   sim_folders_named(world, name) ? EII_FAILURE_PASSING
									  : EII_FAILURE_CONFIG);

	sim_struck(world, SIM_FAULT_FOLDER_REFUSED);
	fact.failure.is_folder = true;
	fact.failure.lives = order->type == EII_ORDER_LOOK;
	world->mailbox.has_session = fact.failure.lives;
	sim_mailbox_answer(world, &fact);
}

/* ---- what happens to them --------------------------------------------------- */

/* The same bytes under another UID, of the same date; NULL: no mail is left in the plan. */
static struct sim_mail *copy(struct sim_world *world, uint16_t from, struct sim_folder *to)
{
	const struct sim_mail *source = &world->mails[from];
	struct sim_mail *mail = sim_folder_next(world);

	if (!mail)
		return NULL;
	mail->group = source->group;
	mail->plain = source->plain;
	mail->size = mail->told_size = source->size;
	mail->is_left_out = source->is_left_out;
	mail->is_refused = source->is_refused;
	mail->date_s = source->date_s;
	mail->is_moved = mail->date_s < sim_unix_s(world) - HOUR_S;
	sim_folder_put_in(world, to, mail);
	return mail;
}

static void copy_some(struct sim_world *world, struct sim_folder *from, struct sim_folder *to,
		      enum sim_fault fault)
{
	uint32_t at;

	if (from == to || !from->n)
		return;
	at = sim_chance_below(chance(world), from->n);
	if (!copy(world, from->mails[at], to))
		return;
	sim_struck(world, fault);
	if (fault == SIM_FAULT_MAIL_MOVED)
		sim_folder_take_out(world, from, at);
}

static void appear(struct sim_world *world)
{
	struct sim_folder *folder = make_folder(world);
	uint32_t n;

	if (!folder)
		return;
	sim_struck(world, SIM_FAULT_FOLDER_APPEARS);
	sim_trace(world, "%s is made", folder->key);
	n = sim_chance_below(chance(world), APPEARS_MOST);
	while (n--)
		copy_some(world, sim_folders_some(world), folder, SIM_FAULT_MAIL_MOVED);
}

/* Its place is a first one, or that of its name before. */
static void get_other_name(struct sim_world *world, struct sim_folder *folder)
{
	sim_trace(world, "%s gets another name", folder->key);
	give_name(world, folder);
	folder->place.cursor = 0;
	folder->place.cursor_validity = 0;
	folder->place.known_validity = 0;
}

/* One of the old name may be made at once: the old one was put away. */
static void rename_one(struct sim_world *world)
{
	struct sim_folder *folder = some_but_inbox(world);
	struct sim_folder *anew = NULL;
	char key[SIM_KEY_BYTES];

	if (!folder)
		return;
	sim_struck(world, SIM_FAULT_FOLDER_RENAMED);
	memcpy(key, folder->key, sizeof(key));
	get_other_name(world, folder);
	if (sim_chance_below(chance(world), 3) == 0)
		anew = make_folder(world);
	if (!anew)
		return;
	memcpy(anew->key, key, sizeof(key));
	/* A name that is used again has another numbering (RFC 3501, 2.3.1.1). */
	anew->uidvalidity += ANEW * ++world->mailbox.n_names;
	sim_oracle_numbers_anew(world, anew);
}

/* With its mails; another one of its name may be made at once. */
static void delete_one(struct sim_world *world)
{
	struct sim_folder *folder = some_but_inbox(world);

	if (!folder)
		return;
	sim_struck(world, SIM_FAULT_FOLDER_DELETED);
	sim_trace(world, "%s is deleted", folder->key);
	sim_folder_empty(world, folder);
	if (folder == world->mailbox.open)
		world->mailbox.has_session = false;
	folder->exists = sim_chance_below(chance(world), 2) == 0;
	folder->uidvalidity += ANEW * ++world->mailbox.n_names;
	folder->uidnext = 1;
	folder->highest = 0;
	folder->is_back = false;
	sim_oracle_numbers_anew(world, folder);
}

static void vanish(struct sim_world *world)
{
	struct sim_folder *folder = world->mailbox.gone ? NULL : some_but_inbox(world);

	if (!folder)
		return;
	sim_trace(world, "%s is gone", folder->key);
	folder->exists = false;
	world->mailbox.gone = folder;
}

void sim_folders_spell_ends(struct sim_world *world, enum sim_fault fault)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	if (fault != SIM_FAULT_FOLDER_GONE || !mailbox->gone)
		return;
	sim_trace(world, "%s is there again", mailbox->gone->key);
	mailbox->gone->exists = true;
	mailbox->gone = NULL;
}

void sim_folders_fault(struct sim_world *world, enum sim_fault fault)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	if (fault == SIM_FAULT_FOLDER_REFUSED)
		mailbox->refused = sim_folders_some(world);
	else if (fault == SIM_FAULT_FOLDER_WITHHOLDS)
		mailbox->withholding = sim_folders_some(world);
	else if (fault == SIM_FAULT_FOLDER_GONE)
		vanish(world);
	else if (fault == SIM_FAULT_FOLDER_DELETED)
		delete_one(world);
	else if (fault == SIM_FAULT_FOLDER_RENAMED)
		rename_one(world);
	else if (fault == SIM_FAULT_FOLDER_APPEARS)
		appear(world);
	else
		copy_some(world, sim_folders_some(world), sim_folders_some(world), fault);
}
