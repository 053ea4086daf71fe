/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded: the one allocation that a plan names fails, as if there were no memory left.
 *
 * EII_FAULT_PLAN names a file of struct plan, mapped before anything is jailed; all processes
 * that share it count together, so that one of all their allocations fails. With is_recorded the
 * hash of each allocation's call stack is kept: two of one hash are the same place of the code.
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HASHES     ((size_t)1 << 20)
#define FRAMES     9 /* deeper ones tell fifteen thousand places apart, which say no more */
#define OWN_FRAMES 2
#define FNV_BASIS  UINT64_C(14695981039346656037)
#define FNV_PRIME  UINT64_C(1099511628211)
#define EXPORTED   __attribute__((visibility("default")))

struct plan {
	uint64_t fail_at; /* counted from 1; 0 = none */
	_Atomic uint64_t seen;
	uint64_t is_recorded;
	_Atomic uint64_t failed_pid;
	uint64_t hashes[HASHES];
};

/* glibc's own, for those who replace malloc(). */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct plan *plan;
static _Thread_local int depth; /* backtrace() may allocate itself */

static void record(uint64_t number)
{
	void *frames[FRAMES];
	uint64_t hash = FNV_BASIS;
	int n;

	if (number > HASHES)
		return;
	depth++;
	n = backtrace(frames, FRAMES);
	depth--;
	for (int i = OWN_FRAMES; i < n; i++)
		hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * FNV_PRIME;
	plan->hashes[number - 1] = hash ^ (uint64_t)getpid();
}

static int must_fail(void)
{
	uint64_t number;

	if (!plan || depth)
		return 0;
	number = atomic_fetch_add(&plan->seen, 1) + 1;
	if (plan->is_recorded)
		record(number);
	if (number != plan->fail_at)
		return 0;
	plan->failed_pid = (uint64_t)getpid();
	errno = ENOMEM;
	return 1;
}

__attribute__((constructor)) static void take_plan(void)
{
	const char *path = getenv("EII_FAULT_PLAN");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *frames[1], *map;

	if (fd < 0)
		return;
	depth++; /* the unwinder is loaded here, not in the jail */
	(void)backtrace(frames, 1);
	depth--;
	map = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (map != MAP_FAILED)
		plan = map;
}

EXPORTED void *malloc(size_t size)
{
	return must_fail() ? NULL : __libc_malloc(size);
}

EXPORTED void *calloc(size_t n, size_t size)
{
	return must_fail() ? NULL : __libc_calloc(n, size);
}

EXPORTED void *realloc(void *old, size_t size)
{
	return must_fail() ? NULL : __libc_realloc(old, size);
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
	return must_fail() ? NULL : __libc_memalign(alignment, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
	return must_fail() ? NULL : __libc_memalign(alignment, size);
}

EXPORTED int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *p = must_fail() ? NULL : __libc_memalign(alignment, size);

	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}
