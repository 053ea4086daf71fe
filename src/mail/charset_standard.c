/* SPDX-License-Identifier: Apache-2.0 */
#include "charset_standard.h"

#include <stdint.h>
#include <string.h>

#include "eii/base/utf8.h"

#include "charset_index.h"

#define BLOCK_BYTES 1024
#define REPLACEMENT 0xfffdu
#define ESCAPE      0x1b

/* In place of a code point. */
#define BAD     UINT32_MAX       /* an error */
#define NOTHING (UINT32_MAX - 1) /* bytes that only change the state */

#define GB18030_MAX_BMP   39419u /* pointers of four bytes */
#define GB18030_MIN_OTHER 189000u
#define GB18030_MAX       1237575u

/* Characters on their way to a buffer. */
struct writer {
	struct eii_buf *out; /* borrowed */
	size_t len;
	bool has_failed;
	char block[BLOCK_BYTES];
};

/* What stands at a place of the input. */
struct character {
	uint32_t code_point;
	uint32_t mark; /* that goes with it, or 0 */
};

/* Reads the character at p (left > 0) and returns its bytes, which are within left. */
typedef size_t decode_one(const unsigned char *p, size_t left, struct character *out);

static void flush(struct writer *w)
{
	eii_buf_add(w->out, w->block, w->len);
	w->len = 0;
}

static void put(struct writer *w, uint32_t code_point)
{
	char *p;

	if (code_point == NOTHING)
		return;
	if (code_point == BAD) {
		w->has_failed = true;
		code_point = REPLACEMENT;
	}
	if (w->len > BLOCK_BYTES - 4)
		flush(w);
	p = w->block + w->len;
	if (code_point < 0x80) {
		*p++ = (char)code_point;
	} else if (code_point < 0x800) {
		*p++ = (char)(0xc0 | code_point >> 6);
		*p++ = (char)(0x80 | (code_point & 0x3f));
	} else if (code_point < 0x10000) {
		*p++ = (char)(0xe0 | code_point >> 12);
		*p++ = (char)(0x80 | (code_point >> 6 & 0x3f));
		*p++ = (char)(0x80 | (code_point & 0x3f));
	} else {
		*p++ = (char)(0xf0 | code_point >> 18);
		*p++ = (char)(0x80 | (code_point >> 12 & 0x3f));
		*p++ = (char)(0x80 | (code_point >> 6 & 0x3f));
		*p++ = (char)(0x80 | (code_point & 0x3f));
	}
	w->len = (size_t)(p - w->block);
}

/* Bytes that are UTF-8 as they stand. */
static void put_bytes(struct writer *w, const unsigned char *bytes, size_t n)
{
	if (n > BLOCK_BYTES - w->len) {
		flush(w);
		eii_buf_add(w->out, bytes, n);
		return;
	}
	memcpy(w->block + w->len, bytes, n);
	w->len += n;
}

static size_t ascii_run(const unsigned char *p, size_t left)
{
	size_t n = 0;

	for (; left - n >= sizeof(uint64_t); n += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, p + n, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (n < left && p[n] < 0x80)
		n++;
	return n;
}

static size_t bad(size_t n, struct character *out)
{
	out->code_point = BAD;
	return n;
}

static size_t good(uint32_t code_point, size_t n, struct character *out)
{
	out->code_point = code_point;
	return n;
}

/* What n bytes mean, the last of which is read again where it is ASCII and they mean nothing. */
static size_t indexed(uint32_t code_point, const unsigned char *p, size_t n, struct character *out)
{
	if (code_point)
		return good(code_point, n, out);
	return bad(p[n - 1] < 0x80 ? n - 1 : n, out);
}

static bool is_within(unsigned char c, unsigned int first, unsigned int last)
{
	return c >= first && c <= last;
}

/* Of a lead and a trail byte of 94 or 63 + 94 places. */
static bool is_ku_ten(unsigned char c)
{
	return is_within(c, 0xa1, 0xfe);
}

static uint32_t gb18030_range(uint32_t pointer)
{
	size_t low = 0;
	size_t high = eii_charset_index_gb18030_n_ranges;

	if (pointer >= GB18030_MIN_OTHER && pointer <= GB18030_MAX)
		return pointer - GB18030_MIN_OTHER + 0x10000;
	if (pointer > GB18030_MAX_BMP)
		return 0;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (eii_charset_index_gb18030_ranges[middle].pointer <= pointer)
			low = middle;
		else
			high = middle;
	}
	return eii_charset_index_gb18030_ranges[low].code_point + pointer -
	       eii_charset_index_gb18030_ranges[low].pointer;
}

