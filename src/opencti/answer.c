/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdio.h>

#include "eii/base/utf8.h"
#include "eii/base/veil.h"
#include "eii/codec/json.h"

/* What a code of the platform asks of us. */
struct code_rule {
	const char *name;
	enum eii_graphql_code code;
	enum eii_rc rc;
	enum eii_error_kind kind;
	const char *advice; /* NULL = the platform's words are enough */
};

static const struct code_rule code_rules[] = {
	{ "AUTH_REQUIRED", EII_GRAPHQL_AUTH_REQUIRED, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "OPENCTI_TOKEN is wrong, or its user lacks the right to use the API (give it the role "
	  "Connector)" },
	{ "FORBIDDEN_ACCESS", EII_GRAPHQL_FORBIDDEN, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "the token's user lacks a right (give it the role Connector)" },
	{ "OTP_REQUIRED", EII_GRAPHQL_FORBIDDEN, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "the token's user must sign in with a second factor: use a user for connectors" },
	{ "OTP_REQUIRED_ACTIVATION", EII_GRAPHQL_FORBIDDEN, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "the token's user must set up a second factor: use a user for connectors" },
	{ "PASSWORD_CHANGE_REQUIRED", EII_GRAPHQL_FORBIDDEN, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "the token's user must change its password first" },
	{ "AUTH_FAILURE", EII_GRAPHQL_AUTH_REQUIRED, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "check OPENCTI_TOKEN" },
	{ "IP_FORBIDDEN", EII_GRAPHQL_FORBIDDEN, EII_FATAL, EII_ERROR_CREDENTIALS,
	  "the platform's list of allowed addresses lacks ours" },
	{ "BAD_USER_INPUT", EII_GRAPHQL_BAD_INPUT, EII_REJECT, EII_ERROR_OTHER, NULL },
	{ "GRAPHQL_VALIDATION_FAILED", EII_GRAPHQL_BAD_DOCUMENT, EII_REJECT, EII_ERROR_OTHER,
	  NULL },
	{ "GRAPHQL_PARSE_FAILED", EII_GRAPHQL_BAD_DOCUMENT, EII_REJECT, EII_ERROR_OTHER, NULL },
	{ "FUNCTIONAL_ERROR", EII_GRAPHQL_FUNCTIONAL, EII_RETRY, EII_ERROR_OTHER, NULL },
	{ "LOCK_ERROR", EII_GRAPHQL_LOCKED, EII_RETRY, EII_ERROR_OTHER,
	  "the platform still works on this connector" },
	{ "DRAFT_LOCKED", EII_GRAPHQL_DRAFT_LOCKED, EII_RETRY, EII_ERROR_OTHER, NULL },
	{ "WORK_NOT_ALIVE", EII_GRAPHQL_WORK_NOT_ALIVE, EII_RETRY, EII_ERROR_OTHER, NULL },
	{ "UNSUPPORTED_ERROR", EII_GRAPHQL_UNSUPPORTED, EII_RETRY, EII_ERROR_OTHER, NULL },
};

static const struct code_rule other_rule = { "", EII_GRAPHQL_OTHER, EII_RETRY, EII_ERROR_OTHER,
					     NULL };

void eii_graphql_answer_clear(struct eii_graphql_answer *answer)
{
	eii_json_free(answer->document);
	*answer = (struct eii_graphql_answer){ 0 };
}

static const struct code_rule *rule_named(const char *name)
{
	for (size_t i = 0; name && i < sizeof(code_rules) / sizeof(code_rules[0]); i++) {
		if (!strcmp(code_rules[i].name, name))
			return &code_rules[i];
	}
	return NULL;
}

/* The first rule whose name the text holds. */
static const struct code_rule *rule_in_text(const char *text)
{
	for (size_t i = 0; i < sizeof(code_rules) / sizeof(code_rules[0]); i++) {
		if (strstr(text, code_rules[i].name))
			return &code_rules[i];
	}
	return NULL;
}

/*
 * extensions.code since 6.2.14, name before. A lock that could not be had comes
 * as INTERNAL_SERVER_ERROR with the lock's error printed into the message.
 */
static const struct code_rule *rule_of(const struct eii_json *error, const char *message)
{
	const struct code_rule *rule =
		rule_named(eii_json_get_str(eii_json_get(error, "extensions"), "code"));
	const char *name = eii_json_get_str(error, "name");

	if (strstr(message, "LOCK_ERROR"))
		return rule_named("LOCK_ERROR");
	if (!rule)
		rule = rule_named(name);
	if (!rule && !name && !eii_json_get(error, "extensions"))
		rule = rule_in_text(message);
	return rule ? rule : &other_rule;
}

/* The platform, or what stands before it, may repeat the token. */
static void hide_secret(struct eii_text secret, const char *message, char *out, size_t capacity)
{
	struct eii_veil veil;

	eii_veil_init(&veil);
	eii_veil_add_secret(&veil, secret);
	eii_veil_words(&veil, eii_text_of(message), out, capacity);
	eii_veil_clear(&veil);
}

