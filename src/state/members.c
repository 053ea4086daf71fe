/* SPDX-License-Identifier: Apache-2.0 */
#include "members.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/json_writer.h"
#include "eii/base/sink.h"
#include "eii/codec/json.h"
#include "eii/codec/json_members.h"

#define NAME_MAX_BYTES 1048576u

void eii_members_clear(struct eii_members *members)
{
	for (size_t i = 0; i < members->n; i++) {
		free(members->items[i].name);
		free(members->items[i].value);
	}
	free(members->items);
	*members = (struct eii_members){ 0 };
}

static void add(struct eii_members *members, char *name, char *value)
{
	members->items = eii_realloc(members->items, members->n + 1, sizeof(*members->items));
	members->items[members->n++] = (struct eii_member){ .name = name, .value = value };
}

void eii_members_read(struct eii_members *members, struct eii_text object)
{
	struct eii_json_member member;
	size_t at = 0;

	while (eii_json_members_next(object, &at, &member))
		add(members, eii_strndup(member.name.data, member.name.len),
		    eii_strndup(member.value.data, member.value.len));
}

/* A name in a spelling with escapes. */
static bool is_spelled(const char *quoted, const char *name)
{
	EII_AUTO(eii_json) json = NULL;

	if (eii_json_parse(eii_text_of(quoted), NAME_MAX_BYTES, &json, NULL))
		return false;
	return strcmp(eii_json_as_str(json, ""), name) == 0;
}

bool eii_member_is(const struct eii_member *member, const char *name)
{
	size_t len = strlen(name);

	if (strchr(member->name, '\\'))
		return is_spelled(member->name, name);
	return strlen(member->name) == len + 2 && memcmp(member->name + 1, name, len) == 0;
}

struct eii_member *eii_members_find(const struct eii_members *members, const char *name)
{
	for (size_t i = members->n; i-- > 0;) {
		if (eii_member_is(&members->items[i], name))
			return &members->items[i];
	}
	return NULL;
}

void eii_members_put(struct eii_members *members, const char *name, char *value)
{
	struct eii_member *member = eii_members_find(members, name);

	if (!member) {
		add(members, eii_members_quoted(name), value);
		return;
	}
	free(member->value);
	member->value = value;
}

void eii_members_drop(struct eii_members *members, const char *name)
{
	for (size_t i = members->n; i-- > 0;) {
		struct eii_member *member = &members->items[i];

		if (!eii_member_is(member, name))
			continue;
		free(member->name);
		free(member->value);
		members->n--;
		memmove(member, member + 1, (members->n - i) * sizeof(*member));
	}
}

static void separate(bool *is_first, struct eii_buf *out)
{
	if (!*is_first)
		eii_buf_add_char(out, ',');
	*is_first = false;
}

void eii_members_write(const struct eii_members *members, bool *is_first, struct eii_buf *out)
{
	for (size_t i = 0; i < members->n; i++) {
		separate(is_first, out);
		eii_buf_add_str(out, members->items[i].name);
		eii_buf_add_char(out, ':');
		eii_buf_add_str(out, members->items[i].value);
	}
}

void eii_members_key(const char *name, bool *is_first, struct eii_buf *out)
{
	separate(is_first, out);
	eii_buf_add_char(out, '"');
	eii_buf_add_str(out, name);
	eii_buf_add_str(out, "\":");
}

char *eii_members_quoted(const char *text)
{
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_buf out;

	eii_buf_init(&out, NAME_MAX_BYTES);
	eii_buf_sink_init(&sink, &out);
	eii_json_writer_init(&json, &sink.base);
	eii_json_str(&json, text);
	if (eii_json_writer_finish(&json, NULL))
		abort(); /* a name or a date of ours: short */
	return eii_buf_detach(&out);
}
