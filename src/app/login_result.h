/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the token of a login goes.
 */
#ifndef EII_APP_LOGIN_RESULT_H
#define EII_APP_LOGIN_RESULT_H

#include "eii/app/login_options.h"

/* A Secret's one member for the provider: "token.json", "refresh_token". */
const char *eii_login_result_key(const struct eii_login_options *options);

/* The file's name, to be freed; NULL = standard output. */
char *eii_login_result_path(const struct eii_login_options *options);

/* Whether something could be written there. EII_RETRY with CONFIG. */
enum eii_rc eii_login_result_check(const struct eii_login_options *options,
				   struct eii_error *err) EII_MUST_CHECK;

/* Writes token, or a manifest with it. EII_RETRY with CONFIG. */
enum eii_rc eii_login_result_write(const struct eii_login_options *options, const char *token,
				   struct eii_error *err) EII_MUST_CHECK;

#endif
