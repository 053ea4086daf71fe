/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/tlp.h"

#include <stdlib.h>

#include "eii/mail/html.h"
#include "eii/mail/message.h"
#include "support.h"

#define NBSP "\xc2\xa0"

struct row {
	const char *text;
	enum eii_tlp wanted;
};

static enum eii_tlp look(enum eii_tlp (*find)(struct eii_text text), const char *text)
{
	/* Without a byte behind it, so that a read past the end is seen. */
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	enum eii_tlp found;

	assert_non_null(copy);
	memcpy(copy, text, len);
	found = find(eii_text(copy, len));
	free(copy);
	return found;
}

static void check(enum eii_tlp (*find)(struct eii_text text), const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum eii_tlp found = look(find, rows[i].text);

		CHECK(found == rows[i].wanted, "row %zu: %d, not %d: %s", i, (int)found,
		      (int)rows[i].wanted, rows[i].text);
	}
}

static void test_tlp__knows_the_forms_of_a_mark(void **state)
{
	static const struct row rows[] = {
		{ "TLP:CLEAR", EII_TLP_CLEAR },
		{ "TLP:WHITE", EII_TLP_CLEAR },
		{ "TLP:GREEN", EII_TLP_GREEN },
		{ "TLP:AMBER", EII_TLP_AMBER },
		{ "TLP:AMBER+STRICT", EII_TLP_AMBER_STRICT },
		{ "TLP:RED", EII_TLP_RED },
		{ "[TLP:RED] An advisory", EII_TLP_RED },
		{ "advisory (tlp: Amber+Strict)", EII_TLP_AMBER_STRICT },
		{ "TLP : AMBER + STRICT.", EII_TLP_AMBER_STRICT },
		{ "TLP-AMBER-STRICT", EII_TLP_AMBER_STRICT },
		{ "tlp_amber_strict", EII_TLP_AMBER_STRICT },
		{ "TLP AMBER STRICT", EII_TLP_AMBER_STRICT },
		{ "TLP:AMBERSTRICT", EII_TLP_AMBER_STRICT },
		{ "TLP=GREEN", EII_TLP_GREEN },
		{ "TLP RED", EII_TLP_RED },
		{ "TLP-RED", EII_TLP_RED },
		{ "TLP:" NBSP "GREEN", EII_TLP_GREEN },
		{ "TLP\xef\xbc\x9a"
		  "AMBER",
		  EII_TLP_AMBER },
		{ "*TLP: *GREEN*", EII_TLP_GREEN },
		{ "TLP:[RED]", EII_TLP_RED },
		{ "TLP:AMBER strictly for members", EII_TLP_AMBER },
		/* Of several the strictest. */
		{ "TLP:GREEN, but the annex is TLP:RED and TLP:CLEAR", EII_TLP_RED },
		{ "TLP:AMBER/GREEN", EII_TLP_AMBER },
		{ "TLPTLP:RED TLP:GREEN", EII_TLP_GREEN },
		/* None. */
		{ "", EII_TLP_NONE },
		{ "TLP", EII_TLP_NONE },
		{ "TLP:", EII_TLP_NONE },
		{ "TLPRED", EII_TLP_NONE },
		{ "TLP:REDACTED", EII_TLP_NONE },
		{ "TLP:GREENBONE", EII_TLP_NONE },
		{ "XTLP:RED", EII_TLP_NONE },
		{ "2TLP:RED", EII_TLP_NONE },
		{ "TLP::RED", EII_TLP_NONE },
		{ "TLP:BLUE", EII_TLP_NONE },
		{ "TLP is red", EII_TLP_NONE },
		{ "AMBER+STRICT", EII_TLP_NONE },
		{ "PAP:RED", EII_TLP_NONE },
		{ "TLP:R\xc3\x89"
		  "D",
		  EII_TLP_NONE },
	};

	(void)state;
	check(eii_tlp_find, rows, ARRAY_LEN(rows));
}

