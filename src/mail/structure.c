/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MIME tree as a flat list of parts (RFC 2046), cut in one pass over the mail:
 * each part is a slice of it, nothing is copied. What ends a header or a part where
 * mails break the rules is decided as Python's email package does.
 */
#include "eii/base/alloc.h"

#include "levels.h"
#include "message_private.h"

/* Nested encoded messages that are read as messages; deeper ones are files. */
#define ENCODED_MESSAGES_MAX 16

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded);
static bool read_divided(struct eii_message *message, struct eii_text boundary,
			 struct eii_text bytes, const struct eii_place *place,
			 unsigned int encoded);
static void finish_leaf(struct eii_message *message, struct eii_part *part,
			const struct eii_place *place, unsigned int encoded);

/* ---- messages in messages -------------------------------------------------- */

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

/* A leaf that holds these bytes, a message: read them. */
static void read_decoded_message(struct eii_message *message, struct eii_part *part,
				 struct eii_text bytes, const struct eii_place *place,
				 unsigned int encoded)
{
	struct eii_place inside = inside_message(place);

	part->raw = bytes;
	part->kind = EII_PART_MESSAGE;
	eii_head_name_message(message, part);
	/* The list of parts grows now: part is gone. */
	read_bytes(message, bytes, &inside, encoded + 1);
}

/* True: it is one, and read. */
static bool read_undeclared_message(struct eii_message *message, struct eii_part *part,
				    const struct eii_place *place, unsigned int encoded)
{
	struct eii_text bytes = eii_message_keep_decoded(message, part);

	if (!eii_head_begins(bytes))
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
	else
		eii_uuencoded_read(message, part, place);
}

