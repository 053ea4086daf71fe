/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files the settings come from, by what lies there. Nothing is opened: that one
 * cannot be read is said by who reads it.
 */
#ifndef EII_APP_SETTINGS_FILES_H
#define EII_APP_SETTINGS_FILES_H

#include "eii/config/problems.h"

/* Where the official connector's image has its files. */
#define EII_SETTINGS_FILES_IMAGE "/opt"

/* Caller's struct, cleared after; NULL = none. */
struct eii_settings_files {
	char *file; /* owned, as the next: config.ini or config.yml */
	char *env;  /* .env */
};

/*
 * given is --config's, or NULL: then the one of the working directory counts, else
 * config.yml of the image's folder. Two in the working directory are wrong (problems).
 */
void eii_settings_files_find(const char *given, const char *image, struct eii_settings_files *out,
			     struct eii_problems *problems);
void eii_settings_files_clear(struct eii_settings_files *files);

#endif
