/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/login.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/json_writer.h"
#include "eii/base/sink.h"
#include "eii/base/stop.h"
#include "token_private.h"

#define DEVICE_GRANT   "urn:ietf:params:oauth:grant-type:device_code"
#define IMAP_SCOPE     "IMAP.AccessAsUser.All"
#define OFFLINE_SCOPE  "offline_access"
#define FORM_MAX       32768
#define REFRESH_MISSED "no refresh token came: "

void eii_login_clear_tokens(struct eii_login_tokens *tokens)
{
	eii_free_secret(tokens->access);
	eii_free_secret(tokens->refresh);
	*tokens = (struct eii_login_tokens){ 0 };
}

static enum eii_rc refuse(struct eii_error *err, const char *words)
{
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS, "%s", words);
}

/* ---- a question to an endpoint ------------------------------------------- */

struct question {
	char *url;
	struct eii_buf form;
	struct eii_http_reply reply;
	struct eii_json *answer; /* NULL = none, or no JSON */
};

static void begin(struct question *question, char *url)
{
	*question = (struct question){ .url = url };
	eii_buf_init(&question->form, FORM_MAX);
	eii_http_reply_init(&question->reply);
}

static void wipe(struct eii_buf *buf)
{
	if (buf->len)
		explicit_bzero(buf->data, buf->len);
}

static void clear(struct question *question)
{
	wipe(&question->form);
	eii_buf_clear(&question->form);
	wipe(&question->reply.body);
	eii_http_reply_clear(&question->reply);
	eii_json_free(question->answer);
	free(question->url);
}

static enum eii_rc ask(struct eii_http *http, struct question *question, struct eii_error *err)
{
	const struct eii_http_request request = {
		.url = question->url,
		.content_type = "application/x-www-form-urlencoded",
		.body = eii_buf_text(&question->form),
		.deadline_ms = eii_clock_monotonic_ms() + EII_TOKEN_TIMEOUT_MS,
		.connection = EII_HTTP_FRESH,
	};
	enum eii_rc rc;

	if (!eii_buf_ok(&question->form))
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "what is to be sent to the provider is too long");
	rc = eii_http_post(http, &request, &question->reply, err);
	if (rc)
		return eii_fail_in(err, rc == EII_REJECT ? EII_RETRY : rc, "%s", question->url);
	(void)!eii_json_parse(eii_buf_text(&question->reply.body), EII_TOKEN_DOCUMENT_MAX,
			      &question->answer, NULL);
	return EII_OK;
}

/* Printable, and no longer than a token may be: it goes into a file. */
static bool is_token(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0 && len <= EII_TOKEN_TEXT_MAX;
}

/* wanted: a word that the granted scope, where it is told, must hold; NULL = none. */
static enum eii_rc take_tokens(const struct question *question, const char *wanted,
			       const char *no_scope, const char *no_refresh,
			       struct eii_login_tokens *out, struct eii_error *err)
{
	const char *access = eii_json_get_str(question->answer, "access_token");
	const char *refresh = eii_json_get_str(question->answer, "refresh_token");
	const char *scope = eii_json_get_str(question->answer, "scope");

	if (!access || !eii_token_is_bearer(access))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: its answer holds no access token");
	if (scope && wanted && !strcasestr(scope, wanted))
		return refuse(err, no_scope);
	if (!is_token(refresh))
		return refuse(err, no_refresh);
	out->access = eii_strdup(access);
	out->refresh = eii_strdup(refresh);
	return EII_OK;
}

/* ---- Google --------------------------------------------------------------- */

void eii_login_clear_client(struct eii_login_client *client)
{
	free(client->id);
	eii_free_secret(client->secret);
	*client = (struct eii_login_client){ 0 };
}

static enum eii_rc refuse_client(struct eii_error *err, const char *why)
{
	return eii_fail_kind(
		err, EII_FATAL, EII_ERROR_CONFIG,
		"%s; what is needed is the JSON of an OAuth client of the type Desktop "
		"app (Google Cloud console, Google Auth Platform, Clients)",
		why);
}