/* Four bytes, the second of them a digit; what follows the first is read again if they are not. */
static size_t gb18030_four(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point;

	if (left == 2)
		return bad(2, out);
	if (!is_within(p[2], 0x81, 0xfe))
		return bad(1, out);
	if (left == 3)
		return bad(3, out);
	if (!is_within(p[3], '0', '9'))
		return bad(1, out);
	code_point = gb18030_range((((p[0] - 0x81u) * 10 + p[1] - '0') * 126 + p[2] - 0x81u) * 10 +
				   p[3] - '0');
	return code_point ? good(code_point, 4, out) : bad(4, out);
}

static size_t gb18030_one(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point = 0;

	if (p[0] == 0x80)
		return good(0x20ac, 1, out);
	if (p[0] == 0xff || left == 1)
		return bad(1, out);
	if (is_within(p[1], '0', '9'))
		return gb18030_four(p, left, out);
	if (is_within(p[1], 0x40, 0x7e) || is_within(p[1], 0x80, 0xfe))
		code_point = eii_charset_index_gb18030[(p[0] - 0x81u) * 190 + p[1] -
						       (p[1] < 0x7f ? 0x40u : 0x41u)];
	return indexed(code_point, p, 2, out);
}

/* The four pointers that stand for two code points each. */
static uint32_t big5_base(uint32_t pointer, uint32_t *out_mark)
{
	if (pointer != 1133 && pointer != 1135 && pointer != 1164 && pointer != 1166)
		return 0;
	*out_mark = pointer == 1133 || pointer == 1164 ? 0x0304 : 0x030c;
	return pointer < 1164 ? 0xca : 0xea;
}

static size_t big5_one(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point;
	uint32_t pointer;

	if (p[0] == 0x80 || p[0] == 0xff || left == 1)
		return bad(1, out);
	if (!is_within(p[1], 0x40, 0x7e) && !is_ku_ten(p[1]))
		return indexed(0, p, 2, out);
	pointer = (p[0] - 0x81u) * 157 + p[1] - (p[1] < 0x7f ? 0x40u : 0x62u);
	code_point = big5_base(pointer, &out->mark);
	if (!code_point)
		code_point = eii_charset_index_big5[pointer];
	if (eii_charset_index_big5_plane_2[pointer / 8] >> pointer % 8 & 1)
		code_point += 0x20000;
	return indexed(code_point, p, 2, out);
}

static size_t euc_jp_three(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point = 0;

	if (left == 2)
		return bad(2, out);
	if (is_ku_ten(p[2]))
		code_point = eii_charset_index_jis0212[(p[1] - 0xa1u) * 94 + p[2] - 0xa1u];
	return indexed(code_point, p, 3, out);
}

static size_t euc_jp_one(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point = 0;

	if ((p[0] != 0x8e && p[0] != 0x8f && !is_ku_ten(p[0])) || left == 1)
		return bad(1, out);
	if (p[0] == 0x8f && is_ku_ten(p[1]))
		return euc_jp_three(p, left, out);
	if (p[0] == 0x8e && is_within(p[1], 0xa1, 0xdf))
		code_point = 0xff61u - 0xa1u + p[1];
	else if (is_ku_ten(p[0]) && is_ku_ten(p[1]))
		code_point = eii_charset_index_jis0208[(p[0] - 0xa1u) * 94 + p[1] - 0xa1u];
	return indexed(code_point, p, 2, out);
}

static size_t shift_jis_one(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point = 0;

	if (p[0] == 0x80)
		return good(0x80, 1, out);
	if (is_within(p[0], 0xa1, 0xdf))
		return good(0xff61u - 0xa1u + p[0], 1, out);
	if (p[0] == 0xa0 || p[0] > 0xfc || left == 1)
		return bad(1, out);
	if (is_within(p[1], 0x40, 0x7e) || is_within(p[1], 0x80, 0xfc))
		code_point =
			eii_charset_index_jis0208[(p[0] - (p[0] < 0xa0 ? 0x81u : 0xc1u)) * 188 +
						  p[1] - (p[1] < 0x7f ? 0x40u : 0x41u)];
	return indexed(code_point, p, 2, out);
}

