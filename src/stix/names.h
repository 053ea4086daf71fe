/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that the platform can keep: of reports (never blank, no line breaks, cut
 * at EII_REPORT_NAME_MAX_BYTES) and of files (never empty, no path, with an
 * ending, no two alike in lower case where the platform cuts them).
 */
#ifndef EII_STIX_NAMES_H
#define EII_STIX_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"

/* Adds the report's name; true when the subject was cut for it. */
bool eii_names_report(const struct eii_fields *fields, struct eii_buf *out);

/* The names given so far, to keep the next one apart. A zeroed struct is empty. */
struct eii_name_set {
	char **keys;
	size_t n;
};
void eii_name_set_clear(struct eii_name_set *set);

/* A file's name, unlike all before it; for the caller to free(). */
char *eii_names_file(struct eii_name_set *set, struct eii_text name, struct eii_text mime_type);

#endif
