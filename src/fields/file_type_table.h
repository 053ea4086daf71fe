/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of files, each with its other names, its endings and how it begins.
 * Lists are words with blanks between them, in lower case.
 */
#ifndef EII_FIELDS_FILE_TYPE_TABLE_H
#define EII_FIELDS_FILE_TYPE_TABLE_H

#include "eii/fields/file_type.h"

struct eii_file_type {
	const char *type;        /* the usual name; NULL at the end */
	const char *aliases;     /* NULL = none */
	const char *endings;     /* the usual one first */
	enum eii_file_kind kind; /* NOT_SEEN: it begins as it likes */
	bool is_office;          /* of a family whose programs open one for the other */
};

extern const struct eii_file_type eii_file_types[];

/* Types that are given to any file. */
extern const char eii_file_types_of_anything[];

/* Endings that the platform knows beside those of the types. */
extern const char eii_file_other_endings[];

extern const char *const eii_file_kind_types[EII_FILE_KINDS];

#endif
