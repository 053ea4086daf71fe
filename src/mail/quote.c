/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a message in the mail, as it stands above its quoted text. */
#include "eii/base/utf8.h"
#include "eii/mail/header_text.h"

#include "html_private.h"
#include "message_private.h"

#define VALUE_BYTES 1024 /* of one field: recipients may be thousands */

static const struct {
	const char *label;
	const char *name;
} shown[] = {
	{ "From", "from" },
	{ "Date", "date" },
	{ "Subject", "subject" },
	{ "To", "to" },
};

#define N_SHOWN (sizeof(shown) / sizeof(shown[0]))
#define SUBJECT 2

/* The first field of each name, raw; empty = absent. */
static void find_shown(struct eii_text raw, struct eii_text values[N_SHOWN])
{
	struct eii_header_walk headers;
	struct eii_header header;

	memset(values, 0, N_SHOWN * sizeof(values[0]));
	eii_header_walk_init(&headers, raw);
	while (eii_header_walk_next(&headers, &header)) {
		for (size_t i = 0; i < N_SHOWN; i++) {
			if (!values[i].data &&
			    eii_text_equal_nocase(header.name, eii_text_of(shown[i].name)))
				values[i] = header.value;
		}
	}
}

static void add_value(struct eii_text raw, struct eii_buf *out)
{
	struct eii_buf text;
	size_t len;

	if (raw.len > EII_LIMIT_HEADER_BYTES)
		raw.len = EII_LIMIT_HEADER_BYTES;
	eii_buf_init(&text, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_header_text_decode(raw, &text);
	len = eii_utf8_cut(eii_buf_text(&text), VALUE_BYTES);
	eii_html_escape(eii_text(text.data, len), EII_HTML_QUOTES_BOTH, out);
	if (len < text.len)
		eii_buf_add_str(out, "\xe2\x80\xa6");
	eii_buf_clear(&text);
}

void eii_quote_add_head(struct eii_text raw, struct eii_buf *out)
{
	struct eii_text values[N_SHOWN];
	const char *before = "<p>";

	find_shown(raw, values);
	for (size_t i = 0; i < N_SHOWN; i++) {
		if (!eii_text_trim(values[i]).len)
			continue;
		eii_buf_addf(out, "%s<b>%s:</b> ", before, shown[i].label);
		add_value(values[i], out);
		before = "<br>";
	}
	if (*before == '<' && before[1] == 'b')
		eii_buf_add_str(out, "</p>");
}

void eii_quote_add_name(const struct eii_part *part, struct eii_buf *out)
{
	struct eii_text values[N_SHOWN];

	find_shown(part->raw, values);
	eii_buf_add_str(out, "<p><b>Message, not quoted:</b> ");
	if (eii_text_trim(values[SUBJECT]).len)
		add_value(values[SUBJECT], out);
	else if (part->name.len)
		eii_html_escape(part->name, EII_HTML_QUOTES_BOTH, out);
	else
		eii_buf_add_str(out, "(no subject)");
	eii_buf_add_str(out, "</p>");
}
