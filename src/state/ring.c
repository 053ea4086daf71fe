/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/ring.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/codec/hash.h"

#define MAX_MS 999

/*
 * An entry's text is the base64 of these bytes. Shortened hashes: two ids that
 * share 48 bits only cost a needless millisecond; an identity of 64 bits can be
 * met by a sender for his own two mails at most.
 */
#define ID_BYTES       6
#define IDENTITY_BYTES 8
#define ENTRY_BYTES    (ID_BYTES + IDENTITY_BYTES + 2)

struct entry {
	uint8_t id[ID_BYTES];
	uint8_t identity[IDENTITY_BYTES];
	uint16_t ms;
	uint32_t uid; /* 0 = from before this numbering of the mailbox, or parsed */
};

struct eii_ring {
	struct entry entries[EII_RING_ENTRIES];
	size_t first, n;
};

struct eii_ring *eii_ring_new(void)
{
	return EII_NEW(struct eii_ring);
}

void eii_ring_free(struct eii_ring *ring)
{
	free(ring);
}

static const struct entry *at(const struct eii_ring *ring, size_t i)
{
	return &ring->entries[(ring->first + i) % EII_RING_ENTRIES];
}

size_t eii_ring_count(const struct eii_ring *ring)
{
	return ring->n;
}

/* At the end; the oldest makes room. */
static void append(struct eii_ring *ring, const struct entry *entry)
{
	ring->entries[(ring->first + ring->n) % EII_RING_ENTRIES] = *entry;
	if (ring->n < EII_RING_ENTRIES)
		ring->n++;
	else
		ring->first = (ring->first + 1) % EII_RING_ENTRIES;
}

struct eii_ring *eii_ring_copy(const struct eii_ring *ring)
{
	struct eii_ring *copy = eii_ring_new();

	*copy = *ring;
	return copy;
}

struct eii_ring *eii_ring_copy_up_to(const struct eii_ring *ring, uint32_t uid)
{
	struct eii_ring *copy = eii_ring_new();

	for (size_t i = 0; i < ring->n; i++) {
		if (at(ring, i)->uid <= uid)
			append(copy, at(ring, i));
	}
	return copy;
}

void eii_ring_age(struct eii_ring *ring)
{
	for (size_t i = 0; i < EII_RING_ENTRIES; i++)
		ring->entries[i].uid = 0;
}

static bool has_id(const struct entry *a, const struct entry *b)
{
	return memcmp(a->id, b->id, ID_BYTES) == 0;
}

/* The first free one from start on among those of this id; 0 is never given. */
static unsigned free_ms(const struct eii_ring *ring, const struct entry *entry, unsigned start)
{
	bool is_taken[MAX_MS + 1] = { false };
	unsigned ms = start;

	for (size_t i = 0; i < ring->n; i++) {
		if (has_id(at(ring, i), entry))
			is_taken[at(ring, i)->ms] = true;
	}
	/* 512 entries cannot take 999 places. */
	while (is_taken[ms])
		ms = ms % MAX_MS + 1;
	return ms;
}

static unsigned hashed_ms(const uint8_t identity[EII_RING_IDENTITY_BYTES])
{
	const uint8_t *p = identity + IDENTITY_BYTES; /* bytes that the entry does not hold */
	uint32_t hash = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];

	return hash % MAX_MS + 1;
}

static bool has_any_of_id(const struct eii_ring *ring, const struct entry *entry)
{
	for (size_t i = 0; i < ring->n; i++) {
		if (has_id(at(ring, i), entry))
			return true;
	}
	return false;
}

/* The oldest of this id and identity; NULL = none. */
static const struct entry *find(const struct eii_ring *ring, const struct entry *entry)
{
	for (size_t i = 0; i < ring->n; i++) {
		if (has_id(at(ring, i), entry) &&
		    memcmp(at(ring, i)->identity, entry->identity, IDENTITY_BYTES) == 0)
			return at(ring, i);
	}
	return NULL;
}

static struct entry entry_of(const char *id, const uint8_t identity[EII_RING_IDENTITY_BYTES],
			     uint32_t uid)
{
	struct entry entry = { .uid = uid };
	uint8_t id_hash[EII_HASH_SHA256_BYTES];

	eii_sha256_of(id, strlen(id), id_hash);
	memcpy(entry.id, id_hash, ID_BYTES);
	memcpy(entry.identity, identity, IDENTITY_BYTES);
	return entry;
}

