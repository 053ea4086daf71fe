/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/identity.h"

#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "eii/base/alloc.h"
#include "peer.h"
#include "support.h"

#define PASSPHRASE "pass phrase; with # signs"

static char *read_all(BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);
	char *text = eii_strndup(data, (size_t)len);

	BIO_free(bio);
	return text;
}

static EVP_PKEY *key_of(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return key;
}

/* "RSA PRIVATE KEY", "EC PRIVATE KEY": the form before PKCS#8. */
static char *traditional(const char *pem, const char *passphrase)
{
	EVP_PKEY *key = key_of(pem);
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PrivateKey_traditional(
				 bio, key, passphrase ? EVP_aes_256_cbc() : NULL,
				 (const unsigned char *)passphrase,
				 passphrase ? (int)strlen(passphrase) : 0, NULL, NULL),
			 1);
	EVP_PKEY_free(key);
	return read_all(bio);
}

static char *pkcs12_file(const char *cert, const char *key_pem)
{
	char *path = eii_strdup("/tmp/eii-identity-XXXXXX");
	BIO *bio = BIO_new_mem_buf(cert, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	EVP_PKEY *key = key_of(key_pem);
	PKCS12 *bag = PKCS12_create(PASSPHRASE, "box", key, certificate, NULL, 0, 0, 0, 0, 0);
	int fd = mkstemp(path);

	BIO_free(bio);
	assert_true(fd >= 0);
	bio = BIO_new_fd(fd, BIO_CLOSE);
	assert_int_equal(i2d_PKCS12_bio(bio, bag), 1);
	BIO_free(bio);
	PKCS12_free(bag);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return path;
}

static void test_identity__is_read_from_every_form_that_operators_have(void **state)
{
	struct pki *pki = pki_new();
	const char *cert = pki_cert_pem(pki, PKI_CLIENT);
	EII_AUTO_STR key = pki_key_pem(pki, PKI_CLIENT, NULL);
	EII_AUTO_STR locked = pki_key_pem(pki, PKI_CLIENT, PASSPHRASE);
	EII_AUTO_STR old = traditional(key, NULL);
	EII_AUTO_STR old_locked = traditional(key, PASSPHRASE);
	EII_AUTO_STR both = eii_asprintf("%s%s", cert, key);
	EII_AUTO_STR key_first = eii_asprintf("%s%s", key, cert);
	EII_AUTO_STR chain = eii_asprintf("%s%s", cert, pki_ca_pem(pki));
	EII_AUTO_STR bag = pkcs12_file(cert, key);
	const struct eii_identity_source sources[] = {
		{ "pkcs8", cert, key, NULL },
		{ "pkcs8 locked", cert, locked, PASSPHRASE },
		{ "traditional", cert, old, NULL },
		{ "traditional locked", cert, old_locked, PASSPHRASE },
		{ "one text", both, NULL, NULL },
		{ "one text, key first", key_first, "", "" },
		{ "chain", chain, key, NULL },
		{ "pkcs12", bag, NULL, PASSPHRASE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		EII_AUTO(eii_identity) identity = NULL;
		struct eii_error err = { 0 };

		CHECK(eii_identity_read(&sources[i], &identity, &err) == EII_OK, "%s: %s",
		      sources[i].what, err.text);
		CHECK(X509_check_private_key(eii_identity_certificate(identity),
					     eii_identity_key(identity)) == 1,
		      "%s", sources[i].what);
		CHECK(eii_identity_end_unix_s(identity) > 0, "%s", sources[i].what);
	}
	(void)unlink(bag);
	pki_free(pki);
}

static void test_identity__says_what_is_wrong_and_that_a_pair_may_yet_fit(void **state)
{
	struct pki *pki = pki_new();
	const char *cert = pki_cert_pem(pki, PKI_CLIENT);
	EII_AUTO_STR key = pki_key_pem(pki, PKI_CLIENT, NULL);
	EII_AUTO_STR locked = pki_key_pem(pki, PKI_CLIENT, PASSPHRASE);
	EII_AUTO_STR other = pki_key_pem(pki, PKI_GOOD, NULL);
	EII_AUTO_STR bag = pkcs12_file(cert, key);
	const struct {
		struct eii_identity_source source;
		enum eii_rc rc;
		const char *says;
	} cases[] = {
		{ { "app", cert, other, NULL }, EII_RETRY, "does not fit" },
		{ { "app", cert, NULL, NULL }, EII_FATAL, "no private key" },
		{ { "app", cert, locked, NULL }, EII_FATAL, "passphrase is wrong or missing" },
		{ { "app", cert, locked, "no" }, EII_FATAL, "passphrase is wrong or missing" },
		{ { "app", bag, NULL, "no" }, EII_FATAL, "passphrase is wrong or missing" },
		{ { "app", key, NULL, NULL }, EII_FATAL, "no certificate" },
		{ { "app", "/nowhere/app.pem", NULL, NULL }, EII_FATAL, "/nowhere/app.pem" },
		{ { "app", "/dev/null", NULL, NULL }, EII_FATAL, "no certificate" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_identity *identity = NULL;
		struct eii_error err = { 0 };

		CHECK(eii_identity_read(&cases[i].source, &identity, &err) == cases[i].rc,
		      "case %zu: %s", i, err.text);
		CHECK(strstr(err.text, cases[i].says) && err.kind == EII_ERROR_CONFIG, "%s",
		      err.text);
		assert_null(identity);
	}
	(void)unlink(bag);
	pki_free(pki);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity__is_read_from_every_form_that_operators_have),
		cmocka_unit_test(test_identity__says_what_is_wrong_and_that_a_pair_may_yet_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
