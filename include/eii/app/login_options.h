/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments behind `login`.
 */
#ifndef EII_APP_LOGIN_OPTIONS_H
#define EII_APP_LOGIN_OPTIONS_H

#include <stdbool.h>

#include "eii/base/error.h"

#define EII_LOGIN_SECRET_MAX 253 /* bytes of a Kubernetes name (RFC 1123) */

enum eii_login_provider { EII_LOGIN_AT_GOOGLE, EII_LOGIN_AT_MICROSOFT };

/* Texts are borrowed from argv; NULL = not given. */
struct eii_login_options {
	enum eii_login_provider provider;
	const char *client; /* Google: the client's file; Microsoft: its id */
	const char *tenant; /* Microsoft's */
	const char *user;   /* the mailbox */
	const char *output; /* a file; "-" = standard output */
	const char *secret; /* name of a Kubernetes Secret: its manifest is written */
	bool without_sign_in;
};

/* argv[0] is the provider. EII_REJECT: wrong usage, and what is accepted. */
enum eii_rc eii_login_options_parse(int argc, char *const *argv, struct eii_login_options *out,
				    struct eii_error *err) EII_MUST_CHECK;

#endif
