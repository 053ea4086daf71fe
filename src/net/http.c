/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/http.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"
#include "http_private.h"

/* The platform closes idle connections after 5 s: one older than this is not used again. */
#define IDLE_MAX_S  4L
#define WHERE_MAX   300
#define KEPT_BYTES  65536 /* of a large answer's memory, for the next one */
#define POLL_MAX_MS 60000

struct eii_http {
	CURLM *multi;
	CURL *easy;
	struct eii_tls_options tls;
	char *tls_texts[4]; /* what tls points to */
	char *http_proxy;
	char *https_proxy;
	char *user_agent;
	struct curl_slist *headers;
	bool has_bad_header; /* one with a line break */
	struct eii_tls_verdict verdict;
	struct eii_error tls_error; /* of the set-up inside curl's callback */
	enum eii_rc tls_rc;
	bool is_begun;             /* curl has had its turn, and its figures are of this request */
	bool is_over;              /* the answer passed its ceiling */
	_Atomic int64_t end_by_ms; /* 0 = no such instant; of any thread */
	struct eii_buf body;
	char reason[CURL_ERROR_SIZE];
};

static void *new_of_openssl(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return eii_block_new(size);
}

static void *resize_of_openssl(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return eii_block_resize(old, size);
}

static void free_of_openssl(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	free(block);
}

void eii_http_global_init(void)
{
	/* Without memory both go on with less: an authority not loaded, a header not sent. */
	(void)CRYPTO_set_mem_functions(new_of_openssl, resize_of_openssl, free_of_openssl);
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, eii_block_new, free, eii_block_resize,
				 eii_strdup, eii_block_new_zeroed) != CURLE_OK)
		eii_die("libcurl", 0);
}

void eii_http_global_clear(void)
{
	curl_global_cleanup();
}

/* ---- callbacks --------------------------------------------------------- */

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct eii_http *http = arg;

	eii_buf_add(&http->body, data, size * n);
	if (eii_buf_ok(&http->body))
		return size * n;
	http->is_over = true;
	return CURL_WRITEFUNC_ERROR;
}

/*
 * The policy of net/tls in curl's context. The name is left to curl: the same
 * callback serves a proxy, whose name is another.
 */
static CURLcode set_up_tls(CURL *easy, void *ctx, void *arg)
{
	struct eii_http *http = arg;

	(void)easy;
	http->tls_rc = eii_tls_setup(ctx, &http->tls, NULL, &http->verdict, &http->tls_error);
	return http->tls_rc ? CURLE_SSL_CERTPROBLEM : CURLE_OK;
}

/* ---- life -------------------------------------------------------------- */

static bool has_line_break(const char *text)
{
	return strpbrk(text, "\r\n") != NULL;
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	eii_alloc_check(longer);
	return longer;
}

static struct curl_slist *append_all(struct curl_slist *list, const char *const *lines)
{
	for (size_t i = 0; lines && lines[i] && i < EII_HTTP_HEADERS_MAX; i++)
		list = append(list, lines[i]);
	return list;
}

static void set_fixed_options(struct eii_http *http, const struct eii_http_options *options)
{
	CURL *easy = http->easy;

	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	/* HTTP/2 may repeat a request that the server's GOAWAY left open. */
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options->tls.verify ? 1L : 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options->tls.verify ? 2L : 0L);
	(void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_up_tls);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, http);
	(void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	(void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->reason);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, options->no_proxy ? options->no_proxy : "");
	/*
	 * A look-up cannot be cut. Without this curl waits for its thread to come
	 * home, for a minute where a name server is silent; with it the thread is
	 * left to end by itself.
	 */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

struct eii_http *eii_http_new(const struct eii_http_options *options)
{
	struct eii_http *http = EII_NEW(struct eii_http);

	http->multi = curl_multi_init();
	http->easy = curl_easy_init();
	eii_alloc_check(http->multi);
	eii_alloc_check(http->easy);
	eii_buf_init(&http->body, EII_HTTP_REPLY_MAX);
	http->tls = options->tls;
	http->tls.ca = http->tls_texts[0] = eii_strdup(options->tls.ca);
	http->tls.cert = http->tls_texts[1] = eii_strdup(options->tls.cert);
	http->tls.key = http->tls_texts[2] = eii_strdup(options->tls.key);
	http->tls.passphrase = http->tls_texts[3] = eii_strdup(options->tls.passphrase);
	http->http_proxy = eii_strdup(options->http_proxy);
	http->https_proxy = eii_strdup(options->https_proxy);
	http->user_agent = eii_strdup(options->user_agent);
	atomic_init(&http->end_by_ms, 0);
	/* "Expect:" takes curl's wait for a 100 out of large posts. */
	http->headers = append_all(append(NULL, "Expect:"), options->headers);
	for (const struct curl_slist *h = http->headers; h; h = h->next)
		http->has_bad_header |= has_line_break(h->data);
	set_fixed_options(http, options);
	return http;
}

