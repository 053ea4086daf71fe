/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_value.h"

#include <stdint.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define BASE_SIXTY 60

bool eii_yaml_is_null(const char *text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

static int digit_of(char c)
{
	if (eii_is_ascii_digit(c))
		return c - '0';
	c = eii_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* False where a number does not fit. */
static bool add_digit(uint64_t *n, uint64_t base, uint64_t digit)
{
	return !__builtin_mul_overflow(*n, base, n) && !__builtin_add_overflow(*n, digit, n);
}

/* All of text in this base, with underscores between the digits; it has one digit at least. */
static bool read_digits(const char *text, int base, uint64_t *out)
{
	bool has_digit = false;

	*out = 0;
	for (; *text; text++) {
		int digit = digit_of(*text);

		if (*text == '_')
			continue;
		if (digit >= base || !add_digit(out, (uint64_t)base, (uint64_t)digit))
			return false;
		has_digit = true;
	}
	return has_digit;
}

/* "1:30:00", the first of any size, the others below sixty. */
static bool read_sixties(const char *text, uint64_t *out)
{
	struct eii_text first = eii_text(text, strcspn(text, ":"));

	if (*text == '0' || !eii_text_to_u64(first, UINT64_MAX, out))
		return false;
	text += first.len;
	while (*text == ':') {
		uint64_t part;
		size_t len = strspn(text + 1, "0123456789");

		if (len < 1 || len > 2 || !eii_text_to_u64(eii_text(text + 1, len), 59, &part) ||
		    !add_digit(out, BASE_SIXTY, part))
			return false;
		text += 1 + len;
	}
	return !*text;
}

/* Without its sign. */
static bool read_whole(const char *text, uint64_t *out)
{
	if (strchr(text, ':'))
		return read_sixties(text, out);
	if (strncmp(text, "0x", 2) == 0)
		return read_digits(text + 2, 16, out);
	if (strncmp(text, "0b", 2) == 0)
		return read_digits(text + 2, 2, out);
	return *text != '_' && read_digits(text, *text == '0' && text[1] ? 8 : 10, out);
}

/* "0.5", "3600.": digits and one point; with an exponent nobody writes a duration. */
static bool is_fraction(const char *text)
{
	size_t whole = strspn(text, "0123456789");
	size_t rest = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

	return text[whole] == '.' && whole + rest && !text[whole + 1 + rest];
}

static char *duration_of(const char *text, const char *sign, const char *unsigned_text)
{
	const char *point = strchr(unsigned_text, '.');
	uint64_t n;

	if (read_whole(unsigned_text, &n))
		return eii_asprintf("%sPT%lluS", sign, (unsigned long long)n);
	if (!is_fraction(unsigned_text))
		return eii_strdup(text);
	return eii_asprintf("%sPT%s%s%sS", sign, point == unsigned_text ? "0" : "", unsigned_text,
			    point[1] ? "" : "0");
}

char *eii_yaml_plain(const char *text, enum eii_setting_type type)
{
	const char *unsigned_text = text + (*text == '+' || *text == '-');
	const char *sign = *text == '-' ? "-" : "";
	uint64_t n;

	if (type == EII_TYPE_DURATION)
		return duration_of(text, sign, unsigned_text);
	if (type != EII_TYPE_PORT && type != EII_TYPE_U32 && type != EII_TYPE_U64)
		return eii_strdup(text);
	if (!read_whole(unsigned_text, &n))
		return eii_strdup(text);
	return eii_asprintf("%s%llu", sign, (unsigned long long)n);
}
