/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/net/url.h"
#include "token_private.h"

#define USER    "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON"
#define SERVICE "EMAIL_INTEL_IMAP_GOOGLE_KEY_JSON"

static const char *name_of(enum eii_token_method method)
{
	return method == EII_TOKEN_GOOGLE_USER ? USER : SERVICE;
}

static enum eii_rc fail(enum eii_token_method method, const char *why, struct eii_error *err)
{
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s", name_of(method), why);
}

static enum eii_rc need_members(enum eii_token_method method, const struct eii_json *document,
				const char *const *names, const char *what, struct eii_error *err)
{
	for (; *names; names++) {
		const char *value = eii_json_get_str(document, *names);

		if (!value || !value[0])
			return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
					     "%s: %s is missing (%s)", name_of(method), *names,
					     what);
	}
	return EII_OK;
}

/* ---- authorized user ----------------------------------------------------- */

static enum eii_rc check_user(const struct eii_json *document, struct eii_error *err)
{
	static const char *const needed[] = { "client_id", "client_secret", "refresh_token", NULL };
	const char *uri = eii_json_get_str(document, "token_uri");
	enum eii_rc rc;

	rc = need_members(EII_TOKEN_GOOGLE_USER, document, needed,
			  "an authorized-user document has client_id, client_secret and "
			  "refresh_token",
			  err);
	if (rc)
		return rc;
	if (uri && !eii_url_is_safe(uri))
		return fail(EII_TOKEN_GOOGLE_USER, "token_uri must begin with https://", err);
	return EII_OK;
}

/* ---- service account, workload identity federation ----------------------- */

static enum eii_rc check_service_account(const struct eii_json *document, struct eii_error *err)
{
	static const char *const needed[] = { "client_email", "private_key", NULL };

	return need_members(EII_TOKEN_GOOGLE_SERVICE, document, needed,
			    "a service account's key has client_email and private_key", err);
}

static enum eii_rc check_source(const struct eii_json *source, struct eii_error *err)
{
	const char *environment = eii_json_get_str(source, "environment_id");
	const char *url = eii_json_get_str(source, "url");

	if (eii_json_get(source, "executable"))
		return fail(EII_TOKEN_GOOGLE_SERVICE,
			    "credential_source.executable is not supported: no program is run; "
			    "use file or url",
			    err);
	if (environment)
		return fail(EII_TOKEN_GOOGLE_SERVICE,
			    "credential_source of aws (environment_id) is not supported; use file "
			    "or url",
			    err);
	if (eii_json_get_str(source, "file"))
		return EII_OK;
	if (!url || (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
		return fail(EII_TOKEN_GOOGLE_SERVICE, "credential_source has neither file nor url",
			    err);
	return EII_OK;
}

static enum eii_rc check_external(const struct eii_json *document, struct eii_error *err)
{
	static const char *const needed[] = { "audience", "subject_token_type", "token_url",
					      "service_account_impersonation_url", NULL };
	EII_AUTO_STR account = NULL;
	enum eii_rc rc;

	rc = need_members(EII_TOKEN_GOOGLE_SERVICE, document, needed,
			  "a mailbox needs a service account behind the workload identity", err);
	if (rc)
		return rc;
	if (!eii_url_is_below(eii_json_get_str(document, "token_url"), "googleapis.com") ||
	    !eii_url_is_below(eii_json_get_str(document, "service_account_impersonation_url"),
			      "googleapis.com"))
		return fail(EII_TOKEN_GOOGLE_SERVICE,
			    "token_url and service_account_impersonation_url must be https hosts "
			    "of googleapis.com",
			    err);
	account = eii_token_service_account(document);
	if (!account)
		return fail(EII_TOKEN_GOOGLE_SERVICE,
			    "service_account_impersonation_url does not end in "
			    "/serviceAccounts/ADDRESS:generateAccessToken",
			    err);
	return check_source(eii_json_get(document, "credential_source"), err);
}

bool eii_token_is_external(const struct eii_json *document)
{
	const char *type = eii_json_get_str(document, "type");

	return type && strcmp(type, "external_account") == 0;
}

/* ---- which of them ------------------------------------------------------- */

static enum eii_rc check_document(enum eii_token_method method, const struct eii_json *document,
				  struct eii_error *err)
{
	const char *type = eii_json_get_str(document, "type");
	bool is_service =
		type && (strcmp(type, "service_account") == 0 || eii_token_is_external(document));

	if (eii_json_type(document) != EII_JSON_IS_OBJECT)
		return fail(method, "an object of JSON is needed", err);
	if (eii_json_get(document, "installed") || eii_json_get(document, "web"))
		return fail(method,
			    "this is credentials.json, which names the program only: sign in once "
			    "with it and set the token.json that comes of it "
			    "(docs/signin/google.md)",
			    err);
	if (method == EII_TOKEN_GOOGLE_USER && is_service)
		return fail(method,
			    "this is of a service account: set EMAIL_INTEL_IMAP_AUTH="
			    "google-service-account and " SERVICE " instead",
			    err);
	if (method == EII_TOKEN_GOOGLE_USER)
		return check_user(document, err);
	if (!is_service)
		return fail(method,
			    "its type is neither service_account nor external_account; a user's "
			    "token.json goes to " USER,
			    err);
	return eii_token_is_external(document) ? check_external(document, err)
					       : check_service_account(document, err);
}

enum eii_rc eii_token_parse_document(enum eii_token_method method, const char *text,
				     struct eii_json **out, struct eii_error *err)
{
	EII_AUTO(eii_json) document = NULL;
	enum eii_rc rc;

	if (eii_json_parse(eii_text_of(text), EII_TOKEN_DOCUMENT_MAX, &document, NULL))
		return fail(method, "not JSON (the text itself is needed, not a path)", err);
	rc = check_document(method, document, err);
	if (rc)
		return rc;
	*out = EII_DETACH(document);
	return EII_OK;
}
