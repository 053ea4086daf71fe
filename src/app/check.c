/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/check.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "check_report.h"
#include "eii/amqp/publisher.h"
#include "eii/app/exit_code.h"
#include "eii/app/parts.h"
#include "eii/config/secret.h"
#include "eii/ingest/rights.h"

#define RIGHTS_MAX_BYTES 256

struct check {
	const struct eii_config *config;
	struct eii_parts *parts;
	struct eii_check_report report;
	bool is_registered; /* known once the platform has been asked, as the next */
	bool is_platform_ok;
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
	eii_check_report_add(&check->report, what, EII_CHECK_FAILED, "%s", err->text);
	if (rank(code) > rank(check->worst))
		check->worst = code;
}

/* ---- the converter ------------------------------------------------------ */

static const char mail[] = "From: Check <check@connector.example>\r\n"
			   "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
			   "Subject: =?utf-8?q?Check_=C3=BC?=\r\n"
			   "MIME-Version: 1.0\r\n"
			   "Content-Type: text/html; charset=iso-8859-1\r\n"
			   "Content-Transfer-Encoding: quoted-printable\r\n"
			   "\r\n"
			   "<p>Converter at w=F6rk</p>\r\n";

static bool holds(struct eii_text text, const char *words)
{
	return memmem(text.data, text.len, words, strlen(words)) != NULL;
}

static enum eii_rc judge_conversion(const struct eii_conversion *conversion, struct eii_error *err)
{
	if (conversion->reason != EII_FALLBACK_NONE)
		return eii_fail(err, EII_RETRY, "%s: %s", eii_fallback_text(conversion->reason),
				conversion->detail);
	if (!holds(conversion->fields->subject, "Check \xc3\xbc") ||
	    !holds(conversion->fields->content, "Converter at w\xc3\xb6rk"))
		return eii_fail(err, EII_RETRY,
				"a mail made for it came out wrong: install connector and "
				"converter of the same release");
	return EII_OK;
}

static enum eii_rc try_converter(struct check *check, struct eii_converter_info *out_info,
				 struct eii_error *err)
{
	EII_AUTO(eii_converter) converter = NULL;
	struct eii_converter_options options;
	struct eii_conversion conversion;
	EII_AUTO_STR program = NULL;
	enum eii_rc rc = eii_parts_converter(check->config, &program, &options, err);

	if (rc)
		return rc;
	converter = eii_converter_new(&options);
	rc = eii_converter_convert_one(converter, eii_text(mail, sizeof(mail) - 1), &conversion,
				       err);
	if (rc)
		return rc;
	rc = judge_conversion(&conversion, err);
	eii_fields_free(conversion.fields);
	if (!rc && !eii_converter_info(converter, out_info))
		rc = eii_fail(err, EII_RETRY, "it never said that it is ready");
	return rc;
}

static void check_converter(struct check *check)
{
	struct eii_converter_info info = { 0 };
	struct eii_error err = { 0 };
	enum eii_rc rc = try_converter(check, &info, &err);

	if (rc)
		failed(check, "converter", rc, &err);
	else if (info.is_relaxed)
		eii_check_report_add(&check->report, "converter", EII_CHECK_WARNING,
				     "it works, but its jail is relaxed: this build is for tests "
				     "only");
	else if (!info.landlock_abi)
		eii_check_report_add(&check->report, "converter", EII_CHECK_WARNING,
				     "it works; this kernel has no landlock, or the container's "
				     "runtime forbids it: the rest of the jail holds");
	else
		eii_check_report_add(&check->report, "converter", EII_CHECK_OK,
				     "a mail was converted in the jail");
}

/* ---- mailbox, platform, broker ------------------------------------------ */

