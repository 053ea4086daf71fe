/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the token layer share. A token is made in three steps: what
 * is given is read and checked (inputs.c, document.c), a request is made of it
 * (grant.c, federation.c), and its answer is judged (refusal.c, token.c). The first token
 * of a user is made by login.c, with code.c and device.c.
 */
#ifndef EII_TOKEN_TOKEN_PRIVATE_H
#define EII_TOKEN_TOKEN_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/codec/hash.h"
#include "eii/codec/json.h"
#include "eii/net/http.h"
#include "eii/net/identity.h"
#include "eii/token/token.h"

#define EII_TOKEN_DOCUMENT_MAX 65536
#define EII_TOKEN_TEXT_MAX     16384 /* bytes of a token */

/* ---- secret.c: texts of secrets ----------------------------------------- */

/* Adds "name=value" as application/x-www-form-urlencoded; value NULL = nothing. */
void eii_token_add_field(struct eii_buf *form, const char *name, const char *value);

/* Bytes that may stand in a bearer (RFC 6750, section 2.1); no way out of a SASL line. */
bool eii_token_is_bearer(const char *text);

/* ---- inputs.c ------------------------------------------------------------ */

/* What is given at this moment. */
struct eii_token_inputs {
	char *secrets[EII_TOKEN_SECRET_COUNT]; /* NULL = not given */
	struct eii_json *document;
	struct eii_identity *identity;       /* NULL = no certificate */
	char *federated;                     /* content of the token file; NULL = does not count */
	uint8_t hash[EII_HASH_SHA256_BYTES]; /* of all but federated */
	uint8_t whole_hash[EII_HASH_SHA256_BYTES]; /* of all */
};

/* Caller's struct, zeroed; clear it in any case. EII_RETRY or EII_FATAL, with CONFIG. */
enum eii_rc eii_token_read_inputs(const struct eii_token_settings *settings,
				  struct eii_token_inputs *inputs,
				  struct eii_error *err) EII_MUST_CHECK;
void eii_token_clear_inputs(struct eii_token_inputs *inputs);

/* ---- document.c: Google's files ------------------------------------------ */

/* EII_FATAL with CONFIG says what is wrong, and which file is meant. */
enum eii_rc eii_token_parse_document(enum eii_token_method method, const char *text,
				     struct eii_json **out, struct eii_error *err) EII_MUST_CHECK;
bool eii_token_is_external(const struct eii_json *document);

/* ---- grant.c ------------------------------------------------------------- */

struct eii_token_request {
	char *url;
	struct eii_buf form;
	bool is_signed; /* by our clock */
};
void eii_token_request_init(struct eii_token_request *request);
void eii_token_request_clear(struct eii_token_request *request);

/* What a request is made with. */
struct eii_token_making {
	const struct eii_token_settings *settings;
	const struct eii_token_inputs *inputs;
	const char *refresh; /* the refresh token that counts now; NULL = none */
	struct eii_http *http;
	const struct eii_stop *stop;
	int64_t now_unix_s;
};

/* May ask Google's endpoints for the assertion; fails as eii_token_get(). */
enum eii_rc eii_token_make_request(const struct eii_token_making *making,
				   struct eii_token_request *request,
				   struct eii_error *err) EII_MUST_CHECK;

#define EII_TOKEN_GOOGLE_URL "https://oauth2.googleapis.com/token"
/* One resource, and without offline_access no refresh token comes back. */
#define EII_TOKEN_MICROSOFT_USER_SCOPE                                                             \
	"https://outlook.office.com/IMAP.AccessAsUser.All offline_access"

/*
 * AUTHORITY/TENANT/oauth2/v2.0/ENDPOINT, to be freed; authority is a host or a URL, NULL = the
 * world's.
 */
char *eii_token_microsoft_url(const char *authority, const char *tenant, const char *endpoint);
/* EII_FATAL with CONFIG: no secret goes there. */
enum eii_rc eii_token_check_url(const char *url, struct eii_error *err) EII_MUST_CHECK;

/* ---- federation.c -------------------------------------------------------- */

/* claims signed by Google for the service account that the document names. */
enum eii_rc eii_token_sign_remotely(const struct eii_token_making *making, const char *claims,
				    char **out, struct eii_error *err) EII_MUST_CHECK;

/* The service account's address in an external_account document, to be freed; NULL = none. */
char *eii_token_service_account(const struct eii_json *document);

/* ---- refusal.c ----------------------------------------------------------- */

/* Who reads what mends it: whoever sets our settings, or whoever sits before a browser. */
enum eii_token_occasion { EII_TOKEN_AT_WORK, EII_TOKEN_AT_LOGIN };

/* What an endpoint that gave no token says, in an operator's words. */
enum eii_rc eii_token_refused(enum eii_token_method method, enum eii_token_occasion occasion,
			      const struct eii_http_reply *reply, const struct eii_json *answer,
			      struct eii_error *err);

/* ---- cures.c -------------------------------------------------------------- */

/* What to click where at a login; code: AADSTS, 0 = none. NULL: nothing is known. */
const char *eii_token_login_cure(enum eii_token_method method, const char *error, uint64_t code);

/* ---- store.c: a rotated refresh token, kept across restarts -------------- */

/* The stored token that follows the configured one, to be wiped and freed; NULL = none. */
char *eii_token_store_read(const char *path, const char *configured);
/* Written anew by rename, mode 0600, synced. EII_RETRY with CONFIG. */
enum eii_rc eii_token_store_write(const char *path, const char *configured, const char *rotated,
				  struct eii_error *err) EII_MUST_CHECK;
/* Whether it could be written. */
enum eii_rc eii_token_store_check(const char *path, struct eii_error *err) EII_MUST_CHECK;

#endif
