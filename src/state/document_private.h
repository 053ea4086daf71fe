/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document is a text and what was put over it since; both meet when it is
 * formatted, so that what is unknown needs no form of its own.
 */
#ifndef EII_STATE_DOCUMENT_PRIVATE_H
#define EII_STATE_DOCUMENT_PRIVATE_H

#include "eii/state/document.h"
#include "members.h"

#define EII_DOCUMENT_INGESTION "last_email_ingestion"
#define EII_DOCUMENT_OURS      "email_intel_imap"

struct eii_put_place {
	char *key;                     /* owned */
	struct eii_place_state *place; /* owned; NULL = there is none, whatever the text says */
};

struct eii_document {
	char *text; /* owned, valid; the members below are pieces of it */
	struct eii_members members;
	bool has_ours; /* of our version */
	struct eii_members ours, mailboxes;

	bool has_ingestion; /* put, as all that follows */
	int64_t ingestion_s;
	bool has_ledger;
	struct eii_ledger ledger;
	char *ids, *back_ids; /* owned; NULL = not put */
	struct eii_put_place *places;
	size_t n_places;
};

#endif
