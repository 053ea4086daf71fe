/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "eii/base/buf.h"
#include "eii/base/utf8.h"
#include "eii/net/tls.h"
#include "tls_private.h"

#define DAY_S                      86400
#define NAMES_SHOWN                5
#define ALERT_CERTIFICATE_REQUIRED 1116 /* RFC 8446, section 6.2: 116, as OpenSSL counts alerts */

/* Bytes of a stranger's certificate: what is not plain ASCII becomes '?'. */
static char plain_or_mark(char c)
{
	if (c >= ' ' && c < 0x7f)
		return c;
	return '?';
}

static void add_plain(struct eii_buf *out, const char *data, size_t len)
{
	for (size_t i = 0; i < len && i < 100; i++)
		eii_buf_add_char(out, plain_or_mark(data[i]));
}

static void add_address(struct eii_buf *out, const ASN1_OCTET_STRING *address)
{
	const unsigned char *data = ASN1_STRING_get0_data(address);

	if (ASN1_STRING_length(address) == 4)
		eii_buf_addf(out, "%d.%d.%d.%d", data[0], data[1], data[2], data[3]);
	else
		eii_buf_add_str(out, "an IPv6 address");
}

static void add_name(struct eii_buf *out, const GENERAL_NAME *name)
{
	if (name->type != GEN_DNS && name->type != GEN_IPADD)
		return;
	if (out->len)
		eii_buf_add_str(out, ", ");
	if (name->type == GEN_DNS)
		add_plain(out, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
			  (size_t)ASN1_STRING_length(name->d.dNSName));
	else
		add_address(out, name->d.iPAddress);
}

static void add_subject(struct eii_buf *out, const X509_NAME *subject)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	if (!bio)
		return;
	(void)X509_NAME_print_ex(bio, subject, 0, XN_FLAG_ONELINE);
	len = BIO_get_mem_data(bio, &text);
	for (long i = 0; i < len && i < 150; i++)
		eii_buf_add_char(out, plain_or_mark(text[i]));
	BIO_free(bio);
}

static void describe_names(struct eii_buf *out, X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	struct eii_buf list;

	eii_buf_init(&list, 1024);
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_SHOWN; i++)
		add_name(&list, sk_GENERAL_NAME_value(names, i));
	if (sk_GENERAL_NAME_num(names) > NAMES_SHOWN)
		eii_buf_add_str(&list, ", ...");
	if (!list.len)
		add_subject(&list, X509_get_subject_name(certificate));
	eii_buf_addf(out, "is for %s, not for the host of the settings: use a name it is for",
		     list.data);
	eii_buf_clear(&list);
	GENERAL_NAMES_free(names);
}

static void describe_time(struct eii_buf *out, const char *what, const ASN1_TIME *time,
			  const char *then)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) == 1)
		eii_buf_addf(out, "%s %04d-%02d-%02d %02d:%02d UTC: %s", what, tm.tm_year + 1900,
			     tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, then);
	else
		eii_buf_addf(out, "has an unreadable date: %s", then);
}

static void describe_issuer(struct eii_buf *out, X509 *certificate)
{
	eii_buf_add_str(out, "is not signed by an authority that is trusted here (issuer: ");
	add_subject(out, X509_get_issuer_name(certificate));
	eii_buf_add_str(out, "): give that authority's certificate as the CA of this connection");
}

bool eii_tls_is_unknown_issuer(int code)
{
	return code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	       code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	       code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

static void describe(struct eii_buf *out, int code, X509 *certificate)
{
	if (code == X509_V_ERR_CERT_HAS_EXPIRED)
		describe_time(out, "expired on", X509_get0_notAfter(certificate),
			      "it must be renewed on the server");
	else if (code == X509_V_ERR_CERT_NOT_YET_VALID)
		describe_time(out, "is valid only from", X509_get0_notBefore(certificate),
			      "check the clocks of both sides");
	else if (code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH)
		describe_names(out, certificate);
	else if (eii_tls_is_unknown_issuer(code))
		describe_issuer(out, certificate);
	else
		eii_buf_addf(out, "was refused: %s", X509_verify_cert_error_string(code));
}

static bool unix_of(const ASN1_TIME *time, int64_t *out)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days, seconds;
	bool is_known = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

	if (is_known)
		*out = (int64_t)days * DAY_S + seconds;
	ASN1_TIME_free(epoch);
	return is_known;
}

