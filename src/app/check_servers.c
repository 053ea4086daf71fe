/* SPDX-License-Identifier: Apache-2.0 */
#include "check_servers.h"

#include <stdio.h>
#include <string.h>

#include "check_folders.h"
#include "eii/amqp/publisher.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/timestamp.h"
#include "eii/config/secret.h"
#include "eii/ingest/rights.h"
#include "eii/net/dial.h"
#include "eii/state/document.h"

#define RIGHTS_MAX_BYTES 256
#define LOOK_UP_MS       10000
#define DAY_S            86400
#define ENDS_SOON_S      (14 * DAY_S)
#define TWIN_PERIOD_S    3600 /* of a connector that is started by somebody else's clock */

/* ---- names and certificates ---------------------------------------------- */

/* False, and said, where the host's name is not known. An address needs no look-up. */
static bool look_up(struct eii_check *check, enum eii_check_part part, const char *host,
		    uint16_t port)
{
	struct eii_error err = { 0 };
	char address[64];
	enum eii_rc rc = eii_dial_address(host, host, port, eii_clock_monotonic_ms() + LOOK_UP_MS,
					  NULL, address, sizeof(address), &err);

	if (rc)
		eii_check_fail(check, part, rc, &err);
	else if (strcmp(address, host) != 0)
		eii_check_report_add(&check->report, "dns", EII_CHECK_OK, NULL, "%s is %s", host,
				     address);
	return !rc;
}

/* "opencti.example" of "https://user@opencti.example:8443/base"; for the caller to free(). */
static char *host_of(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *begin = scheme ? scheme + 3 : url;
	size_t len = strcspn(begin, "/");
	const char *at = memrchr(begin, '@', len);

	if (at)
		begin = at + 1;
	if (*begin == '[')
		return eii_strndup(begin + 1, strcspn(begin + 1, "]/"));
	return eii_strndup(begin, strcspn(begin, ":/"));
}

/* With a proxy the name is the proxy's affair. */
static bool look_up_platform(struct eii_check *check)
{
	const struct eii_config_network *network = &check->config->network;
	EII_AUTO_STR host = NULL;

	if (network->http_proxy || network->https_proxy)
		return true;
	host = host_of(check->config->opencti.url);
	return look_up(check, EII_CHECK_PLATFORM_NAME, host, 0);
}

static bool look_up_mailbox(struct eii_check *check)
{
	const struct eii_config_mail *box = &check->config->mail;

	return box->proxy || look_up(check, EII_CHECK_MAILBOX_NAME, box->host, box->port);
}

/* Nothing where no handshake has verified: what turns that off is said with the settings. */
static void say_certificate(struct eii_check *check, enum eii_server server, const char *where)
{
	static const struct eii_check_cure renew = {
		.what = "have it renewed, with what it is issued by",
	};
	const struct eii_tls_peer *peer = &check->peers[server];
	bool is_soon = peer->end_s - eii_clock_unix_s() < ENDS_SOON_S;
	char end[EII_TIMESTAMP_TEXT_BYTES];

	if (!*peer->issuer)
		return;
	eii_timestamp_format_iso(peer->end_s, end);
	eii_check_report_add(&check->report, "tls", is_soon ? EII_CHECK_WARNING : EII_CHECK_OK,
			     is_soon ? &renew : NULL,
			     "%s: certificate issued by %s, valid until %.10s", where, peer->issuer,
			     end);
}

/* ---- mailbox -------------------------------------------------------------- */

static void keep_last(void *arg, uint32_t first, uint32_t last)
{
	uint32_t *uid = arg;

	(void)first;
	if (last > *uid)
		*uid = last;
}

/* When the newest mail came; 0 = no mail, or the server does not say. */
static int64_t date_of_newest(struct eii_imap *imap, const struct eii_imap_folder *folder)
{
	struct eii_imap_info info = { 0 };
	const struct eii_imap_uid_taker taker = { .add = keep_last, .arg = &info.uid };
	struct eii_error err;

	if (!folder->n_mails || folder->uidnext < 2 ||
	    eii_imap_search_range(imap, 1, folder->uidnext - 1, &taker, &err) || !info.uid ||
	    eii_imap_fetch_info(imap, &info, 1, &err))
		return 0;
	return info.is_known && info.has_date ? info.internal_unix_s : 0;
}

static void say_extensions(struct eii_check *check, const struct eii_imap *imap)
{
	char extensions[EII_IMAP_EXTENSIONS_BYTES];

	eii_imap_extensions(imap, extensions);
	eii_check_report_add(&check->report, "extensions", EII_CHECK_OK, NULL, "%s",
			     *extensions ? extensions
					 : "none that is used here: it works without, with more "
					   "bytes");
}

