/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "authenticate.h"
#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/codec/hash.h"
#include "sasl.h"

#define SECRET_MAX 16384 /* bytes of an access token, ample */

/* ---- words ------------------------------------------------------------- */

/*
 * Only what says that this sign-in will not do is final. Exchange says the same
 * "AUTHENTICATE failed" of a wrong password and of a passing fault.
 */
static enum eii_rc fail_refused(struct eii_imap *imap, const struct eii_imap_options *options,
				const struct eii_imap_attempt *attempt, struct eii_error *err)
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
		imap,
		eii_fail_kind(err, is_final ? EII_FATAL : EII_RETRY, EII_ERROR_CREDENTIALS,
			      "%s: sign-in of '%s' refused: '%s'%s%s (%s)", where, options->user,
			      refusal->words, attempt->blob[0] ? " " : "", attempt->blob, advice));
}

static enum eii_rc fail_no_way(struct eii_imap *imap, const char *what, struct eii_error *err)
{
	return eii_imap_end(imap, eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s",
						    eii_stream_where(imap->stream), what));
}

/* A password, and with whom and what it goes. */
struct login {
	const struct eii_imap_options *options;
	const char *password;
	unsigned capabilities; /* before the first answer, which may change them */
	unsigned char hash[EII_HASH_SHA256_BYTES];
};

/*
 * Servers have been seen that list AUTH=PLAIN and cannot do it, or not in the
 * form that they list, while LOGIN works. What is said of the password itself, or
 * of the time, is said of LOGIN as well; and a server counts what it refuses, so
 * that the same password goes by LOGIN once.
 */
static bool may_log_in_instead(const struct eii_imap *imap, const struct login *login)
{
	enum eii_imap_code code = imap->refusal.code;
	const struct eii_imap_tried *tried = login->options->tried;

	return !(login->capabilities & EII_IMAP_LOGIN_DISABLED) &&
	       imap->refusal.kind != EII_IMAP_REFUSAL_PASSING &&
	       code != EII_IMAP_CODE_AUTHENTICATIONFAILED &&
	       code != EII_IMAP_CODE_AUTHORIZATIONFAILED && code != EII_IMAP_CODE_EXPIRED &&
	       !(tried && tried->has_hash &&
		 memcmp(tried->hash, login->hash, sizeof(login->hash)) == 0);
}

static void remember(const struct login *login)
{
	struct eii_imap_tried *tried = login->options->tried;

	if (!tried)
		return;
	tried->has_hash = true;
	memcpy(tried->hash, login->hash, sizeof(tried->hash));
}

/* A server that hangs up after its first no has said no. */
static enum eii_rc log_in_instead(struct eii_imap *imap, const struct login *login,
				  enum eii_imap_status *out, struct eii_error *err)
{
	struct eii_imap_refusal first = imap->refusal;
	struct eii_imap_attempt attempt = { 0 };
	enum eii_rc rc;

	rc = eii_imap_log_in(imap, login->options->user, login->password, &attempt, out, err);
	if (!rc && *out != EII_IMAP_OK && imap->refusal.kind != EII_IMAP_REFUSAL_PASSING)
		remember(login);
	if (rc != EII_RETRY || imap->refusal.kind || (err && err->kind == EII_ERROR_STOPPED))
		return rc;
	imap->refusal = first;
	*out = EII_IMAP_NO;
	return EII_OK;
}

/* ---- one try ----------------------------------------------------------- */

/* Coremail lists SASL-IR and answers it by BAD; the other form works there. */
static enum eii_rc try_plain(struct eii_imap *imap, const struct login *login,
			     struct eii_imap_attempt *attempt, enum eii_imap_status *out,
			     struct eii_error *err)
{
	EII_AUTO_SECRET response = eii_sasl_plain(login->options->user, login->password);
	enum eii_imap_form form = eii_imap_form_of(login->capabilities);
	enum eii_rc rc = eii_imap_authenticate(imap, "PLAIN", response, form, attempt, out, err);