static enum eii_rc fail_by_error(const char *name, const struct eii_json *error,
				 struct eii_text secret, struct eii_graphql_answer *answer,
				 struct eii_error *err)
{
	const char *message = eii_json_get_str(error, "message");
	char words[sizeof(answer->message)];
	const struct code_rule *rule;
	size_t len;

	if (!message)
		message = "an error without words";
	rule = rule_of(error, message);
	len = eii_utf8_cut(eii_text_of(message), sizeof(answer->message) - 1);
	memcpy(answer->message, message, len);
	answer->message[len] = '\0';
	answer->code = rule->code;
	/* An unexpected error may have struck in the middle of the work. */
	answer->is_outcome_unknown =
		rule->code == EII_GRAPHQL_OTHER || rule->code == EII_GRAPHQL_UNSUPPORTED;
	hide_secret(secret, message, words, sizeof(words));
	if (rule->advice)
		return eii_fail_kind(err, rule->rc, rule->kind, "OpenCTI refused %s: %s (%s): %s",
				     name, words, rule->name, rule->advice);
	return eii_fail_kind(err, rule->rc, rule->kind, "OpenCTI refused %s: %s%s%s", name, words,
			     rule->name[0] ? " " : "", rule->name);
}

#define MEND_GATEWAY                                                                               \
	"let whoever runs it allow POST to OPENCTI_URL/graphql from here, or give what it asks "   \
	"for by OPENCTI_CUSTOM_HEADERS"

static enum eii_rc fail_by_status(const char *name, const struct eii_http_reply *reply,
				  struct eii_graphql_answer *answer, struct eii_error *err)
{
	long status = reply->status;

	/* A gateway in between may have lost the answer only. */
	answer->is_outcome_unknown = status >= 500 || status == 408;
	if (status == 401 || status == 407)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS,
				     "OpenCTI, %s: a server in front of the platform refuses us "
				     "(HTTP %ld): " MEND_GATEWAY,
				     name, status);
	if (status == 403)
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CREDENTIALS,
					 "OpenCTI, %s: a server in front of the platform refuses "
					 "us (HTTP 403): " MEND_GATEWAY,
					 name);
	if (status >= 300 && status < 400)
		return eii_fail_doubtful(
			err, EII_FATAL, EII_ERROR_CONFIG,
			"OpenCTI, %s: redirected elsewhere (HTTP %ld): set OPENCTI_URL "
			"to the final address",
			name, status);
	if (status == 404 || status == 405)
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG,
					 "OpenCTI, %s: no platform at OPENCTI_URL (HTTP %ld)", name,
					 status);
	if (status == 400 || status == 413)
		return eii_fail(err, EII_REJECT, "OpenCTI refused %s: HTTP %ld", name, status);
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "OpenCTI, %s: HTTP %ld", name,
			     status);
}

static enum eii_rc read_document(const char *name, const struct eii_json *document,
				 const struct eii_http_reply *reply, struct eii_text secret,
				 struct eii_graphql_answer *answer, struct eii_error *err)
{
	const struct eii_json *error = eii_json_first(eii_json_get(document, "errors"));
	const struct eii_json *data = eii_json_get(document, "data");

	if (error)
		return fail_by_error(name, error, secret, answer, err);
	if (reply->status != 200)
		return fail_by_status(name, reply, answer, err);
	if (eii_json_type(data) != EII_JSON_IS_OBJECT) {
		answer->is_outcome_unknown = true;
		return eii_fail(err, EII_RETRY, "OpenCTI, %s: an answer without data", name);
	}
	answer->data = data;
	return EII_OK;
}

static enum eii_rc fail_by_text(const char *name, const struct eii_http_reply *reply,
				struct eii_graphql_answer *answer, struct eii_error *err)
{
	if (reply->status != 200)
		return fail_by_status(name, reply, answer, err);
	answer->is_outcome_unknown = true;
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
			     "OpenCTI, %s: the answer is no JSON: a proxy's page, or OPENCTI_URL "
			     "leads elsewhere",
			     name);
}

enum eii_rc eii_answer_read(const char *name, const struct eii_http_reply *reply,
			    struct eii_text secret, struct eii_graphql_answer *answer,
			    struct eii_error *err)
{
	EII_AUTO(eii_json) document = NULL;
	enum eii_rc rc;

	answer->http_status = (int)reply->status;
	answer->retry_after_s = reply->retry_after_s < EII_GRAPHQL_RETRY_MAX_S
					? reply->retry_after_s
					: EII_GRAPHQL_RETRY_MAX_S;
	answer->server_unix_s = reply->server_unix_s;
	rc = eii_json_parse(eii_buf_text(&reply->body), (size_t)(EII_HTTP_REPLY_MAX), &document,
			    NULL);
	if (rc || eii_json_type(document) != EII_JSON_IS_OBJECT)
		return fail_by_text(name, reply, answer, err);
	rc = read_document(name, document, reply, secret, answer, err);
	if (!rc)
		answer->document = EII_DETACH(document);
	return rc;
}
