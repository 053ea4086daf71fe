/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/app/exit_code.h"
#include "eii/base/clock.h"
#include "eii/imap/session.h"
#include "eii/net/http.h"
#include "eii/net/loopback.h"
#include "eii/net/stream.h"
#include "eii/token/login.h"
#include "login_result.h"
#include "parts_private.h"

#define GOOGLE_HOST    "imap.gmail.com"
#define MICROSOFT_HOST "outlook.office365.com"
#define REACH_MS       10000
#define PASTED_MAX     8192 /* bytes of a line of standard input */

struct login {
	const struct eii_config *config;
	const struct eii_login_options *options;
	const char *host; /* of the mailbox, as the next */
	const char *user; /* NULL = not given */
	struct eii_trust *trust;
	struct eii_http *http;
	struct eii_login_tokens tokens;
	char *result; /* what is written; NULL = none yet */
};

static void say(const char *format, ...) EII_PRINTF(1, 2);
static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
}

/* ---- the mail server ------------------------------------------------------ */

static const char *host_of(const struct login *login)
{
	if (login->config->mail.host)
		return login->config->mail.host;
	return login->options->provider == EII_LOGIN_AT_GOOGLE ? GOOGLE_HOST : MICROSOFT_HOST;
}

static enum eii_rc say_way_out(enum eii_rc rc, struct eii_error *err)
{
	char text[EII_ERROR_TEXT_MAX];

	if (rc != EII_RETRY || err->kind != EII_ERROR_UNREACHABLE)
		return rc;
	(void)snprintf(text, sizeof(text), "%s", err->text);
	return eii_fail_kind(
		err, rc, EII_ERROR_UNREACHABLE,
		"%s; where no mail server can be reached from here, --no-sign-in leaves "
		"the trial out",
		text);
}

/* Before anybody is sent to a browser. */
static enum eii_rc reach(const struct login *login, struct eii_error *err)
{
	const struct eii_config_mail *mail = &login->config->mail;
	EII_AUTO(eii_stream) stream = NULL;
	int64_t deadline_ms = eii_clock_monotonic_ms() + REACH_MS;
	enum eii_rc rc;

	if (mail->proxy)
		rc = eii_stream_connect_by(mail->proxy, "IMAP server", login->host, mail->port,
					   deadline_ms, NULL, &stream, err);
	else
		rc = eii_stream_connect("IMAP server", login->host, mail->port, deadline_ms, NULL,
					&stream, err);
	return say_way_out(rc, err);
}

static enum eii_rc give_access(void *arg, enum eii_imap_secret_need need, char **out,
			       struct eii_error *err)
{
	const struct login *login = arg;

	if (need == EII_IMAP_SECRET_FRESH)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS,
				     "the mail server refuses the token for %s: is it the mailbox "
				     "of whoever consented in the browser, and is IMAP on for it?",
				     login->user);
	*out = eii_strdup(login->tokens.access);
	return EII_OK;
}

static enum eii_rc sign_in(struct login *login, struct eii_error *err)
{
	const struct eii_config_mail *mail = &login->config->mail;
	const struct eii_tls_options tls = { .trust = login->trust,
					     .ca = mail->tls_ca,
					     .verify = mail->tls_verify };
	const struct eii_imap_options options = {
		.host = login->host,
		.port = mail->port,
		.proxy = mail->proxy,
		.tls = eii_parts_imap_tls(mail),
		.tls_options = mail->tls == EII_CONFIG_TLS_NONE ? NULL : &tls,
		.user = login->user,
		.auth = EII_IMAP_AUTH_XOAUTH2,
		.secret = give_access,
		.secret_arg = login,
	};
	struct eii_imap *imap = NULL;
	enum eii_rc rc = eii_imap_open(&options, &imap, err);

	if (rc)
		return say_way_out(rc, err);
	eii_imap_close(imap, EII_IMAP_LOGOUT_MS);
	say("%s signed in to %s:%u.\n", login->user, login->host, mail->port);
	return EII_OK;
}

/* ---- Google: a browser is sent back to this machine ------------------------ */

/* What came on standard input, and is no whole line yet. */
struct pasted {
	int fd; /* -1 = it has ended */
	size_t len;
	char data[PASTED_MAX];
};

