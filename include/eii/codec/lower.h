/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts as JavaScript compares them, since the platform computes its ids so.
 */
#ifndef EII_CODEC_LOWER_H
#define EII_CODEC_LOWER_H

#include "eii/base/buf.h"
#include "eii/base/text.h"

/*
 * String.prototype.toLowerCase(): Unicode's full mapping without a locale (final
 * sigma; U+0130 becomes i and U+0307). Adds to out; text is valid UTF-8.
 */
void eii_lower(struct eii_text text, struct eii_buf *out);

/*
 * String.prototype.trim(): without white space and line ends at both ends,
 * U+FEFF among them, U+0085 and U+001C to U+001F not.
 */
struct eii_text eii_lower_trim(struct eii_text text);

#endif
