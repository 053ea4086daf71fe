/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTML tokenizer on any bytes behind the first, which says in which state it
 * begins. Every token points into the input or is a piece of its own, the reading is
 * linear and ends, and what is decoded of it never grows beyond its bound.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eii/html/tokenizer.h"

/* A token for each byte, each attribute of a tag, and the end. */
#define STEPS_A_BYTE 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_raw(struct eii_text html, struct eii_text raw, enum eii_html_raw kind)
{
	struct eii_buf out;

	if (!raw.data)
		return;
	require(raw.data >= html.data && raw.data + raw.len <= html.data + html.len);
	eii_buf_init(&out, raw.len * 3 + 8);
	eii_html_decode(raw, kind, &out);
	require(eii_buf_ok(&out));
	if (kind == EII_HTML_RAW_VALUE && eii_html_is_plain(raw))
		require(eii_text_equal(eii_buf_text(&out), raw));
	eii_buf_clear(&out);
}

static void check_token(struct eii_html_tokenizer *t, struct eii_text html,
			const struct eii_html_token *token)
{
	struct eii_html_attribute attribute;

	if (token->kind == EII_HTML_TOKEN_TEXT) {
		require(token->text.len > 0);
		return;
	}
	/* Of the end nothing is said. */
	if (token->kind == EII_HTML_TOKEN_EOF)
		return;
	check_raw(html, token->text,
		  token->kind == EII_HTML_TOKEN_COMMENT ? EII_HTML_RAW_COMMENT : EII_HTML_RAW_NAME);
	if (token->kind == EII_HTML_TOKEN_DOCTYPE) {
		check_raw(html, token->public_id, EII_HTML_RAW_COMMENT);
		check_raw(html, token->system_id, EII_HTML_RAW_COMMENT);
	}
	if (token->kind != EII_HTML_TOKEN_START)
		return;
	while (eii_html_next_attribute(t, &attribute)) {
		check_raw(html, attribute.name, EII_HTML_RAW_NAME);
		check_raw(html, attribute.value, EII_HTML_RAW_VALUE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the length of the input, so that a byte read behind it is found. */
	char *copy = malloc(size ? size : 1);
	struct eii_text html = eii_text(copy, size ? size - 1 : 0);
	const unsigned int state = size ? data[0] % (EII_HTML_CDATA + 1u) : 0;
	struct eii_html_tokenizer t;
	struct eii_html_token token;
	size_t n_tokens = 0;

	if (!copy)
		return 0;
	if (html.len)
		memcpy(copy, data + 1, html.len);
	eii_html_tokenizer_init(&t, html);
	if (state == EII_HTML_CDATA)
		eii_html_tokenizer_set_cdata(&t, EII_HTML_CDATA_IS_TEXT);
	if (state != EII_HTML_DATA)
		eii_html_tokenizer_enter(&t, (enum eii_html_content)state, eii_text_of("title"));
	do {
		eii_html_next(&t, &token);
		check_token(&t, html, &token);
		require(n_tokens++ <= html.len + 1);
	} while (token.kind != EII_HTML_TOKEN_EOF);
	require(t.steps <= (uint64_t)STEPS_A_BYTE * html.len + 64);
	free(copy);
	return 0;
}