static void test_tlp__reads_twenty_lines_of_the_sender(void **state)
{
	char text[1024] = "";

	(void)state;
	for (int n = 1; n < EII_TLP_OWN_LINES; n++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "line %d\n \n> quoted\n", n);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "TLP:GREEN\nTLP:RED\n");
	assert_int_equal(look(eii_tlp_find_own, text), EII_TLP_GREEN);
	/* One line less before it, and the last one is the 20th. */
	assert_int_equal(look(eii_tlp_find_own, strchr(text, '\n') + 1), EII_TLP_RED);
}

static void test_tlp__leaves_quoted_and_forwarded_words_alone(void **state)
{
	static const struct row rows[] = {
		{ "Hello\n\nTLP:AMBER\n", EII_TLP_AMBER },
		{ "Hello\r\nTLP:AMBER\r\n", EII_TLP_AMBER },
		{ "> TLP:RED\n>> TLP:RED\nTLP:GREEN", EII_TLP_GREEN },
		{ "  > TLP:RED\n", EII_TLP_NONE },
		{ "TLP:GREEN\n-----Original Message-----\nTLP:RED\n", EII_TLP_GREEN },
		{ "TLP:GREEN\n---------- Forwarded message ---------\nTLP:RED\n", EII_TLP_GREEN },
		{ "-----Urspr\xc3\xbcngliche Nachricht-----\nTLP:RED\n", EII_TLP_NONE },
		{ "Begin forwarded message:\n\nTLP:RED\n", EII_TLP_NONE },
		{ "On Tue, 3 Mar 2026, Ann wrote:\nTLP:RED\n", EII_TLP_NONE },
		{ "On Tue, 3 Mar 2026 at 10:20 Ann\n<ann@a.example>\nwrote:\nTLP:RED\n",
		  EII_TLP_NONE },
		{ "Am 03.03.26 um 10:20 schrieb Ann:\nTLP:RED\n", EII_TLP_NONE },
		{ "Le mar. 3 mars 2026, Ann a \xc3\xa9"
		  "crit" NBSP ":\nTLP:RED\n",
		  EII_TLP_NONE },
		/* A sentence is none of these, nor one that is broken once too often. */
		{ "On Tuesday we saw this:\nTLP:RED\n", EII_TLP_RED },
		{ "On a\nb\nc\nwrote:\nTLP:RED\n", EII_TLP_RED },
		{ "Once he wrote:\nTLP:RED\n", EII_TLP_RED },
		{ "--- TLP:RED ---\n", EII_TLP_RED },
		{ "From: Ann\nSent: Tuesday\nTLP:RED\n", EII_TLP_NONE },
		{ "*From:* Ann\n\n*To:* Bob\nTLP:RED\n", EII_TLP_NONE },
		{ "Date: Tuesday\nFrom: Ann\nTLP:RED\n", EII_TLP_NONE },
		{ "Von: Ann\nGesendet: Dienstag\nTLP:RED\n", EII_TLP_NONE },
		{ "De" NBSP ": Ann\nObjet : x\nTLP:RED\n", EII_TLP_NONE },
		/* One alone is a line like others. */
		{ "From: CERT\nTLP:RED\n", EII_TLP_RED },
		{ "Date: today\nSubject: x\nTLP:RED\n", EII_TLP_RED },
		{ "From: Ann", EII_TLP_NONE },
		{ "On ", EII_TLP_NONE },
	};

	(void)state;
	check(eii_tlp_find_own, rows, ARRAY_LEN(rows));
}

static void test_tlp__reads_html_as_lines(void **state)
{
	static const struct {
		const char *html, *wanted;
	} rows[] = {
		{ "<title>t</title><p>a <b>b</b>c<br>d</p> e", "a bc\nd\ne\n" },
		{ "<div> <div>&nbsp;</div>x&nbsp; y</div>", "x y\n" },
		{ "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
		  "a\n> b\n> c\n> d\ne\n" },
		{ "<table><tr><td>TLP:<td>RED<tr><th>x</table>", "TLP: RED\nx\n" },
		{ "<pre>a\nb  c</pre>d\ne", "a\nb c\nd e\n" },
		{ "<style>x</style><script>y</script>z<!-- c -->", "z\n" },
		{ "&gt; a&#10;b", "> a b\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1024);
		eii_html_lines(eii_text_of(rows[i].html), &out);
		CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(rows[i].wanted)),
		      "row %zu: '%.*s'", i, EII_TEXT_ARGS(eii_buf_text(&out)));
		eii_buf_clear(&out);
	}
}