static size_t euc_kr_one(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point = 0;

	if (p[0] == 0x80 || p[0] == 0xff || left == 1)
		return bad(1, out);
	if (is_within(p[1], 0x41, 0xfe))
		code_point = eii_charset_index_euc_kr[(p[0] - 0x81u) * 190 + p[1] - 0x41u];
	return indexed(code_point, p, 2, out);
}

/* A multi-byte encoding in which ASCII bytes mean themselves outside of characters. */
static void decode_multi_byte(decode_one *one, struct eii_text bytes, struct writer *w)
{
	const unsigned char *p = (const unsigned char *)bytes.data;
	size_t left = bytes.len;

	while (left) {
		struct character character = { 0 };
		size_t n = ascii_run(p, left);

		if (n) {
			put_bytes(w, p, n);
		} else {
			n = one(p, left, &character);
			put(w, character.code_point);
			if (character.mark)
				put(w, character.mark);
		}
		p += n;
		left -= n;
	}
}

static void decode_single_byte(const uint16_t index[128], struct eii_text bytes, struct writer *w)
{
	const unsigned char *p = (const unsigned char *)bytes.data;
	const unsigned char *end = p + bytes.len;

	while (p < end) {
		size_t n = ascii_run(p, (size_t)(end - p));

		put_bytes(w, p, n);
		for (p += n; p < end && *p >= 0x80; p++)
			put(w, index[*p - 0x80] ? index[*p - 0x80] : REPLACEMENT);
	}
}

static uint32_t unit_of(const unsigned char *p, unsigned int low)
{
	return (uint32_t)p[1 - low] << 8 | p[low];
}

/* low: which of a unit's two bytes is the lower one. */
static size_t utf_16_one(const unsigned char *p, size_t left, unsigned int low,
			 struct character *out)
{
	uint32_t unit;
	uint32_t next;

	if (left == 1)
		return bad(1, out);
	unit = unit_of(p, low);
	if (unit < 0xd800 || unit > 0xdfff)
		return good(unit, 2, out);
	if (unit > 0xdbff)
		return bad(2, out);
	if (left < 4)
		return bad(left, out);
	next = unit_of(p + 2, low);
	if (next < 0xdc00 || next > 0xdfff)
		return bad(2, out);
	return good(0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00), 4, out);
}

static void decode_utf_16(unsigned int low, struct eii_text bytes, struct writer *w)
{
	const unsigned char *p = (const unsigned char *)bytes.data;
	size_t left = bytes.len;

	while (left) {
		struct character character = { 0 };
		size_t n = utf_16_one(p, left, low, &character);

		put(w, character.code_point);
		p += n;
		left -= n;
	}
}

/* How many bytes begin a character that is then not completed: one error. */
static size_t utf_8_bad(const unsigned char *p, size_t left)
{
	unsigned int first = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned int last = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	size_t n = 1;

	if (!is_within(p[0], 0xc2, 0xf4) || left == 1 || !is_within(p[1], first, last))
		return 1;
	while (n < left && n < 4 && is_within(p[n], 0x80, 0xbf))
		n++;
	return n;
}

static void decode_utf_8(struct eii_text bytes, struct writer *w)
{
	const char *p = bytes.data;
	size_t left = bytes.len;

	while (left) {
		size_t n = eii_utf8_valid_prefix(p, left);

		put_bytes(w, (const unsigned char *)p, n);
		if (n < left) {
			put(w, BAD);
			n += utf_8_bad((const unsigned char *)p + n, left - n);
		}
		p += n;
		left -= n;
	}
}

/* What ISO-2022-JP is in the middle of. */
struct iso_2022_jp {
	enum {
		SET_ASCII,
		SET_ROMAN,
		SET_KATAKANA,
		SET_PAIRS, /* JIS X 0208 */
	} set;
	bool is_just_set; /* an escape sequence was the last thing */
};

