/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"

#include "eii/base/timestamp.h"
#include "eii/codec/hash.h"

#include "markdown.h"

#define LINE_END "  \n" /* Markdown's line break, as the official connector ends its lines */

/* ---- lines ------------------------------------------------------------- */

static void add_label(struct eii_buf *out, const char *label)
{
	eii_buf_addf(out, "**%s**: ", label);
}

static void add_line(struct eii_buf *out, const char *label, struct eii_text value)
{
	add_label(out, label);
	eii_markdown_value(value, out);
	eii_buf_add_str(out, LINE_END);
}

static void add_note(struct eii_buf *out, const char *note)
{
	add_label(out, "Note");
	eii_buf_add_str(out, note);
	eii_buf_add_str(out, LINE_END);
}

static void add_sha256(struct eii_buf *out, const uint8_t sha256[EII_SHA256_BYTES])
{
	eii_buf_add_str(out, "SHA-256 ");
	for (size_t i = 0; i < EII_SHA256_BYTES; i++)
		eii_buf_addf(out, "%02x", sha256[i]);
}

static void add_date(struct eii_buf *out, const struct eii_report_source *source)
{
	const struct eii_date *date = &source->fields->date;
	char text[EII_TIMESTAMP_TEXT_BYTES];

	eii_timestamp_format_local(date->is_known ? date->unix_s : source->internal_unix_s,
				   date->is_known && date->has_offset ? date->offset_min : 0, text);
	if (date->is_known && !date->has_offset)
		text[strlen("2026-03-03 10:20:30")] = '\0'; /* as Python shows a naive time */
	add_line(out, "Email Received At", eii_text_of(text));
}

/* The official connector's, to the letter. */
static void add_block(struct eii_buf *out, const struct eii_description *what)
{
	const struct eii_fields *fields = what->source->fields;

	/* The one value that stays as the official connector has it, address or not. */
	add_label(out, "Email Received From");
	eii_markdown_escape(fields->sender, out);
	eii_buf_add_str(out, LINE_END);
	add_date(out, what->source);
	add_line(out, "Email Subject", what->name);
	add_label(out, "Email Attachment Count");
	eii_buf_addf(out, "%zu" LINE_END LINE_END, fields->n_attachments);
	eii_buf_add_str(out, "Please consult the content section to view the email content.");
}

/* ---- attachments ------------------------------------------------------- */

static const char *fate_text(const struct eii_attachment *attachment, const char *file_name)
{
	switch (attachment->fate) {
	case EII_ATTACHMENT_KEPT:
		return file_name ? "kept" : "not kept: it does not fit into a message";
	case EII_ATTACHMENT_TYPE_NOT_LISTED:
		return "not kept: its type is not listed";
	case EII_ATTACHMENT_INLINE:
		return "not kept: an image of the body";
	case EII_ATTACHMENT_TOO_LARGE:
		return "not kept: it does not fit into a message";
	case EII_ATTACHMENT_TOO_MANY:
	case EII_ATTACHMENT_FATES:
		break;
	}
	return "not kept: too many attachments";
}

static void add_type(struct eii_buf *out, const struct eii_attachment *attachment)
{
	struct eii_text judged =
		eii_file_type_judge(attachment->mime_type, attachment->name, attachment->kind);

	/* By itself: another name of the same type is not worth a word. */
	struct eii_text alone =
		eii_file_type_judge(attachment->mime_type, eii_text(NULL, 0), EII_FILE_NOT_SEEN);

	eii_markdown_value(attachment->mime_type, out);
	if (eii_text_equal(judged, alone))
		return;
	eii_buf_add_str(out, " taken for ");
	eii_markdown_value(judged, out);
}

/* What a reader should know before opening it. */
static void add_doubts(struct eii_buf *out, const struct eii_attachment *attachment)
{
	const char *by_name = eii_file_type_of_name(attachment->name);
	const char *by_bytes = eii_file_type_of_kind(attachment->kind);

	if (eii_file_name_turns(attachment->name))
		eii_buf_add_str(out, "; its name holds a direction override");
	if (eii_file_type_agrees(attachment->mime_type, attachment->name, attachment->kind))
		return;
	eii_buf_add_str(out, "; declared type, name and first bytes disagree");
	if (by_name)
		eii_buf_addf(out, ", by its name %s", by_name);
	if (by_bytes)
		eii_buf_addf(out, ", by its first bytes %s", by_bytes);
	else if (attachment->kind == EII_FILE_UNKNOWN)
		eii_buf_add_str(out, ", by its first bytes nothing that is known");
}