/* Which file of Google's it is, if not the right one. */
static const char *other_file(const struct eii_json *root)
{
	const char *type = eii_json_as_str(eii_json_get(root, "type"), "");

	if (eii_json_get(root, "web"))
		return "the client is of the type Web application, which cannot redirect to this "
		       "machine: create another one";
	if (strcmp(type, "service_account") == 0)
		return "this is a service account's key, which needs no login "
		       "(EMAIL_INTEL_IMAP_AUTH=google-service-account)";
	if (eii_json_get(root, "refresh_token"))
		return "this is a token already (EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON)";
	return "this is not a client's file";
}

enum eii_rc eii_login_read_client(struct eii_text text, struct eii_login_client *out,
				  struct eii_error *err)
{
	EII_AUTO(eii_json) root = NULL;
	const struct eii_json *client;
	const char *id, *secret;

	if (eii_json_parse(text, EII_LOGIN_CLIENT_MAX, &root, NULL))
		return refuse_client(err, "this is not JSON");
	client = eii_json_get(root, "installed");
	if (!client)
		return refuse_client(err, other_file(root));
	id = eii_json_get_str(client, "client_id");
	secret = eii_json_get_str(client, "client_secret");
	if (!is_token(id) || !is_token(secret))
		return refuse_client(err, "client_id or client_secret is missing");
	*out = (struct eii_login_client){ .id = eii_strdup(id), .secret = eii_strdup(secret) };
	return EII_OK;
}

enum eii_rc eii_login_google(struct eii_http *http, const struct eii_login_client *client,
			     const char *code, const char *verifier, const char *redirect,
			     struct eii_login_tokens *out, struct eii_error *err)
{
	struct question question;
	enum eii_rc rc;

	begin(&question, eii_strdup(EII_TOKEN_GOOGLE_URL));
	eii_token_add_field(&question.form, "grant_type", "authorization_code");
	eii_token_add_field(&question.form, "code", code);
	eii_token_add_field(&question.form, "redirect_uri", redirect);
	eii_token_add_field(&question.form, "client_id", client->id);
	eii_token_add_field(&question.form, "client_secret", client->secret);
	eii_token_add_field(&question.form, "code_verifier", verifier);
	rc = ask(http, &question, err);
	if (!rc && question.reply.status != 200)
		rc = eii_token_refused(EII_TOKEN_GOOGLE_USER, EII_TOKEN_AT_LOGIN, &question.reply,
				       question.answer, err);
	else if (!rc)
		rc = take_tokens(&question, EII_LOGIN_GOOGLE_SCOPE,
				 "consent to read mail was not given: begin again, and leave its "
				 "box ticked",
				 REFRESH_MISSED "remove the client at "
						"https://myaccount.google.com/connections and "
						"begin again",
				 out, err);
	clear(&question);
	return rc;
}

static void add_member(struct eii_json_writer *json, const char *name, const char *value)
{
	eii_json_key(json, name);
	eii_json_str(json, value);
}

char *eii_login_google_document(const struct eii_login_client *client, const char *refresh)
{
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_buf text;

	eii_buf_init(&text, EII_TOKEN_DOCUMENT_MAX);
	eii_buf_sink_init(&sink, &text);
	eii_json_writer_init(&json, &sink.base);
	eii_json_object_begin(&json);
	add_member(&json, "type", "authorized_user");
	add_member(&json, "client_id", client->id);
	add_member(&json, "client_secret", client->secret);
	add_member(&json, "refresh_token", refresh);
	add_member(&json, "token_uri", EII_TOKEN_GOOGLE_URL);
	eii_json_key(&json, "scopes");
	eii_json_array_begin(&json);
	eii_json_str(&json, EII_LOGIN_GOOGLE_SCOPE);
	eii_json_array_end(&json);
	eii_json_object_end(&json);
	(void)!eii_json_writer_finish(&json, NULL);
	explicit_bzero(&json, sizeof(json));
	return eii_buf_detach(&text);
}

/* ---- Microsoft ------------------------------------------------------------- */

/* Without offline_access no refresh token comes. */
static char *scope_of(const struct eii_login_microsoft *app)
{
	if (!app->scope)
		return eii_strdup(EII_TOKEN_MICROSOFT_USER_SCOPE);
	if (strstr(app->scope, OFFLINE_SCOPE))
		return eii_strdup(app->scope);
	return eii_asprintf("%s " OFFLINE_SCOPE, app->scope);
}

