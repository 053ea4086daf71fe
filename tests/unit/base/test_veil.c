/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/veil.h"

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "support.h"

#define OUT_MAX 200

static void make(const struct eii_veil *veil, const char *words, char out[OUT_MAX])
{
	eii_veil_words(veil, eii_text_of(words), out, OUT_MAX);
}

static void test_words__hide_what_shares_four_bytes_with_a_secret(void **state)
{
	static const struct {
		const char *secret, *words, *shown;
	} cases[] = {
		{ "hunter2", "wrong", "wrong" },
		{ "hunter2", "not hunter2", "not ***" },
		{ "hunter2", "hunter2", "***" },
		{ "hunter2", "LOGIN \"u\" \"hunter2\" failed", "LOGIN \"u\" *** failed" },
		{ "hunter2", "(HUNTER2) [Hunter]", "*** ***" },
		{ "hunter2", "hun ter ter2 unte", "hun ter *** ***" },
		{ "hunter2", "no:such:user:hunt/else", "***" },
		{ "a b c d", "is a b c d wrong", "is *** wrong" },
		{ "abcd efgh ijkl mnop", "got abcd efgh, ijkl and mnop", "got ***" },
		{ "abc", "abc xabc (abc) abcd", "*** xabc *** abcd" },
		{ "p", "p pp 'p' a:p", "*** pp *** ***" },
		{ "", "nothing to hide", "nothing to hide" },
		/* base64 of hunter2, of unter2, of nter2, of hun */
		{ "hunter2", "a aHVudGVyMg== b", "a *** b" },
		{ "hunter2", "a dW50ZXIy b", "a *** b" },
		{ "hunter2", "a bnRlcjI= b", "a *** b" },
		{ "hunter2", "a aHVu b", "a *** b" },
		/* The same in base64 for URLs: of ??>??> */
		{ "?\?>?\?>", "a Pz8-Pz8- b", "a *** b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_veil veil;
		char out[OUT_MAX];

		eii_veil_init(&veil);
		eii_veil_add_secret(&veil, eii_text_of(cases[i].secret));
		make(&veil, cases[i].words, out);
		CHECK(strcmp(out, cases[i].shown) == 0, "%s: %s", cases[i].words, out);
		eii_veil_clear(&veil);
	}
}

/* Whatever part of the response a server repeats, in whatever place before the cut. */
static void test_words__never_show_a_part_of_a_secret(void **state)
{
	static const char secret[] = "S3cr3t-T0k3n/with+some=more";
	static const size_t len = sizeof(secret) - 1;
	struct eii_veil veil;

	(void)state;
	eii_veil_init(&veil);
	eii_veil_add_secret(&veil, eii_text_of(secret));
	for (size_t from = 0; from < len; from++) {
		for (size_t n = 4; from + n <= len; n++) {
			for (size_t before = 180; before < 204; before += 3) {
				char words[512], out[OUT_MAX], base64[64];

				memset(words, '.', before);
				words[before - 1] = ' ';
				(void)snprintf(words + before, 256, "%.*s", (int)n, secret + from);
				make(&veil, words, out);
				CHECK(!strstr(out, "3cr3") && strlen(out) <= before + 3, "%s", out);
				CHECK(strncmp(out, words, before - 1) == 0 || before > 198, "%s",
				      out);
				memset(base64, 0, sizeof(base64));
				eii_base64_encode(secret + from, n, base64);
				(void)snprintf(words + before, 256, "%s", base64);
				make(&veil, words, out);
				CHECK(strlen(out) <= before + 3, "%s: %s", base64, out);
			}
		}
	}
	eii_veil_clear(&veil);
}

static void test_words__hide_the_response_that_was_sent(void **state)
{
	/* NUL u NUL p, and a part of it from the middle of a group of four */
	struct eii_veil veil;
	char out[OUT_MAX];

	(void)state;
	eii_veil_init(&veil);
	eii_veil_add_secret(&veil, eii_text_of("p"));
	eii_veil_add_base64(&veil, eii_text_of("AHUAcA=="));
	make(&veil, "AUTHENTICATE PLAIN AHUAcA== is wrong, so is HUAcA", out);
	assert_string_equal(out, "AUTHENTICATE PLAIN *** is wrong, so is ***");
	eii_veil_clear(&veil);
}

static void test_words__hide_the_command_that_was_sent(void **state)
{
	struct eii_veil veil;
	char out[OUT_MAX];

	(void)state;
	eii_veil_init(&veil);
	eii_veil_set_line(&veil, eii_text_of("UID FETCH 1:4,9 (UID BODY.PEEK[])"));
	make(&veil, "UID FETCH failed", out);
	assert_string_equal(out, "UID FETCH failed");
	make(&veil, "cannot do 'A3 UID FETCH 1:4,9 (UID BODY.PEEK[])' today", out);
	assert_string_equal(out, "cannot do 'A3 *** today");
	eii_veil_set_line(&veil, eii_text_of("NOOP"));
	make(&veil, "UID FETCH 1:4,9 (UID BODY.PEEK[])", out);
	assert_string_equal(out, "UID FETCH 1:4,9 (UID BODY.PEEK[])");
	eii_veil_clear(&veil);
}

/* More than is looked at: what stands at the edge is dropped as a whole. */
static void test_words__of_any_length_are_cut_between_blanks(void **state)
{
	struct eii_veil veil;
	char out[OUT_MAX];
	size_t len = 100000;
	char *words = eii_calloc(len + 1, 1);

	(void)state;
	eii_veil_init(&veil);
	eii_veil_add_secret(&veil, eii_text_of("hunter2"));
	memset(words, 'x', len);
	make(&veil, words, out);
	assert_string_equal(out, "");
	for (size_t i = 0; i < len; i += 8)
		memcpy(words + i, "hunter2 ", 8);
	make(&veil, words, out);
	assert_null(strstr(out, "h"));
	eii_veil_clear(&veil);
	free(words);
}

static void test_words__keep_a_long_token_out_and_the_rest_in(void **state)
{
	struct eii_veil veil;
	char token[2001], words[4096], out[OUT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(token) - 1; i++)
		token[i] = "ZYXWVUTSRQPO0123456789"[i * i % 22];
	token[sizeof(token) - 1] = '\0';
	eii_veil_init(&veil);
	eii_veil_add_secret(&veil, eii_text_of(token));
	(void)snprintf(words, sizeof(words), "your token %.40s is expired", token + 777);
	make(&veil, words, out);
	assert_string_equal(out, "your token *** is expired");
	eii_veil_clear(&veil);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words__hide_what_shares_four_bytes_with_a_secret),
		cmocka_unit_test(test_words__never_show_a_part_of_a_secret),
		cmocka_unit_test(test_words__hide_the_response_that_was_sent),
		cmocka_unit_test(test_words__hide_the_command_that_was_sent),
		cmocka_unit_test(test_words__of_any_length_are_cut_between_blanks),
		cmocka_unit_test(test_words__keep_a_long_token_out_and_the_rest_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
