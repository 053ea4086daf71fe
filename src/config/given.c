/* SPDX-License-Identifier: Apache-2.0 */
#include "given.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dotenv.h"
#include "eii/base/alloc.h"
#include "ini_file.h"
#include "nearest.h"

#define FILE_SUFFIX     "_FILE"
#define FILE_SUFFIX_LEN (sizeof(FILE_SUFFIX) - 1)

struct reading {
	struct eii_given *given;
	struct eii_problems *problems;
	const char *path;      /* of the file that is read */
	char *unknown_section; /* the last one named; owned */
};

struct eii_given *eii_given_new(void)
{
	return EII_NEW(struct eii_given);
}

static void clear_value(struct eii_given_value *value)
{
	eii_free_secret(value->text);
	free(value->where);
	free(value->over);
	*value = (struct eii_given_value){ .text = NULL };
}

void eii_given_free(struct eii_given *given)
{
	if (!given)
		return;
	for (size_t i = 0; i < EII_TABLE_MAX; i++) {
		clear_value(&given->values[i]);
		clear_value(&given->files[i]);
	}
	free(given);
}

/* Takes where over. An empty value counts as not given: what an earlier source said stays. */
static void put(struct eii_given_value *value, const char *text, char *where)
{
	char *over = NULL;

	if (!*text) {
		free(where);
		return;
	}
	if (value->text && strcmp(value->text, text) != 0)
		over = EII_DETACH(value->where);
	clear_value(value);
	value->text = eii_strdup(text);
	value->where = where;
	value->over = over;
}

/* How name stands to a variable: itself, its `_FILE` form, or neither. */
enum form { FORM_NONE, FORM_VALUE, FORM_FILE };

static enum form compare(const char *name, const char *variable, enum eii_setting_type type)
{
	size_t len = strlen(variable);

	if (strncasecmp(name, variable, len) != 0)
		return FORM_NONE;
	if (!name[len])
		return FORM_VALUE;
	return type == EII_TYPE_SECRET && strcasecmp(name + len, FILE_SUFFIX) == 0 ? FORM_FILE
										   : FORM_NONE;
}

static void put_row(struct eii_given *given, size_t row, enum form form, const char *text,
		    char *where)
{
	put(form == FORM_FILE ? &given->files[row] : &given->values[row], text, where);
}

static bool put_idle(const struct reading *reading, const char *variable, const char *text,
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

/* --- INI --- */

static bool find_key(enum eii_section section, const char *key, size_t *out_row,
		     enum form *out_form)
{
	for (size_t i = 0; i < eii_table_len; i++) {
		const struct eii_setting *row = &eii_table[i];

		if (row->section != section)
			continue;
		*out_form = compare(key, eii_section_key(section, row->variable), row->type);
		*out_row = i;
		if (*out_form != FORM_NONE)
			return true;
	}
	return false;
}

static bool is_idle_key(const struct reading *reading, enum eii_section section, const char *key,
			const char *value, const char *where)
{
	EII_AUTO_STR variable = NULL;

	if (section == EII_SECTION_NETWORK)
		return false;
	variable = eii_asprintf("%s_%s", eii_section_name(section), key);
	return put_idle(reading, variable, value, where);
}

static void say_unknown_section(struct reading *reading, const char *section, size_t line)
{
	if (reading->unknown_section && strcmp(reading->unknown_section, section) == 0)
		return;
	free(reading->unknown_section);
	reading->unknown_section = eii_strdup(section);
	if (!*section)
		eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
				 "%s, line %zu: keys before the first [section] have no effect",
				 reading->path, line);
	else
		eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
				 "%s, line %zu: unknown section [%s]; its keys have no effect; the "
				 "nearest known one is [%s]",
				 reading->path, line, section, eii_nearest_section(section));
}

static void ini_key(void *arg, const char *section_name, const char *key, const char *value,
		    size_t line)
{
	struct reading *reading = arg;
	EII_AUTO_STR where = NULL;
	EII_AUTO_STR nearest = NULL;
	enum eii_section section;
	enum form form;
	size_t row;

	if (!eii_section_find(section_name, &section)) {
		say_unknown_section(reading, section_name, line);
		return;
	}
	where = eii_asprintf("%s, line %zu", reading->path, line);
	if (find_key(section, key, &row, &form)) {
		put_row(reading->given, row, form, value, EII_DETACH(where));
		return;
	}
	if (is_idle_key(reading, section, key, value, where))
		return;
	nearest = eii_nearest_key(section, key);
	eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
			 "%s: unknown key %s in [%s]; the nearest known one is %s", where, key,
			 section_name, nearest);
}

/* --- variables --- */

