/* SPDX-License-Identifier: Apache-2.0 */
#include "html_writer.h"

#include <string.h>

#include "eii/base/text.h"
#include "eii/base/utf8.h"

#define REMOTE_HINT_BYTES 2048 /* of a left out image's address */
#define WORDS_LOOKED      4096 /* bytes of a link's words that are looked at */
#define STYLE_KNOWN_MIN   8    /* a shorter one is read as fast as found */

static struct eii_text value_of(struct eii_html_writer *w, enum eii_html_attribute_name name)
{
	return eii_html_tag_value(&w->tag, name, &w->scratch);
}

static struct eii_html_known_style *find_style(struct eii_html_writer *w, struct eii_text raw)
{
	uint64_t hash = raw.len;
	uint64_t word;

	for (size_t i = 0; i + sizeof(word) <= raw.len; i += sizeof(word)) {
		memcpy(&word, raw.data + i, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	}
	memcpy(&word, raw.data + raw.len - sizeof(word), sizeof(word));
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return &w->styles[hash >> 32 & (EII_HTML_STYLES - 1)];
}

/* Newsletters say the same few styles again and again: what came of one is copied. */
static void add_style(struct eii_html_writer *w, struct eii_text raw)
{
	struct eii_html_known_style *known = NULL;
	struct eii_text css;
	const size_t at = w->out->len;

	if (raw.len >= STYLE_KNOWN_MIN) {
		known = find_style(w, raw);
		if (known->len == raw.len && memcmp(known->raw, raw.data, raw.len) == 0) {
			w->has_plain_style = known->is_plain;
			if (eii_buf_reserve(w->out, known->length))
				eii_html_put(w->out, w->out->data + known->at, known->length);
			return;
		}
	}
	css = value_of(w, EII_HTML_ATTRIBUTE_STYLE);
	w->has_plain_style = !eii_html_css_may_load(css);
	eii_html_style(css, w->out);
	if (known && eii_buf_ok(w->out))
		*known = (struct eii_html_known_style){ raw.data, raw.len, at, w->out->len - at,
							w->has_plain_style };
}

static void add_attribute(struct eii_html_writer *w, enum eii_html_attribute_name name,
			  enum eii_html_value kind)
{
	const char *attribute = eii_html_attribute_name(name);
	struct eii_buf *out = w->out;
	const size_t mark = out->len;
	struct eii_text value;
	size_t start;

