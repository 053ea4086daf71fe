/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "token_private.h"

#define ID_MAX 64 /* bytes of a trace id that are shown */

/*
 * What is done depends on the error's word alone (RFC 6749, section 5.2):
 * Microsoft says that its numbers and texts change. They only choose the advice.
 */
struct cause {
	unsigned long codes[6]; /* AADSTS numbers; 0 at the end */
	const char *advice;
};

static const struct cause causes[] = {
	{ { 7000215 },
	  "the client secret is wrong, often its ID in the place of its value: make a new one "
	  "under Certificates & secrets and set EMAIL_INTEL_IMAP_CLIENT_SECRET" },
	{ { 7000222 }, "the client secret has expired: make a new one, or use a certificate" },
	{ { 7000218, 900144 },
	  "no secret or certificate was sent: set EMAIL_INTEL_IMAP_CLIENT_SECRET or "
	  "_CLIENT_CERTIFICATE; for a user's sign-in allow public client flows" },
	{ { 700025 }, "a public client sends no secret: leave EMAIL_INTEL_IMAP_CLIENT_SECRET out" },
	{ { 700016, 7000229 },
	  "the application is unknown in this tenant: check EMAIL_INTEL_IMAP_TENANT_ID and "
	  "_CLIENT_ID, and grant admin consent" },
	{ { 7000112, 70001 }, "the application is disabled: enable it in Entra" },
	{ { 90002, 90038, 900382 },
	  "there is no such tenant in this cloud: check EMAIL_INTEL_IMAP_TENANT_ID, and "
	  "_AUTHORITY for a national cloud" },
	{ { 50194, 9001023, 50059 },
	  "the tenant must be named: set EMAIL_INTEL_IMAP_TENANT_ID to its id" },
	{ { 500011, 650052, 650057 },
	  "the resource is not among the application's permissions: add Office 365 Exchange "
	  "Online, IMAP.AccessAsApp, and check EMAIL_INTEL_IMAP_TOKEN_SCOPE" },
	{ { 65001, 90094 }, "consent is missing: an administrator must grant it" },
	{ { 70011, 1002012, 28002, 700022 },
	  "the scope is wrong: one resource with /.default (EMAIL_INTEL_IMAP_TOKEN_SCOPE)" },
	{ { 700027 },
	  "the certificate is unknown there: upload the one of "
	  "EMAIL_INTEL_IMAP_CLIENT_CERTIFICATE to the application" },
	{ { 700024, 500133 },
	  "the assertion is outside its time: set the clock, or the projected token file is "
	  "stale" },
	{ { 50027, 50048 },
	  "the assertion is not taken: check EMAIL_INTEL_IMAP_CLIENT_ID and _AUTHORITY" },
	{ { 70021, 700213 },
	  "no federated credential matches: compare its issuer, subject and audience letter by "
	  "letter; a new one takes minutes" },
	{ { 90061 }, "Entra cannot read the cluster's OIDC issuer: publish it" },
	{ { 700082, 70008 },
	  "the refresh token was not used for too long: sign in again, or use microsoft-app" },
	{ { 50173, 50132, 50133, 70043 },
	  "the refresh token was revoked, or the password changed: sign in again" },
	{ { 50076, 50079, 50074, 50072 }, "a second factor is needed: sign in again by hand" },
	{ { 53003, 53000, 530032, 530035 },
	  "Conditional Access forbids it: ask who owns that policy" },
	{ { 50034, 50020, 50126, 50057, 50053 },
	  "the user is unknown, disabled or locked: check it in Entra" },
};

struct word {
	const char *word, *description; /* the beginning of it; NULL = any */
	const char *advice;
};

static const struct word google_words[] = {
	{ "unauthorized_client", NULL,
	  "domain-wide delegation is missing: enter the service account's numeric client id with "
	  "the scope https://mail.google.com/ in the Admin console (Security, API controls)" },
	{ "access_denied", NULL,
	  "domain-wide delegation lacks the scope: enter https://mail.google.com/ in the Admin "
	  "console" },
	{ "invalid_grant", "Not a valid email",
	  "EMAIL_INTEL_IMAP_USERNAME is no mailbox of the domain" },
	{ "invalid_grant", "Invalid email",
	  "EMAIL_INTEL_IMAP_USERNAME is no mailbox of the domain, or it is suspended" },
	{ "invalid_grant", "Invalid JWT Signature",
	  "the key is wrong or was deleted: make a new one and set "
	  "EMAIL_INTEL_IMAP_GOOGLE_KEY_JSON" },
	{ "invalid_grant", "Invalid JWT", "the assertion is outside its time: set the clock" },
};

