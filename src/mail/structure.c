/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MIME tree as a flat list of parts. A mail that is one part is cut here; a
 * multipart goes to GMime, by its part parser: unlike its message parser it
 * leaves the addresses of the top header alone.
 */
#include <gmime/gmime.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "eii/mail/header_text.h"

#include "message_private.h"
#include "source.h"

/* A multipart up to this size goes to GMime without the header fields that are no Content-*. */
#define COPY_MAX 65536u

/* Lines "--…" that a mail may have before the rest is no longer looked at. */
#define DASH_LINES_MAX 40000u

/* Nested encoded messages that are read as messages; deeper ones are files. */
#define ENCODED_MESSAGES_MAX 16

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded);
static void read_multipart_mail(struct eii_message *message, struct eii_text bytes,
				const struct eii_head *head, const struct eii_place *place,
				unsigned int encoded);
static void walk(struct eii_source *source, GMimeObject *object, const struct eii_place *place);

/* Is a "message/..." read for its text, though it is no whole message? */
static bool is_message_piece(const char *type)
{
	return !strcmp(type, "message/partial");
}

static bool is_message_type(const char *type)
{
	return !strcmp(type, "message/rfc822") || !strcmp(type, "message/news") ||
	       !strcmp(type, "message/global");
}

/* ---- messages in messages -------------------------------------------------- */

/* Subject of an inner message as a file name, where the part has no name. */
static void name_message(struct eii_message *message, struct eii_part *part)
{
	struct eii_header_walk headers;
	struct eii_header header;
	struct eii_buf name;

	if (part->name.len)
		return;
	eii_buf_init(&name, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_header_walk_init(&headers, part->raw);
	while (!name.len && eii_header_walk_next(&headers, &header)) {
		if (header.value.len < EII_LIMIT_HEADER_BYTES &&
		    eii_text_equal_nocase(header.name, eii_text_of("subject")))
			eii_header_text_decode(header.value, &name);
	}
	name.len = eii_utf8_cut(eii_buf_text(&name), EII_LIMIT_FILE_NAME_BYTES - 4);
	if (!name.len)
		eii_buf_add_str(&name, "forwarded");
	eii_buf_add_str(&name, ".eml");
	part->name = eii_fields_keep(message->fields, eii_buf_text(&name));
	eii_buf_clear(&name);
}

static struct eii_place inside_message(const struct eii_place *place)
{
	return (struct eii_place){
		.depth = place->depth + 1,
		.messages = place->messages + 1,
		.opened = place->opened,
		.alternative = EII_NO_INDEX,
		.is_root = true,
	};
}

/* The part's decoded bytes, kept as long as the message. */
static struct eii_text decode_source(struct eii_message *message, const struct eii_part *part)
{
	struct eii_buf bytes;
	size_t len;

	eii_buf_init(&bytes, part->raw.len + 64);
	eii_part_decode(part, &bytes);
	len = bytes.len;
	return eii_message_keep_source(message, eii_buf_detach(&bytes), len);
}

/* A leaf of type message/rfc822 that is base64 or quoted-printable: decode, then read. */
static void read_encoded_message(struct eii_message *message, struct eii_part *part,
				 const struct eii_place *place, unsigned int encoded)
{
	struct eii_place inside = inside_message(place);
	struct eii_text bytes = decode_source(message, part);

	part->raw = bytes;
	part->kind = EII_PART_MESSAGE;
	name_message(message, part);
	/* The list of parts grows now: part is gone. */
	read_bytes(message, bytes, &inside, encoded + 1);
}

/* ---- what is signed -------------------------------------------------------- */

/* A part that is all of what was signed. */
static void add_signed(struct eii_message *message, const struct eii_smime_content *content,
		       const char *type, const struct eii_place *place)
{
	const struct eii_part_header header = { .type = eii_text_of(type) };
	struct eii_part *part = eii_message_add_part(message, &header, place);

	if (!part)
		return;
	part->raw = content->bytes;
	part->name = content->name;
}

/* What is signed stands behind the part that it is in, as content and files of the mail. */
static void read_signed(struct eii_message *message, const struct eii_part *part,
			const struct eii_place *place, unsigned int encoded)
{
	struct eii_smime_content content;
	struct eii_place inside = *place;

	if (place->opened == EII_LIMIT_OPENED || place->depth >= EII_LIMIT_DEPTH) {
		message->fields->defects |= EII_DEFECT_TOO_DEEP;
		return;
	}
	inside.depth++;
	inside.opened++;
	inside.is_root = true;
	/* The list of parts grows then: part is gone. */
	switch (eii_smime_open(message, part, &content)) {
	case EII_SMIME_NOTHING:
		return;
	case EII_SMIME_ENTITY:
		read_bytes(message, content.bytes, &inside, encoded);
		return;
	case EII_SMIME_TEXT:
		add_signed(message, &content, "text/plain", &inside);
		return;
	case EII_SMIME_FILE:
		add_signed(message, &content, "application/octet-stream", &inside);
		return;
	}
}

static void open_leaf(struct eii_message *message, const struct eii_part *part,
		      const struct eii_place *place, unsigned int encoded)
{
	if (eii_part_is_smime(part))
		read_signed(message, part, place, encoded);
	else if (eii_part_is_encrypted(part))
		message->fields->defects |= EII_DEFECT_ENCRYPTED;
}

static void finish_leaf(struct eii_message *message, struct eii_part *part,
			const struct eii_place *place, unsigned int encoded)
{
	struct eii_place inside = inside_message(place);

	if (is_message_piece(part->type) && encoded < ENCODED_MESSAGES_MAX) {
		read_bytes(message, part->raw, &inside, encoded + 1);
		return;
	}
	if (is_message_type(part->type) && encoded < ENCODED_MESSAGES_MAX &&
	    place->depth < EII_LIMIT_DEPTH) {
		read_encoded_message(message, part, place, encoded);
		return;
	}
	if (message->settings->content == EII_CONTENT_SAFE)
		open_leaf(message, part, place, encoded);
}

/* ---- GMime's tree ---------------------------------------------------------- */

/* Of two Content-Type fields GMime takes the last, we the first. */
static bool is_told_otherwise(GMimePart *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(object));

	return !g_mime_content_type_is_type(type, "multipart", "*");
}

