/* SPDX-License-Identifier: Apache-2.0 */
/* Which folders there are, and which of them are read. */
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/log.h"
#include "fetch_private.h"

#define NAMES_SHOWN_MAX 4096

struct name {
	char *text; /* owned */
	bool is_wanted;
};

/* Of the list that comes in. */
struct names {
	const struct eii_folder_choice *choice;
	struct name *list; /* owned */
	size_t n, capacity, n_wanted;
	bool is_named; /* one bears the setting's whole value as its name */
};

static void add_name(void *arg, const struct eii_listed_folder *folder)
{
	struct names *names = arg;
	bool is_wanted = eii_folder_choice_wants(names->choice, folder);

	if (names->n == names->capacity) {
		names->capacity = names->capacity ? 2 * names->capacity : 64;
		names->list = eii_realloc(names->list, names->capacity, sizeof(*names->list));
	}
	names->list[names->n++] =
		(struct name){ .text = eii_strdup(folder->name), .is_wanted = is_wanted };
	names->n_wanted += is_wanted ? 1 : 0;
	names->is_named |= eii_folder_choice_is_named(names->choice, folder->name);
}

static void clear_names(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i].text);
	free(names->list);
}

/* A folder of that very name was meant when there were no lists. */
static void heed_whole_value(struct eii_fetch_driver *d, struct names *names)
{
	if (!names->is_named)
		return;
	if (!d->has_told_whole_value)
		EII_LOG(WARN, "mailbox.folder_by_name",
			"EMAIL_INTEL_IMAP_MAILBOX is read as the name of the folder that bears all "
			"of it: to have it read as a list, put a second part behind it",
			EII_STR("folder", eii_folder_choice_value(names->choice)));
	d->has_told_whole_value = true;
	names->n_wanted = 0;
	for (size_t i = 0; i < names->n; i++) {
		names->list[i].is_wanted =
			eii_folder_choice_is_named(names->choice, names->list[i].text);
		names->n_wanted += names->list[i].is_wanted ? 1 : 0;
	}
}

/* There is always an INBOX: a list without any folder is none. */
static enum eii_rc fail_without_folder(const struct names *names, struct eii_error *err)
{
	struct eii_buf shown;
	enum eii_rc rc;

	if (!names->n)
		return eii_fail(err, EII_RETRY, "the mail server's list has no folder at all");
	eii_buf_init(&shown, NAMES_SHOWN_MAX);
	for (size_t i = 0; i < names->n && i < EII_IMAP_FOLDERS_SHOWN; i++)
		eii_buf_addf(&shown, "%s'%s'", i ? ", " : "", names->list[i].text);
	rc = eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
			   "EMAIL_INTEL_IMAP_MAILBOX: no folder is '%s'; there are: %s%s",
			   eii_folder_choice_value(names->choice),
			   eii_buf_ok(&shown) ? shown.data : "many",
			   names->n > EII_IMAP_FOLDERS_SHOWN ? ", ..." : "");
	eii_buf_clear(&shown);
	return rc;
}

/* The names become the note's: one allocation, as it frees them. */
static struct eii_note *note_of(const struct eii_task *task, const struct names *names)
{
	struct eii_note *note = eii_fetch_answer(task, EII_FACT_MAILBOX_LISTED);
	struct eii_folder_name *list = eii_calloc(names->n, sizeof(*list));
	size_t bytes = 0, at = 0;

	for (size_t i = 0; i < names->n; i++)
		bytes += strlen(names->list[i].text) + 1;
	note->text = eii_calloc(bytes, 1);
	for (size_t i = 0; i < names->n; i++) {
		size_t len = strlen(names->list[i].text) + 1;

		memcpy(note->text + at, names->list[i].text, len);
		list[i] = (struct eii_folder_name){ .name = note->text + at,
						    .is_wanted = names->list[i].is_wanted };
		at += len;
	}
	note->list = list;
	note->fact.folders.names = list;
	note->fact.folders.n = (uint32_t)names->n;
	return note;
}

void eii_fetch_list(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct names names = { .choice = d->options.choice };
	const struct eii_imap_folder_taker taker = { .add = add_name, .arg = &names };
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_imap_list(d->imap, &taker, &err);

	if (!rc)
		heed_whole_value(d, &names);
	if (!rc && !names.n_wanted)
		rc = fail_without_folder(&names, &err);
	if (rc) {
		eii_fetch_fail(d, task, rc, &err);
	} else {
		eii_fetch_note(d, EII_OK, NULL);
		eii_fetch_tell(d, note_of(task, &names));
	}
	clear_names(&names);
}
