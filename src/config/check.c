/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "eii/base/folder_choice.h"
#include "eii/fields/limits.h"
#include "eii/fields/type_pattern.h"
#include "loaded.h"
#include "sign_in.h"
#include "value.h"

#define PORT_IMPLICIT 993
#define PORT_PLAIN    143

static bool is_one_line(const char *text)
{
	return strpbrk(text, "\r\n") == NULL;
}

static bool is_key(enum eii_secret secret)
{
	return secret == EII_SECRET_MQ_KEY || secret == EII_SECRET_MAIL_CLIENT_KEY ||
	       secret == EII_SECRET_MAIL_TLS_KEY;
}

/* Why the secret cannot be right, or NULL. */
static const char *fault(enum eii_secret secret, const char *text)
{
	struct eii_error err;
	char **headers = NULL;

	if (secret == EII_SECRET_OPENCTI_TOKEN && !is_one_line(text))
		return "it has more than one line";
	if (secret == EII_SECRET_MAIL_GOOGLE_TOKEN || secret == EII_SECRET_MAIL_GOOGLE_KEY) {
		struct eii_text document = eii_text_trim(eii_text_of(text));

		return document.len && *document.data == '{' ? NULL : "it is not a JSON object";
	}
	if (is_key(secret) && !strstr(text, "-----BEGIN ") && access(text, R_OK) != 0)
		return "it is neither PEM text nor the name of a file that can be read";
	if (secret != EII_SECRET_OPENCTI_HEADERS)
		return NULL;
	if (eii_secret_headers(text, &headers, &err))
		return "it is not a list of Name: value with ; between them";
	eii_secret_free_headers(headers);
	return NULL;
}

/* They may belong to the value, a folder's name for one; mostly an env file has kept them. */
void eii_check_quotes(const char *variable, const char *text, const char *where,
		      struct eii_problems *problems)
{
	if (eii_value_is_quoted(text))
		eii_problems_add(problems, EII_PROBLEM_UNSAFE,
				 "%s (%s) is in quotation marks, which are taken as part of it: "
				 "Docker's env files, compose's list form, INI files and files of "
				 "secrets keep them",
				 variable, where);
}

void eii_check_secret(const struct eii_config *config, enum eii_secret secret, const char *where,
		      struct eii_problems *problems)
{
	const char *variable = config->secrets->sources[secret].variable;
	struct eii_error err;
	char *text = NULL;
	const char *wrong;

	if (eii_secret_read(config, secret, &text, &err)) {
		eii_problems_add(problems, EII_PROBLEM_WRONG, "%s (%s)", err.text, where);
		return;
	}
	eii_check_quotes(variable, text, where, problems);
	wrong = fault(secret, text);
	if (wrong)
		eii_problems_add(problems, EII_PROBLEM_WRONG, "%s (%s): %s", variable, where,
				 wrong);
	eii_free_secret(text);
}

static void check_mail_tls(const struct eii_config_mail *mail, struct eii_problems *problems)
{
	if (mail->tls == EII_CONFIG_TLS_NONE)
		eii_problems_add(problems, EII_PROBLEM_UNSAFE,
				 "EMAIL_INTEL_IMAP_TLS is none: all mails go over the network "
				 "unprotected, and with EMAIL_INTEL_IMAP_SASL=plain or login, or "
				 "a token, what opens the mailbox as well");
	else if (!mail->tls_verify)
		eii_problems_add(problems, EII_PROBLEM_UNSAFE,
				 "EMAIL_INTEL_IMAP_TLS_VERIFY is false: anyone on the way can pose "
				 "as the mail server");
	if (mail->tls == EII_CONFIG_TLS_IMPLICIT && mail->port == PORT_PLAIN)
		eii_problems_add(problems, EII_PROBLEM_WARNING,
				 "EMAIL_INTEL_IMAP_PORT is %d, where servers mostly expect "
				 "EMAIL_INTEL_IMAP_TLS=starttls",
				 PORT_PLAIN);
	if (mail->tls != EII_CONFIG_TLS_IMPLICIT && mail->port == PORT_IMPLICIT)
		eii_problems_add(
			problems, EII_PROBLEM_WARNING,
			"EMAIL_INTEL_IMAP_PORT is %d, where servers mostly expect "
			"EMAIL_INTEL_IMAP_TLS=implicit; with starttls or none it is mostly %d",
			PORT_IMPLICIT, PORT_PLAIN);
}

