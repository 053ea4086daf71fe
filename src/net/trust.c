/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "eii/base/alloc.h"
#include "eii/base/die.h"
#include "eii/net/tls.h"
#include "tls_private.h"

/* Where Debian and Alpine keep all authorities in one file. */
#define BUNDLE_FILE "/etc/ssl/certs/ca-certificates.crt"

struct eii_trust {
	X509_STORE *store;      /* the system's and those added */
	STACK_OF(X509) * added; /* for stores that hold a connection's own as well */
};

static bool is_pem_text(const char *text)
{
	return strstr(text, "-----BEGIN") != NULL;
}

const char *eii_tls_pem_name(const char *file_or_pem)
{
	return is_pem_text(file_or_pem) ? "given as text" : file_or_pem;
}

enum eii_rc eii_tls_open_pem(const char *file_or_pem, const char *what, BIO **out,
			     struct eii_error *err)
{
	BIO *bio;

	if (is_pem_text(file_or_pem)) {
		bio = BIO_new_mem_buf(file_or_pem, -1);
		if (!bio)
			return eii_fail(err, EII_FATAL, "%s: out of memory", what);
		*out = bio;
		return EII_OK;
	}
	errno = 0;
	bio = BIO_new_file(file_or_pem, "r");
	ERR_clear_error();
	if (!bio && errno == ENOMEM)
		eii_die("memory", errno);
	if (!bio)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: file '%s': %s", what,
				     file_or_pem, strerror(errno));
	*out = bio;
	return EII_OK;
}

/* Bags of PEM may hold comments and other things between the certificates. */
static STACK_OF(X509) * read_certificates(BIO *bio)
{
	STACK_OF(X509_INFO) *infos = PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL);
	STACK_OF(X509) *certificates = sk_X509_new_null();

	eii_alloc_check(certificates);
	for (int i = 0; i < sk_X509_INFO_num(infos); i++) {
		X509 *certificate = sk_X509_INFO_value(infos, i)->x509;

		if (certificate && X509_up_ref(certificate) &&
		    !sk_X509_push(certificates, certificate))
			eii_alloc_check(NULL);
	}
	sk_X509_INFO_pop_free(infos, X509_INFO_free);
	ERR_clear_error();
	return certificates;
}

static enum eii_rc load_certificates(const char *file_or_pem, const char *what,
				     STACK_OF(X509) * *out, struct eii_error *err)
{
	STACK_OF(X509) * certificates;
	BIO *bio = NULL;
	enum eii_rc rc;

	rc = eii_tls_open_pem(file_or_pem, what, &bio, err);
	if (rc)
		return rc;
	certificates = read_certificates(bio);
	BIO_free(bio);
	if (sk_X509_num(certificates) == 0) {
		sk_X509_pop_free(certificates, X509_free);
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "%s (%s): no certificate in PEM form", what,
				     eii_tls_pem_name(file_or_pem));
	}
	*out = certificates;
	return EII_OK;
}

/* A name as c_rehash makes it: 8 hex digits, a dot, a digit. */
static bool is_hashed_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' &&
	       name[9] <= '9';
}

static bool has_hashed_directory(void)
{
	DIR *dir = opendir(X509_get_default_cert_dir());
	bool found = false;

	if (!dir)
		return false;
	while (!found) {
		struct dirent *entry = readdir(dir);

		if (!entry)
			break;
		found = is_hashed_name(entry->d_name);
	}
	(void)closedir(dir);
	return found;
}

static void add_all(X509_STORE *store, STACK_OF(X509) * certificates)
{
	for (int i = 0; i < sk_X509_num(certificates); i++)
		(void)X509_STORE_add_cert(store, sk_X509_value(certificates, i));
	ERR_clear_error();
}

/*
 * Files that other programs take instead of the system's authorities (OpenSSL;
 * Python's requests, a folder as well; curl). They are added here: a proxy's
 * authority alone would leave the mail server without one.
 */
