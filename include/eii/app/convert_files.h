/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `convert FILE.eml...`: mails from files to reports on standard output, by the
 * same jailed converter, without any server.
 */
#ifndef EII_APP_CONVERT_FILES_H
#define EII_APP_CONVERT_FILES_H

#include <stddef.h>

#include "eii/convert/converter.h"
#include "eii/rules/judge.h"
#include "eii/stix/report.h"

/* All borrowed. */
struct eii_convert_how {
	const struct eii_converter_options *converter;
	const struct eii_report_settings *report;
	const struct eii_selection *selection;
	const char *folder; /* that the mails are judged as in */
};

/*
 * One line of JSON a file, in the order of names; a file's modification time
 * stands for INTERNALDATE. A file that cannot be read, the rule that took a mail, and why it
 * would be left out: a line each on standard error; of the last nothing is printed.
 * Where that is a terminal, two lines at the end sum up.
 * Returns the exit code: 0, 66 (a file could not be read), 70 (the converter
 * cannot be started), 74 (standard output cannot be written).
 */
int eii_convert_files(const struct eii_convert_how *how, const char *const *names, size_t n);

#endif
