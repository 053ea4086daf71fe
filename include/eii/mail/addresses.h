/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of one mail: what it links to, loads or sends to. Each exact address
 * is kept once, with how often it came and what it was first; those that are live
 * links in the content are known, so that the list at its end holds the others.
 *
 * What is long is kept by its beginning, length and SHA-256; of a data: address the
 * media type, length and SHA-256 of its bytes.
 */
#ifndef EII_MAIL_ADDRESSES_H
#define EII_MAIL_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define EII_ADDRESS_BYTES      2048   /* of an address; then its length and hash */
#define EII_ADDRESS_LINES      1000   /* of the list; then "and n more" */
#define EII_ADDRESS_LIST_BYTES 131072 /* of the list as HTML, all of it */
#define EII_ADDRESSES_KEPT     65536  /* different ones of a mail; more are only counted */

enum eii_address_kind {
	EII_ADDRESS_LIVE, /* stands in the content as a link */
	EII_ADDRESS_LINK,
	EII_ADDRESS_FORM,
	EII_ADDRESS_IMAGE,
	EII_ADDRESS_PIXEL, /* an image of 1 by 1 */
	EII_ADDRESS_MEDIA,
	EII_ADDRESS_FRAME,
	EII_ADDRESS_REFRESH,
	EII_ADDRESS_STYLE,
	EII_ADDRESS_SCRIPT,
	EII_ADDRESS_OUTLOOK,    /* in a comment that Outlook alone reads */
	EII_ADDRESS_OTHER_PART, /* of the mail */
	EII_ADDRESS_KINDS,
};

struct eii_addresses;

struct eii_addresses *eii_addresses_new(void);
void eii_addresses_free(struct eii_addresses *addresses);
EII_DEFINE_AUTO(eii_addresses);

/* Copies what is to be kept of it. An empty address is none. */
void eii_addresses_add(struct eii_addresses *addresses, enum eii_address_kind kind,
		       struct eii_text address);

/* http, https and ftp addresses in any text, whose blanks and quotes end them. */
void eii_addresses_add_found(struct eii_addresses *addresses, enum eii_address_kind kind,
			     struct eii_text text);

/* And what programs that show a text make links of besides: "mailto:x@y", "www.x". */
void eii_addresses_add_followed(struct eii_addresses *addresses, enum eii_address_kind kind,
				struct eii_text text);

/* The first of these in a script, where strings hide them (script.c). */
void eii_addresses_add_scripted(struct eii_addresses *addresses, enum eii_address_kind kind,
				struct eii_text text);

/* How many the list holds, and how many more there are than it can. */
struct eii_address_count {
	size_t n_lines;
	size_t n_more;
};

/*
 * Adds the list as HTML: nothing where each address is a live link above. Never more
 * than EII_ADDRESS_LIST_BYTES or what out has room for.
 */
struct eii_address_count eii_addresses_write(const struct eii_addresses *addresses,
					     struct eii_buf *out);

#endif
