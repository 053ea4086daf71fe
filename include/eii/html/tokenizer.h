/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML cut into tokens as the HTML standard's tokenization does it, errors passed
 * over as browsers pass over them. The input is one borrowed text in UTF-8; nothing
 * is allocated, and no byte is looked at more often than a small constant.
 *
 * A token points into the input as far as it can: characters are given as they
 * are to be read, in as many pieces as it takes, names and attribute values as they
 * stand, with eii_html_decode() to read them.
 *
 * The caller builds the tree, or what it needs of one, and tells what it found by
 * eii_html_tokenizer_enter(); the tokenizer knows of no element by itself.
 */
#ifndef EII_HTML_TOKENIZER_H
#define EII_HTML_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/html/names.h"

#define EII_HTML_ATTRIBUTES_KEPT 32 /* of a tag; more are read again when asked for */

enum eii_html_token_kind {
	EII_HTML_TOKEN_EOF,
	EII_HTML_TOKEN_TEXT,
	EII_HTML_TOKEN_START,
	EII_HTML_TOKEN_END,
	EII_HTML_TOKEN_COMMENT,
	EII_HTML_TOKEN_DOCTYPE,
};

/* What a text is read as: the standard's tokenizer states of these names. */
enum eii_html_content {
	EII_HTML_DATA,
	EII_HTML_RCDATA,
	EII_HTML_RAWTEXT,
	EII_HTML_SCRIPT,
	EII_HTML_PLAINTEXT,
	EII_HTML_CDATA,
};

struct eii_html_token {
	enum eii_html_token_kind kind;
	enum eii_html_tag tag;
	bool is_self_closing;
	bool is_quirks; /* of a DOCTYPE: the standard's force-quirks flag */

	/*
	 * TEXT: characters to be read as they are; a NUL stands alone. COMMENT: raw. START,
	 * END, DOCTYPE: the raw name. Good until the next token.
	 */
	struct eii_text text;

	/* Of a DOCTYPE, raw; data is NULL where there is none. */
	struct eii_text public_id;
	struct eii_text system_id;
};

/* As they stand in the tag; a name may come again, and the first one counts. */
struct eii_html_attribute {
	enum eii_html_attribute_name id;
	struct eii_text name;
	struct eii_text value;
};

/* Where the reading of a tag has got to. */
struct eii_html_tag_scan {
	const char *p;
	unsigned char state;
	bool is_pending; /* a name was read, and its value perhaps not yet */
	bool is_self_closing;
	struct eii_html_attribute attribute;
};

struct eii_html_tokenizer {
	const char *p;
	const char *end;
	const char *raw_end; /* where RCDATA, RAWTEXT or SCRIPT ends */
	enum eii_html_content content;
	bool allows_cdata;
	char piece[8]; /* of a character reference */
	struct eii_html_attribute kept[EII_HTML_ATTRIBUTES_KEPT];
	size_t n_kept;
	size_t n_given;                /* by eii_html_next_attribute() */
	struct eii_html_tag_scan rest; /* of the tag, behind what was kept */
	bool has_rest;
	struct eii_text unfinished; /* the tag that the input ends in, which is no token */
	uint64_t steps;             /* bytes looked at, for tests of linear time */
};

/* Begins to read html, as DATA. */
void eii_html_tokenizer_init(struct eii_html_tokenizer *t, struct eii_text html);

/*
 * Reads what comes as content: after a start tag that says so. name is that of the
 * element; RCDATA, RAWTEXT and SCRIPT end before its end tag.
 */
void eii_html_tokenizer_enter(struct eii_html_tokenizer *t, enum eii_html_content content,
			      struct eii_text name);

/* Is <![CDATA[ more than a comment? So it is in foreign content. At first it is not. */
enum eii_html_cdata { EII_HTML_CDATA_IS_COMMENT, EII_HTML_CDATA_IS_TEXT };
void eii_html_tokenizer_set_cdata(struct eii_html_tokenizer *t, enum eii_html_cdata cdata);

/* The next token; EOF again and again at the end. */
void eii_html_next(struct eii_html_tokenizer *t, struct eii_html_token *out);

/* The next attribute of the tag that eii_html_next() gave last; false: no more. */
bool eii_html_next_attribute(struct eii_html_tokenizer *t, struct eii_html_attribute *out);

enum eii_html_raw {
	EII_HTML_RAW_NAME,    /* lower case */
	EII_HTML_RAW_VALUE,   /* character references, line ends */
	EII_HTML_RAW_COMMENT, /* line ends */
};

/* Adds what raw text of a token says. */
void eii_html_decode(struct eii_text raw, enum eii_html_raw kind, struct eii_buf *out);

/* Does the value say what stands there? Then there is no need to decode it. */
bool eii_html_is_plain(struct eii_text raw);

#endif
