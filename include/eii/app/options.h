/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line. What it names is not opened here; the settings proper are
 * in config/config.h.
 */
#ifndef EII_APP_OPTIONS_H
#define EII_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "eii/app/login_options.h"
#include "eii/base/error.h"

/* Of the working directory: one of the two is read where no --config is given. */
#define EII_OPTIONS_CONFIG_FILE "config.ini"
#define EII_OPTIONS_YAML_FILE   "config.yml" /* the official connector's; also in /opt */
#define EII_OPTIONS_ENV_FILE    ".env"       /* read where it exists; also in /opt */

enum eii_action {
	EII_ACTION_RUN,
	EII_ACTION_HELP,    /* --help */
	EII_ACTION_VERSION, /* --version */
	EII_ACTION_DRY_RUN, /* --dry-run */
	EII_ACTION_CHECK,   /* --check */
	EII_ACTION_PRINT,   /* --print-config */
	EII_ACTION_CONVERT, /* convert FILE.eml... */
	EII_ACTION_HEALTH,  /* health */
	EII_ACTION_LOGIN,   /* login google|microsoft ... */
};

struct eii_options {
	enum eii_action action;
	bool is_once;            /* --once */
	bool is_json;            /* --json, of --check, as the next */
	bool is_register;        /* --register */
	const char *config_path; /* --config, or NULL; borrowed from argv, as the next */
	char *const *files;      /* of convert */
	size_t n_files;          /* at least 1 */
	struct eii_login_options login;
};

/* EII_REJECT: wrong usage (exit code 64); the text says what and what is accepted. */
enum eii_rc eii_options_parse(int argc, char *const *argv, struct eii_options *out,
			      struct eii_error *err) EII_MUST_CHECK;

/* What --help prints: usage, then every setting with its default. */
void eii_options_print_help(FILE *out);

#endif
