/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MIME tree as a flat list of parts (RFC 2046), cut in one pass over the mail:
 * each part is a slice of it, nothing is copied. What ends a header or a part where
 * mails break the rules is decided as Python's email package does.
 */
#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "eii/fields/file_type.h"
#include "eii/mail/header_text.h"

#include "levels.h"
#include "message_private.h"

/* Nested encoded messages that are read as messages; deeper ones are files. */
#define ENCODED_MESSAGES_MAX 16

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded);
static void finish_leaf(struct eii_message *message, struct eii_part *part,
			const struct eii_place *place, unsigned int encoded);

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
			eii_header_text_decode_as(header.value,
						  eii_header_charset_for(&message->header_charset,
									 message->mail,
									 header.value),
						  &name);
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

/* A leaf that holds these bytes, a message: read them. */
static void read_decoded_message(struct eii_message *message, struct eii_part *part,
				 struct eii_text bytes, const struct eii_place *place,
				 unsigned int encoded)
{
	struct eii_place inside = inside_message(place);

	part->raw = bytes;
	part->kind = EII_PART_MESSAGE;
	name_message(message, part);
	/* The list of parts grows now: part is gone. */
	read_bytes(message, bytes, &inside, encoded + 1);
}

/* A line like "Subject: x" is no base64, whatever the header says of it. */
static bool begins_with_header(struct eii_text body)
{
	struct eii_header_walk walk;
	struct eii_header header;

	eii_header_walk_init(&walk, body);
	return eii_header_walk_next(&walk, &header) && walk.is_clean;
}

/* "phish.eml" of a type that says nothing, as some programs forward mails. */
static bool is_undeclared_message(const struct eii_part *part)
{
	const struct eii_text name = part->name;

	return part->is_judged && eii_file_type_says_nothing(eii_text_of(part->type)) &&
	       name.len > 4 &&
	       eii_text_equal_nocase(eii_text(name.data + name.len - 4, 4), eii_text_of(".eml"));
}

/* True: it is one, and read. */
static bool read_undeclared_message(struct eii_message *message, struct eii_part *part,
				    const struct eii_place *place, unsigned int encoded)
{
	struct eii_text bytes = decode_source(message, part);

	if (!begins_with_header(bytes))
		return false;
	read_decoded_message(message, part, bytes, place, encoded);
	return true;
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

/* The parts of a winmail.dat stand behind it; each may be a message or signed in its turn. */
static void read_winmail(struct eii_message *message, const struct eii_part *part,
			 const struct eii_place *place, unsigned int encoded)
{
	struct eii_place inside = *place;
	size_t first = message->n_parts;
	size_t end;

	if (place->opened == EII_LIMIT_OPENED) {
		message->fields->defects |= EII_DEFECT_TOO_DEEP;
		return;
	}
	inside.opened++;
	eii_winmail_read(message, part, place);
	end = message->n_parts;
	for (size_t i = first; i < end; i++)
		finish_leaf(message, &message->parts[i], &inside, encoded);
}

static void open_leaf(struct eii_message *message, const struct eii_part *part,
		      const struct eii_place *place, unsigned int encoded)
{
	if (eii_part_is_smime(part))
		read_signed(message, part, place, encoded);
	else if (eii_part_is_tnef(part))
		read_winmail(message, part, place, encoded);
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
		read_decoded_message(message, part, decode_source(message, part), place, encoded);
		return;
	}
	if (is_undeclared_message(part) && encoded < ENCODED_MESSAGES_MAX &&
	    place->depth < EII_LIMIT_DEPTH &&
	    read_undeclared_message(message, part, place, encoded))
		return;
	if (message->settings->content == EII_CONTENT_SAFE)
		open_leaf(message, part, place, encoded);
}

/* ---- one run of bytes ------------------------------------------------------ */

struct reading {
	struct eii_message *message;
	struct eii_text bytes;
	unsigned int encoded; /* messages that had to be decoded to get here */
	struct eii_levels levels;
	size_t leaf;       /* the part that is read, or EII_NO_INDEX */
	size_t leaf_start; /* of its content */
	struct eii_place leaf_place;
};

