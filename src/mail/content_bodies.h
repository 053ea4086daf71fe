/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of one message of a mail: its HTML and the plain text beside it that is no
 * alternative of it, else its plain text. Private to mail.
 */
#ifndef EII_MAIL_CONTENT_BODIES_H
#define EII_MAIL_CONTENT_BODIES_H

#include "message_private.h"

/* Of a message the parts that are looked at: a run of the list, and how many messages deep. */
struct eii_scope {
	struct eii_message *message;
	size_t first;
	size_t end; /* behind the last one */
	unsigned int messages;
	bool takes_files; /* what is declared as an attachment counts as well */
};

/* Is it a part of that message, and of none inside it? */
bool eii_scope_holds(const struct eii_scope *scope, const struct eii_part *part);

/* Marks bodies of one kind as content; false where all of them are blank. */
bool eii_scope_mark(const struct eii_scope *scope, bool (*is_kind)(const struct eii_part *));
void eii_scope_unmark(const struct eii_scope *scope);

/* Can the part be a body, where scope->takes_files says what of attachments? */
bool eii_scope_is_body(const struct eii_scope *scope, const struct eii_part *part);

/* Marks the bodies; false where there are none. */
bool eii_scope_choose_bodies(const struct eii_scope *scope);

#endif
