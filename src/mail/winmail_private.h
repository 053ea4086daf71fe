/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A winmail.dat while it is read: winmail.c takes the files, winmail_body.c the
 * bodies. Private to these two.
 */
#ifndef EII_MAIL_WINMAIL_PRIVATE_H
#define EII_MAIL_WINMAIL_PRIVATE_H

#include "eii/mail/rtf.h"
#include "eii/mail/tnef.h"

#include "message_private.h"

#define EII_WINMAIL_CODE_PAGE 1252 /* where none is told */

/* A text with what its bytes mean. */
struct eii_winmail_words {
	struct eii_text bytes;
	bool is_utf16;
};

struct eii_winmail_file {
	struct eii_winmail_words title; /* short, by the attribute */
	struct eii_winmail_words name;
	struct eii_winmail_words long_name;
	struct eii_winmail_words display_name;
	struct eii_winmail_words type;
	struct eii_winmail_words id;
	struct eii_text data;
	struct eii_text object; /* the same, or a message */
};

/* One stream of those that are open, the outermost first. */
struct eii_winmail_level {
	struct eii_tnef_walk walk;
	unsigned int code_page;
	struct eii_winmail_file file;
	bool has_file;
};

struct eii_winmail {
	struct eii_message *message;
	struct eii_place place;
	struct eii_winmail_level levels[EII_LIMIT_OPENED];
	size_t n_levels;
};

/* The text of a property; its bytes without the NUL at their end; the label of its charset. */
struct eii_winmail_words eii_winmail_words_of(const struct eii_mapi_property *property);
struct eii_text eii_winmail_bytes(struct eii_winmail_words words);
void eii_winmail_label(struct eii_winmail_words words, unsigned int code_page,
		       char out[EII_CODE_PAGE_LABEL_MAX]);

/* The defect, where value says that something is cut. */
void eii_winmail_note_cut(struct eii_message *message, bool value);

/* Adds the text of the innermost stream, and learns its code page. */
void eii_winmail_read_bodies(struct eii_winmail *o, struct eii_winmail_level *level);

#endif