static const char *const added_by[] = { "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE" };

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static enum eii_rc add_named_by(X509_STORE *store, const char *variable, struct eii_error *err)
{
	STACK_OF(X509) *certificates = NULL;
	const char *path = getenv(variable);
	enum eii_rc rc;

	if (!eii_tls_is_set(path))
		return EII_OK;
	if (is_directory(path)) {
		(void)X509_STORE_load_path(store, path);
		return EII_OK;
	}
	rc = load_certificates(path, variable, &certificates, err);
	if (rc)
		return rc;
	add_all(store, certificates);
	sk_X509_pop_free(certificates, X509_free);
	return EII_OK;
}

/*
 * The system's authorities: looked up by hash in a directory, which costs
 * nothing until a chain needs one. OpenSSL's default paths would on Debian read
 * the bundle of one file as well (20 to 40 ms and 2 MiB a store), so only
 * images without the directory pay for that. SSL_CERT_DIR takes the place of all.
 */
static void load_system(X509_STORE *store)
{
	const char *directory = getenv(X509_get_default_cert_dir_env());

	if (eii_tls_is_set(directory))
		(void)X509_STORE_load_path(store, directory);
	else if (has_hashed_directory())
		(void)X509_STORE_load_path(store, X509_get_default_cert_dir());
	else if (!access(X509_get_default_cert_file(), R_OK))
		(void)X509_STORE_load_file(store, X509_get_default_cert_file());
	else
		(void)X509_STORE_load_file(store, BUNDLE_FILE);
}

static enum eii_rc system_store(X509_STORE **out, struct eii_error *err)
{
	X509_STORE *store = X509_STORE_new();
	enum eii_rc rc = EII_OK;

	eii_alloc_check(store);
	load_system(store);
	for (size_t i = 0; !rc && i < sizeof(added_by) / sizeof(added_by[0]); i++)
		rc = add_named_by(store, added_by[i], err);
	/* As curl: an intermediate or the server's own certificate may be the anchor. */
	(void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	ERR_clear_error();
	if (rc) {
		X509_STORE_free(store);
		return rc;
	}
	*out = store;
	return EII_OK;
}

enum eii_rc eii_trust_new(const char *added, struct eii_trust **out, struct eii_error *err)
{
	STACK_OF(X509) *certificates = NULL;
	X509_STORE *store = NULL;
	struct eii_trust *trust;
	enum eii_rc rc;

	if (eii_tls_is_set(added)) {
		rc = load_certificates(added, "CA certificates", &certificates, err);
		if (rc)
			return rc;
	}
	rc = system_store(&store, err);
	if (rc) {
		sk_X509_pop_free(certificates, X509_free);
		return rc;
	}
	trust = EII_NEW(struct eii_trust);
	trust->store = store;
	trust->added = certificates;
	add_all(trust->store, certificates);
	*out = trust;
	return EII_OK;
}

void eii_trust_free(struct eii_trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->store);
	sk_X509_pop_free(trust->added, X509_free);
	free(trust);
}

enum eii_rc eii_tls_set_store(SSL_CTX *ctx, const struct eii_tls_options *options,
			      struct eii_error *err)
{
	STACK_OF(X509) *own = NULL;
	X509_STORE *store = NULL;
	enum eii_rc rc;

	if (options->trust && !eii_tls_is_set(options->ca)) {
		SSL_CTX_set1_cert_store(ctx, options->trust->store);
		return EII_OK;
	}
	if (eii_tls_is_set(options->ca)) {
		rc = load_certificates(options->ca, "CA certificates", &own, err);
		if (rc)
			return rc;
	}
	rc = system_store(&store, err);
	if (rc) {
		sk_X509_pop_free(own, X509_free);
		return rc;
	}
	if (options->trust)
		add_all(store, options->trust->added);
	add_all(store, own);
	sk_X509_pop_free(own, X509_free);
	SSL_CTX_set_cert_store(ctx, store);
	return EII_OK;
}
