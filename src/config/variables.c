/* SPDX-License-Identifier: Apache-2.0 */
#include "variables.h"

#include <ctype.h>
#include <string.h>

#include "dotenv.h"
#include "eii/base/alloc.h"
#include "nearest.h"

/* --- .env --- */

/* A password may hold what looks like a variable: its name stays out of the words. */
static void judge_secret(const struct eii_reading *reading, const struct eii_dotenv_entry *entry,
			 const char *where)
{
	if (entry->undefined)
		eii_problems_add(reading->problems, EII_PROBLEM_WRONG,
				 "%s (%s): a ${...} in it names a variable that is not defined; "
				 "if it belongs to the secret, put that in single quotes",
				 entry->name, where);
	else if (entry->n_replaced)
		eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
				 "%s (%s): a ${...} in it was replaced; if it belongs to the "
				 "secret, put that in single quotes",
				 entry->name, where);
}

static void judge_value(const struct eii_reading *reading, const struct eii_dotenv_entry *entry,
			const char *where)
{
	if (entry->undefined)
		eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
				 "%s (%s): %s is not defined: nothing stands for it", entry->name,
				 where, entry->undefined);
}

static void dotenv_variable(void *arg, const struct eii_dotenv_entry *entry)
{
	struct eii_reading *reading = arg;
	EII_AUTO_STR where = eii_reading_where(reading, entry->line);
	struct eii_name name;

	if (eii_name_find_variable(entry->name, &name)) {
		if (name.form == EII_NAME_VALUE && eii_table[name.row].type == EII_TYPE_SECRET)
			judge_secret(reading, entry, where);
		else
			judge_value(reading, entry, where);
		eii_reading_put(reading, &name, entry->value, where);
		return;
	}
	if (eii_reading_is_idle(reading, entry->name, entry->value, where) ||
	    !eii_name_is_ours(entry->name))
		return;
	eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
			 "%s: unknown variable %s; the nearest known one is %s", where, entry->name,
			 eii_nearest_variable(entry->name));
}

void eii_variables_read_dotenv(struct eii_reading *reading, const char *path,
			       const char *const *environment)
{
	const struct eii_dotenv_taker taker = {
		.take = dotenv_variable,
		.arg = reading,
		.environment = environment,
	};
	struct eii_error err = { 0 };

	reading->source = EII_SOURCE_DOTENV;
	reading->path = path;
	if (eii_dotenv_read(path, &taker, reading->problems, &err))
		eii_reading_fail(reading, &err);
}

/* --- the environment --- */

#define ENVIRONMENT "environment"

/* The proxies' lower-case names count where the upper-case one is absent, as for curl. */
static bool is_hidden(const char *const *environment, const char *entry, const char *variable)
{
	size_t len = strlen(variable);

	if (strncmp(entry, variable, len) == 0)
		return false;
	for (; *environment; environment++) {
		if (strncmp(*environment, variable, len) == 0 && (*environment)[len] == '=' &&
		    (*environment)[len + 1])
			return true;
	}
	return false;
}

static void judge_unknown(const struct eii_reading *reading, const char *name, const char *value)
{
	if (eii_reading_is_idle(reading, name, value, ENVIRONMENT) || !eii_name_is_ours(name) ||
	    islower((unsigned char)*name) || eii_name_is_from_outside(name, value))
		return;
	eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
			 ENVIRONMENT ": unknown variable %s; the nearest known one is %s", name,
			 eii_nearest_variable(name));
}

void eii_variables_read_environment(struct eii_reading *reading, const char *const *environment)
{
	reading->source = EII_SOURCE_ENVIRONMENT;
	reading->path = NULL;
	for (const char *const *entry = environment; entry && *entry; entry++) {
		const char *equals = strchr(*entry, '=');
		EII_AUTO_STR text = NULL;
		struct eii_name name;

		if (!equals)
			continue;
		text = eii_strndup(*entry, (size_t)(equals - *entry));
		if (!eii_name_find_variable(text, &name))
			judge_unknown(reading, text, equals + 1);
		else if (!is_hidden(environment, *entry, eii_table[name.row].variable))
			eii_reading_put(reading, &name, equals + 1, ENVIRONMENT);
	}
}
