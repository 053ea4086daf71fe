/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates, subjects and file names of real mails with the right reading of each
 * (golden/dates.tsv, golden/headers.tsv of the shared reference data). Skipped
 * where that is absent.
 */
#include "support.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "eii/base/buf.h"
#include "eii/base/utf8.h"
#include "eii/mail/date.h"
#include "eii/mail/header_text.h"

#define CELLS_MAX 8
#define LINE_MAX_ 65536

static int hex_digits(const char *p, int n)
{
	char digits[8] = { 0 };

	memcpy(digits, p, (size_t)n);
	return (int)strtol(digits, NULL, 16);
}

/* A cell without its escapes: \\ \t \r \n \xHH \u{HEX}. */
static void unescape(const char *cell, struct eii_buf *out)
{
	for (const char *p = cell; *p; p++) {
		if (*p != '\\') {
			eii_buf_add_char(out, *p);
			continue;
		}
		p++;
		if (*p == 'x') {
			eii_buf_add_char(out, (char)hex_digits(p + 1, 2));
			p += 2;
		} else if (*p == 'u') {
			eii_utf8_add(out, (uint32_t)strtoul(p + 2, NULL, 16));
			p = strchr(p, '}');
		} else {
			eii_buf_add_char(out, (char)(*p == 't'   ? '\t'
						     : *p == 'r' ? '\r'
						     : *p == 'n' ? '\n'
								 : *p));
		}
	}
}

/* White space runs as one space, none at the ends; U+FFFD, U+FEFF and NUL out. */
static void loosen(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (i + 2 < text.len && (!memcmp(text.data + i, "\xef\xbf\xbd", 3) ||
					 !memcmp(text.data + i, "\xef\xbb\xbf", 3)))
			i += 2;
		else if (c && !strchr(" \t\r\n\f\v", c))
			eii_buf_add_char(out, c);
		else if (c && out->len && out->data[out->len - 1] != ' ')
			eii_buf_add_char(out, ' ');
	}
	if (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

/* One row at a time, its cells cut in place; fails the test where a file cannot be read. */
struct table {
	FILE *file;
	char line[LINE_MAX_];
	char *cells[CELLS_MAX];
};

static void open_table(struct table *table, const char *name)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/golden/%s", EII_SHARED_DIR, name);
	table->file = fopen(path, "r");
	assert_non_null(table->file);
	assert_non_null(fgets(table->line, sizeof(table->line), table->file));
}

static bool next_row(struct table *table)
{
	char *p = table->line;

	if (!fgets(table->line, sizeof(table->line), table->file)) {
		(void)fclose(table->file);
		return false;
	}
	p[strcspn(p, "\n")] = '\0';
	for (size_t i = 0; i < CELLS_MAX; i++) {
		table->cells[i] = p;
		p += strcspn(p, "\t");
		if (*p)
			*p++ = '\0';
	}
	return true;
}

static void format_utc(const struct eii_date *date, char out[64])
{
	struct tm parts;
	time_t seconds = (time_t)date->unix_s;

	assert_non_null(gmtime_r(&seconds, &parts));
	(void)snprintf(out, 64, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
		       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static void test_vectors__dates_are_read_right(void **state)
{
	static struct table table;
	size_t n = 0;

	(void)state;
	open_table(&table, "dates.tsv");
	while (next_row(&table)) {
		char **cell = table.cells;
		struct eii_date date;
		struct eii_buf raw;
		char got[64] = "internaldate";

		eii_buf_init(&raw, LINE_MAX_);
		unescape(cell[0], &raw);
		if (eii_date_parse(eii_buf_text(&raw), &date))
			format_utc(&date, got);
		CHECK(!strcmp(got, cell[2]) ||
			      (!strcmp(cell[3], "either") && !strcmp(got, cell[1])),
		      "'%s' gave %s, not %s", cell[0], got, cell[2]);
		eii_buf_clear(&raw);
		n++;
	}
	assert_true(n >= 190);
}

static void read_header(const char *kind, struct eii_text raw, struct eii_buf *out)
{
	struct eii_header_params params;
	struct eii_buf field;

	if (!strcmp(kind, "subject")) {
		eii_header_text_decode(raw, out);
		return;
	}
	eii_buf_init(&field, LINE_MAX_);
	eii_buf_add_str(&field, "attachment; ");
	eii_buf_add_text(&field, raw);
	eii_header_params_init(&params, eii_buf_text(&field));
	(void)eii_header_params_find(&params, "filename", out);
	eii_buf_clear(&field);
}

static bool is_same(struct eii_text got, const char *cell)
{
	struct eii_buf wanted;
	struct eii_buf loose_wanted;
	struct eii_buf loose_got;
	bool same;

	eii_buf_init(&wanted, LINE_MAX_);
	eii_buf_init(&loose_wanted, LINE_MAX_);
	eii_buf_init(&loose_got, LINE_MAX_);
	if (strcmp(cell, "(none)") != 0)
		unescape(cell, &wanted);
	loosen(eii_buf_text(&wanted), &loose_wanted);
	loosen(got, &loose_got);
	same = eii_text_equal(eii_buf_text(&loose_wanted), eii_buf_text(&loose_got));
	eii_buf_clear(&wanted);
	eii_buf_clear(&loose_wanted);
	eii_buf_clear(&loose_got);
	return same;
}

static void test_vectors__subjects_and_file_names_are_read_right(void **state)
{
	static struct table table;
	size_t n = 0;

	(void)state;
	open_table(&table, "headers.tsv");
	while (next_row(&table)) {
		char **cell = table.cells;
		struct eii_buf raw;
		struct eii_buf got;

		eii_buf_init(&raw, LINE_MAX_);
		eii_buf_init(&got, LINE_MAX_);
		unescape(cell[1], &raw);
		read_header(cell[0], eii_buf_text(&raw), &got);
		CHECK(is_same(eii_buf_text(&got), cell[3]) ||
			      (!strcmp(cell[4], "either") && is_same(eii_buf_text(&got), cell[2])),
		      "%s '%s' gave '%s', not '%s'", cell[0], cell[1], got.data, cell[3]);
		CHECK(eii_utf8_is_valid(eii_buf_text(&got)), "'%s'", cell[1]);
		CHECK(!memchr(got.data, '\0', got.len), "'%s' gave NUL", cell[1]);
		eii_buf_clear(&raw);
		eii_buf_clear(&got);
		n++;
	}
	assert_true(n >= 148);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors__dates_are_read_right),
		cmocka_unit_test(test_vectors__subjects_and_file_names_are_read_right),
	};

	if (access(EII_SHARED_DIR "/golden/dates.tsv", R_OK)) {
		(void)puts("skipped: no reference data in " EII_SHARED_DIR);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
