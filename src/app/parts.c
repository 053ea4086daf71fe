/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/parts.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/config/secret.h"
#include "parts_private.h"
#include "shapes.h"

#define BYTES_OF_MB 1000000.0 /* as pycti counts the threshold */

/* ---- secrets, each read anew when it is needed ------------------------- */

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	return eii_secret_read(arg, EII_SECRET_OPENCTI_TOKEN, out, err);
}

static enum eii_rc give_mq_password(void *arg, char **out, struct eii_error *err)
{
	return eii_secret_read(arg, EII_SECRET_MQ_PASSWORD, out, err);
}

/* ---- the parts --------------------------------------------------------- */

/* In the platform thread, after each call. */
static void platform_called(void *arg, int64_t ms, enum eii_rc rc, const struct eii_error *err)
{
	const struct eii_watch *watch = arg;

	eii_contacts_note(watch->contacts, EII_SERVER_PLATFORM, rc, err);
	eii_times_add(&watch->stats->call_times, ms);
	if (rc)
		EII_COUNT(watch->stats, n_failed_calls);
}

/* What a client of the platform is made of, whoever watches it. */
static enum eii_rc make_client(const struct eii_parts *parts, struct eii_platform_options *options,
			       struct eii_http **out_http, struct eii_platform **out,
			       struct eii_error *err)
{
	const struct eii_config *config = parts->config;
	struct eii_http_options http = eii_parts_http_options(parts);
	char *text = NULL;
	char **headers = NULL;
	enum eii_rc rc;

	rc = eii_secret_read(config, EII_SECRET_OPENCTI_HEADERS, &text, err);
	if (!rc)
		rc = eii_secret_headers(text, &headers, err);
	eii_free_secret(text);
	if (rc)
		return EII_FATAL;
	http.tls.ca = config->opencti.ssl_ca;
	http.tls.verify = config->opencti.ssl_verify;
	http.tls.certificate_end =
		eii_contacts_certificate(parts->watch.contacts, EII_SERVER_PLATFORM);
	http.tls.peer = eii_parts_peer(parts, EII_SERVER_PLATFORM);
	http.headers = (const char *const *)headers;
	*out_http = eii_http_new(&http);
	eii_secret_free_headers(headers);
	options->connector_id = config->connector.id;
	options->connector_name = config->connector.name;
	options->connector_scope = config->connector.scope;
	options->run_and_terminate = config->connector.run_and_terminate;
	options->queue_threshold_mb = config->connector.queue_threshold_mb;
	options->graphql.url = config->opencti.url;
	options->graphql.token = give_token;
	options->graphql.token_arg = (void *)(uintptr_t)config;
	options->graphql.http = *out_http;
	*out = eii_platform_new(options);
	return EII_OK;
}

static enum eii_rc make_platform(struct eii_parts *parts, const struct eii_stop *stop,
				 struct eii_error *err)
{
	struct eii_platform_options options = {
		.graphql = { .stop = stop,
			     .watch = parts->watch.stats ? platform_called : NULL,
			     .watch_arg = &parts->watch },
	};

	return make_client(parts, &options, &parts->platform_http, &parts->platform, err);
}

enum eii_rc eii_parts_make_push(struct eii_parts *parts, const struct eii_stop *stop,
				struct eii_error *err)
{
	struct eii_platform_options options = { .graphql = { .stop = stop } };

	return make_client(parts, &options, &parts->push_http, &parts->push, err);
}

static enum eii_rc make_queue(struct eii_parts *parts, struct eii_error *err)
{
	static const enum eii_choice choices[] = {
		[EII_CONFIG_NOT_GIVEN] = EII_CHOICE_PLATFORM,
		[EII_CONFIG_OFF] = EII_CHOICE_NO,
		[EII_CONFIG_ON] = EII_CHOICE_YES,
	};
	const struct eii_config *config = parts->config;
	const struct eii_config_mq *mq = &config->mq;

