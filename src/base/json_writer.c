/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/json_writer.h"

#include <stdio.h>

#include "eii/base/base64.h"

/* Bytes of a file whose base64 just fits the held bytes, a multiple of 3. */
#define BASE64_STEP (EII_JSON_WRITER_HOLD / 4 * 3)

void eii_json_writer_init(struct eii_json_writer *json, struct eii_sink *sink)
{
	json->sink = sink;
	json->rc = EII_OK;
	json->comma_due = false;
	json->n_held = 0;
}

static void pass_on(struct eii_json_writer *json, const char *data, size_t len)
{
	if (!json->rc)
		json->rc = eii_sink_write(json->sink, data, len, &json->error);
}

static void flush(struct eii_json_writer *json)
{
	pass_on(json, json->held, json->n_held);
	json->n_held = 0;
}

enum eii_rc eii_json_writer_finish(struct eii_json_writer *json, struct eii_error *err)
{
	flush(json);
	if (json->rc && err)
		*err = json->error;
	return json->rc;
}

static void put(struct eii_json_writer *json, const char *data, size_t len)
{
	if (len > sizeof(json->held) - json->n_held)
		flush(json);
	if (len > sizeof(json->held)) {
		pass_on(json, data, len);
		return;
	}
	memcpy(json->held + json->n_held, data, len);
	json->n_held += len;
}

static void put_char(struct eii_json_writer *json, char c)
{
	put(json, &c, 1);
}

static void before_value(struct eii_json_writer *json)
{
	if (json->comma_due)
		put_char(json, ',');
	json->comma_due = true;
}

void eii_json_object_begin(struct eii_json_writer *json)
{
	before_value(json);
	put_char(json, '{');
	json->comma_due = false;
}

void eii_json_object_end(struct eii_json_writer *json)
{
	put_char(json, '}');
	json->comma_due = true;
}

void eii_json_array_begin(struct eii_json_writer *json)
{
	before_value(json);
	put_char(json, '[');
	json->comma_due = false;
}

void eii_json_array_end(struct eii_json_writer *json)
{
	put_char(json, ']');
	json->comma_due = true;
}

void eii_json_key(struct eii_json_writer *json, const char *name)
{
	eii_json_str(json, name);
	put_char(json, ':');
	json->comma_due = false;
}

static size_t escape_of(unsigned char c, char out[8])
{
	static const char names[] = "btn\0fr"; /* U+0008 to U+000D; 0 = no short form */
	char letter = c >= 8 && c <= 13 ? names[c - 8] : '\0';

	if (c == '"' || c == '\\')
		letter = (char)c;
	out[0] = '\\';
	out[1] = letter;
	if (letter)
		return 2;
	return (size_t)snprintf(out, 8, "\\u%04x", c);
}

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* True where one of eight bytes needs an escape (the usual test on a word at a time). */
static bool word_needs_escape(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t w, quote, slash;

	memcpy(&w, p, sizeof(w));
	quote = w ^ ones * '"';
	slash = w ^ ones * '\\';
	return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
	       high;
}

void eii_json_string_add(struct eii_json_writer *json, struct eii_text piece)
{
	size_t start = 0, i = 0;

	while (i < piece.len) {
		char escape[8];

		if (i + 8 <= piece.len && !word_needs_escape(piece.data + i)) {
			i += 8;
			continue;
		}
		if (!needs_escape((unsigned char)piece.data[i])) {
			i++;
			continue;
		}
		put(json, piece.data + start, i - start);
		put(json, escape, escape_of((unsigned char)piece.data[i], escape));
		start = ++i;
	}
	if (piece.len > start)
		put(json, piece.data + start, piece.len - start);
}

void eii_json_string_begin(struct eii_json_writer *json)
{
	before_value(json);
	put_char(json, '"');
}

void eii_json_string_end(struct eii_json_writer *json)
{
	put_char(json, '"');
}

void eii_json_text(struct eii_json_writer *json, struct eii_text text)
{
	eii_json_string_begin(json);
	eii_json_string_add(json, text);
	eii_json_string_end(json);
}

void eii_json_str(struct eii_json_writer *json, const char *string)
{
	eii_json_text(json, eii_text_of(string));
}

void eii_json_u64(struct eii_json_writer *json, uint64_t number)
{
	char digits[24];

	before_value(json);
	put(json, digits,
	    (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number));
}

void eii_json_i64(struct eii_json_writer *json, int64_t number)
{
	char digits[24];

	before_value(json);
	put(json, digits, (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)number));
}

void eii_json_word(struct eii_json_writer *json, enum eii_json_word word)
{
	static const char *const words[] = { "null", "false", "true" };

	before_value(json);
	put(json, words[word], strlen(words[word]));
}

void eii_json_raw(struct eii_json_writer *json, struct eii_text text)
{
	before_value(json);
	put(json, text.data, text.len);
}

void eii_json_base64(struct eii_json_writer *json, const void *data, size_t len)
{
	const char *p = data;

	eii_json_string_begin(json);
	while (len > 0) {
		size_t n = len < BASE64_STEP ? len : BASE64_STEP;

		if (eii_base64_size(n) > sizeof(json->held) - json->n_held)
			flush(json);
		eii_base64_encode(p, n, json->held + json->n_held);
		json->n_held += eii_base64_size(n);
		p += n;
		len -= n;
	}
	eii_json_string_end(json);
}
