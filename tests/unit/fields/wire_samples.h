/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers for the tests of the wire: well-formed, to be lied in.
 */
#ifndef EII_TESTS_WIRE_SAMPLES_H
#define EII_TESTS_WIRE_SAMPLES_H

#include "eii/fields/wire.h"

/* Overwrites n bytes at an offset with a little-endian number. */
void wire_patch(char *data, size_t at, unsigned n, uint64_t number);

/* Every text set, two attachments. */
struct eii_fields *wire_sample_fields(void);

/* A whole answer for mail 7; the caller clears *out. */
void wire_write_answer(const struct eii_fields *fields, struct eii_buf *out);

#endif