	if (rc || form == EII_IMAP_WHEN_ASKED || *out != EII_IMAP_BAD)
		return rc;
	*attempt = (struct eii_imap_attempt){ 0 };
	return eii_imap_authenticate(imap, "PLAIN", response, EII_IMAP_WHEN_ASKED, attempt, out,
				     err);
}

/* What the server says before it has proven itself counts for nothing. */
static enum eii_rc judge_scram(struct eii_imap *imap, const struct eii_imap_attempt *attempt,
			       enum eii_imap_status status, struct eii_error *err)
{
	const char *fault = attempt->fault;

	if (!fault && status == EII_IMAP_OK && !attempt->is_proven)
		fault = "it signs us in without knowing the password";
	if (!fault)
		return EII_OK;
	return eii_imap_end(imap, eii_fail_doubtful(err, EII_RETRY, EII_ERROR_CREDENTIALS,
						    "%s: sign-in by SCRAM broken off: %s",
						    eii_stream_where(imap->stream), fault));
}

static enum eii_rc try_scram(struct eii_imap *imap, const struct login *login,
			     enum eii_imap_sasl mechanism, struct eii_imap_attempt *attempt,
			     enum eii_imap_status *out, struct eii_error *err)
{
	unsigned char binding[EII_SCRAM_BINDING_BYTES];
	bool is_bound = mechanism == EII_IMAP_SASL_SCRAM_SHA_256_PLUS;
	const char *name = is_bound ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";
	EII_AUTO(eii_scram) scram = NULL;
	EII_AUTO_SECRET first = NULL;
	enum eii_rc rc;

	if (is_bound && !eii_stream_export(imap->stream, binding, sizeof(binding)))
		return fail_no_way(imap, "SCRAM-SHA-256-PLUS needs TLS 1.3", err);
	scram = eii_scram_new(login->options->user, login->password, is_bound ? binding : NULL,
			      NULL);
	first = eii_sasl_base64(eii_scram_first(scram), strlen(eii_scram_first(scram)));
	attempt->scram = scram;
	rc = eii_imap_authenticate(imap, name, first, eii_imap_form_of(login->capabilities),
				   attempt, out, err);
	attempt->scram = NULL;
	return rc ? rc : judge_scram(imap, attempt, *out, err);
}

static enum eii_rc fail_no_password(struct eii_imap *imap, enum eii_imap_sasl sasl,
				    struct eii_error *err)
{
	static const char *const words[] = {
		[EII_IMAP_SASL_AUTO] = "the server offers no sign-in by password",
		[EII_IMAP_SASL_PLAIN] = "the server offers no sign-in by PLAIN or LOGIN",
		[EII_IMAP_SASL_LOGIN] = "the server offers no sign-in by LOGIN",
		[EII_IMAP_SASL_SCRAM_SHA_256] = "the server offers no sign-in by SCRAM-SHA-256",
		[EII_IMAP_SASL_SCRAM_SHA_256_PLUS] =
			"the server offers no sign-in by SCRAM-SHA-256-PLUS",
	};

	if (eii_stream_is_tls(imap->stream))
		return fail_no_way(imap, words[sasl], err);
	if (sasl == EII_IMAP_SASL_SCRAM_SHA_256)
		return fail_no_way(imap,
				   "the server offers no SCRAM-SHA-256, and without TLS no other "
				   "sign-in hides the password: set EMAIL_INTEL_IMAP_TLS=implicit "
				   "or =starttls (or EMAIL_INTEL_IMAP_SASL=plain, and anyone on "
				   "the way reads it)",
				   err);
	return fail_no_way(imap,
			   "the server takes no password without TLS: set "
			   "EMAIL_INTEL_IMAP_TLS=implicit or =starttls",
			   err);
}

/* Where others can read what is sent, a password goes by SCRAM alone unless another is named. */
static enum eii_imap_sasl wanted_of(const struct eii_imap *imap, const struct login *login)
{
	enum eii_imap_sasl wanted = login->options->sasl;

