/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over the files of folders (or files) given as arguments,
 * in the order of their names: the corpus as a plain test, without libFuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "eii/base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	uint8_t *data;
	size_t size;

	if (!file || fstat(fileno(file), &st)) {
		perror(path);
		return -1;
	}
	/* Exactly as large as the file, so that a sanitizer sees a byte too far. */
	data = eii_calloc((size_t)st.st_size, 1);
	size = fread(data, 1, (size_t)st.st_size, file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

/* How many files were run; negative: one could not be read. */
static int run_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	int n_run = 0;

	if (n < 0)
		return run_file(path);
	for (int i = 0; i < n; i++) {
		char *name = eii_asprintf("%s/%s", path, entries[i]->d_name);
		int result = entries[i]->d_name[0] == '.' ? 0 : run_file(name);

		n_run = result < 0 || n_run < 0 ? -1 : n_run + result;
		free(name);
		free(entries[i]);
	}
	free(entries);
	return n_run;
}

int main(int argc, char **argv)
{
	int n_run = 0;

	for (int i = 1; i < argc; i++) {
		int n = run_folder(argv[i]);

		if (n < 0)
			return EXIT_FAILURE;
		n_run += n;
	}
	printf("%d inputs\n", n_run);
	return n_run ? EXIT_SUCCESS : EXIT_FAILURE;
}