static size_t offset_of(const struct reading *reading, struct eii_text rest)
{
	return (size_t)(rest.data - reading->bytes.data);
}

static bool is_multipart_of(const struct eii_part_header *header, const char *type)
{
	struct eii_header_params params;

	eii_header_params_init(&params, header->type);
	return eii_text_equal_nocase(params.value, eii_text_of(type));
}

/* True: what follows stands between its delimiters. */
static bool open_multipart(struct reading *reading, const struct eii_head *head,
			   const struct eii_place *place)
{
	struct eii_text boundary = eii_head_boundary(reading->message, head);
	struct eii_level *level;

	if (!boundary.len)
		return false;
	level = eii_levels_push(&reading->levels);
	level->boundary = boundary;
	level->header = head->part;
	level->start = offset_of(reading, head->body);
	level->place = *place;
	level->inside = *place;
	level->inside.depth++;
	level->inside.is_root = false;
	level->inside.is_digest = is_multipart_of(&head->part, "multipart/digest");
	if (is_multipart_of(&head->part, "multipart/alternative"))
		level->inside.alternative = eii_message_open_alternative(reading->message, place);
	return true;
}

static void open_message(struct reading *reading, const struct eii_part *part, size_t start,
			 const struct eii_place *place)
{
	struct eii_level *level = eii_levels_push(&reading->levels);

	level->part = (size_t)(part - reading->message->parts);
	level->start = start;
	level->inside = inside_message(place);
}

/*
 * Is the message that the part holds there to be read as it stands? No encoding is
 * allowed but those that change nothing (RFC 2046, 5.2.1). In verbatim mode a mail that
 * is nothing but a message is read so whatever it says, as the official connector does.
 */
static bool holds_plain_message(const struct reading *reading, const struct eii_part *part,
				size_t at, struct eii_text body)
{
	if (!is_message_type(part->type))
		return false;
	if (part->transfer == EII_TRANSFER_IDENTITY)
		return true;
	if (at == 0 && reading->message->settings->content == EII_CONTENT_VERBATIM)
		return true;
	return part->transfer == EII_TRANSFER_BASE64 && begins_with_header(body);
}

/* Reads what begins at that offset up to its content, and gives where that begins. */
static size_t begin_entity(struct reading *reading, size_t at, struct eii_place place)
{
	struct eii_message *message = reading->message;
	struct eii_part *part;
	struct eii_head head;
	size_t start;

	for (;;) {
		if (place.depth >= EII_LIMIT_DEPTH) {
			message->fields->defects |= EII_DEFECT_TOO_DEEP;
			return at;
		}
		eii_head_read(message, eii_text(reading->bytes.data + at, reading->bytes.len - at),
			      &place, &head);
		start = offset_of(reading, head.body);
		if (eii_part_header_is_multipart(&head.part) &&
		    open_multipart(reading, &head, &place))
			return start;
		part = eii_message_add_part(message, &head.part, &place);
		if (!part)
			return start;
		if (!holds_plain_message(reading, part, at, head.body))
			break;
		open_message(reading, part, start, &place);
		place = inside_message(&place);
		at = start;
	}
	if (eii_part_header_is_multipart(&head.part))
		part->kind = EII_PART_UNDIVIDED;
	reading->leaf = (size_t)(part - message->parts);
	reading->leaf_start = start;
	reading->leaf_place = place;
	return start;
}

static struct eii_text slice(const struct reading *reading, size_t start, size_t end)
{
	return eii_text(reading->bytes.data + start, end > start ? end - start : 0);
}

static void end_leaf(struct reading *reading, size_t end)
{
	struct eii_message *message = reading->message;
	struct eii_part *part;

	if (reading->leaf == EII_NO_INDEX)
		return;
	part = &message->parts[reading->leaf];
	part->raw = slice(reading, reading->leaf_start, end);
	reading->leaf = EII_NO_INDEX;
	if (part->kind == EII_PART_LEAF)
		finish_leaf(message, part, &reading->leaf_place, reading->encoded);
}

