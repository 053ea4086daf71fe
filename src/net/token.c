/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/clock.h"
#include "eii/codec/json.h"
#include "eii/net/http.h"

#define DOCUMENT_MAX       65536
#define TOKEN_MAX          16384
#define LIFE_DEFAULT_S     3600 /* where expires_in is missing: Google's */
#define LIFE_MAX_S         86400
#define USED_LIFE_PER_CENT 80
#define WHERE              "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON"

struct eii_token {
	struct eii_http *http; /* borrowed */
	char *document;        /* that access was made from; NULL = none yet */
	char *access;
	int64_t renew_ms;     /* instant of the monotonic clock */
	_Atomic int64_t *end; /* of access; may be NULL */
};

/* A text that holds a secret. */
static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void forget(struct eii_token *token)
{
	wipe(token->document);
	wipe(token->access);
	token->document = NULL;
	token->access = NULL;
}

struct eii_token *eii_token_new(struct eii_http *http)
{
	struct eii_token *token = EII_NEW(struct eii_token);

	token->http = http;
	return token;
}

void eii_token_watch(struct eii_token *token, _Atomic int64_t *end)
{
	token->end = end;
}

void eii_token_free(struct eii_token *token)
{
	if (!token)
		return;
	forget(token);
	free(token);
}

/* ---- the document ------------------------------------------------------ */

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
	       strcmp(host, "[::1]") == 0;
}

/* https, and http where the endpoint is this very machine: secrets travel there. */
static bool is_safe_uri(const char *uri)
{
	char *scheme = NULL, *host = NULL;
	CURLU *parts = curl_url();
	bool is_safe;

	is_safe = parts && curl_url_set(parts, CURLUPART_URL, uri, 0) == CURLUE_OK &&
		  curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  (strcmp(scheme, "https") == 0 ||
		   (strcmp(scheme, "http") == 0 && is_loopback(host)));
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return is_safe;
}

static enum eii_rc check_members(const struct eii_json *root, struct eii_error *err)
{
	static const char *const needed[] = { "client_id", "client_secret", "refresh_token",
					      "token_uri" };

	if (eii_json_type(root) != EII_JSON_IS_OBJECT)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     WHERE ": an object of JSON is needed");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const char *value = eii_json_get_str(root, needed[i]);

		if (!value || !value[0])
			return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
					     WHERE
					     ": %s is missing (an authorized-user document "
					     "has client_id, client_secret, refresh_token and "
					     "token_uri)",
					     needed[i]);
	}
	if (!is_safe_uri(eii_json_get_str(root, "token_uri")))
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     WHERE ": token_uri must begin with https://");
	return EII_OK;
}

static enum eii_rc parse_document(const char *document, struct eii_json **out,
				  struct eii_error *err)
{
	EII_AUTO(eii_json) root = NULL;
	enum eii_rc rc;

	rc = eii_json_parse(eii_text_of(document), DOCUMENT_MAX, &root, NULL);
	if (rc)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     WHERE ": not JSON (the text itself is needed, not a path)");
	rc = check_members(root, err);
	if (rc)
		return rc;
	*out = EII_DETACH(root);
	return EII_OK;
}

enum eii_rc eii_token_check(const char *document, struct eii_error *err)
{
	EII_AUTO(eii_json) root = NULL;

	return parse_document(document, &root, err);
}

/* ---- the refresh ------------------------------------------------------- */

static void add_field(struct eii_buf *form, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0);

	if (!escaped)
		abort();
	eii_buf_addf(form, "%s%s=%s", form->len ? "&" : "", name, escaped);
	curl_free(escaped);
}

static void make_form(const struct eii_json *root, struct eii_buf *form)
{
	add_field(form, "grant_type", "refresh_token");
	add_field(form, "client_id", eii_json_get_str(root, "client_id"));
	add_field(form, "client_secret", eii_json_get_str(root, "client_secret"));
	add_field(form, "refresh_token", eii_json_get_str(root, "refresh_token"));
}

/* RFC 6749, section 5.2, in an operator's words. */
static enum eii_rc fail_refused(const struct eii_http_reply *reply, const struct eii_json *answer,
				struct eii_error *err)
{
	const char *error = eii_json_get_str(answer, "error");
	const char *advice = "check the document";

