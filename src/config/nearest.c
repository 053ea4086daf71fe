/* SPDX-License-Identifier: Apache-2.0 */
#include "nearest.h"

#include <string.h>
#include <strings.h>

#include "eii/base/alloc.h"

#define NAME_MAX_BYTES 64 /* longer names count as far as this */

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1];
	size_t a_len = strnlen(a, NAME_MAX_BYTES), b_len = strnlen(b, NAME_MAX_BYTES);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];
			bool same = eii_ascii_lower(a[i - 1]) == eii_ascii_lower(b[j - 1]);

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1));
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *eii_nearest_section(const char *name)
{
	enum eii_section best = EII_SECTION_OPENCTI;

	for (int i = 1; i < EII_SECTION_COUNT; i++) {
		if (distance(name, eii_section_name((enum eii_section)i)) <
		    distance(name, eii_section_name(best)))
			best = (enum eii_section)i;
	}
	return eii_section_name(best);
}

const char *eii_nearest_variable(const char *name)
{
	size_t best = 0;

	for (size_t i = 1; i < eii_table_len; i++) {
		if (distance(name, eii_table[i].variable) <
		    distance(name, eii_table[best].variable))
			best = i;
	}
	return eii_table[best].variable;
}

/* The row whose key it is exactly, in another section or written as the variable. */
static const struct eii_setting *find_elsewhere(const char *key)
{
	for (size_t i = 0; i < eii_table_len; i++) {
		const struct eii_setting *row = &eii_table[i];

		if (strcasecmp(key, eii_section_key(row->section, row->variable)) == 0 ||
		    strcasecmp(key, row->variable) == 0)
			return row;
	}
	return NULL;
}

static const struct eii_setting *nearest_row(enum eii_section section, const char *key)
{
	const struct eii_setting *best = NULL;
	size_t best_distance = SIZE_MAX;

	for (size_t i = 0; i < eii_table_len; i++) {
		const struct eii_setting *row = &eii_table[i];
		size_t d = distance(key, eii_section_key(section, row->variable));

		if (row->section == section && d < best_distance) {
			best_distance = d;
			best = row;
		}
	}
	return best;
}

char *eii_nearest_key(enum eii_section section, const char *key)
{
	const struct eii_setting *best = find_elsewhere(key);
	EII_AUTO_STR name = NULL;

	if (!best)
		best = nearest_row(section, key);
	name = eii_setting_key(best);
	if (best->section == section)
		return EII_DETACH(name);
	return eii_asprintf("%s in [%s]", name, eii_section_name(best->section));
}
