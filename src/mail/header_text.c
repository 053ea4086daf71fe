/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/header_text.h"

#include "eii/base/utf8.h"
#include "eii/mail/charset.h"
#include "eii/mail/transfer.h"

#define CHARSET_LABEL_MAX 128

/* An encoded word taken apart: "=?charset?B?text?=". */
struct word {
	struct eii_text label; /* without a language tag */
	struct eii_text text;
	char encoding; /* 'b' or 'q' */
	const char *after;
};

/* What a decoding of one value keeps while it goes along. */
struct decoding {
	const char *end;
	const char *no_end_from; /* from here on there is no "?=" any more; NULL = not known */
	struct eii_text raw;     /* label of the value's own 8-bit bytes */
	struct eii_text label;   /* of the encoded words in bytes */
	struct eii_buf bytes;    /* of neighbouring words of one charset, not yet decoded */
	struct eii_buf *out;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where "?=" is, searched from p on; asked again and again it stays linear. */
static const char *find_word_end(struct decoding *d, const char *p)
{
	const char *found;

	if (d->no_end_from && p >= d->no_end_from)
		return NULL;
	found = memmem(p, (size_t)(d->end - p), "?=", 2);
	if (!found)
		d->no_end_from = p;
	return found;
}

/* p is at "=?". */
static bool scan_word(struct decoding *d, const char *p, struct word *out)
{
	const char *label = p + 2;
	size_t left = (size_t)(d->end - label);
	const char *mark = memchr(label, '?', left < CHARSET_LABEL_MAX ? left : CHARSET_LABEL_MAX);
	const char *star;
	const char *text_end;

	if (!mark || d->end - mark < 3 || mark[2] != '?')
		return false;
	out->encoding = eii_ascii_lower(mark[1]);
	if (out->encoding != 'b' && out->encoding != 'q')
		return false;
	text_end = find_word_end(d, mark + 3);
	if (!text_end)
		return false;
	star = memchr(label, '*', (size_t)(mark - label));
	out->label = eii_text(label, (size_t)((star ? star : mark) - label));
	out->text = eii_text(mark + 3, (size_t)(text_end - mark - 3));
	out->after = text_end + 2;
	return true;
}

static void flush_words(struct decoding *d)
{
	if (d->bytes.len)
		eii_charset_decode(eii_buf_text(&d->bytes), d->label, d->out);
	eii_buf_reset(&d->bytes);
}

static void add_word(struct decoding *d, const struct word *word)
{
	/* A character may be cut between words of one charset under two labels. */
	if (!eii_text_equal_nocase(word->label, d->label) &&
	    !eii_charset_is_same(word->label, d->label))
		flush_words(d);
	d->label = word->label;
	if (word->encoding == 'b')
		(void)eii_base64_lenient(word->text, &d->bytes);
	else
		eii_quoted_word(word->text, &d->bytes);
}

/* Text that is no encoded word; a fold in it is one space. */
static void add_plain(struct decoding *d, struct eii_text text)
{
	const char *end = text.data + text.len;

	flush_words(d);
	while (text.len) {
		const char *p = text.data;

		while (p < end && *p != '\r' && *p != '\n')
			p++;
		eii_charset_decode(eii_text(text.data, (size_t)(p - text.data)), d->raw, d->out);
		if (p < end)
			eii_buf_add_char(d->out, ' ');
		while (p < end && is_blank(*p))
			p++;
		text = eii_text(p, (size_t)(end - p));
	}
}

static bool is_all_blank(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p == end;
}

/* The next encoded word at or after p; NULL where there is none. */
static const char *find_word(struct decoding *d, const char *p, struct word *out)
{
	for (;;) {
		p = memmem(p, (size_t)(d->end - p), "=?", 2);
		if (!p || scan_word(d, p, out))
			return p;
		p += 2;
	}
}

static void decode_words(struct decoding *d, const char *p)
{
	bool after_word = false;

	while (p < d->end) {
		struct word word;
		const char *at = find_word(d, p, &word);

		if (!at) {
			add_plain(d, eii_text(p, (size_t)(d->end - p)));
			break;
		}
		/* White space between two encoded words does not count (RFC 2047, 6.2). */
		if (!after_word || !is_all_blank(p, at))
			add_plain(d, eii_text(p, (size_t)(at - p)));
		add_word(d, &word);
		after_word = true;
		p = word.after;
	}
	flush_words(d);
}

/* Takes NUL (as U+FFFD) and line ends (as spaces) out of what was added from start on. */
static void clean_up(struct eii_buf *out, size_t start)
{
	struct eii_buf copy;

	for (size_t i = start; i < out->len; i++) {
		if (out->data[i] == '\r' || out->data[i] == '\n')
			out->data[i] = ' ';
	}
	if (!memchr(out->data + start, '\0', out->len - start))
		return;
	eii_buf_init(&copy, (out->len - start) * 3);
	for (size_t i = start; i < out->len; i++) {
		if (out->data[i])
			eii_buf_add_char(&copy, out->data[i]);
		else
			eii_utf8_add(&copy, 0xfffd);
	}
	out->len = start;
	eii_buf_add_text(out, eii_buf_text(&copy));
	eii_buf_clear(&copy);
}

/* What the 8-bit bytes of a value are that no encoded word holds. */
static struct eii_text raw_label(struct eii_text value, struct eii_text label)
{
	if (eii_utf8_is_valid(value))
		return eii_text_of("utf-8");
	return label.len ? label : eii_text_of("windows-1252");
}

void eii_header_text_decode_as(struct eii_text value, struct eii_text label, struct eii_buf *out)
{
	struct decoding d = { .out = out };
	size_t start = out->len;

	value = eii_text_trim(value);
	if (!value.len)
		return;
	d.end = value.data + value.len;
	d.raw = raw_label(value, label);
	eii_buf_init(&d.bytes, value.len + 3);
	decode_words(&d, value.data);
	eii_buf_clear(&d.bytes);
	clean_up(out, start);
}
