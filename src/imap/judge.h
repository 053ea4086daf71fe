/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which kind of no a code and a server's words are. Nothing but tables.
 */
#ifndef EII_IMAP_JUDGE_H
#define EII_IMAP_JUDGE_H

#include <stdint.h>

#include "eii/base/text.h"
#include "eii/imap/refusal.h"

/* The code of a name in any case; empty is NONE. */
enum eii_imap_code eii_imap_code_of(struct eii_text name);

/*
 * A code or words that speak of time outweigh all others: a wrong password and
 * "too many attempts" may stand in one answer.
 */
enum eii_imap_refusal_kind eii_imap_judge(enum eii_imap_code code, struct eii_text words);

/* "Suggested Backoff Time: 299961 milliseconds"; 0 = not said. At most an hour. */
uint32_t eii_imap_wait_told(struct eii_text words);

#endif
