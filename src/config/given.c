/* SPDX-License-Identifier: Apache-2.0 */
#include "given.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"

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
		clear_value(&given->official[i]);
	}
	free(given);
}

void eii_given_put(struct eii_given_value *value, const char *text, const char *where)
{
	char *over = NULL;

	if (!*text)
		return;
	if (value->text && strcmp(value->text, text) != 0)
		over = EII_DETACH(value->where);
	clear_value(value);
	value->text = eii_strdup(text);
	value->where = eii_strdup(where);
	value->over = over;
}
