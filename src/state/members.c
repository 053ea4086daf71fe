/* SPDX-License-Identifier: Apache-2.0 */
#include "members.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/codec/json.h"
#include "value.h"

#define MAX_TEXT_BYTES 1048576u /* of a name: as long as the document may be */

/* Decoded it would end there. */
static bool has_nul(struct eii_text name)
{
	for (size_t i = 0; i + 6 <= name.len; i++) {
		if (name.data[i] != '\\')
			continue;
		if (memcmp(name.data + i + 1, "u0000", 5) == 0)
			return true;
		i++; /* what is escaped, be it a backslash */
	}
	return false;
}

bool eii_member_is_named(struct eii_text name, const char *plain)
{
	EII_AUTO_STR decoded = NULL;

	if (name.len < 2)
		return false;
	if (!memchr(name.data, '\\', name.len))
		return eii_text_equal(eii_text(name.data + 1, name.len - 2), eii_text_of(plain));
	decoded = has_nul(name) ? NULL : eii_value_str(name);
	return decoded && strcmp(decoded, plain) == 0;
}

void eii_members_split(struct eii_text object, struct eii_members *out)
{
	struct eii_json_member member;
	size_t at = 0, capacity = 0;

	*out = (struct eii_members){ 0 };
	while (eii_json_members_next(object, &at, &member)) {
		if (out->n == capacity) {
			capacity = capacity ? 2 * capacity : 16;
			out->items = eii_realloc(out->items, capacity, sizeof(*out->items));
		}
		out->items[out->n++] = member;
	}
}

void eii_members_clear(struct eii_members *members)
{
	free(members->items);
	*members = (struct eii_members){ 0 };
}

struct eii_text eii_members_value(const struct eii_members *members, const char *name)
{
	for (size_t i = members->n; i-- > 0;) {
		if (eii_member_is_named(members->items[i].name, name))
			return members->items[i].value;
	}
	return eii_text(NULL, 0);
}

/* ---- writing ----------------------------------------------------------- */

void eii_members_cut(struct eii_buf *out, size_t len)
{
	if (out->len <= len)
		return;
	out->len = len;
	out->data[len] = '\0';
}

static void add_comma(struct eii_buf *out)
{
	if (out->data[out->len - 1] != '{')
		eii_buf_add_char(out, ',');
}

/* The number of the slot of that name, or their count. */
static size_t slot_of(const struct eii_slots *slots, struct eii_text name)
{
	size_t slot = 0;

	while (slot < slots->n && !eii_member_is_named(name, slots->names[slot]))
		slot++;
	return slot;
}

static void write_slot(const struct eii_slots *slots, size_t slot, struct eii_text old,
		       const void *context, struct eii_buf *out)
{
	size_t before = out->len, value;

	add_comma(out);
	eii_value_add_str(slots->names[slot], out);
	eii_buf_add_char(out, ':');
	value = out->len;
	slots->write(context, slot, old, out);
	if (out->len == value)
		eii_members_cut(out, before);
}

static void write_unknown(const struct eii_slots *slots, const struct eii_json_member *member,
			  const void *context, struct eii_buf *out)
{
	size_t before = out->len, value;

	add_comma(out);
	eii_buf_add_text(out, member->name);
	eii_buf_add_char(out, ':');
	value = out->len;
	if (slots->write_unknown)
		slots->write_unknown(context, member, out);
	else
		eii_buf_add_text(out, member->value);
	if (out->len == value)
		eii_members_cut(out, before);
}

void eii_members_merge(const struct eii_members *old, const struct eii_slots *slots,
		       const void *context, struct eii_buf *out)
{
	size_t *numbers = eii_calloc(old->n + 1, sizeof(*numbers));
	struct eii_text *values = eii_calloc(slots->n + 1, sizeof(*values));
	bool *is_written = eii_calloc(slots->n + 1, sizeof(*is_written));

	for (size_t i = 0; i < old->n; i++) {
		numbers[i] = slot_of(slots, old->items[i].name);
		values[numbers[i]] = old->items[i].value;
	}
	eii_buf_add_char(out, '{');
	for (size_t i = 0; i < old->n; i++) {
		size_t slot = numbers[i];

		if (slot == slots->n)
			write_unknown(slots, &old->items[i], context, out);
		else if (!is_written[slot])
			write_slot(slots, slot, values[slot], context, out);
		is_written[slot] = true;
	}
	for (size_t slot = 0; slot < slots->n; slot++) {
		if (!is_written[slot])
			write_slot(slots, slot, eii_text(NULL, 0), context, out);
	}
	eii_buf_add_char(out, '}');
	free(numbers);
	free(values);
	free(is_written);
}

void eii_members_merge_text(struct eii_text old, const struct eii_slots *slots, const void *context,
			    struct eii_buf *out)
{
	struct eii_members members;

	eii_members_split(old, &members);
	eii_members_merge(&members, slots, context, out);
	eii_members_clear(&members);
}
