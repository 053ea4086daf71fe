/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders that the server does not announce mails of, as only one of several is
 * open: what has come to them is seen by their numbers, once a minute.
 */
#include "intake_private.h"

/* One that is refused, or was not looked at yet, has nothing to be compared with. */
static bool is_glanced_at(struct eii_core *core, const struct eii_folder *folder)
{
	return folder->is_read && !folder->is_refused && folder->survey.folder.uidvalidity &&
	       folder != eii_folders_at(&core->folders);
}

bool eii_intake_has_others(struct eii_core *core)
{
	struct eii_folder *folder = NULL;

	if (!core->pulse.config.has_folders)
		return false;
	do
		folder = eii_folders_each(&core->folders, folder);
	while (folder && !is_glanced_at(core, folder));
	return folder != NULL;
}

/* The names hold until the answer: entries go only when a list comes. */
void eii_intake_glance(struct eii_core *core)
{
	struct eii_order *order = eii_intake_ask(core, EII_ORDER_GLANCE, EII_READER_CALL_MS);
	struct eii_folders *folders = &core->folders;
	struct eii_folder *folder;

	folders->n_glanced = 0;
	for (folder = eii_folders_each(folders, NULL); folder;
	     folder = eii_folders_each(folders, folder)) {
		if (!is_glanced_at(core, folder))
			continue;
		folders->glanced[folders->n_glanced] = (uint16_t)(folder - folders->all);
		folders->glanced_names[folders->n_glanced++] = eii_turns_name_of(core, folder);
	}
	order->glance.names = folders->glanced_names;
	order->glance.n = folders->n_glanced;
}

static bool is_same(const struct eii_glimpse *a, const struct eii_glimpse *b)
{
	return a->uidvalidity == b->uidvalidity && a->uidnext == b->uidnext;
}

/* As of its last EXAMINE; what was not told then or now shows nothing. */
static bool has_moved(const struct eii_folder *folder, const struct eii_glimpse *glimpse)
{
	const struct eii_folder_view *seen = &folder->survey.folder;

	if (glimpse->uidvalidity && glimpse->uidvalidity != seen->uidvalidity)
		return true;
	return glimpse->uidnext && seen->uidnext && glimpse->uidnext != seen->uidnext;
}

/* A server that says another number in STATUS than in EXAMINE causes no run every minute. */
static bool is_news(struct eii_folder *folder, const struct eii_glimpse *glimpse)
{
	if (!is_same(&folder->glimpse, glimpse))
		folder->n_told = 0;
	folder->glimpse = *glimpse;
	return has_moved(folder, glimpse) && folder->n_told++ < EII_FOLDERS_TOLD;
}

bool eii_intake_glanced(struct eii_core *core, const struct eii_fact *fact)
{
	bool has_come = false;

	eii_watch_glanced(&core->watch, &core->pulse);
	/* The run that has begun meanwhile looks at them all. */
	if (core->run.phase != EII_PHASE_IDLE)
		return false;
	for (uint16_t i = 0; i < fact->glance.n && i < core->folders.n_glanced; i++) {
		struct eii_folder *folder = &core->folders.all[core->folders.glanced[i]];

		folder->is_announced = is_news(folder, &fact->glance.glimpses[i]);
		has_come = has_come || folder->is_announced;
	}
	return has_come;
}
