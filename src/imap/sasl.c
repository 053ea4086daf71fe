/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/buf.h"
#include "eii/base/cleanup.h"

#define NAME_MAX_BYTES 4096

char *eii_sasl_base64(const char *data, size_t len)
{
	char *text = eii_calloc(eii_base64_size(len) + 1, 1);

	eii_base64_encode(data, len, text);
	return text;
}

/* Takes raw. */
static char *finish(char *raw, size_t len)
{
	char *response = eii_sasl_base64(raw, len);

	explicit_bzero(raw, len);
	free(raw);
	return response;
}

char *eii_sasl_plain(const char *user, const char *password)
{
	size_t user_len = strlen(user), len = user_len + strlen(password) + 2;
	char *raw = eii_calloc(len + 1, 1);

	memcpy(raw + 1, user, user_len + 1);
	memcpy(raw + 1 + user_len + 1, password, strlen(password) + 1);
	return finish(raw, len);
}

char *eii_sasl_xoauth2(const char *user, const char *token)
{
	char *raw = eii_asprintf("user=%s\001auth=Bearer %s\001\001", user, token);

	return finish(raw, strlen(raw));
}

/* RFC 5801, section 4: "," and "=" of an authzid. */
static void add_name(struct eii_buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == ',')
			eii_buf_add_str(out, "=2C");
		else if (*name == '=')
			eii_buf_add_str(out, "=3D");
		else
			eii_buf_add_char(out, *name);
	}
}

char *eii_sasl_oauthbearer(const char *user, const char *token)
{
	struct eii_buf name;
	char *raw;

	eii_buf_init(&name, NAME_MAX_BYTES);
	add_name(&name, user);
	raw = eii_asprintf("n,a=%.*s,\001auth=Bearer %s\001\001",
			   EII_TEXT_ARGS(eii_buf_text(&name)), token);
	eii_buf_clear(&name);
	return finish(raw, strlen(raw));
}
