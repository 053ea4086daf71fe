/* SPDX-License-Identifier: Apache-2.0 */
#include "landlock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "eii/base/cleanup.h"

#define CREATE_RULESET_VERSION 1u /* LANDLOCK_CREATE_RULESET_VERSION */

/*
 * struct landlock_ruleset_attr as of ABI 6: the headers of Debian 12 stop at
 * ABI 3. The kernel takes the shorter sizes of older ABIs.
 */
struct ruleset {
	uint64_t access_fs;
	uint64_t access_net; /* from ABI 4: bind and connect TCP */
	uint64_t scoped;     /* from ABI 6: abstract sockets, signals */
};

static const struct {
	uint32_t abi;
	struct ruleset handled;
	size_t size;
} levels[] = {
	/* Newest first; an ABI newer than all is handled as the newest known. */
	{ 6, { 0xffff, 3, 3 }, sizeof(struct ruleset) },
	{ 5, { 0xffff, 3, 0 }, offsetof(struct ruleset, scoped) },
	{ 4, { 0x7fff, 3, 0 }, offsetof(struct ruleset, scoped) },
	{ 3, { 0x7fff, 0, 0 }, offsetof(struct ruleset, access_net) },
	{ 2, { 0x3fff, 0, 0 }, offsetof(struct ruleset, access_net) },
	{ 1, { 0x1fff, 0, 0 }, offsetof(struct ruleset, access_net) },
};

enum eii_rc eii_landlock_restrict(uint32_t *out_abi, struct eii_error *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	EII_AUTO_FD fd = -1;
	size_t i = 0;

	/* ENOSYS: built without; EOPNOTSUPP: off at boot; EPERM: an outer filter. */
	if (abi < 1) {
		*out_abi = 0;
		return EII_OK;
	}
	while (levels[i].abi > (uint64_t)abi)
		i++;
	fd = (int)syscall(SYS_landlock_create_ruleset, &levels[i].handled, levels[i].size, 0);
	if (fd < 0)
		return eii_fail(err, EII_FATAL, "jail: Landlock rule set: %s", strerror(errno));
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		return eii_fail(err, EII_FATAL, "jail: Landlock: %s", strerror(errno));
	*out_abi = (uint32_t)abi;
	return EII_OK;
}