static void walk_leaf(struct eii_source *source, GMimePart *object,
		      const struct eii_part_header *header, const struct eii_place *place)
{
	struct eii_text raw = eii_source_content(source, object);
	struct eii_part *part;

	if (eii_part_header_is_multipart(header) && is_told_otherwise(object) &&
	    source->encoded < ENCODED_MESSAGES_MAX) {
		const struct eii_head head = { .part = *header, .body = raw };

		read_multipart_mail(source->message, raw, &head, place, source->encoded + 1);
		return;
	}
	part = eii_message_add_part(source->message, header, place);
	if (!part)
		return;
	if (raw.data && !place->is_root &&
	    g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(object))) == 0)
		raw = eii_source_add_lost_lines(source, raw);
	part->raw = raw;
	finish_leaf(source->message, part, place, source->encoded);
}

static void walk_message(struct eii_source *source, GMimeMessagePart *object,
			 struct eii_part_header *header, const struct eii_place *place)
{
	GMimeMessage *inner = g_mime_message_part_get_message(object);
	struct eii_place inside = inside_message(place);
	struct eii_part *part;

	/* In a multipart/digest the type need not be said (RFC 2046, 5.1.5). */
	if (!header->type.data)
		header->type = eii_text_of("message/rfc822");
	part = eii_message_add_part(source->message, header, place);
	if (!part)
		return;
	part->kind = EII_PART_MESSAGE;
	/* A message in a forwarded message is in its file already: bytes of the outer one only. */
	if (place->messages == 0) {
		part->raw = eii_source_message(source, inner);
		name_message(source->message, part);
	}
	if (inner && g_mime_message_get_mime_part(inner))
		walk(source, g_mime_message_get_mime_part(inner), &inside);
}

static size_t open_alternative(struct eii_message *message, size_t parent)
{
	size_t n = message->n_alternatives;

	/* Doubles: many of them stay linear. */
	if ((n & (n - 1)) == 0)
		message->alternatives = eii_realloc(message->alternatives, n ? n * 2 : 1,
						    sizeof(*message->alternatives));
	message->alternatives[n] = (struct eii_alternative){
		.parent = parent,
	};
	message->n_alternatives = n + 1;
	return n;
}

/* A multipart without a part: what it holds is in front of a boundary that never came. */
static void add_undivided(struct eii_source *source, GMimeMultipart *multipart,
			  const struct eii_part_header *header, const struct eii_place *place)
{
	const char *text = g_mime_multipart_get_epilogue(multipart);
	struct eii_part *part;

	if (!text || !*text)
		text = g_mime_multipart_get_prologue(multipart);
	if (!text || !*text)
		return;
	part = eii_message_add_part(source->message, header, place);
	if (!part)
		return;
	part->kind = EII_PART_UNDIVIDED;
	part->raw = eii_fields_keep(source->message->fields, eii_text_of(text));
}

static void walk_multipart(struct eii_source *source, GMimeMultipart *multipart,
			   const struct eii_part_header *header, const struct eii_place *place)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(multipart));
	struct eii_place inside = *place;
	int n = g_mime_multipart_get_count(multipart);

	inside.depth++;
	inside.is_root = false;
	if (g_mime_content_type_is_type(type, "multipart", "alternative"))
		inside.alternative = open_alternative(source->message, place->alternative);
	/* Never by g_mime_multipart_get_boundary(), which makes one up where there is none. */
	source->boundaries[source->n_boundaries++] =
		eii_text_of(g_mime_content_type_get_parameter(type, "boundary"));
	for (int i = 0; i < n; i++)
		walk(source, g_mime_multipart_get_part(multipart, i), &inside);
	source->n_boundaries--;
	if (n == 0)
		add_undivided(source, multipart, header, place);
}

