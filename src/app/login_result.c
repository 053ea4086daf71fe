/* SPDX-License-Identifier: Apache-2.0 */
#include "login_result.h"

#include <stdio.h>
#include <string.h>

#include "eii/base/base64.h"
#include "eii/base/cleanup.h"
#include "eii/base/replace.h"

static bool is_terminal_asked(const struct eii_login_options *options)
{
	return options->output && strcmp(options->output, "-") == 0;
}

const char *eii_login_result_key(const struct eii_login_options *options)
{
	return options->provider == EII_LOGIN_AT_GOOGLE ? "token.json" : "refresh_token";
}

char *eii_login_result_path(const struct eii_login_options *options)
{
	if (is_terminal_asked(options))
		return NULL;
	if (options->output)
		return eii_strdup(options->output);
	if (options->secret)
		return eii_asprintf("%s.yaml", options->secret);
	return eii_strdup(eii_login_result_key(options));
}

enum eii_rc eii_login_result_check(const struct eii_login_options *options, struct eii_error *err)
{
	EII_AUTO_STR path = eii_login_result_path(options);

	return path ? eii_replace_check(path, err) : EII_OK;
}

/* For the caller to wipe and free(). */
static char *manifest_of(const struct eii_login_options *options, const char *token)
{
	size_t len = strlen(token);
	EII_AUTO_SECRET coded = eii_calloc(eii_base64_size(len) + 1, 1);

	eii_base64_encode(token, len, coded);
	return eii_asprintf("apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: Opaque\n"
			    "data:\n  %s: %s\n",
			    options->secret, eii_login_result_key(options), coded);
}

enum eii_rc eii_login_result_write(const struct eii_login_options *options, const char *token,
				   struct eii_error *err)
{
	EII_AUTO_SECRET content =
		options->secret ? manifest_of(options, token) : eii_asprintf("%s\n", token);
	EII_AUTO_STR path = eii_login_result_path(options);

	if (path)
		return eii_replace_file(path, eii_text_of(content), err);
	if (fputs(content, stdout) >= 0 && !fflush(stdout))
		return EII_OK;
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG,
			     "standard output: cannot be written");
}
