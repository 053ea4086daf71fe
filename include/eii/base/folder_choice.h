/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which folders of a mailbox are read, as EMAIL_INTEL_IMAP_MAILBOX says it: a list
 * with commas of names, patterns and special uses.
 *
 *   INBOX, Lists/Intel     folders by their names
 *   Lists/%, Archive*      % stands for anything within a level, * for anything
 *   \Junk, \Archive        what the server says that a folder is for (RFC 6154)
 *   !Lists/Internal        left out, whatever else names it
 *   Reports\, 2026         \ before , * % ! and \ takes them as they are
 *
 * A pattern leaves out what is no folder of mails of its own: what cannot be
 * opened, what shows the mails of others (\All, \Flagged), what the owner writes
 * or throws away (\Sent, \Drafts, \Trash, \Junk), and Exchange's folders without
 * mails by their English names. Each of them is read where it is named alone.
 */
#ifndef EII_BASE_FOLDER_CHOICE_H
#define EII_BASE_FOLDER_CHOICE_H

#include <stdbool.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_FOLDER_CHOICE_BYTES 4096 /* of the value */

/* What a server's LIST says of a folder, as bits. */
enum eii_folder_attribute {
	EII_FOLDER_NOSELECT = 1 << 0,
	EII_FOLDER_NONEXISTENT = 1 << 1,
	EII_FOLDER_ALL = 1 << 2,
	EII_FOLDER_ARCHIVE = 1 << 3,
	EII_FOLDER_DRAFTS = 1 << 4,
	EII_FOLDER_FLAGGED = 1 << 5,
	EII_FOLDER_IMPORTANT = 1 << 6,
	EII_FOLDER_JUNK = 1 << 7,
	EII_FOLDER_SENT = 1 << 8,
	EII_FOLDER_TRASH = 1 << 9,
};

/* 0 for one that means nothing here; in any case, its backslash included. */
unsigned eii_folder_attribute_of(struct eii_text attribute);

struct eii_listed_folder {
	const char *name; /* UTF-8 */
	char separator;   /* of levels; '\0' = there are none */
	unsigned attributes;
};

/* One folder by its name, with nothing in it that a list would read in another way. */
bool eii_folder_choice_is_name(const char *value);

struct eii_folder_choice;

/*
 * Copies value. Fails with EII_REJECT on one that names no folder: an empty part,
 * an unknown special use, a backslash before anything else, or nothing but what is
 * left out.
 */
enum eii_rc eii_folder_choice_parse(const char *value, struct eii_folder_choice **out,
				    struct eii_error *err) EII_MUST_CHECK;
void eii_folder_choice_free(struct eii_folder_choice *choice);
EII_DEFINE_AUTO(eii_folder_choice);

bool eii_folder_choice_wants(const struct eii_folder_choice *choice,
			     const struct eii_listed_folder *folder);

/* The folder bears the whole value as its name, read as no list: then it is meant. */
bool eii_folder_choice_is_named(const struct eii_folder_choice *choice, const char *name);

/* The value as it was given. */
const char *eii_folder_choice_value(const struct eii_folder_choice *choice);

#endif
