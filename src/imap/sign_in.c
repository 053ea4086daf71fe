/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/cleanup.h"
#include "imap_private.h"

#define SECRET_MAX 16384 /* bytes of an access token, ample */

/* A secret's bytes; wiped before they are freed. */
static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}
#define SECRET_TEXT __attribute__((cleanup(wipe))) char *

struct exchange {
	const char *first;             /* what the first "+" asks for; NULL = sent already */
	const char *second;            /* LOGIN's literals: what the next "+" asks for */
	const char *again;             /* sent with the command, where the server overlooks it */
	char blob[EII_IMAP_WORDS_MAX]; /* XOAUTH2: why the token was refused */
};

/* ---- words ------------------------------------------------------------- */

/*
 * Only what says that this sign-in will not do is final. Exchange says the same
 * "AUTHENTICATE failed" of a wrong password and of a passing fault.
 */
static enum eii_rc fail_refused(struct eii_imap *imap, const struct eii_imap_options *options,
				const struct exchange *exchange, struct eii_error *err)
{
	const struct eii_imap_refusal *refusal = &imap->refusal;
	static const char *const advices[] = {
		[EII_IMAP_AUTH_PASSWORD] = "check user name and password",
		[EII_IMAP_AUTH_XOAUTH2] = "check user name, token and its rights",
		[EII_IMAP_AUTH_EXTERNAL] = "check the client certificate and whose it is",
	};
	const char *advice = advices[options->auth];
	const char *where = eii_stream_where(imap->stream);
	bool is_final = refusal->kind == EII_IMAP_REFUSAL_FINAL_CREDENTIALS;

	if (refusal->kind == EII_IMAP_REFUSAL_PASSING)
		return eii_imap_end(imap, eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
							"%s: sign-in is not possible now: '%s'",
							where, refusal->words));
	return eii_imap_end(
		imap, eii_fail_kind(err, is_final ? EII_FATAL : EII_RETRY, EII_ERROR_CREDENTIALS,
				    "%s: sign-in of '%s' refused: '%s'%s%s (%s)", where,
				    options->user, refusal->words, exchange->blob[0] ? " " : "",
				    exchange->blob, advice));
}

static enum eii_rc fail_no_way(struct eii_imap *imap, const char *what, struct eii_error *err)
{
	return eii_imap_end(imap, eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s",
						eii_stream_where(imap->stream), what));
}

/* ---- SASL -------------------------------------------------------------- */

static char *base64_of(const char *data, size_t len)
{
	char *text = eii_calloc(eii_base64_size(len) + 1, 1);

	eii_base64_encode(data, len, text);
	return text;
}

/* RFC 4616: NUL user NUL password. */
static char *plain_response(const char *user, const char *password)
{
	size_t user_len = strlen(user), len = user_len + strlen(password) + 2;
	SECRET_TEXT raw = eii_calloc(len + 1, 1);
	char *response;

	memcpy(raw + 1, user, user_len + 1);
	memcpy(raw + 1 + user_len + 1, password, strlen(password) + 1);
	response = base64_of(raw, len);
	explicit_bzero(raw, len);
	return response;
}

static char *xoauth2_response(const char *user, const char *token)
{
	SECRET_TEXT raw = eii_asprintf("user=%s\001auth=Bearer %s\001\001", user, token);

	return base64_of(raw, strlen(raw));
}

/* The token's refusal as JSON in base64; answered by an empty line, then comes NO. */
static void keep_blob(const struct eii_imap_veil *veil, struct exchange *exchange,
		      struct eii_text text)
{
	struct eii_buf blob;

	eii_buf_init(&blob, 4096);
	if (eii_base64_decode(eii_text_trim(text), &blob))
		eii_imap_make_words(veil, eii_buf_text(&blob), exchange->blob,
				    sizeof(exchange->blob));
	eii_buf_clear(&blob);
}

static enum eii_rc answer_challenge(struct eii_imap *imap, struct eii_text text, void *arg,
				    struct eii_error *err)
{
	struct exchange *exchange = arg;
	const char *next = exchange->first;
	enum eii_rc rc = EII_OK;

	if (!next && !eii_text_trim(text).len)
		next = exchange->again;
	exchange->again = NULL;
	if (next) {
		exchange->first = exchange->second;
		exchange->second = NULL;
		rc = eii_imap_write(imap, next, strlen(next), err);
	} else {
		keep_blob(&imap->veil, exchange, text);
	}
	return rc ? rc : eii_imap_write(imap, "\r\n", 2, err);
}

static enum eii_rc authenticate(struct eii_imap *imap, const char *mechanism, const char *response,
				struct exchange *exchange, enum eii_imap_status *out,
				struct eii_error *err)
{
	struct eii_imap_handler handler = { .go_on = answer_challenge, .arg = exchange };