static void note_peer(struct eii_tls_peer *peer, X509 *certificate, int64_t end_s)
{
	struct eii_buf issuer;

	eii_buf_init(&issuer, sizeof(peer->issuer));
	add_subject(&issuer, X509_get_issuer_name(certificate));
	(void)snprintf(peer->issuer, sizeof(peer->issuer), "%.*s", (int)issuer.len,
		       issuer.data ? issuer.data : "");
	peer->end_s = end_s;
	eii_buf_clear(&issuer);
}

/* OpenSSL shows the chain from its root down; the server's own certificate is the last. */
static void note_end(struct eii_tls_verdict *verdict, X509_STORE_CTX *store)
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	int64_t end_s;

	if (!verdict || !certificate || !unix_of(X509_get0_notAfter(certificate), &end_s))
		return;
	if (!verdict->end_s || end_s < verdict->end_s)
		verdict->end_s = end_s;
	if (X509_STORE_CTX_get_error_depth(store) != 0)
		return;
	if (verdict->certificate_end)
		atomic_store(verdict->certificate_end, verdict->end_s);
	if (verdict->peer)
		note_peer(verdict->peer, certificate, verdict->end_s);
}

int eii_tls_judge(int is_ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct eii_tls_verdict *verdict = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	struct eii_buf text;

	if (is_ok)
		note_end(verdict, store);
	if (is_ok || !verdict || verdict->code)
		return is_ok;
	eii_buf_init(&text, 4096);
	verdict->code = X509_STORE_CTX_get_error(store);
	if (certificate)
		describe(&text, (int)verdict->code, certificate);
	(void)snprintf(verdict->detail, sizeof(verdict->detail), "%s", text.data);
	eii_buf_clear(&text);
	return 0;
}

/* What the server says of our certificate. */
static const char *client_fault(int reason)
{
	switch (reason) {
	case ALERT_CERTIFICATE_REQUIRED:
		return "it asks for a client certificate, and none is set";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
		return "it refuses our client certificate";
	default:
		return NULL;
	}
}

/* What a server that is not the one of the settings does. */
static const char *server_fault(int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return "it offers no TLS 1.2 or newer";
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
		return "it does not speak TLS on this port: check the port and the TLS setting";
	default:
		return NULL;
	}
}

/* An end is an end; whose certificate is another one may be another server for a while. */
static enum eii_rc fail_certificate(const struct eii_tls_verdict *verdict, const char *where,
				    struct eii_error *err)
{
	switch (verdict->code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_REVOKED:
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: its TLS certificate %s",
				     where, verdict->detail);
	default:
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG,
					 "%s: its TLS certificate %s", where, verdict->detail);
	}
}

enum eii_rc eii_tls_fail(const struct eii_tls_verdict *verdict, const char *where,
			 struct eii_error *err)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	bool is_of_tls = ERR_GET_LIB(code) == ERR_LIB_SSL;
	const char *ours = is_of_tls ? client_fault(ERR_GET_REASON(code)) : NULL;
	const char *theirs = is_of_tls ? server_fault(ERR_GET_REASON(code)) : NULL;

	ERR_clear_error();
	if (verdict->code)
		return fail_certificate(verdict, where, err);
	if (ours)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s", where, ours);
	if (theirs)
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s", where, theirs);
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "%s: TLS: %s", where,
			     reason ? reason : "connection lost");
}