static enum eii_rc begin_microsoft(struct question *question, const struct eii_login_microsoft *app,
				   const char *endpoint, struct eii_error *err)
{
	begin(question, eii_token_microsoft_url(app->authority, app->tenant, endpoint));
	eii_token_add_field(&question->form, "client_id", app->client_id);
	return eii_token_check_url(question->url, err);
}

static enum eii_rc refused(const struct question *question, struct eii_error *err)
{
	return eii_token_refused(EII_TOKEN_MICROSOFT_USER, EII_TOKEN_AT_LOGIN, &question->reply,
				 question->answer, err);
}

enum eii_rc eii_login_ask_device(struct eii_http *http, const struct eii_login_microsoft *app,
				 struct eii_device *out, struct eii_error *err)
{
	EII_AUTO_STR scope = scope_of(app);
	struct question question;
	enum eii_rc rc = begin_microsoft(&question, app, "devicecode", err);

	eii_token_add_field(&question.form, "scope", scope);
	if (!rc)
		rc = ask(http, &question, err);
	if (!rc && question.reply.status != 200)
		rc = refused(&question, err);
	else if (!rc && eii_device_read(question.answer, eii_clock_monotonic_ms(), out, err))
		rc = eii_fail_in(err, EII_RETRY, "%s", question.url);
	clear(&question);
	return rc;
}

/* EII_RETRY: nothing to go by yet; device says when next. */
static enum eii_rc judge(struct eii_device *device, const struct question *question,
			 struct eii_error *err)
{
	enum eii_rc rc = refused(question, err);
	const char *error = eii_json_get_str(question->answer, "error");
	/* An endpoint that is busy says nothing about the code. */
	const char *word =
		rc == EII_RETRY && (!error || strcmp(error, "slow_down") != 0) ? NULL : error;

	switch (eii_device_heed(device, word, eii_clock_monotonic_ms())) {
	case EII_DEVICE_WAIT:
		return EII_RETRY;
	case EII_DEVICE_DECLINED:
		return refuse(err, "consent was declined in the browser: begin again, and sign in "
				   "as the mailbox's owner");
	case EII_DEVICE_EXPIRED:
		return refuse(err,
			      "the code was not used in time: begin again. Where the browser "
			      "refused it, its page has a number: AADSTS53003 is a policy "
			      "(Conditional Access, Authentication flows), 65001 and 90094 want "
			      "an administrator's consent (API permissions, Grant admin consent)");
	case EII_DEVICE_REFUSED:
		break;
	}
	return rc;
}

static enum eii_rc ask_for_tokens(struct eii_http *http, const struct eii_login_microsoft *app,
				  struct eii_device *device, struct eii_login_tokens *out,
				  struct eii_error *err)
{
	EII_AUTO_STR scope = scope_of(app);
	struct question question;
	enum eii_rc rc = begin_microsoft(&question, app, "token", err);

	eii_token_add_field(&question.form, "grant_type", DEVICE_GRANT);
	eii_token_add_field(&question.form, "device_code", device->code);
	if (!rc)
		rc = ask(http, &question, err);
	if (rc == EII_RETRY || (!rc && question.reply.status != 200))
		rc = judge(device, &question, err);
	else if (!rc)
		rc = take_tokens(&question, strstr(scope, IMAP_SCOPE) ? IMAP_SCOPE : NULL,
				 "the right to read mail was not granted: Entra admin center, App "
				 "registrations, the application, API permissions: "
				 "IMAP.AccessAsUser.All",
				 REFRESH_MISSED "Entra admin center, App registrations, the "
						"application, API permissions: offline_access",
				 out, err);
	clear(&question);
	return rc;
}

enum eii_rc eii_login_await_device(struct eii_http *http, const struct eii_login_microsoft *app,
				   struct eii_device *device, struct eii_login_tokens *out,
				   struct eii_error *err)
{
	enum eii_rc rc = EII_RETRY;

	while (rc == EII_RETRY) {
		(void)eii_stop_wait(NULL, -1, 0, device->ask_at_ms);
		rc = ask_for_tokens(http, app, device, out, err);
	}
	return rc;
}
