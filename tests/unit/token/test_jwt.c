/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/jwt.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/codec/json.h"
#include "support.h"

#define NOW_S 1700000000

/* base64url back to bytes. */
static void decode(struct eii_text text, struct eii_buf *out)
{
	struct eii_buf plain;

	eii_buf_init(&plain, 65536);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		assert_true(eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '-' || c == '_');
		eii_buf_add_char(&plain, (char)(c == '-' ? '+' : c == '_' ? '/' : c));
	}
	while (plain.len % 4)
		eii_buf_add_char(&plain, '=');
	assert_true(eii_base64_decode(eii_buf_text(&plain), out));
	eii_buf_clear(&plain);
}

static struct eii_json *parse_part(struct eii_text text)
{
	struct eii_json *json = NULL;
	struct eii_buf bytes;

	eii_buf_init(&bytes, 65536);
	decode(text, &bytes);
	assert_int_equal(eii_json_parse(eii_buf_text(&bytes), 65536, &json, NULL), EII_OK);
	eii_buf_clear(&bytes);
	return json;
}

static bool is_signed(const char *token, enum eii_jwt_algorithm algorithm, EVP_PKEY *key)
{
	const char *last = strrchr(token, '.');
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings = NULL;
	struct eii_buf signature;
	bool is_good;

	eii_buf_init(&signature, 4096);
	decode(eii_text_of(last + 1), &signature);
	assert_int_equal(EVP_DigestVerifyInit(context, &settings, EVP_sha256(), NULL, key), 1);
	if (algorithm == EII_JWT_PS256) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING), 1);
		/* Exactly as long as the hash: what RFC 7518 wants and verifiers insist on. */
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, 32), 1);
	}
	is_good = EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.len,
				   (const unsigned char *)token, (size_t)(last - token)) == 1;
	EVP_MD_CTX_free(context);
	eii_buf_clear(&signature);
	return is_good;
}

static const struct eii_jwt example = {
	.key_id = "kid-1",
	.thumbprint = "thumb",
	.issuer = "box@corp.example",
	.subject = "analyst\"quoted\"@corp.example",
	.audience = "https://oauth2.googleapis.com/token",
	.scope = "https://mail.google.com/",
	.id = "id-1",
	.now_unix_s = NOW_S,
};

static void expect_number(const struct eii_json *claims, const char *name, uint64_t wanted)
{
	uint64_t got = 0;

	assert_true(eii_json_as_u64(eii_json_get(claims, name), UINT64_MAX, &got));
	CHECK(got == wanted, "%s: %llu", name, (unsigned long long)got);
}

static void test_jwt__is_signed_and_says_who_for_whom_and_how_long(void **state)
{
	static const char *const names[] = { [EII_JWT_RS256] = "RS256", [EII_JWT_PS256] = "PS256" };
	EVP_PKEY *key = EVP_RSA_gen(2048);

	(void)state;
	for (int i = EII_JWT_RS256; i <= EII_JWT_PS256; i++) {
		struct eii_jwt jwt = example;
		EII_AUTO(eii_json) header = NULL;
		EII_AUTO(eii_json) claims = NULL;
		EII_AUTO_STR token = NULL;
		const char *first, *second;

		jwt.algorithm = (enum eii_jwt_algorithm)i;
		assert_int_equal(eii_jwt_sign(&jwt, key, &token, NULL), EII_OK);
		assert_true(is_signed(token, jwt.algorithm, key));
		first = strchr(token, '.');
		second = strchr(first + 1, '.');
		header = parse_part(eii_text(token, (size_t)(first - token)));
		claims = parse_part(eii_text(first + 1, (size_t)(second - first - 1)));
		assert_string_equal(eii_json_get_str(header, "alg"), names[i]);
		assert_string_equal(eii_json_get_str(header, "typ"), "JWT");
		assert_string_equal(eii_json_get_str(header, "kid"), "kid-1");
		assert_string_equal(eii_json_get_str(header, "x5t#S256"), "thumb");
		assert_string_equal(eii_json_get_str(claims, "iss"), jwt.issuer);
		assert_string_equal(eii_json_get_str(claims, "sub"), jwt.subject);
		assert_string_equal(eii_json_get_str(claims, "aud"), jwt.audience);
		assert_string_equal(eii_json_get_str(claims, "scope"), jwt.scope);
		assert_string_equal(eii_json_get_str(claims, "jti"), "id-1");
		expect_number(claims, "iat", NOW_S - 60);
		expect_number(claims, "nbf", NOW_S - 60);
		expect_number(claims, "exp", NOW_S + 540);
	}
	EVP_PKEY_free(key);
}

static void test_jwt__takes_rsa_of_2048_bits_and_no_less(void **state)
{
	EVP_PKEY *keys[] = { EVP_RSA_gen(2040), EVP_EC_gen("P-256") };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char *token = NULL;
		struct eii_error err = { 0 };

		assert_int_equal(eii_jwt_sign(&example, keys[i], &token, &err), EII_FATAL);
		assert_int_equal(err.kind, EII_ERROR_CONFIG);
		assert_non_null(strstr(err.text, "not RSA of 2048 bits"));
		assert_null(token);
		EVP_PKEY_free(keys[i]);
	}
}

static void test_jwt__writes_base64url_without_padding(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "", "" },
		{ "f", "Zg" },
		{ "fo", "Zm8" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg" },
		{ "\xfb\xff", "-_8" },
		{ "\xff\xff\xfe", "___-" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR text = eii_jwt_base64url(cases[i].bytes, strlen(cases[i].bytes));

		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jwt__is_signed_and_says_who_for_whom_and_how_long),
		cmocka_unit_test(test_jwt__takes_rsa_of_2048_bits_and_no_less),
		cmocka_unit_test(test_jwt__writes_base64url_without_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
