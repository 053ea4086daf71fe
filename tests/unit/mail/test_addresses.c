/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/addresses.h"

#include "support.h"

#include "eii/mail/html.h"
#include "html_private.h"

#define OUT_MAX 4000000

/* The lines of the list, joined by '|'; the caller frees them. */
static char *lines_of(const struct eii_addresses *addresses)
{
	struct eii_buf out;
	struct eii_buf lines;

	eii_buf_init(&out, OUT_MAX);
	eii_buf_init(&lines, OUT_MAX);
	(void)eii_addresses_write(addresses, &out);
	for (const char *p = strstr(out.data, "<li>"); p; p = strstr(p, "<li>")) {
		const char *end = strstr(p, "</li>");

		eii_buf_addf(&lines, "%s%.*s", lines.len ? "|" : "", (int)(end - p - 4), p + 4);
		p = end;
	}
	eii_buf_clear(&out);
	return eii_buf_detach(&lines);
}

/* What is shown goes to out, the list of addresses is the result. */
static char *find(const char *html, struct eii_buf *out)
{
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	const struct eii_html_options options = { .addresses = addresses };

	assert_int_equal(eii_html_sanitize(eii_text_of(html), &options, out, NULL), EII_OK);
	return lines_of(addresses);
}

static void test_addresses__stand_in_every_place_that_takes_one(void **state)
{
	static const struct {
		const char *html;
		const char *lines;
	} cases[] = {
		{ "<p>x", "" },
		{ "<a href=http://x/>y</a>", "" },
		{ "<a href=ftp://x>y</a>", "link: ftp://x" },
		{ "<a/href=\"ftp://evil.example/\">y</a>", "link: ftp://evil.example/" },
		{ "<form action=http://x/f><button formaction=http://x/b>",
		  "form: http://x/f|form: http://x/b" },
		{ "<img src=http://x/a><img src=http://x/p width=1 height=1>",
		  "image: http://x/a|image 1x1: http://x/p" },
		{ "<img srcset='http://x/a 1x, http://x/b 2x,http://x/c'>",
		  "image: http://x/a|image: http://x/b|image: http://x/c" },
		{ "<img src=http://x/a><img src=http://x/a>", "image: http://x/a (2 times)" },
		{ "<img src=http://x/a><a href=http://x/a>y</a>", "" },
		{ "<form action=http://x/1><form action=http://x/2>",
		  "form: http://x/1|form: http://x/2" },
		{ "<td background=http://x/b>", "image: http://x/b" },
		{ "<iframe src=//x/i></iframe>", "frame: //x/i" },
		{ "<iframe srcdoc='<a href=&quot;http://x/s&quot;>'></iframe>",
		  "frame: http://x/s" },
		{ "<meta http-equiv=Refresh content=\"3; URL='http://x/r'\">",
		  "refresh: http://x/r" },
		{ "<link rel=stylesheet href=http://x/c>", "style: http://x/c" },
		{ "<p style=\"background:url( 'http://x/s' )\">", "style: http://x/s" },
		{ "<p style='background:u\\72l(http://x/\\73)'>", "style: http://x/s" },
		{ "<style>@import \"http://x/1\";a{b:url(http://x/2)}</style>",
		  "style: http://x/1|style: http://x/2" },
		{ "<p style=\"background:image-set('http://x/s' 1x)\">", "style: http://x/s" },
		{ "<p style='a:url(//x/\\)\\28\\\"\\ s)'>", "style: //x/)(&quot; s" },
		{ "<p style=\"b:x(src='//x/s')\">", "style: //x/s" },
		{ "<style>a{b:image-set(\"http://x/1\" 1x, 'http://x/2' "
		  "2x);c:\"d'e\"}f{g:url(http://"
		  "x/3)}</style>",
		  "style: http://x/1|style: http://x/2|style: http://x/3" },
		{ "<script>location='http:\\/\\/x\\/s'</script>", "script: http://x/s" },
		{ "<p onclick=\"go('http://x/o')\">", "script: http://x/o" },
		{ "<!--[if mso]><v:rect href=http://x/m><![endif]-->", "Outlook only: http://x/m" },
		{ "<!-- see http://x/c. -->", "link: http://x/c" },
		{ "<template><img src=http://x/t></template>", "image: http://x/t" },
		{ "<template>see http://x/t?a&amp;b <style>a{b:url(//x/s)}</style>"
		  "<script>c='http://x/c'</script>http://x/u</template>",
		  "link: http://x/t?a&amp;b|style: //x/s|script: http://x/c|link: http://x/u" },
		{ "<iframe srcdoc='see http://x/s?a&amp;amp;b'></iframe>",
		  "frame: http://x/s?a&amp;b" },
		{ "<input type=hidden value=http://x/h>", "link: http://x/h" },
		{ "<object><param name=movie value=http://x/m></object>", "link: http://x/m" },
		{ "<p title='see http://x/t'>", "link: http://x/t" },
		{ "<a href=http://x/1 href=http://x/2>y</a>", "link: http://x/2" },
		{ "<p>a<a href='http://x/l>b</a>", "link: http://x/l" },
		{ "<iframe srcdoc='<a href=http://x/l '></iframe>", "frame: http://x/l" },
		{ "<object data=http://x/o><a href=http://x/>z</a></object>", "media: http://x/o" },
		{ "<svg><image xlink:href=http://x/i /><use href=#y /></svg>",
		  "image: http://x/i" },
		{ "<body background=http://x/b><table background=http://x/t>",
		  "image: http://x/b|image: http://x/t" },
		{ "<a href=http://x/ ping='http://x/1 http://x/2'>y</a>",
		  "link: http://x/1|link: http://x/2" },
		{ "<img src=cid:a><a href='#b'>y</a><a href=''>y</a><a href=about:blank>y</a>",
		  "" },
		{ "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
		  "image: data:image/svg+xml;base64, 5 bytes, SHA-256 "
		  "880485a05a519b27d5adda3edaa477886d16dda183c9287d92be09fe9e61c4d8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;
		char *lines;

		eii_buf_init(&out, OUT_MAX);
		lines = find(cases[i].html, &out);
		CHECK(strcmp(lines, cases[i].lines) == 0, "%s gave %s", cases[i].html, lines);
		free(lines);
		eii_buf_clear(&out);
	}
}

#define LIVE(url) "<a href=\"" url "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">"

/* What a data: address of text leads to, too. */
static void test_addresses__stand_in_data(void **state)
{
	static const struct {
		const char *html;
		const char *lines;
	} cases[] = {
		{ "<a href='data:text/html;base64,PGEgaHJlZj0iaHR0cDovL3gvZCI+'>y</a>",
		  "link: data:text/html;base64, 21 bytes, SHA-256 "
		  "5c17b3975efd42a8fce1e2e3fb4fa10a93ee6c4cb3daabb999a1beca37a680a9|link: "
		  "http://x/d" },
		{ "<img src='data:image/svg+xml,%3Cimage href=%22http://x/%FFd%22>'>",
		  "image: data:image/svg+xml, 26 bytes, SHA-256 "
		  "58e59a2398a090e83c0790bb80220daf1366fdbebb8f77ca37b952d307eaf539|image: "
		  "http://x/\xc3\xbf"
		  "d" },
		{ "<img src='data:image/png,http://x/d'>",
		  "image: data:image/png, 10 bytes, SHA-256 "
		  "19cbb5ba651eb77429d83aa72f7c70aae335496518f4df8ba12c4ebebaf2395a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;
		EII_AUTO_STR lines = NULL;

		eii_buf_init(&out, OUT_MAX);
		lines = find(cases[i].html, &out);
		CHECK(!strcmp(lines, cases[i].lines), "%s gave %s", cases[i].html, lines);
		eii_buf_clear(&out);
	}
}

static void test_addresses__lead_where_browsers_go(void **state)
{
	static const struct {
		const char *html;
		const char *safe;
	} cases[] = {
		{ "<a href=/x>y</a><base href=http://b/d/e>", LIVE("http://b/x") "y</a>" },
		{ "<base href=http://b/d/e?q><a href=../x>y</a>", LIVE("http://b/x") "y</a>" },
		{ "<base href=http://b/d/e><a href=x>y</a>", LIVE("http://b/d/x") "y</a>" },
		{ "<base href=http://b><a href='?q'>y</a>", LIVE("http://b/?q") "y</a>" },
		{ "<base href=https://b/d/><a href=//h/x>y</a>", LIVE("https://h/x") "y</a>" },
		{ "<base href=http://b/d/><a href=http:x>y</a>", LIVE("http://b/d/x") "y</a>" },
		{ "<a href='http://h/a\xe2\x80\xae"
		  "b\x01\xef\xbb\xbf?\xc2\x80#&amp;'>y</a>",
		  LIVE("http://h/a%E2%80%AEb%01%EF%BB%BF?%C2%80#&amp;") "y</a>" },
		{ "<base href=/b/><base href=http://c/><a href=x>y</a>", "y [x]" },
		{ "<template><base href=http://b/></template><a href=x>y</a>", "y [x]" },
		{ "<a href=http:x>y</a>", LIVE("http://x") "y</a>" },
		{ "<a href='http:\\\\h\\a?\\'>y</a>", LIVE("http://h/a?\\") "y</a>" },
		{ "<a href='https:/h/a'>y</a>", LIVE("https://h/a") "y</a>" },
		{ "<a href='http:a b'>y</a>", "y [http:a b]" },
		{ "<a href=http://h/>www.bank.example</a>",
		  LIVE("http://h/") "www.bank.example</a> [http://h/]" },
		{ "<a href=http://Bank.example/?a&amp;b>see bank.EXAMPLE.</a>",
		  LIVE("http://Bank.example/?a&amp;b") "see bank.EXAMPLE.</a>" },
		{ "<a href=http://u@h:8/>h.example</a>",
		  LIVE("http://u@h:8/") "h.example</a> [http://u@h:8/]" },
		{ "<a href=http://b\xc3\xbc"
		  "cher.example/>y</a>",
		  LIVE("http://b\xc3\xbc"
		       "cher.example/") "y</a> [http://b\xc3\xbc"
					"cher.example/, xn--bcher-kva.example]" },
		{ "<a href=http://B\xc3\x9c"
		  "cher\xef\xbc\x8e"
		  "example/>y</a>",
		  LIVE("http://B\xc3\x9c"
		       "cher\xef\xbc\x8e"
		       "example/") "y</a> [http://B\xc3\x9c"
				   "cher\xef\xbc\x8e"
				   "example/, xn--bcher-kva.example]" },
		{ "<a href=http://10.0.0.1/>10.0.0.2</a>",
		  LIVE("http://10.0.0.1/") "10.0.0.2</a> [http://10.0.0.1/]" },
		{ "<a href=http://10.0.0.1/>10.0.0.1 1.2.3 1.2.3.4.5 1.2.3.4444 1..2.3</a>",
		  LIVE("http://10.0.0.1/") "10.0.0.1 1.2.3 1.2.3.4.5 1.2.3.4444 1..2.3</a>" },
		{ "<a href=http://h/>http://intranet/x</a>",
		  LIVE("http://h/") "http://intranet/x</a> [http://h/]" },
		{ "<a href=http://u@h/>http://u@h/</a>", LIVE("http://u@h/") "http://u@h/</a>" },
		{ "<a href=http://h.example./>H\xef\xbc\x8e\xe2\x80\x8b"
		  "example.</a>",
		  LIVE("http://h.example./") "H\xef\xbc\x8e\xe2\x80\x8b"
					     "example.</a>" },
		{ "<a href=http://h/>bank\xe3\x80\x82"
		  "example</a>",
		  LIVE("http://h/") "bank\xe3\x80\x82"
				    "example</a> [http://h/]" },
		{ "<svg><a xlink:href=http://x/>y</a></svg>", LIVE("http://x/") "y</a>" },
		{ "<p><a href=ftp://x>y<p>z</a>w", "<p>y [ftp://x]</p><p>zw</p>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, OUT_MAX);
		free(find(cases[i].html, &out));
		CHECK(strcmp(out.data, cases[i].safe) == 0, "%s\n gave %s\n not  %s", cases[i].html,
		      out.data, cases[i].safe);
		eii_buf_clear(&out);
	}
}

/* RFC 3492, section 7.1. */
static void test_addresses__hosts_in_punycode(void **state)
{
	static const struct {
		const char *host;
		const char *ascii;
	} cases[] = {
		{ "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf"
		  "\xb4"
		  "\xe4\xb8\xad\xe6\x96\x87",
		  "xn--ihqwcrb4cv8a8dqg056pqjye" },
		{ "Pro\xc4\x8dprost\xc4\x9bnemluv\xc3\xad\xc4\x8d"
		  "esky",
		  "xn--proprostnemluvesky-uyb24dma41a" },
		{ "\xd0\xbf\xd0\xbe\xd1\x87\xd0\xb5\xd0\xbc\xd1\x83\xd0\xb6\xd0\xb5\xd0\xbe\xd0\xbd"
		  "\xd0"
		  "\xb8\xd0\xbd\xd0\xb5\xd0\xb3\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x80\xd1\x8f\xd1\x82\xd0"
		  "\xbf"
		  "\xd0\xbe\xd1\x80\xd1\x83\xd1\x81\xd1\x81\xd0\xba\xd0\xb8",
		  "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l" },
		{ "3\xe5\xb9\xb4"
		  "B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f",
		  "xn--3b-ww4c5e180e575a65lsy2b" },
		{ "a.b\xc3\xbc"
		  "cher.c",
		  "a.xn--bcher-kva.c" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1000);
		assert_true(eii_html_add_ascii_host(eii_text_of(cases[i].host), &out));
		CHECK(strcmp(out.data, cases[i].ascii) == 0, "gave %s not %s", out.data,
		      cases[i].ascii);
		eii_buf_reset(&out);
		assert_false(eii_html_add_ascii_host(eii_text_of("plain.example"), &out));
		assert_int_equal(out.len, 0);
		eii_buf_clear(&out);
	}
}

static void test_addresses__the_list_has_its_limits(void **state)
{
	(void)state;
	for (size_t n = EII_ADDRESS_LINES - 1; n <= EII_ADDRESS_LINES + 1; n++) {
		EII_AUTO(eii_addresses) addresses = eii_addresses_new();
		struct eii_address_count count;
		struct eii_buf out;
		char address[32];

		for (size_t i = 0; i < n; i++) {
			(void)snprintf(address, sizeof(address), "http://x/%zu", i);
			eii_addresses_add(addresses, EII_ADDRESS_IMAGE, eii_text_of(address));
		}
		eii_buf_init(&out, OUT_MAX);
		count = eii_addresses_write(addresses, &out);
		assert_int_equal(count.n_lines, n < EII_ADDRESS_LINES ? n : EII_ADDRESS_LINES);
		assert_int_equal(count.n_more, n - count.n_lines);
		CHECK((strstr(out.data, "<li>and 1 more</li>") != NULL) == (n > EII_ADDRESS_LINES),
		      "%zu", n);
		eii_buf_clear(&out);
	}
}

static void test_addresses__the_list_fits_its_room(void **state)
{
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	char address[EII_ADDRESS_BYTES + 1];

	(void)state;
	for (int i = 0; i < 200; i++) {
		(void)snprintf(address, sizeof(address), "http://x/%0*d", EII_ADDRESS_BYTES - 9, i);
		eii_addresses_add(addresses, EII_ADDRESS_FORM, eii_text_of(address));
	}
	for (size_t max = 0; max < 3 * EII_ADDRESS_LIST_BYTES; max += 4099) {
		struct eii_address_count count;
		struct eii_buf out;

		eii_buf_init(&out, max);
		count = eii_addresses_write(addresses, &out);
		CHECK(eii_buf_ok(&out) && out.len <= max && out.len <= EII_ADDRESS_LIST_BYTES,
		      "%zu of %zu", out.len, max);
		assert_int_equal(count.n_lines + count.n_more, 200);
		CHECK(out.len == 0 || strcmp(out.data + out.len - 5, "</ul>") == 0, "%zu", max);
		eii_buf_clear(&out);
	}
}

static void test_addresses__long_ones_are_told_by_their_hash(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		EII_AUTO(eii_addresses) addresses = eii_addresses_new();
		char address[EII_ADDRESS_BYTES + 8];
		char *lines;

		(void)snprintf(address, sizeof(address), "http://x/%0*d",
			       EII_ADDRESS_BYTES - 9 + over, 0);
		eii_addresses_add(addresses, EII_ADDRESS_LINK, eii_text_of(address));
		lines = lines_of(addresses);
		CHECK((strstr(lines, ", 2049 bytes, SHA-256 ") != NULL) == (over == 1), "%s",
		      lines);
		free(lines);
	}
}

static void test_addresses__what_the_cut_takes_is_listed(void **state)
{
	static const char html[] =
		"<p>one <a href=http://x/1>a</a> two <a href=http://x/2>b</a></p>";
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	struct eii_html_tally tally = { 0 };
	const struct eii_html_options options = { .addresses = addresses, .tally = &tally };
	struct eii_buf out;
	char *lines;

	(void)state;
	eii_buf_init(&out, 120);
	assert_int_equal(eii_html_sanitize(eii_text_of(html), &options, &out, NULL), EII_OK);
	assert_true(tally.cut);
	assert_non_null(strstr(out.data, "http://x/1"));
	lines = lines_of(addresses);
	assert_string_equal(lines, "link: http://x/2");
	free(lines);
	eii_buf_clear(&out);
}

/* Not only links: also what the text says. */
static void test_addresses__text_behind_the_cut_is_searched(void **state)
{
	static const char html[] = "<p>0123456789 0123456789 http://x/1?a&amp;b <b>http://x/2</b>";
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	const struct eii_html_options options = { .addresses = addresses };
	struct eii_buf out;
	char *lines;

	(void)state;
	eii_buf_init(&out, 20);
	assert_int_equal(eii_html_sanitize(eii_text_of(html), &options, &out, NULL), EII_OK);
	lines = lines_of(addresses);
	assert_string_equal(lines, "link: http://x/1?a&amp;b|link: http://x/2");
	free(lines);
	eii_buf_clear(&out);
}

static void test_addresses__a_base_is_relative_to_nothing(void **state)
{
	struct eii_buf out;
	char *lines;

	(void)state;
	eii_buf_init(&out, OUT_MAX);
	lines = find("<base href=http:b.example/d>", &out);
	assert_string_equal(lines, "link: http://b.example/d");
	free(lines);
	eii_buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses__stand_in_every_place_that_takes_one),
		cmocka_unit_test(test_addresses__stand_in_data),
		cmocka_unit_test(test_addresses__lead_where_browsers_go),
		cmocka_unit_test(test_addresses__hosts_in_punycode),
		cmocka_unit_test(test_addresses__the_list_has_its_limits),
		cmocka_unit_test(test_addresses__the_list_fits_its_room),
		cmocka_unit_test(test_addresses__long_ones_are_told_by_their_hash),
		cmocka_unit_test(test_addresses__what_the_cut_takes_is_listed),
		cmocka_unit_test(test_addresses__text_behind_the_cut_is_searched),
		cmocka_unit_test(test_addresses__a_base_is_relative_to_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
