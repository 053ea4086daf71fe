/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .env files as docker compose reads them: NAME=value, `export ` before it, 'as it
 * stands', "with \n \r \t \" \' \$ \\", # comments, ${NAME:-default} but in single
 * quotes (expansion.h). Not done: values over lines.
 */
#ifndef EII_CONFIG_DOTENV_H
#define EII_CONFIG_DOTENV_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/config/problems.h"

/* Borrowed by the taker. */
struct eii_dotenv_entry {
	const char *name, *value;
	size_t line;
	size_t n_replaced;     /* how many ${NAME} were replaced in it */
	const char *undefined; /* the first of them that stands for nothing; NULL = none */
};

struct eii_dotenv_taker {
	void (*take)(void *arg, const struct eii_dotenv_entry *entry);
	void *arg;
	const char *const
		*environment; /* for ${NAME}: "NAME=value", NULL at the end; NULL = empty */
};

/*
 * Hands every variable over, in order. Lines that are wrong are added to
 * problems and left out. EII_REJECT: the file cannot be read.
 */
enum eii_rc eii_dotenv_read(const char *path, const struct eii_dotenv_taker *taker,
			    struct eii_problems *problems, struct eii_error *err) EII_MUST_CHECK;

#endif
