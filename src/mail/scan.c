/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/scan.h"

#include "eii/base/buf.h"
#include "eii/base/utf8.h"
#include "eii/fields/limits.h"
#include "eii/mail/address.h"
#include "eii/mail/charset.h"
#include "eii/mail/date.h"
#include "eii/mail/header_text.h"

/* The line at the start of text, its line end included. */
static struct eii_text first_line(struct eii_text text)
{
	const char *mark = text.len ? memchr(text.data, '\n', text.len) : NULL;

	return eii_text(text.data, mark ? (size_t)(mark - text.data) + 1 : text.len);
}

static struct eii_text behind(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

static bool is_blank_char(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_blank(struct eii_text line)
{
	size_t i = 0;

	while (i < line.len && is_blank_char(line.data[i]))
		i++;
	return i == line.len;
}

/* A line end and nothing else: the end of a header block. */
static bool is_empty(struct eii_text line)
{
	return line.len && (line.data[0] == '\n' || (line.data[0] == '\r' && line.len == 2));
}

static bool begins(struct eii_text line, const char *prefix)
{
	size_t len = strlen(prefix);

	return line.len >= len && !memcmp(line.data, prefix, len);
}

/*
 * The name that a line begins with (RFC 5322, 2.2), white space before the colon
 * allowed; false where it is no header, as the line of a boundary or an address.
 * *out_value is where the value begins.
 */
static bool scan_name(struct eii_text line, struct eii_text *out_name, size_t *out_value)
{
	size_t n = 0;
	size_t colon;

	if (begins(line, "--"))
		return false;

	while (n < line.len && line.data[n] > ' ' && line.data[n] < 0x7f && line.data[n] != ':')
		n++;
	colon = n;
	while (colon < line.len && (line.data[colon] == ' ' || line.data[colon] == '\t'))
		colon++;
	if (n == 0 || colon == line.len || line.data[colon] != ':' ||
	    begins(behind(line, colon), "://"))
		return false;
	*out_name = eii_text(line.data, n);
	*out_value = colon + 1;
	return true;
}

static bool is_header(struct eii_text line)
{
	struct eii_text name;
	size_t value;

	return scan_name(line, &name, &value);
}

/* Bytes of the lines that fold what stands before text. */
static size_t folded_len(struct eii_text text)
{
	size_t n = 0;

	while (n < text.len && (text.data[n] == ' ' || text.data[n] == '\t'))
		n += first_line(behind(text, n)).len;
	return n;
}

/* The line that mbox files have before a mail; without a header behind it, it is text. */
static bool is_mbox(struct eii_text line, struct eii_text rest)
{
	return !is_header(line) && (begins(line, "From ") || begins(line, ">From ")) &&
	       is_header(first_line(rest));
}

void eii_header_walk_init(struct eii_header_walk *walk, struct eii_text mail)
{
	*walk = (struct eii_header_walk){ .text = mail, .is_clean = true };
	if (begins(mail, "\xef\xbb\xbf")) {
		walk->text = behind(mail, 3);
		walk->is_clean = false;
	}
	/* Blank lines in front that hold blanks; a truly empty one ends an empty header. */
	for (;;) {
		struct eii_text line = first_line(walk->text);
		struct eii_text rest = behind(walk->text, line.len);

		if (!line.len || !((is_blank(line) && !is_empty(line)) || is_mbox(line, rest)))
			break;
		walk->text = rest;
		walk->is_clean = false;
	}
}

/*
 * Is the name one that mails have, so that lines before it that are no header stand in
 * the header and do not begin the body? Of a part's fields only Content-* count.
 */
static bool is_familiar(const struct eii_header_walk *walk, struct eii_text name)
{
	static const char *const names[] = { "from",    "to",   "cc",     "bcc",
					     "subject", "date", "sender", "received" };

	if (walk->is_part)
		return eii_text_starts_nocase(name, "content-");
	if (memchr(name.data, '-', name.len))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (eii_text_equal_nocase(name, eii_text_of(names[i])))
			return true;
	}
	return false;
}

/* A word and a colon, but not of the letters of a header: "Grüße: x". */
static bool is_nearly_header(struct eii_text line)
{
	size_t n = 0;

	while (n < line.len && (unsigned char)line.data[n] > ' ' && line.data[n] != ':')
		n++;
	return n && n < line.len && line.data[n] == ':' && !begins(behind(line, n), "://");
}

/* Skips lines that are no header where a header comes after them; false: the body begins here. */
static bool skip_noise(struct eii_header_walk *walk)
{
	struct eii_text text = walk->text;
	struct eii_text name;
	bool is_text = false;
	size_t value;

	walk->is_clean = false;
	while (text.len) {
		struct eii_text line = first_line(text);

		/* A boundary: the first part begins. */
		if (is_blank(line) || begins(line, "--"))
			return false;
		if (scan_name(line, &name, &value) && (!is_text || is_familiar(walk, name))) {
			walk->text = text;
			return true;
		}
		is_text = is_text || !is_nearly_header(line);
		text = behind(text, line.len);
	}
	return false;
}

bool eii_header_walk_next(struct eii_header_walk *walk, struct eii_header *out)
{
	struct eii_text line = first_line(walk->text);
	size_t value = 0;
	size_t len;

	if (!line.len)
		return false;
	if (is_empty(line)) {
		walk->text = behind(walk->text, line.len);
		return false;
	}
	if (!is_header(line) && !skip_noise(walk))
		return false;
	line = first_line(walk->text);
	if (!scan_name(line, &out->name, &value))
		return false;
	if (line.data[out->name.len] != ':')
		walk->is_clean = false;
	len = line.len + folded_len(behind(walk->text, line.len));
	out->value = eii_text(line.data + value, len - value);
	walk->text = behind(walk->text, len);
	return true;
}

/* Where the fields that a report shows stand in a header block; empty = absent. */
struct shown {
	struct eii_header subject;
	struct eii_header from;
	struct eii_header reply_to;
	struct eii_header message_id;
	struct eii_header date;
};

static struct eii_header *slot_of(struct shown *shown, struct eii_text name)
{
	static const struct {
		const char *name;
		size_t offset;
	} slots[] = {
		{ "subject", offsetof(struct shown, subject) },
		{ "from", offsetof(struct shown, from) },
		{ "reply-to", offsetof(struct shown, reply_to) },
		{ "message-id", offsetof(struct shown, message_id) },
		{ "date", offsetof(struct shown, date) },
	};

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (eii_text_equal_nocase(name, eii_text_of(slots[i].name)))
			return (struct eii_header *)(void *)((char *)shown + slots[i].offset);
	}
	return NULL;
}