unsigned eii_ring_assign(struct eii_ring *ring, enum eii_ring_mode mode, const char *id,
			 const uint8_t identity[EII_RING_IDENTITY_BYTES], uint32_t uid,
			 bool *out_is_known)
{
	struct entry entry = entry_of(id, identity, uid);
	const struct entry *known = find(ring, &entry);

	*out_is_known = known != NULL;
	if (known)
		return known->ms;
	if (mode == EII_RING_DISTINCT || has_any_of_id(ring, &entry))
		entry.ms = (uint16_t)free_ms(ring, &entry, hashed_ms(identity));
	append(ring, &entry);
	return entry.ms;
}

bool eii_ring_find(const struct eii_ring *ring, const char *id,
		   const uint8_t identity[EII_RING_IDENTITY_BYTES], unsigned *out_ms)
{
	struct entry entry = entry_of(id, identity, 0);
	const struct entry *known = find(ring, &entry);

	if (known)
		*out_ms = known->ms;
	return known != NULL;
}

bool eii_ring_has(const struct eii_ring *ring, const char *id)
{
	static const uint8_t none[EII_RING_IDENTITY_BYTES];
	struct entry entry = entry_of(id, none, 0);

	return has_any_of_id(ring, &entry);
}

void eii_ring_keep(struct eii_ring *ring, const char *id,
		   const uint8_t identity[EII_RING_IDENTITY_BYTES], uint32_t uid, unsigned ms)
{
	struct entry entry = entry_of(id, identity, uid);

	entry.ms = (uint16_t)ms;
	if (ms <= MAX_MS && !find(ring, &entry))
		append(ring, &entry);
}

bool eii_ring_extends(const struct eii_ring *ring, const struct eii_ring *other)
{
	if (!other->n)
		return ring->n < EII_RING_ENTRIES;
	return find(ring, at(other, other->n - 1)) != NULL;
}

void eii_ring_format(const struct eii_ring *ring, struct eii_buf *out)
{
	size_t len = ring->n * ENTRY_BYTES;
	uint8_t *bytes = eii_calloc(len, 1);
	uint8_t *p = bytes;
	char *room;

	for (size_t i = 0; i < ring->n; i++, p += ENTRY_BYTES) {
		const struct entry *entry = at(ring, i);

		memcpy(p, entry->id, ID_BYTES);
		memcpy(p + ID_BYTES, entry->identity, IDENTITY_BYTES);
		p[ENTRY_BYTES - 2] = (uint8_t)(entry->ms >> 8);
		p[ENTRY_BYTES - 1] = (uint8_t)(entry->ms & 0xff);
	}
	room = eii_buf_reserve(out, eii_base64_size(len));
	if (room) {
		eii_base64_encode(bytes, len, room);
		out->len += eii_base64_size(len);
		out->data[out->len] = '\0';
	}
	free(bytes);
}

static bool add_entries(struct eii_ring *ring, struct eii_text bytes)
{
	for (size_t i = 0; i + ENTRY_BYTES <= bytes.len; i += ENTRY_BYTES) {
		const uint8_t *p = (const uint8_t *)bytes.data + i;
		struct entry entry = { .ms = (uint16_t)(p[ENTRY_BYTES - 2] << 8 |
							p[ENTRY_BYTES - 1]) };

		if (entry.ms > MAX_MS)
			return false;
		memcpy(entry.id, p, ID_BYTES);
		memcpy(entry.identity, p + ID_BYTES, IDENTITY_BYTES);
		append(ring, &entry);
	}
	return true;
}

struct eii_ring *eii_ring_parse(struct eii_text text)
{
	EII_AUTO(eii_ring) ring = eii_ring_new();
	struct eii_buf bytes;
	bool ok;

	eii_buf_init(&bytes, (size_t)EII_RING_ENTRIES * ENTRY_BYTES);
	ok = eii_base64_decode(text, &bytes) && bytes.len % ENTRY_BYTES == 0 &&
	     add_entries(ring, eii_buf_text(&bytes));
	eii_buf_clear(&bytes);
	return ok ? EII_DETACH(ring) : NULL;
}