/* The end of input ends its last line, too. */
static void read_pasted(struct pasted *pasted)
{
	ssize_t n = 0;

	if (pasted->len < PASTED_MAX) /* always: what fills it is taken as a line */
		n = read(pasted->fd, pasted->data + pasted->len, PASTED_MAX - pasted->len);
	if (n > 0) {
		pasted->len += (size_t)n;
		return;
	}
	if (n < 0 && errno == EINTR)
		return;
	pasted->fd = -1;
	if (pasted->len)
		pasted->data[pasted->len++] = '\n';
}

/* The next whole line, to be wiped and freed; NULL = none yet. One that is too long is cut. */
static char *next_pasted(struct pasted *pasted)
{
	const char *end = memchr(pasted->data, '\n', pasted->len);
	size_t len = end ? (size_t)(end - pasted->data) : pasted->len;
	size_t used = end ? len + 1 : len;
	struct eii_text text = eii_text_trim(eii_text(pasted->data, len));
	char *line;

	if (!end && pasted->len < PASTED_MAX)
		return NULL;
	line = eii_strndup(text.len ? text.data : "", text.len);
	pasted->len -= used;
	memmove(pasted->data, pasted->data + used, pasted->len);
	return line;
}

/* The word of an error that the browser shows has a cure, too. */
static void say_unusable(const char *line, enum eii_redirect_kind kind)
{
	const char *cure = eii_login_google_cure(line);

	if (!line[0])
		return;
	if (cure)
		say("%s: %s.\n", line, cure);
	else if (kind == EII_REDIRECT_OF_ANOTHER)
		say("That address is of another attempt: open the one above.\n");
	else
		say("That is not the address: it begins with http://127.0.0.1: and has code= in "
		    "it.\n");
}

/* Whether one of the lines that are whole is the address of the redirect. */
static bool take_pasted(struct pasted *pasted, const char *state, struct eii_redirect *out)
{
	bool is_there = false;

	read_pasted(pasted);
	while (!is_there) {
		EII_AUTO_SECRET line = next_pasted(pasted);
		enum eii_redirect_kind kind;

		if (!line)
			return false;
		kind = eii_redirect_parse(eii_text_of(line), state, out);
		is_there = kind == EII_REDIRECT_OURS;
		if (!is_there)
			say_unusable(line, kind);
	}
	return true;
}

static bool take_request(struct eii_loopback *loopback, struct eii_text target, const char *state,
			 struct eii_redirect *out)
{
	switch (eii_redirect_parse(target, state, out)) {
	case EII_REDIRECT_OURS:
		eii_loopback_answer(loopback, "200 OK",
				    out->code[0] ? "Consent was given. Go back to the terminal.\n"
						 : "No consent. The terminal says what to do.\n");
		return true;
	case EII_REDIRECT_STRANGE:
		eii_loopback_answer(loopback, "404 Not Found", "There is nothing here.\n");
		return false;
	case EII_REDIRECT_UNREADABLE:
	case EII_REDIRECT_OF_ANOTHER:
		break;
	}
	eii_loopback_answer(loopback, "400 Bad Request",
			    "This is of another attempt. Open the address of the terminal.\n");
	say("The browser brought what is of another attempt: open the address above.\n");
	return false;
}

static enum eii_rc fail_waiting(struct eii_error *err)
{
	return eii_fail_kind(
		err, EII_FATAL, EII_ERROR_CREDENTIALS,
		"nothing came from the browser within %d minutes: begin again; where "
		"it showed an error (Error 400: redirect_uri_mismatch), enter its word "
		"and read the cure",
		EII_LOGIN_WAIT_MS / 60000);
}

static enum eii_rc await_redirect(struct eii_loopback *loopback, const char *state,
				  struct eii_redirect *out, struct eii_error *err)
{
	int64_t deadline_ms = eii_clock_monotonic_ms() + EII_LOGIN_WAIT_MS;
	struct pasted pasted = { .fd = STDIN_FILENO };
	bool is_there = false;

