/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/token.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/net/url.h"
#include "token_private.h"

#define LIFE_DEFAULT_S 3600 /* where expires_in is missing: what most give */
#define USED_PER_MILLE 800  /* of its life, */
#define SPREAD         80   /* and a tenth of that more or less */
#define BUSY_WAIT_S    5    /* after 429 without Retry-After */
#define SKEW_MIN_S     60   /* a clock that differs less is not what was refused */

struct eii_token {
	struct eii_http *http; /* borrowed */
	struct eii_token_settings settings;
	unsigned used_per_mille;
	_Atomic int64_t *end; /* of access; may be NULL */

	char *access;                           /* NULL = none yet */
	uint8_t made_by[EII_HASH_SHA256_BYTES]; /* the inputs' hash */
	int64_t renew_ms, dead_ms;              /* of the monotonic clock */

	char *refresh;     /* that replaced the configured one; NULL = none */
	char *refresh_for; /* the configured one */

	int64_t pair_until_ms;                  /* certificate and key are not read before */
	int64_t quiet_until_ms;                 /* nobody is asked before; 0 = none */
	uint8_t refused[EII_HASH_SHA256_BYTES]; /* the inputs that were refused */
	int64_t refused_until_ms;
	enum eii_rc refused_rc;
	struct eii_error refused_error;
};

static void say(const struct eii_token *token, const char *words)
{
	if (token->settings.say)
		token->settings.say(token->settings.say_arg, words);
}

/* Within 720 and 880, the same for the same process. */
static unsigned share_of_life(const char *spread_by)
{
	uint8_t hash[EII_HASH_SHA256_BYTES];

	if (!spread_by)
		return USED_PER_MILLE;
	eii_sha256_of(spread_by, strlen(spread_by), hash);
	return USED_PER_MILLE - SPREAD + (hash[0] * 256u + hash[1]) % (2 * SPREAD + 1);
}

struct eii_token *eii_token_new(struct eii_http *http, const struct eii_token_settings *settings)
{
	struct eii_token *token = EII_NEW(struct eii_token);

	token->http = http;
	token->settings = *settings;
	token->used_per_mille = share_of_life(settings->spread_by);
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
	eii_free_secret(token->access);
	eii_free_secret(token->refresh);
	eii_free_secret(token->refresh_for);
	free(token);
}

/* ---- the refresh token that counts -------------------------------------- */

static const char *configured_refresh(const struct eii_token_settings *settings,
				      const struct eii_token_inputs *inputs)
{
	if (settings->method == EII_TOKEN_GOOGLE_USER)
		return eii_json_get_str(inputs->document, "refresh_token");
	return inputs->secrets[EII_TOKEN_SECRET_REFRESH];
}

/* One that was configured anew wins over what followed an older one. */
static const char *current_refresh(struct eii_token *token, const char *configured)
{
	if (!configured)
		return NULL;
	if (!token->refresh_for || strcmp(token->refresh_for, configured) != 0) {
		eii_free_secret(token->refresh);
		eii_free_secret(token->refresh_for);
		token->refresh_for = eii_strdup(configured);
		token->refresh =
			token->settings.refresh_store
				? eii_token_store_read(token->settings.refresh_store, configured)
				: NULL;
	}
	return token->refresh ? token->refresh : configured;
}

/* Stored before it is used: the one before may not work a second time. */
static enum eii_rc keep_rotated(struct eii_token *token, const struct eii_json *answer,
				const char *configured, struct eii_error *err)
{
	const char *rotated = eii_json_get_str(answer, "refresh_token");
	enum eii_rc rc = EII_OK;

	if (!configured || !rotated || !rotated[0] || strlen(rotated) > EII_TOKEN_TEXT_MAX ||
	    strcmp(rotated, token->refresh ? token->refresh : configured) == 0)
		return EII_OK;
	if (token->settings.refresh_store)
		rc = eii_token_store_write(token->settings.refresh_store, configured, rotated, err);
	eii_free_secret(token->refresh);
	token->refresh = eii_strdup(rotated);
	return rc;
}

/* ---- an answer ----------------------------------------------------------- */

/* A number, or a number as text. */
static uint64_t life_of(const struct eii_json *answer)
{
	const struct eii_json *expires = eii_json_get(answer, "expires_in");
	uint64_t life_s = LIFE_DEFAULT_S;
	const char *text = eii_json_as_str(expires, NULL);

	if (text)
		(void)eii_text_to_u64(eii_text_of(text), UINT32_MAX, &life_s);
	else
		(void)eii_json_as_u64(expires, UINT32_MAX, &life_s);
	return life_s < EII_TOKEN_LIFE_MAX_S ? life_s : EII_TOKEN_LIFE_MAX_S;
}