static bool find_variable(const char *name, size_t *out_row, enum form *out_form)
{
	for (size_t i = 0; i < eii_table_len; i++) {
		const struct eii_setting *row = &eii_table[i];
		enum form form = compare(name, row->variable, row->type);
		size_t len = strlen(row->variable);
		bool is_lower = islower((unsigned char)*name) != 0;

		/* Variables are told apart by case; only proxies are known in both. */
		if (form == FORM_NONE || (is_lower && !(row->flags & EII_SETTING_LOWER_NAME)))
			continue;
		if (!is_lower && strncmp(name, row->variable, len) != 0)
			continue;
		*out_row = i;
		*out_form = form;
		return true;
	}
	return false;
}

static bool is_ours(const char *name)
{
	for (int i = 0; i < EII_SECTION_NETWORK; i++) {
		if (eii_section_has_variable((enum eii_section)i, name))
			return true;
	}
	return false;
}

/* A password may hold what looks like a variable: its name stays out of the words. */
static void judge_secret(const struct reading *reading, const struct eii_dotenv_entry *entry,
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

static void judge_value(const struct reading *reading, const struct eii_dotenv_entry *entry,
			const char *where)
{
	if (entry->undefined)
		eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
				 "%s (%s): %s is not defined: nothing stands for it", entry->name,
				 where, entry->undefined);
}

static void dotenv_variable(void *arg, const struct eii_dotenv_entry *entry)
{
	struct reading *reading = arg;
	EII_AUTO_STR where = eii_asprintf("%s, line %zu", reading->path, entry->line);
	enum form form;
	size_t row;

	if (find_variable(entry->name, &row, &form)) {
		if (form == FORM_VALUE && eii_table[row].type == EII_TYPE_SECRET)
			judge_secret(reading, entry, where);
		else
			judge_value(reading, entry, where);
		put_row(reading->given, row, form, entry->value, EII_DETACH(where));
		return;
	}
	if (put_idle(reading, entry->name, entry->value, where) || !is_ours(entry->name))
		return;
	eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
			 "%s: unknown variable %s; the nearest known one is %s", where, entry->name,
			 eii_nearest_variable(entry->name));
}

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

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/*
 * What Kubernetes sets for each Service of the namespace (enableServiceLinks), as
 * OPENCTI_SERVER_SERVICE_HOST or OPENCTI_SERVER_PORT_4000_TCP_ADDR; and Composer's mark.
 */
static bool is_from_outside(const char *name, const char *value)
{
	return strstr(name, "_SERVICE_HOST") || strstr(name, "_SERVICE_PORT") ||
	       strstr(name, "_TCP_") || strstr(name, "_UDP_") || ends_with(name, "_TCP") ||
	       ends_with(name, "_UDP") || strncmp(value, "tcp://", 6) == 0 ||
	       strncmp(value, "udp://", 6) == 0 || strcmp(name, "OPENCTI_CONFIG_HASH") == 0;
}

static void judge_unknown(const struct reading *reading, const char *name, const char *value)
{
	if (put_idle(reading, name, value, "environment") || !is_ours(name) ||
	    islower((unsigned char)*name) || is_from_outside(name, value))
		return;
	eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
			 "environment: unknown variable %s; the nearest known one is %s", name,
			 eii_nearest_variable(name));
}

static void read_environment(struct reading *reading, const char *const *environment)
{
	for (const char *const *entry = environment; entry && *entry; entry++) {
		const char *equals = strchr(*entry, '=');
		EII_AUTO_STR name = NULL;
		enum form form;
		size_t row;

		if (!equals)
			continue;
		name = eii_strndup(*entry, (size_t)(equals - *entry));
		if (!find_variable(name, &row, &form)) {
			judge_unknown(reading, name, equals + 1);
			continue;
		}
		if (!is_hidden(environment, *entry, eii_table[row].variable))
			put_row(reading->given, row, form, equals + 1, eii_strdup("environment"));
	}
}

static void say_unreadable(const struct reading *reading, enum eii_rc rc,
			   const struct eii_error *err)
{
	if (rc)
		eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "settings file %s",
				 err->text);
}

static void read_ini(struct reading *reading, const char *path)
{
	const struct eii_ini_taker taker = { .take = ini_key, .arg = reading };
	struct eii_error err;

	reading->path = path;
	say_unreadable(reading, eii_ini_read(path, &taker, reading->problems, &err), &err);
}

static void read_dotenv(struct reading *reading, const char *path, const char *const *environment)
{
	const struct eii_dotenv_taker taker = {
		.take = dotenv_variable,
		.arg = reading,
		.environment = environment,
	};
	struct eii_error err;

	reading->path = path;
	say_unreadable(reading, eii_dotenv_read(path, &taker, reading->problems, &err), &err);
}

void eii_given_read(struct eii_given *given, const struct eii_config_sources *sources,
		    struct eii_problems *problems)
{
	struct reading reading = { .given = given, .problems = problems };

	if (sources->ini_path)
		read_ini(&reading, sources->ini_path);
	if (sources->env_path)
		read_dotenv(&reading, sources->env_path, sources->environment);
	read_environment(&reading, sources->environment);
	free(reading.unknown_section);
}
