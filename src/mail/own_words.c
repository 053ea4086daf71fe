/* SPDX-License-Identifier: Apache-2.0 */
/* What the sender of a mail wrote, apart from messages that are in it. */
#include "eii/mail/html.h"
#include "eii/mail/tlp.h"

#include "message_private.h"

#define OWN_BYTES 65536 /* of its beginning, and of the first lines never more */

static void add_lines(const struct eii_part *part, struct eii_buf *out)
{
	struct eii_buf text;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	if (eii_part_is_page(part))
		eii_html_lines(eii_buf_text(&text), out);
	else
		(void)eii_content_add_cut(out, eii_buf_text(&text));
	eii_buf_clear(&text);
	(void)eii_content_add_cut(out, eii_text_of("\n"));
}

enum eii_tlp eii_message_tlp(const struct eii_message *message)
{
	const enum eii_tlp subject = eii_tlp_find(message->fields->subject);
	struct eii_buf words;
	enum eii_tlp body;

	eii_buf_init(&words, OWN_BYTES);
	for (size_t i = 0; i < message->n_parts && words.len < words.max; i++) {
		const struct eii_part *part = &message->parts[i];

		if (part->is_in_content && !part->messages)
			add_lines(part, &words);
	}
	body = eii_tlp_find_own(eii_buf_text(&words));
	eii_buf_clear(&words);
	return body > subject ? body : subject;
}
