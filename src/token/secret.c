/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "token_private.h"

static bool is_unreserved(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void eii_token_add_field(struct eii_buf *form, const char *name, const char *value)
{
	if (!value)
		return;
	eii_buf_addf(form, "%s%s=", form->len ? "&" : "", name);
	for (; *value; value++) {
		if (is_unreserved(*value))
			eii_buf_add_char(form, *value);
		else
			eii_buf_addf(form, "%%%02X", (unsigned char)*value);
	}
}

bool eii_token_is_bearer(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				  "-._~+/=");

	return len > 0 && len <= EII_TOKEN_TEXT_MAX && !text[len];
}
