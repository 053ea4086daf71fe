/* SPDX-License-Identifier: Apache-2.0 */
#include "levels.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

#define FIRST_LEVELS 8

/* Comparisons of a line with a boundary: those of 40,000 delimiters 1,000 deep. */
#define COMPARED_MAX 40000000u

struct eii_level *eii_levels_push(struct eii_levels *levels)
{
	if (levels->n == levels->capacity) {
		levels->capacity = levels->capacity ? levels->capacity * 2 : FIRST_LEVELS;
		levels->list = eii_realloc(levels->list, levels->capacity, sizeof(*levels->list));
	}
	levels->list[levels->n] = (struct eii_level){ .part = EII_NO_INDEX };
	return &levels->list[levels->n++];
}

const struct eii_level *eii_levels_pop(struct eii_levels *levels)
{
	return &levels->list[--levels->n];
}

void eii_levels_clear(struct eii_levels *levels)
{
	free(levels->list);
	*levels = (struct eii_levels){ 0 };
}

bool eii_levels_are_over(const struct eii_levels *levels)
{
	return levels->n_compared > COMPARED_MAX;
}

/* Is the line a delimiter of that boundary? Blanks behind it do not count. */
static bool delimits(struct eii_text line, struct eii_text boundary, bool *out_is_close)
{
	if (!boundary.len || line.len < boundary.len + 2 ||
	    memcmp(line.data + 2, boundary.data, boundary.len) != 0)
		return false;
	*out_is_close = line.len == boundary.len + 4 && !memcmp(line.data + line.len - 2, "--", 2);
	return *out_is_close || line.len == boundary.len + 2;
}

/* Whose delimiter the line is; of two that it could end, the outer one, as in Python. */
static bool find_level(struct eii_levels *levels, struct eii_text line, struct eii_delimiter *out)
{
	while (line.len && (unsigned char)line.data[line.len - 1] <= ' ')
		line.len--;
	for (size_t i = 0; i < levels->n; i++) {
		levels->n_compared++;
		if (!delimits(line, levels->list[i].boundary, &out->is_close))
			continue;
		out->level = i;
		return true;
	}
	return false;
}

bool eii_levels_begins(struct eii_levels *levels, struct eii_text bytes, size_t at,
		       struct eii_delimiter *out)
{
	const char *end = bytes.data + bytes.len;
	const char *p = bytes.data + at;
	const char *mark;

	if (!levels->n || end - p < 2 || p[0] != '-' || p[1] != '-' || eii_levels_are_over(levels))
		return false;
	mark = memchr(p, '\n', (size_t)(end - p));
	out->start = at;
	out->next = (size_t)((mark ? mark + 1 : end) - bytes.data);
	return find_level(levels, eii_text(p, out->next - at), out);
}

bool eii_levels_find(struct eii_levels *levels, struct eii_text bytes, size_t from,
		     struct eii_delimiter *out)
{
	while (levels->n && from < bytes.len) {
		const char *mark;

		if (eii_levels_begins(levels, bytes, from, out))
			return true;
		mark = memmem(bytes.data + from, bytes.len - from, "\n--", 3);
		if (!mark || eii_levels_are_over(levels))
			return false;
		from = (size_t)(mark + 1 - bytes.data);
	}
	return false;
}