/* At an escape: its bytes, or only itself where it begins no sequence. */
static size_t iso_2022_jp_escape(struct iso_2022_jp *jp, const unsigned char *p, size_t left,
				 struct character *out)
{
	bool was_just_set = jp->is_just_set;

	jp->is_just_set = false;
	if (left < 3)
		return bad(1, out);
	if (p[1] == '(' && p[2] == 'B')
		jp->set = SET_ASCII;
	else if (p[1] == '(' && p[2] == 'J')
		jp->set = SET_ROMAN;
	else if (p[1] == '(' && p[2] == 'I')
		jp->set = SET_KATAKANA;
	else if (p[1] == '$' && (p[2] == '@' || p[2] == 'B'))
		jp->set = SET_PAIRS;
	else
		return bad(1, out);
	jp->is_just_set = true;
	/* A sequence without a character behind it hides something (the standard's rule). */
	return good(was_just_set ? BAD : NOTHING, 3, out);
}

static size_t iso_2022_jp_pair(const unsigned char *p, size_t left, struct character *out)
{
	uint32_t code_point;

	if (!is_within(p[0], 0x21, 0x7e) || left == 1 || p[1] == ESCAPE)
		return bad(1, out);
	if (!is_within(p[1], 0x21, 0x7e))
		return bad(2, out);
	code_point = eii_charset_index_jis0208[(p[0] - 0x21u) * 94 + p[1] - 0x21u];
	return code_point ? good(code_point, 2, out) : bad(2, out);
}

static size_t iso_2022_jp_one(struct iso_2022_jp *jp, const unsigned char *p, size_t left,
			      struct character *out)
{
	if (*p == ESCAPE)
		return iso_2022_jp_escape(jp, p, left, out);
	jp->is_just_set = false;
	if (jp->set == SET_PAIRS)
		return iso_2022_jp_pair(p, left, out);
	if (jp->set == SET_KATAKANA)
		return is_within(*p, 0x21, 0x5f) ? good(0xff61u - 0x21u + *p, 1, out) : bad(1, out);
	if (*p >= 0x80 || *p == 0x0e || *p == 0x0f)
		return bad(1, out);
	if (jp->set == SET_ROMAN && *p == '\\')
		return good(0xa5, 1, out);
	if (jp->set == SET_ROMAN && *p == '~')
		return good(0x203e, 1, out);
	return good(*p, 1, out);
}

static void decode_iso_2022_jp(struct eii_text bytes, struct writer *w)
{
	struct iso_2022_jp jp = { SET_ASCII, false };
	const unsigned char *p = (const unsigned char *)bytes.data;
	size_t left = bytes.len;

	while (left) {
		struct character character = { 0 };
		size_t n = iso_2022_jp_one(&jp, p, left, &character);

		put(w, character.code_point);
		p += n;
		left -= n;
	}
}

bool eii_charset_standard_decode(enum eii_encoding encoding, struct eii_text bytes,
				 struct eii_buf *out)
{
	static decode_one *const multi_byte[] = {
		[EII_ENCODING_GB18030] = gb18030_one, [EII_ENCODING_BIG5] = big5_one,
		[EII_ENCODING_EUC_JP] = euc_jp_one,   [EII_ENCODING_SHIFT_JIS] = shift_jis_one,
		[EII_ENCODING_EUC_KR] = euc_kr_one,
	};
	struct writer w;

	w.out = out;
	w.len = 0;
	w.has_failed = false;
	if (encoding < EII_ENCODING_SINGLE_BYTES)
		decode_single_byte(eii_charset_index_single_byte[encoding], bytes, &w);
	else if (encoding == EII_ENCODING_UTF_8)
		decode_utf_8(bytes, &w);
	else if (encoding == EII_ENCODING_UTF_16LE || encoding == EII_ENCODING_UTF_16BE)
		decode_utf_16(encoding == EII_ENCODING_UTF_16BE, bytes, &w);
	else if (encoding == EII_ENCODING_ISO_2022_JP)
		decode_iso_2022_jp(bytes, &w);
	else
		decode_multi_byte(multi_byte[encoding], bytes, &w);
	flush(&w);
	return !w.has_failed;
}

size_t eii_charset_standard_ascii(struct eii_text bytes)
{
	return ascii_run((const unsigned char *)bytes.data, bytes.len);
}
