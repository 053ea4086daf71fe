/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLP level that a mail says of itself: "TLP:AMBER+STRICT" and the like in the words of
 * its sender. What is quoted or forwarded is somebody else's. Linear, no recursion.
 */
#ifndef EII_MAIL_TLP_H
#define EII_MAIL_TLP_H

#include "eii/base/text.h"
#include "eii/fields/tlp.h"

#define EII_TLP_OWN_LINES 20 /* of the sender; those with nothing to be seen do not count */

/*
 * The strictest level that text names, on one line: TLP, then ":", "-", "_", "=" or a blank
 * (or several), then CLEAR, WHITE, GREEN, AMBER, AMBER+STRICT or RED, in any case and as words
 * of their own. EII_TLP_NONE: none.
 */
enum eii_tlp eii_tlp_find(struct eii_text text);

/*
 * The same of the sender's own first EII_TLP_OWN_LINES lines. A line with ">" in front is
 * passed over; where an answered or forwarded message begins ("-----Original Message-----",
 * "On ... wrote:", From and another header field on two lines) the sender's text ends.
 */
enum eii_tlp eii_tlp_find_own(struct eii_text text);

#endif
