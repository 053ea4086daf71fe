/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/charset.h"

#include <errno.h>
#include <iconv.h>

#include "eii/base/utf8.h"

#include "charset_standard.h"
#include "charset_table.h"

#define CHARSETS_MAX  64
#define REPLACEMENT   0xfffdu
#define HELD_BACK_MAX 32 /* bytes that a flush can give */

/* A label that was looked up. */
struct charset {
	enum eii_charset_kind kind;
	size_t index; /* as eii_charset_lookup() gives it */
};

/*
 * The descriptors of the process. They cannot belong to an object: glibc keeps
 * a charset loaded for the whole process as long as one descriptor of it is open.
 */
static struct {
	iconv_t descriptors[CHARSETS_MAX];
	bool is_open[CHARSETS_MAX];
	unsigned int n_missing;
	bool is_prepared;
} held;

void eii_charset_prepare(void)
{
	size_t n;
	const struct eii_charset *charsets = eii_charset_table(&n);

	if (held.is_prepared)
		return;
	held.is_prepared = true;
	for (size_t i = 0; i < n && i < CHARSETS_MAX; i++) {
		held.descriptors[i] = iconv_open("UTF-8", charsets[i].iconv_name);
		held.is_open[i] = (intptr_t)held.descriptors[i] != -1;
		held.n_missing += !held.is_open[i];
	}
}

unsigned int eii_charset_missing(void)
{
	return held.n_missing;
}

/* As eii_charset_lookup(), where a charset that this system lacks is unknown. */
static struct charset look_up(struct eii_text label)
{
	struct charset charset = { EII_CHARSET_UNKNOWN, 0 };

	charset.kind = eii_charset_lookup(label, &charset.index);
	if (charset.kind != EII_CHARSET_ICONV)
		return charset;
	eii_charset_prepare();
	if (!held.is_open[charset.index])
		charset.kind = EII_CHARSET_UNKNOWN;
	return charset;
}

bool eii_charset_is_known(struct eii_text label)
{
	return look_up(label).kind != EII_CHARSET_UNKNOWN;
}

bool eii_charset_is_same(struct eii_text label, struct eii_text other)
{
	const struct charset a = look_up(label);
	const struct charset b = look_up(other);

	if (a.kind == EII_CHARSET_UNKNOWN)
		return eii_text_equal_nocase(label, other);
	return a.kind == b.kind && a.index == b.index;
}

static bool is_ascii(struct eii_text bytes)
{
	return eii_charset_standard_ascii(bytes) == bytes.len;
}

/* A surrogate as three bytes (CESU-8): wrong, but the work of an encoder of Unicode. */
static bool is_surrogate(struct eii_text bytes)
{
	return bytes.len >= 3 && bytes.data[0] == '\xed' && (bytes.data[1] & 0xe0) == 0xa0;
}

/*
 * Is text that calls itself UTF-8 not that at all? So where none of its 8-bit
 * bytes is part of a character.
 */
static bool is_mislabelled(struct eii_text bytes)
{
	bool is_bad = false;

	for (size_t i = 0; i < bytes.len; i++) {
		uint32_t code_point;

		if (!(bytes.data[i] & 0x80))
			continue;
		if (is_surrogate(eii_text(bytes.data + i, bytes.len - i)) ||
		    eii_utf8_decode(bytes.data + i, bytes.len - i, &code_point))
			return false;
		is_bad = true;
	}
	return is_bad;
}

static void add_guessed(struct eii_text bytes, struct eii_buf *out)
{
	if (eii_utf8_is_valid(bytes))
		eii_buf_add_text(out, bytes);
	else
		(void)eii_charset_standard_decode(EII_ENCODING_WINDOWS_1252, bytes, out);
}

static bool is_base64_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '+' || c == '/';
}

/* How many of the bytes at which iconv() stopped are left out. */
static size_t skip_of(enum eii_charset_form form, struct eii_text bytes)
{
	size_t n = 1;

	if (form == EII_FORM_UNITS_4)
		n = 4;
	if (form == EII_FORM_UTF_7) {
		n = 0;
		while (n < bytes.len && is_base64_char(bytes.data[n]))
			n++;
		/* Its "-" too, and never nothing. */
		if (n == 0 || (n < bytes.len && bytes.data[n] == '-'))
			n++;
	}
	return n < bytes.len ? n : bytes.len;
}

/* One call of iconv(): false when it stopped at bytes that it cannot read. */
static bool convert_run(iconv_t descriptor, char **in, size_t *in_left, struct eii_buf *out)
{
	/* No charset makes more than 4 bytes of one; what does not fit goes on in the next round.
	 */
	size_t room_len = *in_left * 2 + 64;
	size_t out_left = room_len;
	char *room = eii_buf_reserve(out, room_len);
	size_t rc;

	if (!room) {
		*in_left = 0; /* the ceiling of out: the caller sees the mark */
		return true;
	}
	rc = iconv(descriptor, in, in_left, &room, &out_left);
	out->len += room_len - out_left;
	out->data[out->len] = '\0';
	return rc != (size_t)-1 || errno == E2BIG;
}

