/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/html.h"

#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

#include "eii/base/text.h"
#include "eii/base/utf8.h"
#include "html_private.h"

#define MAX_BYTES         ((size_t)1 << 29) /* libxml2 counts in int */
#define CLEAN_FACTOR      4                 /* "<" becomes "&lt;" in eii_html_clean() */
#define REMOTE_HINT_BYTES 2048              /* of a left out image's address */

/* An element that libxml2 has open. */
struct open {
	const char *name; /* libxml2's; lives as long as its parser */
	const char *as;   /* the end tag that is owed, or NULL */
};

enum dropping { DROPPING_NOTHING, DROPPING_ELEMENT, DROPPING_FOREIGN };

struct writer {
	struct eii_buf *out;
	const struct eii_html_options *options;
	struct eii_html_tally *tally;
	htmlParserCtxtPtr parser;
	struct open open[EII_HTML_DEPTH];
	size_t n_open;
	size_t owed_bytes; /* of the end tags */
	enum dropping dropping;
	size_t dropped_at; /* index in open of the dropped element */
	bool stopped;      /* the parser was told to end; what it still says is not heard */
	bool full;         /* out's ceiling was met */
	size_t consumed;   /* bytes of the input, where it was told so at a depth */
	size_t begin;      /* where the output begins in out */
};

static void stop(struct writer *w)
{
	w->stopped = true;
	xmlStopParser(w->parser);
}

/* Is there room left for the end tags that are owed? */
static bool has_room(const struct writer *w)
{
	return eii_buf_ok(w->out) && w->out->len + w->owed_bytes <= w->out->max;
}

/* Takes back what was added since mark, and ends. */
static void cut_back(struct writer *w, size_t mark)
{
	struct eii_buf *out = w->out;

	out->over = false;
	eii_html_take_back(out, mark);
	w->full = true;
	stop(w);
}

static struct eii_text find_attribute(const xmlChar **attributes, const char *name)
{
	for (const xmlChar **a = attributes; a && a[0]; a += 2) {
		if (strcmp((const char *)a[0], name) == 0)
			return eii_text_of((const char *)a[1]);
	}
	return eii_text(NULL, 0);
}

static void add_attribute(const char *name, enum eii_html_value kind, struct eii_text value,
			  struct eii_buf *out)
{
	const size_t mark = out->len;
	size_t start;

	eii_buf_add_char(out, ' ');
	eii_buf_add_str(out, name);
	if (kind == EII_HTML_VALUE_FLAG)
		return;
	eii_buf_add_str(out, "=\"");
	start = out->len;
	if (kind == EII_HTML_VALUE_STYLE)
		eii_html_style(value, out);
	else if (kind == EII_HTML_VALUE_TEXT || eii_html_value_fits(kind, eii_text_trim(value)))
		eii_html_escape(eii_text_trim(value), EII_HTML_QUOTES_DOUBLE, out);
	if (out->len > start)
		eii_buf_add_char(out, '"');
	else
		eii_html_take_back(out, mark);
}

static void add_attributes(struct writer *w, const xmlChar **attributes)
{
	for (const xmlChar **a = attributes; a && a[0]; a += 2) {
		const char *name = (const char *)a[0];
		enum eii_html_value kind = eii_html_attribute_find(name);

		if (kind != EII_HTML_VALUE_NONE)
			add_attribute(name, kind, eii_text_of((const char *)a[1]), w->out);
	}
}

static void add_tag_start(struct writer *w, const char *as)
{
	eii_buf_add_char(w->out, '<');
	eii_buf_add_str(w->out, as);
}

static void add_link(struct writer *w, const xmlChar **attributes)
{
	static const char href[] = " href=\"";
	const size_t mark = w->out->len;

	eii_buf_add_str(w->out, href);
	if (eii_html_link(find_attribute(attributes, "href"), w->out))
		eii_buf_add_str(w->out,
				"\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"");
	else
		eii_html_take_back(w->out, mark);
}

/* What stands for an image that is not shown: its words, its address as a hint. */
static void add_image_words(struct writer *w, const xmlChar **attributes)
{
	struct eii_text alt = eii_text_trim(find_attribute(attributes, "alt"));
	struct eii_text source = eii_text_trim(find_attribute(attributes, "src"));

	w->tally->n_images_left_out++;
	if (alt.len == 0)
		alt = eii_text_of("[image]");
	if (eii_text_starts_nocase(source, "data:"))
		source.len = 0;
	source.len = eii_utf8_cut(source, REMOTE_HINT_BYTES);
	eii_buf_add_str(w->out, "<span");
	add_attribute("title", EII_HTML_VALUE_TEXT, source, w->out);
	eii_buf_add_char(w->out, '>');
	eii_html_escape(alt, EII_HTML_QUOTES_DOUBLE, w->out);
	eii_buf_add_str(w->out, "</span>");
}

static void add_image(struct writer *w, const xmlChar **attributes)
{
	const size_t mark = w->out->len;
	struct eii_text alt = eii_text_trim(find_attribute(attributes, "alt"));

	add_tag_start(w, "img");
	if (!eii_html_image_source(find_attribute(attributes, "src"), w->options, w->tally,
				   w->out)) {
		eii_html_take_back(w->out, mark);
		add_image_words(w, attributes);
		return;
	}
	add_attribute("alt", EII_HTML_VALUE_TEXT, alt, w->out);
	add_attributes(w, attributes);
	eii_buf_add_char(w->out, '>');
}

/* A form's field is gone; what it said to the reader stays. */
static void add_input_words(struct writer *w, const xmlChar **attributes)
{
	static const char *const names[] = { "value", "placeholder", "alt" };

	if (eii_text_equal_nocase(find_attribute(attributes, "type"), eii_text_of("hidden")))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct eii_text words = eii_text_trim(find_attribute(attributes, names[i]));

		if (words.len == 0)
			continue;
		eii_buf_add_char(w->out, '[');
		eii_html_escape(words, EII_HTML_QUOTES_DOUBLE, w->out);
		eii_buf_add_char(w->out, ']');
		return;
	}
}

