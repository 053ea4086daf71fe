/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/html/names.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "tables.h"

#define BYTES(byte) ((byte)*UINT64_C(0x0101010101010101))

#define NAME_BYTES 16

struct key {
	uint64_t first;
	uint64_t last;
};

static uint64_t load8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

static uint64_t load4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return le32toh(word);
}

/* Eight letters at once; bytes of other kinds stay. */
static uint64_t lower(uint64_t word)
{
	const uint64_t low = word & BYTES(0x7f);
	const uint64_t from_a = low + BYTES(0x80 - 'A');
	const uint64_t above_z = low + BYTES(0x7f - 'Z');

	return word | ((from_a ^ above_z) & ~word & BYTES(0x80)) >> 2;
}

static uint64_t byte_at(struct eii_text name, size_t at)
{
	return (unsigned char)name.data[at];
}

/* Two words that may overlap; with the length they say the whole name. */
static struct key read_key(struct eii_text name)
{
	struct key key;

	if (name.len >= 8) {
		key = (struct key){ load8(name.data), load8(name.data + name.len - 8) };
	} else if (name.len >= 4) {
		key = (struct key){ load4(name.data), load4(name.data + name.len - 4) };
	} else {
		key.first = byte_at(name, 0) | byte_at(name, name.len / 2) << 8;
		key.last = byte_at(name, name.len - 1);
	}
	return (struct key){ lower(key.first), lower(key.last) };
}

static unsigned int find(const struct name_table *table, struct eii_text name)
{
	const struct name_key *found;
	unsigned int member;
	struct key key;

	if (name.len == 0 || name.len > NAME_BYTES)
		return 0;
	key = read_key(name);
	member = table->slots[(key.first + key.last * 31 + name.len) * table->multiplier >>
			      table->shift];
	found = &table->keys[member];
	if (found->first == key.first && found->last == key.last && found->len == name.len)
		return member;
	return 0;
}

enum eii_html_tag eii_html_tag_find(struct eii_text name)
{
	return (enum eii_html_tag)find(&eii_html_tag_table, name);
}

enum eii_html_attribute_name eii_html_attribute_find(struct eii_text name)
{
	return (enum eii_html_attribute_name)find(&eii_html_attribute_table, name);
}

const char *eii_html_tag_name(enum eii_html_tag tag)
{
	return eii_html_tag_names[tag];
}

const char *eii_html_attribute_name(enum eii_html_attribute_name name)
{
	return eii_html_attribute_names[name];
}
