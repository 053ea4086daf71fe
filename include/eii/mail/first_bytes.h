/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is by its first bytes: signatures as the formats' own documents
 * give them, and whether it reads as text. No more than EII_FIRST_BYTES_MAX are
 * looked at.
 */
#ifndef EII_MAIL_FIRST_BYTES_H
#define EII_MAIL_FIRST_BYTES_H

#include "eii/base/text.h"
#include "eii/fields/file_type.h"

#define EII_FIRST_BYTES_MAX 4096

/* NOT_SEEN for an empty file. */
enum eii_file_kind eii_first_bytes_kind(struct eii_text file);

#endif
