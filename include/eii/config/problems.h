/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong or doubtful about the settings, collected so that an operator
 * hears all of it at once. Texts are one line of UTF-8 without any secret.
 */
#ifndef EII_CONFIG_PROBLEMS_H
#define EII_CONFIG_PROBLEMS_H

#include <stddef.h>

#include "eii/base/error.h"

enum eii_problem_level {
	EII_PROBLEM_WRONG,   /* nothing can start */
	EII_PROBLEM_UNSAFE,  /* goes on; to be said at each start at level error */
	EII_PROBLEM_WARNING, /* goes on */
};

struct eii_problem {
	enum eii_problem_level level;
	char *text;
};

/* Caller's struct: init before, clear after. */
struct eii_problems {
	struct eii_problem *items; /* in the order found */
	size_t n;
	size_t n_wrong;
};

void eii_problems_init(struct eii_problems *problems);
void eii_problems_clear(struct eii_problems *problems);
void eii_problems_add(struct eii_problems *problems, enum eii_problem_level level,
		      const char *format, ...) EII_PRINTF(3, 4);

#endif
