/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_in.h"

#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/config/secret.h"

#define PREFIX    "EMAIL_INTEL_IMAP_"
#define TEXTS_MAX 2048

/* What may be given for a sign-in, each a bit. */
enum item {
	PASSWORD = 1 << 0,
	GOOGLE_TOKEN = 1 << 1,
	GOOGLE_KEY = 1 << 2,
	TENANT = 1 << 3,
	CLIENT_ID = 1 << 4,
	CLIENT_SECRET = 1 << 5,
	CLIENT_CERTIFICATE = 1 << 6,
	CLIENT_KEY = 1 << 7,
	CLIENT_PASSPHRASE = 1 << 8,
	REFRESH_TOKEN = 1 << 9,
	REFRESH_STORE = 1 << 10,
	AUTHORITY = 1 << 11,
	TOKEN_URL = 1 << 12,
	TOKEN_SCOPE = 1 << 13,
	TLS_CERT = 1 << 14,
	FEDERATED = 1 << 15,
};

#define PROOFS     (CLIENT_SECRET | CLIENT_CERTIFICATE)
#define PROOF_KEYS (CLIENT_KEY | CLIENT_PASSPHRASE)

static const struct {
	enum item item;
	const char *name;
} names[] = {
	{ PASSWORD, "PASSWORD" },
	{ GOOGLE_TOKEN, "GOOGLE_TOKEN_JSON" },
	{ GOOGLE_KEY, "GOOGLE_KEY_JSON" },
	{ TENANT, "TENANT_ID" },
	{ CLIENT_ID, "CLIENT_ID" },
	{ CLIENT_SECRET, "CLIENT_SECRET" },
	{ CLIENT_CERTIFICATE, "CLIENT_CERTIFICATE" },
	{ CLIENT_KEY, "CLIENT_KEY" },
	{ CLIENT_PASSPHRASE, "CLIENT_KEY_PASSPHRASE" },
	{ REFRESH_TOKEN, "REFRESH_TOKEN" },
	{ REFRESH_STORE, "REFRESH_TOKEN_STORE" },
	{ AUTHORITY, "AUTHORITY" },
	{ TOKEN_URL, "TOKEN_URL" },
	{ TOKEN_SCOPE, "TOKEN_SCOPE" },
	{ TLS_CERT, "TLS_CERT" },
};

static const struct method {
	const char *word;
	unsigned needs, takes; /* of enum item */
	enum { NO_PROOF, MAY_PROVE, MUST_PROVE } proof;
} methods[] = {
	[EII_CONFIG_AUTH_PASSWORD] = { "password", PASSWORD, 0, NO_PROOF },
	[EII_CONFIG_AUTH_GOOGLE_USER] = { "google-user", GOOGLE_TOKEN, 0, NO_PROOF },
	[EII_CONFIG_AUTH_GOOGLE_SERVICE] = { "google-service-account", GOOGLE_KEY, TOKEN_SCOPE,
					     NO_PROOF },
	[EII_CONFIG_AUTH_MICROSOFT_APP] = { "microsoft-app", TENANT | CLIENT_ID,
					    AUTHORITY | TOKEN_SCOPE | FEDERATED, MUST_PROVE },
	[EII_CONFIG_AUTH_MICROSOFT_USER] = { "microsoft-user", TENANT | CLIENT_ID | REFRESH_TOKEN,
					     REFRESH_STORE | AUTHORITY | TOKEN_SCOPE, MAY_PROVE },
	[EII_CONFIG_AUTH_OAUTH] = { "oauth", TOKEN_URL | CLIENT_ID, TOKEN_SCOPE, MUST_PROVE },
	[EII_CONFIG_AUTH_CERTIFICATE] = { "certificate", TLS_CERT, 0, NO_PROOF },
};

static unsigned given_secrets(const struct eii_config *config)
{
	static const struct {
		enum eii_secret secret;
		enum item item;
	} secrets[] = {
		{ EII_SECRET_MAIL_PASSWORD, PASSWORD },
		{ EII_SECRET_MAIL_GOOGLE_TOKEN, GOOGLE_TOKEN },
		{ EII_SECRET_MAIL_GOOGLE_KEY, GOOGLE_KEY },
		{ EII_SECRET_MAIL_CLIENT_SECRET, CLIENT_SECRET },
		{ EII_SECRET_MAIL_CLIENT_KEY, CLIENT_KEY },
		{ EII_SECRET_MAIL_CLIENT_PASSPHRASE, CLIENT_PASSPHRASE },
		{ EII_SECRET_MAIL_REFRESH_TOKEN, REFRESH_TOKEN },
	};
	unsigned given = 0;

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (eii_secret_is_given(config, secrets[i].secret))
			given |= secrets[i].item;
	}
	return given;
}

static unsigned given_items(const struct eii_config *config)
{
	const struct eii_config_sign_in *s = &config->mail.sign_in;

	return given_secrets(config) | (s->tenant_id ? TENANT : 0) |
	       (s->client_id ? CLIENT_ID : 0) | (s->client_certificate ? CLIENT_CERTIFICATE : 0) |
	       (s->refresh_token_store ? REFRESH_STORE : 0) | (s->authority ? AUTHORITY : 0) |
	       (s->token_url ? TOKEN_URL : 0) | (s->token_scope ? TOKEN_SCOPE : 0) |
	       (config->mail.tls_cert ? TLS_CERT : 0) | (s->federated_token_file ? FEDERATED : 0);
}

/* ---- AZURE_* ------------------------------------------------------------- */

static const char *find_variable(const char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment && *environment; environment++) {
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return (*environment)[len + 1] ? *environment + len + 1 : NULL;
	}
	return NULL;
}

