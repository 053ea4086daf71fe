/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/html/tokenizer.h"

#include "support.h"

#define RUN 70 /* over four times what is looked at in one go */

/* A token as text: "T:a", "S:p x=1", "E:p", "C:c", "D:html". */
static void add_token(struct eii_html_tokenizer *t, const struct eii_html_token *token,
		      struct eii_buf *out)
{
	static const char marks[] = "?TSECD";
	struct eii_html_attribute attribute;

	eii_buf_addf(out, "%s%c:", out->len ? "|" : "", marks[token->kind]);
	if (token->kind == EII_HTML_TOKEN_TEXT)
		eii_buf_add_text(out, token->text);
	else
		eii_html_decode(token->text,
				token->kind == EII_HTML_TOKEN_COMMENT ? EII_HTML_RAW_COMMENT
								      : EII_HTML_RAW_NAME,
				out);
	if (token->kind != EII_HTML_TOKEN_START)
		return;
	while (eii_html_next_attribute(t, &attribute)) {
		eii_buf_add_char(out, ' ');
		eii_html_decode(attribute.name, EII_HTML_RAW_NAME, out);
		eii_buf_add_char(out, '=');
		eii_html_decode(attribute.value, EII_HTML_RAW_VALUE, out);
	}
	if (token->is_self_closing)
		eii_buf_add_str(out, " /");
}

static void enter(struct eii_html_tokenizer *t, const struct eii_html_token *token)
{
	if (token->kind != EII_HTML_TOKEN_START)
		return;
	if (token->tag == EII_HTML_TAG_TITLE || token->tag == EII_HTML_TAG_TEXTAREA)
		eii_html_tokenizer_enter(t, EII_HTML_RCDATA, token->text);
	else if (token->tag == EII_HTML_TAG_STYLE)
		eii_html_tokenizer_enter(t, EII_HTML_RAWTEXT, token->text);
	else if (token->tag == EII_HTML_TAG_SCRIPT)
		eii_html_tokenizer_enter(t, EII_HTML_SCRIPT, token->text);
	else if (token->tag == EII_HTML_TAG_PLAINTEXT)
		eii_html_tokenizer_enter(t, EII_HTML_PLAINTEXT, token->text);
	else if (token->tag == EII_HTML_TAG_SVG)
		eii_html_tokenizer_set_cdata(t, EII_HTML_CDATA_IS_TEXT);
}

/* The tokens of html, of which a start tag of title, style, script begins its own content. */
static void tokens_of(struct eii_text html, struct eii_buf *out)
{
	struct eii_html_tokenizer t;
	struct eii_html_token token;

	eii_html_tokenizer_init(&t, html);
	for (eii_html_next(&t, &token); token.kind; eii_html_next(&t, &token)) {
		add_token(&t, &token, out);
		enter(&t, &token);
	}
}

