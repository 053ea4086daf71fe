/* SPDX-License-Identifier: Apache-2.0 */
#include "scram.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/buf.h"

#define HASH_BYTES  32
#define NONCE_BYTES 18

struct eii_scram {
	char *password;
	char *header;     /* "n,," or "p=tls-exporter,,": RFC 5802's gs2-header */
	char *first;      /* header and bare */
	const char *bare; /* "n=user,r=nonce", within first */
	char *nonce;
	unsigned char binding[EII_SCRAM_BINDING_BYTES];
	size_t binding_len;
	unsigned char server_signature[HASH_BYTES];
	bool has_answered;
};

static char *base64_of(const void *data, size_t len)
{
	char *text = eii_calloc(eii_base64_size(len) + 1, 1);

	eii_base64_encode(data, len, text);
	return text;
}

static char *random_nonce(void)
{
	unsigned char bytes[NONCE_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		abort();
	return base64_of(bytes, sizeof(bytes));
}

/* RFC 5802, section 5.1: "," and "=" of a name. */
static char *escape_name(const char *name)
{
	struct eii_buf text;

	eii_buf_init(&text, EII_SCRAM_MESSAGE_MAX);
	for (; *name; name++) {
		if (*name == ',')
			eii_buf_add_str(&text, "=2C");
		else if (*name == '=')
			eii_buf_add_str(&text, "=3D");
		else
			eii_buf_add_char(&text, *name);
	}
	eii_buf_add_char(&text, '\0');
	return eii_buf_detach(&text);
}

struct eii_scram *eii_scram_new(const char *user, const char *password,
				const unsigned char *binding, const char *nonce)
{
	struct eii_scram *scram = EII_NEW(struct eii_scram);
	EII_AUTO_STR name = escape_name(user);

	scram->password = eii_strdup(password);
	scram->header = eii_strdup(binding ? "p=tls-exporter,," : "n,,");
	scram->nonce = nonce ? eii_strdup(nonce) : random_nonce();
	scram->first = eii_asprintf("%sn=%s,r=%s", scram->header, name, scram->nonce);
	scram->bare = scram->first + strlen(scram->header);
	if (binding) {
		memcpy(scram->binding, binding, sizeof(scram->binding));
		scram->binding_len = sizeof(scram->binding);
	}
	return scram;
}

void eii_scram_free(struct eii_scram *scram)
{
	if (!scram)
		return;
	eii_free_secret(scram->password);
	free(scram->header);
	free(scram->first);
	free(scram->nonce);
	free(scram);
}

const char *eii_scram_first(const struct eii_scram *scram)
{
	return scram->first;
}

/* ---- the server's first message ------------------------------------------ */

struct challenge {
	struct eii_text nonce;
	struct eii_buf salt;
	uint64_t n_iterations;
};

/* "r=...": the attribute at the beginning of *rest, which moves behind its comma. */
static bool take_attribute(struct eii_text *rest, char name, struct eii_text *out)
{
	const char *comma;
	size_t len;

	if (rest->len < 2 || rest->data[0] != name || rest->data[1] != '=')
		return false;
	comma = memchr(rest->data, ',', rest->len);
	len = comma ? (size_t)(comma - rest->data) : rest->len;
	*out = eii_text(rest->data + 2, len - 2);
	len += comma != NULL;
	*rest = eii_text(rest->data + len, rest->len - len);
	return true;
}

static bool parse_challenge(struct eii_text text, struct challenge *out)
{
	struct eii_text salt, iterations;

	return take_attribute(&text, 'r', &out->nonce) && take_attribute(&text, 's', &salt) &&
	       take_attribute(&text, 'i', &iterations) && eii_base64_decode(salt, &out->salt) &&
	       out->salt.len > 0 && eii_text_to_u64(iterations, UINT32_MAX, &out->n_iterations);
}

/* The server's nonce begins with ours and adds to it. */
static bool continues_nonce(const struct eii_scram *scram, struct eii_text nonce)
{
	size_t len = strlen(scram->nonce);

	return nonce.len > len && memcmp(nonce.data, scram->nonce, len) == 0;
}

static const char *fault_of(const struct eii_scram *scram, const struct challenge *challenge)
{
	if (!continues_nonce(scram, challenge->nonce))
		return "its SCRAM answer belongs to another sign-in";
	if (challenge->n_iterations < EII_SCRAM_ITERATIONS_MIN)
		return "its SCRAM iterations are too few to be safe";
	if (challenge->n_iterations > EII_SCRAM_ITERATIONS_MAX)
		return "its SCRAM iterations are too many";
	return NULL;
}

/* ---- proofs -------------------------------------------------------------- */

static void hmac(const unsigned char key[HASH_BYTES], const char *text,
		 unsigned char out[HASH_BYTES])
{
	if (!HMAC(EVP_sha256(), key, HASH_BYTES, (const unsigned char *)text, strlen(text), out,
		  NULL))
		abort();
}

/* RFC 5802, section 3; what the server must answer is kept. */
static void prove(struct eii_scram *scram, const struct challenge *challenge,
		  const char *auth_message, unsigned char proof[HASH_BYTES])
{
	unsigned char salted[HASH_BYTES], client_key[HASH_BYTES], stored_key[HASH_BYTES];
	unsigned char server_key[HASH_BYTES], signature[HASH_BYTES];

	if (PKCS5_PBKDF2_HMAC(scram->password, (int)strlen(scram->password),
			      (const unsigned char *)challenge->salt.data, (int)challenge->salt.len,
			      (int)challenge->n_iterations, EVP_sha256(), HASH_BYTES, salted) != 1)
		abort();
	hmac(salted, "Client Key", client_key);
	if (EVP_Digest(client_key, HASH_BYTES, stored_key, NULL, EVP_sha256(), NULL) != 1)
		abort();
	hmac(stored_key, auth_message, signature);
	for (size_t i = 0; i < HASH_BYTES; i++)
		proof[i] = client_key[i] ^ signature[i];
	hmac(salted, "Server Key", server_key);
	hmac(server_key, auth_message, scram->server_signature);
	OPENSSL_cleanse(salted, sizeof(salted));
	OPENSSL_cleanse(client_key, sizeof(client_key));
	OPENSSL_cleanse(server_key, sizeof(server_key));
}

/* "c=": the header again, with the binding's bytes behind it. */
static char *channel_of(const struct eii_scram *scram)
{
	size_t len = strlen(scram->header);
	char bytes[64];

	memcpy(bytes, scram->header, len);
	memcpy(bytes + len, scram->binding, scram->binding_len);
	return base64_of(bytes, len + scram->binding_len);
}

static char *final_of(struct eii_scram *scram, struct eii_text server_first,
		      const struct challenge *challenge)
{
	EII_AUTO_STR channel = channel_of(scram);
	EII_AUTO_STR without_proof =
		eii_asprintf("c=%s,r=%.*s", channel, EII_TEXT_ARGS(challenge->nonce));
	EII_AUTO_STR auth_message =
		eii_asprintf("%s,%.*s,%s", scram->bare, EII_TEXT_ARGS(server_first), without_proof);
	EII_AUTO_STR proof_text = NULL;
	unsigned char proof[HASH_BYTES];

	prove(scram, challenge, auth_message, proof);
	proof_text = base64_of(proof, sizeof(proof));
	return eii_asprintf("%s,p=%s", without_proof, proof_text);
}

char *eii_scram_answer(struct eii_scram *scram, struct eii_text server_first, const char **why)
{
	struct challenge challenge = { 0 };
	char *answer = NULL;

	eii_buf_init(&challenge.salt, EII_SCRAM_MESSAGE_MAX);
	*why = "its SCRAM answer cannot be read";
	if (!scram->has_answered && server_first.len <= EII_SCRAM_MESSAGE_MAX &&
	    !memchr(server_first.data, '\0', server_first.len) &&
	    parse_challenge(server_first, &challenge)) {
		*why = fault_of(scram, &challenge);
		if (!*why)
			answer = final_of(scram, server_first, &challenge);
	}
	scram->has_answered |= answer != NULL;
	eii_buf_clear(&challenge.salt);
	return answer;
}

bool eii_scram_is_proven(struct eii_scram *scram, struct eii_text server_last)
{
	struct eii_text signature;
	struct eii_buf bytes;
	bool is_proven;

	if (!scram->has_answered || !take_attribute(&server_last, 'v', &signature))
		return false;
	eii_buf_init(&bytes, EII_SCRAM_MESSAGE_MAX);
	is_proven = eii_base64_decode(signature, &bytes) && bytes.len == HASH_BYTES &&
		    CRYPTO_memcmp(bytes.data, scram->server_signature, HASH_BYTES) == 0;
	eii_buf_clear(&bytes);
	return is_proven;
}
