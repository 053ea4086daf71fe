/* SPDX-License-Identifier: Apache-2.0 */
/* The words of HTML as lines, where it matters which of them are quoted. */
#include "html_private.h"
#include "message_private.h"

struct lines {
	struct eii_buf *out;
	unsigned int hidden; /* open elements whose text is not shown */
	unsigned int quoted; /* open <blockquote> */
	unsigned int pre;    /* open elements whose line ends count */
	bool is_in_line;     /* a word stands on the line */
	bool has_blank;      /* before the next word */
	bool is_over;
};

static bool is_block(const struct eii_html_element *element)
{
	static const unsigned char blocks[EII_HTML_N_TAGS] = {
		[EII_HTML_TAG_ADDRESS] = 1,    [EII_HTML_TAG_ARTICLE] = 1,
		[EII_HTML_TAG_ASIDE] = 1,      [EII_HTML_TAG_BLOCKQUOTE] = 1,
		[EII_HTML_TAG_BODY] = 1,       [EII_HTML_TAG_BR] = 1,
		[EII_HTML_TAG_CAPTION] = 1,    [EII_HTML_TAG_CENTER] = 1,
		[EII_HTML_TAG_DD] = 1,         [EII_HTML_TAG_DETAILS] = 1,
		[EII_HTML_TAG_DIALOG] = 1,     [EII_HTML_TAG_DIR] = 1,
		[EII_HTML_TAG_DIV] = 1,        [EII_HTML_TAG_DL] = 1,
		[EII_HTML_TAG_DT] = 1,         [EII_HTML_TAG_FIELDSET] = 1,
		[EII_HTML_TAG_FIGCAPTION] = 1, [EII_HTML_TAG_FIGURE] = 1,
		[EII_HTML_TAG_FOOTER] = 1,     [EII_HTML_TAG_FORM] = 1,
		[EII_HTML_TAG_H1] = 1,         [EII_HTML_TAG_H2] = 1,
		[EII_HTML_TAG_H3] = 1,         [EII_HTML_TAG_H4] = 1,
		[EII_HTML_TAG_H5] = 1,         [EII_HTML_TAG_H6] = 1,
		[EII_HTML_TAG_HEADER] = 1,     [EII_HTML_TAG_HGROUP] = 1,
		[EII_HTML_TAG_HR] = 1,         [EII_HTML_TAG_LEGEND] = 1,
		[EII_HTML_TAG_LI] = 1,         [EII_HTML_TAG_LISTING] = 1,
		[EII_HTML_TAG_MAIN] = 1,       [EII_HTML_TAG_MENU] = 1,
		[EII_HTML_TAG_NAV] = 1,        [EII_HTML_TAG_OL] = 1,
		[EII_HTML_TAG_OPTION] = 1,     [EII_HTML_TAG_P] = 1,
		[EII_HTML_TAG_PLAINTEXT] = 1,  [EII_HTML_TAG_PRE] = 1,
		[EII_HTML_TAG_SEARCH] = 1,     [EII_HTML_TAG_SECTION] = 1,
		[EII_HTML_TAG_SUMMARY] = 1,    [EII_HTML_TAG_TABLE] = 1,
		[EII_HTML_TAG_TR] = 1,         [EII_HTML_TAG_UL] = 1,
		[EII_HTML_TAG_XMP] = 1,
	};

	return element->ns == EII_HTML_NS_HTML && blocks[element->tag];
}

static bool is_cell(const struct eii_html_element *element)
{
	return element->tag == EII_HTML_TAG_TD || element->tag == EII_HTML_TAG_TH;
}

static bool is_quote(const struct eii_html_element *element)
{
	return element->tag == EII_HTML_TAG_BLOCKQUOTE && element->has_end;
}

static bool is_pre(const struct eii_html_element *element)
{
	return element->has_end &&
	       (element->tag == EII_HTML_TAG_PRE || element->tag == EII_HTML_TAG_LISTING ||
		element->tag == EII_HTML_TAG_XMP || element->tag == EII_HTML_TAG_PLAINTEXT);
}

static void add(struct lines *lines, struct eii_text text)
{
	lines->is_over = !eii_content_add_cut(lines->out, text) || lines->is_over;
}

static void break_line(struct lines *lines)
{
	if (lines->is_in_line)
		add(lines, eii_text_of("\n"));
	lines->is_in_line = lines->has_blank = false;
}

static void on_start(void *context, struct eii_html_element *element, struct eii_html_tokenizer *t)
{
	struct lines *lines = context;

	(void)t;
	if (is_block(element))
		break_line(lines);
	lines->has_blank |= is_cell(element);
	lines->hidden += eii_html_is_hidden(element);
	lines->quoted += is_quote(element);
	lines->pre += is_pre(element);
}

static void on_end(void *context, struct eii_html_element *element)
{
	struct lines *lines = context;

	if (is_block(element))
		break_line(lines);
	lines->hidden -= eii_html_is_hidden(element);
	lines->quoted -= is_quote(element);
	lines->pre -= is_pre(element);
}

static void add_word(struct lines *lines, struct eii_text word)
{
	if (!lines->is_in_line && lines->quoted)
		add(lines, eii_text_of("> "));
	else if (lines->is_in_line && lines->has_blank)
		add(lines, eii_text_of(" "));
	add(lines, word);
	lines->is_in_line = true;
	lines->has_blank = false;
}

/* Bytes of the blank that text begins with, or 0. */
static size_t blank_len(struct eii_text text)
{
	if (text.len > 1 && memcmp(text.data, "\xc2\xa0", 2) == 0)
		return 2;
	return text.len && (unsigned char)text.data[0] <= ' ' ? 1 : 0;
}

static size_t word_len(struct eii_text text)
{
	size_t n = 0;

	while (n < text.len && !blank_len(eii_text(text.data + n, text.len - n)))
		n++;
	return n;
}

static void on_text(void *context, struct eii_text text)
{
	struct lines *lines = context;

	while (text.len && !lines->hidden && !lines->is_over) {
		size_t n = blank_len(text);

		if (!n) {
			n = word_len(text);
			add_word(lines, eii_text(text.data, n));
		} else if (lines->pre && text.data[0] == '\n') {
			break_line(lines);
		} else {
			lines->has_blank = true;
		}
		text = eii_text(text.data + n, text.len - n);
	}
}

void eii_html_lines(struct eii_text html, struct eii_buf *out)
{
	struct lines lines = { .out = out };
	const struct eii_html_events events = {
		.start = on_start, .end = on_end, .text = on_text, .is_over = &lines.is_over
	};

	(void)eii_html_read(html, &events, &lines);
	break_line(&lines);
}
