/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `convert FILE.eml...`: mails from files to reports on standard output, by the
 * same jailed converter, without any server.
 */
#ifndef EII_APP_CONVERT_FILES_H
#define EII_APP_CONVERT_FILES_H

#include <stddef.h>

#include "eii/convert/converter.h"
#include "eii/stix/report.h"

/*
 * One line of JSON a file, in the order of names; a file's modification time
 * stands for INTERNALDATE. A file that cannot be read: a line on standard error.
 * Where that is a terminal, two lines at the end sum up.
 * Returns the exit code: 0, 66 (a file could not be read), 70 (the converter
 * cannot be started), 74 (standard output cannot be written).
 */
int eii_convert_files(const struct eii_converter_options *options,
		      const struct eii_report_settings *report, const char *const *names, size_t n);

#endif