static void say_folder(struct eii_check *check, struct eii_imap *imap,
		       const struct eii_imap_folder *folder)
{
	const struct eii_config_mail *box = &check->config->mail;
	int64_t newest_s = date_of_newest(imap, folder);
	char date[EII_TIMESTAMP_TEXT_BYTES] = "";

	if (newest_s)
		eii_timestamp_format_iso(newest_s, date);
	eii_check_report_add(&check->report, "mailbox", EII_CHECK_OK, NULL,
			     "%s signed in to %s:%u, folder %s holds %u mails%s%s", box->username,
			     box->host, box->port, box->mailbox, folder->n_mails,
			     newest_s ? ", the newest of " : "", date);
}

void eii_check_mailbox(struct eii_check *check)
{
	static const struct eii_check_cure name_first = { "EMAIL_INTEL_IMAP_HOST",
							  "mend that first" };
	const struct eii_config_mail *box = &check->config->mail;
	EII_AUTO(eii_imap) imap = NULL;
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	if (!look_up_mailbox(check)) {
		eii_check_report_add(&check->report, "mailbox", EII_CHECK_NOT_TRIED, &name_first,
				     "its name cannot be looked up");
		return;
	}
	rc = eii_imap_open(&check->parts->imap, &imap, &err);
	say_certificate(check, EII_SERVER_MAILBOX, box->host);
	if (!rc)
		say_extensions(check, imap);
	if (!rc && !eii_folder_choice_is_name(box->mailbox)) {
		eii_check_folders(check, imap);
		return;
	}
	if (!rc)
		rc = eii_imap_examine(imap, box->mailbox, &folder, &err);
	if (rc)
		eii_check_fail(check, EII_CHECK_MAILBOX, rc, &err);
	else
		say_folder(check, imap, &folder);
}

/* ---- platform ------------------------------------------------------------- */

/* The platform would refuse each report. */
static enum eii_rc lack_rights(unsigned missing, struct eii_error *err)
{
	struct eii_buf names;
	enum eii_rc rc;

	eii_buf_init(&names, RIGHTS_MAX_BYTES);
	eii_rights_name(missing, &names);
	rc = eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS, "the token's user lacks %s",
			   names.data);
	eii_buf_clear(&names);
	return rc;
}

/*
 * Two connectors on one id go over each other's state: each finds a place of the other's
 * mailbox there. One that moved to another folder leaves its old place, so the age counts.
 */
static void check_twin(struct eii_check *check, const char *state)
{
	static const struct eii_check_cure own_id = {
		"CONNECTOR_ID", "if another connector reads that mailbox, give each a CONNECTOR_ID "
				"of its own, a UUID; if this one has read it before, nothing is "
				"wrong"
	};
	EII_AUTO(eii_document) document = eii_document_parse(state);
	EII_AUTO_STR key = eii_parts_mailbox_key(check->config);
	EII_AUTO_STR foreign = NULL;
	int64_t period_s = check->config->connector.period_s;
	int64_t age_s;

	if (!document)
		return;
	foreign = eii_document_foreign_key(document, key);
	age_s = eii_clock_unix_s() - eii_document_ingestion(document);
	if (!foreign || age_s > 2 * (period_s ? period_s : TWIN_PERIOD_S))
		return;
	eii_check_report_add(&check->report, "twin", EII_CHECK_WARNING, &own_id,
			     "this connector's state also holds a place of %s, and was written "
			     "%lld s ago",
			     foreign, (long long)age_s);
}

/* Never but where it was asked for. */
static void register_connector(struct eii_check *check)
{
	const struct eii_config_connector *connector = &check->config->connector;
	struct eii_registration told = { 0 };
	struct eii_error err = { 0 };
	enum eii_rc rc;

	if (check->is_registered) {
		eii_check_report_add(&check->report, "registration", EII_CHECK_OK, NULL,
				     "the connector is there already: nothing was changed");
		return;
	}
	rc = eii_platform_register(check->parts->platform, &told, &err);
	if (rc) {
		eii_check_fail(check, EII_CHECK_REGISTRATION, rc, &err);
		return;
	}
	check->is_registered = true;
	eii_registration_clear(&told);
	eii_check_report_add(&check->report, "registration", EII_CHECK_OK, NULL,
			     "registered as %s, id %s: it stays on the platform with its queue, "
			     "until you delete it there",
			     connector->name, connector->id);
}

static enum eii_rc read_rights(const struct eii_check *check, struct eii_rights_view *out,
			       struct eii_error *err)
{
	struct eii_report_settings report = eii_parts_report(check->config);
	enum eii_rc rc = eii_rights_read(check->parts->platform, &report, out, err);

	eii_parts_report_clear(&report);
	return rc;
}

