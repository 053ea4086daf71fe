/* SPDX-License-Identifier: Apache-2.0 */
/* The standard's states inside a tag, from "tag name state" on, as a table. */
#include <string.h>

#include "html_private.h"

enum state {
	TAG_NAME,
	BEFORE_NAME,
	NAME,
	AFTER_NAME,
	BEFORE_VALUE,
	DOUBLE_QUOTED,
	SINGLE_QUOTED,
	UNQUOTED,
	AFTER_QUOTED,
	SELF_CLOSING,
	CLOSED,
	N_STATES,
};

enum class { OTHER, SPACE, SLASH, MORE, EQUALS, QUOTE, APOSTROPHE, N_CLASSES };

enum action {
	NOTHING = 0,
	BEGIN_NAME = 1 << 4,
	END_NAME = 2 << 4,
	BEGIN_VALUE = 3 << 4,
	BEGIN_QUOTED = 4 << 4, /* the value begins behind this byte */
	END_VALUE = 5 << 4,
	CLOSE_SELF = 6 << 4,
};

#define STATE_OF(cell)  ((cell)&0x0f)
#define ACTION_OF(cell) ((cell)&0xf0)

static const unsigned char classes[256] = {
	['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE,
	['/'] = SLASH,  ['>'] = MORE,   ['='] = EQUALS, ['"'] = QUOTE,  ['\''] = APOSTROPHE,
};

/*
 * What follows a state at a byte of each class, in the order of the classes. A cell
 * that is its own state without an action is a run.
 */
static const unsigned char table[N_STATES][N_CLASSES] = {
	[TAG_NAME] = { TAG_NAME, BEFORE_NAME, SELF_CLOSING, CLOSED, TAG_NAME, TAG_NAME, TAG_NAME },
	[BEFORE_NAME] = { NAME | BEGIN_NAME, BEFORE_NAME, SELF_CLOSING, CLOSED, NAME | BEGIN_NAME,
			  NAME | BEGIN_NAME, NAME | BEGIN_NAME },
	[NAME] = { NAME, AFTER_NAME | END_NAME, SELF_CLOSING | END_NAME, CLOSED | END_NAME,
		   BEFORE_VALUE | END_NAME, NAME, NAME },
	[AFTER_NAME] = { NAME | BEGIN_NAME, AFTER_NAME, SELF_CLOSING, CLOSED, BEFORE_VALUE,
			 NAME | BEGIN_NAME, NAME | BEGIN_NAME },
	[BEFORE_VALUE] = { UNQUOTED | BEGIN_VALUE, BEFORE_VALUE, UNQUOTED | BEGIN_VALUE, CLOSED,
			   UNQUOTED | BEGIN_VALUE, DOUBLE_QUOTED | BEGIN_QUOTED,
			   SINGLE_QUOTED | BEGIN_QUOTED },
	[DOUBLE_QUOTED] = { DOUBLE_QUOTED, DOUBLE_QUOTED, DOUBLE_QUOTED, DOUBLE_QUOTED,
			    DOUBLE_QUOTED, AFTER_QUOTED | END_VALUE, DOUBLE_QUOTED },
	[SINGLE_QUOTED] = { SINGLE_QUOTED, SINGLE_QUOTED, SINGLE_QUOTED, SINGLE_QUOTED,
			    SINGLE_QUOTED, SINGLE_QUOTED, AFTER_QUOTED | END_VALUE },
	[UNQUOTED] = { UNQUOTED, BEFORE_NAME | END_VALUE, UNQUOTED, CLOSED | END_VALUE, UNQUOTED,
		       UNQUOTED, UNQUOTED },
	[AFTER_QUOTED] = { NAME | BEGIN_NAME, BEFORE_NAME, SELF_CLOSING, CLOSED, NAME | BEGIN_NAME,
			   NAME | BEGIN_NAME, NAME | BEGIN_NAME },
	[SELF_CLOSING] = { NAME | BEGIN_NAME, BEFORE_NAME, SELF_CLOSING, CLOSED | CLOSE_SELF,
			   NAME | BEGIN_NAME, NAME | BEGIN_NAME, NAME | BEGIN_NAME },
};

void eii_html_tag_begin(struct eii_html_tag_scan *scan, const char *p)
{
	*scan = (struct eii_html_tag_scan){ .p = p, .state = TAG_NAME };
}

bool eii_html_tag_is_complete(const struct eii_html_tag_scan *scan)
{
	return scan->state == CLOSED;
}

static void act(struct eii_html_tag_scan *scan, unsigned int action)
{
	struct eii_html_attribute *attribute = &scan->attribute;
	const char *p = scan->p;

	switch (action) {
	case BEGIN_NAME:
		attribute->name.data = p;
		attribute->value = eii_text(NULL, 0);
		scan->is_pending = true;
		break;
	case END_NAME:
		attribute->name.len = (size_t)(p - attribute->name.data);
		break;
	case BEGIN_VALUE:
	case BEGIN_QUOTED:
		attribute->value.data = p + (action == BEGIN_QUOTED);
		break;
	case END_VALUE:
		attribute->value.len = (size_t)(p - attribute->value.data);
		break;
	case CLOSE_SELF:
		scan->is_self_closing = true;
		break;
	default:
		break;
	}
}

/* Gives the attribute whose name was read; the id is not looked up yet. */
static void give(struct eii_html_tag_scan *scan, struct eii_html_attribute *out)
{
	*out = scan->attribute;
	scan->is_pending = false;
}

/* A value in quotes is found as a whole. */
static const char *skip_quoted(unsigned char state, const char *p, const char *end)
{
	const char *close = NULL;

	if (state == DOUBLE_QUOTED)
		close = memchr(p, '"', (size_t)(end - p));
	else if (state == SINGLE_QUOTED)
		close = memchr(p, '\'', (size_t)(end - p));
	else
		return p;
	return close ? close : end;
}

/*
 * name="value", as nearly all are, read without the table. False, and nothing is read,
 * where it is another form.
 */
static bool read_usual(struct eii_html_tag_scan *scan, const char *end,
		       struct eii_html_attribute *out)
{
	const char *name = scan->p;
	const char *name_end;
	const char *close;

	while (name < end && classes[(unsigned char)*name] == SPACE)
		name++;
	name_end = name;
	while (name_end < end && classes[(unsigned char)*name_end] == OTHER)
		name_end++;
	if (name_end == name || end - name_end < 2 || name_end[0] != '=' || name_end[1] != '"')
		return false;
	close = memchr(name_end + 2, '"', (size_t)(end - name_end) - 2);
	if (!close)
		return false;
	out->name = eii_html_between(name, name_end);
	out->value = eii_html_between(name_end + 2, close);
	scan->p = close + 1;
	scan->state = AFTER_QUOTED;
	return true;
}

/* Does an attribute's name come next, and nothing wait to be given? */
static bool is_between_attributes(const struct eii_html_tag_scan *scan)
{
	return !scan->is_pending && (scan->state == TAG_NAME || scan->state == BEFORE_NAME ||
				     scan->state == AFTER_QUOTED);
}

bool eii_html_tag_attribute(struct eii_html_tag_scan *scan, const char *end,
			    struct eii_html_attribute *out)
{
	if (is_between_attributes(scan) && read_usual(scan, end, out))
		return true;
	while (scan->state != CLOSED) {
		const unsigned char state = scan->state;
		const unsigned char *row = table[state];
		const char *p = skip_quoted(state, scan->p, end);
		unsigned char cell = state;
		bool is_given = false;

		while (p < end) {
			cell = row[classes[(unsigned char)*p]];
			if (cell != state)
				break;
			p++;
		}
		scan->p = p;
		if (p == end)
			return false;
		if (scan->is_pending && ACTION_OF(cell) == BEGIN_NAME) {
			give(scan, out);
			is_given = true;
		}
		act(scan, ACTION_OF(cell));
		scan->state = STATE_OF(cell);
		scan->p++;
		if (is_given)
			return true;
	}
	if (!scan->is_pending)
		return false;
	give(scan, out);
	return true;
}
