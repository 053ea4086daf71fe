/* SPDX-License-Identifier: Apache-2.0 */
#include "cms_samples.h"

#include "support.h"

#include "eii/base/base64.h"

static void add_length(struct eii_buf *out, size_t len)
{
	int n = 0;

	if (len < 0x80) {
		eii_buf_add_char(out, (char)len);
		return;
	}
	while (len >> (8 * n))
		n++;
	eii_buf_add_char(out, (char)(0x80 | n));
	while (n-- > 0)
		eii_buf_add_char(out, (char)(len >> (8 * n)));
}

void ber_add(struct eii_buf *out, unsigned char identifier, const char *data, size_t len)
{
	eii_buf_add_char(out, (char)identifier);
	add_length(out, len);
	eii_buf_add(out, data, len);
}

void ber_wrap(struct eii_buf *out, unsigned char identifier, enum ber_length length)
{
	struct eii_buf whole;

	eii_buf_init(&whole, out->max);
	if (length == BER_DEFINITE) {
		ber_add(&whole, identifier, out->data, out->len);
	} else {
		eii_buf_add_char(&whole, (char)identifier);
		eii_buf_add_char(&whole, (char)0x80);
		eii_buf_add_text(&whole, eii_buf_text(out));
		eii_buf_add(&whole, "\0\0", 2);
	}
	eii_buf_clear(out);
	*out = whole;
}

/* Puts an element in front of what out holds. */
static void put_first(struct eii_buf *out, unsigned char identifier, const char *data, size_t len)
{
	struct eii_buf whole;

	eii_buf_init(&whole, out->max);
	ber_add(&whole, identifier, data, len);
	eii_buf_add_text(&whole, eii_buf_text(out));
	eii_buf_clear(out);
	*out = whole;
}

void cms_wrap(struct eii_buf *out, const char *type, enum ber_length length)
{
	if (out->len)
		ber_wrap(out, 0xa0, length);
	put_first(out, 0x06, OID_DATA, sizeof(OID_DATA) - 1);
	ber_wrap(out, 0x30, length);
	put_first(out, 0x31, "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", 13);
	put_first(out, 0x02, "\x01", 1);
	/* signerInfos: none. */
	ber_add(out, 0x31, "", 0);
	ber_wrap(out, 0x30, length);
	ber_wrap(out, 0xa0, length);
	put_first(out, 0x06, type, strlen(type));
	ber_wrap(out, 0x30, length);
}

void cms_sign(struct eii_text content, enum ber_length length, struct eii_buf *out)
{
	if (length == BER_DEFINITE) {
		ber_add(out, 0x04, content.data, content.len);
	} else {
		size_t half = content.len / 2;

		ber_add(out, 0x04, content.data, half);
		ber_add(out, 0x04, content.data + half, content.len - half);
		ber_wrap(out, 0x24, BER_INDEFINITE);
	}
	cms_wrap(out, OID_SIGNED, length);
}

void base64_add(struct eii_buf *out, struct eii_text bytes)
{
	char *room = eii_buf_reserve(out, eii_base64_size(bytes.len));

	assert_non_null(room);
	eii_base64_encode(bytes.data, bytes.len, room);
	out->len += eii_base64_size(bytes.len);
	out->data[out->len] = '\0';
}
