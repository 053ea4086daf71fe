/* SPDX-License-Identifier: Apache-2.0 */
#include "check_report.h"

#include <stdarg.h>
#include <sysexits.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/utf8.h"

#define SCHEMA 1

void eii_check_report_begin(struct eii_check_report *report, enum eii_check_format format,
			    FILE *out)
{
	report->format = format;
	report->out = out;
	if (format == EII_CHECK_LINES)
		return;
	eii_stream_sink_init(&report->sink, out);
	eii_json_writer_init(&report->json, &report->sink.base);
	eii_json_object_begin(&report->json);
	eii_json_key(&report->json, "schema");
	eii_json_u64(&report->json, SCHEMA);
	eii_json_key(&report->json, "checks");
	eii_json_array_begin(&report->json);
}

static void add_member(struct eii_json_writer *json, const char *name, const char *value)
{
	eii_json_key(json, name);
	eii_json_str(json, value);
}

void eii_check_report_add(struct eii_check_report *report, const char *name,
			  enum eii_check_state state, const char *format, ...)
{
	static const char *const lines[EII_CHECK_STATES] = { "ok", "warning", "FAILED",
							     "not tried" };
	static const char *const words[EII_CHECK_STATES] = { "ok", "warning", "failed",
							     "not_tried" };
	EII_AUTO_STR detail = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&detail, format, args) < 0)
		eii_alloc_check(NULL);
	va_end(args);
	eii_utf8_make_line(detail);
	if (report->format == EII_CHECK_LINES) {
		(void)fprintf(report->out, "%s: %s%s%s\n", name, lines[state], *detail ? ": " : "",
			      detail);
		(void)fflush(report->out);
		return;
	}
	eii_json_object_begin(&report->json);
	add_member(&report->json, "name", name);
	add_member(&report->json, "state", words[state]);
	add_member(&report->json, "detail", detail);
	eii_json_object_end(&report->json);
}

static enum eii_rc end_json(struct eii_check_report *report, int code, struct eii_error *err)
{
	eii_json_array_end(&report->json);
	eii_json_key(&report->json, "exit_code");
	eii_json_i64(&report->json, code);
	eii_json_object_end(&report->json);
	return eii_json_writer_finish(&report->json, err);
}

int eii_check_report_end(struct eii_check_report *report, int code)
{
	struct eii_error err = { 0 };

	if (report->format == EII_CHECK_JSON &&
	    (end_json(report, code, &err) || fputc('\n', report->out) == EOF))
		return EX_IOERR;
	return fflush(report->out) || ferror(report->out) ? EX_IOERR : code;
}
