/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/header_text.h"

#include "support.h"

#include "eii/base/utf8.h"
#include "eii/fields/limits.h"

static void test_header_text__decodes_leniently(void **state)
{
	static const struct {
		const char *value;
		const char *wanted;
	} cases[] = {
		{ " plain \r\n", "plain" },
		{ "folded\r\n once\r\n\t twice", "folded once twice" },
		{ "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Gr\xc3\xbc\xc3\x9f"
						 "e" },
		{ "=?utf-8?B?5L0=?=\r\n =?UTF-8?b?oA==?=", "\xe4\xbd\xa0" },
		{ "=?gb2312?B?1g==?= =?GBK?B?0A==?=", "\xe4\xb8\xad" },
		{ "=?nowhere?Q?=C3?= =?NoWhere?Q?=BC?=", "\xc3\xbc" },
		{ "=?nowhere?Q?=C3?= =?elsewhere?Q?=BC?=", "\xc3\x83\xc2\xbc" },
		{ "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c" },
		{ "x=?utf-8*en?Q?_?=y (=?utf-8?Q?z?=)", "x y (z)" },
		{ "=?iso-8859-1?Q?=FC?= =?utf-8?Q?=C3=BC?=", "\xc3\xbc\xc3\xbc" },
		{ "=??Q?caf=E9?=", "caf\xc3\xa9" },
		{ "=?utf-8?X?a?= =?utf-8?Q?a", "=?utf-8?X?a?= =?utf-8?Q?a" },
		{ "=?utf-8?Q?one=0D=0Atwo?=", "one  two" },
		{ "=?utf-8?Q?nul=00?=", "nul\xef\xbf\xbd" },
		{ "raw \xe9", "raw \xc3\xa9" },
		{ "raw \xc3\xa9", "raw \xc3\xa9" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_header_text_decode(eii_text_of(cases[i].value), &out);
		CHECK(!strcmp(out.data, cases[i].wanted), "'%s' gave '%s'", cases[i].value,
		      out.data);
		eii_buf_clear(&out);
	}
}

static void test_header_text__reads_raw_bytes_by_the_label(void **state)
{
	static const struct {
		const char *value;
		const char *label;
		const char *wanted;
	} cases[] = {
		{ "\xb1\xa8\xb8\xe6", "gb2312", "\xe6\x8a\xa5\xe5\x91\x8a" },
		{ "\xb1\xa8 =?utf-8?Q?=C3=BC?=\r\n \xb8\xe6", "gb2312",
		  "\xe6\x8a\xa5 \xc3\xbc \xe5\x91\x8a" },
		{ "\xc3\xbc", "gb2312", "\xc3\xbc" },
		{ "\xfc", "", "\xc3\xbc" },
		{ "=?koi8-r?Q?=CF?= \xcf", "windows-1251", "\xd0\xbe \xd0\x9f" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_header_text_decode_as(eii_text_of(cases[i].value), eii_text_of(cases[i].label),
					  &out);
		CHECK(!strcmp(out.data, cases[i].wanted), "'%s' gave '%s'", cases[i].value,
		      out.data);
		eii_buf_clear(&out);
	}
}

static void test_header_text__reads_raw_parameters_by_the_label(void **state)
{
	static const char *const cases[] = {
		"attachment; filename=\"\xcf\"",
		"attachment; filename*0=\"\xcf\"; filename*1=\"\"",
		"attachment; filename*=koi8-r''%CF",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_header_params params;
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_header_params_init(&params, eii_text_of(cases[i]));
		params.label = eii_text_of("koi8-r");
		CHECK(eii_header_params_find(&params, "filename", &out), "%s", cases[i]);
		CHECK(!strcmp(out.data, "\xd0\xbe"), "'%s' gave '%s'", cases[i], out.data);
		eii_buf_clear(&out);
	}
}

static void test_header_text__finds_parameters(void **state)
{
	static const struct {
		const char *value;
		const char *wanted; /* NULL = none */
	} cases[] = {
		{ "attachment; filename=a.pdf", "a.pdf" },
		{ "attachment;\r\n\tFILENAME = \"a \\\"b\\\".pdf\" ; x=y", "a \"b\".pdf" },
		{ "attachment; filename=\"C:\\dir\\a.pdf\"", "C:\\dir\\a.pdf" },
		{ "attachment; filename=\"a.pdf", "\"a.pdf" },
		{ "attachment; filename=\"a;b.pdf\"", "a;b.pdf" },
		{ "attachment; filename*=utf-8''%C3%BC%20.pdf", "\xc3\xbc .pdf" },
		{ "attachment; filename*=utf-8'a.pdf", "utf-8'a.pdf" },
		{ "attachment; filename*1=b.pdf; filename*0=a", "ab.pdf" },
		{ "attachment; filename*0*=utf-8''%C3; filename*1*=%BC", "\xc3\xbc" },
		{ "attachment; filename*=utf-8''y; filename=x", "x" },
		{ "attachment; filename=a; filename=b", "a" },
		{ "attachment; filename=\"=?utf-8?Q?a?= =?utf-8?Q?b?=\"", "ab" },
		{ "attachment; filename*=utf-8''%00a", "\xef\xbf\xbd"
						       "a" },
		{ "attachment; filename", NULL },
		{ "attachment", NULL },
		{ "", NULL },
		{ ";;;=;=;\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_header_params params;
		struct eii_buf out;
		bool found;

		eii_buf_init(&out, 4096);
		eii_header_params_init(&params, eii_text_of(cases[i].value));
		found = eii_header_params_find(&params, "filename", &out);
		CHECK(found == (cases[i].wanted != NULL), "'%s'", cases[i].value);
		CHECK(!strcmp(out.data, cases[i].wanted ? cases[i].wanted : ""), "'%s' gave '%s'",
		      cases[i].value, out.data);
		eii_buf_clear(&out);
	}
}

static void test_header_text__stops_at_the_limit_of_parameters(void **state)
{
	(void)state;
	for (size_t n = EII_LIMIT_PARAMETERS - 1; n <= EII_LIMIT_PARAMETERS; n++) {
		struct eii_header_params params;
		struct eii_buf value;
		struct eii_buf out;

		eii_buf_init(&value, 65536);
		eii_buf_init(&out, 64);
		eii_buf_add_str(&value, "a/b");
		for (size_t i = 0; i < n; i++)
			eii_buf_addf(&value, "; x%zu=y", i);
		eii_buf_add_str(&value, "; name=z");
		eii_header_params_init(&params, eii_buf_text(&value));
		CHECK(eii_header_params_find(&params, "name", &out) == (n < EII_LIMIT_PARAMETERS),
		      "%zu before it", n);
		eii_buf_clear(&value);
		eii_buf_clear(&out);
	}
}

static void test_header_text__is_linear_in_what_is_hostile(void **state)
{
	static const char *const pieces[] = { "=?", "=?utf-8?Q?",
					      "=?utf-8?B?AA==?= ", "?=", "\r\n " };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct eii_buf value;
		struct eii_buf out;

		eii_buf_init(&value, EII_LIMIT_HEADER_BYTES);
		eii_buf_init(&out, (size_t)EII_LIMIT_HEADER_BYTES * 4);
		while (eii_buf_ok(&value))
			eii_buf_add_str(&value, pieces[i]);
		eii_header_text_decode(eii_text(value.data, value.len), &out);
		CHECK(eii_utf8_is_valid(eii_buf_text(&out)), "%s", pieces[i]);
		CHECK(eii_buf_ok(&out), "%s", pieces[i]);
		eii_buf_clear(&value);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_text__decodes_leniently),
		cmocka_unit_test(test_header_text__reads_raw_bytes_by_the_label),
		cmocka_unit_test(test_header_text__reads_raw_parameters_by_the_label),
		cmocka_unit_test(test_header_text__finds_parameters),
		cmocka_unit_test(test_header_text__stops_at_the_limit_of_parameters),
		cmocka_unit_test(test_header_text__is_linear_in_what_is_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