	if (!eii_buf_reserve(&imap->command, strlen(response) + 64))
		return eii_imap_fail(imap, "the secret is too long to be sent", err);
	if (strlen(response) > 1)
		eii_imap_veil_add_base64(&imap->veil, eii_text_of(response));
	eii_buf_addf(&imap->command, "AUTHENTICATE %s", mechanism);
	if (imap->capabilities & EII_IMAP_CAN_SASL_IR) {
		eii_buf_add_char(&imap->command, ' ');
		eii_buf_add_str(&imap->command, response);
		exchange->again = response;
	} else {
		exchange->first = response;
	}
	return eii_imap_exchange(imap, EII_IMAP_STEP_SIGN_IN, &handler, out, err);
}

/* ---- LOGIN ------------------------------------------------------------- */

static bool can_be_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

static void add_quoted(struct eii_buf *out, const char *text)
{
	eii_buf_add_char(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			eii_buf_add_char(out, '\\');
		eii_buf_add_char(out, *text);
	}
	eii_buf_add_char(out, '"');
}

/*
 * Quoted where both are plain ASCII, else both as literals: what the first "+"
 * asks for is the user with the announcement of the password behind it.
 */
static enum eii_rc log_in(struct eii_imap *imap, const char *user, const char *password,
			  struct exchange *exchange, enum eii_imap_status *out,
			  struct eii_error *err)
{
	struct eii_imap_handler handler = { .go_on = answer_challenge, .arg = exchange };
	EII_AUTO_STR user_line = eii_asprintf("%s {%zu}", user, strlen(password));

	if (!eii_buf_reserve(&imap->command, 2 * (strlen(user) + strlen(password)) + 64))
		return eii_imap_fail(imap, "the secret is too long to be sent", err);
	eii_buf_add_str(&imap->command, "LOGIN ");
	if (can_be_quoted(user) && can_be_quoted(password)) {
		add_quoted(&imap->command, user);
		eii_buf_add_char(&imap->command, ' ');
		add_quoted(&imap->command, password);
	} else {
		eii_buf_addf(&imap->command, "{%zu}", strlen(user));
		exchange->first = user_line;
		exchange->second = password;
	}
	return eii_imap_exchange(imap, EII_IMAP_STEP_SIGN_IN, &handler, out, err);
}

/*
 * Servers have been seen that list AUTH=PLAIN and cannot do it, or not in the
 * form that they list, while LOGIN works. What is said of the password itself, or
 * of the time, is said of LOGIN as well.
 */
static bool may_log_in_instead(const struct eii_imap *imap, unsigned capabilities)
{
	enum eii_imap_code code = imap->refusal.code;

	return !(capabilities & EII_IMAP_LOGIN_DISABLED) &&
	       imap->refusal.kind != EII_IMAP_REFUSAL_PASSING &&
	       code != EII_IMAP_CODE_AUTHENTICATIONFAILED &&
	       code != EII_IMAP_CODE_AUTHORIZATIONFAILED && code != EII_IMAP_CODE_EXPIRED;
}

/* A server that hangs up after its first no has said no. */
static enum eii_rc log_in_instead(struct eii_imap *imap, const char *user, const char *password,
				  enum eii_imap_status *out, struct eii_error *err)
{
	struct eii_imap_refusal first = imap->refusal;
	struct exchange exchange = { 0 };
	enum eii_rc rc = log_in(imap, user, password, &exchange, out, err);

	if (rc != EII_RETRY || imap->refusal.kind || (err && err->kind == EII_ERROR_STOPPED))
		return rc;
	imap->refusal = first;
	*out = EII_IMAP_NO;
	return EII_OK;
}

/* ---- one try ----------------------------------------------------------- */

static enum eii_rc try_password(struct eii_imap *imap, const char *user, const char *password,
				struct exchange *exchange, enum eii_imap_status *out,
				struct eii_error *err)
{
	unsigned capabilities = imap->capabilities;

	if (capabilities & EII_IMAP_CAN_PLAIN) {
		SECRET_TEXT response = plain_response(user, password);
		enum eii_rc rc = authenticate(imap, "PLAIN", response, exchange, out, err);

		if (rc || *out == EII_IMAP_OK || !may_log_in_instead(imap, capabilities))
			return rc;
		return log_in_instead(imap, user, password, out, err);
	}
	if (!(capabilities & EII_IMAP_LOGIN_DISABLED))
		return log_in(imap, user, password, exchange, out, err);
	return fail_no_way(imap,
			   eii_stream_is_tls(imap->stream)
				   ? "the server offers no sign-in by password"
				   : "the server takes no password without TLS: set "
				     "EMAIL_INTEL_IMAP_TLS=implicit or =starttls",
			   err);
}

