/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/notify.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "eii/base/text.h"

/* Where to; 0 = nowhere. A name that begins with @ is of the abstract kind. */
static socklen_t address_of(const char *name, struct sockaddr_un *out)
{
	size_t len = name ? strlen(name) : 0;

	if (len < 2 || len >= sizeof(out->sun_path) || (name[0] != '/' && name[0] != '@'))
		return 0;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(out->sun_path, name, len);
	if (name[0] == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void eii_notify(const char *state)
{
	struct sockaddr_un address;
	socklen_t len = address_of(getenv("NOTIFY_SOCKET"), &address);
	int fd;

	if (!len)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
		     (const struct sockaddr *)&address, len);
	(void)close(fd);
}

int eii_notify_watchdog_ms(void)
{
	uint64_t interval_us, pid;

	if (!eii_text_to_u64(eii_text_of(getenv("WATCHDOG_USEC")), UINT64_MAX, &interval_us))
		return 0;
	if (getenv("WATCHDOG_PID") &&
	    (!eii_text_to_u64(eii_text_of(getenv("WATCHDOG_PID")), INT_MAX, &pid) ||
	     pid != (uint64_t)getpid()))
		return 0;
	return interval_us / 2000 > INT_MAX ? INT_MAX : (int)(interval_us / 2000);
}