static void end_message(struct reading *reading, const struct eii_level *level, size_t end)
{
	struct eii_message *message = reading->message;
	struct eii_part *part = &message->parts[level->part];
	const bool is_plain = begins_with_header(slice(reading, level->start, end));

	part->raw = slice(reading, level->start, end);
	if (part->transfer != EII_TRANSFER_IDENTITY && !is_plain)
		part->raw = decode_source(message, part);
	part->kind = EII_PART_MESSAGE;
	if (part->messages == 0)
		name_message(message, part);
}

/* A multipart without a part: the text behind its end as it stands, or what is before that. */
static void end_undivided(struct reading *reading, const struct eii_level *level, size_t end)
{
	struct eii_text text = slice(reading, level->start, end);
	struct eii_part *part;

	if (!eii_text_trim(text).len)
		text = level->before_end;
	if (!eii_text_trim(text).len)
		return;
	part = eii_message_add_part(reading->message, &level->header, &level->place);
	if (!part)
		return;
	part->kind = EII_PART_UNDIVIDED;
	part->raw = text;
}

/* Ends what is open down to n levels. */
static void end_levels(struct reading *reading, size_t n, size_t end)
{
	end_leaf(reading, end);
	while (reading->levels.n > n) {
		const struct eii_level *level = eii_levels_pop(&reading->levels);

		if (!level->boundary.len)
			end_message(reading, level, end);
		else if (!level->has_parts)
			end_undivided(reading, level, end);
	}
}

/* The line end before a delimiter is part of it. */
static size_t before_line_end(const struct reading *reading, size_t at)
{
	const char *data = reading->bytes.data;

	if (at && data[at - 1] == '\n')
		at--;
	return at && data[at] == '\n' && data[at - 1] == '\r' ? at - 1 : at;
}

/* No part has begun: what stands before the delimiter is kept for the case that none does. */
static void pass_by(struct reading *reading, const struct eii_delimiter *delimiter)
{
	struct eii_level *level = &reading->levels.list[delimiter->level];

	if (!eii_text_trim(level->before_end).len)
		level->before_end = slice(reading, level->start, delimiter->start);
	level->start = delimiter->next;
}

/* A delimiter: what is in its level ends, and perhaps a part begins. Gives where to go on. */
static size_t pass_delimiter(struct reading *reading, const struct eii_delimiter *delimiter)
{
	struct eii_level *level = &reading->levels.list[delimiter->level];
	struct eii_delimiter following;

	end_levels(reading, delimiter->level + 1, before_line_end(reading, delimiter->start));
	if (delimiter->is_close) {
		if (level->has_parts)
			(void)eii_levels_pop(&reading->levels);
		else
			pass_by(reading, delimiter);
		return delimiter->next;
	}
	/* Between two delimiters without a line there is no part. */
	if (eii_levels_begins(&reading->levels, reading->bytes, delimiter->next, &following) &&
	    following.level == delimiter->level) {
		pass_by(reading, delimiter);
		return delimiter->next;
	}
	level->has_parts = true;
	if (level->inside.alternative != level->place.alternative)
		level->inside.branch++;
	return begin_entity(reading, delimiter->next, level->inside);
}

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded)
{
	struct reading reading = {
		.message = message, .bytes = bytes, .encoded = encoded, .leaf = EII_NO_INDEX
	};
	struct eii_delimiter delimiter;
	size_t at = begin_entity(&reading, 0, *place);

	while (eii_levels_find(&reading.levels, bytes, at, &delimiter))
		at = pass_delimiter(&reading, &delimiter);
	if (eii_levels_are_over(&reading.levels))
		message->fields->defects |= EII_DEFECT_TOO_MANY_PARTS;
	end_levels(&reading, 0, bytes.len);
	eii_levels_clear(&reading.levels);
}

void eii_structure_read(struct eii_message *message, struct eii_text mail)
{
	struct eii_place place = { .alternative = EII_NO_INDEX, .is_root = true };

	read_bytes(message, mail, &place, 0);
}
