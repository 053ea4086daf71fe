/* SPDX-License-Identifier: Apache-2.0 */
/* What tables.py makes at build time. */
#ifndef EII_HTML_TABLES_H
#define EII_HTML_TABLES_H

#include <stdint.h>

#include "eii/html/names.h"

/* A name of at most 16 bytes by its two overlapping words. */
struct name_key {
	uint64_t first;
	uint64_t last;
	uint64_t len;
};

struct name_table {
	const unsigned char *slots;  /* hash to member; 0 = free */
	const struct name_key *keys; /* by member */
	uint64_t multiplier;
	unsigned int shift;
};

extern const struct name_table eii_html_tag_table;
extern const struct name_table eii_html_attribute_table;
extern const char *const eii_html_tag_names[];
extern const char *const eii_html_attribute_names[];

/* A character reference without its '&', in the order of the names. */
struct reference {
	uint16_t name; /* offset in eii_html_reference_names */
	uint8_t name_len;
	uint8_t len;
	char text[7]; /* UTF-8 */
};

extern const char eii_html_reference_names[];
extern const struct reference eii_html_references[];

/* Of 'A' to 'z' + 1: how many references begin with a lower byte. */
extern const unsigned short eii_html_reference_starts[];

#endif
