/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/tls.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/net/stream.h"
#include "peer.h"
#include "support.h"

#define WAIT_MS 10000

/* What the server does, and what it saw. */
struct server {
	SSL_CTX *ctx;
	char sni[64];
	int version;
	bool has_client_certificate;
};

static void serve_tls(int fd, void *arg)
{
	struct server *server = arg;
	SSL *ssl = SSL_new(server->ctx);
	char line[64];
	const char *name;
	int n;

	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		X509 *client = SSL_get1_peer_certificate(ssl);

		name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
		(void)snprintf(server->sni, sizeof(server->sni), "%s", name ? name : "");
		server->version = SSL_version(ssl);
		server->has_client_certificate = client != NULL;
		X509_free(client);
		n = SSL_read(ssl, line, sizeof(line));
		if (n > 0)
			(void)SSL_write(ssl, line, n);
	}
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	/* Bytes left unread would make the kernel throw our last words away. */
	(void)shutdown(fd, SHUT_WR);
	peer_drain(fd);
}

/* Connects, shakes hands and has a word echoed. */
static enum eii_rc talk(const char *host, uint16_t port, const struct eii_tls_options *options,
			struct eii_error *err)
{
	EII_AUTO(eii_stream) stream = NULL;
	char echo[8] = { 0 };
	size_t n = 0;
	enum eii_rc rc;

	rc = eii_stream_connect("server", host, port, eii_clock_monotonic_ms() + WAIT_MS, NULL,
				&stream, err);
	if (!rc)
		rc = eii_stream_start_tls(stream, options, err);
	if (!rc)
		rc = eii_stream_write(stream, "hello", 5, err);
	if (!rc)
		rc = eii_stream_read(stream, echo, sizeof(echo), &n, err);
	if (!rc)
		assert_memory_equal(echo, "hello", 5);
	return rc;
}

struct judged {
	const char *name;
	enum pki_kind kind;
	const char *host;
	bool verify, knows_ca;
	enum eii_rc rc;
	const char *says;
};

static void test_tls__accepts_the_right_certificate_and_says_what_is_wrong_with_others(void **state)
{
	static const struct judged cases[] = {
		{ "name", PKI_GOOD, "localhost", true, true, EII_OK, "" },
		{ "address", PKI_GOOD, "127.0.0.1", true, true, EII_OK, "" },
		{ "other name", PKI_WRONG_HOST, "localhost", true, true, EII_FATAL,
		  "is for mail.example, imap.example, not for" },
		{ "name for an address", PKI_WRONG_HOST, "127.0.0.1", true, true, EII_FATAL,
		  "is for mail.example" },
		{ "expired", PKI_EXPIRED, "localhost", true, true, EII_FATAL, "expired on 2" },
		{ "future", PKI_FUTURE, "localhost", true, true, EII_FATAL,
		  "is valid only from 2" },
		{ "unknown authority", PKI_GOOD, "localhost", true, false, EII_FATAL,
		  "issuer: CN = Unit Test CA" },
		{ "self-signed", PKI_SELF_SIGNED, "localhost", true, true, EII_FATAL,
		  "issuer: CN = localhost" },
		{ "unchecked", PKI_EXPIRED, "localhost", false, false, EII_OK, "" },
	};
	struct pki *pki = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct judged *c = &cases[i];
		struct server server = { .ctx = pki_server_context(pki, c->kind) };
		struct peer *peer = peer_start(serve_tls, &server, 1);
		_Atomic int64_t end_s = 0;
		struct eii_tls_peer seen = { .end_s = 0 };
		struct eii_tls_options options = { .verify = c->verify,
						   .ca = c->knows_ca ? pki_ca_pem(pki) : NULL,
						   .certificate_end = &end_s,
						   .peer = &seen };
		struct eii_error err = { 0 };
		enum eii_rc rc = talk(c->host, peer_port(peer), &options, &err);

		peer_stop(peer);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		/* Only of a chain that was verified. */
		CHECK(rc || !c->verify || end_s > eii_clock_unix_s(), "%s: ends %lld", c->name,
		      (long long)end_s);
		CHECK(rc || !c->verify ? !*seen.issuer : seen.end_s == end_s && *seen.issuer == 'C',
		      "%s: issued by '%s'", c->name, seen.issuer);
		CHECK(c->verify || end_s == 0, "%s: ends %lld", c->name, (long long)end_s);
		CHECK(!rc || err.kind == EII_ERROR_CONFIG, "%s: kind %d", c->name, err.kind);
		/* Dates are no other server's. */
		CHECK(err.is_doubtful == (rc && c->kind != PKI_EXPIRED && c->kind != PKI_FUTURE),
		      "%s", c->name);
		CHECK(strstr(err.text, c->says), "%s: %s", c->name, err.text);
		SSL_CTX_free(server.ctx);
	}
}

