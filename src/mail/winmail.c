/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Outlook sends as winmail.dat: the body and the files of a TNEF stream
 * ([MS-OXTNEF]) as parts of the mail, and those of messages in it, one after the
 * other.
 */
#include "eii/base/utf8.h"
#include "eii/mail/charset.h"

#include "winmail_private.h"

#define START_RAW_BYTES 64

/* Properties ([MS-OXPROPS]). */
#define FILE_DATA     0x3701
#define FILE_NAME     0x3704
#define FILE_LONGNAME 0x3707
#define FILE_TYPE     0x370e
#define FILE_ID       0x3712
#define DISPLAY_NAME  0x3001

bool eii_part_is_tnef(const struct eii_part *part)
{
	struct eii_part start = *part;
	struct eii_buf bytes;
	bool found;

	if (eii_part_is(part, "application/ms-tnef") ||
	    eii_part_is(part, "application/vnd.ms-tnef"))
		return true;
	if (!eii_part_is(part, "application/octet-stream"))
		return false;
	if (start.raw.len > START_RAW_BYTES)
		start.raw.len = START_RAW_BYTES;
	eii_buf_init(&bytes, START_RAW_BYTES + 64);
	eii_part_decode(&start, &bytes);
	found = eii_tnef_starts(eii_buf_text(&bytes));
	eii_buf_clear(&bytes);
	return found;
}

/* In UTF-8, kept as long as the fields; at most max bytes. */
static struct eii_text keep_words(struct eii_message *message, struct eii_winmail_words words,
				  unsigned int code_page, size_t max)
{
	struct eii_text bytes = eii_winmail_bytes(words);
	char label[EII_CODE_PAGE_LABEL_MAX];
	struct eii_buf text;
	struct eii_text kept;

	if (bytes.len > max * 4)
		bytes.len = max * 4;
	eii_winmail_label(words, code_page, label);
	eii_buf_init(&text, bytes.len * 4 + 256);
	eii_charset_decode(bytes, eii_text_of(label), &text);
	kept = eii_buf_text(&text);
	if (kept.len && memchr(kept.data, '\0', kept.len))
		kept.len = strlen(kept.data);
	kept = eii_text_trim(kept);
	kept.len = eii_utf8_cut(kept, max);
	kept = kept.len ? eii_fields_keep(message->fields, kept) : eii_text(NULL, 0);
	eii_buf_clear(&text);
	return kept;
}

/* ---- files ----------------------------------------------------------------- */

static struct eii_winmail_words first_of(const struct eii_winmail_words *words, size_t n)
{
	size_t i = 0;

	while (i + 1 < n && !eii_winmail_bytes(words[i]).len)
		i++;
	return words[i];
}

static void name_file(struct eii_winmail *o, const struct eii_winmail_level *level,
		      struct eii_part *part)
{
	const struct eii_winmail_file *file = &level->file;
	const struct eii_winmail_words names[] = { file->long_name, file->name, file->title,
						   file->display_name };

	part->name = keep_words(o->message, first_of(names, sizeof(names) / sizeof(names[0])),
				level->code_page, EII_LIMIT_FILE_NAME_BYTES);
	part->content_id =
		keep_words(o->message, file->id, level->code_page, EII_LIMIT_MESSAGE_ID_BYTES);
}

static void add_file(struct eii_winmail *o, struct eii_winmail_level *level)
{
	const struct eii_winmail_file *file = &level->file;
	struct eii_part_header header = { .disposition = eii_text_of("attachment") };
	struct eii_part *part;

	header.type =
		keep_words(o->message, file->type, level->code_page, EII_LIMIT_MIME_TYPE_BYTES);
	if (!header.type.len)
		header.type = eii_text_of("application/octet-stream");
	/* An image that the body shows is no file of its own. */
	if (file->id.bytes.len && eii_text_starts_nocase(header.type, "image/"))
		header.disposition = eii_text(NULL, 0);
	part = eii_message_add_part(o->message, &header, &o->place);
	if (!part)
		return;
	part->raw = file->data.len ? file->data : file->object;
	name_file(o, level, part);
}

