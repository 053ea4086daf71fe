/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TNEF, Outlook's winmail.dat ([MS-OXTNEF]): walks over its attributes and over
 * the MAPI properties in one. What they give are slices of the bytes; nothing is
 * copied, checksums are not looked at. Each walk is linear.
 */
#ifndef EII_MAIL_TNEF_H
#define EII_MAIL_TNEF_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/text.h"

/* Attributes ([MS-OXTNEF], 2.1.3.2), their type left out. */
#define EII_TNEF_TITLE         0x8010 /* of a file: its name */
#define EII_TNEF_BODY          0x800c
#define EII_TNEF_FILE_DATA     0x800f
#define EII_TNEF_MESSAGE_PROPS 0x9003
#define EII_TNEF_FILE_PROPS    0x9005
#define EII_TNEF_FILE_BEGINS   0x9002
#define EII_TNEF_CODE_PAGE     0x9007

/* Types of MAPI properties ([MS-OXCDATA], 2.11.1). */
#define EII_MAPI_LONG    0x0003
#define EII_MAPI_OBJECT  0x000d
#define EII_MAPI_STRING8 0x001e
#define EII_MAPI_UNICODE 0x001f
#define EII_MAPI_BINARY  0x0102

struct eii_tnef_walk {
	struct eii_text rest;
	bool is_cut; /* the last attribute says more than there is */
};

struct eii_tnef_attribute {
	bool is_of_file;
	uint16_t id;
	struct eii_text data;
};

bool eii_tnef_starts(struct eii_text bytes);

/* False where the bytes are no TNEF. */
bool eii_tnef_walk_init(struct eii_tnef_walk *walk, struct eii_text bytes);

/* The next attribute, cut where the bytes end; false at the end. */
bool eii_tnef_walk_next(struct eii_tnef_walk *walk, struct eii_tnef_attribute *out);

struct eii_mapi_walk {
	struct eii_text rest;
	uint32_t n_left;
	bool is_cut;
};

struct eii_mapi_property {
	uint16_t type;         /* without the mark of several values */
	uint16_t id;           /* 0x8000 and more: a named one */
	struct eii_text value; /* the first; of an object without its interface's id */
};

/* data is of an attribute ..._PROPS. */
void eii_mapi_walk_init(struct eii_mapi_walk *walk, struct eii_text data);
bool eii_mapi_walk_next(struct eii_mapi_walk *walk, struct eii_mapi_property *out);

/* A number of four bytes (at least), or otherwise. */
uint32_t eii_tnef_number(struct eii_text value, uint32_t otherwise);

#endif
