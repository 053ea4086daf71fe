/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which UIDs are done: they are added in rising order and settled in any; the
 * cursor is the highest UID below which all are settled. Memory follows the
 * number between the oldest unsettled UID and the newest.
 */
#ifndef EII_STATE_CURSOR_H
#define EII_STATE_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"

struct eii_cursor;
struct eii_cursor *eii_cursor_new(void);
void eii_cursor_free(struct eii_cursor *cursor);
EII_DEFINE_AUTO(eii_cursor);

/* Forgets all UIDs; all up to value counts as settled. */
void eii_cursor_reset(struct eii_cursor *cursor, uint32_t value);

/* A UID not above those before it is left out: it is known already. */
void eii_cursor_add(struct eii_cursor *cursor, uint32_t uid);

/* A UID that was never added, or is settled, changes nothing. */
void eii_cursor_settle(struct eii_cursor *cursor, uint32_t uid);

uint32_t eii_cursor_value(const struct eii_cursor *cursor);

#endif
