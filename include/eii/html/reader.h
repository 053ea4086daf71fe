/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML read as browsers read it, told as events: elements that begin and end, strictly
 * nested, text, comments. No tree is built. What is kept is the stack of open elements
 * and the list of active formatting elements, with those of the standard's rules that
 * decide which tags count, what they end, and what is text (scripting is off). Content
 * that browsers move (foster parents, the adoption agency) is told where it stands:
 * who writes the events down as HTML leaves the moving to the browser that reads it.
 *
 * Also told, though a browser would show nothing of it: the words of a frameset page,
 * and, as elements without an end, start tags that do not count where they stand.
 *
 * Time is linear in the input: nothing walks further than EII_HTML_OPEN_MAX elements.
 */
#ifndef EII_HTML_READER_H
#define EII_HTML_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/text.h"
#include "eii/html/names.h"
#include "eii/html/tokenizer.h"

#define EII_HTML_OPEN_MAX 256 /* a deeper element ends the innermost one */

enum eii_html_namespace { EII_HTML_NS_HTML, EII_HTML_NS_SVG, EII_HTML_NS_MATHML };

struct eii_html_element {
	enum eii_html_tag tag;
	enum eii_html_namespace ns;
	struct eii_text name; /* raw; good as long as the input */
	bool is_in_head;      /* such a <title> is not in the page */
	bool is_in_table;     /* right inside a table or its parts, where it does not belong */
	bool has_end;         /* false: a void element, or one that opens nothing */

	/* The caller's, from start() on; copied where a formatting element begins again. */
	size_t mark;
	uint32_t length;
	uint32_t note;
};

/* A member may be NULL. */
struct eii_html_events {
	/* tag gives the attributes (eii_html_next_attribute()); NULL: an implied element. */
	void (*start)(void *context, struct eii_html_element *element,
		      struct eii_html_tokenizer *tag);
	/* A formatting element that was ended by another's end begins again. */
	void (*again)(void *context, struct eii_html_element *element);
	/* The element that was started last and not ended yet. */
	void (*end)(void *context, struct eii_html_element *element);
	void (*text)(void *context, struct eii_text text);
	/* Blanks of a table's own, which are one with no text before them. */
	void (*blank)(void *context, struct eii_text blank);
	void (*comment)(void *context, struct eii_text raw);
	/* A tag that the input ends in: nothing to a browser. */
	void (*unfinished)(void *context, struct eii_text raw);
	const bool *is_over; /* set by the caller: nothing more is wanted; NULL: never */
};

/* Reads html, valid UTF-8, to its end; what is open there is ended. Gives the steps taken. */
uint64_t eii_html_read(struct eii_text html, const struct eii_html_events *events, void *context);

#endif
