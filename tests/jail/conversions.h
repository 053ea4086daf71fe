/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the converter's life have in common.
 */
#ifndef EII_TESTS_CONVERSIONS_H
#define EII_TESTS_CONVERSIONS_H

#include "eii/convert/converter.h"

/* One second of CPU a mail, little memory. */
struct eii_converter *conversions_converter(const char *program);

/* A small mail with the subject; the caller frees it. */
char *conversions_mail(const char *subject);

/* Starts it, or fails the test. */
void conversions_start(struct eii_converter *conv);

/* The next result, waited for. */
struct eii_conversion conversions_wait(struct eii_converter *conv);

/* Fails the test unless it is the whole conversion of a mail with the subject "good". */
void conversions_check_good(const struct eii_conversion *conversion, uint64_t number,
			    const char *row);

#endif
