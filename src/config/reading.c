/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <strings.h>

#include "eii/base/alloc.h"

char *eii_reading_where(const struct eii_reading *reading, size_t line)
{
	return eii_asprintf("%s, line %zu", reading->path, line);
}

void eii_reading_put(struct eii_reading *reading, const struct eii_name *name, const char *text,
		     const char *where)
{
	struct eii_given *given = reading->given;

	if (name->form == EII_NAME_FILE) {
		eii_given_put(&given->files[name->row], text, where);
		return;
	}
	eii_given_put(&given->values[name->row], text, where);
	if (eii_official_takes(reading->way, name->row, reading->source))
		eii_given_put(&given->official[name->row], text, where);
}

bool eii_reading_is_idle(const struct eii_reading *reading, const char *variable, const char *text,
			 const char *where)
{
	for (size_t i = 0; i < eii_idle_table_len; i++) {
		const struct eii_idle_setting *idle = &eii_idle_table[i];

		if (strcasecmp(variable, idle->variable) != 0)
			continue;
		if (*text && idle->harmless && strcasecmp(text, idle->harmless) != 0)
			eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
					 "%s (%s) has no effect: %s", idle->variable, where,
					 idle->why);
		return true;
	}
	return false;
}

void eii_reading_fail(const struct eii_reading *reading, const struct eii_error *err)
{
	eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "settings file %s", err->text);
}