static void fill(struct eii_config_sign_in *sign_in, size_t i, const char **member,
		 const char *value)
{
	if (*member || !value)
		return;
	sign_in->azure[i] = eii_strdup(value);
	*member = sign_in->azure[i];
}

void eii_sign_in_fill(struct eii_config *config, const char *const *environment)
{
	struct eii_config_sign_in *s = &config->mail.sign_in;
	unsigned given = given_items(config);

	s->is_auth_given = s->auth != EII_CONFIG_AUTH_NOT_GIVEN;
	if (!s->is_auth_given)
		s->auth = given & GOOGLE_TOKEN ? EII_CONFIG_AUTH_GOOGLE_USER
					       : EII_CONFIG_AUTH_PASSWORD;
	if (s->auth != EII_CONFIG_AUTH_MICROSOFT_APP)
		return;
	fill(s, 0, &s->tenant_id, find_variable(environment, "AZURE_TENANT_ID"));
	fill(s, 1, &s->client_id, find_variable(environment, "AZURE_CLIENT_ID"));
	fill(s, 2, &s->authority, find_variable(environment, "AZURE_AUTHORITY_HOST"));
	if (!(given & PROOFS))
		fill(s, 3, &s->federated_token_file,
		     find_variable(environment, "AZURE_FEDERATED_TOKEN_FILE"));
}

/* ---- what goes together -------------------------------------------------- */

static void name_items(unsigned items, struct eii_buf *out)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (items & names[i].item)
			eii_buf_addf(out, "%s" PREFIX "%s", out->len ? ", " : "", names[i].name);
	}
}

static void say(struct eii_problems *problems, const struct method *method, unsigned items,
		const char *what)
{
	struct eii_buf list;

	if (!items)
		return;
	eii_buf_init(&list, TEXTS_MAX);
	name_items(items, &list);
	eii_problems_add(problems, EII_PROBLEM_WRONG, "%.*s: %s (" PREFIX "AUTH is %s)",
			 EII_TEXT_ARGS(eii_buf_text(&list)), what, method->word);
	eii_buf_clear(&list);
}

/* Without a method: as it has always been said. */
static bool check_unset(unsigned given, struct eii_problems *problems)
{
	unsigned both = given & (PASSWORD | GOOGLE_TOKEN);

	if (both == PASSWORD || both == GOOGLE_TOKEN)
		return true;
	eii_problems_add(problems, EII_PROBLEM_WRONG,
			 "EMAIL_INTEL_IMAP_PASSWORD and EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON: "
			 "%s; exactly one must be (each also as _FILE), or another method be "
			 "chosen by EMAIL_INTEL_IMAP_AUTH",
			 both ? "both are given" : "neither is given");
	return false;
}

static void check_proof(const struct method *method, unsigned given, struct eii_problems *problems)
{
	if ((given & PROOFS) == PROOFS)
		say(problems, method, PROOFS, "both are given; exactly one must be");
	if (method->proof == MUST_PROVE && !(given & (PROOFS | FEDERATED)))
		say(problems, method, PROOFS,
		    method->takes & FEDERATED ? "none is given, nor is there a workload identity "
						"(AZURE_FEDERATED_TOKEN_FILE); one must be"
					      : "none is given; one must be");
	if (!(given & CLIENT_CERTIFICATE))
		say(problems, method, given & PROOF_KEYS,
		    "given without EMAIL_INTEL_IMAP_CLIENT_CERTIFICATE");
}

/* Of oauth the grant decides; a user's application may have no secret. */
static struct method method_of(const struct eii_config_sign_in *sign_in)
{
	struct method method = methods[sign_in->auth];

	if (sign_in->auth == EII_CONFIG_AUTH_OAUTH &&
	    sign_in->token_grant == EII_CONFIG_GRANT_REFRESH) {
		method.needs |= REFRESH_TOKEN;
		method.takes |= REFRESH_STORE;
		method.proof = MAY_PROVE;
	}
	return method;
}

static void check_sasl(const struct eii_config_sign_in *sign_in, const struct method *method,
		       struct eii_problems *problems)
{
	bool is_tokens = sign_in->sasl >= EII_CONFIG_SASL_XOAUTH2;
	bool is_right = sign_in->auth == EII_CONFIG_AUTH_PASSWORD ? !is_tokens : is_tokens;

	if (sign_in->sasl == EII_CONFIG_SASL_AUTO ||
	    (is_right && sign_in->auth != EII_CONFIG_AUTH_CERTIFICATE))
		return;
	eii_problems_add(problems, EII_PROBLEM_WRONG,
			 "EMAIL_INTEL_IMAP_SASL: not a mechanism for " PREFIX "AUTH=%s",
			 method->word);
}

void eii_sign_in_check(const struct eii_config *config, struct eii_problems *problems)
{
	const struct eii_config_sign_in *sign_in = &config->mail.sign_in;
	struct method method = method_of(sign_in);
	unsigned given = given_items(config);
	unsigned known = method.needs | method.takes | TLS_CERT;

	if (!sign_in->is_auth_given && !check_unset(given, problems))
		return;
	if (method.proof != NO_PROOF) {
		known |= PROOFS | PROOF_KEYS;
		check_proof(&method, given, problems);
	}
	say(problems, &method, method.needs & ~given, "not given, and needed");
	say(problems, &method, given & ~known, "given, and not for this method");
	check_sasl(sign_in, &method, problems);
	if (!config->mail.tls_cert && (eii_secret_is_given(config, EII_SECRET_MAIL_TLS_KEY) ||
				       eii_secret_is_given(config, EII_SECRET_MAIL_TLS_PASSPHRASE)))
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "EMAIL_INTEL_IMAP_TLS_KEY, EMAIL_INTEL_IMAP_TLS_KEY_PASSPHRASE: "
				 "given without EMAIL_INTEL_IMAP_TLS_CERT");
}
