/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/uuid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "eii/base/die.h"

#define SHA1_BYTES 20

static void format(uint8_t bytes[EII_UUID_BYTES], unsigned version, char out[EII_UUID_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | version << 4);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < EII_UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[bytes[i] >> 4];
		*p++ = digits[bytes[i] & 15];
	}
	*p = '\0';
}

void eii_uuid_v4(char out[EII_UUID_TEXT_BYTES])
{
	uint8_t bytes[EII_UUID_BYTES];

	/* Up to 256 bytes come whole once the kernel's pool is ready. */
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort();
	format(bytes, 4, out);
}

void eii_uuid_v5(const uint8_t name_space[EII_UUID_BYTES], struct eii_text name,
		 char out[EII_UUID_TEXT_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t digest[SHA1_BYTES];

	if (!context || EVP_DigestInit_ex(context, EVP_sha1(), NULL) != 1 ||
	    EVP_DigestUpdate(context, name_space, EII_UUID_BYTES) != 1 ||
	    EVP_DigestUpdate(context, name.data, name.len) != 1 ||
	    EVP_DigestFinal_ex(context, digest, NULL) != 1)
		eii_die("OpenSSL", 0);
	EVP_MD_CTX_free(context);
	format(digest, 5, out);
}

static bool is_hex(char c)
{
	char lower = eii_ascii_lower(c);

	return eii_is_ascii_digit(c) || (lower >= 'a' && lower <= 'f');
}

bool eii_uuid_is_valid(struct eii_text text)
{
	if (text.len != EII_UUID_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text.data[i] != '-' : !is_hex(text.data[i]))
			return false;
	}
	return true;
}