	if (!error || reply->status >= 500 || reply->status == 408 || reply->status == 429)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: HTTP status %ld", reply->status);
	if (strcmp(error, "invalid_grant") == 0)
		advice = "the refresh token was revoked or has expired: have the mailbox's owner "
			 "consent again and set the new document";
	else if (strcmp(error, "invalid_client") == 0 || strcmp(error, "unauthorized_client") == 0)
		advice = "client_id or client_secret is wrong";
	else if (strcmp(error, "temporarily_unavailable") == 0)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: temporarily unavailable");
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS,
			     "token endpoint refused: %.60s (%s)", error, advice);
}

static void keep_access(struct eii_token *token, const char *document, const char *access,
			uint64_t life_s)
{
	forget(token);
	token->document = eii_strdup(document);
	token->access = eii_strdup(access);
	token->renew_ms =
		eii_clock_monotonic_ms() + (int64_t)(life_s * 1000 * USED_LIFE_PER_CENT / 100);
	if (token->end)
		atomic_store(token->end, eii_clock_unix_s() + (int64_t)life_s);
}

/* Bytes that may stand in a bearer (RFC 6750, section 2.1); no way out of a SASL line. */
static bool is_bearer(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				  "-._~+/=");

	return len > 0 && len <= TOKEN_MAX && !text[len];
}

static enum eii_rc take_answer(struct eii_token *token, const char *document,
			       const struct eii_http_reply *reply, struct eii_error *err)
{
	EII_AUTO(eii_json) answer = NULL;
	uint64_t life_s = LIFE_DEFAULT_S;
	const char *access;

	if (eii_json_parse(eii_buf_text(&reply->body), DOCUMENT_MAX, &answer, NULL) ||
	    reply->status != 200)
		return fail_refused(reply, answer, err);
	access = eii_json_get_str(answer, "access_token");
	if (!access || !is_bearer(access))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: its answer holds no access token");
	(void)eii_json_as_u64(eii_json_get(answer, "expires_in"), LIFE_MAX_S, &life_s);
	keep_access(token, document, access, life_s);
	return EII_OK;
}

static enum eii_rc post_form(struct eii_token *token, const struct eii_json *root,
			     const struct eii_stop *stop, struct eii_http_reply *reply,
			     struct eii_error *err)
{
	struct eii_buf form;
	struct eii_http_request request = {
		.url = eii_json_get_str(root, "token_uri"),
		.content_type = "application/x-www-form-urlencoded",
		.deadline_ms = eii_clock_monotonic_ms() + EII_TOKEN_TIMEOUT_MS,
		.stop = stop,
		.connection = EII_HTTP_FRESH,
	};
	enum eii_rc rc;

	eii_buf_init(&form, (size_t)4 * DOCUMENT_MAX);
	make_form(root, &form);
	request.body = eii_buf_text(&form);
	rc = eii_http_post(token->http, &request, reply, err);
	explicit_bzero(form.data, form.len);
	eii_buf_clear(&form);
	if (rc == EII_REJECT)
		rc = EII_RETRY;
	return rc ? eii_fail_in(err, rc, "token endpoint") : EII_OK;
}

static enum eii_rc refresh(struct eii_token *token, const char *document,
			   const struct eii_stop *stop, struct eii_error *err)
{
	EII_AUTO(eii_json) root = NULL;
	struct eii_http_reply reply;
	enum eii_rc rc;

	rc = parse_document(document, &root, err);
	if (rc)
		return rc;
	eii_http_reply_init(&reply);
	rc = post_form(token, root, stop, &reply, err);
	if (!rc)
		rc = take_answer(token, document, &reply, err);
	if (reply.body.len)
		explicit_bzero(reply.body.data, reply.body.len);
	eii_http_reply_clear(&reply);
	return rc;
}

enum eii_rc eii_token_get(struct eii_token *token, const char *document, enum eii_token_need need,
			  const struct eii_stop *stop, char **out, struct eii_error *err)
{
	bool is_same = token->document && strcmp(token->document, document) == 0;
	enum eii_rc rc;

	if (!is_same || need == EII_TOKEN_FRESH || eii_clock_left_ms(token->renew_ms) == 0) {
		rc = refresh(token, document, stop, err);
		if (rc)
			return rc;
	}
	*out = eii_strdup(token->access);
	return EII_OK;
}
