/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/convert_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/base/clock.h"
#include "eii/base/colour.h"
#include "eii/base/stream_sink.h"
#include "eii/fields/limits.h"
#include "eii/ingest/words.h"

/* What was done so far. */
struct work {
	struct eii_converter *converter;   /* borrowed */
	const struct eii_convert_how *how; /* borrowed */
	uint64_t n_reports;
	uint64_t n_fallbacks[EII_FALLBACKS]; /* by their reason */
	uint64_t n_kept, n_left_out;         /* attachments */
};

/* The whole file into mail; false with the reason in err. */
static bool read_file(const char *name, struct eii_buf *mail, int64_t *out_mtime,
		      struct eii_error *err)
{
	EII_AUTO_FD fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info)) {
		(void)eii_fail(err, EII_REJECT, "%s: %s", name, strerror(errno));
		return false;
	}
	for (;;) {
		char *room = eii_buf_reserve(mail, 65536);
		ssize_t n;

		if (!room) {
			(void)eii_fail(err, EII_REJECT, "%s: more than %zu bytes", name, mail->max);
			return false;
		}
		n = read(fd, room, 65536);
		if (n < 0) {
			(void)eii_fail(err, EII_REJECT, "%s: %s", name, strerror(errno));
			return false;
		}
		if (n == 0)
			break;
		mail->len += (size_t)n;
	}
	*out_mtime = info.st_mtime;
	return true;
}

/* How the daemon would judge it in the folder, said to whoever has rules or filters. */
static struct eii_verdict judge(const struct eii_convert_how *how, const char *name,
				const struct eii_conversion *conversion, size_t mail_bytes,
				int64_t mtime)
{
	const struct eii_judged_mail mail = {
		.fields = conversion->fields,
		.has_headers = conversion->has_headers,
		.folder = eii_text_of(how->folder),
		.size_bytes = mail_bytes,
		.internal_unix_s = mtime,
		.now_unix_s = eii_clock_unix_s(),
	};
	struct eii_verdict verdict = eii_judge(how->selection, &mail);

	if (verdict.rule)
		(void)fprintf(stderr, "email-intel-imap: %s: rule %.*s\n", name,
			      EII_TEXT_ARGS(verdict.rule->name));
	else if (how->selection->rules->n && !verdict.left_out)
		(void)fprintf(stderr, "email-intel-imap: %s: no rule\n", name);
	if (verdict.left_out)
		(void)fprintf(stderr, "email-intel-imap: %s: left out: %s\n", name,
			      eii_left_out_words(verdict.left_out, conversion->fields));
	return verdict;
}

/* Said where it is not what the settings say. */
static void say_own_tlp(const char *name, const struct eii_report *report)
{
	enum eii_tlp tlp = eii_report_own_tlp(report);

	if (tlp != EII_TLP_NONE)
		(void)fprintf(stderr, "email-intel-imap: %s: %s, as the mail says\n", name,
			      eii_tlp_name(tlp));
}

static enum eii_rc print_report(const struct eii_convert_how *how, const struct eii_rule *rule,
				const char *name, const struct eii_conversion *conversion,
				struct eii_text mail, int64_t mtime, struct eii_error *err)
{
	const struct eii_report_settings *settings = how->report;
	struct eii_report_source source = {
		.fields = conversion->fields,
		.shape = rule ? &settings->shapes[rule - how->selection->rules->items] : NULL,
		.internal_unix_s = mtime,
		.mail_bytes = mail.len,
		.raw = mail,
		.now_us = eii_clock_unix_us(),
	};
	EII_AUTO(eii_report) report = NULL;
	struct eii_stream_sink sink;
	enum eii_rc rc;

