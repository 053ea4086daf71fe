/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/rtf.h"

#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "eii/mail/charset.h"

#include "rtf_words.h"

#define WORD_MAX   32        /* letters of a control word (RTF 1.9.1, "Control Word") */
#define NUMBER_MAX 100000000 /* of a parameter; of a larger one the end does not count */

/* What a group can change and its end takes back. */
struct group {
	enum eii_rtf_destination destination;
	bool is_htmlrtf; /* RTF for programs that do not take the HTML out */
	unsigned int code_page;
	size_t n_fallback; /* characters behind each \u that stand for it */
};

struct reader {
	const char *p;
	const char *end;
	struct group groups[EII_RTF_GROUPS_MAX];
	size_t depth;                          /* of the group that is open, an index */
	size_t n_deeper;                       /* groups past the limit */
	unsigned int fonts[EII_RTF_FONTS_MAX]; /* code pages; 0 = that of the document */
	unsigned int font;                     /* whose entry is read */
	unsigned int code_page;                /* of the document */
	bool is_starred;                       /* "\*" was just read */
	size_t n_skip;                         /* characters that stand for the last \u */
	uint32_t surrogate;                    /* the first of a pair, or 0 */
	enum eii_rtf kind;
	struct eii_buf run; /* bytes in one code page */
	struct eii_buf text;
	struct eii_buf *out;
};

void eii_code_page_label(unsigned int code_page, char out[EII_CODE_PAGE_LABEL_MAX])
{
	static const struct {
		unsigned int code_page;
		const char *label;
	} others[] = {
		{ 10000, "macintosh" }, { 20127, "us-ascii" }, { 20866, "koi8-r" },
		{ 20932, "euc-jp" },    { 21866, "koi8-u" },   { 51932, "euc-jp" },
		{ 51936, "gb18030" },   { 51949, "euc-kr" },   { 54936, "gb18030" },
		{ 65000, "utf-7" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].code_page == code_page) {
			(void)snprintf(out, EII_CODE_PAGE_LABEL_MAX, "%s", others[i].label);
			return;
		}
	}
	if (code_page > 28590 && code_page < 28607)
		(void)snprintf(out, EII_CODE_PAGE_LABEL_MAX, "iso-8859-%u", code_page - 28590);
	else
		(void)snprintf(out, EII_CODE_PAGE_LABEL_MAX, "cp%u", code_page);
}

static struct group *top(struct reader *r)
{
	return &r->groups[r->depth];
}

/* ---- what comes out -------------------------------------------------------- */

static bool is_shown(struct reader *r)
{
	const struct group *group = top(r);

	if (r->kind == EII_RTF_HTML && group->is_htmlrtf)
		return false;
	return group->destination == EII_RTF_SHOWN || group->destination == EII_RTF_TAG;
}

/* Text beside the tags is written as HTML. */
static void add_text(struct reader *r, struct eii_text text)
{
	bool is_text = r->kind == EII_RTF_HTML && top(r)->destination != EII_RTF_TAG;

	if (!is_text) {
		eii_buf_add_text(r->out, text);
		return;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '<')
			eii_buf_add_str(r->out, "&lt;");
		else if (text.data[i] == '>')
			eii_buf_add_str(r->out, "&gt;");
		else if (text.data[i] == '&')
			eii_buf_add_str(r->out, "&amp;");
		else
			eii_buf_add_char(r->out, text.data[i]);
	}
}

