/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's first token: what a consent is redeemed for at the provider's token endpoint, and
 * the form in which eii_token_get() reads it from then on. Google is asked at its own hosts
 * alone, whatever a client's file says.
 */
#ifndef EII_TOKEN_LOGIN_H
#define EII_TOKEN_LOGIN_H

#include "eii/base/error.h"
#include "eii/base/text.h"
#include "eii/token/code.h"
#include "eii/token/device.h"

struct eii_http;

#define EII_LOGIN_CLIENT_MAX     65536 /* bytes of a client's file */
#define EII_LOGIN_GOOGLE_CONSENT "https://accounts.google.com/o/oauth2/v2/auth"
#define EII_LOGIN_GOOGLE_SCOPE   "https://mail.google.com/"

/* What a login brings; clear it in any case. */
struct eii_login_tokens {
	char *access, *refresh;
};
void eii_login_clear_tokens(struct eii_login_tokens *tokens);

/* ---- Google -------------------------------------------------------------- */

/* Of an OAuth client of the type "Desktop app". */
struct eii_login_client {
	char *id, *secret;
};

/* EII_FATAL with CONFIG: another file of Google's, or a client of another type: what to do. */
enum eii_rc eii_login_read_client(struct eii_text text, struct eii_login_client *out,
				  struct eii_error *err) EII_MUST_CHECK;
void eii_login_clear_client(struct eii_login_client *client);

/* What mends an error that the browser showed or brought: for "access_denied"; NULL = unknown. */
const char *eii_login_google_cure(const char *error);

/*
 * Redeems a code. EII_FATAL with CREDENTIALS: refused, or something of it is missing, and
 * what to click; EII_RETRY: the endpoint is away.
 */
enum eii_rc eii_login_google(struct eii_http *http, const struct eii_login_client *client,
			     const char *code, const char *verifier, const char *redirect,
			     struct eii_login_tokens *out, struct eii_error *err) EII_MUST_CHECK;

/* An authorized-user document, to be wiped and freed. */
char *eii_login_google_document(const struct eii_login_client *client, const char *refresh);

/* ---- Microsoft ----------------------------------------------------------- */

struct eii_login_microsoft {
	const char *tenant, *client_id;
	const char *authority; /* NULL = the world's */
	const char *scope;     /* NULL = IMAP on behalf of the user */
};

/* Fails as eii_login_google(). */
enum eii_rc eii_login_ask_device(struct eii_http *http, const struct eii_login_microsoft *app,
				 struct eii_device *out, struct eii_error *err) EII_MUST_CHECK;

/*
 * Waits until the user has consented, asking as device says. EII_FATAL with CREDENTIALS:
 * declined, expired or refused, and what to do.
 */
enum eii_rc eii_login_await_device(struct eii_http *http, const struct eii_login_microsoft *app,
				   struct eii_device *device, struct eii_login_tokens *out,
				   struct eii_error *err) EII_MUST_CHECK;

#endif
