/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/memory_limit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"

struct file {
	const char *path; /* below the root */
	const char *text;
};

/* The folders of the path, then the file. */
static void make_file(const char *root, const struct file *file)
{
	EII_AUTO_STR path = eii_asprintf("%s%s", root, file->path);
	FILE *stream;

	for (char *p = strchr(path + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
	stream = fopen(path, "we");
	assert_non_null(stream);
	assert_true(fputs(file->text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
	(void)status;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_tree(const char *root)
{
	assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void test_memory_limit__is_read_from_both_kinds_of_groups(void **state)
{
	static const struct {
		struct file files[4];
		uint64_t limit;
	} cases[] = {
		{ { { NULL, NULL } }, UINT64_MAX },
		/* Version 2: in a container the root is the own group. */
		{ { { "/proc/self/cgroup", "0::/\n" },
		    { "/sys/fs/cgroup/memory.max", "134217728\n" } },
		  134217728 },
		{ { { "/proc/self/cgroup", "0::/\n" }, { "/sys/fs/cgroup/memory.max", "max\n" } },
		  UINT64_MAX },
		/* On a host the group, and those around it. */
		{ { { "/proc/self/cgroup", "0::/a.slice/b.service\n" },
		    { "/sys/fs/cgroup/a.slice/b.service/memory.max", "300\n" },
		    { "/sys/fs/cgroup/a.slice/memory.max", "max\n" } },
		  300 },
		{ { { "/proc/self/cgroup", "0::/a.slice/b.service\n" },
		    { "/sys/fs/cgroup/a.slice/b.service/memory.max", "max\n" },
		    { "/sys/fs/cgroup/a.slice/memory.max", "200\n" } },
		  200 },
		/* Version 1, and both of them mounted. */
		{ { { "/proc/self/cgroup", "12:cpu,cpuacct:/x\n5:memory:/docker/1f\n0::/y\n" },
		    { "/sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes", "134217728\n" },
		    { "/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n" } },
		  134217728 },
		/* The path is the host's, and the container's root the own group. */
		{ { { "/proc/self/cgroup", "5:memory:/kubepods/pod1/2\n" },
		    { "/sys/fs/cgroup/memory/memory.limit_in_bytes", "67108864\n" } },
		  67108864 },
		{ { { "/proc/self/cgroup", "0::/../other\n" },
		    { "/sys/fs/cgroup/memory.max", "100\n" } },
		  100 },
		{ { { "/sys/fs/cgroup/memory.max", "no number\n" } }, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char root[] = "/tmp/eii-memory-XXXXXX";
		uint64_t limit;

		assert_non_null(mkdtemp(root));
		for (size_t k = 0; k < ARRAY_LEN(cases[i].files) && cases[i].files[k].path; k++)
			make_file(root, &cases[i].files[k]);
		limit = eii_memory_limit_bytes(root);
		remove_tree(root);
		CHECK(limit == cases[i].limit, "case %zu gave %llu", i, (unsigned long long)limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_limit__is_read_from_both_kinds_of_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
