/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/check.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "check_run.h"
#include "check_servers.h"
#include "eii/app/parts.h"

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

static enum eii_rc try_converter(struct eii_check *check, struct eii_converter_info *out_info,
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

static void check_converter(struct eii_check *check)
{
	static const struct eii_check_cure relaxed = {
		.what = "run a build that is not for tests",
	};
	static const struct eii_check_cure no_landlock = {
		.what = "take a kernel from 5.13 on with landlock, and a runtime that allows it",
	};
	struct eii_converter_info info = { 0 };
	struct eii_error err = { 0 };
	enum eii_rc rc = try_converter(check, &info, &err);

	if (rc)
		eii_check_fail(check, EII_CHECK_CONVERTER, rc, &err);
	else if (info.is_relaxed)
		eii_check_report_add(&check->report, "converter", EII_CHECK_WARNING, &relaxed,
				     "it works, but its jail is relaxed");
	else if (!info.landlock_abi)
		eii_check_report_add(&check->report, "converter", EII_CHECK_WARNING, &no_landlock,
				     "it works; this kernel has no landlock, or the container's "
				     "runtime forbids it: the rest of the jail holds");
	else
		eii_check_report_add(&check->report, "converter", EII_CHECK_OK, NULL,
				     "a mail was converted in the jail");
}

/* ---- all ----------------------------------------------------------------- */

static void report_settings(struct eii_check *check, const struct eii_problems *problems)
{
	static const struct eii_check_cure wrong = {
		.what = "correct it, or take it away: nothing starts before",
	};
	static const struct eii_check_cure doubtful = {
		.what = "correct it, or take it away, unless it is meant so",
	};

	for (size_t i = 0; i < problems->n; i++) {
		bool is_wrong = problems->items[i].level == EII_PROBLEM_WRONG;

		eii_check_report_add(&check->report, "settings",
				     is_wrong ? EII_CHECK_FAILED : EII_CHECK_WARNING,
				     is_wrong ? &wrong : &doubtful, "%s", problems->items[i].text);
		if (is_wrong)
			check->worst = EX_CONFIG;
	}
}

static void check_all(struct eii_check *check)
{
	struct eii_error err = { 0 };
	const struct eii_watch watch = { .peers = check->peers };
	enum eii_rc rc = eii_parts_new(check->config, NULL, &watch, &check->parts, &err);

	if (rc) {
		eii_check_fail(check, EII_CHECK_SETTINGS, rc, &err);
		return;
	}
	eii_check_report_add(&check->report, "settings", EII_CHECK_OK, NULL, "%s", "");
	check_converter(check);
	eii_check_mailbox(check);
	eii_check_platform(check);
	eii_check_broker(check);
	eii_check_directory(check);
	eii_parts_free(check->parts);
}

int eii_check_run(const struct eii_config *config, const struct eii_problems *problems,
		  enum eii_check_format format, enum eii_check_mode mode)
{
	struct eii_check check = { .config = config, .mode = mode, .worst = EX_OK };

	eii_check_report_begin(&check.report, format, stdout);
	report_settings(&check, problems);
	if (config)
		check_all(&check);
	return eii_check_report_end(&check.report, check.worst);
}
