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

/* Without case; the official helper takes yes and no for true and false. */
static bool is_same(const char *text, const char *harmless)
{
	if (strcasecmp(text, harmless) == 0)
		return true;
	return (strcasecmp(text, "no") == 0 && strcmp(harmless, "false") == 0) ||
	       (strcasecmp(text, "yes") == 0 && strcmp(harmless, "true") == 0);
}

static void add_idle(struct eii_problems *problems, const struct eii_idle_setting *idle,
		     const char *where)
{
	if (idle->weight == EII_IDLE_REFUSED)
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "%s (%s) is not done by this connector: %s; take it away",
				 idle->variable, where, idle->why);
	else
		eii_problems_add(problems,
				 idle->weight == EII_IDLE_SAID ? EII_PROBLEM_UNSAFE
							       : EII_PROBLEM_WARNING,
				 "%s (%s) has no effect: %s", idle->variable, where, idle->why);
}

bool eii_reading_is_idle(const struct eii_reading *reading, const char *variable, const char *text,
			 const char *where)
{
	for (size_t i = 0; i < eii_idle_table_len; i++) {
		const struct eii_idle_setting *idle = &eii_idle_table[i];

		if (strcasecmp(variable, idle->variable) != 0)
			continue;
		if (*text && idle->harmless && !is_same(text, idle->harmless))
			add_idle(reading->problems, idle, where);
		return true;
	}
	return false;
}

void eii_reading_fail(const struct eii_reading *reading, const struct eii_error *err)
{
	eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "settings file %s", err->text);
}
