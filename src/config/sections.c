/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "eii/base/alloc.h"
#include "table.h"

static const char *const names[EII_SECTION_COUNT] = {
	[EII_SECTION_OPENCTI] = "opencti",       [EII_SECTION_CONNECTOR] = "connector",
	[EII_SECTION_MAIL] = "email_intel_imap", [EII_SECTION_MQ] = "mq",
	[EII_SECTION_NETWORK] = "network",
};

const char *eii_section_name(enum eii_section section)
{
	return names[section];
}

bool eii_section_find(const char *name, enum eii_section *out)
{
	for (int i = 0; i < EII_SECTION_COUNT; i++) {
		if (strcasecmp(names[i], name) == 0) {
			*out = (enum eii_section)i;
			return true;
		}
	}
	return false;
}

bool eii_section_has_variable(enum eii_section section, const char *variable)
{
	size_t len = strlen(names[section]);

	return section != EII_SECTION_NETWORK && strncasecmp(variable, names[section], len) == 0 &&
	       variable[len] == '_';
}

const char *eii_section_key(enum eii_section section, const char *variable)
{
	return eii_section_has_variable(section, variable) ? variable + strlen(names[section]) + 1
							   : variable;
}

char *eii_setting_key(const struct eii_setting *setting)
{
	char *key = eii_strdup(eii_section_key(setting->section, setting->variable));

	for (char *p = key; *p; p++)
		*p = eii_ascii_lower(*p);
	return key;
}
