/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/tls.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "eii/base/alloc.h"
#include "eii/net/identity.h"
#include "tls_private.h"

#define READ_AHEAD_BYTES 65536 /* four records of 16 KiB by one recv() */

bool eii_tls_is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* A name as certificates have it: without the root's dot. */
static char *bare_name(const char *host)
{
	size_t len = strlen(host);

	if (len > 1 && host[len - 1] == '.')
		len--;
	return eii_strndup(host, len);
}

static enum eii_rc set_expected_name(SSL_CTX *ctx, const char *host, struct eii_error *err)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
	EII_AUTO_STR name = bare_name(host);
	int done;

	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (eii_tls_is_address(name))
		done = X509_VERIFY_PARAM_set1_ip_asc(param, name);
	else
		done = X509_VERIFY_PARAM_set1_host(param, name, 0);
	ERR_clear_error();
	if (done != 1)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "'%s' is not the name of a host", host);
	return EII_OK;
}

/* A pair that does not fit may be one that is being replaced: for a connection it is a fault. */
static enum eii_rc set_client_certificate(SSL_CTX *ctx, const struct eii_tls_options *options,
					  struct eii_error *err)
{
	const struct eii_identity_source source = { .what = "client certificate",
						    .certificate = options->cert,
						    .key = options->key,
						    .passphrase = options->passphrase };
	EII_AUTO(eii_identity) identity = NULL;

	if (eii_identity_read(&source, &identity, err))
		return EII_FATAL;
	if (!eii_identity_use(identity, ctx))
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "client certificate (%s): TLS takes no such key",
				     eii_tls_pem_name(options->cert));
	return EII_OK;
}

enum eii_rc eii_tls_setup(SSL_CTX *ctx, const struct eii_tls_options *options, const char *host,
			  struct eii_tls_verdict *verdict, struct eii_error *err)
{
	enum eii_rc rc;

	ERR_clear_error();
	*verdict = (struct eii_tls_verdict){ .certificate_end = options->certificate_end,
					     .peer = options->peer };
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					    SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_default_passwd_cb(ctx, eii_tls_give_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
	if (options->verify) {
		rc = eii_tls_set_store(ctx, options, err);
		if (!rc && host)
			rc = set_expected_name(ctx, host, err);
		if (rc)
			return rc;
		(void)SSL_CTX_set_app_data(ctx, verdict);
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, eii_tls_judge);
	} else {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	}
	return eii_tls_is_set(options->cert) ? set_client_certificate(ctx, options, err) : EII_OK;
}

SSL *eii_tls_session_new(SSL_CTX *ctx, const char *host, int fd)
{
	EII_AUTO_STR name = bare_name(host);
	SSL *ssl;

	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_default_read_buffer_len(ctx, READ_AHEAD_BYTES);
	ssl = SSL_new(ctx);
	if (!ssl)
		return NULL;
	/* RFC 6066, section 3: a name only, no address. */
	if (SSL_set_fd(ssl, fd) != 1 ||
	    (!eii_tls_is_address(name) && SSL_set_tlsext_host_name(ssl, name) != 1)) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}