	EII_HTML_PUT(out, " ");
	eii_html_put(out, attribute, strlen(attribute));
	if (kind == EII_HTML_VALUE_FLAG)
		return;
	EII_HTML_PUT(out, "=\"");
	start = out->len;
	if (kind == EII_HTML_VALUE_STYLE) {
		add_style(w, w->tag.raw[name]);
	} else {
		value = eii_text_trim(value_of(w, name));
		if (kind == EII_HTML_VALUE_TEXT || eii_html_value_fits(kind, value))
			eii_html_escape(value, EII_HTML_QUOTES_DOUBLE, out);
	}
	if (out->len > start)
		EII_HTML_PUT(out, "\"");
	else
		eii_html_take_back(out, mark);
}

void eii_html_write_attributes(struct eii_html_writer *w)
{
	for (size_t i = 0; i < w->tag.n; i++) {
		const enum eii_html_attribute_name name =
			(enum eii_html_attribute_name)w->tag.order[i];
		const enum eii_html_value kind = (enum eii_html_value)eii_html_values[name];

		if (kind != EII_HTML_VALUE_NONE)
			add_attribute(w, name, kind);
	}
}

static void add_text_attribute(struct eii_html_writer *w, const char *name, struct eii_text value)
{
	if (value.len == 0)
		return;
	EII_HTML_PUT(w->out, " ");
	eii_buf_add_str(w->out, name);
	EII_HTML_PUT(w->out, "=\"");
	eii_html_escape(value, EII_HTML_QUOTES_DOUBLE, w->out);
	EII_HTML_PUT(w->out, "\"");
}

/* What stands for an image that is not shown: its words, its address as a hint. */
static void write_image_words(struct eii_html_writer *w)
{
	struct eii_text source = eii_text_trim(value_of(w, EII_HTML_ATTRIBUTE_SRC));
	struct eii_text alt;

	w->tally->n_images_left_out++;
	if (eii_text_starts_nocase(source, "data:"))
		source.len = 0;
	source.len = eii_utf8_cut(source, REMOTE_HINT_BYTES);
	EII_HTML_PUT(w->out, "<span");
	add_text_attribute(w, "title", source);
	EII_HTML_PUT(w->out, ">");
	alt = eii_text_trim(value_of(w, EII_HTML_ATTRIBUTE_ALT));
	if (alt.len == 0)
		alt = eii_text_of("[image]");
	eii_html_escape(alt, EII_HTML_QUOTES_DOUBLE, w->out);
	EII_HTML_PUT(w->out, "</span>");
}

void eii_html_write_image(struct eii_html_writer *w)
{
	const size_t mark = w->out->len;

	EII_HTML_PUT(w->out, "<img");
	if (!eii_html_image_source(value_of(w, EII_HTML_ATTRIBUTE_SRC), w->options, w->tally,
				   w->out)) {
		eii_html_take_back(w->out, mark);
		write_image_words(w);
		return;
	}
	w->has_inline_image = true;
	add_text_attribute(w, "alt", eii_text_trim(value_of(w, EII_HTML_ATTRIBUTE_ALT)));
	eii_html_write_attributes(w);
	EII_HTML_PUT(w->out, ">");
}

void eii_html_write_input(struct eii_html_writer *w)
{
	static const unsigned char names[] = { EII_HTML_ATTRIBUTE_VALUE,
					       EII_HTML_ATTRIBUTE_PLACEHOLDER,
					       EII_HTML_ATTRIBUTE_ALT };

	if (eii_text_equal_nocase(value_of(w, EII_HTML_ATTRIBUTE_TYPE), eii_text_of("hidden")))
		return;
	for (size_t i = 0; i < sizeof(names); i++) {
		const struct eii_text words =
			eii_text_trim(value_of(w, (enum eii_html_attribute_name)names[i]));

		if (words.len == 0)
			continue;
		EII_HTML_PUT(w->out, "[");
		eii_html_escape(words, EII_HTML_QUOTES_DOUBLE, w->out);
		EII_HTML_PUT(w->out, "]");
		return;
	}
}

/* " [address]", the beginning of a long one; an IDN host's xn-- form behind it. */
static void add_note(struct eii_html_writer *w, struct eii_text address)
{
	struct eii_buf host;

	eii_buf_init(&host, 4096);
	EII_HTML_PUT(w->out, " [");
	eii_html_escape(eii_text(address.data, eii_utf8_cut(address, EII_ADDRESS_BYTES)),
			EII_HTML_QUOTES_DOUBLE, w->out);
	if (address.len > EII_ADDRESS_BYTES)
		EII_HTML_PUT(w->out, "\xe2\x80\xa6");
	if (eii_html_add_ascii_host(eii_html_host_of(address), &host)) {
		EII_HTML_PUT(w->out, ", ");
		eii_html_escape(eii_buf_text(&host), EII_HTML_QUOTES_DOUBLE, w->out);
	}
	EII_HTML_PUT(w->out, "]");
	eii_buf_clear(&host);
}

void eii_html_write_address(struct eii_html_writer *w, struct eii_text raw)
{
	eii_buf_reset(&w->scratch);
	eii_buf_reset(&w->address);
	eii_html_decode(raw, EII_HTML_RAW_VALUE, &w->scratch);
	(void)eii_html_resolve(eii_buf_text(&w->scratch), w->finding.base, &w->address);
	add_note(w, eii_buf_text(&w->address));
}

/* The words between tags that were written; what is long is not looked at to its end. */
static struct eii_text words_of(struct eii_html_writer *w, struct eii_text html)
{
	if (html.len > WORDS_LOOKED)
		html.len = WORDS_LOOKED;
	eii_buf_reset(&w->scratch);
	for (size_t i = 0; i < html.len; i++) {
		const size_t start = i;

		while (i < html.len && html.data[i] != '<')
			i++;
		eii_buf_add(&w->scratch, html.data + start, i - start);
		while (i < html.len && html.data[i] != '>')
			i++;
	}
	return eii_buf_text(&w->scratch);
}

static bool is_ascii(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* The address in a start tag that write_link() wrote. */
static struct eii_text written_address(struct eii_text tag)
{
	static const char begin[] = "<a href=\"";
	const char *data = tag.data + sizeof(begin) - 1;
	const size_t len = tag.len - (sizeof(begin) - 1);
	const char *end = memchr(data, '"', len);

	return eii_text(data, end ? (size_t)(end - data) : len);
}

/* Is there a "://" in it? */
static bool has_scheme(struct eii_text text)
{
	const char *const end = text.data + text.len;

	for (const char *p = text.data; end - p > 2; p++) {
		p = memchr(p, ':', (size_t)(end - p) - 2);
		if (!p)
			return false;
		if (p[1] == '/' && p[2] == '/')
			return true;
	}
	return false;
}

/* Is there a dot in it, of ASCII or fullwidth (U+3002, U+FF0E, U+FF61), or an address? */
static bool may_name_host(struct eii_text html)
{
	return memchr(html.data, '.', html.len) || memchr(html.data, 0xe3, html.len) ||
	       memchr(html.data, 0xef, html.len) || has_scheme(html);
}

void eii_html_write_target(struct eii_html_writer *w, size_t tag_at, size_t tag_length)
{
	const size_t words_at = tag_at + tag_length;
	const struct eii_text html = eii_text(
		w->out->data + words_at, w->words_end > words_at ? w->words_end - words_at : 0);
	const struct eii_text address =
		written_address(eii_text(w->out->data + tag_at, tag_length));
	const struct eii_text host = eii_html_host_of(address);
	bool is_told;

	if (!may_name_host(html) && is_ascii(host))
		return;
	is_told = !is_ascii(host) || eii_html_names_other_host(words_of(w, html), host);
	if (!is_told)
		return;
	/* What was written is text that is escaped already: it is read back. */
	eii_buf_reset(&w->address);
	eii_html_decode(address, EII_HTML_RAW_VALUE, &w->address);
	add_note(w, eii_buf_text(&w->address));
}
