/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in a mail, quoted below its own words. */
#include "eii/mail/message.h"

#include "support.h"

#define HEAD  "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define MINE  "--b\r\nContent-Type: text/plain\r\n\r\nmine\r\n"
#define MSG   "--b\r\nContent-Type: message/rfc822\r\n\r\n"
#define END   "\r\n--b--\r\n"
#define INNER                                                                                      \
	"To: <c@d.example>,\r\n e <e@f.example>\r\nSubject: =?utf-8?Q?n=C3=A9r_<b>?=\r\n"          \
	"X-Other: no\r\nDate: Mon, 2 Mar 2026 10:20:30 +0100\r\nFrom: \"Q & A\" <q@a.example>\r\n"
#define INNER_HEAD                                                                                 \
	"<hr><p><b>From:</b> &quot;Q &amp; A&quot; &lt;q@a.example&gt;<br><b>Date:</b> Mon, 2 "    \
	"Mar 2026 10:20:30 +0100<br><b>Subject:</b> n\xc3\xa9r &lt;b&gt;<br><b>To:</b> "           \
	"&lt;c@d.example&gt;, e &lt;e@f.example&gt;</p>"
#define QUOTE(text) "<blockquote>" text "</blockquote>"

static struct eii_fields *convert(enum eii_content_mode content, struct eii_text mail)
{
	const struct eii_convert_settings settings = { .content = content,
						       .attach_forwarded = true,
						       .max_file_bytes = 1 << 20 };
	struct eii_fields *fields = NULL;
	struct eii_error err;

	assert_int_equal(eii_message_read(mail.data, mail.len, &settings, &fields, &err), EII_OK);
	return fields;
}

static void check_content(const char *mail, const char *wanted)
{
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, eii_text_of(mail));

	CHECK(eii_text_equal(fields->content, eii_text_of(wanted)), "'%.*s' is not '%s'",
	      EII_TEXT_ARGS(fields->content), wanted);
	eii_fields_free(fields);
}