static void finish_leaf(struct eii_message *message, struct eii_part *part,
			const struct eii_place *place, unsigned int encoded)
{
	struct eii_place inside = inside_message(place);

	eii_part_settle(part);
	if (eii_part_is(part, "message/partial") && encoded < ENCODED_MESSAGES_MAX) {
		read_bytes(message, part->raw, &inside, encoded + 1);
		return;
	}
	if (eii_part_is_message(part) && encoded < ENCODED_MESSAGES_MAX &&
	    place->depth < EII_LIMIT_DEPTH) {
		read_decoded_message(message, part, eii_message_keep_decoded(message, part), place,
				     encoded);
		return;
	}
	if (eii_part_is_undeclared_message(part) && encoded < ENCODED_MESSAGES_MAX &&
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
	size_t beside_start; /* behind the last part of a multipart, or EII_NO_INDEX */
	struct eii_place beside_place;
};

static size_t offset_of(const struct reading *reading, struct eii_text rest)
{
	return (size_t)(rest.data - reading->bytes.data);
}

/* What follows stands between its delimiters. */
static void open_multipart(struct reading *reading, const struct eii_head *head,
			   struct eii_text boundary, const struct eii_place *place)
{
	struct eii_level *level = eii_levels_push(&reading->levels);

	level->boundary = boundary;
	level->header = head->part;
	level->start = offset_of(reading, head->body);
	level->place = *place;
	level->inside = *place;
	level->inside.depth++;
	level->inside.is_root = false;
	level->inside.is_digest = eii_part_header_is(&head->part, "multipart/digest");
	if (eii_part_header_is(&head->part, "multipart/alternative"))
		level->inside.alternative = eii_message_open_alternative(reading->message, place);
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
	if (!eii_part_is_message(part))
		return false;
	if (part->transfer == EII_TRANSFER_IDENTITY)
		return true;
	if (at == 0 && reading->message->settings->content == EII_CONTENT_VERBATIM)
		return true;
	return part->transfer == EII_TRANSFER_BASE64 && eii_head_begins(body);
}

/* Reads what begins at that offset up to its content, and gives where that begins. */
static size_t begin_entity(struct reading *reading, size_t at, struct eii_place place)
{
	struct eii_message *message = reading->message;
	struct eii_text boundary;
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
		boundary = eii_part_header_is_multipart(&head.part)
				   ? eii_head_boundary(message, &head)
				   : eii_text(NULL, 0);
		if (boundary.len) {
			open_multipart(reading, &head, boundary, &place);
			return start;
		}
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

static bool is_blank(struct eii_text text)
{
	return eii_text_trim(text).len == 0;
}

/*
 * A multipart in which its boundary delimits nothing, read in another way: undecoded, with
 * line ends that count, or by the boundary that its parts have.
 */
static bool read_otherwise(const struct reading *reading, struct eii_text bytes,
			   enum eii_transfer transfer, struct eii_text boundary,
			   const struct eii_place *place)
{
	struct eii_message *message = reading->message;

	if (message->settings->content != EII_CONTENT_SAFE || place->opened == EII_LIMIT_OPENED)
		return false;
	boundary = eii_divide_again(message, transfer, boundary, &bytes);
	return boundary.len && read_divided(message, boundary, bytes, place, reading->encoded);
}

/* A part of text that no header says anything of. */
static void add_bare(struct eii_message *message, enum eii_part_kind kind,
		     const struct eii_part_header *header, struct eii_text text,
		     const struct eii_place *place)
{
	struct eii_part *part = eii_message_add_part(message, header, place);

	if (!part)
		return;
	part->kind = kind;
	part->raw = text;
}

/* Before the first part of a multipart, or behind the last one. */
static void add_beside(const struct reading *reading, struct eii_text text,
		       const struct eii_place *place)
{
	static const struct eii_part_header no_header;

	if (reading->message->settings->content != EII_CONTENT_SAFE || is_blank(text) ||
	    read_otherwise(reading, text, EII_TRANSFER_IDENTITY, eii_text(NULL, 0), place))
		return;
	add_bare(reading->message, EII_PART_BESIDE, &no_header, text, place);
}

static void end_beside(struct reading *reading, size_t end)
{
	const size_t start = reading->beside_start;

	reading->beside_start = EII_NO_INDEX;
	if (start != EII_NO_INDEX)
		add_beside(reading, slice(reading, start, end), &reading->beside_place);
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
	if (part->kind == EII_PART_LEAF) {
		finish_leaf(message, part, &reading->leaf_place, reading->encoded);
		return;
	}
	/* The last one so far: what it holds takes its place. */
	message->n_parts--;
	if (!read_otherwise(reading, part->raw, part->transfer, eii_text(NULL, 0),
			    &reading->leaf_place))
		message->n_parts++;
}

static void end_message(struct reading *reading, const struct eii_level *level, size_t end)
{
	struct eii_message *message = reading->message;
	struct eii_part *part = &message->parts[level->part];
	const bool is_plain = eii_head_begins(slice(reading, level->start, end));

	part->raw = slice(reading, level->start, end);
	if (part->transfer != EII_TRANSFER_IDENTITY && !is_plain)
		part->raw = eii_message_keep_decoded(message, part);
	part->kind = EII_PART_MESSAGE;
	if (part->messages == 0)
		eii_head_name_message(message, part);
}

/* A multipart without a part: the text behind its end as it stands, or what is before that. */
static void end_undivided(struct reading *reading, const struct eii_level *level, size_t end)
{
	struct eii_text text = slice(reading, level->start, end);

	if (is_blank(text))
		text = level->before_end;
	if (!is_blank(text) &&
	    !read_otherwise(reading, text, eii_transfer_of(level->header.transfer), level->boundary,
			    &level->place))
		add_bare(reading->message, EII_PART_UNDIVIDED, &level->header, text, &level->place);
}

/* Ends what is open down to n levels. */
static void end_levels(struct reading *reading, size_t n, size_t end)
{
	end_leaf(reading, end);
	end_beside(reading, end);
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

	if (is_blank(level->before_end))
		level->before_end = slice(reading, level->start, delimiter->start);
	level->start = delimiter->next;
}

/* A delimiter: what is in its level ends, and perhaps a part begins. Gives where to go on. */
static size_t pass_delimiter(struct reading *reading, const struct eii_delimiter *delimiter)
{
	struct eii_level *level = &reading->levels.list[delimiter->level];
	const size_t end = before_line_end(reading, delimiter->start);
	struct eii_delimiter following;

	end_levels(reading, delimiter->level + 1, end);
	if (delimiter->is_close && level->has_parts) {
		reading->beside_start = delimiter->next;
		reading->beside_place = level->place;
		(void)eii_levels_pop(&reading->levels);
		return delimiter->next;
	}
	if (delimiter->is_close) {
		pass_by(reading, delimiter);
		return delimiter->next;
	}
	/* Between two delimiters without a line there is no part. */
	if (eii_levels_begins(&reading->levels, reading->bytes, delimiter->next, &following) &&
	    following.level == delimiter->level) {
		pass_by(reading, delimiter);
		return delimiter->next;
	}
	if (!level->has_parts)
		add_beside(reading, slice(reading, level->start, end), &level->place);
	level->has_parts = true;
	if (level->inside.alternative != level->place.alternative)
		level->inside.branch++;
	return begin_entity(reading, delimiter->next, level->inside);
}

static void begin_reading(struct reading *reading, struct eii_message *message,
			  struct eii_text bytes, unsigned int encoded)
{
	*reading = (struct reading){
		.message = message,
		.bytes = bytes,
		.encoded = encoded,
		.leaf = EII_NO_INDEX,
		.beside_start = EII_NO_INDEX,
	};
}

static void read_on(struct reading *reading, size_t at)
{
	struct eii_delimiter delimiter;

	while (eii_levels_find(&reading->levels, reading->bytes, at, &delimiter))
		at = pass_delimiter(reading, &delimiter);
	if (eii_levels_are_over(&reading->levels))
		reading->message->fields->defects |= EII_DEFECT_TOO_MANY_PARTS;
	end_levels(reading, 0, reading->bytes.len);
	eii_levels_clear(&reading->levels);
}

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded)
{
	struct reading reading;

	begin_reading(&reading, message, bytes, encoded);
	read_on(&reading, begin_entity(&reading, 0, *place));
}

/* What stands between delimiters of that boundary; false: too deep. */
static bool read_divided(struct eii_message *message, struct eii_text boundary,
			 struct eii_text bytes, const struct eii_place *place, unsigned int encoded)
{
	const struct eii_head head = { .part.type = eii_text_of("multipart/mixed"), .body = bytes };
	struct eii_place inside = *place;
	struct reading reading;

	if (place->depth >= EII_LIMIT_DEPTH)
		return false;
	inside.opened++;
	begin_reading(&reading, message, bytes, encoded);
	open_multipart(&reading, &head, boundary, &inside);
	read_on(&reading, 0);
	return true;
}

void eii_structure_read(struct eii_message *message, struct eii_text mail)
{
	struct eii_place place = { .alternative = EII_NO_INDEX, .is_root = true };

	read_bytes(message, mail, &place, 0);
}