static void walk(struct eii_source *source, GMimeObject *object, const struct eii_place *place)
{
	struct eii_part_header header;

	if (place->depth >= EII_LIMIT_DEPTH || source->n_boundaries == EII_LIMIT_DEPTH) {
		source->message->fields->defects |= EII_DEFECT_TOO_DEEP;
		return;
	}
	eii_source_read_header(object, &header);
	if (GMIME_IS_MULTIPART(object)) {
		walk_multipart(source, GMIME_MULTIPART(object), &header, place);
		return;
	}
	if (GMIME_IS_MESSAGE_PART(object)) {
		walk_message(source, GMIME_MESSAGE_PART(object), &header, place);
		return;
	}
	if (GMIME_IS_PART(object))
		walk_leaf(source, GMIME_PART(object), &header, place);
}

/* Cuts what has more "--" lines than any number of parts can need. */
static struct eii_text within_limits(struct eii_message *message, struct eii_text bytes)
{
	const char *p = bytes.data;
	const char *end = p + bytes.len;

	for (size_t n = 0; n < DASH_LINES_MAX; n++) {
		p = memmem(p, (size_t)(end - p), "\n--", 3);
		if (!p)
			return bytes;
		p += 3;
	}
	message->fields->defects |= EII_DEFECT_TOO_MANY_PARTS;
	return eii_text(bytes.data, (size_t)(p - bytes.data));
}

static GMimeObject *parse(struct eii_text bytes)
{
	GByteArray array = { .len = (guint)bytes.len };
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeObject *object;

	/* Borrowed: GMime reads through it, copies nothing and does not write there. */
	memcpy(&array.data, &bytes.data, sizeof(array.data));
	stream = g_mime_stream_mem_new_with_byte_array(&array);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	object = g_mime_parser_construct_part(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return object;
}

static void read_multipart(struct eii_message *message, struct eii_text bytes,
			   const struct eii_place *place, unsigned int encoded)
{
	struct eii_source source = { .message = message, .encoded = encoded };
	GMimeObject *object;

	source.bytes = within_limits(message, bytes);
	object = parse(source.bytes);
	if (!object)
		return;
	walk(&source, object, place);
	g_object_unref(object);
}

/* ---- one mail -------------------------------------------------------------- */

static void read_multipart_mail(struct eii_message *message, struct eii_text bytes,
				const struct eii_head *head, const struct eii_place *place,
				unsigned int encoded)
{
	size_t before = message->n_parts;
	struct eii_part *part;

	if (!head->is_clean || head->body.len <= COPY_MAX)
		bytes = eii_head_rebuild(message, head);
	read_multipart(message, bytes, place, encoded);
	if (message->n_parts != before || !head->body.len || eii_head_has_boundary(head))
		return;
	/* GMime saw nothing in it: its text as it stands. */
	part = eii_message_add_part(message, &head->part, place);
	if (!part)
		return;
	part->kind = EII_PART_UNDIVIDED;
	part->raw = head->body;
}

/*
 * A mail that is nothing but a message: what is in it is read as it stands even
 * if the header calls it base64 (no encoding is allowed there, RFC 2046, 5.2.1),
 * as the official connector does; the file is the decoded one.
 */
static void read_message_mail(struct eii_message *message, struct eii_part *part,
			      const struct eii_head *head, const struct eii_place *place,
			      unsigned int encoded)
{
	struct eii_place inside = inside_message(place);

	if (part->transfer != EII_TRANSFER_IDENTITY)
		part->raw = decode_source(message, part);
	part->kind = EII_PART_MESSAGE;
	name_message(message, part);
	if (inside.depth < EII_LIMIT_DEPTH)
		read_bytes(message, head->body, &inside, encoded);
	else
		message->fields->defects |= EII_DEFECT_TOO_DEEP;
}

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded)
{
	struct eii_part *part;
	struct eii_head head;

	eii_head_read(message, bytes, &head);
	if (eii_part_header_is_multipart(&head.part)) {
		read_multipart_mail(message, bytes, &head, place, encoded);
		return;
	}
	part = eii_message_add_part(message, &head.part, place);
	if (!part)
		return;
	part->raw = head.body;
	if (is_message_type(part->type))
		read_message_mail(message, part, &head, place, encoded);
	else
		finish_leaf(message, part, place, encoded);
}

void eii_structure_read(struct eii_message *message, struct eii_text mail)
{
	struct eii_place place = { .alternative = EII_NO_INDEX, .is_root = true };

	read_bytes(message, mail, &place, 0);
}
