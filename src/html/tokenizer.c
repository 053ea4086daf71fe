/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/html/tokenizer.h"

#include <string.h>

#include "eii/base/bytes.h"

#include "html_private.h"

/* What ends a run of characters, by content, and what ends a tag's name. */
enum stop {
	STOP_DATA = 1,   /* DATA: '<', '&', CR, NUL */
	STOP_RCDATA = 2, /* '&', CR, NUL */
	STOP_RAW = 4,    /* CR, NUL */
	STOP_NAME = 8,   /* white space, '/', '>' */
};

static const unsigned char stops[256] = {
	['<'] = STOP_DATA,
	['&'] = STOP_DATA | STOP_RCDATA,
	['\r'] = STOP_DATA | STOP_RCDATA | STOP_RAW | STOP_NAME,
	['\0'] = STOP_DATA | STOP_RCDATA | STOP_RAW,
	['\t'] = STOP_NAME,
	['\n'] = STOP_NAME,
	['\f'] = STOP_NAME,
	[' '] = STOP_NAME,
	['/'] = STOP_NAME,
	['>'] = STOP_NAME,
};

static const unsigned char stop_of[] = {
	[EII_HTML_DATA] = STOP_DATA,     [EII_HTML_RCDATA] = STOP_RCDATA,
	[EII_HTML_RAWTEXT] = STOP_RAW,   [EII_HTML_SCRIPT] = STOP_RAW,
	[EII_HTML_PLAINTEXT] = STOP_RAW, [EII_HTML_CDATA] = STOP_RAW,
};

void eii_html_tokenizer_init(struct eii_html_tokenizer *t, struct eii_text html)
{
	static const char nothing[1];

	/* The kept attributes are many, and are written before they are read. */
	t->p = html.len ? html.data : nothing;
	t->end = t->p + html.len;
	t->raw_end = t->end;
	t->content = EII_HTML_DATA;
	t->allows_cdata = false;
	t->n_kept = 0;
	t->n_given = 0;
	t->has_rest = false;
	t->unfinished = eii_text(NULL, 0);
	t->steps = 0;
}

void eii_html_tokenizer_enter(struct eii_html_tokenizer *t, enum eii_html_content content,
			      struct eii_text name)
{
	t->content = content;
	t->raw_end = eii_html_raw_end(t->p, t->end, content, name);
	t->steps += (size_t)(t->raw_end - t->p);
}

void eii_html_tokenizer_set_cdata(struct eii_html_tokenizer *t, enum eii_html_cdata cdata)
{
	t->allows_cdata = cdata == EII_HTML_CDATA_IS_TEXT;
}

static void put_text(struct eii_html_tokenizer *t, struct eii_html_token *out, struct eii_text text,
		     size_t taken)
{
	out->kind = EII_HTML_TOKEN_TEXT;
	out->text = text;
	t->p += taken;
	t->steps += taken;
}

/* Of any content. */
static bool has_stop(eii_bytes bytes)
{
	return eii_bytes_any((bytes == '<') | (bytes == '&') | (bytes == '\r') | (bytes == 0));
}

static void put_run(struct eii_html_tokenizer *t, const char *end, struct eii_html_token *out)
{
	const unsigned char stop = stop_of[t->content];
	const char *p = t->p;
	struct eii_text run;

	while (end - p >= EII_BYTES && !has_stop(eii_bytes_at(p)))
		p += EII_BYTES;
	while (p < end && !(stops[(unsigned char)*p] & stop))
		p++;
	run = eii_html_between(t->p, p);
	put_text(t, out, run, run.len);
}

static void put_reference(struct eii_html_tokenizer *t, const char *end, struct eii_html_token *out)
{
	struct eii_text said = eii_text(t->p, 1);
	const size_t n = eii_html_reference(t->p, end, EII_HTML_IN_TEXT, &said, t->piece);

	put_text(t, out, said, n ? n : 1);
}

static void put_nul(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	if (t->content == EII_HTML_DATA || t->content == EII_HTML_CDATA)
		put_text(t, out, eii_text(t->p, 1), 1);
	else
		put_text(t, out, eii_text_of("\xef\xbf\xbd"), 1);
}

/* Characters up to end; t->p is before it, and not at a '<' that begins markup. */
static void read_text(struct eii_html_tokenizer *t, const char *end, struct eii_html_token *out)
{
	if (!(stops[(unsigned char)*t->p] & stop_of[t->content])) {
		put_run(t, end, out);
	} else if (*t->p == '&') {
		put_reference(t, end, out);
	} else if (*t->p == '\0') {
		put_nul(t, out);
	} else if (*t->p == '\r' && t->end - t->p > 1 && t->p[1] == '\n') {
		t->p++; /* the LF begins the next run */
		put_run(t, end, out);
	} else {
		put_text(t, out, eii_text(*t->p == '\r' ? "\n" : t->p, 1), 1);
	}
}

