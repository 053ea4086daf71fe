/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/address.h"

#include "eii/fields/limits.h"
#include "support.h"

static void test_address__takes_the_first_with_an_at_sign(void **state)
{
	static const struct {
		const char *value;
		const char *wanted;
	} cases[] = {
		{ " alice@example.org\r\n", "alice@example.org" },
		{ "Alice <alice@example.org>", "alice@example.org" },
		{ "\"Doe, John\" <john@example.org>", "john@example.org" },
		{ "Doe, John <john@example.org>", "john@example.org" },
		{ "\"bank@example.com\" <evil@example.org>", "evil@example.org" },
		{ "bank@example.com <evil@example.org>", "evil@example.org" },
		{ "Bank bank@example.com team <evil@example.org>", "evil@example.org" },
		{ "a@example.org, b@example.org", "a@example.org" },
		{ "a@example.org (Alice), b@example.org", "a@example.org" },
		{ "Name ,_<a@example.org>", "a@example.org" },
		{ "<@relay.example,@two.example:a@example.org>", "a@example.org" },
		{ "Group: x@example.org, y@example.org;", "x@example.org" },
		{ "Nobody <>, <a@example.org>", "a@example.org" },
		{ "\"john doe\"@example.org", "\"johndoe\"@example.org" },
		{ "Pete(a \\) b) <pete(x)@silly.test(y)>", "pete@silly.test" },
		{ "=?utf-8?Q?Alice_=3Ca=40example.org=3E?=", "a@example.org" },
		{ "\"unclosed <a@example.org>", "a@example.org" },
		{ "a @ example . org", "a@example.org" },
		{ "a(x (y))@(z)example.org (Name)", "a@example.org" },
		{ "Name, \"b @ c\" a\t@\r\n example.org", "a@example.org" },
		{ "<<a@example.org>>", "a@example.org" },
		{ "m\xfcller@example.org", "m\xc3\xbcller@example.org" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		CHECK(eii_address_first(eii_text_of(cases[i].value), &out), "%s", cases[i].value);
		CHECK(!strcmp(out.data, cases[i].wanted), "'%s' gave '%s'", cases[i].value,
		      out.data);
		eii_buf_clear(&out);
	}
}

static void test_address__finds_none_and_leaves_the_output_alone(void **state)
{
	static const char *const cases[] = { "", "Alice", "<>", "@", "a@", "@b", "Group:;" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_buf_add_str(&out, "kept");
		CHECK(!eii_address_first(eii_text_of(cases[i]), &out), "%s", cases[i]);
		CHECK(!strcmp(out.data, "kept"), "%s", cases[i]);
		eii_buf_clear(&out);
	}
}

static void test_address__lists_what_each_item_has(void **state)
{
	static const struct {
		const char *value;
		const char *wanted;
	} cases[] = {
		{ " a@b.example,\r\n c@d.example\r\n", "a@b.example\nc@d.example\n" },
		{ "\"Doe, John <x@y.example>\" <j@d.example>, a@b.example",
		  "j@d.example\na@b.example\n" },
		{ "Doe, John <j@d.example>", "j@d.example\n" },
		{ "Team: a@b.example, C <c@d.example>;, e@f.example",
		  "a@b.example\nc@d.example\ne@f.example\n" },
		{ "undisclosed-recipients:;", "" },
		{ "<@r.example,@s.example:a@b.example>; c@d.example",
		  "a@b.example\nc@d.example\n" },
		{ "a@b.example (x, y@z.example), c@d.example", "a@b.example\nc@d.example\n" },
		{ "\"open, a@b.example, c@d.example", "a@b.example\nc@d.example\n" },
		{ "A <a@b.example, c@d.example", "a@b.example\nc@d.example\n" },
		{ "=?utf-8?Q?A_=3Ca=40b.example=3E?=, c@d.example", "a@b.example\nc@d.example\n" },
		{ ",;, ,", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_address_list(eii_text_of(cases[i].value), 4096, &out);
		eii_buf_add_char(&out, '|');
		out.data[out.len - 1] = '\0';
		CHECK(!strcmp(out.data, cases[i].wanted), "'%s' gave '%s'", cases[i].value,
		      out.data);
		eii_buf_clear(&out);
	}
}

static void test_address__list_ends_where_one_does_not_fit(void **state)
{
	static const char value[] = "a@b.example, c@d.example, e@f.example";

	(void)state;
	for (size_t max = 23; max <= 24; max++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_address_list(eii_text_of(value), max, &out);
		assert_int_equal(out.len, max < 24 ? 12 : 24);
		eii_buf_clear(&out);
	}
}

static void test_address__lists_none_over_its_limit(void **state)
{
	char value[EII_LIMIT_ADDRESS_BYTES + 2];
	struct eii_buf out;

	(void)state;
	memset(value, 'x', sizeof(value));
	value[1] = '@';
	value[EII_LIMIT_ADDRESS_BYTES] = '\0';
	eii_buf_init(&out, 4096);
	eii_address_list(eii_text_of(value), 4096, &out);
	assert_int_equal(out.len, EII_LIMIT_ADDRESS_BYTES + 1);
	eii_buf_reset(&out);
	value[EII_LIMIT_ADDRESS_BYTES] = 'x';
	value[EII_LIMIT_ADDRESS_BYTES + 1] = '\0';
	eii_address_list(eii_text_of(value), 4096, &out);
	assert_int_equal(out.len, 0);
	eii_buf_clear(&out);
}

static void test_address__is_linear_in_what_is_hostile(void **state)
{
	static const char *const pieces[] = { "g:", "<",    "(", "\"\\", "\"",  "a@",
					      ",",  "<@a:", "@", "(a)@", " . ", "<<" };
	static char value[256 * 1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct eii_buf out;
		size_t len = strlen(pieces[i]);

		for (size_t k = 0; k < sizeof(value); k++)
			value[k] = pieces[i][k % len];
		eii_buf_init(&out, sizeof(value) * 4);
		(void)eii_address_first(eii_text(value, sizeof(value)), &out);
		eii_address_list(eii_text(value, sizeof(value)), sizeof(value), &out);
		CHECK(eii_buf_ok(&out), "%s", pieces[i]);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address__takes_the_first_with_an_at_sign),
		cmocka_unit_test(test_address__finds_none_and_leaves_the_output_alone),
		cmocka_unit_test(test_address__lists_what_each_item_has),
		cmocka_unit_test(test_address__list_ends_where_one_does_not_fit),
		cmocka_unit_test(test_address__lists_none_over_its_limit),
		cmocka_unit_test(test_address__is_linear_in_what_is_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
