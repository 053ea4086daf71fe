/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/json_members.h"

static size_t skip_blank(struct eii_text text, size_t i)
{
	while (i < text.len && (text.data[i] == ' ' || text.data[i] == '\t' ||
				text.data[i] == '\r' || text.data[i] == '\n'))
		i++;
	return i;
}

/* The index behind the string that begins at i. By memchr: most are long and have no escapes. */
static size_t skip_string(struct eii_text text, size_t i)
{
	const char *end = text.data + text.len, *p = text.data + i + 1;
	const char *quote = p < end ? memchr(p, '"', (size_t)(end - p)) : NULL;

	while (quote) {
		const char *escape = memchr(p, '\\', (size_t)(quote - p));

		if (!escape)
			return (size_t)(quote + 1 - text.data);
		p = escape + 2;
		/* The quote itself was escaped. */
		if (p > quote)
			quote = p < end ? memchr(p, '"', (size_t)(end - p)) : NULL;
	}
	return text.len;
}

static size_t skip_container(struct eii_text text, size_t i)
{
	size_t depth = 0;

	while (i < text.len) {
		char c = text.data[i];

		if (c == '"') {
			i = skip_string(text, i);
			continue;
		}
		i++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return i;
	}
	return text.len;
}

static bool ends_scalar(char c)
{
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' ||
	       c == '\n' || c == '\0';
}

static size_t skip_value(struct eii_text text, size_t i)
{
	if (i < text.len && text.data[i] == '"')
		return skip_string(text, i);
	if (i < text.len && (text.data[i] == '{' || text.data[i] == '['))
		return skip_container(text, i);
	while (i < text.len && !ends_scalar(text.data[i]))
		i++;
	return i;
}

bool eii_json_members_next(struct eii_text object, size_t *at, struct eii_json_member *out)
{
	size_t i = skip_blank(object, *at);
	size_t name, colon, value, end;

	if (i >= object.len || object.data[i] != (*at ? ',' : '{'))
		return false;
	name = skip_blank(object, i + 1);
	if (name >= object.len || object.data[name] != '"')
		return false;
	i = skip_string(object, name);
	colon = skip_blank(object, i);
	if (colon >= object.len || object.data[colon] != ':')
		return false;
	value = skip_blank(object, colon + 1);
	end = skip_value(object, value);
	if (end == value)
		return false;
	out->name = eii_text(object.data + name, i - name);
	out->value = eii_text(object.data + value, end - value);
	*at = end;
	return true;
}

bool eii_json_elements_next(struct eii_text array, size_t *at, struct eii_text *out)
{
	size_t i = skip_blank(array, *at);
	size_t value, end;

	if (i >= array.len || array.data[i] != (*at ? ',' : '['))
		return false;
	value = skip_blank(array, i + 1);
	end = skip_value(array, value);
	if (end == value)
		return false;
	*out = eii_text(array.data + value, end - value);
	*at = end;
	return true;
}
