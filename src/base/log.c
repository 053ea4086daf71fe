/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/colour.h"
#include "eii/base/json_writer.h"
#include "eii/base/utf8.h"
#include "log_queue.h"

/* A line is never longer: a field of a hostile mail is cut, not the line. */
#define MAX_LINE  16384
#define MAX_FIELD 2048
#define MIN_FIELD 16 /* each of 60 fields can have so much, whatever it holds */

#define KEEP_BYTES 65536 /* of the writing thread's memory, after an outage */

static struct {
	_Atomic enum eii_log_level level;
	enum eii_log_format format;
	const char *name;
	char *owned_name;
} log_state = { .level = EII_LOG_ERROR, .format = EII_LOG_JSON, .name = "email-intel-imap" };

void eii_log_init(enum eii_log_level level, enum eii_log_format format, const char *name)
{
	log_state.level = level;
	log_state.format = format;
	free(log_state.owned_name);
	log_state.owned_name = eii_strdup(name);
	log_state.name = log_state.owned_name;
}

/* What one line says; plain data. */
struct line {
	enum eii_log_level level;
	const char *event;
	const char *message;
	const struct eii_log_field *fields;
	size_t n_fields;
};

bool eii_log_enabled(enum eii_log_level level)
{
	return level >= log_state.level;
}

static const char *level_name(enum eii_log_level level)
{
	static const char *const names[] = { "DEBUG", "INFO", "WARNING", "ERROR" };

	return names[level];
}

/* Invalid bytes become U+FFFD, so that every line is JSON. */
static void add_repaired(struct eii_json_writer *json, struct eii_text text, size_t max)
{
	if (text.len > max)
		text.len = eii_utf8_cut(text, max);
	eii_json_string_begin(json);
	while (text.len) {
		size_t n = eii_utf8_valid_prefix(text.data, text.len);

		eii_json_string_add(json, eii_text(text.data, n));
		text.data += n;
		text.len -= n;
		if (text.len) {
			eii_json_string_add(json, eii_text_of("\xef\xbf\xbd"));
			text.data++;
			text.len--;
		}
	}
	eii_json_string_end(json);
}

static void add_field(struct eii_json_writer *json, const struct eii_log_field *field, size_t max)
{
	if (field->type == EII_LOG_FIELD_STR && !field->text.data)
		return;
	eii_json_key(json, field->key);
	switch (field->type) {
	case EII_LOG_FIELD_I64:
		eii_json_i64(json, field->i64);
		break;
	case EII_LOG_FIELD_U64:
		eii_json_u64(json, field->u64);
		break;
	case EII_LOG_FIELD_STR:
	case EII_LOG_FIELD_TEXT:
		add_repaired(json, field->text, max);
		break;
	}
}

/* 2026-08-20T13:56:00.123456Z, as the official helper writes it. */
static void add_timestamp(struct eii_json_writer *json)
{
	int64_t now_us = eii_clock_unix_us();
	time_t seconds = (time_t)(now_us / 1000000);
	char date[32], text[48];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	(void)snprintf(text, sizeof(text), "%s.%06dZ", date, (int)(now_us % 1000000));
	eii_json_key(json, "timestamp");
	eii_json_str(json, text);
}

static void write_attributes(struct eii_json_writer *json, const struct line *line, size_t max)
{
	eii_json_object_begin(json);
	eii_json_key(json, "event");
	eii_json_str(json, line->event);
	for (size_t i = 0; i < line->n_fields; i++)
		add_field(json, &line->fields[i], max);
	eii_json_object_end(json);
}

static void write_json_line(struct eii_json_writer *json, const struct line *line, size_t max)
{
	eii_json_object_begin(json);
	add_timestamp(json);
	eii_json_key(json, "level");
	eii_json_str(json, level_name(line->level));
	eii_json_key(json, "name");
	add_repaired(json, eii_text_of(log_state.name), max);
	eii_json_key(json, "message");
	add_repaired(json, eii_text_of(line->message), max);
	eii_json_key(json, "attributes");
	write_attributes(json, line, max);
	eii_json_object_end(json);
}

