/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the tokenizer share. */
#ifndef EII_HTML_HTML_PRIVATE_H
#define EII_HTML_HTML_PRIVATE_H

#include "eii/html/tokenizer.h"

static inline struct eii_text eii_html_between(const char *from, const char *to)
{
	return eii_text(from, (size_t)(to - from));
}

/* Tab, LF, form feed, CR (read as LF), blank. */
static inline bool eii_html_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static inline bool eii_html_ends_name(char c)
{
	return eii_html_is_space(c) || c == '/' || c == '>';
}

/* Does the name stand at p, in any case, with an end of a name behind it? */
bool eii_html_is_name_at(const char *p, const char *end, struct eii_text name);

/* tag.c: a tag, from its name at p on; false where the input ends in it. */
void eii_html_tag_begin(struct eii_html_tag_scan *scan, const char *p);
/* The next attribute up to end; false at the end of the tag or of the input. */
bool eii_html_tag_attribute(struct eii_html_tag_scan *scan, const char *end,
			    struct eii_html_attribute *out);
bool eii_html_tag_is_complete(const struct eii_html_tag_scan *scan);

/* declaration.c: what begins with "<!", "<?" or "</" and is no tag. */
void eii_html_read_declaration(struct eii_html_tokenizer *t, struct eii_html_token *out);
void eii_html_read_bogus_comment(struct eii_html_tokenizer *t, struct eii_html_token *out);

/* doctype.c: behind "<!DOCTYPE". */
void eii_html_read_doctype(struct eii_html_tokenizer *t, struct eii_html_token *out);

/* raw_text.c: where text that is read as content ends. */
const char *eii_html_raw_end(const char *p, const char *end, enum eii_html_content content,
			     struct eii_text name);

/* references.c: in text, or in a value, where "&amp=" and "&ampx" are no references. */
enum eii_html_reference_place { EII_HTML_IN_TEXT, EII_HTML_IN_VALUE };
/*
 * The reference at p, which is a '&': writes its UTF-8 (at most 7 bytes) and gives how
 * many bytes of input it takes; 0: there is none.
 */
size_t eii_html_reference(const char *p, const char *end, enum eii_html_reference_place place,
			  struct eii_text *out, char room[8]);

#endif