/* Shakes hands, and then what it says is no record. */
static void serve_broken_stream(int fd, void *arg)
{
	struct server *server = arg;
	SSL *ssl = SSL_new(server->ctx);
	char line[64];

	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, line, sizeof(line)) > 0)
		(void)peer_send_str(fd, "* OK in plain words\r\n");
	SSL_free(ssl);
	(void)shutdown(fd, SHUT_WR);
	peer_drain(fd);
}

static void test_tls__a_stream_that_breaks_after_the_handshake_is_a_lost_one(void **state)
{
	struct pki *pki = *state;
	struct server server = { .ctx = pki_server_context(pki, PKI_GOOD) };
	struct peer *peer = peer_start(serve_broken_stream, &server, 1);
	struct eii_tls_options options = { .verify = true, .ca = pki_ca_pem(pki) };
	struct eii_error err = { 0 };
	enum eii_rc rc = talk("localhost", peer_port(peer), &options, &err);

	peer_stop(peer);
	CHECK(rc == EII_RETRY && err.kind == EII_ERROR_UNREACHABLE, "rc %d: %s", rc, err.text);
	CHECK(strstr(err.text, "the stream is broken"), "%s", err.text);
	SSL_CTX_free(server.ctx);
}

static void test_tls__sends_a_name_but_no_address_as_sni(void **state)
{
	struct pki *pki = *state;
	static const char *const cases[][2] = { { "localhost", "localhost" }, { "127.0.0.1", "" } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server server = { .ctx = pki_server_context(pki, PKI_GOOD) };
		struct peer *peer = peer_start(serve_tls, &server, 1);
		struct eii_tls_options options = { .verify = true, .ca = pki_ca_pem(pki) };
		struct eii_error err = { 0 };
		enum eii_rc rc = talk(cases[i][0], peer_port(peer), &options, &err);

		peer_stop(peer);
		CHECK(rc == EII_OK, "%s", err.text);
		assert_string_equal(server.sni, cases[i][1]);
		SSL_CTX_free(server.ctx);
	}
}

static void test_tls__needs_version_1_2(void **state)
{
	struct pki *pki = *state;
	static const struct {
		int version;
		enum eii_rc rc;
	} cases[] = { { TLS1_1_VERSION, EII_FATAL },
		      { TLS1_2_VERSION, EII_OK },
		      { TLS1_3_VERSION, EII_OK } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server server = { .ctx = pki_server_context(pki, PKI_GOOD) };
		struct eii_tls_options options = { .verify = true, .ca = pki_ca_pem(pki) };
		struct eii_error err = { 0 };
		struct peer *peer;
		enum eii_rc rc;

		/* Level 0 lets this server speak what OpenSSL 3 else refuses to. */
		SSL_CTX_set_security_level(server.ctx, 0);
		(void)SSL_CTX_set_min_proto_version(server.ctx, cases[i].version);
		(void)SSL_CTX_set_max_proto_version(server.ctx, cases[i].version);
		peer = peer_start(serve_tls, &server, 1);
		rc = talk("localhost", peer_port(peer), &options, &err);
		peer_stop(peer);
		CHECK(rc == cases[i].rc, "%x: %s", (unsigned)cases[i].version, err.text);
		CHECK(rc || server.version == cases[i].version, "%x", (unsigned)server.version);
		CHECK(!rc || strstr(err.text, "no TLS 1.2 or newer"), "%s", err.text);
		SSL_CTX_free(server.ctx);
	}
}