/* A full or closed standard error is no reason to stop. */
static void write_now(const char *text, size_t len)
{
	if (write(STDERR_FILENO, text, len) < 0)
		(void)0;
}

static void hand_over(const char *text, size_t len)
{
	if (eii_log_queue_is_open())
		eii_log_queue_put(text, len);
	else
		write_now(text, len);
}

/* At a terminal what is doubtful or wrong stands out. */
static void add_plain_head(struct eii_buf *out, const struct line *line, size_t max)
{
	static const enum eii_colour colours[] = {
		[EII_LOG_WARN] = EII_COLOUR_YELLOW,
		[EII_LOG_ERROR] = EII_COLOUR_RED,
	};
	struct eii_paint paint = eii_colour_paint(STDERR_FILENO, colours[line->level]);

	eii_buf_addf(out, "%s%s%s:%.*s:%.*s ", paint.begin, level_name(line->level), paint.end,
		     (int)max, log_state.name, (int)max, line->message);
}

/* False where the line does not fit, with texts of at most max bytes. */
static bool make_line(struct eii_buf *out, const struct line *line, size_t max)
{
	struct eii_json_writer json;
	struct eii_buf_sink sink;

	eii_buf_sink_init(&sink, out);
	if (log_state.format == EII_LOG_PLAIN)
		add_plain_head(out, line, max);
	eii_json_writer_init(&json, &sink.base);
	if (log_state.format == EII_LOG_PLAIN)
		write_attributes(&json, line, max);
	else
		write_json_line(&json, line, max);
	if (eii_json_writer_finish(&json, NULL))
		return false;
	eii_buf_add_char(out, '\n');
	return eii_buf_ok(out);
}

/* The longer its texts, the more is cut off them: the line is never lost. */
static bool make_fitting_line(struct eii_buf *out, const struct line *line)
{
	for (size_t max = MAX_FIELD; max >= MIN_FIELD; max /= 2) {
		eii_buf_reset(out);
		if (make_line(out, line, max))
			return true;
	}
	return false;
}

void eii_log_write(enum eii_log_level level, const char *event, const char *message,
		   const struct eii_log_field *fields, size_t n_fields)
{
	const struct line line = { level, event, message, fields, n_fields };
	struct eii_buf out;

	eii_buf_init(&out, MAX_LINE);
	if (make_fitting_line(&out, &line))
		hand_over(out.data, out.len);
	eii_buf_clear(&out);
}

void eii_log_terminal(const char *text)
{
	hand_over(text, strlen(text));
}

/* ---- the writing thread ------------------------------------------------ */

void eii_log_defer(void)
{
	eii_log_queue_open();
}

/* Waits as long as it takes: nobody else does. */
static void write_all(const char *text, size_t len)
{
	while (len) {
		struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n < 0 && errno == EAGAIN)
			(void)poll(&fd, 1, -1);
		else if (n < 0 && errno != EINTR)
			return;
		else if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void say_dropped(uint64_t n_dropped)
{
	const struct eii_log_field field = EII_U64("lines", n_dropped);
	const struct line line = { EII_LOG_WARN, "log.dropped",
				   "Standard error was not read: lines are lost", &field, 1 };
	struct eii_buf out;

	eii_buf_init(&out, MAX_LINE);
	if (make_fitting_line(&out, &line))
		write_all(out.data, out.len);
	eii_buf_clear(&out);
}

void *eii_log_run(void *unused)
{
	struct eii_buf lines;
	uint64_t n_dropped;

	(void)unused;
	eii_buf_init(&lines, EII_LOG_QUEUE_BYTES);
	while (eii_log_queue_take(&lines, &n_dropped)) {
		write_all(lines.data, lines.len);
		eii_buf_shrink(&lines, KEEP_BYTES);
		if (n_dropped)
			say_dropped(n_dropped);
	}
	eii_buf_clear(&lines);
	eii_log_queue_end();
	return NULL;
}

bool eii_log_finish(int wait_ms)
{
	return !eii_log_queue_is_open() || eii_log_queue_close(wait_ms);
}
