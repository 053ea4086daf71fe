/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory the control groups leave this process, of version 1 or 2: the least
 * limit of its own group and those around it, as far as they can be seen.
 */
#ifndef EII_APP_MEMORY_LIMIT_H
#define EII_APP_MEMORY_LIMIT_H

#include <stdint.h>

/* root: "" for the system's own files. UINT64_MAX: no limit, or none that can be read. */
uint64_t eii_memory_limit_bytes(const char *root);

#endif
