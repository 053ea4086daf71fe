/* SPDX-License-Identifier: Apache-2.0 */
/* What writes an element of safe HTML: html.c decides, html_write.c does. */
#ifndef EII_MAIL_HTML_WRITER_H
#define EII_MAIL_HTML_WRITER_H

#include "html_private.h"

#define EII_HTML_STYLES 64 /* remembered, a power of 2 */

/* A style attribute that was seen, and where its safe form stands in the output. */
struct eii_html_known_style {
	const char *raw;
	size_t len;
	size_t at;
	size_t length;
	bool is_plain; /* without an address */
};

struct eii_html_writer {
	struct eii_text html;
	struct eii_buf *out;
	const struct eii_html_options *options;
	struct eii_html_tally *tally;
	struct eii_html_finding finding;
	struct eii_html_start tag;  /* the start tag in hand */
	bool has_inline_image;      /* its picture is in the output */
	bool has_plain_style;       /* a style without an address */
	enum eii_html_tag dropping; /* the element that goes with what is in it; OTHER: none */
	struct eii_buf scratch;
	struct eii_buf address;
	struct eii_buf unseen; /* text that is not written, up to here since the last tag */
	enum eii_html_tag unseen_of;
	size_t owed_bytes;  /* of the end tags */
	size_t again_bytes; /* that start tags may be written again for */
	size_t begin;       /* where the output begins in out */
	size_t pre_at;      /* behind a <pre> */
	size_t words_end;   /* of the link that ends */
	bool is_cut;        /* out's ceiling was met */
	struct eii_html_known_style styles[EII_HTML_STYLES];
};

/* The attributes of the tag in hand that are on the list. */
void eii_html_write_attributes(struct eii_html_writer *w);
/* An image of the mail, or its words. */
void eii_html_write_image(struct eii_html_writer *w);
/* What a form's field said to the reader. */
void eii_html_write_input(struct eii_html_writer *w);
/* " [address]" of a link that is not live, from its raw value. */
void eii_html_write_address(struct eii_html_writer *w, struct eii_text raw);
/* " [target]" where the words behind a live link's start tag name another host. */
void eii_html_write_target(struct eii_html_writer *w, size_t tag_at, size_t tag_length);

#endif