	while (!is_there) {
		struct eii_text target;

		switch (eii_loopback_wait(loopback, pasted.fd, deadline_ms, &target)) {
		case EII_LOOPBACK_REQUEST:
			is_there = take_request(loopback, target, state, out);
			break;
		case EII_LOOPBACK_INPUT:
			is_there = take_pasted(&pasted, state, out);
			break;
		case EII_LOOPBACK_TIMEOUT:
			return fail_waiting(err);
		}
	}
	explicit_bzero(&pasted, sizeof(pasted));
	return EII_OK;
}

static enum eii_rc refuse_redirect(const char *error, struct eii_error *err)
{
	const char *cure = eii_login_google_cure(error);

	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS, "Google refused: %s (%s)",
			     error, cure ? cure : "see docs/signin/google.md");
}

static enum eii_rc consent_at_google(struct login *login, const struct eii_login_client *client,
				     struct eii_error *err)
{
	EII_AUTO(eii_loopback) loopback = NULL;
	EII_AUTO_STR redirect = NULL;
	EII_AUTO_STR url = NULL;
	struct eii_code_proof proof;
	struct eii_redirect brought = { 0 };
	struct eii_code_request request = { .endpoint = EII_LOGIN_GOOGLE_CONSENT,
					    .client_id = client->id,
					    .scope = EII_LOGIN_GOOGLE_SCOPE,
					    .login_hint = login->user };
	enum eii_rc rc = eii_loopback_new(&loopback, err);

	if (rc)
		return rc;
	redirect = eii_asprintf("http://127.0.0.1:%u", eii_loopback_port(loopback));
	request.redirect = redirect;
	eii_code_prove(&proof);
	url = eii_code_url(&request, &proof);
	say("Open this address in a browser, signed in as %s, and consent:\n\n%s\n\n"
	    "Where the browser runs elsewhere it ends on a page that cannot be shown: paste the "
	    "address\nof that page here. Where Google shows an error, enter its word "
	    "(access_denied).\n",
	    login->user ? login->user : "the mailbox's owner", url);
	rc = await_redirect(loopback, proof.state, &brought, err);
	if (!rc && !brought.code[0])
		rc = refuse_redirect(brought.error, err);
	if (!rc)
		rc = eii_login_google(login->http, client, brought.code, proof.verifier, redirect,
				      &login->tokens, err);
	explicit_bzero(&brought, sizeof(brought));
	explicit_bzero(&proof, sizeof(proof));
	return rc;
}

static enum eii_rc read_client(const char *path, struct eii_login_client *out,
			       struct eii_error *err)
{
	char content[EII_LOGIN_CLIENT_MAX + 1];
	EII_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, content, sizeof(content));
	enum eii_rc rc;

	if (len < 0)
		return eii_fail(err, EII_REJECT, "%s: %s", path, strerror(errno));
	rc = eii_login_read_client(eii_text(content, (size_t)len), out, err);
	explicit_bzero(content, sizeof(content));
	return rc ? eii_fail_in(err, rc, "%s", path) : EII_OK;
}

static enum eii_rc log_in_at_google(struct login *login, struct eii_error *err)
{
	struct eii_login_client client = { 0 };
	enum eii_rc rc = read_client(login->options->client, &client, err);

	if (!rc && !login->options->without_sign_in)
		rc = reach(login, err);
	if (!rc)
		rc = consent_at_google(login, &client, err);
	if (!rc)
		login->result = eii_login_google_document(&client, login->tokens.refresh);
	eii_login_clear_client(&client);
	return rc;
}

/* ---- Microsoft: a code is entered in any browser --------------------------- */

static enum eii_rc log_in_at_microsoft(struct login *login, struct eii_error *err)
{
	const struct eii_config_sign_in *sign_in = &login->config->mail.sign_in;
	const struct eii_login_microsoft app = { .tenant = login->options->tenant,
						 .client_id = login->options->client,
						 .authority = sign_in->authority,
						 .scope = sign_in->token_scope };
	struct eii_device device = { 0 };
	enum eii_rc rc = login->options->without_sign_in ? EII_OK : reach(login, err);

