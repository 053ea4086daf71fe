/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of CONNECTOR_SEND_TO_DIRECTORY: a file for each message of a report, under the
 * name and with the members that pycti gives it, for whoever carries files to another platform.
 * A file has its final name only once it is whole and on the disk. What a killed process has
 * left half written is removed at first, what is older than the retention whenever it is
 * opened; both only where the name is one of ours. Not for two threads.
 */
#ifndef EII_INGEST_DIRECTORY_H
#define EII_INGEST_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/ingest/registered.h"
#include "eii/stix/report.h"

#define EII_DIRECTORY_WRITE_MS 300000 /* a slow disk is no thread that hangs */

/* All borrowed. */
struct eii_directory_settings {
	const char *path;
	uint32_t retention_days; /* 0 = files are kept */
	const char *connector_id, *connector_name, *connector_scope;
	bool wants_validation; /* CONNECTOR_VALIDATE_BEFORE_IMPORT, for who imports the file */
};

struct eii_directory;
struct eii_directory *eii_directory_new(const struct eii_directory_settings *settings);
void eii_directory_free(struct eii_directory *directory);
EII_DEFINE_AUTO(eii_directory);

/* What open removes is removed now, as far as it can be. */
void eii_directory_tidy(struct eii_directory *directory);

/*
 * Sees that files can be written, as large as the one that could not be before. The files bear
 * the user of the registration. NULL: no directory is meant, and all is well, as with write.
 * EII_RETRY: not registered; with STORAGE, what does not work and why.
 */
enum eii_rc eii_directory_open(struct eii_directory *directory, struct eii_registered *registered,
			       struct eii_error *err) EII_MUST_CHECK;

/* Message index of the report. EII_RETRY with STORAGE: no file of it is there. */
enum eii_rc eii_directory_write(struct eii_directory *directory, const struct eii_report *report,
				unsigned index, struct eii_error *err) EII_MUST_CHECK;

/* Whether a file can be written; nothing else is touched. Fails as open does. */
enum eii_rc eii_directory_check(const struct eii_directory_settings *settings,
				struct eii_error *err) EII_MUST_CHECK;

#endif
