/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider of secrets: read anew at each sign-in, so that one that was
 * replaced in its file (`<VARIABLE>_FILE`, as Kubernetes mounts them) counts
 * without a restart. Any thread.
 */
#ifndef EII_CONFIG_SECRET_H
#define EII_CONFIG_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"

struct eii_config;

#define EII_SECRET_MAX_BYTES 65536

enum eii_secret {
	EII_SECRET_OPENCTI_TOKEN,
	EII_SECRET_OPENCTI_HEADERS, /* OPENCTI_CUSTOM_HEADERS; see eii_secret_headers() */
	EII_SECRET_MAIL_PASSWORD,
	EII_SECRET_MAIL_GOOGLE_TOKEN, /* the document itself, JSON */
	EII_SECRET_MAIL_GOOGLE_KEY,   /* the document itself, JSON */
	EII_SECRET_MAIL_CLIENT_SECRET,
	EII_SECRET_MAIL_CLIENT_KEY, /* a file's name or PEM text */
	EII_SECRET_MAIL_CLIENT_PASSPHRASE,
	EII_SECRET_MAIL_REFRESH_TOKEN,
	EII_SECRET_MAIL_TLS_KEY, /* a file's name or PEM text */
	EII_SECRET_MAIL_TLS_PASSPHRASE,
	EII_SECRET_MQ_PASSWORD,
	EII_SECRET_MQ_KEY, /* a file's name or PEM text */
	EII_SECRET_MQ_PASSPHRASE,
	EII_SECRET_COUNT,
};

/* Whether a value or a file is given. */
bool eii_secret_is_given(const struct eii_config *config, enum eii_secret secret);

/*
 * A copy of the secret for the caller to eii_free_secret(); NULL where none is
 * given. From a file: all of it but one line end.
 *
 * EII_RETRY with CONFIG: the file cannot be read now, is empty or over
 * EII_SECRET_MAX_BYTES.
 */
enum eii_rc eii_secret_read(const struct eii_config *config, enum eii_secret secret, char **out,
			    struct eii_error *err) EII_MUST_CHECK;

/* Another number when one of the files has changed since. */
uint64_t eii_secret_stamp(const struct eii_config *config);

/*
 * OPENCTI_CUSTOM_HEADERS ("Name: value;Other: value") as a list of "Name: value"
 * with a NULL at its end, for the caller to eii_secret_free_headers(). Text NULL
 * gives an empty list. EII_REJECT for anything else.
 */
enum eii_rc eii_secret_headers(const char *text, char ***out, struct eii_error *err) EII_MUST_CHECK;
void eii_secret_free_headers(char **headers);

#endif
