/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/login_options.h"

#include <stddef.h>
#include <string.h>

#define TRY_HELP   "; see email-intel-imap --help"
#define LOWER      "abcdefghijklmnopqrstuvwxyz0123456789"
#define TENANT     LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
#define TENANT_MAX 253

/* "--client FILE" and the like. */
struct argument {
	const char *name;
	size_t member; /* its place in struct eii_login_options */
};

static const struct argument arguments[] = {
	{ "--client", offsetof(struct eii_login_options, client) },
	{ "--tenant", offsetof(struct eii_login_options, tenant) },
	{ "--user", offsetof(struct eii_login_options, user) },
	{ "--output", offsetof(struct eii_login_options, output) },
	{ "--secret", offsetof(struct eii_login_options, secret) },
};

static enum eii_rc parse_provider(const char *word, struct eii_login_options *options,
				  struct eii_error *err)
{
	if (word && strcmp(word, "google") == 0)
		options->provider = EII_LOGIN_AT_GOOGLE;
	else if (word && strcmp(word, "microsoft") == 0)
		options->provider = EII_LOGIN_AT_MICROSOFT;
	else
		return eii_fail(err, EII_REJECT, "login needs google or microsoft" TRY_HELP);
	return EII_OK;
}

/* Whether text is name, or "name=value", whose value goes to *out_value. */
static bool is_named(const char *text, const char *name, const char **out_value)
{
	size_t len = strlen(name);

	if (strncmp(text, name, len) != 0 || (text[len] && text[len] != '='))
		return false;
	*out_value = text[len] ? text + len + 1 : NULL;
	return true;
}

/* *index is moved to the last argument used. */
static enum eii_rc parse_argument(int argc, char *const *argv, int *index,
				  struct eii_login_options *options, struct eii_error *err)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		const char *name = arguments[i].name;
		const char **member = (const char **)((char *)options + arguments[i].member);
		const char *value = NULL;

		if (!is_named(argv[*index], name, &value))
			continue;
		if (*member)
			return eii_fail(err, EII_REJECT, "%s is given twice" TRY_HELP, name);
		if (!value && *index + 1 < argc)
			value = argv[++*index];
		if (!value || !*value)
			return eii_fail(err, EII_REJECT, "%s needs a value" TRY_HELP, name);
		*member = value;
		return EII_OK;
	}
	if (strcmp(argv[*index], "--no-sign-in") != 0)
		return eii_fail(err, EII_REJECT, "unknown argument '%s' of login" TRY_HELP,
				argv[*index]);
	options->without_sign_in = true;
	return EII_OK;
}

/* RFC 1123: labels of letters, digits and hyphens, which neither begin nor end one. */
static bool is_secret_name(const char *name)
{
	size_t len = strlen(name);

	if (len > EII_LOGIN_SECRET_MAX || strspn(name, LOWER "-.") != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_edge = i == 0 || i + 1 == len || name[i - 1] == '.' || name[i + 1] == '.';

		if (is_edge && !strchr(LOWER, name[i]) && name[i] != '.')
			return false;
		if (is_edge && name[i] == '.')
			return false;
	}
	return len > 0;
}

static enum eii_rc check(const struct eii_login_options *options, struct eii_error *err)
{
	bool is_google = options->provider == EII_LOGIN_AT_GOOGLE;

	if (!options->client)
		return eii_fail(err, EII_REJECT, "login %s" TRY_HELP,
				is_google ? "google needs --client with the client's JSON file"
					  : "microsoft needs --client with the application's id");
	if (is_google == (options->tenant != NULL))
		return eii_fail(err, EII_REJECT, "login %s" TRY_HELP,
				is_google ? "google has no --tenant"
					  : "microsoft needs --tenant with the directory's id");
	if (options->tenant && (strlen(options->tenant) > TENANT_MAX ||
				strspn(options->tenant, TENANT) != strlen(options->tenant)))
		return eii_fail(err, EII_REJECT, "--tenant is an id or a domain" TRY_HELP);
	if (options->secret && !is_secret_name(options->secret))
		return eii_fail(err, EII_REJECT,
				"--secret is a name of Kubernetes: lower case letters, digits, "
				"hyphens and dots" TRY_HELP);
	return EII_OK;
}

enum eii_rc eii_login_options_parse(int argc, char *const *argv, struct eii_login_options *out,
				    struct eii_error *err)
{
	struct eii_login_options options = { 0 };
	enum eii_rc rc = parse_provider(argc ? argv[0] : NULL, &options, err);

	for (int i = 1; i < argc && !rc; i++)
		rc = parse_argument(argc, argv, &i, &options, err);
	if (!rc)
		rc = check(&options, err);
	if (rc)
		return rc;
	*out = options;
	return EII_OK;
}