static void keep_access(struct eii_token *token, const struct eii_token_inputs *inputs,
			const char *access, uint64_t life_s)
{
	int64_t now_ms = eii_clock_monotonic_ms();

	eii_free_secret(token->access);
	token->access = eii_strdup(access);
	memcpy(token->made_by, inputs->hash, sizeof(token->made_by));
	token->renew_ms = now_ms + (int64_t)(life_s * token->used_per_mille);
	token->dead_ms = now_ms + (int64_t)(life_s * 1000);
	token->quiet_until_ms = token->refused_until_ms = 0;
	if (token->end)
		atomic_store(token->end, eii_clock_unix_s() + (int64_t)life_s);
}

static void heed_wait(struct eii_token *token, const struct eii_http_reply *reply)
{
	uint32_t wait_s = reply->retry_after_s;

	if (!wait_s && reply->status == 429)
		wait_s = BUSY_WAIT_S;
	if (wait_s > EII_TOKEN_WAIT_MAX_S)
		wait_s = EII_TOKEN_WAIT_MAX_S;
	if (wait_s && reply->status != 200)
		token->quiet_until_ms = eii_clock_monotonic_ms() + (int64_t)wait_s * 1000;
}

static enum eii_rc take_answer(struct eii_token *token, const struct eii_token_inputs *inputs,
			       const struct eii_http_reply *reply, struct eii_error *err)
{
	EII_AUTO(eii_json) answer = NULL;
	const char *access;
	enum eii_rc rc;

	heed_wait(token, reply);
	if (eii_json_parse(eii_buf_text(&reply->body), EII_TOKEN_DOCUMENT_MAX, &answer, NULL) ||
	    reply->status != 200)
		return eii_token_refused(token->settings.method, EII_TOKEN_AT_WORK, reply, answer,
					 err);
	access = eii_json_get_str(answer, "access_token");
	if (!access || !eii_token_is_bearer(access))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: its answer holds no access token");
	rc = keep_rotated(token, answer, configured_refresh(&token->settings, inputs), err);
	if (!rc)
		keep_access(token, inputs, access, life_of(answer));
	return rc;
}

/* ---- a request ----------------------------------------------------------- */

static enum eii_rc post(struct eii_token *token, const struct eii_token_request *made,
			const struct eii_stop *stop, struct eii_http_reply *reply,
			struct eii_error *err)
{
	struct eii_http_request request = {
		.url = made->url,
		.content_type = "application/x-www-form-urlencoded",
		.body = eii_buf_text(&made->form),
		.deadline_ms = eii_clock_monotonic_ms() + EII_TOKEN_TIMEOUT_MS,
		.stop = stop,
		.connection = EII_HTTP_FRESH,
	};
	enum eii_rc rc = eii_http_post(token->http, &request, reply, err);

	if (rc == EII_REJECT)
		rc = EII_RETRY;
	return rc ? eii_fail_in(err, rc, "token endpoint") : EII_OK;
}

/* One request and its answer; *out_skew_s: how far our clock is behind the endpoint's. */
static enum eii_rc ask_once(struct eii_token *token, const struct eii_token_making *making,
			    int64_t *out_skew_s, struct eii_error *err)
{
	struct eii_token_request request;
	struct eii_http_reply reply;
	enum eii_rc rc;

	*out_skew_s = 0;
	eii_token_request_init(&request);
	eii_http_reply_init(&reply);
	rc = eii_token_make_request(making, &request, err);
	if (!rc && !eii_buf_ok(&request.form))
		rc = eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				   "what is to be sent to the token endpoint is too long");
	if (!rc)
		rc = post(token, &request, making->stop, &reply, err);
	if (!rc) {
		rc = take_answer(token, making->inputs, &reply, err);
		if (rc == EII_FATAL && request.is_signed && reply.server_unix_s)
			*out_skew_s = reply.server_unix_s - making->now_unix_s;
	}
	if (reply.body.len)
		explicit_bzero(reply.body.data, reply.body.len);
	eii_http_reply_clear(&reply);
	eii_token_request_clear(&request);
	return rc;
}

/* What we signed may be refused for its time: once more by the endpoint's clock. */
static enum eii_rc ask(struct eii_token *token, const struct eii_token_inputs *inputs,
		       const struct eii_stop *stop, struct eii_error *err)
{
	struct eii_token_making making = {
		.settings = &token->settings,
		.inputs = inputs,
		.refresh = current_refresh(token, configured_refresh(&token->settings, inputs)),
		.http = token->http,
		.stop = stop,
		.now_unix_s = eii_clock_unix_s(),
	};
	int64_t skew_s, ignored;
	enum eii_rc rc = ask_once(token, &making, &skew_s, err);

	if (skew_s >= -SKEW_MIN_S && skew_s <= SKEW_MIN_S)
		return rc;
	making.now_unix_s += skew_s;
	rc = ask_once(token, &making, &ignored, err);
	if (!rc || rc == EII_FATAL) {
		EII_AUTO_STR words = eii_asprintf(
			"this machine's clock is %lld s %s the token endpoint's: set it",
			(long long)(skew_s > 0 ? skew_s : -skew_s),
			skew_s > 0 ? "behind" : "ahead of");

		say(token, words);
	}
	return rc;
}

