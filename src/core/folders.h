/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders that the connector reads, or has read, each with its place and its
 * survey. They take turns: one is at work, and what is planned, under way or
 * judged is of this one alone, so that a UID says enough. A folder is left where
 * nothing of it is under way.
 */
#ifndef EII_CORE_FOLDERS_H
#define EII_CORE_FOLDERS_H

#include "place.h"
#include "survey.h"

#define EII_FOLDERS_TURN_MAILS 1000 /* listed in one turn, where others wait for theirs */
#define EII_FOLDERS_GONE_S     (30 * 86400)
#define EII_FOLDERS_TOLD       3 /* runs for numbers that an EXAMINE does not confirm */

struct eii_folder {
	char *key;         /* "user@host/folder", in the state; owned, NULL = the entry is free */
	bool is_read;      /* the list of this run has it, and the setting names it */
	bool is_on_server; /* the list has it */
	bool has_begun;    /* it was looked at in this run */
	bool is_through;   /* nothing more is wanted of it in this run */
	bool is_refused;   /* the server has not opened it in this run */
	bool is_announced; /* mails have come to it since: the next run begins with it */
	struct eii_glimpse glimpse; /* between runs, as it was told last */
	unsigned n_told;            /* runs that it has caused */
	/* Numbers of lists: the first that has it, 0 = from before; the first without it. */
	uint32_t new_list, gone_list;
	struct eii_place place;
	struct eii_survey survey;
};

struct eii_folders {
	struct eii_folder all[EII_CORE_FOLDERS];
	uint16_t n_used;               /* entries from here on are free */
	uint16_t at;                   /* whose turn it is */
	uint32_t n_turn;               /* mails listed in it */
	uint32_t n_lists;              /* that came in this life */
	const struct eii_folder *open; /* in the session; NULL = none */
	bool must_list;                /* which there are is to be asked before one is looked at */
	bool has_told_count;           /* more folders than are read */
	/* GLANCE under way: the entries and their names. */
	uint16_t glanced[EII_CORE_FOLDERS];
	const char *glanced_names[EII_CORE_FOLDERS];
	uint16_t n_glanced;
};

void eii_folders_init(struct eii_folders *folders);
void eii_folders_clear(struct eii_folders *folders);

/* The entry of that key; NULL = none. */
struct eii_folder *eii_folders_find(struct eii_folders *folders, const char *key);

/*
 * A new entry, copying key; NULL: all are taken by folders that are read. Of
 * those that are not, the one that is gone for the longest gives way.
 */
struct eii_folder *eii_folders_add(struct eii_folders *folders, const char *key);

/* The entry is free again; nothing of it is under way. */
void eii_folders_drop(struct eii_folder *folder);

/* Of those that are read and not through, the next behind the one at work; -1 = no other. */
int eii_folders_next(const struct eii_folders *folders);

uint16_t eii_folders_n_read(const struct eii_folders *folders);

static inline struct eii_folder *eii_folders_at(struct eii_folders *folders)
{
	return &folders->all[folders->at];
}

/* Walks the used entries: NULL = the first; NULL at the end. */
struct eii_folder *eii_folders_each(struct eii_folders *folders, const struct eii_folder *last);

#endif
