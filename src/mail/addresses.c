/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/addresses.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "html_private.h"

/*
 * Places looked at for an address. Names that were made to meet cost no more than this:
 * an address that finds no place is kept without one, and perhaps twice.
 */
#define PROBES 16

#define LIST_BEGIN "<hr><p><b>Addresses in this mail that are not links above</b></p><ul>"
#define LIST_END   "</ul>"
#define MORE_BYTES 64 /* of the line that says how many more there are */
#define LINE_BYTES 64 /* of a line, beyond its address */

struct address {
	size_t text; /* in texts */
	uint32_t len;
	uint32_t count;
	uint8_t kind;
	bool is_live;
};

struct eii_addresses {
	struct address *list;
	size_t n;
	size_t capacity;
	uint32_t *places; /* number in list + 1, by hash */
	size_t n_places;  /* a power of 2 */
	struct eii_buf texts;
	size_t n_beyond; /* not kept */
};

static const char *const kind_names[EII_ADDRESS_KINDS] = {
	[EII_ADDRESS_LIVE] = "link",
	[EII_ADDRESS_LINK] = "link",
	[EII_ADDRESS_FORM] = "form",
	[EII_ADDRESS_IMAGE] = "image",
	[EII_ADDRESS_PIXEL] = "image 1x1",
	[EII_ADDRESS_MEDIA] = "media",
	[EII_ADDRESS_FRAME] = "frame",
	[EII_ADDRESS_REFRESH] = "refresh",
	[EII_ADDRESS_STYLE] = "style",
	[EII_ADDRESS_SCRIPT] = "script",
	[EII_ADDRESS_OUTLOOK] = "Outlook only",
	[EII_ADDRESS_OTHER_PART] = "other part",
};

struct eii_addresses *eii_addresses_new(void)
{
	struct eii_addresses *addresses = EII_NEW(struct eii_addresses);

	eii_buf_init(&addresses->texts, SIZE_MAX / 2);
	return addresses;
}

void eii_addresses_free(struct eii_addresses *addresses)
{
	if (!addresses)
		return;
	free(addresses->list);
	free(addresses->places);
	eii_buf_clear(&addresses->texts);
	free(addresses);
}

