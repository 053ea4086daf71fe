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

/* A multipart up to this size goes to GMime without the header fields that are no Content-*. */
#define COPY_MAX (64u * 1024)

/* Lines "--…" that a mail may have before the rest is no longer looked at. */
#define DASH_LINES_MAX (4 * EII_LIMIT_PARTS)

/* Nested encoded messages that are read as messages; deeper ones are files. */
#define ENCODED_MESSAGES_MAX 16

/* One parser for the process: GMime's own, given back in the state it was in. */
static GMimeParser *parser;

/* One run of bytes that GMime takes apart. */
struct source {
	struct eii_message *message;
	struct eii_text bytes;
	struct eii_text boundaries[EII_LIMIT_DEPTH]; /* of the multiparts around */
	size_t n_boundaries;
	unsigned int encoded; /* messages that had to be decoded to get here */
};

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded);
static void walk(struct source *source, GMimeObject *object, const struct eii_place *place);

void eii_structure_prepare(void)
{
	if (!parser)
		parser = g_mime_parser_new();
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

/* The list grows while an inner message is read: the part is found again by its index. */
static struct eii_place inside_message(const struct eii_place *place)
{
	return (struct eii_place){
		.depth = place->depth + 1,
		.messages = place->messages + 1,
		.alternative = EII_NO_INDEX,
	};
}

/* A leaf of type message/rfc822 that is base64 or quoted-printable: decode, then read. */
static void read_encoded_message(struct eii_message *message, struct eii_part *part,
				 const struct eii_place *place, unsigned int encoded)
{
	struct eii_place inside = inside_message(place);
	struct eii_buf bytes;

	eii_buf_init(&bytes, part->raw.len + 64);
	eii_part_decode(part, &bytes);
	part->raw = eii_buf_text(&bytes);
	message->sources =
		eii_realloc(message->sources, message->n_sources + 1, sizeof(*message->sources));
	message->sources[message->n_sources++] = eii_buf_detach(&bytes);
	part->raw.data = message->sources[message->n_sources - 1];
	part->kind = EII_PART_MESSAGE;
	name_message(message, part);
	read_bytes(message, part->raw, &inside, encoded + 1);
}

static void finish_leaf(struct eii_message *message, struct eii_part *part,
			const struct eii_place *place, unsigned int encoded)
{
	if (is_message_type(part->type) && encoded < ENCODED_MESSAGES_MAX &&
	    place->depth < EII_LIMIT_DEPTH)
		read_encoded_message(message, part, place, encoded);
}

/* Is the line at p one of the boundaries around (RFC 2046, 5.1.1)? */
static bool is_boundary(const struct source *source, const char *p, const char *end)
{
	const char *line_end = memchr(p, '\n', (size_t)(end - p));
	struct eii_text line = eii_text(p, (size_t)((line_end ? line_end : end) - p));

	while (line.len && (unsigned char)line.data[line.len - 1] <= ' ')
		line.len--;
	for (size_t i = 0; i < source->n_boundaries; i++) {
		struct eii_text boundary = source->boundaries[i];
		size_t rest = line.len - 2 - boundary.len;

		if (!boundary.len || line.len < 2 + boundary.len ||
		    memcmp(line.data + 2, boundary.data, boundary.len) != 0)
			continue;
		if (rest == 0 || (rest == 2 && !memcmp(line.data + line.len - 2, "--", 2)))
			return true;
	}
	return false;
}

/* From start up to the line end before the next boundary of the multiparts around. */
static struct eii_text up_to_boundary(const struct source *source, size_t start)
{
	const char *begin = source->bytes.data + start;
	const char *end = source->bytes.data + source->bytes.len;
	const char *p = begin;

	while (source->n_boundaries && p < end) {
		p = memmem(p, (size_t)(end - p), "\n--", 3);
		if (!p)
			break;
		if (is_boundary(source, p + 1, end)) {
			end = p > begin && p[-1] == '\r' ? p - 1 : p;
			break;
		}
		p++;
	}
	return eii_text(begin, (size_t)(end - begin));
}

/* The offset of an object's first header field in its source, or -1. */
static gint64 first_offset(GMimeObject *object)
{
	GMimeHeaderList *list = object ? g_mime_object_get_header_list(object) : NULL;
	gint64 first = -1;

	for (int i = 0; list && i < g_mime_header_list_get_count(list); i++) {
		gint64 offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, i));

		if (offset >= 0 && (first < 0 || offset < first))
			first = offset;
	}
	return first;
}

