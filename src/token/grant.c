/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "eii/base/alloc.h"
#include "eii/codec/uuid.h"
#include "eii/net/url.h"
#include "eii/token/jwt.h"
#include "token_private.h"

#define FORM_MAX            (4 * EII_TOKEN_DOCUMENT_MAX)
#define MICROSOFT_AUTHORITY "https://login.microsoftonline.com"
#define MICROSOFT_APP_SCOPE "https://outlook.office365.com/.default"
#define GOOGLE_SCOPE        "https://mail.google.com/"
#define JWT_BEARER          "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define ASSERTION           "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

void eii_token_request_init(struct eii_token_request *request)
{
	*request = (struct eii_token_request){ 0 };
	eii_buf_init(&request->form, FORM_MAX);
}

void eii_token_request_clear(struct eii_token_request *request)
{
	if (request->form.len)
		explicit_bzero(request->form.data, request->form.len);
	eii_buf_clear(&request->form);
	free(request->url);
}

static const char *or_else(const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

/* ---- who asks: RFC 6749, section 2.3; RFC 7523, section 2.2 -------------- */

static enum eii_rc add_signed_client(const struct eii_token_making *making,
				     struct eii_token_request *request, struct eii_error *err)
{
	const struct eii_identity *identity = making->inputs->identity;
	bool is_microsoft = making->settings->method != EII_TOKEN_OAUTH;
	EII_AUTO_STR thumbprint = eii_jwt_thumbprint(eii_identity_certificate(identity));
	EII_AUTO_SECRET assertion = NULL;
	char id[EII_UUID_TEXT_BYTES];
	const struct eii_jwt jwt = {
		.algorithm = is_microsoft ? EII_JWT_PS256 : EII_JWT_RS256,
		.thumbprint = thumbprint,
		.issuer = making->settings->client_id,
		.subject = making->settings->client_id,
		.audience = request->url,
		.id = id,
		.now_unix_s = making->now_unix_s,
	};
	enum eii_rc rc;

	eii_uuid_v4(id);
	rc = eii_jwt_sign(&jwt, eii_identity_key(identity), &assertion, err);
	if (rc)
		return eii_fail_in(err, rc, "EMAIL_INTEL_IMAP_CLIENT_CERTIFICATE");
	eii_token_add_field(&request->form, "client_assertion_type", ASSERTION);
	eii_token_add_field(&request->form, "client_assertion", assertion);
	request->is_signed = true;
	return EII_OK;
}

static enum eii_rc add_client(const struct eii_token_making *making,
			      struct eii_token_request *request, struct eii_error *err)
{
	const struct eii_token_inputs *inputs = making->inputs;

	eii_token_add_field(&request->form, "client_id", making->settings->client_id);
	if (inputs->identity)
		return add_signed_client(making, request, err);
	eii_token_add_field(&request->form, "client_secret",
			    inputs->secrets[EII_TOKEN_SECRET_CLIENT]);
	if (inputs->federated) {
		eii_token_add_field(&request->form, "client_assertion_type", ASSERTION);
		eii_token_add_field(&request->form, "client_assertion", inputs->federated);
	}
	return EII_OK;
}

/* ---- Google --------------------------------------------------------------- */

static enum eii_rc ask_as_google_user(const struct eii_token_making *making,
				      struct eii_token_request *request)
{
	const struct eii_json *document = making->inputs->document;

	request->url =
		eii_strdup(or_else(eii_json_get_str(document, "token_uri"), EII_TOKEN_GOOGLE_URL));
	eii_token_add_field(&request->form, "grant_type", "refresh_token");
	eii_token_add_field(&request->form, "client_id", eii_json_get_str(document, "client_id"));
	eii_token_add_field(&request->form, "client_secret",
			    eii_json_get_str(document, "client_secret"));
	eii_token_add_field(&request->form, "refresh_token", making->refresh);
	return EII_OK;
}

/* Without it OpenSSL would ask the terminal. */
static int refuse_passphrase(char *out, int size, int is_writing, void *arg)
{
	(void)out;
	(void)size;
	(void)is_writing;
	(void)arg;
	return -1;
}

static enum eii_rc sign_by_key(const struct eii_json *document, const struct eii_jwt *jwt,
			       char **out, struct eii_error *err)
{
	const char *pem = eii_json_get_str(document, "private_key");
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = NULL;
	enum eii_rc rc;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (!key)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "EMAIL_INTEL_IMAP_GOOGLE_KEY_JSON: private_key is no key in "
				     "PEM form (its line ends are \\n in the JSON, not \\\\n)");
	rc = eii_jwt_sign(jwt, key, out, err);
	EVP_PKEY_free(key);
	return rc ? eii_fail_in(err, rc, "EMAIL_INTEL_IMAP_GOOGLE_KEY_JSON") : EII_OK;
}

