/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>

#include "eii/base/alloc.h"
#include "tls_private.h"

struct eii_identity {
	X509 *certificate;
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
};

int eii_tls_give_passphrase(char *out, int size, int is_writing, void *arg)
{
	const char *passphrase = arg;
	size_t len = passphrase ? strlen(passphrase) : 0;

	(void)is_writing;
	if (!passphrase || size < 0 || len >= (size_t)size)
		return -1;
	memcpy(out, passphrase, len + 1);
	return (int)len;
}

void eii_identity_free(struct eii_identity *identity)
{
	if (!identity)
		return;
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
	sk_X509_pop_free(identity->chain, X509_free);
	free(identity);
}

static enum eii_rc fail(const struct eii_identity_source *source, const char *text, const char *why,
			struct eii_error *err)
{
	ERR_clear_error();
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s (%s): %s", source->what,
			     eii_tls_pem_name(text), why);
}

/* ---- PEM --------------------------------------------------------------- */

static void read_chain(BIO *bio, struct eii_identity *identity)
{
	identity->chain = sk_X509_new_null();
	if (!identity->chain)
		abort();
	for (;;) {
		X509 *issuer = PEM_read_bio_X509(bio, NULL, eii_tls_give_passphrase, NULL);

		if (!issuer)
			break;
		if (!sk_X509_push(identity->chain, issuer))
			abort();
	}
	ERR_clear_error();
}

static enum eii_rc read_key(const struct eii_identity_source *source, struct eii_identity *identity,
			    struct eii_error *err)
{
	const char *text = eii_tls_is_set(source->key) ? source->key : source->certificate;
	EII_AUTO_STR passphrase =
		eii_strdup(eii_tls_is_set(source->passphrase) ? source->passphrase : NULL);
	BIO *bio = NULL;
	enum eii_rc rc = eii_tls_open_pem(text, source->what, &bio, err);

	if (rc)
		return rc;
	identity->key = PEM_read_bio_PrivateKey(bio, NULL, eii_tls_give_passphrase, passphrase);
	BIO_free(bio);
	if (passphrase)
		explicit_bzero(passphrase, strlen(passphrase));
	if (!identity->key)
		return fail(source, text,
			    "no private key in PEM form, or its passphrase is wrong or missing",
			    err);
	return EII_OK;
}

/* ---- PKCS#12 ------------------------------------------------------------- */

/* EII_REJECT: it is no such file. */
static enum eii_rc read_pkcs12(const struct eii_identity_source *source, BIO *bio,
			       struct eii_identity *identity, struct eii_error *err)
{
	PKCS12 *bag;
	bool is_read;

	if (BIO_seek(bio, 0) < 0)
		return EII_REJECT;
	bag = d2i_PKCS12_bio(bio, NULL);
	if (!bag)
		return EII_REJECT;
	is_read = PKCS12_parse(bag, source->passphrase, &identity->key, &identity->certificate,
			       &identity->chain) == 1;
	PKCS12_free(bag);
	if (!is_read || !identity->key || !identity->certificate)
		return fail(source, source->certificate,
			    "PKCS#12 without certificate and key, or its passphrase is wrong or "
			    "missing",
			    err);
	return EII_OK;
}

/* ---- both ---------------------------------------------------------------- */

static enum eii_rc read_certificate(const struct eii_identity_source *source,
				    struct eii_identity *identity, struct eii_error *err)
{
	BIO *bio = NULL;
	enum eii_rc rc = eii_tls_open_pem(source->certificate, source->what, &bio, err);

	if (rc)
		return rc;
	identity->certificate = PEM_read_bio_X509_AUX(bio, NULL, eii_tls_give_passphrase, NULL);
	if (identity->certificate)
		read_chain(bio, identity);
	else
		rc = read_pkcs12(source, bio, identity, err);
	BIO_free(bio);
	if (rc == EII_REJECT)
		return fail(source, source->certificate, "no certificate in PEM form or PKCS#12",
			    err);
	if (!rc && !identity->key)
		rc = read_key(source, identity, err);
	return rc;
}

enum eii_rc eii_identity_read(const struct eii_identity_source *source, struct eii_identity **out,
			      struct eii_error *err)
{
	EII_AUTO(eii_identity) identity = EII_NEW(struct eii_identity);
	enum eii_rc rc;

	ERR_clear_error();
	rc = read_certificate(source, identity, err);
	ERR_clear_error();
	if (rc)
		return rc;
	if (X509_check_private_key(identity->certificate, identity->key) != 1) {
		(void)fail(source, source->certificate, "its key does not fit the certificate",
			   err);
		return EII_RETRY;
	}
	*out = EII_DETACH(identity);
	return EII_OK;
}

X509 *eii_identity_certificate(const struct eii_identity *identity)
{
	return identity->certificate;
}

EVP_PKEY *eii_identity_key(const struct eii_identity *identity)
{
	return identity->key;
}

bool eii_identity_use(const struct eii_identity *identity, SSL_CTX *ctx)
{
	bool is_used = SSL_CTX_use_certificate(ctx, identity->certificate) == 1 &&
		       SSL_CTX_use_PrivateKey(ctx, identity->key) == 1;

	for (int i = 0; is_used && i < sk_X509_num(identity->chain); i++)
		is_used = SSL_CTX_add1_chain_cert(ctx, sk_X509_value(identity->chain, i)) == 1;
	ERR_clear_error();
	return is_used;
}

int64_t eii_identity_end_unix_s(const struct eii_identity *identity)
{
	struct tm end = { 0 };

	if (ASN1_TIME_to_tm(X509_get0_notAfter(identity->certificate), &end) != 1)
		return 0;
	return (int64_t)timegm(&end);
}