/* Reads the tag's attributes up to its end; false: the input ends in it. */
static bool read_attributes(struct eii_html_tokenizer *t, struct eii_html_tag_scan *scan)
{
	struct eii_html_attribute beyond;

	t->n_kept = 0;
	t->n_given = 0;
	t->has_rest = false;
	while (t->n_kept < EII_HTML_ATTRIBUTES_KEPT) {
		if (!eii_html_tag_attribute(scan, t->end, &t->kept[t->n_kept]))
			return eii_html_tag_is_complete(scan);
		t->n_kept++;
	}
	t->rest = *scan;
	t->has_rest = true;
	while (eii_html_tag_attribute(scan, t->end, &beyond))
		continue;
	return eii_html_tag_is_complete(scan);
}

/* A tag without attributes. */
static void put_tag(struct eii_html_tokenizer *t, enum eii_html_token_kind kind,
		    struct eii_text name, struct eii_html_token *out)
{
	const char *next = name.data + name.len + 1;

	out->kind = kind;
	out->text = name;
	out->tag = eii_html_tag_find(name);
	t->steps += (size_t)(next - t->p);
	t->p = next;
}

/* A tag whose name begins at p. A tag that does not end is nothing, nor what follows. */
static void read_tag(struct eii_html_tokenizer *t, const char *p, enum eii_html_token_kind kind,
		     struct eii_html_token *out)
{
	struct eii_html_tag_scan scan;
	const char *name_end = p;

	while (name_end < t->end && !(stops[(unsigned char)*name_end] & STOP_NAME))
		name_end++;
	if (name_end < t->end && *name_end == '>') {
		t->n_kept = 0;
		t->n_given = 0;
		t->has_rest = false;
		put_tag(t, kind, eii_html_between(p, name_end), out);
		return;
	}
	eii_html_tag_begin(&scan, name_end);
	if (!read_attributes(t, &scan)) {
		t->unfinished = eii_html_between(t->p, t->end);
		t->steps += t->unfinished.len;
		t->p = t->end;
		return;
	}
	out->kind = kind;
	out->text = eii_html_between(p, name_end);
	out->tag = eii_html_tag_find(out->text);
	out->is_self_closing = scan.is_self_closing;
	t->steps += (size_t)(scan.p - t->p);
	t->p = scan.p;
}

static void enter_cdata(struct eii_html_tokenizer *t)
{
	t->p += strlen("<![CDATA[");
	eii_html_tokenizer_enter(t, EII_HTML_CDATA, eii_text(NULL, 0));
}

static bool is_cdata(const struct eii_html_tokenizer *t)
{
	return t->allows_cdata && t->end - t->p >= 9 && memcmp(t->p, "<![CDATA[", 9) == 0;
}

/* At a "</". "</>" is nothing. */
static void read_end(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	if (t->end - t->p == 2) {
		put_text(t, out, eii_text(t->p, 2), 2);
	} else if (eii_is_ascii_alpha(t->p[2])) {
		read_tag(t, t->p + 2, EII_HTML_TOKEN_END, out);
	} else if (t->p[2] == '>') {
		t->p += 3;
	} else {
		t->p += 2;
		eii_html_read_bogus_comment(t, out);
	}
}

/* At a '<' in DATA. out keeps the kind EOF where it turns out to be nothing. */
static void read_markup(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	const char next = t->end - t->p > 1 ? t->p[1] : '\0';

	if (eii_is_ascii_alpha(next)) {
		read_tag(t, t->p + 1, EII_HTML_TOKEN_START, out);
	} else if (next == '/') {
		read_end(t, out);
	} else if (next == '!' && is_cdata(t)) {
		enter_cdata(t);
	} else if (next == '!') {
		eii_html_read_declaration(t, out);
	} else if (next == '?') {
		t->p++;
		eii_html_read_bogus_comment(t, out);
	} else {
		put_text(t, out, eii_text(t->p, 1), 1);
	}
}

/* At the end of RCDATA and the like. */
static void leave(struct eii_html_tokenizer *t)
{
	if (t->content == EII_HTML_CDATA)
		t->p += strlen("]]>");
	t->content = EII_HTML_DATA;
	t->raw_end = t->end;
}

void eii_html_next(struct eii_html_tokenizer *t, struct eii_html_token *out)
{
	out->kind = EII_HTML_TOKEN_EOF;
	out->tag = EII_HTML_TAG_OTHER;
	out->is_self_closing = false;
	while (out->kind == EII_HTML_TOKEN_EOF && t->p < t->end) {
		if (t->p == t->raw_end)
			leave(t);
		else if (t->content == EII_HTML_DATA && *t->p == '<')
			read_markup(t, out);
		else
			read_text(t, t->raw_end, out);
	}
}

bool eii_html_next_attribute(struct eii_html_tokenizer *t, struct eii_html_attribute *out)
{
	if (t->n_given < t->n_kept)
		*out = t->kept[t->n_given++];
	else if (!t->has_rest || !eii_html_tag_attribute(&t->rest, t->end, out))
		return false;
	else
		t->steps += out->name.len + out->value.len;
	out->id = eii_html_attribute_find(out->name);
	return true;
}