static const struct word common_words[] = {
	{ "invalid_grant", NULL,
	  "the refresh token was revoked or has expired: have the mailbox's owner consent again "
	  "and set the new one" },
	{ "invalid_client", NULL, "client_id or client_secret is wrong" },
	{ "unauthorized_client", NULL, "the client may not do this: check its grants" },
	{ "deleted_client", NULL, "the client was deleted: register a new one" },
	{ "disabled_client", NULL, "the client is disabled: enable it" },
	{ "admin_policy_enforced", NULL,
	  "the administrator has not allowed this application: trust it in the Admin console" },
	{ "org_internal", NULL, "the application is for another organisation's users" },
	{ "invalid_scope", NULL, "check EMAIL_INTEL_IMAP_TOKEN_SCOPE" },
	{ "interaction_required", NULL, "the user must sign in again by hand" },
};

static const char *const passing_words[] = { "temporarily_unavailable", "server_error",
					     "internal_failure", "slow_down" };

static const char *advice_of_code(uint64_t code)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		for (const unsigned long *c = causes[i].codes; *c; c++) {
			if (*c == code)
				return causes[i].advice;
		}
	}
	return NULL;
}

static const char *advice_of_word(const struct word *words, size_t n, const char *error,
				  const char *description)
{
	for (size_t i = 0; i < n; i++) {
		const char *begin = words[i].description;

		if (strcmp(words[i].word, error) == 0 &&
		    (!begin || strncmp(description, begin, strlen(begin)) == 0))
			return words[i].advice;
	}
	return NULL;
}

static const char *advice(enum eii_token_method method, enum eii_token_occasion occasion,
			  const char *error, uint64_t code, const struct eii_json *answer)
{
	const char *description = eii_json_as_str(eii_json_get(answer, "error_description"), "");
	const char *words = NULL;

	if (occasion == EII_TOKEN_AT_LOGIN)
		words = eii_token_login_cure(method, error, code);
	if (!words)
		words = advice_of_code(code);
	if (!words && method == EII_TOKEN_GOOGLE_SERVICE)
		words = advice_of_word(google_words, sizeof(google_words) / sizeof(google_words[0]),
				       error, description);
	if (!words)
		words = advice_of_word(common_words, sizeof(common_words) / sizeof(common_words[0]),
				       error, description);
	return words ? words : "check what was registered there";
}

/* A word of the protocol; what else an endpoint writes may repeat our secrets. */
static bool is_word(const char *error)
{
	size_t len = strspn(error, "abcdefghijklmnopqrstuvwxyz_-");

	return len > 0 && len <= 40 && !error[len];
}

/* "trace 0a..-..": letters of a UUID only. */
static struct eii_text id_of(const struct eii_json *answer, const char *name)
{
	const char *id = eii_json_as_str(eii_json_get(answer, name), "");
	size_t len = strspn(id, "0123456789abcdefABCDEF-");

	return eii_text(id, len < ID_MAX && !id[len] ? len : 0);
}

static bool is_passing(const struct eii_http_reply *reply, const char *error)
{
	if (!error || reply->status >= 500 || reply->status == 408 || reply->status == 429)
		return true;
	for (size_t i = 0; i < sizeof(passing_words) / sizeof(passing_words[0]); i++) {
		if (strcmp(error, passing_words[i]) == 0)
			return true;
	}
	return false;
}

/* RFC 6749 has a word; Google's other services an object with one in "status". */
static const char *word_of(const struct eii_json *answer)
{
	const struct eii_json *error = eii_json_get(answer, "error");

	return eii_json_type(error) == EII_JSON_IS_OBJECT ? "access_denied"
							  : eii_json_as_str(error, NULL);
}

enum eii_rc eii_token_refused(enum eii_token_method method, enum eii_token_occasion occasion,
			      const struct eii_http_reply *reply, const struct eii_json *answer,
			      struct eii_error *err)
{
	const char *error = word_of(answer);
	struct eii_text trace = id_of(answer, "trace_id");
	struct eii_text correlation = id_of(answer, "correlation_id");
	char number[32] = "";
	uint64_t code = 0;

	if (is_passing(reply, error))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: HTTP status %ld%s", reply->status,
				     reply->status == 200 ? ", and its answer holds no token" : "");
	(void)eii_json_as_u64(eii_json_first(eii_json_get(answer, "error_codes")), UINT32_MAX,
			      &code);
	if (code)
		(void)snprintf(number, sizeof(number), ", AADSTS%llu", (unsigned long long)code);
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS,
			     "token endpoint refused: %s%s%s%.*s%s%.*s (%s)",
			     is_word(error) ? error : "an error of its own", number,
			     trace.len ? ", trace " : "", EII_TEXT_ARGS(trace),
			     correlation.len ? ", correlation " : "", EII_TEXT_ARGS(correlation),
			     advice(method, occasion, error, code, answer));
}
