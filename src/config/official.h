/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which value the official connector takes where ours merges: its mailbox comes from
 * config.yml alone where there is one, else from .env alone, else from the environment;
 * what its helper (pycti) reads comes from the environment first.
 */
#ifndef EII_CONFIG_OFFICIAL_H
#define EII_CONFIG_OFFICIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/config/problems.h"
#include "given.h"

enum eii_source {
	EII_SOURCE_INI,
	EII_SOURCE_YAML,
	EII_SOURCE_DOTENV,
	EII_SOURCE_ENVIRONMENT,
};

/* By what lies there. */
enum eii_official_way {
	EII_OFFICIAL_OURS, /* the environment alone, or a file that is ours: nothing to say */
	EII_OFFICIAL_DOTENV,
	EII_OFFICIAL_YAML,
};

/* Whether it takes a row's value from a source. */
bool eii_official_takes(enum eii_official_way way, size_t row, enum eii_source source);

/* One problem for each setting that another value counts for than there. */
void eii_official_compare(enum eii_official_way way, const struct eii_given *given,
			  struct eii_problems *problems);

#endif