void eii_check_platform(struct eii_check *check)
{
	static const struct eii_check_cure name_first = { "OPENCTI_URL", "mend that first" };
	struct eii_platform *platform = check->parts->platform;
	struct eii_queue_details details;
	enum eii_ping_answer answer;
	EII_AUTO_STR state = NULL;
	struct eii_error err = { 0 };
	const char *version;
	enum eii_rc rc;
	struct eii_rights_view rights = { 0 };
	unsigned missing;

	if (!look_up_platform(check)) {
		eii_check_report_add(&check->report, "platform", EII_CHECK_NOT_TRIED, &name_first,
				     "its name cannot be looked up");
		return;
	}
	rc = eii_platform_about(platform, &version, &err);
	if (!rc && check->config->connector.validate && check->config->connector.send_to_queue)
		rc = eii_platform_needs_drafts(platform, &err);
	if (!rc)
		rc = eii_platform_read_state(platform, &answer, &state, &err);
	if (!rc && answer == EII_PING_OK)
		rc = eii_platform_queue(platform, &details, &err);
	if (!rc)
		rc = read_rights(check, &rights, &err);
	missing = rc ? 0 : eii_rights_missing(&rights);
	if (missing)
		rc = lack_rights(missing, &err);
	if (rc) {
		eii_check_fail(check, EII_CHECK_PLATFORM, rc, &err);
		return;
	}
	check->is_platform_ok = true;
	check->is_registered = answer == EII_PING_OK;
	say_certificate(check, EII_SERVER_PLATFORM, check->config->opencti.url);
	eii_check_report_add(&check->report, "platform", EII_CHECK_OK, NULL,
			     "OpenCTI %s, the token may use the API, the connector is %s", version,
			     check->is_registered ? "registered" : "not registered yet");
	check_twin(check, state);
	if (check->mode == EII_CHECK_REGISTER)
		register_connector(check);
}

/* ---- broker --------------------------------------------------------------- */

static bool is_broker_given(const struct eii_check *check)
{
	const struct eii_queue_settings *queue = &check->parts->queue;

	return queue->host && queue->port && queue->user &&
	       eii_secret_is_given(check->config, EII_SECRET_MQ_PASSWORD);
}

/* What the settings do not say the platform tells to who is registered. */
static enum eii_rc ask_for_broker(struct eii_check *check, struct eii_registration *out,
				  struct eii_error *err)
{
	enum eii_registration_answer answer = EII_REGISTRATION_NONE;
	enum eii_rc rc;

	if (is_broker_given(check))
		return EII_OK;
	rc = eii_platform_read_registration(check->parts->platform, &answer, out, err);
	if (!rc && answer == EII_REGISTRATION_NONE)
		rc = eii_fail(err, EII_RETRY, "the connector has been deleted in the platform");
	return rc;
}

static void try_broker(struct eii_check *check)
{
	const struct eii_queue_settings *queue = &check->parts->queue;
	struct eii_registration told = { 0 };
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };
	enum eii_rc rc = ask_for_broker(check, &told, &err);

	if (!rc)
		rc = eii_queue_open(queue, &told, NULL, NULL, &publisher, &err);
	if (rc)
		eii_check_fail(check, EII_CHECK_BROKER, rc, &err);
	else
		eii_check_report_add(&check->report, "broker", EII_CHECK_OK, NULL,
				     "%s signed in to %s:%u",
				     queue->user ? queue->user : told.mq_user,
				     queue->host ? queue->host : told.mq_host,
				     queue->port ? queue->port : told.mq_port);
	if (!rc)
		say_certificate(check, EII_SERVER_QUEUE, queue->host ? queue->host : told.mq_host);
	eii_registration_clear(&told);
}

void eii_check_directory(struct eii_check *check)
{
	struct eii_directory_settings settings = eii_parts_directory(check->config);
	struct eii_error err = { 0 };
	enum eii_rc rc;

	if (!check->config->connector.send_to_directory)
		return;
	rc = eii_directory_check(&settings, &err);
	if (rc)
		eii_check_fail(check, EII_CHECK_DIRECTORY, rc, &err);
	else
		eii_check_report_add(&check->report, "directory", EII_CHECK_OK, NULL,
				     "files can be written to %s", settings.path);
}

void eii_check_broker(struct eii_check *check)
{
	static const struct eii_check_cure platform_first = { "OPENCTI_URL",
							      "mend the platform first" };
	static const struct eii_check_cure register_it = {
		"MQ_HOST", "register it (--check --register), or set all of MQ_HOST, MQ_PORT, "
			   "MQ_USER and MQ_PASS"
	};

	if (!check->config->connector.send_to_queue)
		eii_check_report_add(&check->report, "broker", EII_CHECK_OK, NULL,
				     "not needed: reports go to files alone "
				     "(CONNECTOR_SEND_TO_QUEUE=false)");
	else if (check->config->connector.protocol == EII_CONFIG_PROTOCOL_API)
		eii_check_report_add(&check->report, "broker", EII_CHECK_OK, NULL,
				     "not needed: reports go through the platform's API "
				     "(CONNECTOR_QUEUE_PROTOCOL=api)");
	else if (check->is_registered || is_broker_given(check))
		try_broker(check);
	else if (!check->is_platform_ok)
		eii_check_report_add(&check->report, "broker", EII_CHECK_NOT_TRIED, &platform_first,
				     "the platform tells its address");
	else
		eii_check_report_add(&check->report, "broker", EII_CHECK_NOT_TRIED, &register_it,
				     "the platform tells its address when the connector registers");
}
