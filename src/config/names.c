/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define FILE_SUFFIX "_FILE"

static bool matches(const char *name, const char *variable, enum eii_setting_type type,
		    enum eii_name_form *out)
{
	size_t len = strlen(variable);

	if (strncasecmp(name, variable, len) != 0)
		return false;
	*out = name[len] ? EII_NAME_FILE : EII_NAME_VALUE;
	return !name[len] || ((type == EII_TYPE_SECRET || type == EII_TYPE_RULES) &&
			      strcasecmp(name + len, FILE_SUFFIX) == 0);
}

bool eii_name_find_key(enum eii_section section, const char *key, struct eii_name *out)
{
	for (size_t i = 0; i < eii_table_len; i++) {
		const struct eii_setting *row = &eii_table[i];

		if (row->section != section ||
		    !matches(key, eii_section_key(section, row->variable), row->type, &out->form))
			continue;
		out->row = i;
		return true;
	}
	return false;
}

bool eii_name_find_variable(const char *variable, struct eii_name *out)
{
	bool is_lower = islower((unsigned char)*variable) != 0;

	for (size_t i = 0; i < eii_table_len; i++) {
		const struct eii_setting *row = &eii_table[i];

		if (!matches(variable, row->variable, row->type, &out->form))
			continue;
		/* Variables are told apart by case; only proxies are known in both. */
		if (is_lower ? !(row->flags & EII_SETTING_LOWER_NAME)
			     : strncmp(variable, row->variable, strlen(row->variable)) != 0)
			continue;
		out->row = i;
		return true;
	}
	return false;
}

bool eii_name_is_ours(const char *variable)
{
	for (int i = 0; i < EII_SECTION_NETWORK; i++) {
		if (eii_section_has_variable((enum eii_section)i, variable))
			return true;
	}
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

bool eii_name_is_from_outside(const char *variable, const char *value)
{
	return strstr(variable, "_SERVICE_HOST") || strstr(variable, "_SERVICE_PORT") ||
	       strstr(variable, "_TCP_") || strstr(variable, "_UDP_") ||
	       ends_with(variable, "_TCP") || ends_with(variable, "_UDP") ||
	       strncmp(value, "tcp://", 6) == 0 || strncmp(value, "udp://", 6) == 0 ||
	       strcmp(variable, "OPENCTI_CONFIG_HASH") == 0;
}
