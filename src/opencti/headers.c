/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/headers.h"

#include "eii/base/alloc.h"
#include "eii/base/text.h"

void eii_custom_headers_free(struct eii_custom_headers *headers)
{
	if (!headers)
		return;
	for (size_t i = 0; headers->lines[i]; i++) {
		explicit_bzero(headers->lines[i], strlen(headers->lines[i]));
		free(headers->lines[i]);
	}
	free(headers);
}

static enum eii_rc fail(struct eii_error *err, size_t i, const char *why)
{
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
			     "OPENCTI_CUSTOM_HEADERS, header %zu: %s", i + 1, why);
}

static bool is_name(struct eii_text name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (!eii_is_ascii_alpha(c) && !eii_is_ascii_digit(c) &&
		    !(c && strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return name.len > 0;
}

static bool is_value(struct eii_text value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static enum eii_rc parse_one(struct eii_text part, size_t i, char **out, struct eii_error *err)
{
	const char *colon = memchr(part.data, ':', part.len);
	struct eii_text name, value;

	if (!colon)
		return fail(err, i, "not of the form Name: value");
	name = eii_text_trim(eii_text(part.data, (size_t)(colon - part.data)));
	value = eii_text_trim(eii_text(colon + 1, part.len - (size_t)(colon - part.data) - 1));
	if (!is_name(name))
		return fail(err, i, "its name is not one");
	if (!is_value(value))
		return fail(err, i, "its value holds a control character");
	if (eii_text_equal_nocase(name, eii_text_of("Authorization")))
		return fail(err, i, "Authorization is made of OPENCTI_TOKEN");
	*out = eii_asprintf("%.*s: %.*s", EII_TEXT_ARGS(name), EII_TEXT_ARGS(value));
	return EII_OK;
}

enum eii_rc eii_custom_headers_parse(const char *text, struct eii_custom_headers **out,
				     struct eii_error *err)
{
	EII_AUTO(eii_custom_headers) headers = EII_NEW(struct eii_custom_headers);
	size_t n = 0;

	while (text && *text) {
		size_t len = strcspn(text, ";");
		struct eii_text part = eii_text_trim(eii_text(text, len));
		enum eii_rc rc;

		text += len + (text[len] == ';');
		if (!part.len)
			continue;
		if (n == EII_CUSTOM_HEADERS_MAX)
			return fail(err, n, "there are too many");
		rc = parse_one(part, n, &headers->lines[n], err);
		if (rc)
			return rc;
		n++;
	}
	*out = EII_DETACH(headers);
	return EII_OK;
}