	if (conversion->reason != EII_FALLBACK_NONE)
		source.fallback = eii_fallback_text(conversion->reason);
	rc = eii_report_new(settings, &source, &report, err);
	if (rc)
		return rc;
	say_own_tlp(name, report);
	eii_stream_sink_init(&sink, stdout);
	rc = eii_report_write_object(report, &sink.base, err);
	if (!rc)
		rc = eii_sink_write(&sink.base, "\n", 1, err);
	return rc;
}

static int complain(const struct eii_error *err, int code)
{
	(void)fprintf(stderr, "email-intel-imap: %s\n", err->text);
	return code;
}

static void count(struct work *work, const struct eii_conversion *conversion)
{
	work->n_reports++;
	work->n_fallbacks[conversion->reason]++;
	for (size_t i = 0; i < conversion->fields->n_attachments; i++) {
		if (conversion->fields->attachments[i].fate == EII_ATTACHMENT_KEPT)
			work->n_kept++;
		else
			work->n_left_out++;
	}
}

static int convert_file(struct work *work, const char *name, struct eii_buf *mail)
{
	struct eii_conversion conversion;
	struct eii_verdict verdict;
	struct eii_error err;
	int64_t mtime;
	enum eii_rc rc = EII_OK;

	eii_buf_reset(mail);
	if (!read_file(name, mail, &mtime, &err))
		return complain(&err, EX_NOINPUT);
	if (eii_converter_convert_one(work->converter, eii_buf_text(mail), &conversion, &err))
		return complain(&err, EX_SOFTWARE);
	verdict = judge(work->how, name, &conversion, mail->len, mtime);
	if (!verdict.left_out)
		rc = print_report(work->how, verdict.rule, name, &conversion, eii_buf_text(mail),
				  mtime, &err);
	if (!rc && !verdict.left_out)
		count(work, &conversion);
	eii_fields_free(conversion.fields);
	return rc ? complain(&err, EX_IOERR) : EX_OK;
}

/* For a person at a terminal, in the words of --once. */
static void sum_up(const struct work *work, size_t n_files, int64_t ms)
{
	uint64_t n = work->n_reports - work->n_fallbacks[EII_FALLBACK_NONE];
	struct eii_paint paint =
		eii_colour_paint(STDERR_FILENO, n ? EII_COLOUR_YELLOW : EII_COLOUR_NONE);

	(void)fprintf(stderr, "%zu mails, %" PRIu64 " reports printed; %s%" PRIu64 " fallbacks",
		      n_files, work->n_reports, paint.begin, n);
	for (unsigned reason = EII_FALLBACK_NONE + 1; reason < EII_FALLBACKS; reason++) {
		if (work->n_fallbacks[reason])
			(void)fprintf(stderr, ", %" PRIu64 " %s", work->n_fallbacks[reason],
				      eii_words_mail_label(reason));
	}
	(void)fprintf(stderr, "%s\n%" PRIu64 " attachments kept, %" PRIu64 " not; %.1f s\n",
		      paint.end, work->n_kept, work->n_left_out, (double)ms / 1000.0);
}

int eii_convert_files(const struct eii_convert_how *how, const char *const *names, size_t n)
{
	EII_AUTO(eii_converter) converter = eii_converter_new(how->converter);
	struct work work = { .converter = converter, .how = how };
	int64_t begun_ms = eii_clock_monotonic_ms();
	struct eii_buf mail;
	int worst = EX_OK;

	eii_buf_init(&mail, EII_LIMIT_MAIL_BYTES_MAX);
	for (size_t i = 0; i < n; i++) {
		int code = convert_file(&work, names[i], &mail);

		if (code != EX_OK && worst != EX_SOFTWARE)
			worst = code;
		if (code == EX_SOFTWARE || code == EX_IOERR)
			break;
	}
	eii_buf_clear(&mail);
	if (fflush(stdout) != 0 && worst == EX_OK)
		worst = EX_IOERR;
	if (isatty(STDERR_FILENO))
		sum_up(&work, n, eii_clock_monotonic_ms() - begun_ms);
	return worst;
}
