/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock without a rule: no path can be opened, no TCP port bound or
 * connected, no process outside signalled, as far as the kernel's ABI goes.
 */
#ifndef EII_JAIL_LANDLOCK_H
#define EII_JAIL_LANDLOCK_H

#include <stdint.h>

#include "eii/base/error.h"

/*
 * *out_abi is 0 where the kernel has no Landlock: nothing is done then. Needs
 * no_new_privs, and one free descriptor. Fails with EII_FATAL.
 */
enum eii_rc eii_landlock_restrict(uint32_t *out_abi, struct eii_error *err) EII_MUST_CHECK;

#endif
