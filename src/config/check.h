/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What settings mean together, and what is doubtful about single ones.
 */
#ifndef EII_CONFIG_CHECK_H
#define EII_CONFIG_CHECK_H

#include "eii/config/config.h"
#include "eii/config/secret.h"

/* Quotation marks around a value that is taken as it stands. */
void eii_check_quotes(const char *variable, const char *text, const char *where,
		      struct eii_problems *problems);

/* A secret that is given: can its file be read, and may it look like this. */
void eii_check_secret(const struct eii_config *config, enum eii_secret secret, const char *where,
		      struct eii_problems *problems);

/* All that must be there to run is, or has been said to be missing. */
void eii_check_config(const struct eii_config *config, struct eii_problems *problems);

#endif
