/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/html/reader.h"

#include "support.h"

/* Events as text: "<p>", "</p>", "<b*>" begun again, "<br/>" without an end, text, "{comment}". */
static void add_name(struct eii_buf *out, const struct eii_html_element *element)
{
	static const char *const namespaces[] = { "", "svg ", "math " };

	eii_buf_add_str(out, namespaces[element->ns]);
	if (element->tag)
		eii_buf_add_str(out, eii_html_tag_name(element->tag));
	else
		eii_html_decode(element->name, EII_HTML_RAW_NAME, out);
}

static void on_start(void *context, struct eii_html_element *element,
		     struct eii_html_tokenizer *tag)
{
	struct eii_html_attribute attribute;

	eii_buf_add_char(context, '<');
	add_name(context, element);
	while (tag && eii_html_next_attribute(tag, &attribute)) {
		eii_buf_add_char(context, ' ');
		eii_buf_add_text(context, attribute.name);
	}
	eii_buf_add_str(context, element->has_end ? ">" : "/>");
}

static void on_again(void *context, struct eii_html_element *element)
{
	eii_buf_add_char(context, '<');
	add_name(context, element);
	eii_buf_add_str(context, "*>");
}

static void on_end(void *context, struct eii_html_element *element)
{
	eii_buf_add_str(context, "</");
	add_name(context, element);
	eii_buf_add_char(context, '>');
}

static void on_text(void *context, struct eii_text text)
{
	eii_buf_add_text(context, text);
}

static void on_comment(void *context, struct eii_text raw)
{
	eii_buf_addf(context, "{%.*s}", EII_TEXT_ARGS(raw));
}

static const struct eii_html_events events = { .start = on_start,
					       .again = on_again,
					       .end = on_end,
					       .text = on_text,
					       .blank = on_text,
					       .comment = on_comment,
					       .unfinished = on_comment };

struct row {
	const char *html;
	const char *events;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct eii_buf out;

		eii_buf_init(&out, 65536);
		(void)eii_html_read(eii_text_of(rows[i].html), &events, &out);
		CHECK(strcmp(out.data, rows[i].events) == 0, "%s\n gave %s\n not  %s", rows[i].html,
		      out.data, rows[i].events);
		eii_buf_clear(&out);
	}
}

