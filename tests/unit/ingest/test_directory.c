/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/directory.h"

#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outgoing.h"
#include "support.h"

#define DAY_S 86400
#define NAME  "email_intel-20260919-082000-1789806000.25.json"

static void open_ok(struct eii_directory *directory, const struct outgoing *o)
{
	struct eii_error err;

	CHECK(eii_directory_open(directory, o->registered, &err) == EII_OK, "%s", err.text);
}

static void write_ok(struct eii_directory *directory, size_t content_bytes)
{
	struct eii_parcel *parcel = outgoing_parcel(content_bytes);
	struct eii_error err;

	CHECK(eii_directory_write(directory, parcel->report, 0, &err) == EII_OK, "%s", err.text);
	eii_parcel_unref(parcel);
}

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	bool is_match;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	is_match = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return is_match;
}

static char *content_of(const struct outgoing *o, const char *name)
{
	char *text = calloc(1, 8192);
	char path[400];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", o->path, name);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 8191, file) > 0);
	(void)fclose(file);
	return text;
}

static void test_directory__writes_a_file_as_the_official_helper_does(void **state)
{
	static const char head[] =
		"{\"bundle_type\":\"DIRECTORY_BUNDLE\",\"applicant_id\":\"user-1\",\"connector\":{"
		"\"id\":\"id-1\",\"name\":\"Email Intel\",\"type\":\"EXTERNAL_IMPORT\",\"scope\":"
		"\"email,intel\",\"auto\":false,\"validate_before_import\":false},"
		"\"entities_types\":null,\"bundle\":{\"type\":\"bundle\",\"id\":\"bundle--";
	static const char tail[] = "}]},\"update\":false}";
	EII_AUTO(eii_directory) directory = NULL;
	struct outgoing o;
	char name[256];
	char *text;

	(void)state;
	outgoing_begin(&o);
	directory = eii_directory_new(&o.settings);
	open_ok(directory, &o);
	assert_int_equal(outgoing_count(&o, name), 0); /* the probe is gone */
	write_ok(directory, 100);
	assert_int_equal(outgoing_count(&o, name), 1);
	CHECK(matches(name, "^email_intel-[0-9]{8}-[0-9]{6}-[0-9]{10}\\.[0-9]{6}\\.json$"), "%s",
	      name);
	text = content_of(&o, name);
	assert_int_equal(strncmp(text, head, sizeof(head) - 1), 0);
	assert_string_equal(text + strlen(text) - (sizeof(tail) - 1), tail);
	/* All that the report refers to is with it, as it is before the splitter. */
	assert_non_null(strstr(text, "\"type\":\"identity\""));
	assert_non_null(strstr(text, "\"type\":\"marking-definition\""));
	assert_non_null(strstr(text, "\"type\":\"report\""));
	assert_null(strstr(text, "nb_deps"));
	assert_null(strstr(text, "x_opencti_seq"));
	free(text);
	outgoing_end(&o);
}

static void test_directory__gives_no_name_twice(void **state)
{
	EII_AUTO(eii_directory) directory = NULL;
	struct outgoing o;
	char name[256];

	(void)state;
	outgoing_begin(&o);
	o.settings.wants_validation = true;
	directory = eii_directory_new(&o.settings);
	open_ok(directory, &o);
	for (int i = 0; i < 5; i++)
		write_ok(directory, 1);
	assert_int_equal(outgoing_count(&o, name), 5);
	outgoing_end(&o);
}

static void test_directory__makes_a_name_of_any_connector_s(void **state)
{
	char longest[400];
	static const struct {
		const char *connector, *pattern;
	} rows[] = {
		{ "A/B ../C", "^a_b_\\.\\._c-[0-9]" },
		{ "\xc3\x84rger", "^\xc3\xa4rger-[0-9]" },
		{ NULL, "^x{180}-[0-9]" },
	};

	(void)state;
	memset(longest, 'X', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_directory *directory;
		struct outgoing o;
		char name[256];

		outgoing_begin(&o);
		o.settings.connector_name = rows[i].connector ? rows[i].connector : longest;
		directory = eii_directory_new(&o.settings);
		open_ok(directory, &o);
		write_ok(directory, 1);
		assert_int_equal(outgoing_count(&o, name), 1);
		CHECK(matches(name, rows[i].pattern), "%s", name);
		eii_directory_free(directory);
		outgoing_end(&o);
	}
}

static void test_directory__removes_what_is_its_own_alone(void **state)
{
	static const struct {
		const char *name;
		int64_t age_s;
		bool stays;
	} rows[] = {
		{ NAME ".tmp", 0, false },
		{ NAME, 7 * DAY_S + 1, false },
		{ "email_intel-20260919-082000-1789806000.26.json", 7 * DAY_S - 60, true },
		{ "other-20260919-082000-1789806000.25.json", 30 * DAY_S, true },
		{ "other-20260919-082000-1789806000.25.json.tmp", 0, true },
		{ "email_intel-2026091-082000-1789806000.25.json", 30 * DAY_S, true },
		{ "email_intel-20260919-082000-1789806000.json", 30 * DAY_S, true },
		{ "email_intel-20260919-082000-1789806000.25.json.gz", 30 * DAY_S, true },
		{ "email_intel-20260919-082000-1789806000.25.tmp", 0, true },
		{ "email_intel-notes.json", 30 * DAY_S, true },
	};
	EII_AUTO(eii_directory) directory = NULL;
	struct outgoing o;

	(void)state;
	outgoing_begin(&o);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		outgoing_put(&o, rows[i].name, rows[i].age_s);
	directory = eii_directory_new(&o.settings);
	eii_directory_tidy(directory);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(outgoing_has(&o, rows[i].name) == rows[i].stays, "%s", rows[i].name);
	/* What another process writes under the same name meanwhile is left to it. */
	outgoing_put(&o, NAME ".tmp", 0);
	open_ok(directory, &o);
	assert_true(outgoing_has(&o, NAME ".tmp"));
	outgoing_end(&o);
}