/* A message in the message: its stream is read next, before the rest of this one. */
static void open_message(struct eii_winmail *o, struct eii_text bytes)
{
	struct eii_winmail_level *level;

	if (o->n_levels == EII_LIMIT_OPENED - o->place.opened) {
		o->message->fields->defects |= EII_DEFECT_TOO_DEEP;
		return;
	}
	if (o->message->n_streams == EII_LIMIT_ATTACHMENTS) {
		o->message->fields->defects |= EII_DEFECT_TOO_MANY_ATTACHMENTS;
		return;
	}
	o->message->n_streams++;
	level = &o->levels[o->n_levels++];
	*level = (struct eii_winmail_level){ .code_page = EII_WINMAIL_CODE_PAGE };
	(void)eii_tnef_walk_init(&level->walk, bytes);
	eii_winmail_read_bodies(o, level);
}

static void note_file_property(struct eii_winmail_file *file,
			       const struct eii_mapi_property *property)
{
	switch (property->id) {
	case FILE_DATA:
		file->object = property->value;
		break;
	case FILE_NAME:
		file->name = eii_winmail_words_of(property);
		break;
	case FILE_LONGNAME:
		file->long_name = eii_winmail_words_of(property);
		break;
	case FILE_TYPE:
		file->type = eii_winmail_words_of(property);
		break;
	case FILE_ID:
		file->id = eii_winmail_words_of(property);
		break;
	case DISPLAY_NAME:
		file->display_name = eii_winmail_words_of(property);
		break;
	default:
		break;
	}
}

static void finish_file(struct eii_winmail *o, struct eii_winmail_level *level)
{
	if (!level->has_file)
		return;
	level->has_file = false;
	if (!level->file.data.len && eii_tnef_starts(level->file.object))
		open_message(o, level->file.object);
	else
		add_file(o, level);
}

static void note_file_attribute(struct eii_winmail *o, struct eii_winmail_level *level,
				const struct eii_tnef_attribute *attribute)
{
	struct eii_mapi_property property;
	struct eii_mapi_walk properties;

	switch (attribute->id) {
	case EII_TNEF_TITLE:
		level->file.title = (struct eii_winmail_words){ attribute->data, false };
		break;
	case EII_TNEF_FILE_DATA:
		level->file.data = attribute->data;
		break;
	case EII_TNEF_FILE_PROPS:
		eii_mapi_walk_init(&properties, attribute->data);
		while (eii_mapi_walk_next(&properties, &property))
			note_file_property(&level->file, &property);
		eii_winmail_note_cut(o->message, properties.is_cut);
		break;
	default:
		break;
	}
}

/* One attribute of the innermost stream; at its end the one around goes on. */
static void step(struct eii_winmail *o)
{
	struct eii_winmail_level *level = &o->levels[o->n_levels - 1];
	struct eii_tnef_attribute attribute;

	if (!eii_tnef_walk_next(&level->walk, &attribute)) {
		if (level->has_file)
			finish_file(o, level);
		else
			o->n_levels--;
		return;
	}
	if (!attribute.is_of_file)
		return;
	if (attribute.id != EII_TNEF_FILE_BEGINS) {
		note_file_attribute(o, level, &attribute);
		return;
	}
	finish_file(o, level);
	level->file = (struct eii_winmail_file){ .data = { .len = 0 } };
	level->has_file = true;
}

void eii_winmail_read(struct eii_message *message, const struct eii_part *part,
		      const struct eii_place *place)
{
	struct eii_winmail o = { .message = message, .place = *place };
	struct eii_buf bytes;
	struct eii_text stream;
	size_t len;

	eii_buf_init(&bytes, part->raw.len + 64);
	eii_part_decode(part, &bytes);
	if (!eii_tnef_starts(eii_buf_text(&bytes))) {
		eii_winmail_note_cut(message, true);
		eii_buf_clear(&bytes);
		return;
	}
	len = bytes.len;
	stream = eii_message_keep_source(message, eii_buf_detach(&bytes), len);
	open_message(&o, stream);
	while (o.n_levels)
		step(&o);
}