static void add_attachment(struct eii_buf *out, const struct eii_description *what, size_t index)
{
	const struct eii_attachment *attachment = &what->source->fields->attachments[index];
	const char *file_name = what->file_names[index];
	bool is_renamed = file_name && attachment->name.len &&
			  !eii_text_equal(attachment->name, eii_text_of(file_name));

	eii_buf_addf(out, "**Attachment %zu**: ", index + 1);
	if (attachment->name.len)
		eii_markdown_value(attachment->name, out);
	else
		eii_buf_add_str(out, "no name");
	eii_buf_add_str(out, ", ");
	add_type(out, attachment);
	eii_buf_addf(out, ", %llu bytes, ", (unsigned long long)attachment->size_bytes);
	if (attachment->fate != EII_ATTACHMENT_TOO_MANY && !what->without_hashes) {
		add_sha256(out, attachment->sha256);
		eii_buf_add_str(out, ", ");
	}
	eii_buf_add_str(out, fate_text(attachment, file_name));
	if (is_renamed || (file_name && !attachment->name.len)) {
		eii_buf_add_str(out, " as ");
		eii_markdown_value(eii_text_of(file_name), out);
	}
	add_doubts(out, attachment);
	eii_buf_add_str(out, LINE_END);
}

static void add_attachments(struct eii_buf *out, const struct eii_description *what)
{
	const struct eii_fields *fields = what->source->fields;

	for (size_t i = 0; i < fields->n_attachments; i++) {
		if (out->len >= EII_DESCRIPTION_LIST_BYTES) {
			eii_buf_addf(out, "\xe2\x80\xa6 and %zu more" LINE_END,
				     fields->n_attachments - i);
			return;
		}
		add_attachment(out, what, i);
	}
}

/* ---- what was not as it should be -------------------------------------- */

/* A mail can write a list of its own into its text; this number it cannot. */
static void add_address_count(struct eii_buf *out, size_t n)
{
	if (n == 0)
		return;
	add_label(out, "Note");
	eii_buf_addf(out, "the list of addresses at the content's end has %zu line%s", n,
		     n == 1 ? "" : "s");
	eii_buf_add_str(out, LINE_END);
}

static void add_defects(struct eii_buf *out, const struct eii_report_source *source)
{
	static const struct {
		enum eii_defect defect;
		const char *text;
	} notes[] = {
		{ EII_DEFECT_HEADER_TOO_LONG, "a header was too long and was cut" },
		{ EII_DEFECT_HEADERS_TOO_LONG, "the headers were too long and were cut" },
		{ EII_DEFECT_TOO_MANY_PARTS, "the mail has too many parts; the rest was not read" },
		{ EII_DEFECT_TOO_DEEP, "the mail is nested too deeply; the rest was not read" },
		{ EII_DEFECT_TOO_MANY_ATTACHMENTS, "the mail has too many attachments" },
		{ EII_DEFECT_CONTENT_CUT, "the content was too long and was cut" },
		{ EII_DEFECT_ADDRESSES_LEFT_OUT,
		  "the mail has more addresses than the list at the content's end" },
		{ EII_DEFECT_ENCRYPTED,
		  "encrypted, not read: a part of the mail is encrypted or compressed" },
		{ EII_DEFECT_SIGNED_NOT_READ,
		  "signed content (S/MIME) could not be read, or not to its end" },
		{ EII_DEFECT_NO_WORDS,
		  "the mail has no words that can be shown, and no file of it is kept" },
		{ EII_DEFECT_TNEF_NOT_READ,
		  "Outlook's content (winmail.dat) could not be read, or not to its end" },
	};

	if (!source->fields->date.is_known)
		add_note(out, "the mail has no usable date; shown is when the server received it");
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		if (source->fields->defects & (uint32_t)notes[i].defect)
			add_note(out, notes[i].text);
	}
	if (!source->fallback && (source->fields->defects & (uint32_t)EII_DEFECT_BODY_NOT_READ))
		add_note(out, "the mail's body could not be read");
	add_address_count(out, source->fields->n_addresses);
}