/* Ends what a descriptor holds back: the last character of some, a state of others. */
static void finish_run(iconv_t descriptor, struct eii_buf *out)
{
	size_t out_left = HELD_BACK_MAX;
	char room[HELD_BACK_MAX];
	char *p = room;

	(void)iconv(descriptor, NULL, NULL, &p, &out_left);
	eii_buf_add(out, room, sizeof(room) - out_left);
}

/* False where there was an error. */
static bool add_by_iconv(size_t index, struct eii_text bytes, struct eii_buf *out)
{
	size_t n;
	enum eii_charset_form form = eii_charset_table(&n)[index].form;
	iconv_t descriptor = held.descriptors[index];
	char *in;
	size_t in_left = bytes.len;
	bool has_failed = false;
	bool was_bad = false;

	/* iconv() takes a char ** for its input but does not write there. */
	memcpy(&in, &bytes.data, sizeof(in));
	/* Descriptors are used again and again: utf-7 and iso-2022-* keep a state. */
	(void)iconv(descriptor, NULL, NULL, NULL, NULL);
	while (in_left) {
		size_t before = out->len;
		size_t skip;

		if (convert_run(descriptor, &in, &in_left, out)) {
			was_bad = false;
			continue;
		}
		/* Those that hold a character back have no other state. */
		if (form == EII_FORM_SINGLE_BYTE || form == EII_FORM_UTF_7)
			finish_run(descriptor, out);
		if (!was_bad || out->len != before)
			eii_utf8_add(out, REPLACEMENT);
		was_bad = true;
		has_failed = true;
		skip = skip_of(form, eii_text(in, in_left));
		in += skip;
		in_left -= skip;
	}
	finish_run(descriptor, out);
	return !has_failed;
}

/* HZ (RFC 1843): "~{" and "~}" around 7-bit pairs of GB 2312. False where there was an error. */
static bool add_hz(struct eii_text bytes, struct eii_buf *out)
{
	bool in_pairs = false;
	bool is_good;
	struct eii_buf gb;

	eii_buf_init(&gb, bytes.len);
	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.data[i];
		char next = '\0';

		if (i + 1 < bytes.len)
			next = bytes.data[i + 1];
		if (c == '~' && (next == '{' || next == '}')) {
			in_pairs = next == '{';
			i++;
		} else if (c == '~' && (next == '~' || next == '\n') && !in_pairs) {
			if (next == '~')
				eii_buf_add_char(&gb, '~');
			i++;
		} else {
			in_pairs = in_pairs && c != '\n';
			if (in_pairs)
				c = (char)((unsigned char)c | 0x80u);
			eii_buf_add_char(&gb, c);
		}
	}
	is_good = eii_charset_standard_decode(EII_ENCODING_GB18030, eii_buf_text(&gb), out);
	eii_buf_clear(&gb);
	return is_good && is_ascii(bytes);
}

static bool means_ascii_by_ascii(struct charset charset)
{
	enum eii_charset_form form;
	size_t n;

	switch (charset.kind) {
	case EII_CHARSET_UNKNOWN:
		break;
	case EII_CHARSET_STANDARD:
		return charset.index != EII_ENCODING_UTF_16LE &&
		       charset.index != EII_ENCODING_UTF_16BE &&
		       charset.index != EII_ENCODING_ISO_2022_JP;
	case EII_CHARSET_HZ:
		return false;
	case EII_CHARSET_ICONV:
		form = eii_charset_table(&n)[charset.index].form;
		return form == EII_FORM_SINGLE_BYTE || form == EII_FORM_MULTI_BYTE;
	}
	return true;
}

bool eii_charset_begins_as_ascii(struct eii_text label)
{
	struct charset charset = look_up(label);
	enum eii_charset_form form;
	size_t n;

	if (charset.kind == EII_CHARSET_STANDARD)
		return charset.index != EII_ENCODING_UTF_16LE &&
		       charset.index != EII_ENCODING_UTF_16BE;
	if (charset.kind != EII_CHARSET_ICONV)
		return true;
	form = eii_charset_table(&n)[charset.index].form;
	return form != EII_FORM_UNITS_4 && form != EII_FORM_EBCDIC;
}

bool eii_charset_extends_ascii(struct eii_text label)
{
	struct charset charset = look_up(label);

	return charset.kind != EII_CHARSET_UNKNOWN && means_ascii_by_ascii(charset);
}

