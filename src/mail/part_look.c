/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a part says anything. Of most parts the first bytes tell it.
 */
#include "eii/mail/html.h"

#include "message_private.h"

/* Most texts say something in so many bytes, or in so many more. */
static const size_t glances[] = { 1024, 8192 };

static bool is_blank_text(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] > ' ')
			return false;
	}
	return true;
}

bool eii_part_is_page(const struct eii_part *part)
{
	return eii_part_is_html(part) || part->is_undeclared_html ||
	       (part->kind == EII_PART_LEAF && eii_part_is(part, "application/xhtml+xml"));
}

/* What a reader sees of it, or of its first bytes where these say enough. */
static void look_at_bytes(const struct eii_part *part, struct eii_look *look)
{
	struct eii_buf text;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	if (eii_part_is_page(part))
		eii_html_look_at(eii_buf_text(&text), look);
	else
		eii_look_at(eii_buf_text(&text), look);
	eii_buf_clear(&text);
}

/* So many bytes of the part, whole lines where it has lines. */
static struct eii_part beginning_of(const struct eii_part *part, size_t bytes)
{
	struct eii_part first = *part;
	const char *end = memrchr(part->raw.data, '\n', bytes);

	first.raw.len = end ? (size_t)(end - part->raw.data) : bytes;
	return first;
}

struct eii_look eii_part_look(const struct eii_part *part, size_t max)
{
	struct eii_look look;

	for (size_t i = 0; i < sizeof(glances) / sizeof(glances[0]); i++) {
		struct eii_part first;

		if (part->raw.len <= glances[i])
			break;
		first = beginning_of(part, glances[i]);
		look = (struct eii_look){ .max = max };
		look_at_bytes(&first, &look);
		if (eii_look_is_over(&look))
			return look;
	}
	look = (struct eii_look){ .max = max };
	look_at_bytes(part, &look);
	return look;
}

static bool is_blank_when_decoded(const struct eii_part *part)
{
	struct eii_buf text;
	bool is_blank;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	is_blank = is_blank_text(eii_buf_text(&text));
	eii_buf_clear(&text);
	return is_blank;
}

bool eii_part_is_blank(const struct eii_part *part)
{
	struct eii_part first;

	if (part->is_judged && !eii_part_is_page(part))
		return eii_part_look(part, 1).n_visible == 0;
	/* The usual case costs nothing: a letter in the first bytes. */
	if (part->transfer == EII_TRANSFER_IDENTITY && part->raw.len < 4096 &&
	    !is_blank_text(part->raw))
		return false;
	if (part->raw.len > glances[0]) {
		first = beginning_of(part, glances[0]);
		if (!is_blank_when_decoded(&first))
			return false;
	}
	return is_blank_when_decoded(part);
}
