/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text with its length: borrowed bytes that need no end mark. Whether they are
 * checked UTF-8 is said where a text is a member of something.
 */
#ifndef EII_BASE_TEXT_H
#define EII_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct eii_text {
	const char *data; /* borrowed; may be NULL where len is 0 */
	size_t len;       /* bytes */
};

/* For printf's "%.*s". */
#define EII_TEXT_ARGS(text) (int)(text).len, (text).data ? (text).data : ""

static inline struct eii_text eii_text(const char *data, size_t len)
{
	return (struct eii_text){ .data = data, .len = len };
}

static inline struct eii_text eii_text_of(const char *string)
{
	return eii_text(string, string ? strlen(string) : 0);
}

bool eii_text_equal(struct eii_text a, struct eii_text b);

/* Comparison and search that know upper and lower case of ASCII only. */
bool eii_text_equal_nocase(struct eii_text a, struct eii_text b);
bool eii_text_starts_nocase(struct eii_text text, const char *prefix);

/* Without spaces, tabs and line ends at both ends. */
struct eii_text eii_text_trim(struct eii_text text);

/* Where needle begins in text, or NULL. needle is not empty. */
const char *eii_text_find(struct eii_text text, const char *needle);

/*
 * Decimal digits only, all of the text, at most max. *out is written only when
 * it returns true.
 */
bool eii_text_to_u64(struct eii_text text, uint64_t max, uint64_t *out);

static inline bool eii_is_ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool eii_is_ascii_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char eii_ascii_lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

#endif