	return wanted == EII_IMAP_SASL_AUTO && !eii_stream_is_private(imap->stream)
		       ? EII_IMAP_SASL_SCRAM_SHA_256
		       : wanted;
}

/* The mechanism to begin with; AUTO = none that will do. */
static enum eii_imap_sasl choose(const struct login *login, enum eii_imap_sasl wanted)
{
	bool is_any = wanted == EII_IMAP_SASL_AUTO;
	unsigned can = login->capabilities;

	if ((is_any || wanted == EII_IMAP_SASL_PLAIN) && can & EII_IMAP_CAN_PLAIN)
		return EII_IMAP_SASL_PLAIN;
	if ((is_any || wanted == EII_IMAP_SASL_SCRAM_SHA_256) && can & EII_IMAP_CAN_SCRAM_SHA_256)
		return EII_IMAP_SASL_SCRAM_SHA_256;
	if (wanted == EII_IMAP_SASL_SCRAM_SHA_256_PLUS && can & EII_IMAP_CAN_SCRAM_SHA_256_PLUS)
		return wanted;
	if (wanted <= EII_IMAP_SASL_LOGIN && !(can & EII_IMAP_LOGIN_DISABLED))
		return EII_IMAP_SASL_LOGIN;
	return EII_IMAP_SASL_AUTO;
}

static enum eii_rc try_password(struct eii_imap *imap, const struct login *login,
				struct eii_imap_attempt *attempt, enum eii_imap_status *out,
				struct eii_error *err)
{
	enum eii_imap_sasl wanted = wanted_of(imap, login), chosen = choose(login, wanted);
	enum eii_rc rc;

	if (chosen == EII_IMAP_SASL_AUTO)
		return fail_no_password(imap, wanted, err);
	if (chosen == EII_IMAP_SASL_LOGIN)
		return eii_imap_log_in(imap, login->options->user, login->password, attempt, out,
				       err);
	if (chosen == EII_IMAP_SASL_PLAIN)
		rc = try_plain(imap, login, attempt, out, err);
	else
		rc = try_scram(imap, login, chosen, attempt, out, err);
	/* Who named SCRAM does not want the password itself to travel. */
	if (rc || *out == EII_IMAP_OK || wanted > EII_IMAP_SASL_LOGIN ||
	    !may_log_in_instead(imap, login))
		return rc;
	return log_in_instead(imap, login, out, err);
}

static enum eii_rc try_token(struct eii_imap *imap, const struct eii_imap_options *options,
			     const char *token, struct eii_imap_attempt *attempt,
			     enum eii_imap_status *out, struct eii_error *err)
{
	enum eii_imap_sasl wanted = options->sasl;
	enum eii_imap_form form = eii_imap_form_of(imap->capabilities);

	if (wanted != EII_IMAP_SASL_OAUTHBEARER && imap->capabilities & EII_IMAP_CAN_XOAUTH2) {
		EII_AUTO_SECRET response = eii_sasl_xoauth2(options->user, token);

		return eii_imap_authenticate(imap, "XOAUTH2", response, form, attempt, out, err);
	}
	if (wanted != EII_IMAP_SASL_XOAUTH2 && imap->capabilities & EII_IMAP_CAN_OAUTHBEARER) {
		EII_AUTO_SECRET response = eii_sasl_oauthbearer(options->user, token);

		/* RFC 7628, section 3.2.3: one 0x01, and the server says NO. */
		attempt->on_refusal = "AQ==";
		return eii_imap_authenticate(imap, "OAUTHBEARER", response, form, attempt, out,
					     err);
	}
	return fail_no_way(imap, "the server offers no sign-in by token (XOAUTH2, OAUTHBEARER)",
			   err);
}

/*
 * RFC 4422, appendix A: the certificate alone says who we are, so the response is
 * empty; "=" where it stands in the command (RFC 4959).
 */
static enum eii_rc try_external(struct eii_imap *imap, struct eii_imap_attempt *attempt,
				enum eii_imap_status *out, struct eii_error *err)
{
	bool is_inline = imap->capabilities & EII_IMAP_CAN_SASL_IR;