static uint64_t hash_of(struct eii_text text)
{
	uint64_t hash = text.len;
	size_t i = 0;

	for (; i + 8 <= text.len; i += 8) {
		uint64_t word;

		memcpy(&word, text.data + i, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static struct eii_text text_at(const struct eii_addresses *addresses, const struct address *address)
{
	return eii_text(addresses->texts.data + address->text, address->len);
}

/* The place of the text, or a free one; NULL: neither is among those looked at. */
static uint32_t *find_place(const struct eii_addresses *addresses, struct eii_text text)
{
	const uint64_t hash = hash_of(text);

	for (size_t i = 0; i < PROBES; i++) {
		uint32_t *place = &addresses->places[(hash + i) & (addresses->n_places - 1)];

		if (!*place ||
		    eii_text_equal(text_at(addresses, &addresses->list[*place - 1]), text))
			return place;
	}
	return NULL;
}

static void grow(struct eii_addresses *addresses)
{
	const size_t capacity = addresses->capacity ? addresses->capacity * 2 : 64;

	addresses->list = eii_realloc(addresses->list, capacity, sizeof(*addresses->list));
	addresses->capacity = capacity;
	free(addresses->places);
	addresses->n_places = capacity * 4;
	addresses->places = eii_calloc(addresses->n_places, sizeof(*addresses->places));
	for (size_t i = 0; i < addresses->n; i++) {
		uint32_t *place = find_place(addresses, text_at(addresses, &addresses->list[i]));

		if (place && !*place)
			*place = (uint32_t)i + 1;
	}
}

static void add_new(struct eii_addresses *addresses, enum eii_address_kind kind,
		    struct eii_text text, uint32_t *place)
{
	if (addresses->n == EII_ADDRESSES_KEPT) {
		addresses->n_beyond += kind != EII_ADDRESS_LIVE;
		return;
	}
	addresses->list[addresses->n] = (struct address){ .text = addresses->texts.len,
							  .len = (uint32_t)text.len,
							  .count = kind != EII_ADDRESS_LIVE,
							  .kind = (uint8_t)kind,
							  .is_live = kind == EII_ADDRESS_LIVE };
	eii_buf_add_text(&addresses->texts, text);
	if (!eii_buf_ok(&addresses->texts))
		abort();
	if (place)
		*place = (uint32_t)addresses->n + 1;
	addresses->n++;
}

static void add_kept(struct eii_addresses *addresses, enum eii_address_kind kind,
		     struct eii_text text)
{
	uint32_t *place;
	struct address *known;

	if (addresses->n == addresses->capacity)
		grow(addresses);
	place = find_place(addresses, text);
	if (!place || !*place) {
		add_new(addresses, kind, text, place);
		return;
	}
	known = &addresses->list[*place - 1];
	if (kind == EII_ADDRESS_LIVE) {
		known->is_live = true;
		return;
	}
	if (known->count == 0)
		known->kind = (uint8_t)kind;
	known->count++;
}

static void add_hash(struct eii_buf *out, struct eii_text bytes)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, bytes.len, (const uint8_t *)bytes.data);
	sha256_digest(&hash, sizeof(digest), digest);
	eii_buf_addf(out, ", %zu bytes, SHA-256 ", bytes.len);
	for (size_t i = 0; i < sizeof(digest); i++)
		eii_buf_addf(out, "%02x", digest[i]);
}

static void add_long(struct eii_addresses *addresses, enum eii_address_kind kind,
		     struct eii_text address)
{
	struct eii_buf text;

	eii_buf_init(&text, EII_ADDRESS_BYTES + 256);
	eii_buf_add(&text, address.data, eii_utf8_cut(address, EII_ADDRESS_BYTES));
	eii_buf_add_str(&text, "\xe2\x80\xa6");
	add_hash(&text, address);
	add_kept(addresses, kind, eii_buf_text(&text));
	eii_buf_clear(&text);
}

/* "data:image/png;base64,…": what it is, not what stands there. */
static void add_data(struct eii_addresses *addresses, enum eii_address_kind kind,
		     struct eii_text address)
{
	struct eii_text type;
	struct eii_buf bytes;
	struct eii_buf text;

	eii_buf_init(&bytes, address.len);
	eii_buf_init(&text, EII_ADDRESS_BYTES + 256);
	type = eii_html_data_bytes(address, &bytes);
	eii_buf_add_str(&text, "data:");
	eii_buf_add(&text, type.data, eii_utf8_cut(type, EII_ADDRESS_BYTES));
	add_hash(&text, eii_buf_text(&bytes));
	add_kept(addresses, kind, eii_buf_text(&text));
	eii_buf_clear(&bytes);
	eii_buf_clear(&text);
}

void eii_addresses_add(struct eii_addresses *addresses, enum eii_address_kind kind,
		       struct eii_text address)
{
	if (!addresses || address.len == 0)
		return;
	if (eii_text_starts_nocase(address, "data:"))
		add_data(addresses, kind, address);
	else if (address.len > EII_ADDRESS_BYTES && kind != EII_ADDRESS_LIVE)
		add_long(addresses, kind, address);
	else
		add_kept(addresses, kind, address);
}

static bool add_line(const struct eii_addresses *addresses, const struct address *address,
		     struct eii_buf *out, size_t max)
{
	const struct eii_text text = text_at(addresses, address);
	const size_t mark = out->len;

	eii_buf_addf(out, "<li>%s: ", kind_names[address->kind]);
	eii_html_escape(text, EII_HTML_QUOTES_DOUBLE, out);
	if (address->count > 1)
		eii_buf_addf(out, " (%u times)", address->count);
	eii_buf_add_str(out, "</li>");
	if (eii_buf_ok(out) && out->len <= max)
		return true;
	out->over = false;
	eii_html_take_back(out, mark);
	return false;
}

static size_t count_listed(const struct eii_addresses *addresses)
{
	size_t n = addresses->n_beyond;

	for (size_t i = 0; i < addresses->n; i++)
		n += !addresses->list[i].is_live;
	return n;
}

struct eii_address_count eii_addresses_write(const struct eii_addresses *addresses,
					     struct eii_buf *out)
{
	const size_t begin = out->len;
	const size_t n_listed = count_listed(addresses);
	struct eii_address_count count = { 0 };
	size_t max = out->max < begin + EII_ADDRESS_LIST_BYTES ? out->max
							       : begin + EII_ADDRESS_LIST_BYTES;

	if (n_listed == 0 || max < begin + sizeof(LIST_BEGIN LIST_END) + MORE_BYTES) {
		count.n_more = n_listed;
		return count;
	}
	max -= sizeof(LIST_END) + MORE_BYTES;
	eii_buf_add_str(out, LIST_BEGIN);
	for (size_t i = 0; i < addresses->n && count.n_lines < EII_ADDRESS_LINES; i++) {
		if (addresses->list[i].is_live)
			continue;
		if (!add_line(addresses, &addresses->list[i], out, max))
			break;
		count.n_lines++;
	}
	count.n_more = n_listed - count.n_lines;
	if (count.n_more)
		eii_buf_addf(out, "<li>and %zu more</li>", count.n_more);
	eii_buf_add_str(out, LIST_END);
	return count;
}
