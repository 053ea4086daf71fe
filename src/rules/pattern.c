/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/rules/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/utf8.h"
#include "eii/codec/lower.h"

#define LOWER_GROWTH 3 /* lower case makes some characters longer, at most so much */

/* ---- reading ----------------------------------------------------------- */

/* The item that begins at *rest, which then stands behind its comma. */
static struct eii_text next_item(struct eii_text *rest)
{
	const char *comma = memchr(rest->data, ',', rest->len);
	struct eii_text item = *rest;

	if (comma)
		item.len = (size_t)(comma - rest->data);
	rest->data += item.len + (comma ? 1 : 0);
	rest->len -= item.len + (comma ? 1 : 0);
	return eii_text_trim(item);
}

static enum eii_rc check(struct eii_text text, size_t *out_n, struct eii_error *err)
{
	size_t n = 0;

	while (text.len) {
		struct eii_text item = next_item(&text);

		if (item.len > EII_PATTERN_MAX_BYTES)
			return eii_fail(err, EII_REJECT, "a pattern takes at most %d bytes",
					EII_PATTERN_MAX_BYTES);
		n += item.len > 0;
		if (n > EII_PATTERNS_MAX)
			return eii_fail(err, EII_REJECT, "a list takes at most %d patterns",
					EII_PATTERNS_MAX);
	}
	if (!n)
		return eii_fail(err, EII_REJECT, "there is no pattern in it");
	*out_n = n;
	return EII_OK;
}

enum eii_rc eii_patterns_parse(struct eii_text text, struct eii_patterns *out,
			       struct eii_error *err)
{
	struct eii_text rest = text;
	struct eii_buf lower;
	size_t n = 0;
	enum eii_rc rc;

	if (!eii_utf8_is_valid(text))
		return eii_fail(err, EII_REJECT, "it is not UTF-8");
	rc = check(text, &n, err);
	if (rc)
		return rc;
	eii_buf_init(&lower, text.len * LOWER_GROWTH);
	eii_lower(text, &lower);
	rest.len = lower.len;
	*out = (struct eii_patterns){ .text = eii_buf_detach(&lower),
				      .items = eii_calloc(n, sizeof(*out->items)) };
	rest.data = out->text;
	while (rest.len) {
		struct eii_text item = next_item(&rest);

		if (item.len)
			out->items[out->n++] = item;
	}
	return EII_OK;
}

void eii_patterns_clear(struct eii_patterns *patterns)
{
	free(patterns->items);
	free(patterns->text);
	*patterns = (struct eii_patterns){ .n = 0 };
}

/* ---- matching ---------------------------------------------------------- */

static size_t character_len(struct eii_text text)
{
	uint32_t c;
	size_t len = eii_utf8_decode(text.data, text.len, &c);

	return len ? len : 1;
}

/* Bytes of text that run, which has no `*`, takes at its start; false: it does not stand there. */
static bool stands_at(struct eii_text run, struct eii_text text, size_t *out_len)
{
	size_t at = 0;

	for (size_t i = 0; i < run.len; i++) {
		if (at == text.len)
			return false;
		if (run.data[i] == '?')
			at += character_len(eii_text(text.data + at, text.len - at));
		else if (run.data[i] == text.data[at])
			at++;
		else
			return false;
	}
	*out_len = at;
	return true;
}

/* Goes behind the first place in *text where run stands. */
static bool skip_to_run(struct eii_text run, struct eii_text *text)
{
	bool is_plain = !run.len || !memchr(run.data, '?', run.len);

	while (run.len) {
		const char *found =
			is_plain ? memmem(text->data, text->len, run.data, run.len) : text->data;
		size_t len = 0;
		bool is_there;

		if (!found || !text->len)
			return false;
		*text = eii_text(found, text->len - (size_t)(found - text->data));
		is_there = stands_at(run, *text, &len);
		if (!is_there)
			len = character_len(*text);
		*text = eii_text(text->data + len, text->len - len);
		if (is_there)
			return true;
	}
	return true;
}

/* Whether run stands at the very end of text: its characters from the last one back. */
static bool stands_at_end(struct eii_text run, struct eii_text text)
{
	while (run.len) {
		char c = run.data[--run.len];

		if (!text.len)
			return false;
		text.len--;
		if (c == '?') {
			while (text.len && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
				text.len--;
		} else if (c != text.data[text.len]) {
			return false;
		}
	}
	return true;
}

static struct eii_text take_run(struct eii_text *pattern)
{
	const char *star = pattern->len ? memchr(pattern->data, '*', pattern->len) : NULL;
	struct eii_text run = *pattern;

	if (star)
		run.len = (size_t)(star - pattern->data);
	pattern->data += run.len;
	pattern->len -= run.len;
	return run;
}

/* The first run stands at the start, the last one at the end, the others where first found. */
static bool matches(struct eii_text pattern, struct eii_text text)
{
	struct eii_text run = take_run(&pattern);
	size_t len = 0;

	if (!stands_at(run, text, &len))
		return false;
	text = eii_text(text.data + len, text.len - len);
	if (!pattern.len)
		return text.len == 0;
	while (pattern.len) {
		pattern = eii_text(pattern.data + 1, pattern.len - 1); /* the star */
		run = take_run(&pattern);
		if (pattern.len && !skip_to_run(run, &text))
			return false;
	}
	return stands_at_end(run, text);
}

bool eii_patterns_match(const struct eii_patterns *patterns, struct eii_text text)
{
	if (!text.data)
		text.data = "";
	for (size_t i = 0; i < patterns->n; i++) {
		if (matches(patterns->items[i], text))
			return true;
	}
	return false;
}