static void test_tokenizer__cuts_as_browsers_do(void **state)
{
	static const struct {
		const char *html;
		const char *tokens;
	} cases[] = {
		{ "", "" },
		{ "a<b>c</b>", "T:a|S:b|T:c|E:b" },
		{ "<A/HREF=x y='1' z=\"&amp;&ampx&lt;\">", "S:a href=x y=1 z=&&ampx<" },
		{ "<a \"=\"\"href=x>", "S:a \"= href=x" },
		{ "<a =x=1 b = 2/c>", "S:a =x=1 b=2/c" },
		{ "<br/><br / ><br /x/>", "S:br /|S:br|S:br x= /" },
		{ "bank&period;com &#x41;&#66 &unknown; &notit;",
		  "T:bank|T:.|T:com |T:A|T:B|T: |T:&"
		  "|T:unknown; |T:\xc2\xac|T:it;" },
		{ "a\r\nb\rc", "T:a|T:\nb|T:\n|T:c" },
		{ "<!-->a<!--->b<!-- c --!>d<!-- e", "C:|T:a|C:|T:b|C: c |T:d|C: e" },
		{ "<!--[if mso]><b><![endif]-->", "C:[if mso]><b><![endif]" },
		{ "<![if !mso]>a<![endif]>", "C:[if !mso]|T:a|C:[endif]" },
		{ "<?php a>b</ c>d</>e</", "C:?php a|T:b|C: c|T:d|T:e|T:</" },
		{ "<title>a<b>&lt;</titlex></TITLE >c",
		  "S:title|T:a<b>|T:<|T:</titlex>|E:title|T:c" },
		{ "<script><!--<script></script>--></script>a",
		  "S:script|T:<!--<script></script>-->|E:script|T:a" },
		{ "<script><!-- </script>a", "S:script|T:<!-- |E:script|T:a" },
		{ "<script><!--><script></script>a", "S:script|T:<!--><script>|E:script|T:a" },
		{ "<plaintext></plaintext>", "S:plaintext|T:</plaintext>" },
		{ "<![CDATA[a]]>b", "C:[CDATA[a]]|T:b" },
		{ "<svg><![CDATA[a<b>]]>c", "S:svg|T:a<b>|T:c" },
		{ "a<b c", "T:a" },
		{ "a<b c='", "T:a" },
		{ "a<1", "T:a|T:<|T:1" },
		{ "<!doctype HTML PUBLIC 'a' \"b\">c", "D:html|T:c" },
		{ "<!DOCTYPE html junk", "D:html" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		tokens_of(eii_text_of(cases[i].html), &out);
		CHECK(strcmp(out.data, cases[i].tokens) == 0, "%s\n gave %s\n not  %s",
		      cases[i].html, out.data, cases[i].tokens);
		eii_buf_clear(&out);
	}
}

/* Runs are looked through many bytes at once. */
static void test_tokenizer__finds_what_ends_a_run_wherever_it_stands(void **state)
{
	static const struct {
		const char *piece;
		size_t len;
		const char *tokens;
	} cases[] = {
		{ "\r", 1, "T:\n" },
		{ "&lt;", 4, "T:<" },
		{ "<b>", 3, "S:b" },
		{ "\0", 1, "T:" },
	};
	char around[RUN + 1];

	(void)state;
	memset(around, 'x', RUN);
	around[RUN] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(cases) * RUN; i++) {
		const size_t n = i / ARRAY_LEN(cases) + 1;
		const size_t k = i % ARRAY_LEN(cases);
		struct eii_buf html;
		struct eii_buf wanted;
		struct eii_buf out;

		eii_buf_init(&html, 4096);
		eii_buf_init(&wanted, 4096);
		eii_buf_init(&out, 4096);
		eii_buf_add(&html, around, n);
		eii_buf_add(&html, cases[k].piece, cases[k].len);
		eii_buf_add(&html, around, RUN);
		eii_buf_addf(&wanted, "T:%.*s|%s", (int)n, around, cases[k].tokens);
		eii_buf_add(&wanted, "\0", cases[k].piece[0] == '\0');
		eii_buf_addf(&wanted, "|T:%s", around);
		tokens_of(eii_buf_text(&html), &out);
		CHECK(eii_text_equal(eii_buf_text(&out), eii_buf_text(&wanted)), "%s behind %zu",
		      cases[k].tokens, n);
		eii_buf_clear(&html);
		eii_buf_clear(&wanted);
		eii_buf_clear(&out);
	}
}

static void test_tokenizer__gives_attributes_beyond_those_kept(void **state)
{
	(void)state;
	for (size_t n = EII_HTML_ATTRIBUTES_KEPT - 1; n < EII_HTML_ATTRIBUTES_KEPT + 3; n++) {
		struct eii_html_tokenizer t;
		struct eii_html_token token;
		struct eii_html_attribute attribute = { 0 };
		struct eii_buf html;
		size_t n_given = 0;

		eii_buf_init(&html, 65536);
		eii_buf_add_str(&html, "<p");
		for (size_t i = 0; i < n; i++)
			eii_buf_addf(&html, " a%zu=%zu", i, i);
		eii_buf_add_str(&html, " href=x/>y");
		eii_html_tokenizer_init(&t, eii_buf_text(&html));
		eii_html_next(&t, &token);
		while (eii_html_next_attribute(&t, &attribute))
			n_given++;
		CHECK(n_given == n + 1, "%zu of %zu", n_given, n + 1);
		assert_int_equal(attribute.id, EII_HTML_ATTRIBUTE_HREF);
		CHECK(eii_text_equal(attribute.value, eii_text_of("x/")), "%zu", n);
		eii_html_next(&t, &token);
		CHECK(eii_text_equal(token.text, eii_text_of("y")), "%zu", n);
		eii_buf_clear(&html);
	}
}