static void test_tlp__html_ends_at_its_ceiling(void **state)
{
	struct eii_buf out;

	(void)state;
	eii_buf_init(&out, 4);
	eii_html_lines(eii_text_of("abc defg<p>h"), &out);
	assert_true(out.len <= 4);
	eii_buf_clear(&out);
	eii_buf_init(&out, 4);
	eii_html_lines(eii_text_of("abc"), &out);
	assert_true(eii_text_equal(eii_buf_text(&out), eii_text_of("abc\n")));
	eii_buf_clear(&out);
}

#define HEAD(type) "Subject: x\r\nContent-Type: " type "\r\n\r\n"
#define PART(type) "--b\r\nContent-Type: " type "\r\n\r\n"
#define MIXED      HEAD("multipart/mixed; boundary=b")

static void test_tlp__is_what_the_mail_says_of_itself(void **state)
{
	static const struct row rows[] = {
		{ "Subject: [TLP:RED] x\r\n\r\ny\r\n", EII_TLP_RED },
		{ "Subject: =?utf-8?Q?TLP=3AAMBER?= x\r\n\r\nTLP:GREEN\r\n", EII_TLP_AMBER },
		{ "Subject: TLP:\r\n RED\r\n\r\ny\r\n", EII_TLP_RED },
		{ "Subject: x\r\n\r\nTLP:GREEN\r\n", EII_TLP_GREEN },
		{ "Subject: x\r\nX-TLP: TLP:RED\r\n\r\ny\r\n", EII_TLP_NONE },
		{ HEAD("text/html") "<p>TLP:<b>AMBER</b></p><blockquote>TLP:RED</blockquote>",
		  EII_TLP_AMBER },
		{ HEAD("text/html") "x<hr><div><b>From:</b> a<br><b>Sent:</b> b<br>TLP:RED</div>",
		  EII_TLP_NONE },
		{ MIXED PART("text/plain") "TLP:GREEN\r\n" PART(
			  "message/rfc822") "Subject: TLP:RED\r\n\r\nTLP:RED\r\n--b--\r\n",
		  EII_TLP_GREEN },
		{ MIXED PART("message/rfc822") "Subject: y\r\n\r\nTLP:RED\r\n--b--\r\n",
		  EII_TLP_NONE },
		{ MIXED PART("text/plain") "a\r\n" PART("text/plain") "TLP:RED\r\n--b--\r\n",
		  EII_TLP_RED },
		{ MIXED PART("text/plain") "a\r\n--b\r\nContent-Type: text/plain\r\n"
					   "Content-Disposition: attachment; filename=a.txt\r\n\r\n"
					   "TLP:RED\r\n--b--\r\n",
		  EII_TLP_NONE },
		{ HEAD("text/plain; format=flowed") "This is \r\nTLP: \r\nRED\r\n", EII_TLP_RED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct eii_convert_settings settings = { .asks_tlp = true };
		const struct eii_convert_settings off = { .asks_tlp = false };
		EII_AUTO(eii_fields) asked = NULL;
		EII_AUTO(eii_fields) unasked = NULL;
		struct eii_text mail = eii_text_of(rows[i].text);

		assert_int_equal(eii_message_read(mail.data, mail.len, &settings, &asked, NULL),
				 EII_OK);
		CHECK(asked->tlp == rows[i].wanted, "row %zu: %d", i, (int)asked->tlp);
		assert_int_equal(eii_message_read(mail.data, mail.len, &off, &unasked, NULL),
				 EII_OK);
		CHECK(unasked->tlp == EII_TLP_NONE, "row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tlp__knows_the_forms_of_a_mark),
		cmocka_unit_test(test_tlp__reads_twenty_lines_of_the_sender),
		cmocka_unit_test(test_tlp__leaves_quoted_and_forwarded_words_alone),
		cmocka_unit_test(test_tlp__reads_html_as_lines),
		cmocka_unit_test(test_tlp__html_ends_at_its_ceiling),
		cmocka_unit_test(test_tlp__is_what_the_mail_says_of_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
