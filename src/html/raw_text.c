/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where text ends that knows no tags but its own end: the RCDATA, RAWTEXT and script
 * data states. A script may hold "<!-- <script> </script> -->" without an end.
 */
#include <string.h>

#include "html_private.h"

enum escape { PLAIN, ESCAPED, DOUBLY_ESCAPED };

bool eii_html_is_name_at(const char *p, const char *end, struct eii_text name)
{
	if ((size_t)(end - p) <= name.len || !eii_html_ends_name(p[name.len]))
		return false;
	return eii_text_equal_nocase(eii_text(p, name.len), name);
}

/* Is p, which is a '<', the element's end tag? */
static bool is_end_tag(const char *p, const char *end, struct eii_text name)
{
	return end - p > 2 && p[1] == '/' && eii_html_is_name_at(p + 2, end, name);
}

static const char *find_end_tag(const char *p, const char *end, struct eii_text name)
{
	for (; p < end; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (!p)
			return end;
		if (is_end_tag(p, end, name))
			return p;
	}
	return end;
}

/* What a '<' at p makes of the state; p is moved over what it takes. */
static enum escape after_less(const char **p, const char *end, enum escape escape)
{
	static const struct eii_text script = { "script", 6 };
	const char *at = *p;

	*p = at + 1;
	if (escape == PLAIN) {
		if (end - at < 4 || memcmp(at, "<!--", 4) != 0)
			return PLAIN;
		*p = at + 2; /* its dashes may be those of "-->" */
		return ESCAPED;
	}
	if (escape == ESCAPED && eii_html_is_name_at(at + 1, end, script))
		return DOUBLY_ESCAPED;
	if (escape == DOUBLY_ESCAPED && end - at > 1 && at[1] == '/' &&
	    eii_html_is_name_at(at + 2, end, script))
		return ESCAPED;
	return escape;
}

static const char *find_script_end(const char *p, const char *end, struct eii_text name)
{
	enum escape escape = PLAIN;

	while (p < end) {
		if (*p == '<') {
			if (escape != DOUBLY_ESCAPED && is_end_tag(p, end, name))
				return p;
			escape = after_less(&p, end, escape);
		} else if (escape != PLAIN && *p == '-' && end - p > 2 && p[1] == '-' &&
			   p[2] == '>') {
			escape = PLAIN;
			p += 3;
		} else {
			p++;
		}
	}
	return end;
}

const char *eii_html_raw_end(const char *p, const char *end, enum eii_html_content content,
			     struct eii_text name)
{
	switch (content) {
	case EII_HTML_RCDATA:
	case EII_HTML_RAWTEXT:
		return name.len ? find_end_tag(p, end, name) : end;
	case EII_HTML_SCRIPT:
		return name.len ? find_script_end(p, end, name) : end;
	case EII_HTML_CDATA:
		p = memmem(p, (size_t)(end - p), "]]>", 3);
		return p ? p : end;
	case EII_HTML_DATA:
	case EII_HTML_PLAINTEXT:
		break;
	}
	return end;
}