	if (!rc)
		rc = eii_login_ask_device(login->http, &app, &device, err);
	if (!rc) {
		say("Open this address in a browser, enter the code, and sign in as %s:\n\n"
		    "%s\n%s\n\n",
		    login->user ? login->user : "the mailbox's owner", device.address,
		    device.user_code);
		rc = eii_login_await_device(login->http, &app, &device, &login->tokens, err);
	}
	if (!rc)
		login->result = eii_strdup(login->tokens.refresh);
	eii_device_clear(&device);
	return rc;
}

/* ---- all ------------------------------------------------------------------- */

static void say_settings(const struct login *login, const char *path)
{
	const struct eii_login_options *options = login->options;
	bool is_google = options->provider == EII_LOGIN_AT_GOOGLE;
	const char *method = is_google ? "google-user" : "microsoft-user";

	say("%s is written.\n", path);
	if (options->secret) {
		say("kubectl apply -f %s, then in the chart:\n"
		    "auth: {method: %s, secret: {name: %s, key: %s}}\n",
		    path, method, options->secret, eii_login_result_key(options));
		return;
	}
	say("EMAIL_INTEL_IMAP_AUTH=%s\n", method);
	if (is_google)
		say("EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON_FILE=%s\n", path);
	else
		say("EMAIL_INTEL_IMAP_TENANT_ID=%s\nEMAIL_INTEL_IMAP_CLIENT_ID=%s\n"
		    "EMAIL_INTEL_IMAP_REFRESH_TOKEN_FILE=%s\n",
		    options->tenant, options->client, path);
}

static int write_result(const struct login *login)
{
	EII_AUTO_STR path = eii_login_result_path(login->options);
	struct eii_error err = { 0 };

	if (eii_login_result_write(login->options, login->result, &err)) {
		say("email-intel-imap: %s\n", err.text);
		return EX_IOERR;
	}
	if (path)
		say_settings(login, path);
	return EX_OK;
}

/* What can go wrong here is found before anybody consents. */
static enum eii_rc prepare(struct login *login, struct eii_error *err)
{
	const struct eii_config_network *network = &login->config->network;
	struct eii_http_options http = { .tls = { .verify = true },
					 .http_proxy = network->http_proxy,
					 .https_proxy = network->https_proxy,
					 .no_proxy = network->no_proxy };
	enum eii_rc rc = eii_login_result_check(login->options, err);

	if (!rc)
		rc = eii_trust_new(network->ca, &login->trust, err);
	if (rc)
		return EII_FATAL;
	http.tls.trust = login->trust;
	login->http = eii_http_new(&http);
	return EII_OK;
}

static enum eii_rc log_in(struct login *login, struct eii_error *err)
{
	enum eii_rc rc = prepare(login, err);

	if (!rc)
		rc = login->options->provider == EII_LOGIN_AT_GOOGLE
			     ? log_in_at_google(login, err)
			     : log_in_at_microsoft(login, err);
	if (!rc && !login->options->without_sign_in)
		rc = sign_in(login, err);
	return rc;
}

static int code_of(enum eii_rc rc, const struct eii_error *err)
{
	if (rc == EII_REJECT)
		return EX_NOINPUT;
	if (rc == EII_RETRY && err->kind == EII_ERROR_UNREACHABLE)
		return EX_UNAVAILABLE;
	if (rc == EII_RETRY && err->kind == EII_ERROR_CREDENTIALS)
		return EX_NOPERM;
	return eii_exit_code(rc, err);
}

int eii_login_run(const struct eii_config *config, const struct eii_login_options *options)
{
	struct login login = { .config = config, .options = options };
	struct eii_error err = { 0 };
	enum eii_rc rc;
	int code;

	login.host = host_of(&login);
	login.user = options->user ? options->user : config->mail.username;
	if (!login.user && !options->without_sign_in) {
		say("email-intel-imap: login signs in at its end: name the mailbox by --user, or "
		    "leave it out by --no-sign-in\n");
		return EX_USAGE;
	}
	rc = log_in(&login, &err);
	if (rc)
		say("email-intel-imap: %s\nNothing was written.\n", err.text);
	code = rc ? code_of(rc, &err) : write_result(&login);
	eii_http_free(login.http);
	eii_trust_free(login.trust);
	eii_login_clear_tokens(&login.tokens);
	eii_free_secret(login.result);
	return code;
}
