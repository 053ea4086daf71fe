/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "eii/base/log.h"
#include "eii/config/secret.h"
#include "parts_private.h"

/* ---- secrets, each read anew when it is needed ------------------------- */

static enum eii_rc give_token_secret(void *arg, enum eii_token_secret which, char **out,
				     struct eii_error *err)
{
	static const enum eii_secret secrets[] = {
		[EII_TOKEN_SECRET_DOCUMENT] = EII_SECRET_MAIL_GOOGLE_TOKEN,
		[EII_TOKEN_SECRET_CLIENT] = EII_SECRET_MAIL_CLIENT_SECRET,
		[EII_TOKEN_SECRET_KEY] = EII_SECRET_MAIL_CLIENT_KEY,
		[EII_TOKEN_SECRET_PASSPHRASE] = EII_SECRET_MAIL_CLIENT_PASSPHRASE,
		[EII_TOKEN_SECRET_REFRESH] = EII_SECRET_MAIL_REFRESH_TOKEN,
	};
	const struct eii_parts *parts = arg;
	enum eii_secret secret = secrets[which];

	if (which == EII_TOKEN_SECRET_DOCUMENT &&
	    parts->config->mail.sign_in.auth == EII_CONFIG_AUTH_GOOGLE_SERVICE)
		secret = EII_SECRET_MAIL_GOOGLE_KEY;
	return eii_secret_read(parts->config, secret, out, err);
}

static enum eii_rc give_mail_secret(void *arg, enum eii_imap_secret_need need, char **out,
				    struct eii_error *err)
{
	struct eii_parts *parts = arg;
	enum eii_token_need token_need =
		need == EII_IMAP_SECRET_FRESH ? EII_TOKEN_FRESH : EII_TOKEN_ANY;

	if (parts->token)
		return eii_token_get(parts->token, token_need, parts->imap.stop, out, err);
	return eii_secret_read(parts->config, EII_SECRET_MAIL_PASSWORD, out, err);
}

static void say(void *arg, const char *words)
{
	(void)arg;
	EII_LOG_PLAINLY(WARN, "signin.doubtful", words);
}

/* ---- the token ----------------------------------------------------------- */

static bool needs_token(enum eii_config_auth auth)
{
	return auth != EII_CONFIG_AUTH_PASSWORD && auth != EII_CONFIG_AUTH_CERTIFICATE;
}

static struct eii_token_settings token_settings(struct eii_parts *parts)
{
	static const enum eii_token_method methods[] = {
		[EII_CONFIG_AUTH_GOOGLE_USER] = EII_TOKEN_GOOGLE_USER,
		[EII_CONFIG_AUTH_GOOGLE_SERVICE] = EII_TOKEN_GOOGLE_SERVICE,
		[EII_CONFIG_AUTH_MICROSOFT_APP] = EII_TOKEN_MICROSOFT_APP,
		[EII_CONFIG_AUTH_MICROSOFT_USER] = EII_TOKEN_MICROSOFT_USER,
		[EII_CONFIG_AUTH_OAUTH] = EII_TOKEN_OAUTH,
	};
	const struct eii_config_mail *mail = &parts->config->mail;
	const struct eii_config_sign_in *sign_in = &mail->sign_in;

	return (struct eii_token_settings){
		.method = methods[sign_in->auth],
		.grant = sign_in->token_grant == EII_CONFIG_GRANT_REFRESH ? EII_TOKEN_BY_REFRESH
									  : EII_TOKEN_BY_CLIENT,
		.mailbox = mail->username,
		.tenant = sign_in->tenant_id,
		.client_id = sign_in->client_id,
		.authority = sign_in->authority,
		.token_url = sign_in->token_url,
		.scope = sign_in->token_scope,
		.certificate = sign_in->client_certificate,
		.federated_token_file = sign_in->federated_token_file,
		.refresh_store = sign_in->refresh_token_store,
		.spread_by = parts->config->connector.id,
		.secret = give_token_secret,
		.secret_arg = parts,
		.say = say,
	};
}

/* What can never work is told at the start, not at the first sign-in. */
static enum eii_rc make_token(struct eii_parts *parts, struct eii_error *err)
{
	struct eii_http_options http = eii_parts_http_options(parts);
	struct eii_token_settings settings = token_settings(parts);

