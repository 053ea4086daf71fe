/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/token/jwt.h"
#include "token_private.h"

void eii_token_clear_inputs(struct eii_token_inputs *inputs)
{
	for (size_t i = 0; i < EII_TOKEN_SECRET_COUNT; i++)
		eii_free_secret(inputs->secrets[i]);
	eii_json_free(inputs->document);
	eii_identity_free(inputs->identity);
	eii_free_secret(inputs->federated);
	*inputs = (struct eii_token_inputs){ 0 };
}

static enum eii_rc read_secrets(const struct eii_token_settings *settings,
				struct eii_token_inputs *inputs, struct eii_error *err)
{
	for (int i = 0; i < EII_TOKEN_SECRET_COUNT; i++) {
		enum eii_rc rc = settings->secret(settings->secret_arg, (enum eii_token_secret)i,
						  &inputs->secrets[i], err);

		if (rc)
			return rc;
	}
	return EII_OK;
}

static enum eii_rc read_identity(const struct eii_token_settings *settings,
				 struct eii_token_inputs *inputs, struct eii_error *err)
{
	const struct eii_identity_source source = {
		.what = "EMAIL_INTEL_IMAP_CLIENT_CERTIFICATE",
		.certificate = settings->certificate,
		.key = inputs->secrets[EII_TOKEN_SECRET_KEY],
		.passphrase = inputs->secrets[EII_TOKEN_SECRET_PASSPHRASE],
	};

	return settings->certificate ? eii_identity_read(&source, &inputs->identity, err) : EII_OK;
}

static enum eii_rc fail_file(const char *path, const char *why, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG, "AZURE_FEDERATED_TOKEN_FILE %s: %s",
			     path, why);
}

/* The kubelet replaces the file while we run. */
static enum eii_rc read_federated(const struct eii_token_settings *settings,
				  struct eii_token_inputs *inputs, struct eii_error *err)
{
	char content[EII_TOKEN_TEXT_MAX + 2];
	EII_AUTO_FD fd = -1;
	struct eii_text text;
	ssize_t len;

	if (!settings->federated_token_file || settings->certificate ||
	    inputs->secrets[EII_TOKEN_SECRET_CLIENT])
		return EII_OK;
	fd = open(settings->federated_token_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_file(settings->federated_token_file, strerror(errno), err);
	len = read(fd, content, sizeof(content));
	if (len < 0)
		return fail_file(settings->federated_token_file, strerror(errno), err);
	text = eii_text_trim(eii_text(content, (size_t)len));
	inputs->federated = eii_strndup(text.data, text.len);
	explicit_bzero(content, sizeof(content));
	if (!eii_token_is_bearer(inputs->federated))
		return fail_file(settings->federated_token_file, "it holds no token", err);
	return EII_OK;
}

static void add_hashed(struct eii_sha256 *hash, const char *text)
{
	/* With its NUL, so that no two lists of texts look the same. */
	eii_sha256_add(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void hash_all(struct eii_token_inputs *inputs)
{
	struct eii_sha256 *hash = eii_sha256_new();

	for (size_t i = 0; i < EII_TOKEN_SECRET_COUNT; i++)
		add_hashed(hash, inputs->secrets[i]);
	if (inputs->identity) {
		EII_AUTO_STR thumbprint =
			eii_jwt_thumbprint(eii_identity_certificate(inputs->identity));

		add_hashed(hash, thumbprint);
	}
	eii_sha256_finish(hash, inputs->hash);
	hash = eii_sha256_new();
	eii_sha256_add(hash, inputs->hash, sizeof(inputs->hash));
	add_hashed(hash, inputs->federated);
	eii_sha256_finish(hash, inputs->whole_hash);
}

enum eii_rc eii_token_read_inputs(const struct eii_token_settings *settings,
				  struct eii_token_inputs *inputs, struct eii_error *err)
{
	bool is_google = settings->method == EII_TOKEN_GOOGLE_USER ||
			 settings->method == EII_TOKEN_GOOGLE_SERVICE;
	enum eii_rc rc = read_secrets(settings, inputs, err);

	if (!rc && is_google)
		rc = eii_token_parse_document(settings->method,
					      inputs->secrets[EII_TOKEN_SECRET_DOCUMENT],
					      &inputs->document, err);
	if (!rc)
		rc = read_identity(settings, inputs, err);
	if (!rc)
		rc = read_federated(settings, inputs, err);
	if (!rc)
		hash_all(inputs);
	return rc;
}
