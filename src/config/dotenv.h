/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .env files as docker compose and python-dotenv read them: NAME=value,
 * `export ` before it, 'as it stands', "with \n \r \t \" \' \$ \\", # comments.
 * Not done: ${NAME} in a value (it stays as it stands), values over lines.
 */
#ifndef EII_CONFIG_DOTENV_H
#define EII_CONFIG_DOTENV_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/config/problems.h"

struct eii_dotenv_taker {
	void (*take)(void *arg, const char *name, const char *value, size_t line);
	void *arg;
};

/*
 * Hands every variable over, in order. Lines that are wrong are added to
 * problems and left out. EII_REJECT: the file cannot be read.
 */
enum eii_rc eii_dotenv_read(const char *path, const struct eii_dotenv_taker *taker,
			    struct eii_problems *problems, struct eii_error *err) EII_MUST_CHECK;

#endif
