/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "message_private.h"

static void test_flowed__puts_lines_together(void **state)
{
	static const struct {
		const char *text;
		enum eii_flow flow;
		const char *joined;
	} cases[] = {
		{ "a \r\nb\r\n", EII_FLOW_KEEP_BLANKS, "a b\r\n" },
		{ "see http://a.example/b \r\nc/d  \nnow\n", EII_FLOW_DROP_BLANKS,
		  "see http://a.example/bc/d now\n" },
		/* Fixed lines, empty lines, the last line. */
		{ "a\nb\n\nc \n\nd ", EII_FLOW_KEEP_BLANKS, "a\nb\n\nc \nd " },
		{ "a ", EII_FLOW_DROP_BLANKS, "a" },
		{ "a \r\n", EII_FLOW_DROP_BLANKS, "a\r\n" },
		/* Stuffing: a blank in front is none of the text. */
		{ " From x\n  y\n", EII_FLOW_KEEP_BLANKS, "From x\n y\n" },
		/* Quotation marks, and lines of another depth. */
		{ "> a \n> b\n>> c \n> d\n", EII_FLOW_KEEP_BLANKS, "> a b\n>> c \n> d\n" },
		{ ">a \nb\n", EII_FLOW_KEEP_BLANKS, "> a \nb\n" },
		{ " >a\n", EII_FLOW_KEEP_BLANKS, ">a\n" },
		/* A signature goes on in no line, and no line goes on in it. */
		{ "a \n-- \nb\n", EII_FLOW_KEEP_BLANKS, "a \n-- \nb\n" },
		{ "", EII_FLOW_KEEP_BLANKS, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1000);
		eii_flowed_join(eii_text_of(cases[i].text), cases[i].flow, &out);
		CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(cases[i].joined)),
		      "'%s' gave '%s'", cases[i].text, out.data);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flowed__puts_lines_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
