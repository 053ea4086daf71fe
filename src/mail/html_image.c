/* SPDX-License-Identifier: Apache-2.0 */
/* Images that come with the mail, and the bytes of data: addresses. */
#include "html_private.h"

#include <string.h>

#include "eii/base/base64.h"
#include "eii/base/text.h"

#define CID_BYTES   1024
#define SNIFF_BYTES 12
#define SNIFF_CHARS 16 /* of base64: 12 bytes */

/* The URL standard strips these from both ends, */
static bool is_outer(char c)
{
	return (unsigned char)c <= ' ';
}

/* and these from anywhere. */
static bool is_dropped(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

static struct eii_text trim_url(struct eii_text url)
{
	while (url.len && is_outer(url.data[0]))
		url = eii_text(url.data + 1, url.len - 1);
	while (url.len && is_outer(url.data[url.len - 1]))
		url.len--;
	return url;
}

/* Puts at most size bytes of the URL as browsers see it into out. */
static struct eii_text normal_url(struct eii_text url, char *out, size_t size)
{
	size_t n = 0;

	url = trim_url(url);
	for (size_t i = 0; i < url.len && n < size; i++) {
		if (!is_dropped(url.data[i]))
			out[n++] = url.data[i];
	}
	return eii_text(out, n);
}

/* The image types that every browser shows and none runs, told by their first bytes. */
static const char *sniff(const unsigned char *data, size_t len)
{
	if (len >= 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "image/png";
	if (len >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0)
		return "image/jpeg";
	if (len >= 6 && (memcmp(data, "GIF87a", 6) == 0 || memcmp(data, "GIF89a", 6) == 0))
		return "image/gif";
	if (len >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0)
		return "image/webp";
	return NULL;
}

static bool within_limit(size_t len, const struct eii_html_options *options,
			 const struct eii_html_tally *tally)
{
	return tally->image_bytes <= options->inline_image_bytes &&
	       len <= options->inline_image_bytes - tally->image_bytes;
}

static void begin_source(const char *type, struct eii_buf *out)
{
	eii_buf_add_str(out, " src=\"data:");
	eii_buf_add_str(out, type);
	eii_buf_add_str(out, ";base64,");
}

static int hex_digit(char c)
{
	c = eii_ascii_lower(c);
	if (eii_is_ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 2392: a cid: URL is the Content-ID, percent-encoded. Undone in place. */
static struct eii_text undo_percent(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (text[i] == '%' && low >= 0) {
			text[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			text[n++] = text[i];
		}
	}
	return eii_text(text, n);
}

static bool add_cid(struct eii_text url, const struct eii_html_options *options,
		    struct eii_html_tally *tally, struct eii_buf *out)
{
	struct eii_html_image image = { 0 };
	char id[CID_BYTES] = "";
	struct eii_text normal = normal_url(url, id, sizeof(id));
	const char *type;
	char *room;

	/* Looking through 10,000 parts for each of 40,000 images would take seconds. */
	if (!options->find_cid || tally->n_images_left_out >= EII_HTML_IMAGES_MISSED)
		return false;
	if (!options->find_cid(options->context, undo_percent(id + 4, normal.len - 4), &image))
		return false;
	type = image.data ? sniff(image.data, image.len) : NULL;
	if (!type || !within_limit(image.len, options, tally))
		return false;
	begin_source(type, out);
	room = eii_buf_reserve(out, eii_base64_size(image.len));
	if (!room)
		return true; /* over the ceiling: the caller cuts back and stops */
	eii_base64_encode(image.data, image.len, room);
	out->len += eii_base64_size(image.len);
	out->data[out->len] = '\0';
	eii_buf_add_char(out, '"');
	tally->image_bytes += image.len;
	return true;
}

static bool is_base64_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '+' || c == '/' || c == '=';
}

/* Adds base64 text without its white space; false where other characters are in it. */
static bool add_base64(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len;) {
		size_t start = i;

		while (i < text.len && is_base64_char(text.data[i]))
			i++;
		eii_buf_add(out, text.data + start, i - start);
		if (i < text.len && !is_outer(text.data[i]))
			return false;
		while (i < text.len && is_outer(text.data[i]))
			i++;
	}
	return true;
}

/* The type by the first bytes of base64 text, or NULL. */
static const char *sniff_base64(const char *text, size_t len)
{
	struct eii_buf head;
	const char *type = NULL;

	eii_buf_init(&head, SNIFF_BYTES);
	if (len >= SNIFF_CHARS && eii_base64_decode(eii_text(text, SNIFF_CHARS), &head))
		type = sniff((const unsigned char *)head.data, head.len);
	eii_buf_clear(&head);
	return type;
}

/* A data: URL is written anew: the type that its bytes have, base64 in one piece. */
static bool add_data(struct eii_text url, const struct eii_html_options *options,
		     struct eii_html_tally *tally, struct eii_buf *out)
{
	const char *comma = memchr(url.data, ',', url.len);
	struct eii_text body;
	struct eii_buf base64;
	const char *type = NULL;
	bool done = false;

	if (!comma || comma - url.data < 7 ||
	    !eii_text_equal_nocase(eii_text(comma - 7, 7), eii_text_of(";base64")))
		return false;
	body = eii_text(comma + 1, url.len - (size_t)(comma + 1 - url.data));
	eii_buf_init(&base64, body.len);
	if (add_base64(body, &base64))
		type = sniff_base64(base64.data, base64.len);
	if (type && within_limit(base64.len / 4 * 3, options, tally)) {
		begin_source(type, out);
		eii_buf_add_text(out, eii_buf_text(&base64));
		eii_buf_add_char(out, '"');
		tally->image_bytes += base64.len / 4 * 3;
		done = true;
	}
	eii_buf_clear(&base64);
	return done;
}

bool eii_html_image_source(struct eii_text url, const struct eii_html_options *options,
			   struct eii_html_tally *tally, struct eii_buf *out)
{
	url = trim_url(url);
	if (eii_text_starts_nocase(url, "cid:"))
		return add_cid(url, options, tally, out);
	if (eii_text_starts_nocase(url, "data:"))
		return add_data(url, options, tally, out);
	return false;
}

/* Adds bytes with %XX undone. */
static void add_unescaped(struct eii_text text, struct eii_buf *out)
{
	char *room = eii_buf_reserve(out, text.len);

	if (!room || text.len == 0)
		return;
	memcpy(room, text.data, text.len);
	out->len += undo_percent(room, text.len).len;
}

/* As browsers are lenient: what is no base64 is taken for the text that it is. */
struct eii_text eii_html_data_bytes(struct eii_text address, struct eii_buf *out)
{
	const char *comma = memchr(address.data, ',', address.len);
	const size_t scheme = sizeof("data:") - 1;
	struct eii_text type;
	struct eii_text body;
	struct eii_buf base64;

	if (!comma)
		return eii_text(address.data + scheme, address.len - scheme);
	type = eii_text(address.data + scheme, (size_t)(comma - address.data) - scheme);
	body = eii_text(comma + 1, address.len - (size_t)(comma + 1 - address.data));
	if (type.len < 7 ||
	    !eii_text_equal_nocase(eii_text(comma - 7, 7), eii_text_of(";base64"))) {
		add_unescaped(body, out);
		return type;
	}
	eii_buf_init(&base64, body.len + 4);
	if (add_base64(body, &base64) && base64.len % 4)
		eii_buf_add(&base64, "===", 4 - base64.len % 4);
	if (!eii_base64_decode(eii_buf_text(&base64), out))
		eii_buf_add_text(out, body);
	eii_buf_clear(&base64);
	return type;
}