static void add_element(struct writer *w, const struct eii_html_rule *rule,
			const xmlChar **attributes)
{
	switch (rule->kind) {
	case EII_HTML_KEEP:
	case EII_HTML_VOID:
	case EII_HTML_LINK:
		add_tag_start(w, rule->as);
		if (rule->kind == EII_HTML_LINK)
			add_link(w, attributes);
		add_attributes(w, attributes);
		eii_buf_add_char(w->out, '>');
		break;
	case EII_HTML_IMAGE:
		add_image(w, attributes);
		break;
	case EII_HTML_INPUT:
		add_input_words(w, attributes);
		break;
	case EII_HTML_DROP:
	case EII_HTML_FOREIGN:
	case EII_HTML_UNWRAP:
		break;
	}
}

static bool has_end_tag(const struct eii_html_rule *rule)
{
	return rule->kind == EII_HTML_KEEP || rule->kind == EII_HTML_LINK;
}

static size_t end_tag_bytes(const char *as)
{
	return as ? strlen(as) + sizeof("</>") - 1 : 0;
}

static void push(struct writer *w, const char *name, const char *as)
{
	w->open[w->n_open++] = (struct open){ .name = name, .as = as };
	w->owed_bytes += end_tag_bytes(as);
}

static void pop(struct writer *w)
{
	const char *as = w->open[--w->n_open].as;

	w->owed_bytes -= end_tag_bytes(as);
	if (as) {
		eii_buf_add_str(w->out, "</");
		eii_buf_add_str(w->out, as);
		eii_buf_add_char(w->out, '>');
	}
	if (w->dropping && w->n_open == w->dropped_at)
		w->dropping = DROPPING_NOTHING;
}

/*
 * Tags that end an unclosed <svg> or <math> in browsers end it here too: text after
 * it could otherwise be hidden from the analyst alone.
 */
static void end_foreign(struct writer *w, const struct eii_html_rule *rule)
{
	const bool shared = strcmp(rule->name, "a") == 0 || strcmp(rule->name, "font") == 0;

	if (w->dropping != DROPPING_FOREIGN || shared)
		return;
	if (has_end_tag(rule) || rule->kind == EII_HTML_VOID || rule->kind == EII_HTML_IMAGE)
		w->dropping = DROPPING_NOTHING;
}

static void start_dropping(struct writer *w, const struct eii_html_rule *rule)
{
	if (w->dropping)
		return;
	w->dropped_at = w->n_open;
	if (rule->kind == EII_HTML_DROP)
		w->dropping = DROPPING_ELEMENT;
	else if (rule->kind == EII_HTML_FOREIGN)
		w->dropping = DROPPING_FOREIGN;
}

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
	struct writer *w = context;
	const struct eii_html_rule *rule = eii_html_rule_find((const char *)name);
	const size_t mark = w->out->len;
	const char *as = NULL;

	if (w->stopped)
		return;
	end_foreign(w, rule);
	start_dropping(w, rule);
	if (!w->dropping) {
		if (has_end_tag(rule))
			as = rule->as;
		add_element(w, rule, attributes);
	}
	push(w, (const char *)name, as);
	if (!has_room(w)) {
		/* This element was not written, so no end tag is owed for it. */
		w->n_open--;
		w->owed_bytes -= end_tag_bytes(as);
		cut_back(w, mark);
	} else if (w->n_open == EII_HTML_DEPTH) {
		long consumed = xmlByteConsumed(w->parser);

		w->consumed = consumed > 0 ? (size_t)consumed : 0;
		stop(w);
	}
}

static void on_end(void *context, const xmlChar *name)
{
	struct writer *w = context;
	size_t n = w->n_open;

	if (w->stopped)
		return;
	while (n > 0 && strcmp(w->open[n - 1].name, (const char *)name) != 0)
		n--;
	while (n > 0 && w->n_open >= n)
		pop(w);
}

