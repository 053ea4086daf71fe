/* SPDX-License-Identifier: Apache-2.0 */
#include "official.h"

#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"

/* Who reads a setting there, and so from where. */
enum reader {
	READER_NONE,      /* it is ours alone */
	READER_CONNECTOR, /* from the file alone, where there is one */
	READER_BOTH,      /* the helper, from the environment and from what the connector read */
	READER_HELPER,    /* the helper, from the environment alone */
	READER_BROKER,    /* the helper, from the environment and from mq: of config.yml */
};

static const struct {
	const char *variable;
	enum reader reader;
} readers[] = {
	{ "OPENCTI_URL", READER_BOTH },
	{ "OPENCTI_TOKEN", READER_BOTH },
	{ "OPENCTI_SSL_VERIFY", READER_HELPER },
	{ "OPENCTI_JSON_LOGGING", READER_HELPER },
	{ "OPENCTI_CUSTOM_HEADERS", READER_HELPER },
	{ "CONNECTOR_ID", READER_BOTH },
	{ "CONNECTOR_TYPE", READER_BOTH },
	{ "CONNECTOR_NAME", READER_BOTH },
	{ "CONNECTOR_SCOPE", READER_BOTH },
	{ "CONNECTOR_LOG_LEVEL", READER_BOTH },
	{ "CONNECTOR_DURATION_PERIOD", READER_CONNECTOR },
	{ "CONNECTOR_RUN_AND_TERMINATE", READER_HELPER },
	{ "CONNECTOR_QUEUE_THRESHOLD", READER_HELPER },
	{ "CONNECTOR_QUEUE_PROTOCOL", READER_HELPER },
	{ "CONNECTOR_VALIDATE_BEFORE_IMPORT", READER_HELPER },
	{ "CONNECTOR_SEND_TO_QUEUE", READER_HELPER },
	{ "CONNECTOR_SEND_TO_DIRECTORY", READER_HELPER },
	{ "CONNECTOR_SEND_TO_DIRECTORY_PATH", READER_HELPER },
	{ "CONNECTOR_SEND_TO_DIRECTORY_RETENTION", READER_HELPER },
	{ "CONNECTOR_EXPOSE_METRICS", READER_HELPER },
	{ "CONNECTOR_METRICS_PORT", READER_HELPER },
	{ "CONNECTOR_METRICS_NAMESPACE", READER_HELPER },
	{ "CONNECTOR_METRICS_SUBSYSTEM", READER_HELPER },
	{ "EMAIL_INTEL_IMAP_HOST", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_PORT", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_USERNAME", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_PASSWORD", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_MAILBOX", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_RELATIVE_IMPORT_START_DATE", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_TLP_LEVEL", READER_CONNECTOR },
	{ "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES", READER_CONNECTOR },
	{ "MQ_HOST", READER_BROKER },
	{ "MQ_PORT", READER_BROKER },
	{ "MQ_VHOST", READER_BROKER },
	{ "MQ_USE_SSL", READER_BROKER },
	{ "MQ_USER", READER_BROKER },
	{ "MQ_PASS", READER_BROKER },
};

static enum reader reader_of(size_t row)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (strcmp(readers[i].variable, eii_table[row].variable) == 0)
			return readers[i].reader;
	}
	return READER_NONE;
}

/* The one source that the connector itself reads. */
static enum eii_source file_of(enum eii_official_way way)
{
	switch (way) {
	case EII_OFFICIAL_DOTENV:
		return EII_SOURCE_DOTENV;
	case EII_OFFICIAL_YAML:
		return EII_SOURCE_YAML;
	case EII_OFFICIAL_OURS:
		break;
	}
	return EII_SOURCE_ENVIRONMENT;
}

bool eii_official_takes(enum eii_official_way way, size_t row, enum eii_source source)
{
	bool is_environment = source == EII_SOURCE_ENVIRONMENT;

	switch (reader_of(row)) {
	case READER_CONNECTOR:
		return source == file_of(way);
	case READER_BOTH:
		return is_environment || source == file_of(way);
	case READER_HELPER:
		return is_environment;
	case READER_BROKER:
		return is_environment || (way == EII_OFFICIAL_YAML && source == EII_SOURCE_YAML);
	case READER_NONE:
		break;
	}
	return false;
}

static bool is_same(const char *a, const char *b)
{
	return eii_text_equal(eii_text_trim(eii_text_of(a)), eii_text_trim(eii_text_of(b)));
}

/* Without a value that has no default it would not run: nobody comes from there. */
static bool would_not_run(const struct eii_given_value *there, size_t row)
{
	enum reader reader = reader_of(row);

	return !there->text && !eii_table[row].standard &&
	       (reader == READER_CONNECTOR || reader == READER_BOTH);
}

static void compare_row(const char *file, const struct eii_given *given, size_t row,
			struct eii_problems *problems)
{
	const struct eii_given_value *here = &given->values[row], *there = &given->official[row];
	const char *standard = eii_table[row].standard ? eii_table[row].standard : "";
	EII_AUTO_STR place = NULL;

	if (!here->text || reader_of(row) == READER_NONE || would_not_run(there, row) ||
	    is_same(here->text, there->text ? there->text : standard))
		return;
	place = there->text ? eii_asprintf("that of %s", there->where)
			    : eii_strdup(*standard ? "its default" : "none");
	eii_problems_add(problems, EII_PROBLEM_UNSAFE,
			 "%s: the value of %s counts; the official connector, where %s lies, takes "
			 "%s: leave only the one that is meant",
			 eii_table[row].variable, here->where, file, place);
}

void eii_official_compare(enum eii_official_way way, const struct eii_given *given,
			  struct eii_problems *problems)
{
	if (way == EII_OFFICIAL_OURS)
		return;
	for (size_t i = 0; i < eii_table_len; i++)
		compare_row(way == EII_OFFICIAL_YAML ? "a config.yml" : "a .env", given, i,
			    problems);
}
