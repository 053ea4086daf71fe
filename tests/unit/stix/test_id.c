/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/id.h"

#include "eii/base/buf.h"
#include "eii/base/utf8.h"
#include "eii/codec/uuid.h"
#include "support.h"

#define COLUMNS 6

static void test_id__of_reports_is_the_platforms(void **state)
{
	(void)state;
	static const struct {
		const char *name, *published, *id;
	} cases[] = {
		{ "Weekly CTI Digest", "2026-08-20T13:56:00.000Z",
		  "report--7c7a5d61-f17c-5d74-ae12-d9e7c467333c" },
		{ "\tWeekly CTI Digest\r\n", "2026-08-20T13:56:00.000Z",
		  "report--7c7a5d61-f17c-5d74-ae12-d9e7c467333c" },
		{ "", "2026-08-20T13:56:00.000Z", "report--db6aa9e9-4b8b-56c0-95ef-f36ea2b1556f" },
		{ "quote \" inside", "2026-08-20T13:56:00.000Z",
		  "report--dca86c7e-8f00-511c-b66e-64331649e1b0" },
		{ "bell\a", "2026-08-20T13:56:00.000Z",
		  "report--45a0d00a-213d-5bc5-bbbe-ef415dbac044" },
	};
	char id[EII_ID_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		eii_id_report(eii_text_of(cases[i].name), cases[i].published, id);
		CHECK(strcmp(id, cases[i].id) == 0, "'%s' gave %s", cases[i].name, id);
	}
}

static void test_id__of_the_author_is_the_official_ones(void **state)
{
	(void)state;
	char id[EII_ID_BYTES];

	eii_id_identity(eii_text_of("Email Intel IMAP"), "organization", id);
	assert_string_equal(id, "identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997");
	eii_id_identity(eii_text_of("Email Intel IMAP"), "individual", id);
	assert_string_equal(id, "identity--5fc07b28-3097-5e34-9481-921209b2e965");
}

static void test_id__of_bundles_is_new_each_time(void **state)
{
	(void)state;
	char first[EII_ID_BYTES], second[EII_ID_BYTES];

	eii_id_bundle(first);
	eii_id_bundle(second);
	assert_string_not_equal(first, second);
	assert_true(eii_uuid_is_valid(eii_text_of(first + strlen("bundle--"))));
}

/* ---- the reference vectors --------------------------------------------- */

/* \xHH is a byte, \u{HEX} a character that nobody sees. */
static const char *unescape_number(const char *p, struct eii_buf *out)
{
	char *end = NULL;

	if (p[1] == 'u') {
		eii_utf8_add(out, (uint32_t)strtoul(p + 3, &end, 16));
		return end + 1;
	}
	{
		char hex[3] = { p[2], p[3], '\0' };

		eii_buf_add_char(out, (char)strtoul(hex, NULL, 16));
	}
	return p + 4;
}

static void unescape(const char *p, struct eii_buf *out)
{
	eii_buf_reset(out);
	while (*p) {
		if (*p != '\\') {
			eii_buf_add_char(out, *p++);
			continue;
		}
		if (p[1] == 'x' || p[1] == 'u') {
			p = unescape_number(p, out);
			continue;
		}
		eii_buf_add_char(out, p[1] == 't'   ? '\t'
				      : p[1] == 'r' ? '\r'
				      : p[1] == 'n' ? '\n'
						    : p[1]);
		p += 2;
	}
}

static void check_row(char *const columns[COLUMNS], struct eii_buf *name)
{
	char id[EII_ID_BYTES] = "";

	unescape(columns[1], name);
	if (strcmp(columns[0], "report") == 0)
		eii_id_report(eii_buf_text(name), columns[2], id);
	else if (strcmp(columns[0], "identity") == 0)
		eii_id_identity(eii_buf_text(name), columns[2], id);
	else
		return;
	CHECK(strcmp(id, columns[5]) == 0, "%s '%s' %s gave %s, not %s", columns[0], columns[1],
	      columns[2], id, columns[5]);
}

/* Counts the rows checked; false where the file is absent. */
static bool check_vectors(size_t *out_n)
{
	FILE *file = fopen(EII_SHARED_DIR "/golden/ids.tsv", "r");
	char *line = NULL;
	size_t size = 0;
	struct eii_buf name;

	if (!file)
		return false;
	eii_buf_init(&name, 1u << 20);
	*out_n = 0;
	while (getline(&line, &size, file) > 0) {
		char *columns[COLUMNS] = { 0 };
		char *rest = line;
		size_t n = 0;

		line[strcspn(line, "\n")] = '\0';
		while (n < COLUMNS && rest)
			columns[n++] = strsep(&rest, "\t");
		CHECK(n == COLUMNS, "%zu columns", n);
		if (strcmp(columns[0], "type") == 0)
			continue;
		check_row(columns, &name);
		(*out_n)++;
	}
	free(line);
	(void)fclose(file);
	eii_buf_clear(&name);
	return true;
}

static void test_id__agrees_with_every_reference_vector(void **state)
{
	(void)state;
	size_t n = 0;

	if (!check_vectors(&n)) {
		print_message("no reference data at " EII_SHARED_DIR "\n");
		skip();
	}
	assert_int_equal(n, 197);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id__of_reports_is_the_platforms),
		cmocka_unit_test(test_id__of_the_author_is_the_official_ones),
		cmocka_unit_test(test_id__of_bundles_is_new_each_time),
		cmocka_unit_test(test_id__agrees_with_every_reference_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