static enum eii_rc talk_as_client(struct pki *pki, const struct eii_tls_options *options,
				  bool *out_shown, struct eii_error *err)
{
	struct server server = { .ctx = pki_server_context(pki, PKI_GOOD) };
	struct peer *peer;
	enum eii_rc rc;
	BIO *bio = BIO_new_mem_buf(pki_ca_pem(pki), -1);
	X509 *ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	(void)X509_STORE_add_cert(SSL_CTX_get_cert_store(server.ctx), ca);
	SSL_CTX_set_verify(server.ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	peer = peer_start(serve_tls, &server, 1);
	rc = talk("localhost", peer_port(peer), options, err);
	peer_stop(peer);
	*out_shown = server.has_client_certificate;
	X509_free(ca);
	(void)BIO_free(bio);
	SSL_CTX_free(server.ctx);
	return rc;
}

static void test_tls__shows_a_client_certificate_with_a_locked_key(void **state)
{
	struct pki *pki = *state;
	static const char passphrase[] = "pass phrase; with # signs";
	char *locked = pki_key_pem(pki, PKI_CLIENT, passphrase);
	struct eii_tls_options options = { .verify = true,
					   .ca = pki_ca_pem(pki),
					   .cert = pki_cert_pem(pki, PKI_CLIENT),
					   .key = locked,
					   .passphrase = passphrase };
	struct eii_error err = { 0 };
	bool is_shown = false;

	CHECK(talk_as_client(pki, &options, &is_shown, &err) == EII_OK, "%s", err.text);
	assert_true(is_shown);
	free(locked);
}

static void test_tls__asks_nobody_for_a_passphrase_and_names_what_does_not_fit(void **state)
{
	struct pki *pki = *state;
	char *locked = pki_key_pem(pki, PKI_CLIENT, "right");
	char *other = pki_key_pem(pki, PKI_GOOD, NULL);
	struct {
		const char *cert, *key, *passphrase, *says;
	} cases[] = {
		{ pki_cert_pem(pki, PKI_CLIENT), locked, NULL, "passphrase is wrong or missing" },
		{ pki_cert_pem(pki, PKI_CLIENT), locked, "wrong",
		  "passphrase is wrong or missing" },
		{ pki_cert_pem(pki, PKI_CLIENT), other, NULL, "does not fit the certificate" },
		{ "/nonexistent/cert.pem", NULL, NULL, "'/nonexistent/cert.pem': No such file" },
		{ "-----BEGIN nothing", NULL, NULL, "no certificate in PEM form" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_tls_options options = { .verify = true,
						   .cert = cases[i].cert,
						   .key = cases[i].key,
						   .passphrase = cases[i].passphrase };
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
		struct eii_tls_verdict verdict;
		struct eii_error err = { 0 };

		CHECK(eii_tls_setup(ctx, &options, "localhost", &verdict, &err) == EII_FATAL,
		      "case %zu", i);
		CHECK(err.kind == EII_ERROR_CONFIG && strstr(err.text, cases[i].says), "%s",
		      err.text);
		SSL_CTX_free(ctx);
	}
	free(locked);
	free(other);
}

static void test_tls__without_a_client_certificate_says_that_one_is_wanted(void **state)
{
	struct pki *pki = *state;
	struct eii_tls_options options = { .verify = true, .ca = pki_ca_pem(pki) };
	struct eii_error err = { 0 };
	bool is_shown = true;

	CHECK(talk_as_client(pki, &options, &is_shown, &err) == EII_FATAL, "%s", err.text);
	CHECK(strstr(err.text, "asks for a client certificate"), "%s", err.text);
	assert_false(is_shown);
}

static void test_tls__trust_added_for_all_counts_and_a_connections_own_for_it_alone(void **state)
{
	struct pki *pki = *state;
	struct pki *other = pki_new();
	struct eii_trust *trust = NULL, *plain = NULL;
	struct eii_error err = { 0 };
	struct {
		bool is_added;
		const char *ca;
		enum eii_rc rc;
	} cases[] = {
		{ true, NULL, EII_OK },
		{ true, pki_ca_pem(other), EII_OK },
		{ false, pki_ca_pem(pki), EII_OK },
		{ false, NULL, EII_FATAL },
		{ false, pki_ca_pem(other), EII_FATAL },
	};

	assert_int_equal(eii_trust_new(pki_ca_pem(pki), &trust, &err), EII_OK);
	assert_int_equal(eii_trust_new(NULL, &plain, &err), EII_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server server = { .ctx = pki_server_context(pki, PKI_GOOD) };
		struct peer *peer = peer_start(serve_tls, &server, 1);
		struct eii_tls_options options = { .verify = true,
						   .trust = cases[i].is_added ? trust : plain,
						   .ca = cases[i].ca };
		enum eii_rc rc = talk("localhost", peer_port(peer), &options, &err);

		peer_stop(peer);
		CHECK(rc == cases[i].rc, "case %zu: %s", i, err.text);
		SSL_CTX_free(server.ctx);
	}
	eii_trust_free(trust);
	eii_trust_free(plain);
	pki_free(other);
}

static const char *const adding[] = { "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE" };

/* Writes the authority into a new file; path is a template for mkstemp. */
static void write_ca(const struct pki *pki, char *path)
{
	size_t len = strlen(pki_ca_pem(pki));
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, pki_ca_pem(pki), len) == (ssize_t)len);
	(void)close(fd);
}

