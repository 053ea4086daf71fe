/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the state document, from and to their JSON text. What is read is
 * within its range or left as it was.
 */
#ifndef EII_STATE_VALUE_H
#define EII_STATE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* What other JSON readers keep of a whole number; above it numbers are written as text. */
#define EII_VALUE_MAX_NUMBER UINT64_C(9007199254740992) /* 2^53 */

/* A whole number, or a text of decimal digits. *out is written only when it returns true. */
bool eii_value_u64(struct eii_text value, uint64_t max, uint64_t *out);

/* 0 for what is none. */
uint32_t eii_value_u32(struct eii_text value);

/* Unix seconds as a number; 0 for what is none, or past the year 9999. */
int64_t eii_value_unix_s(struct eii_text value);

/* An instant as text; before 1970 it is 0. *out is written only when it returns true. */
bool eii_value_time(struct eii_text value, int64_t *out);

/* A string; NULL for what is none. The caller's to free(). */
char *eii_value_str(struct eii_text value);

/* Within 0 and the end of the year 9999. */
int64_t eii_value_clamp_s(int64_t unix_s);

/* Text where it is over EII_VALUE_MAX_NUMBER. */
void eii_value_add_u64(uint64_t number, struct eii_buf *out);
void eii_value_add_unix_s(int64_t unix_s, struct eii_buf *out);
void eii_value_add_time(int64_t unix_s, struct eii_buf *out);
/* Valid UTF-8. */
void eii_value_add_str(const char *text, struct eii_buf *out);

#endif