/* Domain-wide delegation: a service account asks on behalf of the mailbox. */
static enum eii_rc ask_as_google_service(const struct eii_token_making *making,
					 struct eii_token_request *request, struct eii_error *err)
{
	const struct eii_json *document = making->inputs->document;
	bool is_external = eii_token_is_external(document);
	EII_AUTO_STR account = is_external ? eii_token_service_account(document)
					   : eii_strdup(eii_json_get_str(document, "client_email"));
	EII_AUTO_SECRET assertion = NULL;
	const struct eii_jwt jwt = {
		.algorithm = EII_JWT_RS256,
		.key_id = eii_json_get_str(document, "private_key_id"),
		.issuer = account,
		.subject = making->settings->mailbox,
		.audience = EII_TOKEN_GOOGLE_URL,
		.scope = or_else(making->settings->scope, GOOGLE_SCOPE),
		.now_unix_s = making->now_unix_s,
	};
	enum eii_rc rc;

	if (is_external) {
		EII_AUTO_STR claims = eii_jwt_claims(&jwt);

		rc = eii_token_sign_remotely(making, claims, &assertion, err);
	} else {
		rc = sign_by_key(document, &jwt, &assertion, err);
	}
	if (rc)
		return rc;
	request->url = eii_strdup(EII_TOKEN_GOOGLE_URL);
	request->is_signed = true;
	eii_token_add_field(&request->form, "grant_type", JWT_BEARER);
	eii_token_add_field(&request->form, "assertion", assertion);
	return EII_OK;
}

/* ---- Microsoft, and any other --------------------------------------------- */

/* "https://login.microsoftonline.us/" and "login.microsoftonline.us" are the same. */
char *eii_token_microsoft_url(const char *authority, const char *tenant, const char *endpoint)
{
	const char *given = or_else(authority, MICROSOFT_AUTHORITY);
	const char *scheme = strstr(given, "://") ? "" : "https://";
	size_t len = strlen(given);

	while (len && given[len - 1] == '/')
		len--;
	return eii_asprintf("%s%.*s/%s/oauth2/v2.0/%s", scheme, (int)len, given, tenant, endpoint);
}

enum eii_rc eii_token_check_url(const char *url, struct eii_error *err)
{
	if (eii_url_is_safe(url))
		return EII_OK;
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
			     "the token endpoint's address (%.200s) must begin with https://", url);
}

static enum eii_rc ask_by_grant(const struct eii_token_making *making, enum eii_token_grant grant,
				const char *scope, struct eii_token_request *request,
				struct eii_error *err)
{
	enum eii_rc rc = eii_token_check_url(request->url, err);

	if (rc)
		return rc;
	if (grant == EII_TOKEN_BY_REFRESH) {
		eii_token_add_field(&request->form, "grant_type", "refresh_token");
		eii_token_add_field(&request->form, "refresh_token", making->refresh);
	} else {
		eii_token_add_field(&request->form, "grant_type", "client_credentials");
	}
	eii_token_add_field(&request->form, "scope", scope);
	return add_client(making, request, err);
}

enum eii_rc eii_token_make_request(const struct eii_token_making *making,
				   struct eii_token_request *request, struct eii_error *err)
{
	const struct eii_token_settings *settings = making->settings;

	switch (settings->method) {
	case EII_TOKEN_GOOGLE_USER:
		return ask_as_google_user(making, request);
	case EII_TOKEN_GOOGLE_SERVICE:
		return ask_as_google_service(making, request, err);
	case EII_TOKEN_MICROSOFT_APP:
		request->url =
			eii_token_microsoft_url(settings->authority, settings->tenant, "token");
		return ask_by_grant(making, EII_TOKEN_BY_CLIENT,
				    or_else(settings->scope, MICROSOFT_APP_SCOPE), request, err);
	case EII_TOKEN_MICROSOFT_USER:
		request->url =
			eii_token_microsoft_url(settings->authority, settings->tenant, "token");
		return ask_by_grant(making, EII_TOKEN_BY_REFRESH,
				    or_else(settings->scope, EII_TOKEN_MICROSOFT_USER_SCOPE),
				    request, err);
	case EII_TOKEN_OAUTH:
		break;
	}
	request->url = eii_strdup(settings->token_url);
	return ask_by_grant(making, settings->grant, settings->scope, request, err);
}
