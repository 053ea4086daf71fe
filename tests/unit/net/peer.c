/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "eii/base/alloc.h"

struct peer {
	int fd;
	uint16_t port;
	pthread_t thread;
	void (*serve)(int fd, void *arg);
	void *arg;
	int n;
};

static void *run(void *arg)
{
	struct peer *peer = arg;

	for (int i = 0; i < peer->n; i++) {
		int fd = accept(peer->fd, NULL, NULL);

		if (fd < 0)
			break;
		peer->serve(fd, peer->arg);
		(void)close(fd);
	}
	return NULL;
}

struct peer *peer_start(void (*serve)(int fd, void *arg), void *arg, int n)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct peer *peer = EII_NEW(struct peer);
	socklen_t size = sizeof(address);

	peer->serve = serve;
	peer->arg = arg;
	peer->n = n;
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer->fd < 0 || bind(peer->fd, (struct sockaddr *)&address, size) ||
	    listen(peer->fd, 8) || getsockname(peer->fd, (struct sockaddr *)&address, &size))
		abort();
	peer->port = ntohs(address.sin_port);
	if (pthread_create(&peer->thread, NULL, run, peer))
		abort();
	return peer;
}

uint16_t peer_port(const struct peer *peer)
{
	return peer->port;
}

void peer_stop(struct peer *peer)
{
	(void)shutdown(peer->fd, SHUT_RDWR);
	(void)pthread_join(peer->thread, NULL);
	(void)close(peer->fd);
	free(peer);
}

int peer_send(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

int peer_send_str(int fd, const char *text)
{
	return peer_send(fd, text, strlen(text));
}

int peer_read_line(int fd, char *out, size_t capacity)
{
	size_t len = 0;
	char c;

	while (recv(fd, &c, 1, 0) == 1) {
		if (c == '\n') {
			if (len && out[len - 1] == '\r')
				len--;
			out[len] = '\0';
			return (int)len;
		}
		if (len + 1 < capacity)
			out[len++] = c;
	}
	return -1;
}

void peer_drain(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

/* ---- certificates ------------------------------------------------------ */

struct identity {
	EVP_PKEY *key;
	X509 *cert;
	char *pem;
};

struct pki {
	struct identity ca;
	struct identity all[PKI_N];
};

static void must(bool is_done)
{
	if (!is_done) {
		ERR_print_errors_fp(stderr);
		abort();
	}
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(extension && X509_add_ext(cert, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static char *text_of(BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);
	char *text = eii_strndup(data, (size_t)len);

	(void)BIO_free(bio);
	return text;
}

static struct identity make(const char *name, const char *alternative, long from_s, long to_s,
			    const struct identity *issuer)
{
	struct identity made = { .key = EVP_EC_gen("P-256"), .cert = X509_new() };
	const struct identity *signer = issuer ? issuer : &made;
	BIO *bio = BIO_new(BIO_s_mem());
	X509_NAME *subject;

	must(made.key && made.cert && bio);
	subject = X509_get_subject_name(made.cert);
	must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name,
					-1, -1, 0));
	must(X509_set_version(made.cert, X509_VERSION_3) &&
	     ASN1_INTEGER_set(X509_get_serialNumber(made.cert),
			      (long)strlen(name) + from_s + to_s) &&
	     X509_gmtime_adj(X509_getm_notBefore(made.cert), from_s) &&
	     X509_gmtime_adj(X509_getm_notAfter(made.cert), to_s) &&
	     X509_set_issuer_name(made.cert, X509_get_subject_name(signer->cert)) &&
	     X509_set_pubkey(made.cert, made.key));
	add_extension(made.cert, NID_basic_constraints,
		      alternative ? "critical,CA:FALSE" : "critical,CA:TRUE");
	if (alternative)
		add_extension(made.cert, NID_subject_alt_name, alternative);
	must(X509_sign(made.cert, signer->key, EVP_sha256()) > 0);
	must(PEM_write_bio_X509(bio, made.cert));
	made.pem = text_of(bio);
	return made;
}

struct pki *pki_new(void)
{
	static const char local[] = "DNS:localhost,IP:127.0.0.1";
	struct pki *pki = EII_NEW(struct pki);
	long day = 86400;

	pki->ca = make("Unit Test CA", NULL, -day, day, NULL);
	pki->all[PKI_GOOD] = make("localhost", local, -day, day, &pki->ca);
	pki->all[PKI_WRONG_HOST] =
		make("mail.example", "DNS:mail.example,DNS:imap.example", -day, day, &pki->ca);
	pki->all[PKI_EXPIRED] = make("localhost", local, -2 * day, -day, &pki->ca);
	pki->all[PKI_FUTURE] = make("localhost", local, day, 2 * day, &pki->ca);
	pki->all[PKI_SELF_SIGNED] = make("localhost", local, -day, day, NULL);
	pki->all[PKI_CLIENT] = make("connector", "DNS:connector", -day, day, &pki->ca);
	return pki;
}

static void free_identity(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->cert);
	free(identity->pem);
}

void pki_free(struct pki *pki)
{
	free_identity(&pki->ca);
	for (int i = 0; i < PKI_N; i++)
		free_identity(&pki->all[i]);
	free(pki);
}

const char *pki_ca_pem(const struct pki *pki)
{
	return pki->ca.pem;
}

const char *pki_cert_pem(const struct pki *pki, enum pki_kind kind)
{
	return pki->all[kind].pem;
}

char *pki_key_pem(const struct pki *pki, enum pki_kind kind, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const EVP_CIPHER *cipher = passphrase ? EVP_aes_256_cbc() : NULL;

	must(bio &&
	     PEM_write_bio_PKCS8PrivateKey(bio, pki->all[kind].key, cipher, passphrase,
					   passphrase ? (int)strlen(passphrase) : 0, NULL, NULL));
	return text_of(bio);
}

SSL_CTX *pki_server_context(const struct pki *pki, enum pki_kind kind)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	must(ctx && SSL_CTX_use_certificate(ctx, pki->all[kind].cert) == 1 &&
	     SSL_CTX_use_PrivateKey(ctx, pki->all[kind].key) == 1);
	return ctx;
}
