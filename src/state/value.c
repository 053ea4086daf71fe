/* SPDX-License-Identifier: Apache-2.0 */
#include "value.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/json_writer.h"
#include "eii/base/timestamp.h"
#include "eii/codec/json.h"

#define NUMBER_MAX_BYTES 64 /* of a number in a spelling of others: 7.0, 1e3 */
#define MAX_DIGITS       20

static bool is_string(struct eii_text value)
{
	return value.len >= 2 && value.data[0] == '"';
}

/* A string without escapes; anything else gives an empty text. */
static struct eii_text plain_string(struct eii_text value)
{
	if (!is_string(value) || memchr(value.data, '\\', value.len))
		return eii_text(NULL, 0);
	return eii_text(value.data + 1, value.len - 2);
}

bool eii_value_u64(struct eii_text value, uint64_t max, uint64_t *out)
{
	EII_AUTO(eii_json) json = NULL;

	if (is_string(value))
		return eii_text_to_u64(plain_string(value), max, out);
	if (eii_text_to_u64(value, max, out))
		return true;
	/* Rewritten by others, at worst as a double. */
	if (eii_json_parse(value, NUMBER_MAX_BYTES, &json, NULL))
		return false;
	return eii_json_as_u64(json, max, out);
}

uint32_t eii_value_u32(struct eii_text value)
{
	uint64_t number = 0;

	(void)eii_value_u64(value, UINT32_MAX, &number);
	return (uint32_t)number;
}

int64_t eii_value_unix_s(struct eii_text value)
{
	uint64_t number = 0;

	(void)eii_value_u64(value, (uint64_t)EII_TIMESTAMP_MAX_S, &number);
	return (int64_t)number;
}

bool eii_value_time(struct eii_text value, int64_t *out)
{
	EII_AUTO_STR text = eii_value_str(value);
	int64_t unix_s;

	if (!eii_timestamp_parse(eii_text_of(text), &unix_s))
		return false;
	*out = eii_value_clamp_s(unix_s);
	return true;
}

#define MAX_TEXT_BYTES 1048576u /* of a string: as long as the document may be */

/* In any spelling (escapes); NULL where it is none. */
static char *decoded(struct eii_text quoted)
{
	EII_AUTO(eii_json) json = NULL;

	if (eii_json_parse(quoted, MAX_TEXT_BYTES, &json, NULL))
		return NULL;
	return eii_strdup(eii_json_as_str(json, NULL));
}

char *eii_value_str(struct eii_text value)
{
	struct eii_text plain = plain_string(value);

	if (plain.data)
		return eii_strndup(plain.data, plain.len);
	return is_string(value) ? decoded(value) : NULL;
}

int64_t eii_value_clamp_s(int64_t unix_s)
{
	return unix_s < 0 ? 0 : eii_timestamp_clamp(unix_s);
}

/* ---- writing ----------------------------------------------------------- */

static void add_digits(uint64_t number, struct eii_buf *out)
{
	char digits[MAX_DIGITS];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	eii_buf_add(out, digits + at, sizeof(digits) - at);
}

void eii_value_add_u64(uint64_t number, struct eii_buf *out)
{
	bool is_text = number > EII_VALUE_MAX_NUMBER;

	if (is_text)
		eii_buf_add_char(out, '"');
	add_digits(number, out);
	if (is_text)
		eii_buf_add_char(out, '"');
}

void eii_value_add_unix_s(int64_t unix_s, struct eii_buf *out)
{
	eii_value_add_u64((uint64_t)eii_value_clamp_s(unix_s), out);
}

void eii_value_add_time(int64_t unix_s, struct eii_buf *out)
{
	char text[EII_TIMESTAMP_TEXT_BYTES];

	eii_timestamp_format_iso(eii_value_clamp_s(unix_s), text);
	eii_value_add_str(text, out);
}

/* Nearly all that is written here: names and times. */
static bool is_plain(const char *text)
{
	while ((unsigned char)*text >= 0x20 && *text != '"' && *text != '\\')
		text++;
	return !*text;
}

static void add_escaped(const char *text, struct eii_buf *out)
{
	struct eii_json_writer json;
	struct eii_buf_sink sink;

	eii_buf_sink_init(&sink, out);
	eii_json_writer_init(&json, &sink.base);
	eii_json_str(&json, text);
	if (eii_json_writer_finish(&json, NULL))
		out->over = true;
}

void eii_value_add_str(const char *text, struct eii_buf *out)
{
	if (!is_plain(text)) {
		add_escaped(text, out);
		return;
	}
	eii_buf_add_char(out, '"');
	eii_buf_add_str(out, text);
	eii_buf_add_char(out, '"');
}
