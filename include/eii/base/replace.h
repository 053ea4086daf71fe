/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small file that is there whole or not at all, and that its owner alone may read.
 */
#ifndef EII_BASE_REPLACE_H
#define EII_BASE_REPLACE_H

#include "eii/base/error.h"
#include "eii/base/text.h"

/*
 * Puts content in the place of what path names: PATH.new is written with mode 0600,
 * synced, and renamed. EII_RETRY with CONFIG: what failed, and what the system says.
 */
enum eii_rc eii_replace_file(const char *path, struct eii_text content,
			     struct eii_error *err) EII_MUST_CHECK;

/* Whether the directory of path lets a file be made in it; fails likewise. */
enum eii_rc eii_replace_check(const char *path, struct eii_error *err) EII_MUST_CHECK;

#endif
