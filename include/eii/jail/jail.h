/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jail of the converter: once closed, the process can read and write its
 * one descriptor, manage its own memory and end; nothing else. A system call
 * beyond that kills it (SIGSYS), but for opening or looking at a file, which
 * finds none (ENOENT): libraries ask for time zones and charsets by name.
 *
 * Closed by, in this order: a death signal bound to the parent, no new
 * privileges, no dumps, resource limits, Landlock without any rule (files; TCP from
 * ABI 4; signals and abstract sockets from ABI 6), no further descriptors,
 * seccomp. It needs no privilege. A kernel without Landlock leaves seccomp.
 *
 * Builds with a sanitizer, and runs under valgrind, need calls that the jail
 * forbids: there only the first two are done, and the jail says so.
 */
#ifndef EII_JAIL_JAIL_H
#define EII_JAIL_JAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/error.h"

struct eii_jail_options {
	int fd;                       /* the one descriptor, for read(2) and write(2) */
	uint64_t address_space_bytes; /* RLIMIT_AS; 0 = none */
};

struct eii_jail_status {
	bool is_relaxed;
	uint32_t landlock_abi; /* 0 = none */
};

/*
 * Closes the jail around the calling process, which has one thread; there is
 * no way back. A failure (EII_FATAL) leaves it half closed: end the process.
 */
enum eii_rc eii_jail_close(const struct eii_jail_options *options, struct eii_jail_status *out,
			   struct eii_error *err) EII_MUST_CHECK;

#endif
