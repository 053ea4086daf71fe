/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/charset.h"

#include <errno.h>
#include <iconv.h>

#include "eii/base/utf8.h"

#include "charset_table.h"

#define CHARSETS_MAX        64
#define REPLACEMENT         0xfffdu
#define BYTE_ORDER_MARK     "\xef\xbb\xbf"
#define BYTE_ORDER_MARK_LEN 3

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

/* 0x80 to 0x9f; the five that windows-1252 leaves out are C1 controls (WHATWG). */
static const uint16_t windows_1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

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
static enum eii_charset_kind look_up(struct eii_text label, size_t *out_index)
{
	enum eii_charset_kind kind = eii_charset_lookup(label, out_index);

	if (kind != EII_CHARSET_ICONV)
		return kind;
	eii_charset_prepare();
	return held.is_open[*out_index] ? kind : EII_CHARSET_UNKNOWN;
}

bool eii_charset_is_known(struct eii_text label)
{
	size_t index;

	return look_up(label, &index) != EII_CHARSET_UNKNOWN;
}

static bool is_ascii(struct eii_text bytes)
{
	uint64_t all = 0;
	size_t i = 0;

	for (; bytes.len - i >= sizeof(all); i += sizeof(all)) {
		uint64_t word;

		memcpy(&word, bytes.data + i, sizeof(word));
		all |= word;
	}
	for (; i < bytes.len; i++)
		all |= (uint64_t)(unsigned char)bytes.data[i];
	return !(all & UINT64_C(0x8080808080808080));
}

static void add_windows_1252(struct eii_text bytes, struct eii_buf *out)
{
	size_t plain = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		if (c < 0x80)
			continue;
		eii_buf_add(out, bytes.data + plain, i - plain);
		eii_utf8_add(out, c < 0xa0 ? windows_1252[c - 0x80] : c);
		plain = i + 1;
	}
	eii_buf_add(out, bytes.data + plain, bytes.len - plain);
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

/* UTF-8 with U+FFFD for each run of bytes that are none. */
static void add_utf8(struct eii_text bytes, struct eii_buf *out)
{
	bool was_bad = false;

	while (bytes.len) {
		size_t good = eii_utf8_valid_prefix(bytes.data, bytes.len);

		if (good) {
			eii_buf_add(out, bytes.data, good);
			was_bad = false;
		}
		bytes = eii_text(bytes.data + good, bytes.len - good);
		if (!bytes.len)
			return;
		if (!was_bad)
			eii_utf8_add(out, REPLACEMENT);
		was_bad = true;
		bytes = eii_text(bytes.data + 1, bytes.len - 1);
	}
}

static void add_guessed(struct eii_text bytes, struct eii_buf *out)
{
	if (eii_utf8_is_valid(bytes))
		eii_buf_add_text(out, bytes);
	else
		add_windows_1252(bytes, out);
}

static bool is_base64_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '+' || c == '/';
}

/* How many of the bytes at which iconv() stopped are left out. */
static size_t skip_of(enum eii_charset_form form, struct eii_text bytes)
{
	size_t n = 1;

	if (form == EII_FORM_UNITS_2 || form == EII_FORM_UNITS_4)
		n = form == EII_FORM_UNITS_2 ? 2 : 4;
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

static void add_by_iconv(size_t index, struct eii_text bytes, struct eii_buf *out)
{
	size_t n;
	const struct eii_charset *charset = &eii_charset_table(&n)[index];
	iconv_t descriptor = held.descriptors[index];
	char *in;
	size_t in_left = bytes.len;
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
		if (!was_bad || out->len != before)
			eii_utf8_add(out, REPLACEMENT);
		was_bad = true;
		skip = skip_of(charset->form, eii_text(in, in_left));
		if (charset->form == EII_FORM_UTF_7)
			(void)iconv(descriptor, NULL, NULL, NULL, NULL);
		in += skip;
		in_left -= skip;
	}
	/* What a state still holds back (utf-7 and the like). */
	in_left = 0;
	(void)convert_run(descriptor, &in, &in_left, out);
}

/* HZ (RFC 1843), which glibc has not got: "~{" and "~}" around 7-bit pairs of GB 2312. */
static void add_hz(struct eii_text bytes, struct eii_buf *out)
{
	bool in_pairs = false;
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
	eii_charset_prepare();
	if (held.is_open[EII_CHARSET_GB18030])
		add_by_iconv(EII_CHARSET_GB18030, eii_buf_text(&gb), out);
	else
		add_guessed(bytes, out);
	eii_buf_clear(&gb);
}

static bool means_ascii_by_ascii(enum eii_charset_kind kind, size_t index)
{
	size_t n;

	if (kind == EII_CHARSET_HZ)
		return false;
	return kind != EII_CHARSET_ICONV || eii_charset_table(&n)[index].form == EII_FORM_BYTES;
}

void eii_charset_decode(struct eii_text bytes, struct eii_text label, struct eii_buf *out)
{
	size_t index = 0;
	enum eii_charset_kind kind = look_up(label, &index);

	if (!bytes.len)
		return;
	if (bytes.len >= BYTE_ORDER_MARK_LEN &&
	    !memcmp(bytes.data, BYTE_ORDER_MARK, BYTE_ORDER_MARK_LEN)) {
		bytes = eii_text(bytes.data + BYTE_ORDER_MARK_LEN, bytes.len - BYTE_ORDER_MARK_LEN);
		kind = EII_CHARSET_UTF8;
	}
	if (means_ascii_by_ascii(kind, index) && is_ascii(bytes)) {
		eii_buf_add_text(out, bytes);
		return;
	}
	switch (kind) {
	case EII_CHARSET_UNKNOWN:
		add_guessed(bytes, out);
		break;
	case EII_CHARSET_UTF8:
		if (is_mislabelled(bytes))
			add_windows_1252(bytes, out);
		else
			add_utf8(bytes, out);
		break;
	case EII_CHARSET_WINDOWS_1252:
		add_windows_1252(bytes, out);
		break;
	case EII_CHARSET_HZ:
		add_hz(bytes, out);
		break;
	case EII_CHARSET_ICONV:
		add_by_iconv(index, bytes, out);
		break;
	}
}
