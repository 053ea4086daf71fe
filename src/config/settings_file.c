/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "eii/base/alloc.h"
#include "ini_file.h"
#include "nearest.h"
#include "yaml_file.h"
#include "yaml_value.h"

struct taking {
	struct eii_reading *reading;
	char *unknown_section; /* the last one named; owned */
};

static bool is_idle_key(const struct eii_reading *reading, enum eii_section section,
			const char *key, const char *value, const char *where)
{
	EII_AUTO_STR variable = NULL;

	if (section == EII_SECTION_NETWORK)
		return false;
	variable = eii_asprintf("%s_%s", eii_section_name(section), key);
	return eii_reading_is_idle(reading, variable, value, where);
}

/* A key that no row has. */
static void judge_unknown(const struct eii_reading *reading, enum eii_section section,
			  const char *key, const char *value, const char *where)
{
	EII_AUTO_STR nearest = NULL;

	if (is_idle_key(reading, section, key, value, where))
		return;
	nearest = eii_nearest_key(section, key);
	eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
			 "%s: unknown key %s in [%s]; the nearest known one is %s", where, key,
			 eii_section_name(section), nearest);
}

/* --- INI --- */

static void say_unknown_section(struct taking *taking, const char *section, size_t line)
{
	EII_AUTO_STR where = eii_reading_where(taking->reading, line);

	if (taking->unknown_section && strcmp(taking->unknown_section, section) == 0)
		return;
	free(taking->unknown_section);
	taking->unknown_section = eii_strdup(section);
	if (!*section)
		eii_problems_add(taking->reading->problems, EII_PROBLEM_WARNING,
				 "%s: keys before the first [section] have no effect", where);
	else
		eii_problems_add(taking->reading->problems, EII_PROBLEM_WARNING,
				 "%s: unknown section [%s]; its keys have no effect; the nearest "
				 "known one is [%s]",
				 where, section, eii_nearest_section(section));
}

static void ini_key(void *arg, const char *section_name, const char *key, const char *value,
		    size_t line)
{
	struct taking *taking = arg;
	EII_AUTO_STR where = NULL;
	enum eii_section section;
	struct eii_name name;

	if (!eii_section_find(section_name, &section)) {
		say_unknown_section(taking, section_name, line);
		return;
	}
	where = eii_reading_where(taking->reading, line);
	if (eii_name_find_key(section, key, &name))
		eii_reading_put(taking->reading, &name, value, where);
	else
		judge_unknown(taking->reading, section, key, value, where);
}

/* --- YAML --- */

/* The official connector takes no variable's name there either. */
static void yaml_unknown(void *arg, const char *name, size_t line)
{
	struct taking *taking = arg;
	EII_AUTO_STR where = eii_reading_where(taking->reading, line);

	eii_problems_add(taking->reading->problems, EII_PROBLEM_WARNING,
			 "%s: unknown section %s; it has no effect; the nearest known one is %s",
			 where, name, eii_nearest_section(name));
}

/* Why a value of this kind cannot be the row's, or NULL. */
static const char *kind_fault(enum eii_yaml_kind kind, const struct eii_setting *setting)
{
	if (kind == EII_YAML_LIST && !(setting->flags & EII_SETTING_LIST))
		return "a list stands there; one value is taken";
	if (kind != EII_YAML_NESTED)
		return NULL;
	return setting->type == EII_TYPE_SECRET
		       ? "not a text: put a document like {...} in single quotation marks"
		       : "not a text: something else stands under it";
}

static void put_yaml(struct eii_reading *reading, const struct eii_name *name,
		     const struct eii_yaml_entry *entry, const char *where)
{
	const struct eii_setting *setting = &eii_table[name->row];
	const char *wrong = kind_fault(entry->kind, setting);
	EII_AUTO_SECRET text = NULL;

	if (wrong) {
		eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "%s (%s): %s",
				 setting->variable, where, wrong);
		return;
	}
	if (entry->kind != EII_YAML_PLAIN) {
		eii_reading_put(reading, name, entry->value, where);
		return;
	}
	if (eii_yaml_is_null(entry->value))
		return;
	text = eii_yaml_plain(entry->value, setting->type);
	eii_reading_put(reading, name, text, where);
}

static void yaml_key(void *arg, const struct eii_yaml_entry *entry)
{
	struct taking *taking = arg;
	EII_AUTO_STR where = eii_reading_where(taking->reading, entry->line);
	struct eii_name name;

	if (eii_name_find_key(entry->section, entry->key, &name))
		put_yaml(taking->reading, &name, entry, where);
	else
		judge_unknown(taking->reading, entry->section, entry->key, entry->value, where);
}

/* --- either --- */

bool eii_settings_file_is_yaml(const char *path)
{
	const char *end = strrchr(path, '.');

	return end && (strcasecmp(end, ".yml") == 0 || strcasecmp(end, ".yaml") == 0);
}

void eii_settings_file_read(struct eii_reading *reading, const char *path)
{
	struct taking taking = { .reading = reading };
	const struct eii_ini_taker ini = { .take = ini_key, .arg = &taking };
	const struct eii_yaml_taker yaml = {
		.take = yaml_key,
		.unknown = yaml_unknown,
		.arg = &taking,
	};
	struct eii_error err = { 0 };
	enum eii_rc rc;

	reading->path = path;
	if (eii_settings_file_is_yaml(path)) {
		reading->source = EII_SOURCE_YAML;
		rc = eii_yaml_read(path, &yaml, reading->problems, &err);
	} else {
		reading->source = EII_SOURCE_INI;
		rc = eii_ini_read(path, &ini, reading->problems, &err);
	}
	if (rc)
		eii_reading_fail(reading, &err);
	free(taking.unknown_section);
}
