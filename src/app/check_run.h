/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of --check share: one run of it.
 */
#ifndef EII_APP_CHECK_RUN_H
#define EII_APP_CHECK_RUN_H

#include <stdbool.h>

#include "check_report.h"
#include "eii/app/check.h"
#include "eii/app/parts.h"

struct eii_check {
	const struct eii_config *config; /* borrowed, as the next */
	struct eii_parts *parts;
	enum eii_check_mode mode;
	struct eii_check_report report;
	struct eii_tls_peer peers[EII_SERVERS]; /* who answered */
	bool is_registered; /* known once the platform has been asked, as the next */
	bool is_platform_ok;
	int worst; /* exit code */
};

/* What may fail; each has a name for the report, and what mends it by the exit code. */
enum eii_check_part {
	EII_CHECK_SETTINGS,
	EII_CHECK_CONVERTER,
	EII_CHECK_MAILBOX_NAME, /* looking up the host's name, as below */
	EII_CHECK_MAILBOX,
	EII_CHECK_PLATFORM_NAME,
	EII_CHECK_PLATFORM,
	EII_CHECK_REGISTRATION,
	EII_CHECK_BROKER,
	EII_CHECK_DIRECTORY,
	EII_CHECK_PARTS,
};

/* A line that says FAILED, and what the program ends with. */
void eii_check_fail(struct eii_check *check, enum eii_check_part part, enum eii_rc rc,
		    const struct eii_error *err);

#endif
