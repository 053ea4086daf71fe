/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/options.h"

#include <string.h>

#include "eii/config/settings.h"

#define TRY_HELP "; see email-intel-imap --help"

/* What the arguments so far say. */
struct parsing {
	struct eii_options options;
	const char *action; /* the argument that named the action; NULL = none yet */
};

static enum eii_rc set_action(struct parsing *parsing, enum eii_action action, const char *argument,
			      struct eii_error *err)
{
	if (parsing->action && parsing->options.action != action)
		return eii_fail(err, EII_REJECT, "%s and %s do not go together" TRY_HELP,
				parsing->action, argument);
	parsing->action = argument;
	parsing->options.action = action;
	return EII_OK;
}

static enum eii_rc parse_flag(struct parsing *parsing, const char *argument, struct eii_error *err)
{
	static const struct {
		const char *name;
		enum eii_action action;
	} flags[] = {
		{ "--help", EII_ACTION_HELP },       { "-h", EII_ACTION_HELP },
		{ "--version", EII_ACTION_VERSION }, { "--dry-run", EII_ACTION_DRY_RUN },
		{ "--check", EII_ACTION_CHECK },     { "--print-config", EII_ACTION_PRINT },
		{ "convert", EII_ACTION_CONVERT },   { "health", EII_ACTION_HEALTH },
		{ "login", EII_ACTION_LOGIN },
	};

	if (strcmp(argument, "--once") == 0) {
		parsing->options.is_once = true;
		return EII_OK;
	}
	if (strcmp(argument, "--json") == 0) {
		parsing->options.is_json = true;
		return EII_OK;
	}
	if (strcmp(argument, "--register") == 0) {
		parsing->options.is_register = true;
		return EII_OK;
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(argument, flags[i].name) == 0)
			return set_action(parsing, flags[i].action, argument, err);
	}
	return eii_fail(err, EII_REJECT, "unknown argument '%s'" TRY_HELP, argument);
}

/* "--config FILE" or "--config=FILE"; *index is moved to the last argument used. */
static enum eii_rc parse_config(struct parsing *parsing, int argc, char *const *argv, int *index,
				struct eii_error *err)
{
	const char *equals = strchr(argv[*index], '=');
	const char *path = equals ? equals + 1 : NULL;

	if (!equals && *index + 1 < argc)
		path = argv[++*index];
	if (!path || !*path)
		return eii_fail(err, EII_REJECT, "--config needs a file" TRY_HELP);
	if (parsing->options.config_path)
		return eii_fail(err, EII_REJECT, "--config is given twice" TRY_HELP);
	parsing->options.config_path = path;
	return EII_OK;
}

static bool is_config(const char *argument)
{
	return strcmp(argument, "--config") == 0 || strncmp(argument, "--config=", 9) == 0;
}

/* All that follows `convert` are files, but for one "--" before them. */
static enum eii_rc take_files(struct parsing *parsing, int argc, char *const *argv, int first,
			      struct eii_error *err)
{
	if (first < argc && strcmp(argv[first], "--") == 0)
		first++;
	else if (first < argc && argv[first][0] == '-')
		return eii_fail(err, EII_REJECT,
				"%s stands behind convert: put it before, or -- before a file of "
				"that name" TRY_HELP,
				argv[first]);
	if (first >= argc)
		return eii_fail(err, EII_REJECT, "convert needs a file" TRY_HELP);
	parsing->options.files = argv + first;
	parsing->options.n_files = (size_t)(argc - first);
	return EII_OK;
}

/* All that follows `login` is its own, but for --help. */
static enum eii_rc take_login(struct parsing *parsing, int argc, char *const *argv, int first,
			      struct eii_error *err)
{
	for (int i = first; i < argc; i++) {
		if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0)
			continue;
		parsing->options.action = EII_ACTION_HELP;
		return EII_OK;
	}
	return eii_login_options_parse(argc - first, argv + first, &parsing->options.login, err);
}

