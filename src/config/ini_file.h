/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INI files by inih's grammar, but with values of any length, taken as they
 * stand: what follows the first `=` (or `:`) to the end of the line, without
 * blanks at both ends. No quotes, no comments behind a value, no values over
 * lines.
 */
#ifndef EII_CONFIG_INI_FILE_H
#define EII_CONFIG_INI_FILE_H

#include "eii/base/error.h"
#include "eii/config/problems.h"

#define EII_INI_NAME_MAX 48 /* bytes of a section or key; inih keeps 49 */

struct eii_ini_taker {
	/* All borrowed; section is "" before the first one. */
	void (*take)(void *arg, const char *section, const char *key, const char *value,
		     size_t line);
	void *arg;
};

/*
 * Hands every key over, in order. Lines that are wrong are added to problems
 * and left out. EII_REJECT: the file cannot be read.
 */
enum eii_rc eii_ini_read(const char *path, const struct eii_ini_taker *taker,
			 struct eii_problems *problems, struct eii_error *err) EII_MUST_CHECK;

#endif