void eii_http_free(struct eii_http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	(void)curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->headers);
	for (size_t i = 0; i < sizeof(http->tls_texts) / sizeof(http->tls_texts[0]); i++)
		free(http->tls_texts[i]);
	free(http->http_proxy);
	free(http->https_proxy);
	free(http->user_agent);
	eii_buf_clear(&http->body);
	free(http);
}

void eii_http_end_by(struct eii_http *http, int64_t instant_ms)
{
	atomic_store(&http->end_by_ms, instant_ms);
	(void)curl_multi_wakeup(http->multi);
}

void eii_http_reply_init(struct eii_http_reply *reply)
{
	*reply = (struct eii_http_reply){ 0 };
	eii_buf_init(&reply->body, EII_HTTP_REPLY_MAX);
}

void eii_http_reply_clear(struct eii_http_reply *reply)
{
	eii_buf_clear(&reply->body);
}

/* ---- where ------------------------------------------------------------- */

/* "https://host:port" of a URL, without user, password, path and query. */
struct where {
	char text[WHERE_MAX];
	bool is_https;
};

static bool find_where(const char *url, struct where *out)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLU *parts = curl_url();
	bool found;

	found = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
		curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
	if (found) {
		out->is_https = strcmp(scheme, "https") == 0;
		found = out->is_https || strcmp(scheme, "http") == 0;
		(void)snprintf(out->text, sizeof(out->text), "%s://%s:%s", scheme, host, port);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return found;
}

/* ---- one request ------------------------------------------------------- */

static int left_ms_of(struct eii_http *http, const struct eii_http_request *request)
{
	int64_t end_by_ms = atomic_load(&http->end_by_ms);

	if (end_by_ms && end_by_ms < request->deadline_ms)
		return eii_clock_left_ms(end_by_ms);
	return eii_clock_left_ms(request->deadline_ms);
}

static struct curl_slist *request_headers(const struct eii_http *http,
					  const struct eii_http_request *request)
{
	const char *type = request->content_type ? request->content_type : "application/json";
	EII_AUTO_STR type_line = eii_asprintf("Content-Type: %s", type);
	struct curl_slist *list = append(NULL, type_line);

	for (const struct curl_slist *h = http->headers; h; h = h->next)
		list = append(list, h->data);
	return append_all(list, request->headers);
}

static void set_body(CURL *easy, const struct eii_http_request *request)
{
	if (request->method == EII_HTTP_GET) {
		(void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		return;
	}
	(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
			       request->body.data ? request->body.data : "");
}

static void set_request_options(struct eii_http *http, const struct eii_http_request *request,
				const struct where *where, struct curl_slist *headers)
{
	const char *proxy = where->is_https ? http->https_proxy : http->http_proxy;
	long is_fresh = request->connection == EII_HTTP_FRESH;
	int left_ms = left_ms_of(http, request);
	CURL *easy = http->easy;

	(void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT,
			       request->user_agent ? request->user_agent : http->user_agent);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPAUTH, request->bearer ? CURLAUTH_BEARER : 0UL);
	(void)curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, request->bearer);
	set_body(easy, request);
	(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_fresh);
	(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, is_fresh);
	(void)curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(left_ms < EII_HTTP_CONNECT_MAX_MS ? left_ms + 1 : EII_HTTP_CONNECT_MAX_MS));
}

enum outcome { IS_RUNNING, IS_DONE, IS_STOPPED, IS_LATE };

static bool find_result(CURLM *multi, CURLcode *out)
{
	int n_left;
	CURLMsg *message = curl_multi_info_read(multi, &n_left);

	if (!message || message->msg != CURLMSG_DONE)
		return false;
	*out = message->data.result;
	return true;
}

static enum outcome step(struct eii_http *http, const struct eii_http_request *request,
			 CURLcode *out)
{
	struct curl_waitfd stop_fd = { .fd = eii_stop_fd(request->stop),
				       .events = CURL_WAIT_POLLIN };
	int left_ms = left_ms_of(http, request);
	int n_running;

	if (eii_stop_requested(request->stop))
		return IS_STOPPED;
	if (left_ms == 0)
		return IS_LATE;
	http->is_begun = true;
	if (curl_multi_perform(http->multi, &n_running) != CURLM_OK)
		return IS_LATE;
	if (find_result(http->multi, out))
		return IS_DONE;
	(void)curl_multi_poll(http->multi, request->stop ? &stop_fd : NULL, request->stop ? 1 : 0,
			      left_ms < POLL_MAX_MS ? left_ms : POLL_MAX_MS, NULL);
	return IS_RUNNING;
}

