/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/code.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/codec/hash.h"
#include "eii/token/jwt.h"
#include "token_private.h"

#define RANDOM_BYTES 32
#define URL_MAX      8192

/* ---- proof of possession ------------------------------------------------- */

static void fill_random(char out[EII_CODE_BYTES + 1])
{
	unsigned char bytes[RANDOM_BYTES];
	char *text;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		abort();
	text = eii_jwt_base64url(bytes, sizeof(bytes));
	memcpy(out, text, EII_CODE_BYTES + 1);
	eii_free_secret(text);
	explicit_bzero(bytes, sizeof(bytes));
}

void eii_code_prove(struct eii_code_proof *out)
{
	fill_random(out->verifier);
	fill_random(out->state);
}

char *eii_code_challenge(const char *verifier)
{
	uint8_t hash[EII_HASH_SHA256_BYTES];

	eii_sha256_of(verifier, strlen(verifier), hash);
	return eii_jwt_base64url(hash, sizeof(hash));
}

char *eii_code_url(const struct eii_code_request *request, const struct eii_code_proof *proof)
{
	EII_AUTO_STR challenge = eii_code_challenge(proof->verifier);
	struct eii_buf query;
	char *url;

	eii_buf_init(&query, URL_MAX);
	eii_token_add_field(&query, "response_type", "code");
	eii_token_add_field(&query, "client_id", request->client_id);
	eii_token_add_field(&query, "redirect_uri", request->redirect);
	eii_token_add_field(&query, "scope", request->scope);
	eii_token_add_field(&query, "state", proof->state);
	eii_token_add_field(&query, "code_challenge", challenge);
	eii_token_add_field(&query, "code_challenge_method", "S256");
	/* Without both a second consent brings no refresh token. */
	eii_token_add_field(&query, "access_type", "offline");
	eii_token_add_field(&query, "prompt", "consent");
	eii_token_add_field(&query, "login_hint", request->login_hint);
	url = eii_asprintf("%s?%s", request->endpoint, query.data);
	eii_buf_clear(&query);
	return url;
}

/* ---- the redirect -------------------------------------------------------- */

/* What was found so far; a text of NULL = not there. */
struct found {
	struct eii_text code, error, state;
};

static int hex(char c)
{
	if (eii_is_ascii_digit(c))
		return c - '0';
	c = eii_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* application/x-www-form-urlencoded to printable ASCII of at most max bytes. */
static bool decode(struct eii_text from, char *out, size_t max)
{
	size_t len = 0;

	for (size_t i = 0; i < from.len; i++) {
		int c = from.data[i] == '+' ? ' ' : (unsigned char)from.data[i];

		if (c == '%') {
			if (from.len - i < 3 || hex(from.data[i + 1]) < 0 ||
			    hex(from.data[i + 2]) < 0)
				return false;
			c = hex(from.data[i + 1]) * 16 + hex(from.data[i + 2]);
			i += 2;
		}
		if (len == max || c <= ' ' || c > '~')
			return false;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return len > 0;
}

/* False: it was there already. RFC 6749, section 3.1: no parameter twice. */
static bool take(struct found *found, struct eii_text name, struct eii_text value)
{
	struct eii_text *place = eii_text_equal(name, eii_text_of("code"))    ? &found->code
				 : eii_text_equal(name, eii_text_of("error")) ? &found->error
				 : eii_text_equal(name, eii_text_of("state")) ? &found->state
									      : NULL;

	if (!place)
		return true;
	if (place->data)
		return false;
	*place = value;
	return true;
}

static struct eii_text until(struct eii_text *rest, char end)
{
	const char *at = rest->len ? memchr(rest->data, end, rest->len) : NULL;
	size_t len = at ? (size_t)(at - rest->data) : rest->len;
	struct eii_text part = eii_text(rest->data, len);

	*rest = at ? eii_text(at + 1, rest->len - len - 1) : eii_text(NULL, 0);
	return part;
}

static bool find(struct eii_text query, struct found *found)
{
	while (query.len) {
		struct eii_text value = until(&query, '&');
		struct eii_text name = until(&value, '=');

		if (!take(found, name, value.data ? value : eii_text("", 0)))
			return false;
	}
	return true;
}

static bool is_state(struct eii_text given, const char *state)
{
	char text[EII_CODE_BYTES + 1];

	return given.data && decode(given, text, EII_CODE_BYTES) && strlen(text) == strlen(state) &&
	       CRYPTO_memcmp(text, state, strlen(state)) == 0;
}

enum eii_redirect_kind eii_redirect_parse(struct eii_text address, const char *state,
					  struct eii_redirect *out)
{
	struct found found = { 0 };
	struct eii_redirect read = { 0 };
	struct eii_text query = address;
	bool is_read;

	(void)until(&query, '?');
	query = until(&query, '#');
	if (!find(query, &found))
		return EII_REDIRECT_UNREADABLE;
	if (!found.code.data == !found.error.data)
		return found.code.data ? EII_REDIRECT_UNREADABLE : EII_REDIRECT_STRANGE;
	if (!is_state(found.state, state))
		return EII_REDIRECT_OF_ANOTHER;
	is_read = found.code.data ? decode(found.code, read.code, EII_CODE_MAX)
				  : decode(found.error, read.error, EII_CODE_WORD_MAX);
	if (is_read)
		*out = read;
	explicit_bzero(&read, sizeof(read));
	return is_read ? EII_REDIRECT_OURS : EII_REDIRECT_UNREADABLE;
}
