/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/html.h"

#include "support.h"

#include "eii/base/utf8.h"
#include "eii/html/reader.h"

#define OUT_MAX 4000000

static const char png[] = "\x89PNG\r\n\x1a\n0123456789";

static bool find_png(void *context, struct eii_text cid, struct eii_html_image *out)
{
	size_t *n_asked = context;

	if (n_asked)
		(*n_asked)++;
	if (eii_text_equal(cid, eii_text_of("script@test"))) {
		*out = (struct eii_html_image){ .data = "<svg onload=x>", .len = 14 };
		return true;
	}
	if (!eii_text_equal(cid, eii_text_of("a b@test")))
		return false;
	*out = (struct eii_html_image){ .data = png, .len = sizeof(png) - 1 };
	return true;
}

static const struct eii_html_options plain_options = { .find_cid = find_png,
						       .inline_image_bytes = 1024 };

/* The caller frees the result. */
static char *sanitize(const char *html, size_t len, const struct eii_html_options *options)
{
	struct eii_buf out;
	struct eii_error err = { 0 };

	eii_buf_init(&out, OUT_MAX);
	CHECK(eii_html_sanitize(eii_text(html, len), options, &out, &err) == EII_OK, "%s",
	      err.text);
	return eii_buf_detach(&out);
}

struct row {
	const char *html;
	const char *safe;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *safe = sanitize(rows[i].html, strlen(rows[i].html), &plain_options);

		CHECK(strcmp(safe, rows[i].safe) == 0, "%s\n gave %s\n not  %s", rows[i].html, safe,
		      rows[i].safe);
		free(safe);
	}
}