/* ---- what may be asked at all -------------------------------------------- */

static bool is_alive(const struct eii_token *token, const struct eii_token_inputs *inputs)
{
	return token->access && eii_clock_left_ms(token->dead_ms) > 0 &&
	       memcmp(token->made_by, inputs->hash, sizeof(token->made_by)) == 0;
}

static void note_refusal(struct eii_token *token, const struct eii_token_inputs *inputs,
			 enum eii_rc rc, const struct eii_error *err)
{
	if (rc != EII_FATAL || err->kind != EII_ERROR_CREDENTIALS)
		return;
	memcpy(token->refused, inputs->whole_hash, sizeof(token->refused));
	token->refused_until_ms = eii_clock_monotonic_ms() + EII_TOKEN_QUIET_MS;
	token->refused_rc = rc;
	token->refused_error = *err;
}

static enum eii_rc renew(struct eii_token *token, const struct eii_token_inputs *inputs,
			 const struct eii_stop *stop, struct eii_error *err)
{
	struct eii_error own = { 0 };
	enum eii_rc rc;

	if (!err)
		err = &own;
	if (eii_clock_left_ms(token->refused_until_ms) > 0 &&
	    memcmp(token->refused, inputs->whole_hash, sizeof(token->refused)) == 0) {
		*err = token->refused_error;
		return token->refused_rc;
	}
	if (eii_clock_left_ms(token->quiet_until_ms) > 0)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: it wants to be left alone for %d s more",
				     eii_clock_left_ms(token->quiet_until_ms) / 1000 + 1);
	rc = ask(token, inputs, stop, err);
	note_refusal(token, inputs, rc, err);
	return rc;
}

static enum eii_rc get(struct eii_token *token, const struct eii_token_inputs *inputs,
		       enum eii_token_need need, const struct eii_stop *stop, struct eii_error *err)
{
	bool is_usable = need == EII_TOKEN_ANY && is_alive(token, inputs);
	enum eii_rc rc;

	if (is_usable && eii_clock_left_ms(token->renew_ms) > 0)
		return EII_OK;
	rc = renew(token, inputs, stop, err);
	/* An endpoint that is away for a while costs nothing while the old one lives. */
	return rc == EII_RETRY && is_usable ? EII_OK : rc;
}

enum eii_rc eii_token_get(struct eii_token *token, enum eii_token_need need,
			  const struct eii_stop *stop, char **out, struct eii_error *err)
{
	struct eii_token_inputs inputs = { 0 };
	enum eii_rc rc;

	if (eii_clock_left_ms(token->pair_until_ms) > 0)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG,
				     "EMAIL_INTEL_IMAP_CLIENT_CERTIFICATE and _CLIENT_KEY do not "
				     "fit each other; they are read again in %d s",
				     eii_clock_left_ms(token->pair_until_ms) / 1000 + 1);
	rc = eii_token_read_inputs(&token->settings, &inputs, err);
	if (rc == EII_RETRY && token->settings.certificate)
		token->pair_until_ms = eii_clock_monotonic_ms() + EII_TOKEN_PAIR_MS;
	if (!rc)
		rc = get(token, &inputs, need, stop, err);
	eii_token_clear_inputs(&inputs);
	if (!rc)
		*out = eii_strdup(token->access);
	return rc;
}

/* ---- before anything is asked -------------------------------------------- */

static void say_doubts(const struct eii_token *token, const struct eii_token_inputs *inputs)
{
	const char *uri = eii_json_get_str(inputs->document, "token_uri");

	if (token->settings.method == EII_TOKEN_GOOGLE_USER && uri &&
	    !eii_url_is_below(uri, "googleapis.com"))
		say(token, "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON: its token_uri is no host of "
			   "googleapis.com, and gets the secrets");
	if (token->settings.method == EII_TOKEN_MICROSOFT_USER && !token->settings.refresh_store)
		say(token, "EMAIL_INTEL_IMAP_REFRESH_TOKEN_STORE is not set: refresh tokens that "
			   "Microsoft gives anew are lost with the process, and the configured "
			   "one ends after 90 days");
}

enum eii_rc eii_token_check(struct eii_token *token, struct eii_error *err)
{
	struct eii_token_inputs inputs = { 0 };
	enum eii_rc rc = eii_token_read_inputs(&token->settings, &inputs, err);

	if (!rc && token->settings.refresh_store)
		rc = eii_token_store_check(token->settings.refresh_store, err);
	if (!rc)
		say_doubts(token, &inputs);
	eii_token_clear_inputs(&inputs);
	return rc ? EII_FATAL : EII_OK;
}
