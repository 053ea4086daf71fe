/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's consent by browser: the authorization code (RFC 6749, section 4.1) with proof of
 * possession (PKCE, RFC 7636, S256) and state. Texts alone; who opens the browser and listens
 * for the redirect is the caller.
 */
#ifndef EII_TOKEN_CODE_H
#define EII_TOKEN_CODE_H

#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_CODE_MAX      2048 /* bytes of a code; Google's have 256 at most */
#define EII_CODE_BYTES    43   /* of a verifier, a challenge and a state: base64url of 32 bytes */
#define EII_CODE_WORD_MAX 64   /* bytes of an error's word */

/* Of one attempt. */
struct eii_code_proof {
	char verifier[EII_CODE_BYTES + 1]; /* a secret until the code is redeemed */
	char state[EII_CODE_BYTES + 1];
};

/* Of random bytes. */
void eii_code_prove(struct eii_code_proof *out);

/* BASE64URL(SHA256(verifier)); for the caller to free(). */
char *eii_code_challenge(const char *verifier);

struct eii_code_request {
	const char *endpoint; /* "https://accounts.google.com/o/oauth2/v2/auth" */
	const char *client_id;
	const char *redirect; /* "http://127.0.0.1:PORT" */
	const char *scope;
	const char *login_hint; /* the mailbox; NULL = whoever the browser is signed in as */
};

/* The address that the browser opens; for the caller to free(). */
char *eii_code_url(const struct eii_code_request *request, const struct eii_code_proof *proof);

/* One of the two is not empty. */
struct eii_redirect {
	char code[EII_CODE_MAX + 1];       /* a secret */
	char error[EII_CODE_WORD_MAX + 1]; /* RFC 6749, section 4.1.2.1: "access_denied" */
};

enum eii_redirect_kind {
	EII_REDIRECT_OURS,       /* *out is written */
	EII_REDIRECT_STRANGE,    /* neither code nor error: a page's icon, another address */
	EII_REDIRECT_UNREADABLE, /* too long, badly encoded, or a parameter twice */
	EII_REDIRECT_OF_ANOTHER, /* its state is not this attempt's, or missing */
};

/* address: a whole URL, or the target of a request ("/?code=..&state=.."). */
enum eii_redirect_kind eii_redirect_parse(struct eii_text address, const char *state,
					  struct eii_redirect *out);

#endif
