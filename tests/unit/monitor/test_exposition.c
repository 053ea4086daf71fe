/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/exposition.h"

#include "support.h"

static void test_exposition__prefix_joins_what_is_given(void **state)
{
	static const struct {
		const char *name_space, *subsystem, *prefix;
	} cases[] = {
		{ "", "", "" },
		{ "opencti", "", "opencti_" },
		{ "", "connector", "connector_" },
		{ "opencti", "connector", "opencti_connector_" },
		{ "a:b", "C_9", "a:b_C_9_" },
		/* No metric's name may have these. */
		{ "soc-eu.1", "m\xc3\xa4il x", "soc_eu_1_m__il_x_" },
		{ "9lives", "", "_9lives_" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *prefix = eii_exposition_prefix(cases[i].name_space, cases[i].subsystem);

		CHECK(strcmp(prefix, cases[i].prefix) == 0, "%s", prefix);
		free(prefix);
	}
}

struct fixture {
	struct eii_buf out;
	struct eii_exposition e;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	eii_buf_init(&f->out, 65536);
	f->e = (struct eii_exposition){ .out = &f->out, .prefix = "p_" };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	eii_buf_clear(&f->out);
	free(f);
	return 0;
}

static void test_exposition__a_family_is_help_type_samples(void **state)
{
	struct fixture *f = *state;
	struct eii_label labels[] = { { "a", "1" }, { "b", "2" } };

	eii_exposition_family(&f->e, "x_total", EII_METRIC_COUNTER, "What it counts");
	eii_exposition_u64(&f->e, NULL, 0, UINT64_MAX);
	eii_exposition_bare_family(&f->e, "y", EII_METRIC_GAUGE, "Without prefix");
	eii_exposition_i64(&f->e, labels, 1, -7);
	eii_exposition_i64(&f->e, labels, 2, 0);
	assert_string_equal(f->out.data, "# HELP p_x_total What it counts\n"
					 "# TYPE p_x_total counter\n"
					 "p_x_total 18446744073709551615\n"
					 "# HELP y Without prefix\n"
					 "# TYPE y gauge\n"
					 "y{a=\"1\"} -7\n"
					 "y{a=\"1\",b=\"2\"} 0\n");
}

static void test_exposition__label_values_are_escaped_and_repaired(void **state)
{
	static const struct {
		const char *value, *written;
	} cases[] = {
		{ "plain {}=,", "plain {}=," },
		{ "", "" },
		{ "say \"hi\"", "say \\\"hi\\\"" },
		{ "C:\\new", "C:\\\\new" },
		{ "two\nlines", "two\\nlines" },
		{ "Bo\xc3\xaete \xe9\x82\xae\xe4\xbb\xb6",
		  "Bo\xc3\xaete \xe9\x82\xae\xe4\xbb\xb6" },
		{ "cut \xc3", "cut ?" },
		{ "\xff\xfe\"", "??\\\"" },
		{ "surrogate \xed\xa0\x80", "surrogate ???" },
	};
	struct fixture *f = *state;

	eii_exposition_family(&f->e, "x", EII_METRIC_GAUGE, "h");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_label label = { "l", cases[i].value };
		char expected[128];

		eii_buf_reset(&f->out);
		eii_exposition_u64(&f->e, &label, 1, 1);
		(void)snprintf(expected, sizeof(expected), "p_x{l=\"%s\"} 1\n", cases[i].written);
		CHECK(strcmp(f->out.data, expected) == 0, "%s", f->out.data);
	}
}

static void test_exposition__thousandths_are_exact(void **state)
{
	static const struct {
		uint64_t milli;
		const char *written;
	} cases[] = {
		{ 0, "0" },        { 1, "0.001" },     { 10, "0.01" },      { 100, "0.1" },
		{ 1000, "1" },     { 1500, "1.5" },    { 10000, "10" },     { 1001, "1.001" },
		{ 100000, "100" }, { 12340, "12.34" }, { 7200000, "7200" },
	};
	struct fixture *f = *state;

	eii_exposition_family(&f->e, "x", EII_METRIC_GAUGE, "h");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char expected[64];

		eii_buf_reset(&f->out);
		eii_exposition_milli(&f->e, "_sum", NULL, 0, cases[i].milli);
		(void)snprintf(expected, sizeof(expected), "p_x_sum %s\n", cases[i].written);
		CHECK(strcmp(f->out.data, expected) == 0, "%s", f->out.data);
	}
}

static void test_exposition__a_histogram_is_cumulative(void **state)
{
	static const uint32_t bounds[] = { 1, 250, 10000 };
	static const uint64_t counts[] = { 3, 0, 2, 4 };
	struct fixture *f = *state;

	eii_exposition_family(&f->e, "t_seconds", EII_METRIC_HISTOGRAM, "h");
	eii_buf_reset(&f->out);
	eii_exposition_histogram(&f->e, bounds, ARRAY_LEN(bounds), counts, 61500);
	assert_string_equal(f->out.data, "p_t_seconds_bucket{le=\"0.001\"} 3\n"
					 "p_t_seconds_bucket{le=\"0.25\"} 3\n"
					 "p_t_seconds_bucket{le=\"10\"} 5\n"
					 "p_t_seconds_bucket{le=\"+Inf\"} 9\n"
					 "p_t_seconds_sum 61.5\n"
					 "p_t_seconds_count 9\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exposition__prefix_joins_what_is_given),
		cmocka_unit_test_setup_teardown(test_exposition__a_family_is_help_type_samples,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_exposition__label_values_are_escaped_and_repaired, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_exposition__thousandths_are_exact, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_exposition__a_histogram_is_cumulative, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
