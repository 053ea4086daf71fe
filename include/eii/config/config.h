/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every setting of the connector as one constant struct, with a part for each
 * consumer. Read from an INI or YAML file, a .env file and the environment, the later
 * over the earlier; an empty value counts as not given. Secrets are not in
 * here: they are read anew at each use, by config/secret.h.
 */
#ifndef EII_CONFIG_CONFIG_H
#define EII_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/log.h"
#include "eii/base/text.h"
#include "eii/config/problems.h"
#include "eii/fields/request.h"
#include "eii/rules/rules.h"

struct eii_secrets;

/* The official connector's default, shared by all that set none. */
#define EII_CONNECTOR_ID_SHARED "email-intel-imap--ee2beb6c-4e99-47e6-ab5b-f3eea350f601"

enum eii_config_switch { EII_CONFIG_NOT_GIVEN, EII_CONFIG_OFF, EII_CONFIG_ON };

/* OPENCTI_*; token and custom headers are secrets. */
struct eii_config_opencti {
	const char *url;    /* http or https, without a slash at its end */
	const char *ssl_ca; /* OPENCTI_SSL_VERIFY as a file's name; NULL = none */
	bool ssl_verify;
	enum eii_config_switch json_logging; /* not given: JSON, but at a terminal */
};

/* CONNECTOR_QUEUE_PROTOCOL: who puts messages into the connector's queue. */
enum eii_config_protocol { EII_CONFIG_PROTOCOL_AMQP, EII_CONFIG_PROTOCOL_API };

/* CONNECTOR_*. */
struct eii_config_connector {
	const char *id;
	const char *type; /* always EXTERNAL_IMPORT */
	const char *name;
	const char *scope;           /* a list with commas */
	uint32_t period_s;           /* from the end of a run to the next; 0 = one run */
	uint32_t queue_threshold_mb; /* 1,000,000 bytes each */
	enum eii_log_level log_level;
	bool run_and_terminate; /* also where the period is 0 */
	bool expose_metrics;
	uint16_t metrics_port;
	const char *metrics_namespace; /* "" = none, as the next */
	const char *metrics_subsystem;
	bool status_details; /* the status page names user, host and folder */
	enum eii_config_protocol protocol;
	bool validate;      /* VALIDATE_BEFORE_IMPORT: reports go to a draft */
	bool send_to_queue; /* false: to the directory alone */
	bool send_to_directory;
	const char *directory;         /* SEND_TO_DIRECTORY_PATH; NULL = not given */
	uint32_t directory_keeps_days; /* 0 = for ever */
};

enum eii_config_tls { EII_CONFIG_TLS_IMPLICIT, EII_CONFIG_TLS_STARTTLS, EII_CONFIG_TLS_NONE };

/* How we sign in to the mailbox; what each needs is checked. */
enum eii_config_auth {
	EII_CONFIG_AUTH_NOT_GIVEN, /* only while loading: by the secret that is given */
	EII_CONFIG_AUTH_PASSWORD,
	EII_CONFIG_AUTH_GOOGLE_USER,
	EII_CONFIG_AUTH_GOOGLE_SERVICE,
	EII_CONFIG_AUTH_MICROSOFT_APP,
	EII_CONFIG_AUTH_MICROSOFT_USER,
	EII_CONFIG_AUTH_OAUTH,
	EII_CONFIG_AUTH_CERTIFICATE,
};

enum eii_config_grant { EII_CONFIG_GRANT_CLIENT, EII_CONFIG_GRANT_REFRESH };

enum eii_config_sasl {
	EII_CONFIG_SASL_AUTO,
	EII_CONFIG_SASL_PLAIN,
	EII_CONFIG_SASL_LOGIN,
	EII_CONFIG_SASL_SCRAM_SHA_256,
	EII_CONFIG_SASL_SCRAM_SHA_256_PLUS,
	EII_CONFIG_SASL_XOAUTH2,
	EII_CONFIG_SASL_OAUTHBEARER,
};

enum eii_config_push { EII_CONFIG_PUSH_AUTO, EII_CONFIG_PUSH_ON, EII_CONFIG_PUSH_OFF };

#define EII_CONFIG_AZURE 4

/* EMAIL_INTEL_IMAP_*: what the methods but password need; NULL = not given. */
struct eii_config_sign_in {
	enum eii_config_auth auth;
	bool is_auth_given; /* by its own setting */
	enum eii_config_sasl sasl;
	const char *tenant_id;
	const char *client_id;
	const char *client_certificate;  /* a file's name or PEM text */
	const char *refresh_token_store; /* a file's name */
	const char *authority;           /* a host or a URL */
	const char *token_url;
	const char *token_scope;
	enum eii_config_grant token_grant;
	const char *federated_token_file; /* of AZURE_FEDERATED_TOKEN_FILE, where it counts */
	char *azure[EII_CONFIG_AZURE];    /* owned: what came from AZURE_* */
};

