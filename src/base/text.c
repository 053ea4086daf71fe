/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/text.h"

bool eii_text_equal(struct eii_text a, struct eii_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool eii_text_equal_nocase(struct eii_text a, struct eii_text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (eii_ascii_lower(a.data[i]) != eii_ascii_lower(b.data[i]))
			return false;
	}
	return true;
}

bool eii_text_starts_nocase(struct eii_text text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len &&
	       eii_text_equal_nocase(eii_text(text.data, len), eii_text(prefix, len));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct eii_text eii_text_trim(struct eii_text text)
{
	while (text.len && is_blank(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

const char *eii_text_find(struct eii_text text, const char *needle)
{
	if (!text.len)
		return NULL;
	return memmem(text.data, text.len, needle, strlen(needle));
}

bool eii_text_to_u64(struct eii_text text, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)(text.data[i] - '0');

		if (!eii_is_ascii_digit(text.data[i]) || n > (max - digit) / 10 || digit > max)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}
