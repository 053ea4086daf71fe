/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours for a person at a terminal: never elsewhere, never where NO_COLOR is set and
 * not empty (https://no-color.org), and not where TERM is dumb.
 */
#ifndef EII_BASE_COLOUR_H
#define EII_BASE_COLOUR_H

#include <stdbool.h>

enum eii_colour {
	EII_COLOUR_NONE,
	EII_COLOUR_GREEN,  /* well */
	EII_COLOUR_YELLOW, /* doubtful */
	EII_COLOUR_RED,    /* wrong */
};

/* What goes before and behind the words; two empty texts where there is no colour. */
struct eii_paint {
	const char *begin, *end;
};

/* Whether what is written to fd may have colours; -1 gives false. */
bool eii_colour_is_shown(int fd);

/* For a text that goes to fd. */
struct eii_paint eii_colour_paint(int fd, enum eii_colour colour);

#endif