/* Fields that say whom a mail is to; the last two are written by the receiving server. */
static bool is_recipients(struct eii_text name)
{
	static const char *const names[] = { "to", "cc", "delivered-to", "x-original-to" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (eii_text_equal_nocase(name, eii_text_of(names[i])))
			return true;
	}
	return false;
}

/* The first of each, and all recipients; what is over a limit is cut or left, and the defect set.
 */
static void find_shown(struct eii_text mail, struct shown *out, struct eii_buf *recipients,
		       uint32_t *defects)
{
	struct eii_header_walk walk;
	struct eii_header header;

	eii_header_walk_init(&walk, mail);
	while (eii_header_walk_next(&walk, &header)) {
		struct eii_header *slot = slot_of(out, header.name);

		if (walk.text.data - mail.data > (ptrdiff_t)EII_LIMIT_HEADER_BLOCK_BYTES) {
			*defects |= EII_DEFECT_HEADERS_TOO_LONG;
			break;
		}
		if (header.value.len > EII_LIMIT_HEADER_BYTES) {
			*defects |= EII_DEFECT_HEADER_TOO_LONG;
			header.value.len = EII_LIMIT_HEADER_BYTES;
		}
		if (slot && !slot->name.len)
			*slot = header;
		if (is_recipients(header.name))
			eii_address_list(header.value, EII_LIMIT_RECIPIENTS_BYTES, recipients);
	}
}

static struct eii_text keep_cut(struct eii_fields *fields, struct eii_buf *text, size_t max)
{
	struct eii_text kept = eii_fields_keep(
		fields, eii_text(text->data, eii_utf8_cut(eii_buf_text(text), max)));

	eii_buf_reset(text);
	return kept;
}

/* The first word of the value: "<id@host>", or whatever stands there. */
static void add_message_id(struct eii_text value, struct eii_buf *out)
{
	const char *open;
	const char *close;

	value = eii_text_trim(value);
	open = value.len ? memchr(value.data, '<', value.len) : NULL;
	close = open ? memchr(open, '>', (size_t)(value.data + value.len - open)) : NULL;
	if (close)
		value = eii_text(open, (size_t)(close - open) + 1);
	eii_header_text_decode(value, out);
}

/* The Content-Type of the header at the walk, which then stands at the body; empty: none. */
static struct eii_text read_type(struct eii_header_walk *walk)
{
	struct eii_text type = eii_text(NULL, 0);
	struct eii_header header;

	while (eii_header_walk_next(walk, &header)) {
		if (!type.len && header.value.len <= EII_LIMIT_HEADER_BYTES &&
		    eii_text_equal_nocase(header.name, eii_text_of("content-type")))
			type = header.value;
	}
	return type;
}

