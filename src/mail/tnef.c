/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/tnef.h"

#define SIGNATURE       0x223e9f78u
#define STREAM_HEADER   6 /* signature and key */
#define LEVEL_FILE      2
#define ATTRIBUTE_START 9 /* level, id, type, length */
#define CHECKSUM        2

#define SEVERAL_VALUES  0x1000
#define FIRST_NAMED     0x8000u
#define GUID_BYTES      16
#define NAMED_BY_STRING 1u
#define INTERFACE_ID    16

static uint16_t short_at(struct eii_text text, size_t at)
{
	return (uint16_t)((unsigned char)text.data[at] | (unsigned char)text.data[at + 1] << 8);
}

static uint32_t long_at(struct eii_text text, size_t at)
{
	return short_at(text, at) | (uint32_t)short_at(text, at + 2) << 16;
}

static struct eii_text behind(struct eii_text text, size_t n)
{
	return n < text.len ? eii_text(text.data + n, text.len - n)
			    : eii_text(text.data + text.len, 0);
}

uint32_t eii_tnef_number(struct eii_text value, uint32_t otherwise)
{
	return value.len < 4 ? otherwise : long_at(value, 0);
}

/* ---- attributes ------------------------------------------------------------ */

bool eii_tnef_starts(struct eii_text bytes)
{
	return bytes.len >= STREAM_HEADER && long_at(bytes, 0) == SIGNATURE;
}

bool eii_tnef_walk_init(struct eii_tnef_walk *walk, struct eii_text bytes)
{
	*walk = (struct eii_tnef_walk){ .is_cut = false };
	if (!eii_tnef_starts(bytes))
		return false;
	walk->rest = behind(bytes, STREAM_HEADER);
	return true;
}

bool eii_tnef_walk_next(struct eii_tnef_walk *walk, struct eii_tnef_attribute *out)
{
	struct eii_text data;
	uint32_t len;

	if (walk->rest.len < ATTRIBUTE_START) {
		walk->is_cut = walk->is_cut || walk->rest.len;
		return false;
	}
	len = long_at(walk->rest, 5);
	data = behind(walk->rest, ATTRIBUTE_START);
	out->is_of_file = *walk->rest.data == LEVEL_FILE;
	out->id = short_at(walk->rest, 1);
	walk->is_cut = walk->is_cut || len > data.len;
	out->data = eii_text(data.data, len < data.len ? len : data.len);
	/* A checksum that is cut off costs nothing. */
	walk->rest = behind(behind(data, out->data.len), CHECKSUM);
	return true;
}

/* ---- MAPI properties ------------------------------------------------------- */

void eii_mapi_walk_init(struct eii_mapi_walk *walk, struct eii_text data)
{
	*walk = (struct eii_mapi_walk){
		.rest = behind(data, 4),
		.n_left = eii_tnef_number(data, 0),
		.is_cut = data.len < 4,
	};
}

/* False, and the mark, where fewer bytes are left; no walk goes on behind the mark. */
static bool has(struct eii_mapi_walk *walk, size_t n)
{
	walk->is_cut = walk->is_cut || walk->rest.len < n;
	return !walk->is_cut;
}

static bool take_long(struct eii_mapi_walk *walk, uint32_t *out)
{
	if (!has(walk, 4))
		return false;
	*out = long_at(walk->rest, 0);
	walk->rest = behind(walk->rest, 4);
	return true;
}

/* So many bytes and those that fill up to four; what is cut is given as far as it goes. */
static struct eii_text take_padded(struct eii_mapi_walk *walk, uint32_t n)
{
	struct eii_text value;

	(void)has(walk, n);
	value = eii_text(walk->rest.data, n < walk->rest.len ? n : walk->rest.len);
	walk->rest = behind(walk->rest, ((size_t)n + 3) / 4 * 4);
	return value;
}

static bool skip_name(struct eii_mapi_walk *walk)
{
	uint32_t kind;
	uint32_t value;

	if (!has(walk, GUID_BYTES))
		return false;
	walk->rest = behind(walk->rest, GUID_BYTES);
	if (!take_long(walk, &kind) || !take_long(walk, &value))
		return false;
	if (kind == NAMED_BY_STRING)
		(void)take_padded(walk, value);
	return !walk->is_cut;
}

/* Bytes of a value, fill included; 0 = its length is told. */
static uint32_t size_of(uint16_t type)
{
	switch (type) {
	case EII_MAPI_OBJECT:
	case EII_MAPI_STRING8:
	case EII_MAPI_UNICODE:
	case EII_MAPI_BINARY:
		return 0;
	case 0x0005: /* floating point, currency, time, number of eight bytes */
	case 0x0006:
	case 0x0007:
	case 0x0014:
	case 0x0040:
		return 8;
	case 0x0048:
		return GUID_BYTES;
	default:
		return 4;
	}
}

static bool take_value(struct eii_mapi_walk *walk, uint16_t type, struct eii_text *out)
{
	uint32_t len = size_of(type);

	if (!len && !take_long(walk, &len))
		return false;
	*out = take_padded(walk, len);
	if (type == EII_MAPI_OBJECT)
		*out = behind(*out, INTERFACE_ID);
	return true;
}

/* How many values there are is told of these; of the others there is one. */
static bool is_counted(uint16_t type)
{
	return type & SEVERAL_VALUES || !size_of(type);
}

static bool take_values(struct eii_mapi_walk *walk, uint16_t type, struct eii_text *out)
{
	uint16_t plain = (uint16_t)(type & ~SEVERAL_VALUES);
	uint32_t n = 1;
	struct eii_text more;

	if (is_counted(type) && !take_long(walk, &n))
		return false;
	*out = eii_text(NULL, 0);
	if (n && !take_value(walk, plain, out))
		return false;
	for (uint32_t i = 1; i < n && !walk->is_cut; i++) {
		if (!take_value(walk, plain, &more))
			return true;
	}
	return true;
}

bool eii_mapi_walk_next(struct eii_mapi_walk *walk, struct eii_mapi_property *out)
{
	uint32_t tag;

	if (walk->is_cut || !walk->n_left || !take_long(walk, &tag))
		return false;
	walk->n_left--;
	out->id = (uint16_t)(tag >> 16);
	out->type = (uint16_t)(tag & 0xffff & ~(uint32_t)SEVERAL_VALUES);
	if (out->id >= FIRST_NAMED && !skip_name(walk))
		return false;
	return take_values(walk, (uint16_t)tag, &out->value);
}