static enum eii_rc talk_as_the_environment_says(struct pki *pki, struct eii_error *err)
{
	struct server server = { .ctx = pki_server_context(pki, PKI_GOOD) };
	struct peer *peer = peer_start(serve_tls, &server, 1);
	struct eii_tls_options options = { .verify = true };
	enum eii_rc rc = talk("localhost", peer_port(peer), &options, err);

	peer_stop(peer);
	SSL_CTX_free(server.ctx);
	return rc;
}

static void test_tls__adds_the_authorities_that_the_environment_names(void **state)
{
	struct pki *pki = *state;
	char path[] = "/tmp/eii-test-ca-XXXXXX";
	struct eii_error err = { 0 };

	write_ca(pki, path);
	assert_int_equal(talk_as_the_environment_says(pki, &err), EII_FATAL);
	for (size_t i = 0; i < ARRAY_LEN(adding); i++) {
		(void)setenv(adding[i], path, 1);
		CHECK(talk_as_the_environment_says(pki, &err) == EII_OK, "%s: %s", adding[i],
		      err.text);
		(void)unsetenv(adding[i]);
	}
	(void)unlink(path);
}

/* Whether a context trusts the first authority of the system's bundle. */
static bool trusts_the_system(void)
{
	BIO *bio = BIO_new_file("/etc/ssl/certs/ca-certificates.crt", "r");
	X509 *authority = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	struct eii_tls_options options = { .verify = true };
	X509_STORE_CTX *lookup = X509_STORE_CTX_new();
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct eii_tls_verdict verdict = { 0 };
	struct eii_error err = { 0 };
	X509_OBJECT *found;
	bool is_found;

	assert_non_null(authority);
	assert_int_equal(eii_tls_setup(ctx, &options, "localhost", &verdict, &err), EII_OK);
	assert_true(X509_STORE_CTX_init(lookup, SSL_CTX_get_cert_store(ctx), NULL, NULL));
	found = X509_STORE_CTX_get_obj_by_subject(lookup, X509_LU_X509,
						  X509_get_subject_name(authority));
	is_found = found != NULL;
	X509_OBJECT_free(found);
	X509_STORE_CTX_free(lookup);
	SSL_CTX_free(ctx);
	X509_free(authority);
	BIO_free(bio);
	return is_found;
}

