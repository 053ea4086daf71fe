/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google's workload identity federation: a token of the platform that we run on
 * becomes one of Google's (RFC 8693), which lets us have claims signed for a
 * service account. generateAccessToken would be one step less, but its token has
 * no subject and opens no mailbox.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/json_writer.h"
#include "eii/base/sink.h"
#include "token_private.h"

#define SIGN_URL   "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
#define BODY_MAX   (2 * EII_TOKEN_DOCUMENT_MAX)
#define SOURCE     "credential_source of EMAIL_INTEL_IMAP_GOOGLE_KEY_JSON"
#define N_HEADERS  8
#define SOURCE_MAX 65536 /* bytes of what a credential source gives */

static enum eii_rc fail(enum eii_rc rc, const char *where, const char *why, struct eii_error *err)
{
	return eii_fail_kind(err, rc, EII_ERROR_CONFIG, "%s: %s", where, why);
}

char *eii_token_service_account(const struct eii_json *document)
{
	static const char mark[] = "/serviceAccounts/", tail[] = ":generateAccessToken";
	const char *url = eii_json_get_str(document, "service_account_impersonation_url");
	const char *at = url ? strstr(url, mark) : NULL;
	size_t len = at ? strlen(at += sizeof(mark) - 1) : 0;

	if (len < sizeof(tail) || strcmp(at + len - (sizeof(tail) - 1), tail) != 0)
		return NULL;
	len -= sizeof(tail) - 1;
	if (strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._@") != len)
		return NULL;
	return eii_strndup(at, len);
}

/* ---- the platform's token ------------------------------------------------ */

static enum eii_rc read_source_file(const char *path, struct eii_buf *out, struct eii_error *err)
{
	EII_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[4096];
	ssize_t len = -1;

	while (fd >= 0 && eii_buf_ok(out)) {
		len = read(fd, chunk, sizeof(chunk));
		if (len <= 0)
			break;
		eii_buf_add(out, chunk, (size_t)len);
	}
	explicit_bzero(chunk, sizeof(chunk));
	return len < 0 ? fail(EII_RETRY, SOURCE, strerror(errno), err) : EII_OK;
}

static enum eii_rc read_source_url(const struct eii_token_making *making,
				   const struct eii_json *source, struct eii_buf *out,
				   struct eii_error *err)
{
	const struct eii_json *given = eii_json_get(source, "headers");
	char *headers[N_HEADERS + 1] = { NULL };
	struct eii_http_request request = {
		.method = EII_HTTP_GET,
		.url = eii_json_get_str(source, "url"),
		.headers = (const char *const *)headers,
		.deadline_ms = eii_clock_monotonic_ms() + EII_TOKEN_TIMEOUT_MS,
		.stop = making->stop,
		.connection = EII_HTTP_FRESH,
	};
	struct eii_http_reply reply;
	enum eii_rc rc;
	size_t n = 0;

	for (const struct eii_json *h = eii_json_first(given); h && n < N_HEADERS;
	     h = eii_json_next(h))
		headers[n++] = eii_asprintf("%s: %s", eii_json_name(h), eii_json_as_str(h, ""));
	eii_http_reply_init(&reply);
	rc = eii_http_post(making->http, &request, &reply, err);
	while (n)
		free(headers[--n]);
	if (!rc && reply.status == 200)
		eii_buf_add_text(out, eii_buf_text(&reply.body));
	if (!rc && reply.status != 200)
		rc = eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				   SOURCE ": HTTP status %ld", reply.status);
	eii_http_reply_clear(&reply);
	return rc == EII_REJECT ? EII_RETRY : rc;
}

/* "format": the token is the whole text, or a member of a JSON object. */
static enum eii_rc take_subject(const struct eii_json *source, struct eii_text content, char **out,
				struct eii_error *err)
{
	const struct eii_json *format = eii_json_get(source, "format");
	const char *type = eii_json_get_str(format, "type");
	EII_AUTO(eii_json) answer = NULL;
	const char *member, *value;

	if (!type || strcmp(type, "text") == 0) {
		struct eii_text text = eii_text_trim(content);

		if (!text.len)
			return fail(EII_RETRY, SOURCE, "it is empty", err);
		*out = eii_strndup(text.data, text.len);
		return EII_OK;
	}
	member = eii_json_get_str(format, "subject_token_field_name");
	if (!member || eii_json_parse(content, SOURCE_MAX, &answer, NULL))
		return fail(EII_RETRY, SOURCE, "what it gives is not the JSON that format names",
			    err);
	value = eii_json_get_str(answer, member);
	if (!value || !value[0])
		return fail(EII_RETRY, SOURCE, "it lacks the member that format names", err);
	*out = eii_strdup(value);
	return EII_OK;
}

