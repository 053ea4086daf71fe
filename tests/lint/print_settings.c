/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what is made from the table of settings: print_settings sample|tables|help.
 */
#include <stdio.h>
#include <string.h>

#include "eii/config/settings.h"

int main(int argc, char **argv)
{
	static const struct {
		const char *what;
		void (*print)(FILE *out);
	} ways[] = {
		{ "sample", eii_settings_print_sample },
		{ "tables", eii_settings_print_tables },
		{ "help", eii_settings_print_help },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc == 2 && strcmp(argv[1], ways[i].what) == 0) {
			ways[i].print(stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	}
	(void)fputs("usage: print_settings sample|tables|help\n", stderr);
	return 64;
}
