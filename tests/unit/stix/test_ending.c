/* SPDX-License-Identifier: Apache-2.0 */
#include "ending.h"

#include "support.h"

static void test_ending__is_one_that_the_platform_knows(void **state)
{
	static const struct {
		const char *name, *type, *wanted;
	} cases[] = {
		{ "a.pdf", "application/pdf", "a.pdf" },
		{ "a.PDF", "application/pdf", "a.PDF" },
		{ "a", "application/pdf", "a.pdf" },
		{ "a.", "application/pdf", "a.pdf" },
		{ "a.pdf (comment)", "application/pdf", "a (comment).pdf" },
		{ "a.PDF copy", "application/pdf", "a copy.PDF" },
		{ "a.pdf.", "application/pdf", "a.pdf" },
		{ "a.pdf_", "application/pdf", "a_.pdf" },
		{ "a.pdfx", "application/pdf", "a.pdfx.pdf" },
		{ "v1.2", "text/plain", "v1.2.txt" },
		{ "photo.jpeg (1)", "image/jpeg", "photo (1).jpeg" },
		{ "photo", "image/jpeg", "photo.jpg" },
		{ "Re: your invoice", "message/rfc822", "Re: your invoice.eml" },
		{ "\xc3\xa4.pdf \xc3\xa4", "application/pdf", "\xc3\xa4 \xc3\xa4.pdf" },
		/* an ending of another type is the name's own matter */
		{ "a.exe", "application/pdf", "a.exe" },
		{ "a.md", "text/plain", "a.md" },
		{ ".pdf", "application/pdf", ".pdf.pdf" },
		/* nothing is known of the type */
		{ "a.odd", "application/x-odd", "a.odd" },
		{ "a", "application/octet-stream", "a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 256);
		eii_ending_mend(eii_text_of(cases[i].name), eii_text_of(cases[i].type), &out);
		CHECK(strcmp(out.data, cases[i].wanted) == 0, "'%s' gave '%s'", cases[i].name,
		      out.data);
		eii_buf_clear(&out);
	}
}

/* The platform decodes the path of a file a second time when it is opened. */
static void test_ending__holds_nothing_that_is_decoded_again(void **state)
{
	static const struct {
		const char *name, *wanted;
	} cases[] = {
		{ "a%20b.pdf", "a_20b.pdf" }, { "a%2Fb.pdf", "a_2Fb.pdf" },
		{ "a%%41.pdf", "a%_41.pdf" }, { "100%.pdf", "100%.pdf" },
		{ "a%2g.pdf", "a%2g.pdf" },   { "a%.pdf", "a%.pdf" },
		{ "\"a\".pdf", "_a_.pdf" },   { "a.pdf%41", "a_41.pdf" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 256);
		eii_ending_mend(eii_text_of(cases[i].name), eii_text_of("application/pdf"), &out);
		CHECK(strcmp(out.data, cases[i].wanted) == 0, "'%s' gave '%s'", cases[i].name,
		      out.data);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ending__is_one_that_the_platform_knows),
		cmocka_unit_test(test_ending__holds_nothing_that_is_decoded_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
