/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of one body part as UTF-8, and the charset that HTML says it has.
 */
#include "eii/base/utf8.h"
#include "eii/mail/charset.h"
#include "eii/mail/first_bytes.h"
#include "eii/mail/rtf.h"

#include "message_private.h"

#define META_SEARCH_MAX 4096 /* bytes at the start of HTML that may say a charset */

/* Where needle (lower case) is in text, any case; NULL = nowhere. */
static const char *find_nocase(struct eii_text text, const char *needle)
{
	size_t len = strlen(needle);
	char first[3] = { needle[0], (char)(needle[0] - 'a' + 'A'), '\0' };
	const char *end = text.data + text.len;

	for (const char *p = text.data; text.len && (size_t)(end - p) >= len; p++) {
		if (*p != first[0] && *p != first[1])
			continue;
		if (eii_text_equal_nocase(eii_text(p, len), eii_text(needle, len)))
			return p;
	}
	return NULL;
}

static const char *skip_spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static bool is_label_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || (c && strchr("_:.+-", c));
}

/* A "charset = name" in HTML. */
struct charset_mention {
	struct eii_text all; /* from "charset" on */
	struct eii_text name;
};

/* The first mention in text, its name in any of these quotes or none. */
static bool find_charset(struct eii_text text, const char *quotes, struct charset_mention *out)
{
	const char *end = text.data + text.len;
	const char *p = text.data;

	for (;;) {
		const char *start = find_nocase(eii_text(p, (size_t)(end - p)), "charset");

		if (!start)
			return false;
		p = skip_spaces(start + strlen("charset"), end);
		if (p == end || *p != '=')
			continue;
		p = skip_spaces(p + 1, end);
		if (p < end && *p && strchr(quotes, *p))
			p++;
		out->name.data = p;
		while (p < end && is_label_char(*p))
			p++;
		out->name.len = (size_t)(p - out->name.data);
		out->all = eii_text(start, (size_t)(p - start));
		if (out->name.len)
			return true;
	}
}

/* The tag that begins at p, or all that is left of it. */
static struct eii_text tag_at(const char *p, const char *end)
{
	const char *close = memchr(p, '>', (size_t)(end - p));

	return eii_text(p, (size_t)((close ? close : end) - p));
}

/* Behind the comment at p; end where it never ends. */
static const char *skip_markup_comment(const char *p, const char *end)
{
	const char *close = memmem(p + 2, (size_t)(end - p - 2), "-->", 3);

	return close ? close + 3 : end;
}

static bool is_meta(struct eii_text tag)
{
	return tag.len > 5 && eii_text_starts_nocase(tag, "<meta") &&
	       (tag.data[5] == '/' || (unsigned char)tag.data[5] <= ' ');
}

/* The charset of HTML's own first <meta> that has one, as browsers look for it. */
static struct eii_text meta_charset(struct eii_text bytes)
{
	const char *p = bytes.data;
	const char *const end = p + (bytes.len < META_SEARCH_MAX ? bytes.len : META_SEARCH_MAX);
	struct charset_mention found;

	while (p < end) {
		struct eii_text rest;

		p = memchr(p, '<', (size_t)(end - p));
		if (!p)
			break;
		rest = eii_text(p, (size_t)(end - p));
		if (eii_text_starts_nocase(rest, "<!--")) {
			p = skip_markup_comment(p, end);
			continue;
		}
		p++;
		if (!is_meta(rest) || !find_charset(tag_at(p, end), "\"'", &found))
			continue;
		/* It was found in ASCII: browsers take UTF-8 for a UTF-16 that is none. */
		return eii_charset_begins_as_ascii(found.name) ? found.name : eii_text_of("utf-8");
	}
	return eii_text(NULL, 0);
}

/* NUL, which no text of a report may hold, becomes U+FFFD. */
static void replace_nul(struct eii_buf *text)
{
	struct eii_buf copy;

	if (!memchr(text->data, '\0', text->len))
		return;
	eii_buf_init(&copy, text->len * 3);
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i])
			eii_buf_add_char(&copy, text->data[i]);
		else
			eii_utf8_add(&copy, 0xfffd);
	}
	eii_buf_clear(text);
	*text = copy;
}

static void join_lines(struct eii_buf *text, enum eii_flow flow)
{
	struct eii_buf joined;

	eii_buf_init(&joined, text->max);
	eii_flowed_join(eii_buf_text(text), flow, &joined);
	eii_buf_clear(text);
	*text = joined;
}

/*
 * Bytes that are said to be base64. In verbatim mode what cannot be is shown as it stands,
 * as Python's email package has it; else what reads as text decides: mail programs read past
 * what is missing or too much.
 */
static bool undo_base64(const struct eii_part *part, struct eii_buf *out)
{
	enum eii_file_kind kind;

	if (!part->is_judged)
		return eii_base64_lenient(part->raw, out);
	if (eii_base64_text(part->raw, out) && !eii_has_inner_blanks(part->raw))
		return true;
	kind = eii_first_bytes_kind(eii_buf_text(out));
	return kind == EII_FILE_TEXT || kind == EII_FILE_HTML || kind == EII_FILE_XML;
}

static bool is_printed_ascii(struct eii_text bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		const unsigned char c = (unsigned char)bytes.data[i];

		if (c >= 0x7f || (c < ' ' && c != '\t' && c != '\r' && c != '\n'))
			return false;
	}
	return true;
}