	if (eii_secret_read(config, EII_SECRET_MQ_KEY, &parts->mq_key, err) ||
	    eii_secret_read(config, EII_SECRET_MQ_PASSPHRASE, &parts->mq_passphrase, err))
		return EII_FATAL;
	parts->queue = (struct eii_queue_settings){
		.host = mq->host,
		.port = mq->port,
		.vhost = mq->vhost,
		.user = mq->user,
		.use_tls = choices[mq->use_ssl],
		.password = give_mq_password,
		.password_arg = (void *)(uintptr_t)config,
		.tls = { .trust = parts->trust,
			 .ca = mq->ca,
			 .verify = mq->verify,
			 .cert = mq->cert,
			 .key = parts->mq_key,
			 .passphrase = parts->mq_passphrase,
			 .certificate_end =
				 eii_contacts_certificate(parts->watch.contacts, EII_SERVER_QUEUE),
			 .peer = eii_parts_peer(parts, EII_SERVER_QUEUE) },
		.connection_name = config->connector.name,
	};
	return EII_OK;
}

static enum eii_rc make_all(struct eii_parts *parts, const struct eii_stop *platform_stop,
			    struct eii_error *err)
{
	enum eii_rc rc = eii_trust_new(parts->config->network.ca, &parts->trust, err);

	if (rc)
		return rc;
	rc = make_platform(parts, platform_stop, err);
	if (rc)
		return rc;
	rc = eii_parts_make_mailbox(parts, err);
	if (rc)
		return rc;
	return make_queue(parts, err);
}

enum eii_rc eii_parts_new(const struct eii_config *config, const struct eii_stop *platform_stop,
			  const struct eii_watch *watch, struct eii_parts **out,
			  struct eii_error *err)
{
	EII_AUTO(eii_parts) parts = EII_NEW(struct eii_parts);
	enum eii_rc rc;

	parts->config = config;
	if (watch)
		parts->watch = *watch;
	rc = make_all(parts, platform_stop, err);
	if (rc)
		return rc;
	*out = EII_DETACH(parts);
	return EII_OK;
}

void eii_parts_free(struct eii_parts *parts)
{
	if (!parts)
		return;
	eii_platform_free(parts->platform);
	eii_http_free(parts->platform_http);
	eii_platform_free(parts->push);
	eii_http_free(parts->push_http);
	eii_token_free(parts->token);
	eii_http_free(parts->token_http);
	eii_free_secret(parts->imap_key);
	eii_free_secret(parts->imap_passphrase);
	eii_free_secret(parts->mq_key);
	eii_free_secret(parts->mq_passphrase);
	eii_trust_free(parts->trust);
	free(parts);
}

/* ---- what shapes a report ---------------------------------------------- */

struct eii_report_settings eii_parts_report(const struct eii_config *config)
{
	struct eii_report_settings settings = {
		.content = config->report.content,
		.attach_original = config->report.attach_original,
		.without_hashes = !config->report.attachment_hashes,
		.authority = config->report.authority,
		.has_own_tlp = config->report.tlp_from_mail != EII_CONFIG_TLP_OFF,
		.has_reference = config->report.external_reference,
		.max_message_bytes = config->mq.max_message_bytes,
		.created_us = eii_clock_unix_us(),
	};

	/* config accepts no marking that stix does not know. */
	if (!eii_marking_parse(eii_text_of(config->report.tlp_level), &settings.marking))
		abort();
	eii_shapes_fill(&config->rules, &settings);
	return settings;
}

void eii_parts_report_clear(struct eii_report_settings *settings)
{
	eii_shapes_clear(settings);
}

struct eii_directory_settings eii_parts_directory(const struct eii_config *config)
{
	const struct eii_config_connector *connector = &config->connector;

	return (struct eii_directory_settings){
		.path = connector->directory,
		.retention_days = connector->directory_keeps_days,
		.connector_id = connector->id,
		.connector_name = connector->name,
		.connector_scope = connector->scope,
		.wants_validation = connector->validate,
	};
}

struct eii_selection eii_parts_selection(const struct eii_config *config)
{
	return (struct eii_selection){ .filters = &config->filters,
				       .rules = &config->rules,
				       .authority = config->report.authority };
}

char *eii_parts_mailbox_key(const struct eii_config *config)
{
	const struct eii_config_mail *mail = &config->mail;
	bool is_one = eii_folder_choice_is_name(mail->mailbox);

	return eii_asprintf("%s@%s/%s", mail->username, mail->host, is_one ? mail->mailbox : "");
}

enum eii_ring_mode eii_parts_ring_mode(const struct eii_config *config)
{
	return config->report.id == EII_CONFIG_REPORT_ID_DISTINCT ? EII_RING_DISTINCT
								  : EII_RING_COMPATIBLE;
}
