/* SPDX-License-Identifier: Apache-2.0 */
#include "check_report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <sysexits.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/colour.h"
#include "eii/base/utf8.h"
#include "eii/config/settings.h"

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

/* One thing that was tried. */
struct finding {
	const char *name;
	enum eii_check_state state;
	const char *detail;
	struct eii_text setting; /* may be empty, as the next */
	const char *cure;
	bool is_cure_said; /* by the detail, for a person */
};

static void add_line(struct eii_check_report *report, const struct finding *finding)
{
	static const char *const words[EII_CHECK_STATES] = { "ok", "warning", "FAILED",
							     "not tried" };
	static const enum eii_colour colours[EII_CHECK_STATES] = {
		EII_COLOUR_GREEN, EII_COLOUR_YELLOW, EII_COLOUR_RED, EII_COLOUR_YELLOW
	};
	struct eii_paint paint = eii_colour_paint(fileno(report->out), colours[finding->state]);
	const char *cure = finding->is_cure_said ? "" : finding->cure;

	(void)fprintf(report->out, "%s: %s%s%s%s%s%s%s\n", finding->name, paint.begin,
		      words[finding->state], paint.end, *finding->detail ? ": " : "",
		      finding->detail, *cure ? ": " : "", cure);
	(void)fflush(report->out);
}

static void add_member(struct eii_json_writer *json, const char *name, struct eii_text value)
{
	eii_json_key(json, name);
	eii_json_text(json, value);
}

static void add_object(struct eii_json_writer *json, const struct finding *finding)
{
	static const char *const words[EII_CHECK_STATES] = { "ok", "warning", "failed",
							     "not_tried" };

	eii_json_object_begin(json);
	add_member(json, "name", eii_text_of(finding->name));
	add_member(json, "state", eii_text_of(words[finding->state]));
	add_member(json, "detail", eii_text_of(finding->detail));
	add_member(json, "setting", finding->setting);
	add_member(json, "do", eii_text_of(finding->cure));
	eii_json_object_end(json);
}

void eii_check_report_add(struct eii_check_report *report, const char *name,
			  enum eii_check_state state, const struct eii_check_cure *cure,
			  const char *format, ...)
{
	struct finding finding = { .name = name, .state = state, .cure = "" };
	EII_AUTO_STR detail = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&detail, format, args) < 0)
		eii_alloc_check(NULL);
	va_end(args);
	eii_utf8_make_line(detail);
	finding.detail = detail;
	finding.setting = eii_text("", 0);
	if (state != EII_CHECK_OK)
		finding.setting = eii_settings_named_in(detail);
	finding.is_cure_said = finding.setting.len > 0;
	if (cure && cure->setting && !finding.is_cure_said)
		finding.setting = eii_text_of(cure->setting);
	if (cure && cure->what)
		finding.cure = cure->what;
	if (report->format == EII_CHECK_LINES)
		add_line(report, &finding);
	else
		add_object(&report->json, &finding);
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