static void test_html__keeps_what_shows_text(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "<html>\n<head>\n<title>x</title>\n</head>\n<body> \n</body></html>\n", "" },
		{ "\n<head> <style>x</style>\n</head><body>\n <i>a</i> b \n </body>\n",
		  "<i>a</i> b" },
		{ "<font face=\"'Comic Sans MS', x\">a</font>",
		  "<font face=\"'Comic Sans MS', x\">a</font>" },
		{ "<P>a<B>b</B></P>", "<p>a<b>b</b></p>" },
		{ "<p>a &lt; b &amp; c &quot;", "<p>a &lt; b &amp; c &quot;</p>" },
		{ "<p>Gr\xc3\xbc\xc3\x9f"
		  "e &euro; &#128; &#x1F600;",
		  "<p>Gr\xc3\xbc\xc3\x9f"
		  "e \xe2\x82\xac \xe2\x82\xac \xf0\x9f\x98\x80</p>" },
		{ "<div>1 < 2 <: 3</div>", "<div>1 &lt; 2 &lt;: 3</div>" },
		{ "<table><tr><td>1<td>2</table>", "<table><tr><td>1</td><td>2</td></tr></table>" },
		/* Blanks of a link that is none are moved out of the table with its words. */
		{ "<table><a href=\"ftp://a.example/\">\n<p>1</p></a>2</table>",
		  "<table><span>\n<p>1</p></span> [ftp://a.example/]2</table>" },
		{ "<table><a href=\"ftp://a.example/\"><p>1<p>2</table>",
		  "<table><span><p>1</p><p>2</p></span> [ftp://a.example/]</table>" },
		{ "<table><p><a href=\"ftp://a.example/\">1<p>2</table>",
		  "<table><p>1 [ftp://a.example/]</p><p>2</p></table>" },
		{ "<ul><li>1<li>2</ul>", "<ul><li>1</li><li>2</li></ul>" },
		{ "<div>a<br/>b<hr>c<wbr>d</div>", "<div>a<br>b<hr>c<wbr>d</div>" },
		{ "<pre> a\n  b</pre>", "<pre> a\n  b</pre>" },
		{ "<html><body><p>1</p></body></html><html><body><p>2</p></body></html>",
		  "<p>1</p><p>2</p>" },
		{ "<div><b><i>x</b></i></div>", "<div><b><i>x</i></b></div>" },
		{ "<o:p>x</o:p>", "x" },
		{ "<div title='a\"b<c' lang=de dir=RTL>x</div>",
		  "<div title=\"a&quot;b&lt;c\" lang=\"de\" dir=\"RTL\">x</div>" },
		{ "<table><tr><td nowrap width=50% height=9px bgcolor=#fff align=center>x</table>",
		  "<table><tr><td nowrap width=\"50%\" height=\"9px\" bgcolor=\"#fff\" "
		  "align=\"center\">x</td></tr></table>" },
		{ "<td>x</td>", "x" },
		{ "<!--[if mso]>no<![endif]--><![if !mso]><p>yes</p><![endif]><!--[if !mso]><!-->"
		  "<p>too</p><!--<![endif]-->",
		  "<p>yes</p><p>too</p>" },
		{ "<meta charset=iso-8859-1><p>\xc3\xa9</p>", "<p>\xc3\xa9</p>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_html__keeps_every_element_and_attribute_of_the_list(void **state)
{
	static const char *const tags[] = {
		"a",      "abbr",   "acronym",    "address", "article",    "aside",  "b",
		"bdi",    "big",    "blockquote", "center",  "cite",       "code",   "del",
		"dfn",    "div",    "dl",         "em",      "figcaption", "figure", "font",
		"footer", "h1",     "h6",         "header",  "hgroup",     "i",      "ins",
		"kbd",    "main",   "mark",       "nav",     "ol",         "p",      "pre",
		"q",      "ruby",   "s",          "samp",    "section",    "small",  "span",
		"strike", "strong", "sub",        "sup",     "table",      "time",   "tt",
		"u",      "ul",     "var",
	};
	static const char *const attributes[] = {
		"align=\"a\"",         "bgcolor=\"red\"", "border=\"1\"",  "cellpadding=\"1\"",
		"cellspacing=\"1\"",   "clear=\"a\"",     "color=\"red\"", "colspan=\"1\"",
		"datetime=\"1\"",      "dir=\"ltr\"",     "face=\"a\"",    "height=\"1\"",
		"lang=\"de\"",         "rowspan=\"1\"",   "size=\"+1\"",   "span=\"1\"",
		"start=\"1\"",         "title=\"a\"",     "type=\"a\"",    "valign=\"top\"",
		"value=\"1\"",         "width=\"1\"",     "nowrap",        "reversed",
		"style=\"color:red\"",
	};
	char html[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		struct row row = { .html = html, .safe = html };

		(void)snprintf(html, sizeof(html), "<%s>x</%s>", tags[i], tags[i]);
		check_rows(&row, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		struct row row = { .html = html, .safe = html };

		(void)snprintf(html, sizeof(html), "<div %s>x</div>", attributes[i]);
		check_rows(&row, 1);
	}
}

static void test_html__drops_what_runs_loads_or_submits(void **state)
{
	static const struct row rows[] = {
		{ "<p>a</p><script>alert(1)</script><p>b</p>", "<p>a</p><p>b</p>" },
		{ "<p>a</p><SCRIPT SRC=//x></SCRIPT >b", "<p>a</p>b" },
		{ "<style>p{background:url(x)}</style><p>a</p>", "<p>a</p>" },
		{ "<div><iframe src=x>in</iframe><object data=x>in</object><p>b</p></div>",
		  "<div>in<p>b</p></div>" },
		{ "<div><svg><script>x</script><text>t</text></svg>a</div>", "<div>ta</div>" },
		{ "<div><svg><p>seen</p></div>", "<div><p>seen</p></div>" },
		{ "<div><math><mtext><style><img src=x onerror=y></style></math>a</div>",
		  "<div>a</div>" },
		{ "<div><svg><style><img src=x onerror=y></style></svg>a</div>",
		  "<div><span title=\"x\">[image]</span>a</div>" },
		{ "<div><noscript><img src=x></noscript><template><p>x</p></template>a</div>",
		  "<div><span title=\"x\">[image]</span>a</div>" },
		{ "<p onclick=x onmouseover='y' style='color:red' class=c id=i name=n>a",
		  "<p style=\"color:red\">a</p>" },
		{ "<link rel=stylesheet href=x><base href=//x><meta http-equiv=refresh content=0>"
		  "<p>a</p>",
		  "<p>a</p>" },
		{ "<form action=//x><input name=q value='Sign in'><input type=hidden value=no>"
		  "<button formaction=//x>Go</button></form>",
		  "<div>[Sign in]<span>Go</span></div>" },
		{ "<div><video poster=x src=y><source src=z>text</video></div>",
		  "<div>text</div>" },
		{ "<table background=//x><tr><td background=//x>1</table>",
		  "<table><tr><td>1</td></tr></table>" },
		{ "<p>a<!-- > --><b>b</b><!--> c <!---> d", "<p>a<b>b</b> c  d</p>" },
		{ "<scr\x01ipt>x</scr\x01ipt><p>a", "x<p>a</p>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define LINK "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">"

static void test_html__links_lead_to_the_web_and_to_mail_only(void **state)
{
	static const struct row rows[] = {
		{ "<a href='http://x/?a=1&amp;b=\"'>t</a>",
		  "<a href=\"http://x/?a=1&amp;b=&quot;" LINK "t</a>" },
		{ "<a href=HTTPS://x>t</a>", "<a href=\"HTTPS://x" LINK "t</a>" },
		{ "<a href=' \n ht\ttps://x '>t</a>", "<a href=\"https://x" LINK "t</a>" },
		{ "<a href=mailto:a@b>t</a>", "<a href=\"mailto:a@b" LINK "t</a>" },
		{ "<a href=javascript:x>t</a>", "t [javascript:x]" },
		{ "<a href='&#1;java&#10;script:x'>t</a>", "t [javascript:x]" },
		{ "<a href=data:text/html,x>t</a>", "t [data:text/html,x]" },
		{ "<a href=//x>t</a>", "t [//x]" },
		{ "<a href=/logout>t</a>", "t [/logout]" },
		{ "<a href='#x'>t</a>", "<a>t</a>" },
		{ "<a href=vbscript:x ping=//x download>t</a>", "t [vbscript:x]" },
		{ "<a href=file:///x>t</a>", "t [file:///x]" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_html__a_link_has_at_most_its_limit(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		const size_t n = EII_HTML_URL_BYTES + over;
		char html[EII_HTML_URL_BYTES + 64];
		char *safe;

		(void)snprintf(html, sizeof(html), "<a href=\"http://%0*d\">t</a>",
			       (int)(n - strlen("http://")), 0);
		safe = sanitize(html, strlen(html), &plain_options);
		CHECK((strstr(safe, "href=") != NULL) == (over == 0), "%zu bytes", n);
		free(safe);
	}
}

#define PNG64 "iVBORw0KGgowMTIzNDU2Nzg5"

static void test_html__images_are_in_the_mail_or_words(void **state)
{
	static const struct row rows[] = {
		{ "<div><img src=cid:a%20b@test alt=A width=9 onerror=x></div>",
		  "<div><img src=\"data:image/png;base64," PNG64
		  "\" alt=\"A\" width=\"9\"></div>" },
		{ "<div><img src='DATA:image/gif;Base64, " PNG64 "\n'></div>",
		  "<div><img src=\"data:image/png;base64," PNG64 "\"></div>" },
		{ "<div><img src=cid:unknown@test alt=A></div>",
		  "<div><span title=\"cid:unknown@test\">A</span></div>" },
		{ "<div><img src=cid:script@test></div>",
		  "<div><span title=\"cid:script@test\">[image]</span></div>" },
		{ "<div><img src=http://x/?a&amp;b alt='<A>'></div>",
		  "<div><span title=\"http://x/?a&amp;b\">&lt;A&gt;</span></div>" },
		{ "<div><img srcset='//x 2x' alt=' '></div>", "<div><span>[image]</span></div>" },
		{ "<div><img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9eD4='></div>",
		  "<div><span>[image]</span></div>" },
		{ "<div><img src='data:image/png;base64," PNG64 "\"onerror=x'></div>",
		  "<div><span>[image]</span></div>" },
		{ "<div><img src='data:image/png," PNG64 "'></div>",
		  "<div><span>[image]</span></div>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_html__images_have_one_limit_for_the_whole_mail(void **state)
{
	static const char html[] = "<img src=cid:a%20b@test>";
	const size_t image = sizeof(png) - 1;
	struct eii_html_tally tally = { 0 };
	struct eii_html_options options = { .find_cid = find_png,
					    .inline_image_bytes = 2 * image,
					    .tally = &tally };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *safe = sanitize(html, strlen(html), &options);

		CHECK((strstr(safe, "data:") != NULL) == (i < 2), "image %zu", i);
		free(safe);
	}
	assert_int_equal(tally.image_bytes, 2 * image);
	assert_int_equal(tally.n_images_left_out, 1);
	assert_false(tally.cut);
	options.inline_image_bytes = 3 * image - 1;
	free(sanitize(html, strlen(html), &options));
	assert_int_equal(tally.n_images_left_out, 2);
	options.inline_image_bytes = 3 * image;
	free(sanitize(html, strlen(html), &options));
	assert_int_equal(tally.image_bytes, 3 * image);
}

static void test_html__looks_for_so_many_missing_images_only(void **state)
{
	static const char html[] = "<img src=cid:none@test>";
	size_t n_asked = 0;
	struct eii_html_tally tally = { 0 };
	const struct eii_html_options options = { .find_cid = find_png,
						  .context = &n_asked,
						  .inline_image_bytes = 1024,
						  .tally = &tally };

	(void)state;
	for (size_t i = 0; i < EII_HTML_IMAGES_MISSED + 1; i++)
		free(sanitize(html, strlen(html), &options));
	assert_int_equal(n_asked, EII_HTML_IMAGES_MISSED);
	assert_int_equal(tally.n_images_left_out, EII_HTML_IMAGES_MISSED + 1);
}

static void test_html__a_tag_may_have_any_number_of_attributes(void **state)
{
	struct eii_buf html;
	char *safe;

	(void)state;
	eii_buf_init(&html, 1 << 20);
	eii_buf_add_str(&html, "<p");
	for (int i = 0; i < 20000; i++)
		eii_buf_addf(&html, " a%d=1", i);
	eii_buf_add_str(&html, " title=a title=b>x");
	safe = sanitize(html.data, html.len, &plain_options);
	assert_string_equal(safe, "<p title=\"a\">x</p>");
	free(safe);
	eii_buf_clear(&html);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

static void test_html__what_is_too_deep_begins_anew_and_stays_readable(void **state)
{
	struct eii_buf html;
	char *safe;

	(void)state;
	eii_buf_init(&html, 1 << 20);
	for (int i = 0; i < 3000; i++)
		eii_buf_addf(&html, "<div>w%d", i);
	safe = sanitize(html.data, html.len, &plain_options);
	assert_non_null(strstr(safe, "w0"));
	assert_non_null(strstr(safe, "w255"));
	assert_non_null(strstr(safe, "w256"));
	assert_non_null(strstr(safe, "w2999"));
	assert_int_equal(count(safe, "<div>"), 3000);
	assert_int_equal(count(safe, "</div>"), 3000);
	assert_true(count(safe, "</div><") > 0);
	for (size_t i = 0, depth = 0; safe[i]; i++) {
		depth += strncmp(safe + i, "<div>", 5) == 0;
		depth -= strncmp(safe + i, "</div>", 6) == 0;
		CHECK(depth <= EII_HTML_OPEN_MAX, "%zu deep at %zu", depth, i);
	}
	free(safe);
	eii_buf_clear(&html);
}

static void test_html__ends_balanced_at_the_ceiling(void **state)
{
	static const char html[] = "<div title=abc><b>one</b><i>two</i><img src=cid:a%20b@test>"
				   "<img src=cid:none@test><img alt=x src=\"//x\">three</div>"
				   "<p>four</p>";
	char *whole = sanitize(html, strlen(html), &plain_options);
	const size_t needed = strlen(whole);

	(void)state;
	for (size_t max = 0; max <= needed; max++) {
		struct eii_html_tally tally = { 0 };
		struct eii_html_options options = plain_options;
		struct eii_buf out;

		options.tally = &tally;
		eii_buf_init(&out, max);
		assert_int_equal(eii_html_sanitize(eii_text_of(html), &options, &out, NULL),
				 EII_OK);
		CHECK(tally.cut == (max < needed), "ceiling %zu of %zu", max, needed);
		CHECK(out.len <= max && eii_buf_ok(&out), "ceiling %zu", max);
		CHECK(strlen(out.data) == out.len, "ceiling %zu: %s", max, out.data);
		CHECK(count(out.data, "<div") == count(out.data, "</div>") &&
			      count(out.data, "<b>") == count(out.data, "</b>") &&
			      count(out.data, "<i>") == count(out.data, "</i>") &&
			      count(out.data, "<img") == count(out.data, "Nzg5\">"),
		      "ceiling %zu: %s", max, out.data);
		if (max == needed)
			assert_string_equal(out.data, whole);
		eii_buf_clear(&out);
	}
	free(whole);
}

static void test_html__refuses_what_is_not_utf8_and_adds_nothing(void **state)
{
	struct eii_error err = { 0 };
	struct eii_buf out;

	(void)state;
	eii_buf_init(&out, 100);
	eii_buf_add_str(&out, "before");
	assert_int_equal(eii_html_sanitize(eii_text_of("<p>\xff</p>"), &plain_options, &out, &err),
			 EII_REJECT);
	assert_string_equal(out.data, "before");
	assert_true(strlen(err.text) > 0);
	eii_buf_clear(&out);
}

static void test_html__control_characters_and_overrides_go(void **state)
{
	static const char html[] = "<p>a\0b\x01"
				   "c\x7f"
				   "d&#1;e&#x7f;f\xe2\x80\xaeg\xe2\x80\xadh"
				   "\xef\xbf\xbei\xc2\x81j\xe2\x80\x8fk</p>";
	char *safe = sanitize(html, sizeof(html) - 1, &plain_options);

	(void)state;
	assert_string_equal(safe, "<p>abcdef[U+202E]g[U+202D]hij\xe2\x80\x8fk</p>");
	free(safe);
	/* In HTML a form feed is white space. */
	safe = sanitize("<p>a\fb&#12;c</p>", 17, &plain_options);
	assert_string_equal(safe, "<p>a\nb\nc</p>");
	free(safe);
}

/* 1 MB of each: minutes where anything is quadratic; the test's own time limit tells. */
static void test_html__hostile_input_takes_linear_time(void **state)
{
	static const char *const pieces[] = {
		"<div>",
		"<b>",
		"<a x=\"",
		"<a x=",
		"<",
		"<:",
		"&x;",
		"</i>",
		"<a ",
		"<!--",
		"<!-->",
		"<script></",
		"<table><tr><td>",
		"<![CDATA[",
		"<font>x<p>",
	};
	const size_t len = 1000000;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		const size_t n = strlen(pieces[i]);
		char *html = malloc(len + n);
		char *safe;

		assert_non_null(html);
		for (size_t at = 0; at < len; at += n)
			memcpy(html + at, pieces[i], n);
		safe = sanitize(html, len, &plain_options);
		CHECK(eii_utf8_is_valid(eii_text_of(safe)), "%s", pieces[i]);
		free(safe);
		free(html);
	}
}

static void test_html__counts_what_is_seen(void **state)
{
	static const struct {
		const char *html;
		size_t n;
	} cases[] = {
		{ "", 0 },
		{ "<title>title</title><style>a</style><p>&nbsp;</p><img src=x alt=y>", 0 },
		{ "<p>one two</p><script>no</script>", 6 },
		{ "<p>\xc3\xa9\xe2\x82\xac</p>", 2 },
		{ "<p>12345678901234567890</p>", 20 },
		{ "<p>123456789012345678901</p>", 20 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_look look = { .max = 20 };

		eii_html_look_at(eii_text_of(cases[i].html), &look);
		CHECK(look.n_visible == cases[i].n, "%s gave %zu", cases[i].html, look.n_visible);
		CHECK(look.has_words == (cases[i].n != 0), "%s", cases[i].html);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html__keeps_what_shows_text),
		cmocka_unit_test(test_html__keeps_every_element_and_attribute_of_the_list),
		cmocka_unit_test(test_html__drops_what_runs_loads_or_submits),
		cmocka_unit_test(test_html__links_lead_to_the_web_and_to_mail_only),
		cmocka_unit_test(test_html__a_link_has_at_most_its_limit),
		cmocka_unit_test(test_html__images_are_in_the_mail_or_words),
		cmocka_unit_test(test_html__images_have_one_limit_for_the_whole_mail),
		cmocka_unit_test(test_html__looks_for_so_many_missing_images_only),
		cmocka_unit_test(test_html__a_tag_may_have_any_number_of_attributes),
		cmocka_unit_test(test_html__what_is_too_deep_begins_anew_and_stays_readable),
		cmocka_unit_test(test_html__ends_balanced_at_the_ceiling),
		cmocka_unit_test(test_html__refuses_what_is_not_utf8_and_adds_nothing),
		cmocka_unit_test(test_html__control_characters_and_overrides_go),
		cmocka_unit_test(test_html__hostile_input_takes_linear_time),
		cmocka_unit_test(test_html__counts_what_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