static void test_tokenizer__knows_every_name_and_no_other(void **state)
{
	char upper[32];

	(void)state;
	for (unsigned int i = 1; i < EII_HTML_N_TAGS; i++) {
		const char *name = eii_html_tag_name((enum eii_html_tag)i);

		assert_int_equal(eii_html_tag_find(eii_text_of(name)), i);
		for (size_t at = 0; at <= strlen(name); at++)
			upper[at] = name[at] >= 'a' && name[at] <= 'z' ? (char)(name[at] - 32)
								       : name[at];
		assert_int_equal(eii_html_tag_find(eii_text_of(upper)), i);
		upper[0] = '@';
		assert_int_equal(eii_html_tag_find(eii_text_of(upper)), EII_HTML_TAG_OTHER);
	}
	for (unsigned int i = 1; i < EII_HTML_N_ATTRIBUTES; i++) {
		const char *name = eii_html_attribute_name((enum eii_html_attribute_name)i);

		assert_int_equal(eii_html_attribute_find(eii_text_of(name)), i);
	}
	assert_int_equal(eii_html_tag_find(eii_text_of("")), EII_HTML_TAG_OTHER);
	assert_int_equal(eii_html_tag_find(eii_text_of("blockquoteblockquote")),
			 EII_HTML_TAG_OTHER);
	assert_string_equal(eii_html_attribute_name(EII_HTML_ATTRIBUTE_XLINK_HREF), "xlink:href");
}

static void check_steps(const char *piece, size_t len)
{
	const size_t n = strlen(piece);
	struct eii_html_tokenizer t;
	struct eii_html_token token;
	char *html = malloc(len + n);

	assert_non_null(html);
	for (size_t at = 0; at < len; at += n)
		memcpy(html + at, piece, n);
	eii_html_tokenizer_init(&t, eii_text(html, len));
	do {
		eii_html_next(&t, &token);
		enter(&t, &token);
	} while (token.kind);
	CHECK(t.steps <= 3 * len, "%s: %zu steps for %zu bytes", piece, (size_t)t.steps, len);
	free(html);
}

/* 50 KB and 1.6 MB of each: the steps a byte may not grow with the length. */
static void test_tokenizer__looks_at_each_byte_a_few_times(void **state)
{
	static const char *const pieces[] = {
		"<a ",        "<a",         "<b",           "<a.",
		"<a/b",       "<p/<",       "<a x=\"",      "<a x=",
		"<",          "</",         "<!",           "<!-",
		"<!--",       "<!-->",      "--!",          "<?",
		"&",          "&a",         "&#x1",         "&amp",
		"<script>",   "</script",   "<script><!--", "<script>--",
		"<script></", "<title></t", "<style></st",  "<svg><![CDATA[",
		"]]",         "<!DOCTYPE ", "a='",          "<a b=c ",
		"\r",         "\r\n",       "<textarea>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		check_steps(pieces[i], 50000);
		check_steps(pieces[i], 1600000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokenizer__cuts_as_browsers_do),
		cmocka_unit_test(test_tokenizer__finds_what_ends_a_run_wherever_it_stands),
		cmocka_unit_test(test_tokenizer__gives_attributes_beyond_those_kept),
		cmocka_unit_test(test_tokenizer__knows_every_name_and_no_other),
		cmocka_unit_test(test_tokenizer__looks_at_each_byte_a_few_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