static enum eii_rc try_token(struct eii_imap *imap, const char *user, const char *token,
			     struct exchange *exchange, enum eii_imap_status *out,
			     struct eii_error *err)
{
	if (imap->capabilities & EII_IMAP_CAN_XOAUTH2) {
		SECRET_TEXT response = xoauth2_response(user, token);

		return authenticate(imap, "XOAUTH2", response, exchange, out, err);
	}
	return fail_no_way(imap, "the server offers no sign-in by token (XOAUTH2)", err);
}

/*
 * RFC 4422, appendix A: the certificate alone says who we are, so the response is
 * empty; "=" where it stands in the command (RFC 4959).
 */
static enum eii_rc try_external(struct eii_imap *imap, struct exchange *exchange,
				enum eii_imap_status *out, struct eii_error *err)
{
	bool is_inline = imap->capabilities & EII_IMAP_CAN_SASL_IR;

	if (!(imap->capabilities & EII_IMAP_CAN_EXTERNAL))
		return fail_no_way(imap,
				   "the server offers no sign-in by certificate (EXTERNAL): it "
				   "does not ask for one, or does not take ours",
				   err);
	return authenticate(imap, "EXTERNAL", is_inline ? "=" : "", exchange, out, err);
}

static enum eii_rc try_once(struct eii_imap *imap, const struct eii_imap_options *options,
			    const char *secret, struct exchange *exchange,
			    enum eii_imap_status *out, struct eii_error *err)
{
	*exchange = (struct exchange){ 0 };
	imap->knows_capabilities = false;
	if (options->auth == EII_IMAP_AUTH_EXTERNAL)
		return try_external(imap, exchange, out, err);
	if (options->auth == EII_IMAP_AUTH_PASSWORD)
		return try_password(imap, options->user, secret, exchange, out, err);
	return try_token(imap, options->user, secret, exchange, out, err);
}

/* The secret in every form in which it leaves, quoted as LOGIN has it included. */
static void veil_secret(struct eii_imap *imap, const char *secret)
{
	struct eii_buf quoted;

	eii_buf_init(&quoted, 2 * SECRET_MAX + 2);
	eii_imap_veil_add_secret(&imap->veil, eii_text_of(secret));
	if (strpbrk(secret, "\"\\")) {
		add_quoted(&quoted, secret);
		eii_imap_veil_add_secret(&imap->veil, eii_buf_text(&quoted));
		explicit_bzero(quoted.data, quoted.len);
	}
	eii_buf_clear(&quoted);
}

static enum eii_rc get_secret(struct eii_imap *imap, const struct eii_imap_options *options,
			      enum eii_imap_secret_need need, char **out, struct eii_error *err)
{
	enum eii_rc rc;

	if (options->auth == EII_IMAP_AUTH_EXTERNAL) {
		*out = eii_strdup("");
		return EII_OK;
	}
	rc = options->secret(options->secret_arg, need, out, err);
	if (rc)
		return eii_imap_end(imap, rc);
	if (strlen(*out) > SECRET_MAX)
		return fail_no_way(imap, "the password or token is too long", err);
	veil_secret(imap, *out);
	return EII_OK;
}

enum eii_rc eii_imap_sign_in(struct eii_imap *imap, const struct eii_imap_options *options,
			     struct eii_error *err)
{
	enum eii_imap_status status = EII_IMAP_BAD;
	SECRET_TEXT secret = NULL;
	SECRET_TEXT fresh = NULL;
	struct exchange exchange = { 0 };
	unsigned capabilities = imap->capabilities;
	enum eii_rc rc;

	rc = get_secret(imap, options, EII_IMAP_SECRET_ANY, &secret, err);
	if (!rc)
		rc = try_once(imap, options, secret, &exchange, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK && options->auth == EII_IMAP_AUTH_XOAUTH2 &&
	    imap->refusal.kind != EII_IMAP_REFUSAL_PASSING) {
		rc = get_secret(imap, options, EII_IMAP_SECRET_FRESH, &fresh, err);
		if (rc)
			return rc;
		imap->capabilities = capabilities;
		if (strcmp(secret, fresh) != 0)
			rc = try_once(imap, options, fresh, &exchange, &status, err);
		if (rc)
			return rc;
	}
	if (status != EII_IMAP_OK)
		return fail_refused(imap, options, &exchange, err);
	imap->state = EII_IMAP_SIGNED_IN;
	/* Signed in, the server can do other things (ESEARCH): most say so in their OK. */
	return eii_imap_ask_capabilities(imap, err);
}
