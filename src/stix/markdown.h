/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a mail as Markdown that shows it and does nothing else, on one line.
 * Marks of direction are dropped; what turns the direction of text is shown by
 * its number, "[U+202E]".
 */
#ifndef EII_STIX_MARKDOWN_H
#define EII_STIX_MARKDOWN_H

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* Every character of markup escaped. An address in it may still become a link. */
void eii_markdown_escape(struct eii_text text, struct eii_buf *out);

/*
 * The same; text that holds "://", "www." or '@' in a code span, since the
 * platform makes links of addresses after the markup was read (remark-gfm).
 */
void eii_markdown_value(struct eii_text text, struct eii_buf *out);

#endif
