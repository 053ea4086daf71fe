/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTML sanitizer share. */
#ifndef EII_MAIL_HTML_PRIVATE_H
#define EII_MAIL_HTML_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "eii/html/names.h"
#include "eii/html/reader.h"
#include "eii/html/tokenizer.h"
#include "eii/mail/html.h"

enum eii_html_kind {
	EII_HTML_UNWRAP, /* the tag goes, what is in it stays */
	EII_HTML_KEEP,   /* written, perhaps as another element */
	EII_HTML_VOID,   /* written, has no end tag */
	EII_HTML_DROP,   /* goes with what is in it */
	EII_HTML_LINK,
	EII_HTML_IMAGE,
	EII_HTML_INPUT, /* a form's field: its words stay as text */
};

struct eii_html_rule {
	enum eii_html_kind kind;
	struct eii_text begin; /* "<td": what is written in its place; empty where nothing is */
	struct eii_text end;   /* "</td>" */
};

/* An unknown element is unwrapped. */
extern const struct eii_html_rule eii_html_rules[EII_HTML_N_TAGS];

/* Is what stands in the element not shown? */
static inline bool eii_html_is_hidden(const struct eii_html_element *element)
{
	if (element->ns != EII_HTML_NS_HTML || !element->has_end)
		return false;
	return eii_html_rules[element->tag].kind == EII_HTML_DROP || element->is_in_head;
}

/* How much of an attribute's value is believed. */
enum eii_html_value {
	EII_HTML_VALUE_NONE, /* the attribute is not written */
	EII_HTML_VALUE_TEXT,
	EII_HTML_VALUE_WORD,   /* letters, digits, '-' */
	EII_HTML_VALUE_NUMBER, /* a sign and up to three digits */
	EII_HTML_VALUE_LENGTH, /* up to four digits, then nothing, "%" or "px" */
	EII_HTML_VALUE_COLOR,
	EII_HTML_VALUE_FONTS,
	EII_HTML_VALUE_FLAG, /* written without its value */
	EII_HTML_VALUE_STYLE,
};
/* enum eii_html_value of each; what is not on the list is not written. */
extern const unsigned char eii_html_values[EII_HTML_N_ATTRIBUTES];

/* Does the value have that form? Not for TEXT, FLAG, STYLE. */
bool eii_html_value_fits(enum eii_html_value kind, struct eii_text value);

/*
 * Adds text with & < > " (and ', for BOTH) escaped, so that it is right in content and
 * in a double quoted attribute. Control characters go; those that turn the direction
 * of text become "[U+202E]"; C1 controls are taken for windows-1252, as browsers take
 * &#128; to &#159;. In the TARGET of a link, which has to lead where it led, all these
 * become what browsers ask for: "%E2%80%AE".
 */
enum eii_html_quotes { EII_HTML_QUOTES_DOUBLE, EII_HTML_QUOTES_BOTH, EII_HTML_QUOTES_TARGET };
void eii_html_escape(struct eii_text text, enum eii_html_quotes quotes, struct eii_buf *out);

/* eii_buf_add() without a call where there is room, which is nearly always. */
static inline void eii_html_put(struct eii_buf *out, const char *data, size_t len)
{
	if (len < out->capacity - out->len && !out->over && out->len + len <= out->max) {
		memcpy(out->data + out->len, data, len);
		out->len += len;
		out->data[out->len] = '\0';
	} else {
		eii_buf_add(out, data, len);
	}
}

static inline void eii_html_put_text(struct eii_buf *out, struct eii_text text)
{
	if (text.len)
		eii_html_put(out, text.data, text.len);
}

#define EII_HTML_PUT(out, literal) eii_html_put((out), (literal), sizeof(literal) - 1)

/* Takes back what was added since out's length was mark. */
void eii_html_take_back(struct eii_buf *out, size_t mark);

/* Adds the declarations of a style attribute that are on the list; escaped. */
void eii_html_style(struct eii_text css, struct eii_buf *out);

