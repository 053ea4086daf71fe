/* SPDX-License-Identifier: Apache-2.0 */
/* The DOCTYPE states, one step for each of its words. */
#include "html_private.h"

static void skip_spaces(struct eii_html_tokenizer *t)
{
	while (t->p < t->end && eii_html_is_space(*t->p))
		t->p++;
}

static bool is_at(const struct eii_html_tokenizer *t, char c)
{
	return t->p < t->end && *t->p == c;
}

static void read_name(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	const char *start;

	skip_spaces(t);
	start = t->p;
	while (t->p < t->end && *t->p != '>' && !eii_html_is_space(*t->p))
		t->p++;
	if (t->p > start)
		out->text = eii_html_between(start, t->p);
	else
		out->is_quirks = true;
	skip_spaces(t);
}

/* A text in quotes; false, with the quirks, where it is not one or does not end. */
static bool read_id(struct eii_html_tokenizer *t, struct eii_html_token *out, struct eii_text *id)
{
	const char quote = *t->p;
	const char *start = t->p + 1;

	if (quote != '"' && quote != '\'') {
		out->is_quirks = true;
		return false;
	}
	for (t->p = start; t->p < t->end && *t->p != quote && *t->p != '>';)
		t->p++;
	*id = eii_html_between(start, t->p);
	if (!is_at(t, quote)) {
		out->is_quirks = true;
		return false;
	}
	t->p++;
	skip_spaces(t);
	return true;
}

/* Is there an id, or an end? An end in place of it brings the quirks. */
static bool has_id(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	skip_spaces(t);
	if (t->p < t->end && *t->p != '>')
		return true;
	out->is_quirks = true;
	return false;
}

static void read_system(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	(void)read_id(t, out, &out->system_id);
}

/* The public id; true: something follows it. */
static bool reads_on_after_public(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	return read_id(t, out, &out->public_id) && t->p < t->end && *t->p != '>';
}

static void read_ids(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	const struct eii_text rest = eii_html_between(t->p, t->end);
	const bool is_public = eii_text_starts_nocase(rest, "public");

	if (!is_public && !eii_text_starts_nocase(rest, "system")) {
		out->is_quirks = true;
		return;
	}
	t->p += 6;
	if (!has_id(t, out))
		return;
	if (!is_public || reads_on_after_public(t, out))
		read_system(t, out);
}

void eii_html_read_doctype(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	const char *const start = t->p;
	bool is_closed;

	*out = (struct eii_html_token){ .kind = EII_HTML_TOKEN_DOCTYPE };
	read_name(t, out);
	if (t->p < t->end && *t->p != '>')
		read_ids(t, out);
	/* An end of the input brings the quirks, but not once something wrong was skipped. */
	is_closed = t->p < t->end;
	if (!is_closed)
		out->is_quirks = true;
	while (t->p < t->end && *t->p != '>')
		t->p++;
	if (t->p < t->end)
		t->p++;
	t->steps += (size_t)(t->p - start);
}
