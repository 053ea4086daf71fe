/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small file read whole, and the lines of it.
 */
#ifndef EII_CONFIG_FILE_H
#define EII_CONFIG_FILE_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_FILE_SETTINGS_MAX (1024 * 1024) /* bytes of an INI or .env file */

/* Adds the whole file to out; EII_REJECT, with why, where it cannot be read or out is over. */
enum eii_rc eii_file_read(const char *path, struct eii_buf *out,
			  struct eii_error *err) EII_MUST_CHECK;

/* Takes the first line, without its end ("\n" or "\r\n"), off *rest; false where none is left. */
bool eii_file_next_line(struct eii_text *rest, struct eii_text *out);

/*
 * A secret without what editors and secret stores add on their own: a byte order mark, and
 * line ends at the end.
 */
struct eii_text eii_file_secret(struct eii_text text);

/* Without a UTF-8 byte order mark at its start. */
struct eii_text eii_file_without_bom(struct eii_text text);

#endif
