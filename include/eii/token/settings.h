/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an access token for a mailbox is come by: the method, what it needs, and
 * who gives the secrets.
 */
#ifndef EII_TOKEN_SETTINGS_H
#define EII_TOKEN_SETTINGS_H

#include "eii/base/error.h"

enum eii_token_method {
	EII_TOKEN_GOOGLE_USER,    /* authorized-user document: refresh token */
	EII_TOKEN_GOOGLE_SERVICE, /* service account (JWT) or workload identity federation */
	EII_TOKEN_MICROSOFT_APP,  /* client credentials */
	EII_TOKEN_MICROSOFT_USER, /* refresh token */
	EII_TOKEN_OAUTH,          /* any provider (RFC 6749) */
};

enum eii_token_grant { EII_TOKEN_BY_CLIENT, EII_TOKEN_BY_REFRESH };

enum eii_token_secret {
	EII_TOKEN_SECRET_DOCUMENT, /* Google's JSON */
	EII_TOKEN_SECRET_CLIENT,   /* client_secret */
	EII_TOKEN_SECRET_KEY,      /* of the certificate: a file's name or PEM text */
	EII_TOKEN_SECRET_PASSPHRASE,
	EII_TOKEN_SECRET_REFRESH,
	EII_TOKEN_SECRET_COUNT,
};

/* Texts are borrowed; NULL = not set. */
struct eii_token_settings {
	enum eii_token_method method;
	enum eii_token_grant grant; /* of EII_TOKEN_OAUTH */
	const char *mailbox;        /* on whose behalf a service account asks */
	const char *tenant;
	const char *client_id;
	const char *authority;            /* of Microsoft's cloud; a host or a URL */
	const char *token_url;            /* of EII_TOKEN_OAUTH */
	const char *scope;                /* instead of the method's own */
	const char *certificate;          /* a file's name or PEM text */
	const char *federated_token_file; /* counts without secret and certificate */
	const char *refresh_store;        /* a file for rotated refresh tokens */
	const char *spread_by;            /* what tells this process from others of its fleet */
	/* *out may become NULL: not given. For the callee to wipe and free(). */
	enum eii_rc (*secret)(void *arg, enum eii_token_secret which, char **out,
			      struct eii_error *err);
	void *secret_arg;
	/* Something that an operator should know; one line, no secret. May be NULL. */
	void (*say)(void *arg, const char *words);
	void *say_arg;
};

#endif
