/* SPDX-License-Identifier: Apache-2.0 */
#include "html_private.h"

#include "support.h"

static void test_html_style__keeps_listed_declarations_only(void **state)
{
	static const struct {
		const char *css;
		const char *safe;
	} cases[] = {
		{ "color:red", "color:red" },
		{ " COLOR : Red ; font-size:12pt;", "color:Red;font-size:12pt" },
		{ "color:#fff !important", "color:#fff" },
		{ "color:rgba(1, 2, 3, .5)", "color:rgba(1, 2, 3, .5)" },
		{ "background:#abc", "background-color:#abc" },
		{ "background:#abc url(http://x/a.png)", "" },
		{ "background-image:url(//x)", "" },
		{ "color:url(//x)", "" },
		{ "color:var(--x)", "" },
		{ "color:expression(alert(1))", "" },
		{ "color:re\\64", "" },
		{ "color:red/**/", "" },
		{ "position:fixed;top:0;z-index:9;opacity:0;display:none", "" },
		{ "behavior:url(x);-moz-binding:url(x);content:'x'", "" },
		{ "@import 'x';color:red", "color:red" },
		{ "margin:0 auto;padding:1px 2px 3px 4px",
		  "margin:0 auto;padding:1px 2px 3px 4px" },
		{ "margin:-5px", "" },
		{ "margin:-x", "" },
		{ "text-indent:-9999px", "" },
		{ "padding-left:200px", "padding-left:200px" },
		{ "padding-left:201px", "" },
		{ "font-size:6px", "font-size:6px" },
		{ "font-size:5.9px", "" },
		{ "font-size:0", "" },
		{ "font-size:100px", "font-size:100px" },
		{ "font-size:100.1px", "" },
		{ "line-height:1.5", "line-height:1.5" },
		{ "line-height:0", "" },
		{ "color:transparent", "" },
		{ "color:rgba(0,0,0,0)", "" },
		{ "color:rgba(0, 0, 0, 0.099)", "" },
		{ "color:rgba(0,0,0,.1)", "color:rgba(0,0,0,.1)" },
		{ "color:rgb(0 0 0 / 0%)", "" },
		{ "color:rgb(0 0 0 / 9.9%)", "" },
		{ "color:hsla(0,0%,0%,10%)", "color:hsla(0,0%,0%,10%)" },
		{ "color:rgb(0,0,0)", "color:rgb(0,0,0)" },
		{ "color:#0000", "" },
		{ "color:#00000019", "" },
		{ "color:#0002", "color:#0002" },
		{ "color:#0000001a", "" },
		{ "color:#00000020", "color:#00000020" },
		{ "background:rgba(0,0,0,0)", "background-color:rgba(0,0,0,0)" },
		{ "font-family:'Arial Black',Helvetica , \"x\"",
		  "font-family:'Arial Black', Helvetica, &quot;x&quot;" },
		{ "font-family:'a\"><script>'", "" },
		{ "border:1px solid #000", "border:1px solid #000" },
		{ "width:99999px", "" },
		{ "width:1px2", "" },
		{ "color", "" },
		{ ":;;:;", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1000);
		eii_html_style(eii_text_of(cases[i].css), &out);
		CHECK(strcmp(out.data, cases[i].safe) == 0, "%s gave %s", cases[i].css, out.data);
		eii_buf_clear(&out);
	}
}

static void test_html_style__finds_every_property_of_the_list(void **state)
{
	static const char *const declarations[] = {
		"background-color:red",
		"border:0",
		"border-bottom:0",
		"border-collapse:x",
		"border-color:red",
		"border-left:0",
		"border-radius:0",
		"border-right:0",
		"border-spacing:0",
		"border-style:x",
		"border-top:0",
		"border-width:0",
		"clear:x",
		"color:red",
		"float:left",
		"font-family:x",
		"font-size:9px",
		"font-style:x",
		"font-weight:700",
		"height:0",
		"letter-spacing:0",
		"line-height:1",
		"list-style-type:x",
		"margin:0",
		"margin-bottom:0",
		"margin-left:0",
		"margin-right:0",
		"margin-top:0",
		"max-width:90%",
		"overflow-wrap:x",
		"padding:0",
		"padding-bottom:0",
		"padding-left:0",
		"padding-right:0",
		"padding-top:0",
		"table-layout:x",
		"text-align:x",
		"text-decoration:x",
		"text-indent:0",
		"text-transform:x",
		"vertical-align:x",
		"white-space:x",
		"width:0",
		"word-break:x",
		"word-wrap:x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(declarations); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1000);
		eii_html_style(eii_text_of(declarations[i]), &out);
		CHECK(strcmp(out.data, declarations[i]) == 0, "%s gave %s", declarations[i],
		      out.data);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html_style__finds_every_property_of_the_list),
		cmocka_unit_test(test_html_style__keeps_listed_declarations_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
