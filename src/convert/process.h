/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The converter as a process: started with one descriptor (3), two constants
 * as its environment, and nothing of ours; measured; ended.
 */
#ifndef EII_CONVERT_PROCESS_H
#define EII_CONVERT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "eii/base/error.h"

struct eii_process {
	pid_t pid; /* 0 = none */
	int fd;    /* our end of the socket pair, non-blocking; -1 = none */
	clockid_t cpu_clock;
	int64_t cpu_limit_us; /* of its life so far, held by the kernel; 0 = none yet */
};

/* How a process ended. */
struct eii_process_end {
	int status;          /* of waitpid() */
	uint64_t peak_bytes; /* resident */
};

/* Fails with EII_RETRY. */
enum eii_rc eii_process_start(const char *program, uint64_t address_space_bytes,
			      struct eii_process *out, struct eii_error *err) EII_MUST_CHECK;

/* Kills it if it has not ended by itself, and waits for its end. */
struct eii_process_end eii_process_finish(struct eii_process *process);

/* CPU time of its life so far. */
int64_t eii_process_cpu_us(const struct eii_process *process);

/* Resident memory now; 0 where it cannot be read. */
uint64_t eii_process_resident_bytes(const struct eii_process *process);

/*
 * Has the kernel end it (SIGXCPU, whole seconds) should we be kept from
 * looking at its clock: between cpu_s and three times that from now.
 */
void eii_process_guard_cpu(struct eii_process *process, int64_t used_us, uint32_t cpu_s);

#endif
