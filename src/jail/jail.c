/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "landlock.h"

/*
 * Valgrind is seen by the library that it preloads. The connector starts the
 * converter with an environment of its own, so nobody else can say so.
 */
static bool must_relax(void)
{
#ifdef EII_SANITIZED
	return true;
#else
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
#endif
}

static enum eii_rc call_prctl(int option, unsigned long value, const char *what,
			      struct eii_error *err)
{
	if (prctl(option, value, 0, 0, 0))
		return eii_fail(err, EII_FATAL, "jail: %s: %s", what, strerror(errno));
	return EII_OK;
}

/*
 * The death signal comes when the thread that started us ends. A parent that
 * was gone before is noticed by the end of its descriptor; getppid() cannot
 * tell, since a connector that is a container's first process has id 1 as well.
 */
static enum eii_rc bind_to_parent(struct eii_error *err)
{
	enum eii_rc rc = call_prctl(PR_SET_PDEATHSIG, SIGKILL, "death signal", err);

	if (rc)
		return rc;
	return call_prctl(PR_SET_NO_NEW_PRIVS, 1, "no new privileges", err);
}

static enum eii_rc limit(__rlimit_resource_t what, uint64_t value, const char *name,
			 struct eii_error *err)
{
	struct rlimit both = { .rlim_max = RLIM_INFINITY };

	/* A limit that was given to us may be lower: it stays. */
	(void)getrlimit(what, &both);
	if (both.rlim_max > value)
		both.rlim_max = value;
	both.rlim_cur = both.rlim_max;
	if (setrlimit(what, &both))
		return eii_fail(err, EII_FATAL, "jail: limit of %s: %s", name, strerror(errno));
	return EII_OK;
}

static enum eii_rc limit_resources(uint64_t address_space_bytes, struct eii_error *err)
{
	if (limit(RLIMIT_CORE, 0, "core dumps", err) || limit(RLIMIT_FSIZE, 0, "file sizes", err) ||
	    limit(RLIMIT_NPROC, 0, "processes", err))
		return EII_FATAL;
	if (!address_space_bytes)
		return EII_OK;
	return limit(RLIMIT_AS, address_space_bytes, "address space", err);
}

/* What is allowed as it is, or when one argument compares. */
static int allow_calls(scmp_filter_ctx filter, int fd)
{
	const struct {
		int call;
		struct scmp_arg_cmp when;
	} narrowed[] = {
		{ SCMP_SYS(read), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd, 0) },
		{ SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd, 0) },
		/* malloc_trim() */
		{ SCMP_SYS(madvise), SCMP_A2(SCMP_CMP_EQ, MADV_DONTNEED, 0) },
	};
	static const int free_calls[] = { SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
					  SCMP_SYS(exit_group) };
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(narrowed) / sizeof(narrowed[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, narrowed[i].call, 1,
				      narrowed[i].when);
	for (size_t i = 0; !rc && i < sizeof(free_calls) / sizeof(free_calls[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, free_calls[i], 0);
	if (rc)
		return rc;
	/* Memory only: nothing that can be run, no file. */
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
}

/* iconv_open() of a charset that is not held looks for a file: there is none. */
static int hide_files(scmp_filter_ctx filter)
{
	/* glibc 2.36 makes newfstatat of fstat(), later ones fstat. */
	static const int calls[] = { SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(fstat),
				     SCMP_SYS(readlink), SCMP_SYS(readlinkat) };
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(calls) / sizeof(calls[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), calls[i], 0);
	return rc;
}

static enum eii_rc filter_calls(int fd, struct eii_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (!filter)
		return eii_fail(err, EII_FATAL,
				"jail: seccomp: no filter can be made here: no memory, or a "
				"kernel or an emulation without seccomp");
	rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!rc)
		rc = allow_calls(filter, fd);
	if (!rc)
		rc = hide_files(filter);
	if (!rc)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc)
		return eii_fail(err, EII_FATAL, "jail: seccomp: %s", strerror(-rc));
	return EII_OK;
}

enum eii_rc eii_jail_close(const struct eii_jail_options *options, struct eii_jail_status *out,
			   struct eii_error *err)
{
	struct eii_jail_status status = { .is_relaxed = must_relax() };
	uint64_t n_descriptors = (uint64_t)options->fd + 1;

	if (bind_to_parent(err))
		return EII_FATAL;
	if (status.is_relaxed) {
		*out = status;
		return EII_OK;
	}
	if (call_prctl(PR_SET_DUMPABLE, 0, "no dumps", err) ||
	    limit_resources(options->address_space_bytes, err) ||
	    eii_landlock_restrict(&status.landlock_abi, err))
		return EII_FATAL;
	/* After Landlock, whose rule set is a descriptor while it is made. */
	if (limit(RLIMIT_NOFILE, n_descriptors, "descriptors", err) ||
	    filter_calls(options->fd, err))
		return EII_FATAL;
	*out = status;
	return EII_OK;
}
