/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/json.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"

#define MAX_EXACT_INTEGER 9007199254740992.0 /* 2^53 */

/* struct eii_json is cJSON under a name that the other layers may know. */
static const cJSON *node(const struct eii_json *value)
{
	return (const cJSON *)(const void *)value;
}

static const struct eii_json *value_of(const cJSON *item)
{
	return (const struct eii_json *)(const void *)item;
}

/* What cJSON lets pass: too deep for our stack, raw control characters in strings. */
static bool is_sound(struct eii_text text)
{
	size_t depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (in_string) {
			if (c < 0x20)
				return false;
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c == '"')
			in_string = true;
		else if ((c == '{' || c == '[') && ++depth > EII_JSON_MAX_DEPTH)
			return false;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return true;
}

/*
 * Without memory a text would pass for one that is no JSON: a state, for an unreadable one. Before
 * main(), since threads share what the library keeps of it.
 */
__attribute__((constructor)) static void set_hooks(void)
{
	cJSON_Hooks hooks = { .malloc_fn = eii_block_new, .free_fn = free };

	cJSON_InitHooks(&hooks);
}

static bool is_blank(const char *p, const char *end)
{
	return eii_text_trim(eii_text(p, (size_t)(end - p))).len == 0;
}

enum eii_rc eii_json_parse(struct eii_text text, size_t max_bytes, struct eii_json **out,
			   struct eii_error *err)
{
	const char *end = NULL;
	cJSON *root;

	if (text.len > max_bytes)
		return eii_fail(err, EII_REJECT, "JSON of %zu bytes, more than %zu", text.len,
				max_bytes);
	if (!text.len)
		return eii_fail(err, EII_REJECT, "no JSON: empty text");
	if (!eii_utf8_is_valid(text))
		return eii_fail(err, EII_REJECT, "no JSON: not UTF-8");
	if (!is_sound(text))
		return eii_fail(err, EII_REJECT, "no JSON: control characters, or deeper than %d",
				EII_JSON_MAX_DEPTH);
	root = cJSON_ParseWithLengthOpts(text.data, text.len, &end, 0);
	if (!root || !is_blank(end, text.data + text.len)) {
		cJSON_Delete(root);
		return eii_fail(err, EII_REJECT, "no JSON from byte %zu of %zu on",
				end ? (size_t)(end - text.data) : 0, text.len);
	}
	*out = (struct eii_json *)(void *)root;
	return EII_OK;
}

void eii_json_free(struct eii_json *root)
{
	cJSON_Delete((cJSON *)(void *)root);
}

enum eii_json_type eii_json_type(const struct eii_json *value)
{
	const cJSON *item = node(value);

	if (!item)
		return EII_JSON_IS_NONE;
	if (cJSON_IsBool(item))
		return EII_JSON_IS_BOOL;
	if (cJSON_IsNumber(item))
		return EII_JSON_IS_NUMBER;
	if (cJSON_IsString(item))
		return EII_JSON_IS_STRING;
	if (cJSON_IsArray(item))
		return EII_JSON_IS_ARRAY;
	return cJSON_IsObject(item) ? EII_JSON_IS_OBJECT : EII_JSON_IS_NULL;
}

const struct eii_json *eii_json_get(const struct eii_json *object, const char *name)
{
	const cJSON *found = NULL;

	if (!cJSON_IsObject(node(object)))
		return NULL;
	for (const cJSON *item = node(object)->child; item; item = item->next) {
		if (strcmp(item->string, name) == 0)
			found = item;
	}
	return value_of(found);
}

const struct eii_json *eii_json_first(const struct eii_json *container)
{
	return container ? value_of(node(container)->child) : NULL;
}

const struct eii_json *eii_json_next(const struct eii_json *value)
{
	return value ? value_of(node(value)->next) : NULL;
}

size_t eii_json_count(const struct eii_json *container)
{
	size_t n = 0;

	for (const struct eii_json *item = eii_json_first(container); item;
	     item = eii_json_next(item))
		n++;
	return n;
}

const char *eii_json_name(const struct eii_json *value)
{
	return value ? node(value)->string : NULL;
}

const char *eii_json_as_str(const struct eii_json *value, const char *otherwise)
{
	return cJSON_IsString(node(value)) ? node(value)->valuestring : otherwise;
}

bool eii_json_as_bool(const struct eii_json *value, bool otherwise)
{
	return cJSON_IsBool(node(value)) ? cJSON_IsTrue(node(value)) != 0 : otherwise;
}

double eii_json_as_double(const struct eii_json *value, double otherwise)
{
	return cJSON_IsNumber(node(value)) ? node(value)->valuedouble : otherwise;
}

bool eii_json_as_u64(const struct eii_json *value, uint64_t max, uint64_t *out)
{
	double number;

	if (!cJSON_IsNumber(node(value)))
		return false;
	number = node(value)->valuedouble;
	if (!(number >= 0 && number <= MAX_EXACT_INTEGER) || (uint64_t)number > max ||
	    (double)(uint64_t)number < number)
		return false;
	*out = (uint64_t)number;
	return true;
}

const char *eii_json_get_str(const struct eii_json *object, const char *name)
{
	return eii_json_as_str(eii_json_get(object, name), NULL);
}
