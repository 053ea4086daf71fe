/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person can do about what went wrong, in a sentence or two: for the status
 * page. Made of codes alone, never of a server's words.
 */
#ifndef EII_INGEST_ADVICE_H
#define EII_INGEST_ADVICE_H

#include "eii/ingest/chronicle.h"

/* Neither is ever NULL; the trouble's type is not EII_EVENT_NONE. */
const char *eii_advice_words(const struct eii_trouble *trouble); /* what went wrong */
const char *eii_advice_do(const struct eii_trouble *trouble);    /* what to do */

#endif
