/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a mail as far as its structure needs it, and a mail made anew
 * for GMime: without the fields that do not matter, and without boundaries that
 * GMime reads otherwise than other mail programs.
 */
#include "eii/base/alloc.h"
#include "eii/mail/header_text.h"

#include "message_private.h"

bool eii_part_header_is_multipart(const struct eii_part_header *header)
{
	return eii_text_starts_nocase(eii_text_trim(header->type), "multipart/");
}

void eii_head_read(struct eii_message *message, struct eii_text bytes, struct eii_head *out)
{
	struct eii_header_walk headers;
	struct eii_header header;

	*out = (struct eii_head){ .is_clean = true };
	eii_header_walk_init(&headers, bytes);
	while (eii_header_walk_next(&headers, &header)) {
		if (headers.text.data - bytes.data > (ptrdiff_t)EII_LIMIT_HEADER_BLOCK_BYTES) {
			message->fields->defects |= EII_DEFECT_HEADERS_TOO_LONG;
			out->is_clean = false;
		}
		if (header.value.len > EII_LIMIT_HEADER_BYTES) {
			message->fields->defects |= EII_DEFECT_HEADER_TOO_LONG;
			out->is_clean = false;
		}
		eii_part_header_add(&out->part, header.name, header.value);
	}
	out->body = headers.text;
	out->is_clean = out->is_clean && headers.is_clean;
}

static void add_field(struct eii_buf *out, const char *name, struct eii_text value)
{
	if (!value.len)
		return;
	eii_buf_add_str(out, name);
	eii_buf_add_text(out, value);
	if (value.data[value.len - 1] != '\n')
		eii_buf_add_str(out, "\r\n");
}

/* A name that GMime is sure to find and a mail has not got. */
#define TAME_BOUNDARY  "=_eii_tame_boundary_7f3c1d"
#define BOUNDARY_SOUND 256 /* bytes that GMime can look for in one read */

/*
 * Is the boundary one that GMime reads otherwise than others do: longer than its
 * window, with blanks at the end (which do not count), or with a "--" there?
 */
static bool is_odd_boundary(struct eii_text raw, struct eii_text trimmed)
{
	return trimmed.len &&
	       (trimmed.len > BOUNDARY_SOUND || raw.len != trimmed.len ||
		(trimmed.len > 2 && !memcmp(trimmed.data + trimmed.len - 2, "--", 2)));
}

/* The body with each line of this boundary changed to the tame one. */
static void add_tamed(struct eii_buf *out, struct eii_text body, struct eii_text boundary)
{
	const char *end = body.data + body.len;
	const char *p = body.data;

	while (p < end) {
		const char *mark = memchr(p, '\n', (size_t)(end - p));
		const char *line_end = mark ? mark + 1 : end;
		size_t rest = (size_t)(line_end - p);
		struct eii_text tail;

		if (rest >= boundary.len + 2 && !memcmp(p, "--", 2) &&
		    !memcmp(p + 2, boundary.data, boundary.len)) {
			tail = eii_text(p + 2 + boundary.len, rest - 2 - boundary.len);
			if (!eii_text_trim(tail).len ||
			    (eii_text_trim(tail).len == 2 && eii_text_starts_nocase(tail, "--"))) {
				eii_buf_add_str(out, "--" TAME_BOUNDARY);
				p = tail.data;
			}
		}
		eii_buf_add(out, p, (size_t)(line_end - p));
		p = line_end;
	}
}

/* The mail's boundary into out; false where it has none. */
static bool find_boundary(const struct eii_head *head, struct eii_buf *out)
{
	struct eii_header_params params;

	eii_header_params_init(&params, head->part.type);
	return eii_header_params_raw(&params, "boundary", out) && out->len;
}

static bool tame(const struct eii_head *head, struct eii_buf *out)
{
	struct eii_buf boundary;
	struct eii_header_params params;
	bool is_odd;

	eii_buf_init(&boundary, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_header_params_init(&params, head->part.type);
	is_odd = find_boundary(head, &boundary) &&
		 is_odd_boundary(eii_buf_text(&boundary), eii_text_trim(eii_buf_text(&boundary)));
	if (is_odd) {
		eii_buf_add_str(out, "Content-Type: ");
		eii_buf_add_text(out, params.value);
		eii_buf_add_str(out, "; boundary=\"" TAME_BOUNDARY "\"\r\n\r\n");
		add_tamed(out, head->body, eii_text_trim(eii_buf_text(&boundary)));
	}
	eii_buf_clear(&boundary);
	return is_odd;
}

/* The mail with nothing in its header but what GMime needs. */
struct eii_text eii_head_rebuild(struct eii_message *message, const struct eii_head *head)
{
	struct eii_buf out;
	size_t len;

	eii_buf_init(&out, SIZE_MAX / 2);
	if (!tame(head, &out)) {
		add_field(&out, "Content-Type:", head->part.type);
		eii_buf_add_str(&out, "\r\n");
		eii_buf_add_text(&out, head->body);
	}
	len = out.len;
	return eii_message_keep_source(message, eii_buf_detach(&out), len);
}

/* Is there a line of the mail's boundary in its body? */
bool eii_head_has_boundary(const struct eii_head *head)
{
	struct eii_buf mark;
	bool found;

	eii_buf_init(&mark, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_buf_add_str(&mark, "--");
	found = find_boundary(head, &mark) &&
		memmem(head->body.data, head->body.len, mark.data, mark.len);
	eii_buf_clear(&mark);
	return found;
}
