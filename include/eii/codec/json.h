/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON that was written by others, as a tree to read from. Strict where it
 * counts: valid UTF-8, no raw control characters in strings, nothing behind the
 * value, depth and size bounded. Numbers are doubles; a string ends at its
 * first \u0000. What is to be kept as it is: json_members.h.
 */
#ifndef EII_CODEC_JSON_H
#define EII_CODEC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_JSON_MAX_DEPTH 64

/* One value of the tree; the root owns all that is below it. */
struct eii_json;

/*
 * Parses all of text. Fails with EII_REJECT: more than max_bytes, or no JSON.
 * Free the root only.
 */
enum eii_rc eii_json_parse(struct eii_text text, size_t max_bytes, struct eii_json **out,
			   struct eii_error *err) EII_MUST_CHECK;
void eii_json_free(struct eii_json *root);
EII_DEFINE_AUTO(eii_json);

enum eii_json_type {
	EII_JSON_IS_NONE, /* there is no value: a NULL pointer */
	EII_JSON_IS_NULL,
	EII_JSON_IS_BOOL,
	EII_JSON_IS_NUMBER,
	EII_JSON_IS_STRING,
	EII_JSON_IS_ARRAY,
	EII_JSON_IS_OBJECT,
};

/* All of these accept NULL, which is no value at all. */
enum eii_json_type eii_json_type(const struct eii_json *value);

/* The member of an object by its exact name (the last of several), or NULL. */
const struct eii_json *eii_json_get(const struct eii_json *object, const char *name);

/* Members of an object, elements of an array; NULL at the end. */
const struct eii_json *eii_json_first(const struct eii_json *container);
const struct eii_json *eii_json_next(const struct eii_json *value);
size_t eii_json_count(const struct eii_json *container);

/* A member's name, or NULL. */
const char *eii_json_name(const struct eii_json *value);

/* What a value is, or the other thing where it is of another type. */
const char *eii_json_as_str(const struct eii_json *value, const char *otherwise);
bool eii_json_as_bool(const struct eii_json *value, bool otherwise);
double eii_json_as_double(const struct eii_json *value, double otherwise);

/* A whole number within 0..max and 2^53; *out is written only when it returns true. */
bool eii_json_as_u64(const struct eii_json *value, uint64_t max, uint64_t *out);

/* eii_json_as_str() of a member: the commonest question. */
const char *eii_json_get_str(const struct eii_json *object, const char *name);

#endif