/* Is an error in it a sign that the text is of another charset? Where each byte is a character, no.
 */
static bool can_fail(struct charset charset)
{
	enum eii_charset_form form;
	size_t n;

	switch (charset.kind) {
	case EII_CHARSET_UNKNOWN:
		return false;
	case EII_CHARSET_STANDARD:
		return charset.index > EII_ENCODING_UTF_8;
	case EII_CHARSET_HZ:
		break;
	case EII_CHARSET_ICONV:
		form = eii_charset_table(&n)[charset.index].form;
		return form != EII_FORM_SINGLE_BYTE && form != EII_FORM_EBCDIC;
	}
	return true;
}

static bool add_standard(enum eii_encoding encoding, struct eii_text bytes, struct eii_buf *out)
{
	if (encoding == EII_ENCODING_UTF_8 && is_mislabelled(bytes))
		encoding = EII_ENCODING_WINDOWS_1252;
	return eii_charset_standard_decode(encoding, bytes, out);
}

/* False where there was an error. */
static bool add_decoded(struct charset charset, struct eii_text bytes, struct eii_buf *out)
{
	switch (charset.kind) {
	case EII_CHARSET_UNKNOWN:
		add_guessed(bytes, out);
		break;
	case EII_CHARSET_STANDARD:
		return add_standard((enum eii_encoding)charset.index, bytes, out);
	case EII_CHARSET_HZ:
		return add_hz(bytes, out);
	case EII_CHARSET_ICONV:
		return add_by_iconv(charset.index, bytes, out);
	}
	return true;
}

/*
 * Takes a byte order mark off, which wins over the label: UTF-8's over every one,
 * UTF-16's over those of UTF-16 and where none is known.
 */
static struct eii_text take_mark(struct eii_text bytes, struct charset *charset)
{
	static const struct {
		const char *mark;
		enum eii_encoding encoding;
	} marks[] = {
		{ "\xef\xbb\xbf", EII_ENCODING_UTF_8 },
		{ "\xff\xfe", EII_ENCODING_UTF_16LE },
		{ "\xfe\xff", EII_ENCODING_UTF_16BE },
	};
	bool is_utf_16 =
		charset->kind == EII_CHARSET_STANDARD && (charset->index == EII_ENCODING_UTF_16LE ||
							  charset->index == EII_ENCODING_UTF_16BE);

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t len = strlen(marks[i].mark);

		if (bytes.len < len || memcmp(bytes.data, marks[i].mark, len) != 0)
			continue;
		if (i > 0 && !is_utf_16 && charset->kind != EII_CHARSET_UNKNOWN)
			continue;
		*charset = (struct charset){ EII_CHARSET_STANDARD, marks[i].encoding };
		return eii_text(bytes.data + len, bytes.len - len);
	}
	return bytes;
}

/* Japanese in 7 bits shows itself by its escapes, also where nothing is said of its charset. */
static bool is_iso_2022_jp(struct eii_text bytes)
{
	return bytes.len && memchr(bytes.data, '\x1b', bytes.len) &&
	       (memmem(bytes.data, bytes.len, "\x1b$B", 3) ||
		memmem(bytes.data, bytes.len, "\x1b$@", 3)) &&
	       is_ascii(bytes);
}

/* False, and out as it was, where it is not that, or not without an error. */
static bool add_unlabelled_japanese(struct charset charset, struct eii_text bytes,
				    struct eii_buf *out)
{
	const size_t start = out->len;

	if (charset.kind != EII_CHARSET_UNKNOWN || !is_iso_2022_jp(bytes))
		return false;
	if (eii_charset_standard_decode(EII_ENCODING_ISO_2022_JP, bytes, out))
		return true;
	out->len = start;
	return false;
}

/* Is it the text of a charset that failed, and UTF-8 with more than ASCII in it? */
static bool is_utf8_instead(struct charset charset, struct eii_text bytes)
{
	return can_fail(charset) && !is_ascii(bytes) && eii_utf8_is_valid(bytes);
}

void eii_charset_decode(struct eii_text bytes, struct eii_text label, struct eii_buf *out)
{
	struct charset charset = look_up(label);
	size_t start = out->len;
	struct eii_text marked = bytes;
	bool is_good;

	bytes = take_mark(bytes, &charset);
	if (!bytes.len || add_unlabelled_japanese(charset, bytes, out))
		return;
	if (means_ascii_by_ascii(charset) && is_ascii(bytes)) {
		eii_buf_add_text(out, bytes);
		return;
	}
	is_good = add_decoded(charset, bytes, out);
	if (!is_good && bytes.len == marked.len && is_utf8_instead(charset, bytes)) {
		out->len = start;
		eii_buf_add_text(out, bytes);
	}
}