static void check_other_tls(const struct eii_config *config, struct eii_problems *problems)
{
	if (!config->opencti.ssl_verify)
		eii_problems_add(problems, EII_PROBLEM_UNSAFE,
				 "OPENCTI_SSL_VERIFY is false: anyone on the way can pose as the "
				 "platform");
	if (!config->mq.verify)
		eii_problems_add(problems, EII_PROBLEM_UNSAFE,
				 "MQ_USE_SSL_REJECT_UNAUTHORIZED is false: anyone on the way can "
				 "pose as RabbitMQ");
	if (eii_secret_is_given(config, EII_SECRET_MQ_KEY) != (config->mq.cert != NULL))
		eii_problems_add(
			problems, EII_PROBLEM_WRONG,
			"MQ_USE_SSL_CERT and MQ_USE_SSL_KEY: only one of the two is given");
}

/* What samples have where an id belongs, the official ones and ours. */
static bool is_placeholder(const char *id)
{
	return strcasecmp(id, "ChangeMe") == 0 ||
	       strcmp(id, "00000000-0000-4000-8000-000000000000") == 0;
}

static void check_id(const char *id, struct eii_problems *problems)
{
	if (is_placeholder(id))
		eii_problems_add(problems, EII_PROBLEM_UNSAFE,
				 "CONNECTOR_ID is %s, a sample's placeholder: a second connector "
				 "with it on the same platform takes this one's queue and state; "
				 "give each a UUID of its own (uuidgen). With a new id the first "
				 "window is imported anew, under the same report ids",
				 id);
	if (strcmp(id, EII_CONNECTOR_ID_SHARED) == 0)
		eii_problems_add(
			problems, EII_PROBLEM_UNSAFE,
			"CONNECTOR_ID is the default, %s: a second connector with it on the "
			"same platform would share queue and state; give each a UUID of its "
			"own",
			id);
	if (strchr(id, '_'))
		eii_problems_add(problems, EII_PROBLEM_WARNING,
				 "CONNECTOR_ID holds a '_': the platform cannot close the Works of "
				 "such a connector; a UUID is best");
}

static void check_types(const struct eii_config_report *report, struct eii_problems *problems)
{
	for (size_t i = 0; i < report->n_types; i++) {
		struct eii_text type = report->types[i];

		if (!eii_type_pattern_can_match(type))
			eii_problems_add(
				problems, EII_PROBLEM_WARNING,
				"EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES: '%.*s' is no type "
				"like text/plain or image/* and matches no attachment",
				(int)(type.len < 100 ? type.len : 100), type.data);
	}
}

/* It is compared with the word that the server writes: a name with blanks or ';' is never one. */
static void check_authority(const struct eii_config_report *report, struct eii_problems *problems)
{
	const char *authority = report->authority;

	if (authority &&
	    (strpbrk(authority, " \t\r\n;()=\"") || strlen(authority) > EII_LIMIT_AUTHORITY_BYTES))
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION is no name of a mail "
				 "server: give the first word of the Authentication-Results fields "
				 "that your own server writes, or microsoft365");
}

static void check_draft(const struct eii_config_connector *connector, struct eii_problems *problems)
{
	if (connector->validate && connector->send_to_queue &&
	    connector->protocol == EII_CONFIG_PROTOCOL_API)
		eii_problems_add(
			problems, EII_PROBLEM_WRONG,
			"CONNECTOR_VALIDATE_BEFORE_IMPORT is true with "
			"CONNECTOR_QUEUE_PROTOCOL=api, which knows no draft: reports would "
			"be imported at once");
}

