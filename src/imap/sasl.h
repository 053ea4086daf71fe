/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The responses of SASL's mechanisms that need one message, in base64 as they
 * travel. For the caller to wipe and free().
 */
#ifndef EII_IMAP_SASL_H
#define EII_IMAP_SASL_H

#include <stddef.h>

char *eii_sasl_base64(const char *data, size_t len);

/* RFC 4616: NUL user NUL password. */
char *eii_sasl_plain(const char *user, const char *password);

/* Google's, and Microsoft's. */
char *eii_sasl_xoauth2(const char *user, const char *token);

/* RFC 7628, section 3.1; host and port, which are optional, are left out. */
char *eii_sasl_oauthbearer(const char *user, const char *token);

#endif
