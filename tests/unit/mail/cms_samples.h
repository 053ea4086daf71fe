/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS objects made piece by piece, for the tests of its reader.
 */
#ifndef EII_TESTS_MAIL_CMS_SAMPLES_H
#define EII_TESTS_MAIL_CMS_SAMPLES_H

#include "eii/base/buf.h"
#include "eii/base/text.h"

#define OID_DATA       "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED     "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_ENVELOPED  "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
#define OID_COMPRESSED "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"

enum ber_length {
	BER_DEFINITE,
	BER_INDEFINITE,
};

/* Puts what out holds into an element. */
void ber_wrap(struct eii_buf *out, unsigned char identifier, enum ber_length length);

/* Adds a primitive element. */
void ber_add(struct eii_buf *out, unsigned char identifier, const char *data, size_t len);

/* A whole object out of the element that is its content (empty: none), in out. */
void cms_wrap(struct eii_buf *out, const char *type, enum ber_length length);

/* SignedData with this content as one octet string. */
void cms_sign(struct eii_text content, enum ber_length length, struct eii_buf *out);

/* Adds bytes in base64. */
void base64_add(struct eii_buf *out, struct eii_text bytes);

#endif