/* The inner message as it stands; empty where it has no header field to find it by. */
static struct eii_text raw_message(const struct source *source, GMimeMessage *inner)
{
	gint64 own = inner ? first_offset(GMIME_OBJECT(inner)) : -1;
	gint64 part = inner ? first_offset(g_mime_message_get_mime_part(inner)) : -1;
	gint64 start = own < 0 || (part >= 0 && part < own) ? part : own;

	if (start < 0 || (size_t)start > source->bytes.len)
		return eii_text(NULL, 0);
	return up_to_boundary(source, (size_t)start);
}

/* ---- GMime's tree ---------------------------------------------------------- */

static void read_object_header(GMimeObject *object, struct eii_part_header *out)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);

	*out = (struct eii_part_header){ .type = { .len = 0 } };
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);

		eii_part_header_add(out, eii_text_of(g_mime_header_get_name(header)),
				    eii_text_of(g_mime_header_get_raw_value(header)));
	}
}

/* A part's content where it stands in the source. */
static struct eii_text raw_content(const struct source *source, GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeStream *stream = wrapper ? g_mime_data_wrapper_get_stream(wrapper) : NULL;
	gint64 start = stream ? stream->bound_start : 0;
	gint64 end = stream ? stream->bound_end : 0;

	if (end == -1)
		end = (gint64)source->bytes.len;
	if (start < 0 || start > end || (size_t)end > source->bytes.len)
		return eii_text(NULL, 0);
	return eii_text(source->bytes.data + start, (size_t)(end - start));
}

static void walk_message(struct source *source, GMimeMessagePart *object,
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
		part->raw = raw_message(source, inner);
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
static void add_undivided(struct source *source, GMimeMultipart *multipart,
			  const struct eii_part_header *header, const struct eii_place *place)
{
	const char *prologue = g_mime_multipart_get_prologue(multipart);
	struct eii_part *part;

	if (!prologue || !*prologue)
		return;
	part = eii_message_add_part(source->message, header, place);
	if (!part)
		return;
	part->kind = EII_PART_UNDIVIDED;
	part->raw = eii_fields_keep(source->message->fields, eii_text_of(prologue));
}

static void walk_multipart(struct source *source, GMimeMultipart *multipart,
			   const struct eii_part_header *header, const struct eii_place *place)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(multipart));
	struct eii_place inside = *place;
	int n = g_mime_multipart_get_count(multipart);

	inside.depth++;
	if (g_mime_content_type_is_type(type, "multipart", "alternative"))
		inside.alternative = open_alternative(source->message, place->alternative);
	source->boundaries[source->n_boundaries++] =
		eii_text_of(g_mime_multipart_get_boundary(multipart));
	for (int i = 0; i < n; i++)
		walk(source, g_mime_multipart_get_part(multipart, i), &inside);
	source->n_boundaries--;
	if (n == 0)
		add_undivided(source, multipart, header, place);
}

static void walk(struct source *source, GMimeObject *object, const struct eii_place *place)
{
	struct eii_part_header header;
	struct eii_part *part;

	if (place->depth >= EII_LIMIT_DEPTH || source->n_boundaries == EII_LIMIT_DEPTH) {
		source->message->fields->defects |= EII_DEFECT_TOO_DEEP;
		return;
	}
	read_object_header(object, &header);
	if (GMIME_IS_MULTIPART(object)) {
		walk_multipart(source, GMIME_MULTIPART(object), &header, place);
		return;
	}
	if (GMIME_IS_MESSAGE_PART(object)) {
		walk_message(source, GMIME_MESSAGE_PART(object), &header, place);
		return;
	}
	part = eii_message_add_part(source->message, &header, place);
	if (!part || !GMIME_IS_PART(object))
		return;
	part->raw = raw_content(source, GMIME_PART(object));
	finish_leaf(source->message, part, place, source->encoded);
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
	/* Borrowed: GMime reads through it and copies nothing. */
	GByteArray array = {
		.data = (guint8 *)(uintptr_t)bytes.data,
		.len = (guint)bytes.len,
	};
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&array);
	GMimeObject *object;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	eii_structure_prepare();
	g_mime_parser_init_with_stream(parser, stream);
	object = g_mime_parser_construct_part(parser, NULL);
	g_object_unref(stream);
	return object;
}

