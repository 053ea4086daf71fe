/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings by the names of variables: of a .env file, and of the environment.
 */
#ifndef EII_CONFIG_VARIABLES_H
#define EII_CONFIG_VARIABLES_H

#include "reading.h"

/* environment: "NAME=value", NULL at the end; for ${NAME} in the file. NULL = empty. */
void eii_variables_read_dotenv(struct eii_reading *reading, const char *path,
			       const char *const *environment);

void eii_variables_read_environment(struct eii_reading *reading, const char *const *environment);

#endif
