/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a TNEF stream: HTML, else HTML that its RTF holds, else plain text,
 * else the text of the RTF. The plain text in front of it is its alternative.
 */
#include "winmail_private.h"

#define SHORT_TEXT 256 /* bytes of a text that it costs nothing to compare */

/* Properties ([MS-OXPROPS]). */
#define BODY          0x1000
#define BODY_RTF      0x1009
#define BODY_HTML     0x1013
#define INTERNET_PAGE 0x3fde

#define BRANCH_IN_FRONT SIZE_MAX /* no delimiter begins so many */

struct bodies {
	struct eii_winmail_words plain;
	struct eii_winmail_words html;
	struct eii_text rtf;
	unsigned int internet_page; /* of HTML in bytes; 0 = not told */
};

struct eii_winmail_words eii_winmail_words_of(const struct eii_mapi_property *property)
{
	return (struct eii_winmail_words){ property->value, property->type == EII_MAPI_UNICODE };
}

/* Without the NUL at the end. */
struct eii_text eii_winmail_bytes(struct eii_winmail_words words)
{
	struct eii_text bytes = words.bytes;
	size_t unit = words.is_utf16 ? 2 : 1;

	while (bytes.len >= unit && !bytes.data[bytes.len - 1] && !bytes.data[bytes.len - unit])
		bytes.len -= unit;
	return bytes;
}

void eii_winmail_label(struct eii_winmail_words words, unsigned int code_page,
		       char out[EII_CODE_PAGE_LABEL_MAX])
{
	if (words.is_utf16)
		memcpy(out, "utf-16le", sizeof("utf-16le"));
	else
		eii_code_page_label(code_page, out);
}

void eii_winmail_note_cut(struct eii_message *message, bool value)
{
	if (value)
		message->fields->defects |= EII_DEFECT_TNEF_NOT_READ;
}

static void note_body_property(struct bodies *bodies, const struct eii_mapi_property *property)
{
	switch (property->id) {
	case BODY:
		bodies->plain = eii_winmail_words_of(property);
		break;
	case BODY_HTML:
		bodies->html = eii_winmail_words_of(property);
		break;
	case BODY_RTF:
		bodies->rtf = property->value;
		break;
	case INTERNET_PAGE:
		bodies->internet_page = eii_tnef_number(property->value, 0);
		break;
	default:
		break;
	}
}

/* All that a stream says of its own text; it is walked through once for that. */
static void find_bodies(struct eii_winmail *o, struct eii_winmail_level *level, struct bodies *out)
{
	struct eii_tnef_walk walk = level->walk;
	struct eii_tnef_attribute attribute;
	struct eii_mapi_property property;
	struct eii_mapi_walk properties;

	*out = (struct bodies){ .internet_page = 0 };
	while (eii_tnef_walk_next(&walk, &attribute)) {
		if (attribute.is_of_file)
			continue;
		if (attribute.id == EII_TNEF_CODE_PAGE)
			level->code_page = eii_tnef_number(attribute.data, EII_WINMAIL_CODE_PAGE);
		else if (attribute.id == EII_TNEF_BODY)
			out->plain = (struct eii_winmail_words){ attribute.data, false };
		if (attribute.id != EII_TNEF_MESSAGE_PROPS)
			continue;
		eii_mapi_walk_init(&properties, attribute.data);
		while (eii_mapi_walk_next(&properties, &property))
			note_body_property(out, &property);
		eii_winmail_note_cut(o->message, properties.is_cut);
	}
	eii_winmail_note_cut(o->message, walk.is_cut);
}

static struct eii_part *add_part(struct eii_winmail *o, const char *type, struct eii_text bytes,
				 size_t alternative)
{
	const struct eii_part_header header = { .type = eii_text_of(type) };
	struct eii_place place = o->place;
	struct eii_part *part;

	place.alternative = alternative;
	part = eii_message_add_part(o->message, &header, &place);
	if (part)
		part->raw = bytes;
	return part;
}

static void add_body(struct eii_winmail *o, const char *type, struct eii_winmail_words words,
		     unsigned int code_page, size_t alternative)
{
	struct eii_part *part = add_part(o, type, eii_winmail_bytes(words), alternative);

	if (part)
		eii_winmail_label(words, code_page, part->charset);
}

/* The texts that stand in front, in the same place and without a name. */
static bool is_text_before(const struct eii_winmail *o, const struct eii_part *part)
{
	return part->messages == o->place.messages && part->alternative == o->place.alternative &&
	       eii_part_is_text(part) && !part->name.len &&
	       part->disposition != EII_DISPOSITION_ATTACHMENT;
}

/* Of the two alternatives the first; the stream's own body is the other. */
static void stand_in_front(struct eii_part *part, size_t alternative)
{
	part->alternative = alternative;
	part->branch = BRANCH_IN_FRONT;
}

/* A new multipart/alternative with what stands in front; of a message in it there is nothing. */
static size_t open_alternative(struct eii_winmail *o)
{
	size_t alternative;

	if (o->n_levels > 1)
		return o->place.alternative;
	alternative = eii_message_open_alternative(o->message, &o->place);
	for (size_t i = 0; i < o->message->n_parts; i++) {
		if (is_text_before(o, &o->message->parts[i]))
			stand_in_front(&o->message->parts[i], alternative);
	}
	return alternative;
}

/* Next character that is no white space, or end. */
static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ')
		p++;
	return p;
}

