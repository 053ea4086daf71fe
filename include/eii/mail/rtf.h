/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTF as Outlook sends it: compressed ([MS-OXRTFCP]), and with HTML in it that is
 * taken out again ([MS-OXRTFEX]); of other RTF the text. Nothing is drawn: fonts
 * count for their charsets only, hidden text is shown, the instruction of a field
 * (HYPERLINK "...") stands in front of its words. Iterative; time is linear.
 */
#ifndef EII_MAIL_RTF_H
#define EII_MAIL_RTF_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* Groups in groups whose state is kept; deeper ones have that of the last. */
#define EII_RTF_GROUPS_MAX 512

/* Fonts whose charset is kept, by their number. */
#define EII_RTF_FONTS_MAX 4096

enum eii_rtf {
	EII_RTF_NONE, /* no RTF */
	EII_RTF_TEXT,
	EII_RTF_HTML,
};

/*
 * Adds the RTF; false where it is not compressed RTF, or ends early (what there
 * is was added), or passes the ceiling of out.
 */
bool eii_rtf_decompress(struct eii_text compressed, struct eii_buf *out);

/* Adds the HTML or the text in UTF-8, as far as the ceiling of out allows. */
enum eii_rtf eii_rtf_read(struct eii_text rtf, struct eii_buf *out);

/* The label of a Windows code page for charset.h: "cp1252", "iso-8859-2". */
#define EII_CODE_PAGE_LABEL_MAX 16
void eii_code_page_label(unsigned int code_page, char out[EII_CODE_PAGE_LABEL_MAX]);

#endif
