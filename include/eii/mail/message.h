/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole conversion of one mail: raw bytes in, fields out. Structure,
 * headers, dates, charsets and transfer encodings are read by this layer's own
 * lenient code.
 *
 * Made for the converter's jail: after eii_message_prepare() nothing here opens
 * a file, reads the environment, a clock or the locale, or starts a thread. Only
 * one thread may use this module.
 */
#ifndef EII_MAIL_MESSAGE_H
#define EII_MAIL_MESSAGE_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/fields/fields.h"
#include "eii/fields/request.h"

/*
 * Once per process, before the jail closes: opens and holds a descriptor
 * for each charset of mails (charset.h), and converts a small mail, so that what is made at first
 * use is made.
 */
void eii_message_prepare(void);

/* How many of the charsets that should be held this system has not got. */
unsigned int eii_message_missing_charsets(void);

/*
 * Reads a mail. Whatever it holds, the result is EII_OK: what is wrong with it
 * or beyond a limit (fields/limits.h) is told by (*out)->defects. All texts are
 * UTF-8 without NUL. Content and files together stay below
 * eii_wire_answer_max_bytes(len): content is cut, and a file that does not fit
 * comes without its bytes.
 *
 * Borrows mail; the caller frees *out. Fails with EII_REJECT when the mail is over
 * EII_LIMIT_MAIL_BYTES_MAX.
 */
enum eii_rc eii_message_read(const char *mail, size_t len,
			     const struct eii_convert_settings *settings, struct eii_fields **out,
			     struct eii_error *err) EII_MUST_CHECK;

#endif