static enum eii_rc read_subject(const struct eii_token_making *making, char **out,
				struct eii_error *err)
{
	const struct eii_json *source = eii_json_get(making->inputs->document, "credential_source");
	const char *file = eii_json_get_str(source, "file");
	struct eii_buf content;
	enum eii_rc rc;

	eii_buf_init(&content, SOURCE_MAX);
	rc = file ? read_source_file(file, &content, err)
		  : read_source_url(making, source, &content, err);
	if (!rc && !eii_buf_ok(&content))
		rc = fail(EII_RETRY, SOURCE, "it is too large", err);
	if (!rc)
		rc = take_subject(source, eii_buf_text(&content), out, err);
	if (content.len)
		explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return rc;
}

/* ---- the two endpoints --------------------------------------------------- */

/* One request; the member of its answer. */
static enum eii_rc ask(const struct eii_token_making *making, const struct eii_http_request *wanted,
		       const char *member, char **out, struct eii_error *err)
{
	struct eii_http_request request = *wanted;
	EII_AUTO(eii_json) answer = NULL;
	struct eii_http_reply reply;
	const char *value;
	enum eii_rc rc;

	request.deadline_ms = eii_clock_monotonic_ms() + EII_TOKEN_TIMEOUT_MS;
	request.stop = making->stop;
	request.connection = EII_HTTP_FRESH;
	eii_http_reply_init(&reply);
	rc = eii_http_post(making->http, &request, &reply, err);
	if (!rc) {
		(void)!eii_json_parse(eii_buf_text(&reply.body), EII_TOKEN_DOCUMENT_MAX, &answer,
				      NULL);
		value = eii_json_get_str(answer, member);
		if (reply.status == 200 && value && eii_token_is_bearer(value))
			*out = eii_strdup(value);
		else
			rc = eii_token_refused(EII_TOKEN_GOOGLE_SERVICE, EII_TOKEN_AT_WORK, &reply,
					       answer, err);
	}
	if (reply.body.len)
		explicit_bzero(reply.body.data, reply.body.len);
	eii_http_reply_clear(&reply);
	return rc == EII_REJECT ? EII_RETRY : rc;
}

static enum eii_rc exchange(const struct eii_token_making *making, const char *subject, char **out,
			    struct eii_error *err)
{
	const struct eii_json *document = making->inputs->document;
	struct eii_http_request request = {
		.url = eii_json_get_str(document, "token_url"),
		.content_type = "application/x-www-form-urlencoded",
	};
	struct eii_buf form;
	enum eii_rc rc;

	eii_buf_init(&form, (size_t)4 * SOURCE_MAX);
	eii_token_add_field(&form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
	eii_token_add_field(&form, "audience", eii_json_get_str(document, "audience"));
	eii_token_add_field(&form, "scope", "https://www.googleapis.com/auth/cloud-platform");
	eii_token_add_field(&form, "requested_token_type",
			    "urn:ietf:params:oauth:token-type:access_token");
	eii_token_add_field(&form, "subject_token", subject);
	eii_token_add_field(&form, "subject_token_type",
			    eii_json_get_str(document, "subject_token_type"));
	request.body = eii_buf_text(&form);
	rc = ask(making, &request, "access_token", out, err);
	explicit_bzero(form.data, form.len);
	eii_buf_clear(&form);
	return rc ? eii_fail_in(err, rc, "exchange of the workload's token") : EII_OK;
}

static enum eii_rc sign(const struct eii_token_making *making, const char *bearer,
			const char *claims, char **out, struct eii_error *err)
{
	EII_AUTO_STR account = eii_token_service_account(making->inputs->document);
	EII_AUTO_STR url = eii_asprintf(SIGN_URL "%s:signJwt", account);
	struct eii_http_request request = { .url = url, .bearer = bearer };
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_buf body;
	enum eii_rc rc;

	eii_buf_init(&body, BODY_MAX);
	eii_buf_sink_init(&sink, &body);
	eii_json_writer_init(&json, &sink.base);
	eii_json_object_begin(&json);
	eii_json_key(&json, "delegates");
	eii_json_array_begin(&json);
	eii_json_array_end(&json);
	eii_json_key(&json, "payload");
	eii_json_str(&json, claims);
	eii_json_object_end(&json);
	(void)!eii_json_writer_finish(&json, NULL);
	request.body = eii_buf_text(&body);
	rc = ask(making, &request, "signedJwt", out, err);
	eii_buf_clear(&body);
	return rc ? eii_fail_in(err, rc, "signing for %s", account) : EII_OK;
}

enum eii_rc eii_token_sign_remotely(const struct eii_token_making *making, const char *claims,
				    char **out, struct eii_error *err)
{
	EII_AUTO_SECRET subject = NULL;
	EII_AUTO_SECRET bearer = NULL;
	enum eii_rc rc;

	rc = read_subject(making, &subject, err);
	if (!rc)
		rc = exchange(making, subject, &bearer, err);
	return rc ? rc : sign(making, bearer, claims, out, err);
}