/* EMAIL_INTEL_IMAP_*: the mailbox. */
struct eii_config_mail {
	const char *host;
	const char *username;
	const char *mailbox; /* UTF-8 */
	const char *tls_ca;  /* a file's name or PEM text; NULL = none */
	uint16_t port;
	enum eii_config_tls tls;
	bool tls_verify;
	struct eii_config_sign_in sign_in;
	const char *tls_cert; /* of the client: a file's name or PEM text; NULL = none */
	const char *proxy;    /* http, socks5 or socks5h; NULL = none */
	enum eii_config_push push;
	uint32_t start_period_s; /* RELATIVE_IMPORT_START_DATE: how far back a first run looks */
	uint64_t max_mail_bytes;
};

enum eii_config_report_id { EII_CONFIG_REPORT_ID_COMPATIBLE, EII_CONFIG_REPORT_ID_DISTINCT };

enum eii_config_tlp_from_mail {
	EII_CONFIG_TLP_OFF,
	EII_CONFIG_TLP_RAISE,
	EII_CONFIG_TLP_ANY,
};

/* EMAIL_INTEL_IMAP_*: what a report looks like. */
struct eii_config_report {
	/* One of white clear green amber amber+strict red, or as eii_marking_parse() takes it. */
	const char *tlp_level;
	enum eii_content_mode content;
	enum eii_config_report_id id;
	bool attach_forwarded;
	enum eii_attach_original attach_original;
	bool attachment_hashes;
	bool external_reference; /* the Message-ID */
	enum eii_config_tlp_from_mail tlp_from_mail;
	const char *authority; /* REQUIRE_AUTHENTICATION: whose results count; NULL = not asked */
	uint32_t inline_image_bytes;
	const struct eii_text *types; /* ATTACHMENTS_MIME_TYPES: for fields/type_pattern.h */
	size_t n_types;
};

/* MQ_*: NULL, 0 and EII_CONFIG_NOT_GIVEN = as the platform says. */
struct eii_config_mq {
	const char *host;
	const char *vhost;
	const char *user;
	uint16_t port;
	enum eii_config_switch use_ssl;
	bool verify;      /* MQ_USE_SSL_REJECT_UNAUTHORIZED */
	const char *ca;   /* a file's name or PEM text; NULL = none, as the next */
	const char *cert; /* of the client; its key is a secret */
	uint64_t max_message_bytes;
};

/* For every connection; NULL = not given. */
struct eii_config_network {
	const char *ca; /* HTTPS_CA_CERTIFICATES: a file's name or PEM text */
	const char *http_proxy;
	const char *https_proxy;
	const char *no_proxy;
};

struct eii_config {
	struct eii_config_opencti opencti;
	struct eii_config_connector connector;
	struct eii_config_mail mail;
	struct eii_config_report report;
	struct eii_filters filters; /* EMAIL_INTEL_IMAP_*, as the rules: which mails */
	struct eii_rules rules;
	struct eii_config_mq mq;
	struct eii_config_network network;
	const char *secrets_dir;           /* NULL = none; its files are among the secrets */
	const struct eii_secrets *secrets; /* for config/secret.h; never NULL */
};

/* Which settings are read and must be there; the others keep their defaults. */
enum eii_config_purpose {
	EII_CONFIG_TO_RUN,     /* all */
	EII_CONFIG_TO_CONVERT, /* those that shape a report; none must be there */
	EII_CONFIG_TO_ASK,     /* the health endpoint's place; none must be there */
	EII_CONFIG_TO_LOG_IN,  /* the way to the mailbox, no secret; none must be there */
};

struct eii_config_sources {
	const char *file_path; /* YAML where it ends in .yml or .yaml, else INI; NULL = none, as the
				  next */
	const char *env_path;  /* of a .env file */
	const char *const *environment; /* "NAME=value", NULL at the end; NULL = empty */
	enum eii_config_purpose purpose;
};

/*
 * Reads all sources and adds what is wrong or doubtful to problems, all of it,
 * a line each: setting, where it stands, its value unless secret, what is
 * accepted.
 *
 * EII_FATAL with CONFIG where anything is wrong; out is written on EII_OK only.
 */
enum eii_rc eii_config_load(const struct eii_config_sources *sources, struct eii_config **out,
			    struct eii_problems *problems, struct eii_error *err) EII_MUST_CHECK;
void eii_config_free(struct eii_config *config);
EII_DEFINE_AUTO(eii_config);

/*
 * Every setting as it is and where it came from, a line each:
 * `VARIABLE=value  # environment, over .env, line 2`. Secrets as ***, or their file's name.
 */
void eii_config_print(const struct eii_config *config, FILE *out);

/*
 * The variables of the settings whose value is another than the default, secrets among
 * them; at most max are written. Names are static.
 */
#define EII_CONFIG_CHANGED_MAX 96 /* room for all of them */
size_t eii_config_changed(const struct eii_config *config, const char **out_names, size_t max);

#endif
