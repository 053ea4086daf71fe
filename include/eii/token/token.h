/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OAuth 2.0 access token for a mailbox (RFC 6749, 7521, 7523), held in memory
 * and made anew when about 80 % of its life is over: which 80 % differs from one
 * process of a fleet to the next. One thread.
 *
 * An endpoint that refused a request is not asked the same within a minute, and
 * one that asks for time (Retry-After) is given up to an hour.
 */
#ifndef EII_TOKEN_TOKEN_H
#define EII_TOKEN_TOKEN_H

#include <stdatomic.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"
#include "eii/token/settings.h"

struct eii_http;

#define EII_TOKEN_TIMEOUT_MS 15000  /* of one request */
#define EII_TOKEN_WAIT_MAX_S 3600   /* that an endpoint may ask for */
#define EII_TOKEN_QUIET_MS   60000  /* after a refusal */
#define EII_TOKEN_PAIR_MS    10000  /* after certificate and key did not fit each other */
#define EII_TOKEN_LIFE_MAX_S 172800 /* Entra gives 28 hours at most */

struct eii_token;

/* http is borrowed; of the settings the struct is copied. */
struct eii_token *eii_token_new(struct eii_http *http, const struct eii_token_settings *settings);
void eii_token_free(struct eii_token *token);
EII_DEFINE_AUTO(eii_token);

/* Where the access token's end is written (Unix seconds); borrowed, NULL = nowhere. */
void eii_token_watch(struct eii_token *token, _Atomic int64_t *end);

/*
 * Reads what the method needs and asks nobody. EII_FATAL with CONFIG: it can never
 * work, and why; says what is doubtful.
 */
enum eii_rc eii_token_check(struct eii_token *token, struct eii_error *err) EII_MUST_CHECK;

enum eii_token_need {
	EII_TOKEN_ANY,   /* the one at hand where it still lives */
	EII_TOKEN_FRESH, /* the one at hand was refused */
};

/*
 * An access token by the secrets as they are now (others than last time: all is
 * made anew), for the caller to wipe and free().
 *
 * EII_FATAL with CONFIG (what was given), with CREDENTIALS (refused: what to do),
 * with CONFIG for the endpoint's certificate; EII_RETRY where it cannot be reached
 * or wants to be left alone.
 */
enum eii_rc eii_token_get(struct eii_token *token, enum eii_token_need need,
			  const struct eii_stop *stop, char **out,
			  struct eii_error *err) EII_MUST_CHECK;

#endif