	if (!(imap->capabilities & EII_IMAP_CAN_EXTERNAL))
		return fail_no_way(imap,
				   "the server offers no sign-in by certificate (EXTERNAL): it "
				   "does not ask for one, or does not take ours",
				   err);
	return eii_imap_authenticate(imap, "EXTERNAL", is_inline ? "=" : "",
				     eii_imap_form_of(imap->capabilities), attempt, out, err);
}

static enum eii_rc try_once(struct eii_imap *imap, const struct eii_imap_options *options,
			    const char *secret, struct eii_imap_attempt *attempt,
			    enum eii_imap_status *out, struct eii_error *err)
{
	struct login login = { options, secret, imap->capabilities, { 0 } };

	*attempt = (struct eii_imap_attempt){ 0 };
	imap->knows_capabilities = false;
	if (options->auth == EII_IMAP_AUTH_EXTERNAL)
		return try_external(imap, attempt, out, err);
	if (options->auth == EII_IMAP_AUTH_XOAUTH2)
		return try_token(imap, options, secret, attempt, out, err);
	eii_sha256_of(secret, strlen(secret), login.hash);
	return try_password(imap, &login, attempt, out, err);
}

/* The secret in every form in which it leaves, quoted as LOGIN has it included. */
static void veil_secret(struct eii_imap *imap, const char *secret)
{
	struct eii_buf quoted;

	eii_buf_init(&quoted, 2 * SECRET_MAX + 2);
	eii_veil_add_secret(&imap->veil, eii_text_of(secret));
	if (strpbrk(secret, "\"\\")) {
		eii_imap_add_quoted(&quoted, secret);
		eii_veil_add_secret(&imap->veil, eii_buf_text(&quoted));
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
	if (rc) {
		/* This is why it fails, not what the server said of the secret before. */
		imap->refusal = (struct eii_imap_refusal){ 0 };
		return eii_imap_end(imap, rc);
	}
	if (strlen(*out) > SECRET_MAX)
		return eii_imap_end(imap, eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
							"the password or token is too long"));
	veil_secret(imap, *out);
	return EII_OK;
}

enum eii_rc eii_imap_warm_up(const struct eii_imap_options *options, struct eii_error *err)
{
	EII_AUTO_SECRET secret = NULL;

	if (options->auth != EII_IMAP_AUTH_XOAUTH2)
		return EII_OK;
	return options->secret(options->secret_arg, EII_IMAP_SECRET_ANY, &secret, err);
}

enum eii_rc eii_imap_sign_in(struct eii_imap *imap, const struct eii_imap_options *options,
			     struct eii_error *err)
{
	enum eii_imap_status status = EII_IMAP_BAD;
	EII_AUTO_SECRET secret = NULL;
	EII_AUTO_SECRET fresh = NULL;
	struct eii_imap_attempt attempt = { 0 };
	unsigned capabilities = imap->capabilities;
	enum eii_rc rc;

	rc = get_secret(imap, options, EII_IMAP_SECRET_ANY, &secret, err);
	if (!rc)
		rc = try_once(imap, options, secret, &attempt, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK && options->auth == EII_IMAP_AUTH_XOAUTH2 &&
	    imap->refusal.kind != EII_IMAP_REFUSAL_PASSING) {
		rc = get_secret(imap, options, EII_IMAP_SECRET_FRESH, &fresh, err);
		if (rc)
			return rc;
		imap->capabilities = capabilities;
		if (strcmp(secret, fresh) != 0)
			rc = try_once(imap, options, fresh, &attempt, &status, err);
		if (rc)
			return rc;
	}
	if (status != EII_IMAP_OK)
		return fail_refused(imap, options, &attempt, err);
	imap->state = EII_IMAP_SIGNED_IN;
	/* Signed in, the server can do other things (ESEARCH): most say so in their OK. */
	return eii_imap_ask_capabilities(imap, err);
}
