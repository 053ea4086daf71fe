/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html: how fast HTML is made safe, in MB/s, beside libxml2's HTML parser with empty SAX
 * handlers on the same text (a measure of the machine). Two texts of 1 MB: a newsletter
 * (tables, inline styles, links; 20,000 '<') and tag soup (misnested, unclosed, odd
 * attributes; 70,000 '<'). The best of several runs counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/HTMLparser.h>

#include "eii/base/buf.h"
#include "eii/mail/html.h"

#define TEXT_BYTES 1000000
#define N_RUNS     25

/* What the sanitizer on libxml2 did, by libxml2's own rate in the same run. */
#define NEWSLETTER_BEFORE 0.47
#define SOUP_BEFORE       0.78

static unsigned int next_random(unsigned int *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void add_newsletter_row(struct eii_buf *out, size_t i)
{
	static const char *const colors[] = { "#333333", "#0a66c2", "#999", "rgb(20, 30, 40)" };

	eii_buf_addf(out,
		     "<tr>\r\n<td align=\"center\" valign=\"top\" style=\"padding:10px 18px 10px "
		     "18px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:21px;"
		     "color:%s;mso-line-height-rule:exactly\">\r\n",
		     colors[i % 4]);
	eii_buf_addf(out,
		     "<a href=\"https://click.news.example/ls/click?upn=%zu-2FkQbt&amp;m=%zu\" "
		     "target=\"_blank\" style=\"color:#0a66c2;text-decoration:none\">"
		     "<span style=\"font-weight:bold\">Offer %zu of the week</span></a><br>\r\n",
		     i * 7919, i, i);
	eii_buf_addf(out,
		     "A paragraph of %zu words about nothing much that a reader of newsletters "
		     "would skip &nbsp;&middot; save <b>%zu%%</b> today only\r\n</td>\r\n</tr>\r\n",
		     i % 90, i % 50);
}

static void make_newsletter(struct eii_buf *out)
{
	eii_buf_add_str(out, "<!DOCTYPE html><html><head><title>n</title><style>td{color:#333}"
			     "</style></head><body><table width=\"600\" cellpadding=\"0\">\r\n");
	for (size_t i = 0; out->len < TEXT_BYTES - 1000; i++)
		add_newsletter_row(out, i);
	eii_buf_add_str(out, "</table></body></html>");
}

static void make_soup(struct eii_buf *out)
{
	static const char *const pieces[] = {
		"<b>",           "</b>",
		"<i>",           "</i>",
		"<p>",           "</p>",
		"<div class=x>", "</div>",
		"<a href=/x>",   "</a>",
		"<td>",          "<table>",
		"<tr>",          "</table>",
		"<x y>",         "<br/>",
		"text",          "some words of text, then more of it",
		"a line\r\n",    " and so on and on",
		" &amp; ",       "<font size",
		"=2>",           "<!-- c -->",
		"</q>",          "<li>",
		"<ul>",          "</ul>",
		"<span a='b'>",  "&copy",
		"<img src=x>",
	};
	unsigned int seed = 1;

	while (out->len < TEXT_BYTES - 1000)
		eii_buf_add_str(out,
				pieces[next_random(&seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
}

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sanitize(struct eii_text html)
{
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	const struct eii_html_options options = { .addresses = addresses };
	struct eii_buf out;

	eii_buf_init(&out, (size_t)1 << 28);
	if (eii_html_sanitize(html, &options, &out, NULL) || out.len == 0)
		abort();
	(void)eii_addresses_write(addresses, &out);
	eii_buf_clear(&out);
}

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
	(void)context;
	(void)name;
	(void)attributes;
}

static void parse_by_libxml2(struct eii_text html)
{
	static xmlSAXHandler handler = { .startElement = on_start, .initialized = XML_SAX2_MAGIC };
	htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(html.data, (int)html.len);

	if (!parser)
		abort();
	*parser->sax = handler;
	(void)htmlParseDocument(parser);
	htmlFreeParserCtxt(parser);
}

static double rate_of(void (*what)(struct eii_text), struct eii_text html)
{
	double best = 0;

	for (int i = 0; i < N_RUNS; i++) {
		const double begin = now_s();
		double rate;

		what(html);
		rate = (double)html.len / 1e6 / (now_s() - begin);
		if (rate > best)
			best = rate;
	}
	return best;
}

static void measure(const char *name, void (*make)(struct eii_buf *), double before)
{
	struct eii_buf html;
	double ours;
	double reference;
	size_t n_tags = 0;

	eii_buf_init(&html, (size_t)TEXT_BYTES * 2);
	make(&html);
	for (size_t i = 0; i < html.len; i++)
		n_tags += html.data[i] == '<';
	ours = rate_of(sanitize, eii_buf_text(&html));
	reference = rate_of(parse_by_libxml2, eii_buf_text(&html));
	(void)printf("%-10s %7zu '<'  safe %6.1f MB/s  libxml2 SAX %6.1f MB/s  ratio %.2f", name,
		     n_tags, ours, reference, ours / reference);
	if (before > 0)
		(void)printf("  before %.2f  now %.1f times that", before,
			     ours / reference / before);
	(void)printf("\n");
	eii_buf_clear(&html);
}

int main(void)
{
	measure("newsletter", make_newsletter, NEWSLETTER_BEFORE);
	measure("tag soup", make_soup, SOUP_BEFORE);
	return EXIT_SUCCESS;
}