/* UTF-16 of which nothing says so: every other byte of nearly all is NUL, and no other one. */
static const char *find_utf16(struct eii_text bytes)
{
	size_t n_zeros[2] = { 0, 0 };

	if (bytes.len < 8 || !memchr(bytes.data, '\0', 2))
		return NULL;
	for (size_t i = 0; i < bytes.len; i++)
		n_zeros[i & 1] += bytes.data[i] == '\0';
	if (!n_zeros[0] && n_zeros[1] * 16 > bytes.len * 7)
		return "utf-16le";
	return !n_zeros[1] && n_zeros[0] * 16 > bytes.len * 7 ? "utf-16be" : NULL;
}

/*
 * What the bytes are, where they cannot be what is said: ASCII that is called UTF-16 or
 * EBCDIC, which programs that do not know the charset show, and the reverse.
 */
static struct eii_text judge_charset(struct eii_text bytes, struct eii_text label)
{
	const char *utf16;

	if (!eii_charset_begins_as_ascii(label))
		return is_printed_ascii(bytes) ? eii_text_of("utf-8") : label;
	utf16 = find_utf16(bytes);
	return utf16 ? eii_text_of(utf16) : label;
}

/* Bytes of the part as UTF-8, but what is to be done with whole lines. */
static void add_characters(const struct eii_part *part, struct eii_text bytes, struct eii_buf *out)
{
	struct eii_text label = eii_text_of(part->charset);

	if (!eii_charset_is_known(label) && eii_part_is_html(part))
		label = meta_charset(bytes);
	if (part->is_judged)
		label = judge_charset(bytes, label);
	/* As long as it is, and an eighth for what is not ASCII: it does not have to grow. */
	if (!eii_buf_reserve(out, bytes.len + bytes.len / 8))
		return;
	eii_charset_decode(bytes, label, out);
	replace_nul(out);
}

static void unfold(struct eii_buf *text)
{
	struct eii_buf unfolded;

	eii_buf_init(&unfolded, text->max);
	eii_calendar_unfold(eii_buf_text(text), &unfolded);
	eii_buf_clear(text);
	*text = unfolded;
}

/* Whatever it is declared as, but what is shown as it stands. */
static bool is_rtf(const struct eii_part *part, struct eii_text bytes)
{
	return part->is_judged && part->kind == EII_PART_LEAF && !eii_part_is_text(part) &&
	       !eii_part_is_html(part) && eii_first_bytes_kind(bytes) == EII_FILE_RTF;
}

void eii_part_decode_text(const struct eii_part *part, struct eii_buf *out)
{
	struct eii_text bytes = part->raw;
	struct eii_buf decoded;

	eii_buf_init(&decoded, part->raw.len + 64);
	if (part->kind == EII_PART_LEAF && part->transfer == EII_TRANSFER_BASE64) {
		if (undo_base64(part, &decoded))
			bytes = eii_buf_text(&decoded);
	} else if (part->kind == EII_PART_LEAF && part->transfer != EII_TRANSFER_IDENTITY) {
		eii_part_decode(part, &decoded);
		bytes = eii_buf_text(&decoded);
	}
	if (!is_rtf(part, bytes) || eii_rtf_read(bytes, out) == EII_RTF_NONE)
		add_characters(part, bytes, out);
	eii_buf_clear(&decoded);
	if (eii_part_is_calendar(part))
		unfold(out);
	else if (part->kind == EII_PART_LEAF && part->flow != EII_FLOW_FIXED)
		join_lines(out, part->flow);
	eii_buf_fit(out);
}

void eii_part_init_text(const struct eii_part *part, struct eii_buf *buf)
{
	eii_buf_init(buf, part->raw.len * 4 + 256);
}

bool eii_content_add_cut(struct eii_buf *out, struct eii_text text)
{
	size_t room = out->max - out->len;
	size_t len = eii_utf8_cut(text, room);

	eii_buf_add(out, text.data, len);
	return len == text.len;
}

/*
 * The first "<meta … content-type … >" says utf-8 now, since the text is Unicode
 * (as imap_tools does, replace_html_ct_charset; there in quadratic time).
 */
bool eii_content_add_html(struct eii_buf *out, struct eii_text html)
{
	const char *end = html.data + html.len;
	const char *p = html.data;
	const char *type;
	const char *close;
	struct charset_mention charset;

	for (; p < end; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (!p)
			return eii_content_add_cut(out, html);
		type = skip_spaces(p + 1, end);
		if (end - type > 5 && eii_text_starts_nocase(eii_text(type, 5), "meta "))
			break;
	}
	type = p < end ? find_nocase(eii_text(p, (size_t)(end - p)), "content-type") : NULL;
	close = type ? memchr(type, '>', (size_t)(end - type)) : NULL;
	if (!close || !find_charset(eii_text(p, (size_t)(close - p)), "", &charset))
		return eii_content_add_cut(out, html);
	p = charset.all.data + charset.all.len;
	return eii_content_add_cut(out,
				   eii_text(html.data, (size_t)(charset.all.data - html.data))) &&
	       eii_content_add_cut(out, eii_text_of("charset=utf-8")) &&
	       eii_content_add_cut(out, eii_text(p, (size_t)(end - p)));
}
