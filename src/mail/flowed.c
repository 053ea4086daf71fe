/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flowed text (RFC 3676, 4): a line that ends in a blank goes on in the next one, if both
 * have as many quotation marks; with DelSp the blank is none of the text, so that a long
 * address can stand on several lines.
 */
#include "message_private.h"

struct line {
	struct eii_text text; /* without quotation marks, stuffing and line end */
	size_t depth;         /* quotation marks */
	struct eii_text end;
};

static struct line take_line(struct eii_text *rest)
{
	const char *mark = memchr(rest->data, '\n', rest->len);
	const size_t all = mark ? (size_t)(mark - rest->data) + 1 : rest->len;
	struct line line = { .text = eii_text(rest->data, all) };

	if (mark)
		line.text.len -= all > 1 && mark[-1] == '\r' ? 2 : 1;
	line.end = eii_text(rest->data + line.text.len, all - line.text.len);
	*rest = eii_text(rest->data + all, rest->len - all);
	while (line.depth < line.text.len && line.text.data[line.depth] == '>')
		line.depth++;
	line.text = eii_text(line.text.data + line.depth, line.text.len - line.depth);
	if (line.text.len && *line.text.data == ' ')
		line.text = eii_text(line.text.data + 1, line.text.len - 1);
	return line;
}

/* "-- " begins a signature (4.3) and goes on in no other line. */
static bool goes_on(const struct line *line)
{
	return line->text.len && line->text.data[line->text.len - 1] == ' ' &&
	       !eii_text_equal(line->text, eii_text_of("-- "));
}

static void add_marks(size_t depth, struct eii_buf *out)
{
	for (size_t i = 0; i < depth; i++)
		eii_buf_add_char(out, '>');
	if (depth)
		eii_buf_add_char(out, ' ');
}

void eii_flowed_join(struct eii_text text, enum eii_flow flow, struct eii_buf *out)
{
	struct line before = { .depth = 0 };
	bool is_open = false; /* the line before goes on */

	while (text.len) {
		struct line line = take_line(&text);
		bool is_signature = eii_text_equal(line.text, eii_text_of("-- "));

		if (is_open && (line.depth != before.depth || is_signature)) {
			eii_buf_add_text(out, before.end);
			is_open = false;
		}
		if (!is_open)
			add_marks(line.depth, out);
		is_open = goes_on(&line);
		if (is_open && flow == EII_FLOW_DROP_BLANKS)
			line.text.len--;
		eii_buf_add_text(out, line.text);
		if (!is_open || !text.len)
			eii_buf_add_text(out, line.end);
		before = line;
	}
}

void eii_calendar_unfold(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		const char *p = text.data + i;
		const size_t left = text.len - i;
		const size_t n_end = left > 1 && p[0] == '\r' && p[1] == '\n' ? 2 : *p == '\n';

		if (n_end && left > n_end && (p[n_end] == ' ' || p[n_end] == '\t')) {
			i += n_end;
		} else if (left > 1 && *p == '\\' && p[1] && strchr("\\;,:nN", p[1])) {
			i++;
			eii_buf_add_char(out, eii_ascii_lower(p[1]) == 'n' ? '\n' : p[1]);
		} else {
			eii_buf_add_char(out, *p);
		}
	}
}
