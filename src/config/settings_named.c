/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/text.h"
#include "eii/config/settings.h"
#include "names.h"

#define LOWER        "abcdefghijklmnopqrstuvwxyz"
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LOWER "0123456789_"

static bool is_setting(const char *word)
{
	struct eii_name name;

	/* Sections are known in any case, variables are not: a mistyped one is in upper case. */
	if (eii_name_find_variable(word, &name) ||
	    (!strpbrk(word, LOWER) && eii_name_is_ours(word)))
		return true;
	for (size_t i = 0; i < eii_idle_table_len; i++) {
		if (strcmp(eii_idle_table[i].variable, word) == 0)
			return true;
	}
	return false;
}

struct eii_text eii_settings_named_in(const char *text)
{
	for (const char *at = text + strcspn(text, NAME_LETTERS); *at;
	     at += strcspn(at, NAME_LETTERS)) {
		size_t len = strspn(at, NAME_LETTERS);
		EII_AUTO_STR word = eii_strndup(at, len);

		if (is_setting(word))
			return eii_text(at, len);
		at += len;
	}
	return eii_text("", 0);
}