static void check_mailbox(struct check *check)
{
	const struct eii_config_mail *box = &check->config->mail;
	EII_AUTO(eii_imap) imap = NULL;
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	rc = eii_imap_open(&check->parts->imap, &imap, &err);
	if (!rc)
		rc = eii_imap_examine(imap, box->mailbox, &folder, &err);
	if (rc) {
		failed(check, "mailbox", rc, &err);
		return;
	}
	eii_check_report_add(&check->report, "mailbox", EII_CHECK_OK,
			     "%s signed in to %s:%u, folder %s holds %u mails", box->username,
			     box->host, box->port, box->mailbox, folder.n_mails);
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
	check->is_platform_ok = true;
	check->is_registered = answer == EII_PING_OK;
	eii_check_report_add(&check->report, "platform", EII_CHECK_OK,
			     "OpenCTI %s, the token may use the API, the connector is %s", version,
			     check->is_registered ? "registered" : "not registered yet");
}

static bool is_broker_given(const struct check *check)
{
	const struct eii_queue_settings *queue = &check->parts->queue;

	return queue->host && queue->port && queue->user &&
	       eii_secret_is_given(check->config, EII_SECRET_MQ_PASSWORD);
}

/* What the settings do not say the platform tells to who is registered. */
static enum eii_rc ask_for_broker(struct check *check, struct eii_registration *out,
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

static void try_broker(struct check *check)
{
	const struct eii_queue_settings *queue = &check->parts->queue;
	struct eii_registration told = { 0 };
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };
	enum eii_rc rc = ask_for_broker(check, &told, &err);

	if (!rc)
		rc = eii_queue_open(queue, &told, NULL, NULL, &publisher, &err);
	if (rc)
		failed(check, "broker", rc, &err);
	else
		eii_check_report_add(&check->report, "broker", EII_CHECK_OK,
				     "%s signed in to %s:%u",
				     queue->user ? queue->user : told.mq_user,
				     queue->host ? queue->host : told.mq_host,
				     queue->port ? queue->port : told.mq_port);
	eii_registration_clear(&told);
}

static void check_broker(struct check *check)
{
	if (check->config->connector.protocol == EII_CONFIG_PROTOCOL_API)
		eii_check_report_add(&check->report, "broker", EII_CHECK_OK,
				     "not needed: reports go through the platform's API "
				     "(CONNECTOR_QUEUE_PROTOCOL=api)");
	else if (check->is_registered || is_broker_given(check))
		try_broker(check);
	else if (!check->is_platform_ok)
		eii_check_report_add(&check->report, "broker", EII_CHECK_NOT_TRIED,
				     "the platform tells its address");
	else
		eii_check_report_add(
			&check->report, "broker", EII_CHECK_NOT_TRIED,
			"the platform tells its address when the connector registers (MQ_HOST, "
			"MQ_PORT, MQ_USER and MQ_PASS are not all set)");
}

/* ---- all ----------------------------------------------------------------- */

static void report_settings(struct check *check, const struct eii_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		bool is_wrong = problems->items[i].level == EII_PROBLEM_WRONG;

		eii_check_report_add(&check->report, "settings",
				     is_wrong ? EII_CHECK_FAILED : EII_CHECK_WARNING, "%s",
				     problems->items[i].text);
		if (is_wrong)
			check->worst = EX_CONFIG;
	}
}

static void check_all(struct check *check)
{
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_parts_new(check->config, NULL, NULL, &check->parts, &err);

	if (rc) {
		failed(check, "settings", rc, &err);
		return;
	}
	eii_check_report_add(&check->report, "settings", EII_CHECK_OK, "%s", "");
	check_converter(check);
	check_mailbox(check);
	check_platform(check);
	check_broker(check);
	eii_parts_free(check->parts);
}

int eii_check_run(const struct eii_config *config, const struct eii_problems *problems,
		  enum eii_check_format format)
{
	struct check check = { .config = config, .worst = EX_OK };

	eii_check_report_begin(&check.report, format, stdout);
	report_settings(&check, problems);
	if (config)
		check_all(&check);
	return eii_check_report_end(&check.report, check.worst);
}
