/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which row of the table a name means, and how.
 */
#ifndef EII_CONFIG_NAMES_H
#define EII_CONFIG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "table.h"

enum eii_name_form { EII_NAME_VALUE, EII_NAME_FILE /* `<VARIABLE>_FILE`, of secrets and rules */ };

struct eii_name {
	size_t row;
	enum eii_name_form form;
};

/* A key of a section, in upper or lower case; false where it is unknown, as the next. */
bool eii_name_find_key(enum eii_section section, const char *key, struct eii_name *out);
bool eii_name_find_variable(const char *variable, struct eii_name *out);

/* Whether a variable begins like those of our sections: an unknown one is a mistyped one. */
bool eii_name_is_ours(const char *variable);

/*
 * What Kubernetes sets for each Service of the namespace (enableServiceLinks), as
 * OPENCTI_SERVER_SERVICE_HOST or OPENCTI_SERVER_PORT_4000_TCP_ADDR; and Composer's mark.
 */
bool eii_name_is_from_outside(const char *variable, const char *value);

#endif
