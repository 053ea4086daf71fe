/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTML sanitizer on any bytes. Whatever comes in, what goes out is UTF-8 without
 * controls, every tag of it on a list of its own, quoted as it should be, and closed;
 * and the same bytes as plain text give no tag but <br>.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/utf8.h"
#include "eii/html/reader.h"
#include "eii/mail/html.h"

#define IN_MAX  (1 << 20)
#define OUT_MAX (8 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tags[] =
	" a abbr acronym address article aside b bdi big blockquote br caption center cite code "
	"col "
	"colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header "
	"hgroup hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span "
	"strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr ";
static const char voids[] = " br col hr img wbr ";
static const char attributes[] =
	" align alt bgcolor border cellpadding cellspacing clear color colspan datetime dir face "
	"height href lang nowrap rel reversed rowspan size span src start style target title type "
	"valign value width ";

static void require(bool condition, const char *what, const char *at)
{
	if (condition)
		return;
	(void)fprintf(stderr, "%s at: %.80s\n", what, at);
	abort();
}

static bool is_on(const char *list, const char *name, size_t len)
{
	char padded[32];

	if (len == 0 || len + 3 > sizeof(padded))
		return false;
	(void)snprintf(padded, sizeof(padded), " %.*s ", (int)len, name);
	return strstr(list, padded) != NULL;
}

/* Reads one attribute from its blank on; gives its end. */
static const char *check_attribute(const char *p)
{
	size_t len;
	const char *value;

	require(*p == ' ', "no blank before an attribute", p);
	len = strcspn(++p, "= >");
	require(is_on(attributes, p, len), "unknown attribute", p);
	if (p[len] != '=')
		return p + len;
	value = p + len + 2;
	require(value[-1] == '"', "value without quotes", p);
	if (strncmp(p, "href", len) == 0)
		require(strncasecmp(value, "http:", 5) == 0 ||
				strncasecmp(value, "https:", 6) == 0 ||
				strncasecmp(value, "mailto:", 7) == 0,
			"link", p);
	if (strncmp(p, "src", len) == 0)
		require(strncmp(value, "data:image/", 11) == 0, "image source", p);
	if (strncmp(p, "style", len) == 0)
		require(!memchr(value, '\\', strcspn(value, "\"")) &&
				!memchr(value, '@', strcspn(value, "\"")),
			"style", p);
	value += strcspn(value, "\"<>");
	require(*value == '"', "value that does not end", p);
	return value + 1;
}

struct element {
	const char *name;
	size_t len;
};

static const char *check_tag(const char *p, struct element *open, size_t *n_open)
{
	const bool is_end = p[1] == '/';
	const char *name = p + 1 + is_end;
	size_t len = strcspn(name, " >");

	require(is_on(tags, name, len), "unknown element", p);
	if (is_end) {
		require(*n_open > 0 && open[*n_open - 1].len == len &&
				memcmp(open[*n_open - 1].name, name, len) == 0,
			"end tag of another element", p);
		(*n_open)--;
	} else if (!is_on(voids, name, len)) {
		require(*n_open < EII_HTML_OPEN_MAX, "depth", p);
		open[(*n_open)++] = (struct element){ .name = name, .len = len };
	}
	for (p = name + len; *p != '>';)
		p = check_attribute(p);
	return p + 1;
}

static void check_html(const struct eii_buf *out)
{
	struct element open[EII_HTML_OPEN_MAX];
	size_t n_open = 0;

	require(eii_utf8_is_valid(eii_buf_text(out)), "UTF-8", "");
	for (const char *p = out->data; *p;) {
		require((unsigned char)*p >= 0x20 || *p == '\n' || *p == '\t', "control", p);
		require(*p != '>', "stray >", p);
		p = *p == '<' ? check_tag(p, open, &n_open) : p + 1;
	}
	require(strlen(out->data) == out->len, "NUL", "");
	require(n_open == 0, "open element at the end", "");
}

static void check_text(const struct eii_buf *out)
{
	for (const char *p = strchr(out->data, '<'); p; p = strchr(p + 1, '<'))
		require(strncmp(p, "<br>", 4) == 0, "a tag from text", p);
}

static bool find_any(void *context, struct eii_text cid, struct eii_html_image *out)
{
	static const char gif[] = "GIF89a........";

	(void)context;
	*out = (struct eii_html_image){ .data = gif, .len = cid.len % sizeof(gif) };
	return cid.len != 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_html_options options = { .find_cid = find_any, .inline_image_bytes = 1000 };
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	struct eii_text in;
	struct eii_buf out;

	if (size < 2 || size > IN_MAX)
		return 0;
	/* The first byte chooses the ceiling, so that cuts are tried too. */
	eii_buf_init(&out, data[0] < 128 ? OUT_MAX : (size_t)(data[0] - 127) * 16);
	in = eii_text((const char *)data + 1, size - 1);
	in.len = eii_utf8_valid_prefix(in.data, in.len);
	options.addresses = addresses;
	if (eii_html_sanitize(in, &options, &out, NULL) != EII_OK)
		abort();
	check_html(&out);
	(void)eii_addresses_write(addresses, &out);
	check_html(&out);
	eii_buf_reset(&out);
	eii_text_to_html(in, &out);
	check_text(&out);
	eii_buf_clear(&out);
	return 0;
}
