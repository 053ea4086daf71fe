/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_tokens: one line for each line of standard input, "CONTENT NAME HTML", with the
 * number of an enum eii_html_content, and name and HTML in hexadecimal after an 'x'.
 * A line of answer holds the tokens, their texts in the same form:
 *
 *   T xTEXT    S xNAME 0|1 N xATTRIBUTE xVALUE ...    E xNAME    C xTEXT
 *   D xNAME|- xPUBLIC|- xSYSTEM|- 0|1
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/html/tokenizer.h"

#define LINE_MAX_BYTES (1 << 20)

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Decodes "x..." in place. */
static struct eii_text unhex(char *word)
{
	size_t n = 0;

	for (char *p = word + 1; p[0] && p[1]; p += 2)
		word[n++] = (char)(digit(p[0]) << 4 | digit(p[1]));
	return eii_text(word, n);
}

static void print_bytes(struct eii_text text)
{
	(void)printf(" x");
	for (size_t i = 0; i < text.len; i++)
		(void)printf("%02x", (unsigned char)text.data[i]);
}

static void print_raw(struct eii_text raw, enum eii_html_raw kind)
{
	struct eii_buf out;

	if (!raw.data) {
		(void)printf(" -");
		return;
	}
	eii_buf_init(&out, raw.len * 3 + 8);
	eii_html_decode(raw, kind, &out);
	print_bytes(eii_buf_text(&out));
	eii_buf_clear(&out);
}

static void print_start(struct eii_html_tokenizer *t, const struct eii_html_token *token)
{
	struct eii_html_attribute attribute;

	(void)printf(" S");
	print_raw(token->text, EII_HTML_RAW_NAME);
	(void)printf(" %d", token->is_self_closing);
	while (eii_html_next_attribute(t, &attribute)) {
		(void)printf(" A");
		print_raw(attribute.name, EII_HTML_RAW_NAME);
		if (!attribute.value.data)
			attribute.value = eii_text_of("");
		print_raw(attribute.value, EII_HTML_RAW_VALUE);
	}
}

static void print_token(struct eii_html_tokenizer *t, const struct eii_html_token *token)
{
	switch (token->kind) {
	case EII_HTML_TOKEN_TEXT:
		(void)printf(" T");
		print_bytes(token->text);
		break;
	case EII_HTML_TOKEN_START:
		print_start(t, token);
		break;
	case EII_HTML_TOKEN_END:
		(void)printf(" E");
		print_raw(token->text, EII_HTML_RAW_NAME);
		break;
	case EII_HTML_TOKEN_COMMENT:
		(void)printf(" C");
		print_raw(token->text, EII_HTML_RAW_COMMENT);
		break;
	case EII_HTML_TOKEN_DOCTYPE:
		(void)printf(" D");
		print_raw(token->text, EII_HTML_RAW_NAME);
		print_raw(token->public_id, EII_HTML_RAW_COMMENT);
		print_raw(token->system_id, EII_HTML_RAW_COMMENT);
		(void)printf(" %d", token->is_quirks);
		break;
	case EII_HTML_TOKEN_EOF:
		break;
	}
}

static void print_tokens(enum eii_html_content content, struct eii_text name, struct eii_text html)
{
	struct eii_html_tokenizer t;
	struct eii_html_token token;

	eii_html_tokenizer_init(&t, html);
	if (content == EII_HTML_CDATA)
		eii_html_tokenizer_set_cdata(&t, EII_HTML_CDATA_IS_TEXT);
	if (content != EII_HTML_DATA)
		eii_html_tokenizer_enter(&t, content, name);
	do {
		eii_html_next(&t, &token);
		print_token(&t, &token);
	} while (token.kind != EII_HTML_TOKEN_EOF);
	(void)printf("\n");
}

int main(void)
{
	static char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), stdin)) {
		char *name = line + 2;
		char *html = name + strcspn(name, " \n") + 1;

		name[strcspn(name, " \n")] = '\0';
		html[strcspn(html, " \n")] = '\0';
		print_tokens((enum eii_html_content)(line[0] - '0'), unhex(name), unhex(html));
	}
	return EXIT_SUCCESS;
}