static void add_fallback(struct eii_buf *out, const char *why)
{
	add_label(out, "Note");
	eii_buf_add_str(out, "the mail could not be converted: ");
	eii_markdown_value(eii_text_of(why), out);
	eii_buf_add_str(out, LINE_END);
}

/* By which the mail is found again, where this report is not the whole of it. */
static void add_facts(struct eii_buf *out, const struct eii_report_source *source)
{
	char text[EII_TIMESTAMP_TEXT_BYTES];
	uint8_t sha256[EII_HASH_SHA256_BYTES];

	add_label(out, "Mail");
	if (source->uid)
		eii_buf_addf(out, "UID %u of UIDVALIDITY %llu, ", source->uid,
			     (unsigned long long)source->uidvalidity);
	if (source->mail_bytes)
		eii_buf_addf(out, "%llu bytes", (unsigned long long)source->mail_bytes);
	else
		eii_buf_add_str(out, "size not known");
	if (source->internal_unix_s) {
		eii_timestamp_format_local(source->internal_unix_s, 0, text);
		eii_buf_addf(out, ", received by the server %s", text);
	}
	if (source->raw.len && !source->raw_is_partial) {
		eii_sha256_of(source->raw.data, source->raw.len, sha256);
		eii_buf_add_str(out, ", ");
		add_sha256(out, sha256);
	}
	eii_buf_add_str(out, LINE_END);
}

static void add_raw(struct eii_buf *out, const struct eii_description *what)
{
	switch (what->raw) {
	case EII_RAW_NOT_NEEDED:
		return;
	case EII_RAW_NOT_WANTED:
		add_note(out, "the raw mail is not attached, as is set");
		break;
	case EII_RAW_KEPT:
		add_label(out, "Note");
		eii_buf_add_str(out, what->source->raw_is_partial
					     ? "the mail's beginning is attached as "
					     : "the raw mail is attached as ");
		eii_markdown_value(eii_text_of(what->raw_name), out);
		eii_buf_add_str(out, LINE_END);
		break;
	case EII_RAW_LEFT_OUT:
		add_note(out, "the raw mail does not fit into a message and is not attached");
		break;
	case EII_RAW_NOT_THERE:
		add_note(out, "the raw mail could not be fetched and is not attached");
		break;
	}
	add_facts(out, what->source);
}

/* ---- the whole --------------------------------------------------------- */

static void add_authentication(struct eii_buf *out, const struct eii_description *what)
{
	if (!what->authority || what->source->fields->authentication != EII_AUTHENTICATION_PASSED)
		return;
	add_label(out, "Email Sender");
	eii_buf_add_str(out, "authenticated, by ");
	eii_markdown_value(eii_text_of(what->authority), out);
	eii_buf_add_str(out, LINE_END);
}

static void add_headers(struct eii_buf *out, const struct eii_description *what)
{
	const struct eii_fields *fields = what->source->fields;

	if (fields->reply_to.len)
		add_line(out, "Email Reply-To", fields->reply_to);
	if (fields->message_id.len)
		add_line(out, "Email Message-ID", fields->message_id);
	add_authentication(out, what);
}

void eii_description_write(const struct eii_description *what, struct eii_buf *out)
{
	size_t block_end;

	add_block(out, what);
	eii_buf_add_str(out, LINE_END LINE_END);
	block_end = out->len;
	if (!what->is_terse) {
		add_headers(out, what);
		add_attachments(out, what);
	}
	if (what->source->fallback)
		add_fallback(out, what->source->fallback);
	add_defects(out, what->source);
	if (what->content_is_cut)
		add_note(out, "the content does not fit into a message and was cut");
	add_raw(out, what);
	if (what->name_is_cut && !what->is_terse)
		add_line(out, "Email Subject in Full", what->source->fields->subject);
	/* Nothing to add: the block stands alone, as the official connector's does. */
	out->len -= strlen(LINE_END) * (out->len == block_end ? 2 : 1);
	out->data[out->len] = '\0';
}