	parts->token_http = eii_http_new(&http);
	parts->token = eii_token_new(parts->token_http, &settings);
	eii_token_watch(parts->token, eii_contacts_token(parts->watch.contacts));
	return eii_token_check(parts->token, err);
}

/* ---- the session's options ------------------------------------------------ */

static enum eii_rc make_tls(struct eii_parts *parts, struct eii_error *err)
{
	const struct eii_config_mail *mail = &parts->config->mail;

	if (eii_secret_read(parts->config, EII_SECRET_MAIL_TLS_KEY, &parts->imap_key, err) ||
	    eii_secret_read(parts->config, EII_SECRET_MAIL_TLS_PASSPHRASE, &parts->imap_passphrase,
			    err))
		return EII_FATAL;
	parts->imap_tls =
		(struct eii_tls_options){ .trust = parts->trust,
					  .ca = mail->tls_ca,
					  .verify = mail->tls_verify,
					  .cert = mail->tls_cert,
					  .key = parts->imap_key,
					  .passphrase = parts->imap_passphrase,
					  .certificate_end = eii_contacts_certificate(
						  parts->watch.contacts, EII_SERVER_MAILBOX),
					  .peer = eii_parts_peer(parts, EII_SERVER_MAILBOX) };
	return EII_OK;
}

static enum eii_imap_sasl sasl_of(const struct eii_config_mail *mail)
{
	static const enum eii_imap_sasl ways[] = {
		[EII_CONFIG_SASL_AUTO] = EII_IMAP_SASL_AUTO,
		[EII_CONFIG_SASL_PLAIN] = EII_IMAP_SASL_PLAIN,
		[EII_CONFIG_SASL_LOGIN] = EII_IMAP_SASL_LOGIN,
		[EII_CONFIG_SASL_SCRAM_SHA_256] = EII_IMAP_SASL_SCRAM_SHA_256,
		[EII_CONFIG_SASL_SCRAM_SHA_256_PLUS] = EII_IMAP_SASL_SCRAM_SHA_256_PLUS,
		[EII_CONFIG_SASL_XOAUTH2] = EII_IMAP_SASL_XOAUTH2,
		[EII_CONFIG_SASL_OAUTHBEARER] = EII_IMAP_SASL_OAUTHBEARER,
	};

	return ways[mail->sign_in.sasl];
}

enum eii_imap_tls eii_parts_imap_tls(const struct eii_config_mail *mail)
{
	static const enum eii_imap_tls modes[] = {
		[EII_CONFIG_TLS_IMPLICIT] = EII_IMAP_TLS_IMPLICIT,
		[EII_CONFIG_TLS_STARTTLS] = EII_IMAP_TLS_STARTTLS,
		[EII_CONFIG_TLS_NONE] = EII_IMAP_TLS_NONE,
	};

	return modes[mail->tls];
}

enum eii_rc eii_parts_make_mailbox(struct eii_parts *parts, struct eii_error *err)
{
	const struct eii_config_mail *mail = &parts->config->mail;
	bool has_token = needs_token(mail->sign_in.auth);

	if (make_tls(parts, err))
		return EII_FATAL;
	parts->imap = (struct eii_imap_options){
		.proxy = mail->proxy,
		.host = mail->host,
		.port = mail->port,
		.tls = eii_parts_imap_tls(mail),
		.tls_options = mail->tls == EII_CONFIG_TLS_NONE ? NULL : &parts->imap_tls,
		.user = mail->username,
		.auth = has_token ? EII_IMAP_AUTH_XOAUTH2
			: mail->sign_in.auth == EII_CONFIG_AUTH_CERTIFICATE
				? EII_IMAP_AUTH_EXTERNAL
				: EII_IMAP_AUTH_PASSWORD,
		.sasl = sasl_of(mail),
		.tried = &parts->tried,
		.secret = give_mail_secret,
		.secret_arg = parts,
		/* A mail may be larger than the server said, but not by that much. */
		.literal_max = 2 * mail->max_mail_bytes,
	};
	return has_token ? make_token(parts, err) : EII_OK;
}