/* Goes to the line behind the next one that may be a boundary; false: there is none. */
static bool skip_to_part(struct eii_text *text)
{
	const char *end = text->data + text->len;
	const char *mark;

	if (!text->len)
		return false;
	if (text->len < 2 || memcmp(text->data, "--", 2) != 0) {
		mark = memmem(text->data, text->len, "\n--", 3);
		if (!mark)
			return false;
		*text = eii_text(mark + 1, (size_t)(end - mark - 1));
	}
	mark = memchr(text->data, '\n', text->len);
	if (!mark)
		return false;
	*text = eii_text(mark + 1, (size_t)(end - mark - 1));
	return true;
}

static void keep_label(struct eii_text type, struct eii_header_charset *out)
{
	struct eii_header_params params;
	struct eii_buf label;

	eii_header_params_init(&params, type);
	eii_buf_init(&label, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	if (eii_header_params_find(&params, "charset", &label) && label.len < sizeof(out->label) &&
	    eii_charset_extends_ascii(eii_buf_text(&label)))
		memcpy(out->label, label.data, label.len + 1);
	eii_buf_clear(&label);
}

static void look(struct eii_text mail, struct eii_header_charset *out)
{
	struct eii_header_walk walk;

	mail.len = mail.len < EII_LIMIT_SCAN_BYTES ? mail.len : EII_LIMIT_SCAN_BYTES;
	eii_header_walk_init(&walk, mail);
	do {
		struct eii_text type = eii_text_trim(read_type(&walk));

		if (type.len && eii_text_starts_nocase(type, "text/")) {
			keep_label(type, out);
			return;
		}
	} while (skip_to_part(&walk.text));
}

struct eii_text eii_header_charset_for(struct eii_header_charset *charset, struct eii_text mail,
				       struct eii_text value)
{
	if (eii_utf8_is_valid(value))
		return eii_text(NULL, 0);
	if (!charset->is_known)
		look(mail, charset);
	charset->is_known = true;
	return eii_text_of(charset->label);
}

void eii_header_read(struct eii_text mail, struct eii_fields *fields)
{
	struct shown shown = { .subject = { .name = { .len = 0 } } };
	struct eii_header_charset charset = { .is_known = false };
	struct eii_buf recipients, text;

	eii_buf_init(&recipients, EII_LIMIT_RECIPIENTS_BYTES);
	find_shown(mail, &shown, &recipients, &fields->defects);
	fields->recipients = eii_fields_take_buf(fields, &recipients);
	eii_buf_init(&text, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_header_text_decode_as(shown.subject.value,
				  eii_header_charset_for(&charset, mail, shown.subject.value),
				  &text);
	fields->subject = keep_cut(fields, &text, EII_LIMIT_SUBJECT_BYTES);
	if (eii_address_first(shown.from.value, &text))
		fields->sender = keep_cut(fields, &text, EII_LIMIT_ADDRESS_BYTES);
	if (eii_address_first(shown.reply_to.value, &text))
		fields->reply_to = keep_cut(fields, &text, EII_LIMIT_ADDRESS_BYTES);
	add_message_id(shown.message_id.value, &text);
	fields->message_id = keep_cut(fields, &text, EII_LIMIT_MESSAGE_ID_BYTES);
	eii_buf_clear(&text);
	if (!eii_date_parse(shown.date.value, &fields->date))
		fields->defects |= EII_DEFECT_NO_DATE;
}

bool eii_bare_cr(struct eii_text text, struct eii_buf *out)
{
	const size_t scanned = text.len < EII_LIMIT_SCAN_BYTES ? text.len : EII_LIMIT_SCAN_BYTES;

	if (!text.len || memchr(text.data, '\n', scanned) || !memchr(text.data, '\r', scanned))
		return false;
	eii_buf_init(out, text.len);
	eii_buf_add_text(out, text);
	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] == '\r' && out->data[i + 1] != '\n')
			out->data[i] = '\n';
	}
	return true;
}

enum eii_rc eii_header_scan(const char *head, size_t len, struct eii_fields **out)
{
	struct eii_text text =
		eii_text(head, len < EII_LIMIT_SCAN_BYTES ? len : EII_LIMIT_SCAN_BYTES);
	struct eii_fields *fields = eii_fields_new();
	struct eii_buf lines;

	if (eii_bare_cr(text, &lines)) {
		eii_header_read(eii_buf_text(&lines), fields);
		eii_buf_clear(&lines);
	} else {
		eii_header_read(text, fields);
	}
	fields->defects |= EII_DEFECT_BODY_NOT_READ;
	*out = fields;
	return EII_OK;
}
