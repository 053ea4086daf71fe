/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/text.h"
#include "eii/base/utf8.h"

void eii_problems_init(struct eii_problems *problems)
{
	*problems = (struct eii_problems){ .items = NULL };
}

void eii_problems_clear(struct eii_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++)
		free(problems->items[i].text);
	free(problems->items);
	eii_problems_init(problems);
}

void eii_problems_add(struct eii_problems *problems, enum eii_problem_level level,
		      const char *format, ...)
{
	struct eii_problem *item;
	va_list args;

	problems->items = eii_realloc(problems->items, problems->n + 1, sizeof(problems->items[0]));
	item = &problems->items[problems->n++];
	item->level = level;
	va_start(args, format);
	if (vasprintf(&item->text, format, args) < 0)
		eii_alloc_check(NULL);
	va_end(args);
	eii_utf8_make_line(item->text);
	if (level == EII_PROBLEM_WRONG)
		problems->n_wrong++;
}