static void test_quote__stands_below_the_forwarders_words(void **state)
{
	static const struct {
		const char *mail;
		const char *content;
	} cases[] = {
		{ MIXED MINE MSG INNER "\r\ntheirs" END, "mine" INNER_HEAD QUOTE("theirs") },
		/* Whatever stands first in the mail. */
		{ MIXED MSG INNER "\r\ntheirs\r\n" MINE END,
		  "mine<br>" INNER_HEAD QUOTE("theirs") },
		/* Made safe as any HTML. */
		{ MIXED MINE MSG "Content-Type: text/html\r\n\r\n<p>x<script>y</script></p>" END,
		  "mine<hr>" QUOTE("<p>x</p>") },
		/* Without words of its own, and a mail that is nothing but a message. */
		{ MIXED MSG "Subject: t\r\n\r\ntheirs" END,
		  "<hr><p><b>Subject:</b> t</p>" QUOTE("theirs") },
		{ HEAD "Content-Type: message/rfc822\r\n\r\nSubject: t\r\n\r\ntheirs",
		  "<hr><p><b>Subject:</b> t</p>" QUOTE("theirs") },
		/* In base64. */
		{ MIXED MINE "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: "
			     "base64\r\n\r\nU3ViamVjdDogeA0KDQp0ZXh0" END,
		  "mine<hr><p><b>Subject:</b> x</p>" QUOTE("text") },
		/* A mail that came back, as a whole or its header alone. */
		{ HEAD "Content-Type: multipart/report; boundary=b\r\n\r\n" MINE
		       "--b\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.0.0\r\n" MSG
		       "Subject: t\r\n\r\ntheirs" END,
		  "mine<br>\nStatus: 5.0.0<hr><p><b>Subject:</b> t</p>" QUOTE("theirs") },
		{ HEAD "Content-Type: multipart/report; boundary=b\r\n\r\n" MINE
		       "--b\r\nContent-Type: message/global-headers\r\n\r\n" INNER END,
		  "mine" INNER_HEAD },
		{ HEAD "Content-Type: multipart/report; boundary=b\r\n\r\n" MINE
		       "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" INNER END,
		  "mine" INNER_HEAD },
		/* One that says nothing. */
		{ MIXED MINE MSG "\r\n \r\n" END, "mine" },
		/* Two, one of them with its own choice of a body. */
		{ MIXED MINE MSG
		  "Subject: t\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
		  "--c\r\n\r\nplain\r\n--c\r\nContent-Type: text/html\r\n\r\n"
		  "<p>12345678901234567890</p>\r\n--c--\r\n" MSG "Subject: u\r\n\r\nsecond" END,
		  "mine<hr><p><b>Subject:</b> t</p>" QUOTE(
			  "<p>12345678901234567890</p>") "<hr><p><b>"
							 "Subject:</b> u</p>" QUOTE("second") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_content(cases[i].mail, cases[i].content);
}

static void test_quote__counts_the_addresses_in_it(void **state)
{
	(void)state;
	check_content(
		MIXED MINE MSG
		"Content-Type: multipart/alternative; boundary=c\r\n\r\n"
		"--c\r\n\r\nhttp://t.example/\r\n--c\r\nContent-Type: text/html\r\n\r\n"
		"<form action=\"http://f.example/\">12345678901234567890</form>\r\n--c--" END,
		"mine<hr>" QUOTE("<div>12345678901234567890</div>") "<hr><p><b>Addresses in this "
								    "mail that are not links "
								    "above</b></p><ul><li>form: "
								    "http://f.example/</li>"
								    "<li>other part: "
								    "http://t.example/</li></ul>");
}

static void test_quote__is_none_in_verbatim_mode(void **state)
{
	static const char mail[] = MIXED MINE MSG INNER "\r\ntheirs" END;
	struct eii_fields *fields = convert(EII_CONTENT_VERBATIM, eii_text_of(mail));

	(void)state;
	assert_true(eii_text_equal(fields->content, eii_text_of("mine")));
	eii_fields_free(fields);
}

static size_t count(struct eii_text text, const char *word)
{
	const char *end = text.data + text.len;
	const char *p = text.data;
	size_t n = 0;

	while ((p = memmem(p, (size_t)(end - p), word, strlen(word)))) {
		p += strlen(word);
		n++;
	}
	return n;
}

static void test_quote__goes_three_messages_deep(void **state)
{
	(void)state;
	for (unsigned depth = 3; depth <= 4; depth++) {
		struct eii_fields *fields;
		struct eii_buf mail;

		eii_buf_init(&mail, 65536);
		eii_buf_add_str(&mail, HEAD);
		for (unsigned i = 0; i < depth; i++)
			eii_buf_addf(
				&mail,
				"Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n\r\n"
				"words %u\r\n--b%u\r\nContent-Type: message/rfc822\r\n\r\n"
				"Subject: s%u\r\n",
				i, i, i, i, i + 1);
		eii_buf_add_str(&mail, "\r\nthe bottom");
		fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
		assert_int_equal(count(fields->content, "<blockquote>"), 3);
		assert_int_equal(count(fields->content, "</blockquote>"), 3);
		assert_int_equal(count(fields->content, "the bottom"), depth == 3);
		assert_int_equal(count(fields->content, "<b>Message, not quoted:</b> s4</p>"),
				 depth == 4);
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

/* A mail that has words only where no quotation goes is not shown without them. */
static void test_quote__shows_the_only_words_in_whatever_depth(void **state)
{
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, 65536);
	eii_buf_add_str(&mail, HEAD);
	for (unsigned i = 0; i < 10; i++)
		eii_buf_add_str(&mail, "Content-Type: message/rfc822\r\n\r\n");
	eii_buf_add_str(&mail, "\r\nthe bottom");
	fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
	assert_int_equal(count(fields->content, "the bottom"), 1);
	eii_fields_free(fields);
	eii_buf_clear(&mail);
}

static void test_quote__ends_at_the_limit_of_messages(void **state)
{
	(void)state;
	for (unsigned n = 20; n <= 21; n++) {
		struct eii_fields *fields;
		struct eii_buf mail;

		eii_buf_init(&mail, 65536);
		eii_buf_add_str(&mail, MIXED MINE);
		for (unsigned i = 0; i < n; i++)
			eii_buf_addf(&mail, MSG "Subject: s\r\n\r\ntheirs %u\r\n", i);
		eii_buf_add_str(&mail, END);
		fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
		assert_int_equal(count(fields->content, "theirs"), 20);
		assert_int_equal(count(fields->content, "Message, not quoted:</b> s"), n - 20);
		assert_int_equal(fields->n_attachments, n);
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

#define LETTERS 120000

/* Tabs take eight blanks each: the first of two messages takes all room, with its end. */
static void test_quote__is_cut_with_what_is_open_closed(void **state)
{
	static const char end[] = "</blockquote><hr><p><b>Addresses";
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, 8 * 1024 * 1024);
	eii_buf_add_str(&mail, MIXED MINE MSG "Subject: t\r\n\r\n");
	for (size_t i = 0; i < LETTERS; i++)
		eii_buf_add_str(&mail, "\t");
	eii_buf_add_str(&mail, "x\r\n" MSG "Subject: u\r\n\r\nhttp://u.example/" END);
	fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
	assert_true(fields->defects & (uint32_t)EII_DEFECT_CONTENT_CUT);
	assert_int_equal(count(fields->content, "<blockquote>"), 1);
	assert_int_equal(count(fields->content, end), 1);
	assert_int_equal(count(fields->content, "<li>other part: http://u.example/</li>"), 1);
	eii_fields_free(fields);
	eii_buf_clear(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quote__stands_below_the_forwarders_words),
		cmocka_unit_test(test_quote__counts_the_addresses_in_it),
		cmocka_unit_test(test_quote__is_none_in_verbatim_mode),
		cmocka_unit_test(test_quote__goes_three_messages_deep),
		cmocka_unit_test(test_quote__shows_the_only_words_in_whatever_depth),
		cmocka_unit_test(test_quote__ends_at_the_limit_of_messages),
		cmocka_unit_test(test_quote__is_cut_with_what_is_open_closed),
	};

	eii_message_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