static void check_directory(const struct eii_config_connector *connector,
			    struct eii_problems *problems)
{
	if (!connector->send_to_queue && !connector->send_to_directory)
		eii_problems_add(
			problems, EII_PROBLEM_WRONG,
			"CONNECTOR_SEND_TO_QUEUE is false, and CONNECTOR_SEND_TO_DIRECTORY "
			"is not true: reports would go nowhere");
	if (connector->send_to_directory && !connector->directory)
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "CONNECTOR_SEND_TO_DIRECTORY is true: "
				 "CONNECTOR_SEND_TO_DIRECTORY_PATH is to name the directory");
	if (!connector->send_to_directory && connector->directory)
		eii_problems_add(problems, EII_PROBLEM_WARNING,
				 "CONNECTOR_SEND_TO_DIRECTORY_PATH is of no account without "
				 "CONNECTOR_SEND_TO_DIRECTORY=true");
}

/* Without a server whose word counts nobody is authenticated. */
static void check_rules(const struct eii_config *config, struct eii_problems *problems)
{
	for (size_t i = 0; i < config->rules.n && !config->report.authority; i++) {
		const struct eii_rule *rule = &config->rules.items[i];

		if (rule->authenticated)
			eii_problems_add(problems, EII_PROBLEM_WRONG,
					 "EMAIL_INTEL_IMAP_RULES: rule '%.*s' has authenticated, "
					 "which needs EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION",
					 EII_TEXT_ARGS(rule->name));
	}
}

/* What lowers a level is believed of senders alone that are known and meant. */
static void check_tlp(const struct eii_config *config, struct eii_problems *problems)
{
	const bool is_any = config->report.tlp_from_mail == EII_CONFIG_TLP_ANY;
	const struct eii_rule *lowering = NULL;

	for (size_t i = 0; i < config->rules.n && !lowering; i++) {
		if (config->rules.items[i].is_tlp_from_mail_any)
			lowering = &config->rules.items[i];
	}
	if (lowering && !is_any)
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "EMAIL_INTEL_IMAP_RULES: rule '%.*s' has tlp_from_mail = any, "
				 "which needs EMAIL_INTEL_IMAP_TLP_FROM_MAIL=any",
				 EII_TEXT_ARGS(lowering->name));
	if (is_any && !lowering)
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "EMAIL_INTEL_IMAP_TLP_FROM_MAIL is any, which needs a rule in "
				 "EMAIL_INTEL_IMAP_RULES with tlp_from_mail = any: no other mail "
				 "lowers its level");
	if (is_any && !config->report.authority)
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "EMAIL_INTEL_IMAP_TLP_FROM_MAIL is any, which needs "
				 "EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION: else whoever forges a "
				 "sender lowers the level");
}

static void check_folders(const char *mailbox, struct eii_problems *problems)
{
	EII_AUTO(eii_folder_choice) choice = NULL;
	struct eii_error err;

	if (!eii_folder_choice_is_name(mailbox) && eii_folder_choice_parse(mailbox, &choice, &err))
		eii_problems_add(problems, EII_PROBLEM_WRONG, "EMAIL_INTEL_IMAP_MAILBOX: %s",
				 err.text);
}

void eii_check_config(const struct eii_config *config, struct eii_problems *problems)
{
	eii_sign_in_check(config, problems);
	check_mail_tls(&config->mail, problems);
	check_other_tls(config, problems);
	check_id(config->connector.id, problems);
	check_draft(&config->connector, problems);
	check_directory(&config->connector, problems);
	check_types(&config->report, problems);
	check_authority(&config->report, problems);
	check_rules(config, problems);
	check_tlp(config, problems);
	check_folders(config->mail.mailbox, problems);
}
