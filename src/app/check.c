/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/check.h"

#include <stdio.h>
#include <sysexits.h>

#include "eii/amqp/publisher.h"
#include "eii/app/exit_code.h"
#include "eii/app/parts.h"
#include "eii/config/secret.h"
#include "eii/ingest/rights.h"

#define RIGHTS_MAX_BYTES 256

struct check {
	const struct eii_config *config;
	struct eii_parts *parts;
	int worst;
};

/* What an operator has to mend first: a wrong setting, then credentials, then a server. */
static int rank(int code)
{
	return code == EX_CONFIG ? 3 : code == EX_NOPERM ? 2 : code == EX_OK ? 0 : 1;
}

static void failed(struct check *check, const char *what, enum eii_rc rc,
		   const struct eii_error *err)
{
	int code = eii_exit_code(rc, err);

	/* A server that does not answer now is unavailable, whatever kind of failure it was. */
	if (code != EX_CONFIG && code != EX_NOPERM)
		code = EX_UNAVAILABLE;
	(void)printf("%s: FAILED: %s\n", what, err->text);
	if (rank(code) > rank(check->worst))
		check->worst = code;
}

static void check_mailbox(struct check *check)
{
	const struct eii_config_mail *mail = &check->config->mail;
	EII_AUTO(eii_imap) imap = NULL;
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	rc = eii_imap_open(&check->parts->imap, &imap, &err);
	if (!rc)
		rc = eii_imap_examine(imap, mail->mailbox, &folder, &err);
	if (rc) {
		failed(check, "mailbox", rc, &err);
		return;
	}
	(void)printf("mailbox: ok: %s signed in to %s:%u, folder %s holds %u mails\n",
		     mail->username, mail->host, mail->port, mail->mailbox, folder.n_mails);
}

/* The platform would refuse each report. */
static enum eii_rc lack_rights(unsigned missing, struct eii_error *err)
{
	struct eii_buf names;
	enum eii_rc rc;

	eii_buf_init(&names, RIGHTS_MAX_BYTES);
	eii_rights_name(missing, &names);
	rc = eii_fail_kind(
		err, EII_FATAL, EII_ERROR_CREDENTIALS,
		"the token's user lacks %s: give it the role of a connector, and the "
		"marking of the reports (EMAIL_INTEL_IMAP_TLP_LEVEL), which has to be there, "
		"as an allowed one",
		names.data);
	eii_buf_clear(&names);
	return rc;
}

static void check_platform(struct check *check)
{
	struct eii_platform *platform = check->parts->platform;
	struct eii_queue_details details;
	enum eii_ping_answer answer;
	EII_AUTO_STR state = NULL;
	struct eii_error err = { 0 };
	const char *version;
	enum eii_rc rc;
	struct eii_report_settings report = eii_parts_report(check->config);
	struct eii_rights_view rights = { 0 };
	unsigned missing;

	rc = eii_platform_about(platform, &version, &err);
	if (!rc)
		rc = eii_platform_read_state(platform, &answer, &state, &err);
	if (!rc && answer == EII_PING_OK)
		rc = eii_platform_queue(platform, &details, &err);
	if (!rc)
		rc = eii_rights_read(platform, &report.marking, &rights, &err);
	missing = rc ? 0 : eii_rights_missing(&rights);
	if (missing)
		rc = lack_rights(missing, &err);
	if (rc) {
		failed(check, "platform", rc, &err);
		return;
	}
	(void)printf("platform: ok: OpenCTI %s, the token may use the API, the connector is %s\n",
		     version, answer == EII_PING_OK ? "registered" : "not registered yet");
}

static void check_broker(struct check *check)
{
	const struct eii_queue_settings *queue = &check->parts->queue;
	EII_AUTO(eii_publisher) publisher = NULL;
	EII_AUTO_STR password = NULL;
	struct eii_error err = { 0 };
	struct eii_publisher_options options = {
		.host = queue->host,
		.port = queue->port,
		.vhost = queue->vhost,
		.user = queue->user,
		.tls = queue->use_tls == EII_CHOICE_YES ? &queue->tls : NULL,
		.connection_name = queue->connection_name,
	};
	enum eii_rc rc;

	if (!queue->host || !queue->port || !queue->user ||
	    !eii_secret_is_given(check->config, EII_SECRET_MQ_PASSWORD)) {
		(void)printf("broker: not checked: the platform tells its address when the "
			     "connector registers (MQ_HOST, MQ_PORT, MQ_USER and MQ_PASS are not "
			     "all set)\n");
		return;
	}
	rc = queue->password(queue->password_arg, &password, &err);
	options.password = password;
	if (!rc)
		rc = eii_publisher_open(&options, &publisher, &err);
	if (rc) {
		failed(check, "broker", rc, &err);
		return;
	}
	(void)printf("broker: ok: %s signed in to %s:%u\n", queue->user, queue->host, queue->port);
}

int eii_check_run(const struct eii_config *config)
{
	struct check check = { .config = config, .worst = EX_OK };
	struct eii_error err = { 0 };
	enum eii_rc rc;

	rc = eii_parts_new(config, NULL, NULL, &check.parts, &err);
	if (rc) {
		failed(&check, "settings", rc, &err);
		return check.worst;
	}
	(void)printf("settings: ok\n");
	check_mailbox(&check);
	check_platform(&check);
	check_broker(&check);
	eii_parts_free(check.parts);
	return check.worst;
}