static void test_directory__keeps_files_for_ever_by_0_and_what_is_no_file(void **state)
{
	EII_AUTO(eii_directory) directory = NULL;
	struct outgoing o;
	char path[400];

	(void)state;
	outgoing_begin(&o);
	o.settings.retention_days = 0;
	outgoing_put(&o, NAME, 3650 * (int64_t)DAY_S);
	directory = eii_directory_new(&o.settings);
	open_ok(directory, &o);
	assert_true(outgoing_has(&o, NAME));
	o.settings.retention_days = 1;
	(void)snprintf(path, sizeof(path), "%s/email_intel-20260919-082000-1789806000.27.json",
		       o.path);
	assert_int_equal(symlink("/nowhere", path), 0);
	open_ok(directory, &o);
	assert_false(outgoing_has(&o, NAME));
	assert_true(outgoing_has(&o, "email_intel-20260919-082000-1789806000.27.json"));
	outgoing_end(&o);
}

static void expect_storage(enum eii_rc rc, const struct eii_error *err, const char *words)
{
	assert_int_equal(rc, EII_RETRY);
	assert_int_equal(err->kind, EII_ERROR_STORAGE);
	CHECK(strstr(err->text, words), "%s", err->text);
	assert_non_null(strstr(err->text, "CONNECTOR_SEND_TO_DIRECTORY_PATH"));
}

static void test_directory__says_what_is_wrong_with_the_path(void **state)
{
	EII_AUTO(eii_directory) directory = NULL;
	struct outgoing o;
	struct eii_error err;
	char path[400];

	(void)state;
	outgoing_begin(&o);
	outgoing_put(&o, "file", 0);
	(void)snprintf(path, sizeof(path), "%s/file", o.path);
	o.settings.path = path;
	directory = eii_directory_new(&o.settings);
	expect_storage(eii_directory_open(directory, o.registered, &err), &err, "Not a directory");
	o.settings.path = "/nowhere/at/all";
	eii_directory_tidy(directory);
	expect_storage(eii_directory_open(directory, o.registered, &err), &err, "No such file");
	expect_storage(eii_directory_check(&o.settings, &err), &err, "No such file");
	o.settings.path = o.path;
	open_ok(directory, &o);
	outgoing_end(&o);
}

static void test_directory__leaves_nothing_of_what_does_not_fit(void **state)
{
	EII_AUTO(eii_directory) directory = NULL;
	struct eii_parcel *large = outgoing_parcel(100000);
	struct outgoing o;
	struct eii_error err;
	char name[256];

	(void)state;
	outgoing_begin(&o);
	directory = eii_directory_new(&o.settings);
	open_ok(directory, &o);
	outgoing_limit(50000);
	expect_storage(eii_directory_write(directory, large->report, 0, &err), &err,
		       "File too large");
	assert_int_equal(outgoing_count(&o, name), 0);
	/* An empty file could be made: the fault stands all the same until there is room. */
	expect_storage(eii_directory_open(directory, o.registered, &err), &err, "File too large");
	assert_int_equal(outgoing_count(&o, name), 0);
	outgoing_limit(0);
	open_ok(directory, &o);
	assert_int_equal(eii_directory_write(directory, large->report, 0, &err), EII_OK);
	assert_int_equal(outgoing_count(&o, name), 1);
	eii_parcel_unref(large);
	outgoing_end(&o);
}

static void test_directory__needs_who_is_registered(void **state)
{
	EII_AUTO(eii_registered) nobody = eii_registered_new();
	EII_AUTO(eii_directory) directory = NULL;
	struct outgoing o;
	struct eii_error err;

	(void)state;
	outgoing_begin(&o);
	directory = eii_directory_new(&o.settings);
	assert_int_equal(eii_directory_open(directory, nobody, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_OTHER);
	/* Where none is meant nothing is asked. */
	assert_int_equal(eii_directory_open(NULL, nobody, &err), EII_OK);
	outgoing_end(&o);
}

static void test_directory__a_check_touches_nothing(void **state)
{
	struct outgoing o;
	struct eii_error err;
	char name[256];

	(void)state;
	outgoing_begin(&o);
	outgoing_put(&o, NAME, 30 * (int64_t)DAY_S);
	outgoing_put(&o, NAME ".tmp", 0);
	assert_int_equal(eii_directory_check(&o.settings, &err), EII_OK);
	assert_int_equal(outgoing_count(&o, name), 2);
	outgoing_end(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory__writes_a_file_as_the_official_helper_does),
		cmocka_unit_test(test_directory__gives_no_name_twice),
		cmocka_unit_test(test_directory__makes_a_name_of_any_connector_s),
		cmocka_unit_test(test_directory__removes_what_is_its_own_alone),
		cmocka_unit_test(test_directory__keeps_files_for_ever_by_0_and_what_is_no_file),
		cmocka_unit_test(test_directory__says_what_is_wrong_with_the_path),
		cmocka_unit_test(test_directory__leaves_nothing_of_what_does_not_fit),
		cmocka_unit_test(test_directory__needs_who_is_registered),
		cmocka_unit_test(test_directory__a_check_touches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