static enum eii_rc check_together(const struct parsing *parsing, struct eii_error *err)
{
	if (parsing->options.is_once && parsing->action)
		return eii_fail(err, EII_REJECT, "--once and %s do not go together" TRY_HELP,
				parsing->action);
	if (parsing->options.is_json && parsing->options.action != EII_ACTION_CHECK)
		return eii_fail(err, EII_REJECT, "--json goes with --check" TRY_HELP);
	if (parsing->options.is_register && parsing->options.action != EII_ACTION_CHECK)
		return eii_fail(err, EII_REJECT, "--register goes with --check" TRY_HELP);
	return EII_OK;
}

enum eii_rc eii_options_parse(int argc, char *const *argv, struct eii_options *out,
			      struct eii_error *err)
{
	struct parsing parsing = { .options = { .action = EII_ACTION_RUN } };
	enum eii_rc rc = EII_OK;

	for (int i = 1; i < argc && !rc; i++) {
		rc = is_config(argv[i]) ? parse_config(&parsing, argc, argv, &i, err)
					: parse_flag(&parsing, argv[i], err);
		if (rc || (parsing.options.action != EII_ACTION_CONVERT &&
			   parsing.options.action != EII_ACTION_LOGIN))
			continue;
		rc = parsing.options.action == EII_ACTION_LOGIN
			     ? take_login(&parsing, argc, argv, i + 1, err)
			     : take_files(&parsing, argc, argv, i + 1, err);
		break;
	}
	if (!rc && parsing.options.action != EII_ACTION_HELP)
		rc = check_together(&parsing, err);
	if (rc)
		return rc;
	*out = parsing.options;
	return EII_OK;
}

void eii_options_print_help(FILE *out)
{
	(void)fputs(
		"email-intel-imap: every mail of an IMAP folder becomes one OpenCTI report.\n"
		"\n"
		"Usage: email-intel-imap [--config FILE] [COMMAND]\n"
		"\n"
		"Commands:\n"
		"  (none)              run until stopped: at once, then every period\n"
		"  --once              run once and end\n"
		"  --check             try settings, converter, mailbox, platform and broker;\n"
		"                      a line each, with --json one JSON object; with\n"
		"                      --register the connector is registered, which stays\n"
		"  --print-config      print each setting and where it came from, no secret\n"
		"  --dry-run           print the reports of a run; register and send nothing\n"
		"  convert FILE.eml... print the report of each file; needs no server\n"
		"  health              ask a running connector how it is\n"
		"  login google --client FILE\n"
		"  login microsoft --tenant TENANT --client ID\n"
		"                      a user consents in a browser; the token is tried at the\n"
		"                      mail server and written to a file of mode 0600\n"
		"  --help, --version\n"
		"\n"
		"Of login:\n"
		"  --user MAILBOX      whose consent it is, and who signs in at the end\n"
		"  --output FILE       not token.json or refresh_token; - prints the secret\n"
		"  --secret NAME       write the manifest of a Kubernetes Secret (NAME.yaml)\n"
		"  --no-sign-in        where the mail server cannot be reached from here\n"
		"Settings of the mailbox and the network count: EMAIL_INTEL_IMAP_HOST, _PROXY,\n"
		"_AUTHORITY, _TOKEN_SCOPE, HTTPS_PROXY.\n"
		"\n"
		"Without --config, " EII_OPTIONS_CONFIG_FILE " or " EII_OPTIONS_YAML_FILE
		" of the working directory is read,\n"
		"else /opt/" EII_OPTIONS_YAML_FILE "; " EII_OPTIONS_ENV_FILE
		" likewise. A FILE that ends in .yml is YAML.\n"
		"\n"
		"Exit status:\n"
		"  0 done           64 wrong usage            66 a file cannot be read\n"
		"  69 no answer (--check)                     70 internal error\n"
		"  71 no memory, descriptor or thread         74 cannot write\n"
		"  75 try again later                         77 credentials refused\n"
		"  78 wrong settings\n"
		"\n"
		"Settings, with their defaults, come from the environment, .env or the file, in\n"
		"this order. A key in it is the name without its section in lower case:\n"
		"EMAIL_INTEL_IMAP_HOST is host in [email_intel_imap]. A secret can also be read\n"
		"from a file that NAME_FILE names: OPENCTI_TOKEN_FILE=/run/secrets/token.\n"
		"\n",
		out);
	eii_settings_print_help(out);
}
