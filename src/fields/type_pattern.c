/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/type_pattern.h"

#include "eii/fields/limits.h"

static bool is_all(struct eii_text pattern)
{
	return eii_text_equal(pattern, eii_text_of("*")) ||
	       eii_text_equal(pattern, eii_text_of("*/*"));
}

/* Characters of a type's name (RFC 6838, 4.2). */
static bool is_name(struct eii_text name)
{
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.data[i];

		if (!eii_is_ascii_alpha(c) && !eii_is_ascii_digit(c) &&
		    (!c || !strchr("!#$&^_.+-", c)))
			return false;
	}
	return name.len > 0;
}

/* Where the slash is, or the length. */
static size_t kind_len(struct eii_text type)
{
	const char *slash = type.len ? memchr(type.data, '/', type.len) : NULL;

	return slash ? (size_t)(slash - type.data) : type.len;
}

bool eii_type_pattern_can_match(struct eii_text pattern)
{
	const size_t at = kind_len(pattern);
	struct eii_text kind = eii_text(pattern.data, at);
	struct eii_text subtype;

	if (is_all(pattern))
		return true;
	if (at == pattern.len || pattern.len > EII_LIMIT_MIME_TYPE_BYTES)
		return false;
	subtype = eii_text(pattern.data + at + 1, pattern.len - at - 1);
	/* A multipart is never a file: its parts are. */
	return is_name(kind) && !eii_text_equal(kind, eii_text_of("multipart")) &&
	       (eii_text_equal(subtype, eii_text_of("*")) || is_name(subtype));
}

bool eii_type_pattern_matches(struct eii_text pattern, struct eii_text type)
{
	if (is_all(pattern) || eii_text_equal(pattern, type))
		return true;
	if (pattern.len < 3 || memcmp(pattern.data + pattern.len - 2, "/*", 2) != 0)
		return false;
	return type.len >= pattern.len && memcmp(pattern.data, type.data, pattern.len - 1) == 0;
}
