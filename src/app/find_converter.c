/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/app/memory_limit.h"
#include "eii/app/parts.h"
#include "eii/base/alloc.h"
#include "eii/base/text.h"
#include "eii/fields/limits.h"
#include "eii/stix/report.h"

#define NAME "email-intel-imap-converter"

/* Of a message's bytes what a file's may be: base64 twice, and room for the rest. */
#define FILE_SHARE(bytes) ((bytes) / 16 * 9)

/* Below this a converter cannot even start (58 charsets, libraries). */
#define LEAST_ADDRESS_SPACE (128u * 1024 * 1024)

static char *folder_of_this_program(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return eii_strdup(".");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return eii_strdup(path);
}

static char *executable(const char *folder, const char *place)
{
	EII_AUTO_STR path = eii_asprintf("%s%s%s", folder, place, NAME);

	return access(path, X_OK) == 0 ? EII_DETACH(path) : NULL;
}

static char *find_converter(void)
{
	/* Beside the program; in the build tree; under one prefix with it. */
	static const char *const places[] = { "/", "/../jail/", "/../libexec/" };
	const char *named = getenv("EII_CONVERTER");
	EII_AUTO_STR folder = folder_of_this_program();

	if (named && *named)
		return access(named, X_OK) == 0 ? eii_strdup(named) : NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *path = executable(folder, places[i]);

		if (path)
			return path;
	}
	return executable(EII_LIBEXEC_DIR, "/");
}

/* In a small container the converter may not take it all: half of the limit. */
static uint64_t address_space(void)
{
	const uint64_t half = eii_memory_limit_bytes("") / 2;

	if (half >= EII_LIMIT_ADDRESS_SPACE_BYTES)
		return EII_LIMIT_ADDRESS_SPACE_BYTES;
	return half > LEAST_ADDRESS_SPACE ? half : LEAST_ADDRESS_SPACE;
}

/*
 * Of a message's bytes what its content may have: base64 once, in one copy and without an
 * escape. What has more is cut for certain, here or when the report is made.
 */
static uint32_t content_share(uint64_t message_bytes)
{
	const uint64_t share = message_bytes / 4 * 3;

	return (uint32_t)(message_bytes && share < EII_REPORT_REQUEST_BYTES
				  ? share
				  : EII_REPORT_REQUEST_BYTES);
}

enum eii_rc eii_parts_converter(const struct eii_config *config, char **out_program,
				struct eii_converter_options *out, struct eii_error *err)
{
	char *program = find_converter();

	if (!program)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "the converter program " NAME
				     " is neither beside this program "
				     "nor in " EII_LIBEXEC_DIR "; set EII_CONVERTER to its path");
	*out_program = program;
	*out = (struct eii_converter_options){
		.program = program,
		.settings = {
			.content = config->report.content,
			.attach_forwarded = config->report.attach_forwarded,
			.inline_image_bytes = config->report.inline_image_bytes,
			.max_content_bytes = content_share(config->mq.max_message_bytes),
			.max_file_bytes = FILE_SHARE(config->mq.max_message_bytes),
			.asks_tlp = config->report.tlp_from_mail != EII_CONFIG_TLP_OFF,
			.authority = eii_text_of(config->report.authority),
			.types = config->report.types,
			.n_types = config->report.n_types,
		},
		.max_mail_bytes = config->mail.max_mail_bytes,
		.address_space_bytes = address_space(),
	};
	return EII_OK;
}
