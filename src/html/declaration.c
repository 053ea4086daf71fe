/* SPDX-License-Identifier: Apache-2.0 */
/* The comment states, and what is read as a comment though it is none. */
#include <string.h>

#include "html_private.h"

static void put_comment(struct eii_html_tokenizer *t, struct eii_html_token *out,
			struct eii_text text, const char *next)
{
	out->kind = EII_HTML_TOKEN_COMMENT;
	out->text = text;
	t->steps += (size_t)(next - t->p);
	t->p = next;
}

void eii_html_read_bogus_comment(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	const char *close = memchr(t->p, '>', (size_t)(t->end - t->p));

	if (close)
		put_comment(t, out, eii_html_between(t->p, close), close + 1);
	else
		put_comment(t, out, eii_html_between(t->p, t->end), t->end);
}

/* Bytes of a comment's end at the dash p: "-->" or "--!>"; 0: none. */
static size_t end_at(const char *p, const char *end)
{
	if (end - p >= 3 && p[1] == '-' && p[2] == '>')
		return 3;
	if (end - p >= 4 && memcmp(p, "--!>", 4) == 0)
		return 4;
	return 0;
}

/* What of an unclosed comment's last bytes is no part of it: "-", "--", "--!". */
static size_t unfinished_end(struct eii_text comment)
{
	static const char *const ends[] = { "--!", "--", "-" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const size_t n = strlen(ends[i]);

		if (comment.len >= n && memcmp(comment.data + comment.len - n, ends[i], n) == 0)
			return n;
	}
	return 0;
}

/* Behind "<!--". */
static void read_comment(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	const char *const start = t->p;
	struct eii_text rest = eii_html_between(start, t->end);

	if (rest.len >= 1 && *start == '>') {
		put_comment(t, out, eii_text(start, 0), start + 1);
		return;
	}
	if (rest.len >= 2 && start[0] == '-' && start[1] == '>') {
		put_comment(t, out, eii_text(start, 0), start + 2);
		return;
	}
	for (const char *p = start; p < t->end; p++) {
		size_t n;

		p = memchr(p, '-', (size_t)(t->end - p));
		if (!p)
			break;
		n = end_at(p, t->end);
		if (n) {
			put_comment(t, out, eii_html_between(start, p), p + n);
			return;
		}
	}
	rest.len -= unfinished_end(rest);
	put_comment(t, out, rest, t->end);
}

void eii_html_read_declaration(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	struct eii_text rest;

	t->p += 2; /* "<!" */
	rest = eii_html_between(t->p, t->end);
	if (rest.len >= 2 && memcmp(rest.data, "--", 2) == 0) {
		t->p += 2;
		read_comment(t, out);
	} else if (rest.len >= 7 && eii_text_starts_nocase(rest, "doctype")) {
		t->p += 7;
		eii_html_read_doctype(t, out);
	} else {
		eii_html_read_bogus_comment(t, out);
	}
}
