/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OAuth 2.0 access token for a mailbox, made from Google's authorized-user
 * document (client_id, client_secret, refresh_token, token_uri; token and
 * expiry where it has them) and made anew at token_uri (RFC 6749, section 6)
 * when 80 % of its life is over. One thread.
 */
#ifndef EII_NET_TOKEN_H
#define EII_NET_TOKEN_H

#include <stdatomic.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"

struct eii_http;

#define EII_TOKEN_TIMEOUT_MS 20000

struct eii_token;

/* http is borrowed. */
struct eii_token *eii_token_new(struct eii_http *http);
void eii_token_free(struct eii_token *token);
EII_DEFINE_AUTO(eii_token);

/* Where the access token's end is written (Unix seconds); borrowed, NULL = nowhere. */
void eii_token_watch(struct eii_token *token, _Atomic int64_t *end);

/* Only checks a document: EII_FATAL with CONFIG says which member is wrong. */
enum eii_rc eii_token_check(const char *document, struct eii_error *err) EII_MUST_CHECK;

enum eii_token_need {
	EII_TOKEN_ANY,   /* the one at hand where it still lives */
	EII_TOKEN_FRESH, /* the one at hand was refused */
};

/*
 * An access token by this document (another one than last time: all is made
 * anew), for the caller to free().
 *
 * EII_FATAL with CONFIG (document), with CREDENTIALS (refused: what to do), with
 * CONFIG for the endpoint's certificate; EII_RETRY where it cannot be reached.
 */
enum eii_rc eii_token_get(struct eii_token *token, const char *document, enum eii_token_need need,
			  const struct eii_stop *stop, char **out,
			  struct eii_error *err) EII_MUST_CHECK;

#endif
