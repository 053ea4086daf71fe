/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define MS_OF_S   1000
#define US_OF_MS  1000
#define PAGES_MAX (UINT64_MAX >> 16) /* of 64 KiB at most: bytes cannot wrap */

static void gauge(struct eii_exposition *e, const char *name, const char *help, uint64_t value)
{
	eii_exposition_bare_family(e, name, EII_METRIC_GAUGE, help);
	eii_exposition_u64(e, NULL, 0, value);
}

static bool read_file(const char *path, char *out, size_t capacity)
{
	EII_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? read(fd, out, capacity - 1) : -1;

	if (len <= 0)
		return false;
	out[len] = '\0';
	return true;
}

/* The number at *at, which then stands behind it and one space. */
static bool next_number(const char **at, uint64_t *out)
{
	size_t len = strcspn(*at, " \n");
	bool is_number = eii_text_to_u64(eii_text(*at, len), PAGES_MAX, out);

	*at += len;
	if (**at)
		(*at)++;
	return is_number;
}

/* proc(5), statm: total and resident, in pages. */
static void write_memory(struct eii_exposition *e)
{
	uint64_t total, resident, page = (uint64_t)sysconf(_SC_PAGESIZE);
	char line[256];
	const char *at = line;

	if (!read_file("/proc/self/statm", line, sizeof(line)) || !next_number(&at, &total) ||
	    !next_number(&at, &resident))
		return;
	gauge(e, "process_virtual_memory_bytes", "Virtual memory size in bytes.", total * page);
	gauge(e, "process_resident_memory_bytes", "Resident memory size in bytes.",
	      resident * page);
}

static void write_start(struct eii_exposition *e, int64_t started_s)
{
	eii_exposition_bare_family(e, "process_start_time_seconds", EII_METRIC_GAUGE,
				   "Start time of the process since unix epoch in seconds.");
	eii_exposition_i64(e, NULL, 0, started_s);
}

static uint64_t ms_of(struct timeval time)
{
	return (uint64_t)time.tv_sec * MS_OF_S + (uint64_t)time.tv_usec / US_OF_MS;
}

static void write_cpu(struct eii_exposition *e)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return;
	eii_exposition_bare_family(e, "process_cpu_seconds_total", EII_METRIC_COUNTER,
				   "Total user and system CPU time spent in seconds.");
	eii_exposition_milli(e, "", NULL, 0, ms_of(usage.ru_utime) + ms_of(usage.ru_stime));
}

static void write_descriptors(struct eii_exposition *e)
{
	DIR *directory = opendir("/proc/self/fd");
	struct rlimit limit;
	uint64_t n = 0;

	if (!directory)
		return;
	while (readdir(directory))
		n++;
	(void)closedir(directory);
	/* Less ".", ".." and the directory's own. */
	gauge(e, "process_open_fds", "Number of open file descriptors.", n > 3 ? n - 3 : 0);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		gauge(e, "process_max_fds", "Maximum number of open file descriptors.",
		      limit.rlim_cur);
}

void eii_process_write(struct eii_exposition *e, int64_t started_s)
{
	write_memory(e);
	write_start(e, started_s);
	write_cpu(e);
	write_descriptors(e);
}