/* The same but for white space? */
static bool are_same_words(struct eii_text a, struct eii_text b)
{
	const char *p = skip_blanks(a.data, a.data + a.len);
	const char *q = skip_blanks(b.data, b.data + b.len);

	while (p < a.data + a.len && q < b.data + b.len && *p == *q) {
		p = skip_blanks(p + 1, a.data + a.len);
		q = skip_blanks(q + 1, b.data + b.len);
	}
	return p == a.data + a.len && q == b.data + b.len;
}

/* Can they be the same? So that a long text is not read for each of many short ones. */
static bool are_alike(const struct eii_part *a, const struct eii_part *b)
{
	return a->raw.len / 8 <= b->raw.len + SHORT_TEXT &&
	       b->raw.len / 8 <= a->raw.len + SHORT_TEXT;
}

/* Takes the last part, a plain text, away where the text in front of it says the same. */
static void drop_repeated(struct eii_winmail *o)
{
	struct eii_message *message = o->message;
	struct eii_part *last = &message->parts[message->n_parts - 1];
	const struct eii_part *before = NULL;
	struct eii_buf a;
	struct eii_buf b;
	bool is_same;

	for (size_t i = message->n_parts - 1; i > 0 && !before; i--) {
		if (is_text_before(o, &message->parts[i - 1]))
			before = &message->parts[i - 1];
	}
	if (!before || o->n_levels > 1 || !are_alike(before, last))
		return;
	eii_part_init_text(last, &a);
	eii_part_init_text(before, &b);
	eii_part_decode_text(last, &a);
	eii_part_decode_text(before, &b);
	is_same = are_same_words(eii_buf_text(&a), eii_buf_text(&b));
	eii_buf_clear(&a);
	eii_buf_clear(&b);
	if (is_same)
		message->n_parts--;
}

static void add_plain(struct eii_winmail *o, const struct bodies *bodies, unsigned int code_page)
{
	size_t n = o->message->n_parts;

	add_body(o, "text/plain", bodies->plain, code_page, o->place.alternative);
	if (o->message->n_parts > n)
		drop_repeated(o);
}

/* The text that was got out of RTF; out is taken. */
static void add_read_rtf(struct eii_winmail *o, enum eii_rtf kind, struct eii_buf *out)
{
	size_t n = o->message->n_parts;
	size_t len = out->len;
	struct eii_text text = eii_message_keep_source(o->message, eii_buf_detach(out), len);
	struct eii_part *part;

	if (kind == EII_RTF_HTML)
		part = add_part(o, "text/html", text, open_alternative(o));
	else
		part = add_part(o, "text/plain", text, o->place.alternative);
	if (!part)
		return;
	memcpy(part->charset, "utf-8", sizeof("utf-8"));
	if (kind == EII_RTF_TEXT && o->message->n_parts > n)
		drop_repeated(o);
}

/* RTF in which no text was found, as a file. */
static void keep_rtf(struct eii_winmail *o, struct eii_buf *rtf)
{
	size_t len = rtf->len;
	struct eii_text bytes = eii_message_keep_source(o->message, eii_buf_detach(rtf), len);
	struct eii_part *part = add_part(o, "application/rtf", bytes, o->place.alternative);

	if (part)
		part->name = eii_fields_keep(o->message->fields, eii_text_of("body.rtf"));
}

static bool has_words(const struct eii_buf *text)
{
	return skip_blanks(text->data, text->data + text->len) < text->data + text->len;
}

/* Is there more in it than its words? */
static bool has_pictures(const struct eii_buf *rtf)
{
	return memmem(rtf->data, rtf->len, "\\pict", 5) ||
	       memmem(rtf->data, rtf->len, "\\objdata", 8);
}

/* Of a mail with a plain text only HTML in its RTF is wanted. */
static bool add_rtf(struct eii_winmail *o, const struct bodies *bodies)
{
	bool has_plain = eii_winmail_bytes(bodies->plain).len > 0;
	struct eii_buf rtf;
	struct eii_buf out;
	enum eii_rtf kind;
	bool is_added;

	if (!bodies->rtf.len)
		return false;
	eii_buf_init(&rtf, EII_LIMIT_RTF_BYTES);
	eii_buf_init(&out, EII_LIMIT_RTF_BYTES);
	eii_winmail_note_cut(o->message, !eii_rtf_decompress(bodies->rtf, &rtf));
	kind = eii_rtf_read(eii_buf_text(&rtf), &out);
	eii_winmail_note_cut(o->message, !eii_buf_ok(&out));
	is_added = has_words(&out) && (kind == EII_RTF_HTML || !has_plain);
	if (is_added)
		add_read_rtf(o, kind, &out);
	else if (!has_plain && rtf.len && (kind == EII_RTF_NONE || has_pictures(&rtf)))
		keep_rtf(o, &rtf);
	eii_buf_clear(&out);
	eii_buf_clear(&rtf);
	return is_added;
}

void eii_winmail_read_bodies(struct eii_winmail *o, struct eii_winmail_level *level)
{
	struct bodies bodies;

	find_bodies(o, level, &bodies);
	if (eii_winmail_bytes(bodies.html).len) {
		unsigned int page = bodies.internet_page;

		add_body(o, "text/html", bodies.html, page ? page : level->code_page,
			 open_alternative(o));
	} else if (!add_rtf(o, &bodies) && eii_winmail_bytes(bodies.plain).len) {
		add_plain(o, &bodies, level->code_page);
	}
}