static void test_tls__keeps_the_systems_authorities_but_for_another_directory(void **state)
{
	char path[] = "/tmp/eii-test-ca-XXXXXX";
	char empty[] = "/tmp/eii-test-ca-XXXXXX";

	write_ca(*state, path);
	assert_non_null(mkdtemp(empty));
	for (size_t i = 0; i < ARRAY_LEN(adding); i++) {
		(void)setenv(adding[i], path, 1);
		CHECK(trusts_the_system(), "%s", adding[i]);
		(void)setenv("SSL_CERT_DIR", empty, 1);
		CHECK(!trusts_the_system(), "%s and a directory", adding[i]);
		(void)unsetenv("SSL_CERT_DIR");
		(void)unsetenv(adding[i]);
	}
	(void)rmdir(empty);
	(void)unlink(path);
}

static void test_tls__refuses_a_variable_that_names_no_authorities(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(adding); i++) {
		struct eii_trust *trust = NULL;
		struct eii_error err = { 0 };

		(void)setenv(adding[i], "/nonexistent/ca.pem", 1);
		CHECK(eii_trust_new(NULL, &trust, &err) == EII_FATAL, "%s", adding[i]);
		CHECK(strstr(err.text, adding[i]), "%s: %s", adding[i], err.text);
		CHECK(strstr(err.text, "No such file"), "%s: %s", adding[i], err.text);
		(void)setenv(adding[i], "", 1);
		CHECK(eii_trust_new(NULL, &trust, &err) == EII_OK, "%s empty", adding[i]);
		eii_trust_free(trust);
		(void)unsetenv(adding[i]);
	}
}

static void test_tls__refuses_a_ca_file_that_is_none(void **state)
{
	static const char *const cases[][2] = {
		{ "/nonexistent/ca.pem", "No such file" },
		{ "/dev/null", "no certificate" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		  "no certificate" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_trust *trust = NULL;
		struct eii_error err = { 0 };

		CHECK(eii_trust_new(cases[i][0], &trust, &err) == EII_FATAL, "case %zu", i);
		CHECK(err.kind == EII_ERROR_CONFIG && strstr(err.text, cases[i][1]), "%s",
		      err.text);
		assert_null(trust);
	}
}

static int make_pki(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	*state = pki_new();
	return 0;
}

static int free_pki(void **state)
{
	pki_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_tls__accepts_the_right_certificate_and_says_what_is_wrong_with_others),
		cmocka_unit_test(test_tls__a_stream_that_breaks_after_the_handshake_is_a_lost_one),
		cmocka_unit_test(test_tls__sends_a_name_but_no_address_as_sni),
		cmocka_unit_test(test_tls__needs_version_1_2),
		cmocka_unit_test(test_tls__shows_a_client_certificate_with_a_locked_key),
		cmocka_unit_test(
			test_tls__asks_nobody_for_a_passphrase_and_names_what_does_not_fit),
		cmocka_unit_test(test_tls__without_a_client_certificate_says_that_one_is_wanted),
		cmocka_unit_test(
			test_tls__trust_added_for_all_counts_and_a_connections_own_for_it_alone),
		cmocka_unit_test(test_tls__adds_the_authorities_that_the_environment_names),
		cmocka_unit_test(test_tls__keeps_the_systems_authorities_but_for_another_directory),
		cmocka_unit_test(test_tls__refuses_a_variable_that_names_no_authorities),
		cmocka_unit_test(test_tls__refuses_a_ca_file_that_is_none),
	};

	return cmocka_run_group_tests(tests, make_pki, free_pki);
}
