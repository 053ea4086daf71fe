/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUIDs (RFC 9562) as text: version 4 (random) and version 5 (SHA-1 of a name).
 */
#ifndef EII_CODEC_UUID_H
#define EII_CODEC_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/text.h"

#define EII_UUID_BYTES      16
#define EII_UUID_TEXT_BYTES 37 /* "2f3a1c1e-7a33-4a69-9d0f-0d2f1c6b8a10" and a NUL */

void eii_uuid_v4(char out[EII_UUID_TEXT_BYTES]);
void eii_uuid_v5(const uint8_t name_space[EII_UUID_BYTES], struct eii_text name,
		 char out[EII_UUID_TEXT_BYTES]);

/* 36 characters of the usual form, in either case, of any version. */
bool eii_uuid_is_valid(struct eii_text text);

#endif