static void test_reader__implies_ends_and_ignores_what_is_not_in_scope(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "<p>a<p>b", "<p>a</p><p>b</p>" },
		{ "<p>a<div>b</div></p>", "<p>a</p><div>b</div>" },
		{ "<ul><li>a<li>b<ul><li>c</ul></ul>",
		  "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>" },
		{ "<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>" },
		{ "<li>a<div><p>b<li>c", "<li>a<div><p>b</p></div></li><li>c</li>" },
		{ "<h1>a<h2>b</h3>c", "<h1>a</h1><h2>b</h2>c" },
		{ "a</div></b></p></x>b</br>c", "ab<br/>c" },
		{ "<x>a<div>b</x>c</div></x>d", "<x>a<div>bc</div></x>d" },
		{ "<button>a<button>b", "<button>a</button><button>b</button>" },
		{ "<p><button><p>a</p></button>b", "<p><button><p>a</p></button>b</p>" },
		{ "<form>a<form x>b<div></form>c</div>d", "<form>a<form x/>b<div>c</div></form>d" },
		{ "<form><div></form></div><p>a</form>b", "<form><div></div></form><p>ab</p>" },
		{ "a<td x>b<tr><tbody y>", "a<td x/>b<tr/><tbody y/>" },
		{ "a<b c", "a{<b c}" },
		{ "a<b c='d>e", "a{<b c='d>e}" },
		{ "<select><option>a<option>b<optgroup><option>c</select>d",
		  "<select><option>a</option><option>b</option><optgroup><option>c</option>"
		  "</optgroup></select>d" },
		{ "<select>a<select>b", "<select>a</select>b" },
		{ "<ruby>a<rt>b<rp>c</ruby>", "<ruby>a<rt>b</rt><rp>c</rp></ruby>" },
		{ "<img><image>a</img><hr/><br/>", "<img/><img/>a<hr/><br/>" },
		{ "<pre>\n\na</pre><textarea>\nb</textarea>",
		  "<pre>\na</pre><textarea>b</textarea>" },
		{ "<!DOCTYPE html>\n<html a>\n<head b>\n<title>t</title>\n</head>\n<body c>\nd",
		  "<html a/><head b/><title>t</title><body c/>\nd" },
		{ "<noscript><link></noscript><p>a", "<noscript/><link/><p>a</p>" },
		{ "<p><noscript><b>a</noscript>", "<p><noscript><b>a</b></noscript></p>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_reader__formatting_begins_again(void **state)
{
	static const struct row rows[] = {
		{ "<b><i>a</b>b</i>c", "<b><i>a</i></b><i*>b</i>c" },
		{ "<p><b>a<p>b", "<p><b>a</b></p><p><b*>b</b></p>" },
		{ "<a x>a<a y>b</a>c", "<a x>a</a><a y>b</a>c" },
		{ "<b><p>a</b>b</p>c", "<b><p>ab</p></b>c" },
		{ "<table><tr><td><b>a<td>b</table>c",
		  "<table><tbody><tr><td><b>a</b></td><td>b</td></tr></tbody></table>c" },
		{ "<b><object>a</b>b</object>c", "<b><object>ab</object>c</b>" },
		{ "<p><b><b><b><b>a</p>b", "<p><b><b><b><b>a</b></b></b></b></p><b*><b*><b*>b"
					   "</b></b></b>" },
		{ "<p><u a><u b><u c><u d>x</p>y", "<p><u a><u b><u c><u d>x</u></u></u></u></p>"
						   "<u*><u*><u*><u*>y</u></u></u></u>" },
		{ "<nobr>a<nobr>b", "<nobr>a</nobr><nobr>b</nobr>" },
		{ "<u>a</u>b</u>", "<u>a</u>b" },
		{ "<p><b>a</p><iframe></iframe><textarea>c</textarea><xmp>d</xmp>",
		  "<p><b>a</b></p><iframe></iframe><textarea>c</textarea><b*><xmp>d</xmp></b>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_reader__tables_hold_their_parts_only(void **state)
{
	static const struct row rows[] = {
		{ "<tr><td>a</td></tr>b", "<tr/><td/>ab" },
		{ "<table><td>a<td>b<tr><th>c</table>d",
		  "<table><tbody><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></tbody></"
		  "table>d" },
		{ "<table><tbody><tr><td>a<tbody><tr><td>b</table>",
		  "<table><tbody><tr><td>a</td></tr></tbody><tbody><tr><td>b</td></tr></tbody>"
		  "</table>" },
		{ "<table><caption>a<tr><td>b",
		  "<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody>"
		  "</table>" },
		{ "<table><colgroup><col>x<tr><td>a</table>",
		  "<table><colgroup><col/></colgroup>x<tbody><tr><td>a</td></tr></tbody></table>" },
		{ "<table><tr><td>a<table><tr><td>b</table>c</table>d",
		  "<table><tbody><tr><td>a<table><tbody><tr><td>b</td></tr></tbody></table>c</td></"
		  "tr></tbody></table>d" },
		{ "<table><tr><table><tr><td>a",
		  "<table><tbody><tr></tr></tbody></table><table><tbody><tr><td>a</td></tr></"
		  "tbody></table>" },
		{ "<table><form>a<tr><td></form>b</table>",
		  "<table><form/>a<tbody><tr><td>b</td></tr></tbody></table>" },
		{ "<table><tr><td><div>a</td>b",
		  "<table><tbody><tr><td><div>a</div></td>b</tr></tbody></table>" },
		{ "<div><table><tr><td>a</div>b",
		  "<div><table><tbody><tr><td>ab</td></tr></tbody></table></div>" },
		{ "<table><div>a<tr><td>b</table>",
		  "<table><div>a</div><tbody><tr><td>b</td></tr></tbody></table>" },
		{ "<table><td>a</tbody>b", "<table><tbody><tr><td>a</td></tr></tbody>b</table>" },
		{ "<table>a</x> <td>b", "<table>a <tbody><tr><td>b</td></tr></tbody></table>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_reader__raw_text_is_raw_only_where_it_is_html(void **state)
{
	static const struct row rows[] = {
		{ "<title>a<b></title>b", "<title>a<b></title>b" },
		{ "<style>a<b></style><script>c</script><p>d",
		  "<style>a<b></style><script>c</script><p>d</p>" },
		{ "<svg><style>a<b>c</style>d",
		  "<svg svg><svg style>a</svg style></svg svg><b>cd</b>" },
		{ "<svg><style>a<g>c</style>d",
		  "<svg svg><svg style>a<svg g>c</svg g></svg style>d</svg svg>" },
		{ "<svg><desc><style><b></style>d", "<svg svg><svg desc><style><b></style>d"
						    "</svg desc></svg svg>" },
		{ "<math><mi><style><b></style>d",
		  "<math math><math mi><style><b></style>d</math mi>"
		  "</math math>" },
		{ "<svg><![CDATA[<b>]]></svg><![CDATA[<b>]]>",
		  "<svg svg><b></svg svg>{[CDATA[<b}]]>" },
		{ "<svg><g><p>a", "<svg svg><svg g></svg g></svg svg><p>a</p>" },
		{ "<svg><font>a</font><font size=1>b",
		  "<svg svg><svg font>a</svg font></svg svg><font size>b</font>" },
		{ "<svg><foreignObject><p>a</p></foreignObject>b</svg>c",
		  "<svg svg><svg foreignobject><p>a</p></svg foreignobject>b</svg svg>c" },
		{ "<svg><a/><g/>b", "<svg svg><svg a/><svg g/>b</svg svg>" },
		{ "<div><svg><g>a</div>b", "<div><svg svg><svg g>a</svg g></svg svg></div>b" },
		{ "<math><annotation-xml encoding=text/html><p>a",
		  "<math math><math annotation-xml encoding><p>a</p></math annotation-xml>"
		  "</math math>" },
		{ "<math><annotation-xml><svg><b>a",
		  "<math math><math annotation-xml><svg svg></svg svg></math annotation-xml>"
		  "</math math><b>a</b>" },
		{ "<template><tr><td>a</template>b", "<template><tr><td>a</td></tr></template>b" },
		{ "<p><plaintext></p>", "<p></p><plaintext></p></plaintext>" },
		{ "<frameset><frame src><noframes><b>a</noframes></frameset>",
		  "<frameset/><frame src/><noframes><b>a</b></noframes>" },
		{ "<p><noframes><b>a</noframes>", "<p><noframes><b>a</noframes></p>" },
		{ "<p> <input type=hidden><frameset><noframes><b>a</noframes>",
		  "<p> <input type/><frameset/><noframes><b>a</b></noframes></p>" },
		{ "<body><frameset><noframes><b>a</noframes>",
		  "<body/><frameset/><noframes><b>a</noframes>" },
		{ "<p>a<frameset><noframes><b>a</noframes>",
		  "<p>a<frameset/><noframes><b>a</noframes></p>" },
		{ "<input><frameset><noframes><b>a</noframes>",
		  "<input/><frameset/><noframes><b>a</noframes>" },
		{ "</br><frameset><noframes><b>a</noframes>",
		  "<br/><frameset/><noframes><b>a</noframes>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

/* Shown inside svg and math only, but not where they let HTML in. */
static void test_reader__nul_is_a_character_in_foreign_content_only(void **state)
{
	static const struct {
		const char *html;
		size_t len;
		const char *events;
	} rows[] = {
		{ "a\0b", 3, "ab" },
		{ "<svg>a\0b", 8,
		  "<svg svg>a\xef\xbf\xbd"
		  "b</svg svg>" },
		{ "<svg><desc>a\0b", 14, "<svg svg><svg desc>ab</svg desc></svg svg>" },
		{ "<math><mi>a\0b", 13, "<math math><math mi>ab</math mi></math math>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 65536);
		(void)eii_html_read(eii_text(rows[i].html, rows[i].len), &events, &out);
		CHECK(strcmp(out.data, rows[i].events) == 0, "%zu gave %s", i, out.data);
		eii_buf_clear(&out);
	}
}

static size_t depth;

static void count_start(void *context, struct eii_html_element *element,
			struct eii_html_tokenizer *tag)
{
	size_t *most = context;

	(void)tag;
	depth += element->has_end;
	if (depth > *most)
		*most = depth;
}

static void count_again(void *context, struct eii_html_element *element)
{
	count_start(context, element, NULL);
}

static void count_end(void *context, struct eii_html_element *element)
{
	(void)context;
	(void)element;
	depth--;
}

static const struct eii_html_events counting = { .start = count_start,
						 .again = count_again,
						 .end = count_end };

/* At 50 KB and 1.6 MB; what is open at the end is ended, and never is there too much. */
static void check_steps(const char *piece, const char *first, size_t len)
{
	const size_t n = strlen(piece);
	const size_t n_first = strlen(first);
	char *html = malloc(n_first + len + n);
	size_t most = 0;
	uint64_t steps;

	assert_non_null(html);
	memcpy(html, first, n_first);
	for (size_t at = 0; at < len; at += n)
		memcpy(html + n_first + at, piece, n);
	steps = eii_html_read(eii_text(html, n_first + len), &counting, &most);
	CHECK(steps <= 16 * (len + n_first), "%s: %llu steps for %zu bytes", piece,
	      (unsigned long long)steps, len);
	CHECK(depth == 0 && most < EII_HTML_OPEN_MAX, "%s: %zu open, %zu at most", piece, depth,
	      most);
	free(html);
}

static const char *const pieces[] = {
	"<div>",
	"<b>",
	"<i><b>",
	"<a>",
	"<a href=x>",
	"<p>",
	"</p>",
	"</b>",
	"</i>",
	"</x>",
	"</div>",
	"<x>",
	"<x></y>",
	"<p><b>",
	"<b></p>",
	"<b><p></b>",
	"<p></b>x",
	"<table>",
	"<table><tr><td>",
	"<td>",
	"<tr>",
	"</td>",
	"<table><b>",
	"<table>x",
	"<li>",
	"<ul><li>",
	"<dd>",
	"<dt><dd>",
	"<h1>",
	"</h1>",
	"<select>",
	"<option>",
	"<select><option>",
	"<button>",
	"<form>",
	"</form>",
	"<form></form>",
	"<object>",
	"<object></b>",
	"<svg>",
	"<svg><g>",
	"</g>",
	"<svg></g>",
	"<math><mi>",
	"<p><svg>",
	"<svg><desc>",
	"<template>",
	"</template>",
	"<template><tr>",
	"<nobr>",
	"<nobr><p>",
	"<font>x<p>",
	"<font size=1><p>x",
	"<ruby><rt>",
	"<pre>\n",
	"<textarea>",
	"<noscript>",
	"<frameset>",
	"<span>",
	"</span>",
	"<u></u>",
	"<b><i><u></b>x",
	"<marquee><b></marquee>x",
	"<caption>",
	"<col>",
	"<body>",
	"<html>",
};
static const char *const firsts[] = { "", "<b><i><u><s><tt><p><x><y>", "<table><tr><td>",
				      "<svg><g>" };

static void test_reader__takes_linear_time(void **state)
{
	(void)state;
	assert_true(ARRAY_LEN(pieces) >= 60);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		for (size_t k = 0; k < ARRAY_LEN(firsts); k++)
			check_steps(pieces[i], firsts[k], 50000);
		check_steps(pieces[i], "", 1600000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader__implies_ends_and_ignores_what_is_not_in_scope),
		cmocka_unit_test(test_reader__formatting_begins_again),
		cmocka_unit_test(test_reader__tables_hold_their_parts_only),
		cmocka_unit_test(test_reader__raw_text_is_raw_only_where_it_is_html),
		cmocka_unit_test(test_reader__nul_is_a_character_in_foreign_content_only),
		cmocka_unit_test(test_reader__takes_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