static void on_text(void *context, const xmlChar *text, int len)
{
	struct writer *w = context;
	const size_t mark = w->out->len;
	struct eii_text piece;

	if (w->stopped || w->dropping || len <= 0)
		return;
	piece = eii_text((const char *)text, (size_t)len);
	/* Blank lines of a <head> that is gone. */
	if (mark == w->begin && eii_text_trim(piece).len == 0)
		return;
	eii_html_escape(piece, EII_HTML_QUOTES_DOUBLE, w->out);
	if (!has_room(w))
		cut_back(w, mark);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *context, const xmlError *error)
#else
static void on_error(void *context, xmlErrorPtr error)
#endif
{
	(void)context;
	(void)error;
}

static const xmlSAXHandler handler = {
	.startElement = on_start,
	.endElement = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.cdataBlock = on_text,
	.serror = on_error,
	.initialized = XML_SAX2_MAGIC,
};

/* libxml2 asks for the text bit by bit: its static buffers (2.9.14) repeat some of it. */
static int read_text(void *context, char *out, int size)
{
	struct eii_text *rest = context;
	size_t n = rest->len < (size_t)size ? rest->len : (size_t)size;

	memcpy(out, rest->data, n);
	*rest = eii_text(rest->data + n, rest->len - n);
	return (int)n;
}

/* A parser that takes its input from *rest. */
static htmlParserCtxtPtr new_parser(struct eii_text *rest)
{
	htmlParserCtxtPtr parser = htmlNewParserCtxt();
	xmlParserInputBufferPtr buffer;
	xmlParserInputPtr input;

	if (!parser)
		return NULL;
	buffer = xmlParserInputBufferCreateIO(read_text, NULL, rest, XML_CHAR_ENCODING_NONE);
	input = buffer ? xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE) : NULL;
	if (!input) {
		xmlFreeParserInputBuffer(buffer);
		htmlFreeParserCtxt(parser);
		return NULL;
	}
	(void)inputPush(parser, input);
	(void)xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
	/* The text is UTF-8 by now, whatever its <meta> says. */
	(void)htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
						 HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
						 HTML_PARSE_IGNORE_ENC);
	*parser->sax = handler;
	return parser;
}

static void close_all(struct writer *w)
{
	while (w->n_open)
		pop(w);
}

/* Behind the end of a tag whose attributes were read. */
static size_t skip_tag_end(struct eii_text html, size_t at)
{
	while (at < html.len && (html.data[at] == ' ' || html.data[at] == '/'))
		at++;
	return at < html.len && html.data[at] == '>' ? at + 1 : at;
}

/*
 * Reads html up to its end or to an element at the depth limit; gives the bytes read.
 * libxml2 looks through all its open elements at an end tag, so that the limit is
 * also what keeps its time linear.
 */
static size_t read_piece(struct writer *w, struct eii_text html)
{
	struct eii_text rest = html;
	htmlParserCtxtPtr parser = new_parser(&rest);

	if (!parser) {
		w->full = true;
		return html.len;
	}
	parser->userData = w;
	w->parser = parser;
	w->stopped = false;
	w->dropping = DROPPING_NOTHING;
	w->consumed = 0;
	(void)htmlParseDocument(parser);
	close_all(w);
	w->parser = NULL;
	htmlFreeParserCtxt(parser);
	if (w->consumed == 0 || w->consumed >= html.len)
		return html.len;
	return skip_tag_end(html, w->consumed);
}

static size_t trimmed_len(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n' || text[len - 1] == '\t'))
		len--;
	return len;
}

static void read_html(struct writer *w, struct eii_text html)
{
	while (html.len && !w->full) {
		size_t n = read_piece(w, html);

		html = eii_text(html.data + n, html.len - n);
	}
	if (w->full)
		w->tally->cut = true;
	eii_html_take_back(w->out,
			   w->begin + trimmed_len(w->out->data + w->begin, w->out->len - w->begin));
}

enum eii_rc eii_html_sanitize(struct eii_text html, const struct eii_html_options *options,
			      struct eii_buf *out, struct eii_error *err)
{
	struct eii_html_tally own = { 0 };
	struct writer w = {
		.out = out, .options = options, .begin = out->len, .full = !eii_buf_ok(out)
	};
	struct eii_buf clean;

	if (html.len > MAX_BYTES)
		return eii_fail(err, EII_REJECT, "HTML of %zu bytes is over 512 MiB", html.len);
	if (!eii_utf8_is_valid(html))
		return eii_fail(err, EII_REJECT, "HTML is not valid UTF-8");
	w.tally = options->tally ? options->tally : &own;
	eii_buf_init(&clean, html.len * CLEAN_FACTOR);
	eii_html_clean(html, &clean);
	read_html(&w, eii_buf_text(&clean));
	eii_buf_clear(&clean);
	return EII_OK;
}

void eii_html_prepare(void)
{
	static const char html[] = "<meta charset=utf-8><p title='&eacute;'>\xc3\xa9&#8364;</q><b>"
				   "<![x]><!-- --><script>1</script>";
	const struct eii_html_options options = { 0 };
	struct eii_buf out;

	xmlInitParser();
	eii_buf_init(&out, 4096);
	(void)!eii_html_sanitize(eii_text_of(html), &options, &out, NULL);
	eii_buf_clear(&out);
}