static void read_multipart(struct eii_message *message, struct eii_text bytes,
			   const struct eii_place *place, unsigned int encoded)
{
	struct source source = { .message = message, .encoded = encoded };
	GMimeObject *object;

	source.bytes = within_limits(message, bytes);
	object = parse(source.bytes);
	if (!object)
		return;
	walk(&source, object, place);
	g_object_unref(object);
}

/* ---- one mail -------------------------------------------------------------- */

/* What the header of a mail says about its body, and where that begins. */
struct head {
	struct eii_part_header part;
	struct eii_text body;
	bool is_clean; /* GMime reads this header as we do */
};

static void read_head(struct eii_text bytes, struct eii_message *message, struct head *out)
{
	struct eii_header_walk headers;
	struct eii_header header;

	*out = (struct head){ .is_clean = true };
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

/* The mail with nothing in its header but what GMime needs. */
static struct eii_text rebuild(struct eii_message *message, const struct head *head)
{
	struct eii_buf out;
	char *bytes;
	size_t len;

	eii_buf_init(&out, SIZE_MAX / 2);
	add_field(&out, "Content-Type:", head->part.type);
	add_field(&out, "Content-Transfer-Encoding:", head->part.transfer);
	add_field(&out, "Content-Disposition:", head->part.disposition);
	add_field(&out, "Content-ID:", head->part.id);
	eii_buf_add_str(&out, "\r\n");
	eii_buf_add_text(&out, head->body);
	len = out.len;
	bytes = eii_buf_detach(&out);
	message->sources =
		eii_realloc(message->sources, message->n_sources + 1, sizeof(*message->sources));
	message->sources[message->n_sources++] = bytes;
	return eii_text(bytes, len);
}

static void read_multipart_mail(struct eii_message *message, struct eii_text bytes,
				const struct head *head, const struct eii_place *place,
				unsigned int encoded)
{
	size_t before = message->n_parts;
	struct eii_part *part;

	if (!head->is_clean || head->body.len <= COPY_MAX)
		bytes = rebuild(message, head);
	read_multipart(message, bytes, place, encoded);
	if (message->n_parts != before || !head->body.len)
		return;
	/* GMime saw nothing in it: its text as it stands. */
	part = eii_message_add_part(message, &head->part, place);
	if (!part)
		return;
	part->kind = EII_PART_UNDIVIDED;
	part->raw = head->body;
}

static void read_bytes(struct eii_message *message, struct eii_text bytes,
		       const struct eii_place *place, unsigned int encoded)
{
	struct eii_place inside = inside_message(place);
	struct eii_part *part;
	struct head head;

	read_head(bytes, message, &head);
	if (eii_text_starts_nocase(eii_text_trim(head.part.type), "multipart/")) {
		read_multipart_mail(message, bytes, &head, place, encoded);
		return;
	}
	part = eii_message_add_part(message, &head.part, place);
	if (!part)
		return;
	part->raw = head.body;
	if (!is_message_type(part->type) || part->transfer != EII_TRANSFER_IDENTITY) {
		finish_leaf(message, part, place, encoded);
		return;
	}
	part->kind = EII_PART_MESSAGE;
	name_message(message, part);
	if (inside.depth < EII_LIMIT_DEPTH)
		read_bytes(message, head.body, &inside, encoded);
	else
		message->fields->defects |= EII_DEFECT_TOO_DEEP;
}

void eii_structure_read(struct eii_message *message, struct eii_text mail)
{
	struct eii_place place = { .alternative = EII_NO_INDEX };

	read_bytes(message, mail, &place, 0);
}