static enum outcome drive(struct eii_http *http, const struct eii_http_request *request,
			  CURLcode *out)
{
	enum outcome outcome = IS_RUNNING;

	if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
		eii_die("libcurl", 0);
	while (outcome == IS_RUNNING)
		outcome = step(http, request, out);
	return outcome;
}

/* ---- failures ---------------------------------------------------------- */

static bool is_our_fault(CURLcode code)
{
	return code == CURLE_SSL_CERTPROBLEM || code == CURLE_URL_MALFORMAT;
}

/* What answers is no HTTP server (curl takes it for HTTP/0.9), or does not speak our TLS. */
static bool is_another_server(CURLcode code, const char *reason)
{
	if (code == CURLE_SSL_CONNECT_ERROR)
		return strstr(reason, "wrong version number") ||
		       strstr(reason, "unsupported protocol") ||
		       strstr(reason, "alert protocol version");
	return code == CURLE_SSL_ISSUER_ERROR || code == CURLE_UNSUPPORTED_PROTOCOL;
}

static enum eii_rc fail_by(const struct eii_http *http, CURLcode code, const char *where,
			   struct eii_error *err)
{
	const char *reason = http->reason[0] ? http->reason : curl_easy_strerror(code);

	if (http->is_over)
		return eii_fail(err, EII_REJECT, "%s: its answer is over %d bytes", where,
				EII_HTTP_REPLY_MAX);
	if (http->tls_rc) {
		if (err)
			*err = http->tls_error;
		return eii_fail_in(err, http->tls_rc, "%s", where);
	}
	if (http->verdict.code)
		return eii_tls_fail(&http->verdict, where, err);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG,
					 "%s: its TLS certificate is for another host: %s", where,
					 reason);
	if (is_another_server(code, reason))
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG,
					 "%s: %s (check the URL and what stands behind it)", where,
					 reason);
	if (is_our_fault(code))
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s (check the URL)",
				     where, reason);
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "%s: %s", where, reason);
}

/* Bytes alone say too much: what asks a proxy for a tunnel counts among them. */
static bool is_request_sent(const struct eii_http *http)
{
	curl_off_t begun_us = 0;
	long n_bytes = 0;

	(void)curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &n_bytes);
	(void)curl_easy_getinfo(http->easy, CURLINFO_PRETRANSFER_TIME_T, &begun_us);
	return http->is_begun && n_bytes > 0 && begun_us > 0;
}

static void hand_over(struct eii_http *http, struct eii_http_reply *reply)
{
	struct eii_buf old = reply->body;

	(void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &reply->status);
	eii_http_read_headers(http->easy, reply);
	reply->body = http->body;
	http->body = old;
}

static enum eii_rc conclude(struct eii_http *http, enum outcome outcome, CURLcode code,
			    const char *where, struct eii_http_reply *reply, struct eii_error *err)
{
	if (outcome == IS_STOPPED)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "%s: stopped", where);
	if (outcome == IS_LATE)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "%s: no answer in time",
				     where);
	if (code != CURLE_OK)
		return fail_by(http, code, where, err);
	hand_over(http, reply);
	return EII_OK;
}

static void prepare(struct eii_http *http)
{
	eii_buf_shrink(&http->body, KEPT_BYTES);
	eii_buf_reset(&http->body);
	http->is_begun = false;
	http->is_over = false;
	http->tls_rc = EII_OK;
	http->verdict = (struct eii_tls_verdict){ 0 };
	http->reason[0] = '\0';
}

enum eii_rc eii_http_post(struct eii_http *http, const struct eii_http_request *request,
			  struct eii_http_reply *reply, struct eii_error *err)
{
	struct curl_slist *headers;
	enum outcome outcome;
	CURLcode code = CURLE_OK;
	struct where where;
	enum eii_rc rc;

	reply->is_sent = false;
	if (!find_where(request->url, &where))
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "a URL of http:// or https:// is needed");
	if (http->has_bad_header)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "%s: a custom header holds a line break", where.text);
	prepare(http);
	headers = request_headers(http, request);
	set_request_options(http, request, &where, headers);
	outcome = drive(http, request, &code);
	reply->is_sent = is_request_sent(http);
	rc = conclude(http, outcome, code, where.text, reply, err);
	(void)curl_multi_remove_handle(http->multi, http->easy);
	(void)curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(http->easy, CURLOPT_XOAUTH2_BEARER, NULL);
	curl_slist_free_all(headers);
	return rc;
}