static bool is_ascii(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* Writes the bytes that wait, which are all in the code page of the open group. */
static void flush(struct reader *r)
{
	char label[EII_CODE_PAGE_LABEL_MAX];

	if (!r->run.len)
		return;
	if (is_ascii(eii_buf_text(&r->run))) {
		add_text(r, eii_buf_text(&r->run));
	} else {
		eii_code_page_label(top(r)->code_page, label);
		eii_charset_decode(eii_buf_text(&r->run), eii_text_of(label), &r->text);
		add_text(r, eii_buf_text(&r->text));
		eii_buf_reset(&r->text);
	}
	eii_buf_reset(&r->run);
}

static void put_byte(struct reader *r, char c)
{
	if (r->n_skip) {
		r->n_skip--;
		return;
	}
	if (c && is_shown(r))
		eii_buf_add_char(&r->run, c);
}

static void put_character(struct reader *r, uint32_t c)
{
	struct eii_buf utf8;

	if (!c || !is_shown(r))
		return;
	flush(r);
	eii_buf_init(&utf8, 8);
	eii_utf8_add(&utf8, c);
	add_text(r, eii_buf_text(&utf8));
	eii_buf_clear(&utf8);
}

/* A line end of the text; where the text is HTML's, one that shows. */
static void put_line(struct reader *r, const char *html)
{
	if (!is_shown(r))
		return;
	flush(r);
	eii_buf_add_str(r->out, r->kind == EII_RTF_HTML && top(r)->destination != EII_RTF_TAG
					? html
					: "\r\n");
}

/* "\uN", N of 16 bits with a sign; two of them are one character beyond U+FFFF. */
static void put_utf16(struct reader *r, int number)
{
	uint32_t unit = (uint32_t)number & 0xffff;

	r->n_skip = top(r)->n_fallback;
	if (unit >= 0xd800 && unit < 0xdc00) {
		r->surrogate = unit;
		return;
	}
	if (r->surrogate && unit >= 0xdc00 && unit < 0xe000)
		unit = 0x10000 + ((r->surrogate - 0xd800) << 10) + (unit - 0xdc00);
	r->surrogate = 0;
	put_character(r, unit);
}

/* ---- groups and fonts ------------------------------------------------------ */

static void open_group(struct reader *r)
{
	flush(r);
	r->n_skip = 0;
	if (r->depth + 1 == EII_RTF_GROUPS_MAX) {
		r->n_deeper++;
		return;
	}
	r->groups[r->depth + 1] = r->groups[r->depth];
	r->depth++;
}

static void close_group(struct reader *r)
{
	flush(r);
	r->n_skip = 0;
	if (r->n_deeper)
		r->n_deeper--;
	else if (r->depth)
		r->depth--;
}

static void set_code_page(struct reader *r, unsigned int code_page)
{
	flush(r);
	top(r)->code_page = code_page ? code_page : r->code_page;
}

static void set_font_code_page(struct reader *r, unsigned int code_page)
{
	if (top(r)->destination == EII_RTF_FONTS && r->font < EII_RTF_FONTS_MAX)
		r->fonts[r->font] = code_page;
}

static void choose_font(struct reader *r, unsigned int font)
{
	if (top(r)->destination == EII_RTF_FONTS)
		r->font = font;
	else
		set_code_page(r, font < EII_RTF_FONTS_MAX ? r->fonts[font] : 0);
}

static void set_document_code_page(struct reader *r, unsigned int code_page)
{
	r->code_page = code_page;
	set_code_page(r, code_page);
}

/* The rest of the group goes elsewhere; from what is hidden nothing comes back. */
static void set_destination(struct reader *r, enum eii_rtf_destination destination)
{
	flush(r);
	if (top(r)->destination != EII_RTF_HIDDEN)
		top(r)->destination = destination;
}

/* ---- control words --------------------------------------------------------- */

struct control {
	struct eii_text word;
	bool has_number;
	int number;
};

static void skip_bytes(struct reader *r, int n)
{
	size_t left = (size_t)(r->end - r->p);

	if (n > 0)
		r->p += (size_t)n < left ? (size_t)n : left;
}

static void set_htmlrtf(struct reader *r, const struct control *control)
{
	flush(r);
	top(r)->is_htmlrtf = !control->has_number || control->number != 0;
}

static void obey(struct reader *r, enum eii_rtf_word word, const struct control *control)
{
	unsigned int number = control->number > 0 ? (unsigned int)control->number : 0;

	switch (word) {
	case EII_RTF_WORD_PARAGRAPH:
		put_line(r, "\r\n");
		return;
	case EII_RTF_WORD_LINE:
		put_line(r, "<br>\r\n");
		return;
	case EII_RTF_WORD_UNICODE:
		put_utf16(r, control->number);
		return;
	case EII_RTF_WORD_FALLBACK:
		top(r)->n_fallback = number;
		return;
	case EII_RTF_WORD_BINARY:
		skip_bytes(r, control->number);
		return;
	case EII_RTF_WORD_FONT:
		choose_font(r, number);
		return;
	case EII_RTF_WORD_FONT_CHARSET:
		set_font_code_page(r, eii_rtf_charset_code_page(number));
		return;
	case EII_RTF_WORD_FONT_CODE_PAGE:
		set_font_code_page(r, number);
		return;
	case EII_RTF_WORD_CODE_PAGE:
		set_document_code_page(r, number);
		return;
	case EII_RTF_WORD_PLAIN:
		set_code_page(r, 0);
		return;
	case EII_RTF_WORD_HTMLRTF:
		set_htmlrtf(r, control);
		return;
	case EII_RTF_WORD_FROM_HTML:
		r->kind = control->has_number && !control->number ? r->kind : EII_RTF_HTML;
		return;
	}
}

static void obey_control(struct reader *r, const struct control *control)
{
	const struct eii_rtf_meaning *meaning = eii_rtf_word_find(control->word);
	bool is_starred = r->is_starred;

	r->is_starred = false;
	if (!meaning) {
		/* What is not known and may be ignored is. */
		if (is_starred)
			set_destination(r, EII_RTF_HIDDEN);
		return;
	}
	switch (meaning->kind) {
	case EII_RTF_CHARACTER:
		put_character(r, meaning->value);
		return;
	case EII_RTF_DESTINATION:
		set_destination(r, (enum eii_rtf_destination)meaning->value);
		return;
	case EII_RTF_WORD:
		obey(r, (enum eii_rtf_word)meaning->value, control);
		return;
	}
}

/* The number behind a control word; what is too large for one is read to its end. */
static void read_number(struct reader *r, struct control *out)
{
	bool is_negative = r->end - r->p > 1 && *r->p == '-' && eii_is_ascii_digit(r->p[1]);

	if (is_negative)
		r->p++;
	while (r->p < r->end && eii_is_ascii_digit(*r->p)) {
		out->has_number = true;
		if (out->number < NUMBER_MAX)
			out->number = out->number * 10 + (*r->p - '0');
		r->p++;
	}
	if (is_negative)
		out->number = -out->number;
}

static void read_word(struct reader *r)
{
	struct control control = { .word = { r->p, 0 } };

	while (r->p < r->end && control.word.len < WORD_MAX && eii_is_ascii_alpha(*r->p)) {
		r->p++;
		control.word.len++;
	}
	read_number(r, &control);
	if (r->p < r->end && *r->p == ' ')
		r->p++;
	obey_control(r, &control);
}

static int hex_digit(char c)
{
	if (eii_is_ascii_digit(c))
		return c - '0';
	c = eii_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_hex(struct reader *r)
{
	int high = r->end - r->p > 1 ? hex_digit(r->p[0]) : -1;
	int low = high >= 0 ? hex_digit(r->p[1]) : -1;

	if (low < 0)
		return;
	r->p += 2;
	put_byte(r, (char)(high << 4 | low));
}

/* Behind a backslash. */
static void read_control(struct reader *r)
{
	char c = *r->p;

	if (eii_is_ascii_alpha(c)) {
		read_word(r);
		return;
	}
	r->p++;
	r->is_starred = c == '*';
	if (c == '\'')
		read_hex(r);
	else if (c == '\\' || c == '{' || c == '}')
		put_byte(r, c);
	else if (c == '~')
		put_character(r, 0xa0);
	else if (c == '_')
		put_character(r, 0x2011);
	else if (c == '\r' || c == '\n')
		put_line(r, "\r\n");
}

static void read_all(struct reader *r)
{
	while (r->p < r->end && eii_buf_ok(r->out)) {
		char c = *r->p++;

		if (c == '{')
			open_group(r);
		else if (c == '}')
			close_group(r);
		else if (c == '\\' && r->p < r->end)
			read_control(r);
		else if (c != '\r' && c != '\n' && c != '\\')
			put_byte(r, c);
	}
	flush(r);
}

enum eii_rtf eii_rtf_read(struct eii_text rtf, struct eii_buf *out)
{
	struct reader *r;
	enum eii_rtf kind;

	if (!eii_text_starts_nocase(rtf, "{\\rtf"))
		return EII_RTF_NONE;
	r = eii_calloc(1, sizeof(*r));
	r->p = rtf.data;
	r->end = rtf.data + rtf.len;
	r->kind = EII_RTF_TEXT;
	r->out = out;
	r->code_page = 1252;
	r->groups[0] = (struct group){
		.destination = EII_RTF_SHOWN,
		.code_page = 1252,
		.n_fallback = 1,
	};
	eii_buf_init(&r->run, rtf.len + 1);
	eii_buf_init(&r->text, rtf.len * 4 + 256);
	read_all(r);
	kind = r->kind;
	eii_buf_clear(&r->run);
	eii_buf_clear(&r->text);
	free(r);
	return kind;
}
