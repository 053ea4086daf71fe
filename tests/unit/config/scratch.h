/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of one test in a folder of its own, and settings loaded from them.
 */
#ifndef EII_TESTS_CONFIG_SCRATCH_H
#define EII_TESTS_CONFIG_SCRATCH_H

#include "eii/config/config.h"

/* cmocka's setup and teardown: *state is a new folder's path. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Writes a file into the folder of the running test and gives its path (until the next call with
 * the same name). */
const char *scratch_file(void **state, const char *name, const char *content);

/* Settings from any of the three sources (NULL = none); environment ends with NULL. */
struct loaded_settings {
	struct eii_config *config; /* NULL where loading failed */
	struct eii_problems problems;
	struct eii_error err;
	enum eii_rc rc;
};
struct loaded_settings load(const char *file, const char *dotenv, const char *const *environment);
struct loaded_settings load_for(enum eii_config_purpose purpose, const char *file,
				const char *dotenv, const char *const *environment);
void unload(struct loaded_settings *settings);

/* The first problem of this level that holds the words, or NULL. */
const char *find_problem(const struct loaded_settings *settings, enum eii_problem_level level,
			 const char *words);

/* Variables that are enough to run. */
#define ENOUGH                                                                                     \
	"OPENCTI_URL=https://opencti.example", "OPENCTI_TOKEN=t0ken",                              \
		"EMAIL_INTEL_IMAP_HOST=imap.example", "EMAIL_INTEL_IMAP_USERNAME=analyst"
#define PASSWORD "EMAIL_INTEL_IMAP_PASSWORD=s3cret"

#endif