/* The attributes of one tag, by name; of a name that came twice the first counts. */
struct eii_html_start {
	uint64_t has; /* a bit for each name */
	size_t n;
	unsigned char order[EII_HTML_N_ATTRIBUTES];
	struct eii_text raw[EII_HTML_N_ATTRIBUTES];
};

static inline bool eii_html_tag_has(const struct eii_html_start *tag,
				    enum eii_html_attribute_name name)
{
	return tag->has >> name & 1;
}

/*
 * The value of an attribute as it is read, empty where it is not there; decoded into
 * scratch where it has to be, and good until that is used again.
 */
struct eii_text eii_html_tag_value(const struct eii_html_start *tag,
				   enum eii_html_attribute_name name, struct eii_buf *scratch);

/* html_url.c */
enum eii_html_target {
	EII_HTML_TARGET_NONE, /* no address: empty, "#...", cid:, about:blank */
	EII_HTML_TARGET_LIVE, /* http, https, mailto of at most EII_HTML_URL_BYTES */
	EII_HTML_TARGET_TEXT,
};

/*
 * Adds the address that a browser makes of url, against base (empty: none), as far as
 * it has to be changed: hosts and percent signs stay as written.
 */
enum eii_html_target eii_html_resolve(struct eii_text url, struct eii_text base,
				      struct eii_buf *out);

/* The host (of mailto: the domain) of an absolute address; empty: none. */
struct eii_text eii_html_host_of(struct eii_text address);

/* script.c: bytes of "http://", "https://" or "ftp://" at text, or of "http:\/\/"; else 0. */
size_t eii_address_prefix(struct eii_text text);

/* html_image.c: adds src="data:..." for a cid: or data: image within the limits. */
bool eii_html_image_source(struct eii_text url, const struct eii_html_options *options,
			   struct eii_html_tally *tally, struct eii_buf *out);

/* Adds the bytes of a data: address to out, and gives its media type. */
struct eii_text eii_html_data_bytes(struct eii_text address, struct eii_buf *out);

/* html_host.c: does the text hold the name of a host other than this one? */
bool eii_html_names_other_host(struct eii_text words, struct eii_text host);
/* Adds the host in its xn-- form, if it has one; else false, and out as it was. */
bool eii_html_add_ascii_host(struct eii_text host, struct eii_buf *out);

/* html_find.c: what is given each address that was found. */
struct eii_html_finding {
	struct eii_addresses *addresses;
	struct eii_text base;
	struct eii_buf *scratch;
	struct eii_buf *address;    /* the one in hand */
	enum eii_address_kind kind; /* of all of them; LIVE: of each its own */
	unsigned int depth;         /* HTML inside HTML */
};

void eii_html_find_in_tag(const struct eii_html_finding *finding,
			  const struct eii_html_element *element, const struct eii_html_start *tag);
/* Text of an element that is not shown. */
void eii_html_find_in_text(const struct eii_html_finding *finding, enum eii_html_tag of,
			   struct eii_text text);
void eii_html_find_in_css(const struct eii_html_finding *finding, struct eii_text css);
/* Is there anything in it that could be an address? */
bool eii_html_css_may_load(struct eii_text css);
void eii_html_find_in_comment(const struct eii_html_finding *finding, struct eii_text raw);
void eii_html_found(const struct eii_html_finding *finding, enum eii_address_kind kind,
		    struct eii_text url);
/* Reads the tag's attributes; of those that take no address it finds what stands in them. */
void eii_html_read_tag(const struct eii_html_finding *finding, struct eii_html_tokenizer *t,
		       struct eii_html_start *tag);
/* Finds all of html, one depth further in. */
void eii_html_find_in_html(const struct eii_html_finding *finding, enum eii_address_kind kind,
			   struct eii_text html);
/* The first <base href>, made absolute, or nothing, in out. */
void eii_html_find_base(struct eii_text html, struct eii_buf *out);

#endif
