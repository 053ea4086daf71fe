/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool eii_colour_is_shown(int fd)
{
	const char *refusal = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (refusal && *refusal)
		return false;
	return isatty(fd) && terminal && strcmp(terminal, "dumb") != 0;
}

struct eii_paint eii_colour_paint(int fd, enum eii_colour colour)
{
	static const char *const begins[] = { "", "\033[32m", "\033[33m", "\033[31m" };

	if (colour == EII_COLOUR_NONE || !eii_colour_is_shown(fd))
		return (struct eii_paint){ "", "" };
	return (struct eii_paint){ begins[colour], "\033[0m" };
}
