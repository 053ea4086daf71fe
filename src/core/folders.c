/* SPDX-License-Identifier: Apache-2.0 */
#include "folders.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"

void eii_folders_init(struct eii_folders *folders)
{
	/* There is always one at work, before its name is known too. */
	folders->n_used = 1;
	eii_place_init(&folders->all[0].place);
}

static void clear_entry(struct eii_folder *folder)
{
	eii_place_clear(&folder->place);
	free(folder->key);
	*folder = (struct eii_folder){ 0 };
}

void eii_folders_clear(struct eii_folders *folders)
{
	for (uint16_t i = 0; i < folders->n_used; i++) {
		if (folders->all[i].place.cursor)
			clear_entry(&folders->all[i]);
	}
}

struct eii_folder *eii_folders_each(struct eii_folders *folders, const struct eii_folder *last)
{
	size_t i = last ? (size_t)(last - folders->all) + 1 : 0;

	for (; i < folders->n_used; i++) {
		if (folders->all[i].key)
			return &folders->all[i];
	}
	return NULL;
}

struct eii_folder *eii_folders_find(struct eii_folders *folders, const char *key)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(folders, NULL); folder;
	     folder = eii_folders_each(folders, folder)) {
		if (strcmp(folder->key, key) == 0)
			return folder;
	}
	return NULL;
}

/* Its place is the least loss. */
static struct eii_folder *longest_gone(struct eii_folders *folders)
{
	struct eii_folder *folder, *oldest = NULL;

	for (folder = eii_folders_each(folders, NULL); folder;
	     folder = eii_folders_each(folders, folder)) {
		if (folder->is_read)
			continue;
		if (!oldest || folder->place.s.gone_s < oldest->place.s.gone_s)
			oldest = folder;
	}
	return oldest;
}

static struct eii_folder *free_entry(struct eii_folders *folders)
{
	for (uint16_t i = 0; i < folders->n_used; i++) {
		if (!folders->all[i].key)
			return &folders->all[i];
	}
	return folders->n_used < EII_CORE_FOLDERS ? &folders->all[folders->n_used++] : NULL;
}

struct eii_folder *eii_folders_add(struct eii_folders *folders, const char *key)
{
	struct eii_folder *folder = free_entry(folders);

	if (!folder) {
		folder = longest_gone(folders);
		if (!folder)
			return NULL;
		eii_folders_drop(folder);
	}
	if (!folder->place.cursor)
		eii_place_init(&folder->place);
	folder->key = eii_strdup(key);
	return folder;
}

void eii_folders_drop(struct eii_folder *folder)
{
	clear_entry(folder);
}

int eii_folders_next(const struct eii_folders *folders)
{
	for (uint16_t i = 1; i < folders->n_used; i++) {
		uint16_t at = (uint16_t)((folders->at + i) % folders->n_used);

		if (folders->all[at].is_read && !folders->all[at].is_through)
			return at;
	}
	return -1;
}

uint16_t eii_folders_n_read(const struct eii_folders *folders)
{
	uint16_t n = 0;

	for (uint16_t i = 0; i < folders->n_used; i++)
		n = (uint16_t)(n + (folders->all[i].is_read ? 1 : 0));
	return n;
}
