/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail while it is converted: its parts as a flat list, and what the three
 * steps (structure.c, attachments.c, content.c) pass on. Private to mail.
 */
#ifndef EII_MAIL_MESSAGE_PRIVATE_H
#define EII_MAIL_MESSAGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"
#include "eii/fields/limits.h"
#include "eii/fields/request.h"
#include "eii/mail/look.h"
#include "eii/mail/scan.h"
#include "eii/mail/transfer.h"

#define EII_PART_CHARSET_MAX 64
#define EII_NO_INDEX         SIZE_MAX

enum eii_disposition {
	EII_DISPOSITION_NONE,
	EII_DISPOSITION_ATTACHMENT,
	EII_DISPOSITION_INLINE, /* any word but "attachment" */
};

/* Whether lines of the text go on in the next one (RFC 3676); undone in safe mode. */
enum eii_flow {
	EII_FLOW_FIXED,
	EII_FLOW_KEEP_BLANKS,
	EII_FLOW_DROP_BLANKS, /* DelSp=yes: the blank at a line's end is none of the text */
};

enum eii_part_kind {
	EII_PART_LEAF,
	EII_PART_MESSAGE,   /* message/rfc822; raw is the inner message as it stands */
	EII_PART_UNDIVIDED, /* a multipart in which no boundary was found */
	EII_PART_BESIDE,    /* before the first or behind the last part of one; in safe mode only */
};

struct eii_part {
	enum eii_part_kind kind;
	char type[EII_LIMIT_MIME_TYPE_BYTES + 1]; /* lower case, "text/plain" */
	char charset[EII_PART_CHARSET_MAX];       /* label as given; "" = none */
	struct eii_text name;                     /* file name, kept by the fields; may be empty */
	struct eii_text url;                      /* of its body, or where that comes from */
	struct eii_text content_id;               /* without "<>"; kept by the fields */
	enum eii_disposition disposition;
	enum eii_transfer transfer;
	bool is_transfer_open; /* several encodings are named, or one that is unknown */
	enum eii_flow flow;
	struct eii_text raw;   /* as it stands in the mail; borrowed from its source */
	unsigned int messages; /* how many message/rfc822 it is in */
	size_t alternative;    /* innermost multipart/alternative, or EII_NO_INDEX */
	size_t branch;         /* which of the alternatives there it is, or is in */
	bool is_judged;        /* safe mode: what its bytes are counts, not what is said of them */
	bool is_in_content;
	bool is_read;            /* all addresses of it are known: it was not cut */
	bool is_undeclared_html; /* a page by its first bytes, of a type that says nothing */
	bool is_attachment;
	bool is_referred_to;    /* the HTML shows it by its Content-ID */
	struct eii_buf decoded; /* of an attachment */
};

/* A multipart/alternative. */
struct eii_alternative {
	size_t parent;       /* the next one outside, or EII_NO_INDEX */
	size_t branch;       /* which of the alternatives there it is in */
	bool has_html;       /* HTML to show is in it */
	bool has_html_twice; /* in more than one of its alternatives */
	size_t html_branch;  /* the first of them that holds HTML */
};

struct eii_message {
	const struct eii_convert_settings *settings; /* borrowed */
	struct eii_fields *fields;                   /* borrowed: where the answer goes */
	struct eii_text mail;                        /* borrowed: all of it */
	struct eii_header_charset header_charset;    /* of raw 8-bit bytes in its headers */
	uint64_t budget;                             /* bytes that content and files may have */
	struct eii_part *parts;
	size_t n_parts;
	size_t parts_capacity;
	struct eii_alternative *alternatives;
	size_t n_alternatives;
	size_t n_streams; /* of TNEF that were opened */
	bool has_words;   /* what was chosen as content has some; safe mode only */
	void **sources;   /* decoded messages that parts point into */
	size_t n_sources;
};

/* Fields of a part's header that say what it is; empty = absent. */
struct eii_part_header {
	struct eii_text type;
	struct eii_text transfer;
	struct eii_text disposition;
	struct eii_text id;
	struct eii_text location;
	bool is_encoded_twice; /* two fields name its transfer encoding */
};

/* Where a part stands. */
struct eii_place {
	unsigned int depth;
	unsigned int messages;
	unsigned int opened; /* signed parts and streams of TNEF around it (EII_LIMIT_OPENED) */
	size_t alternative;
	size_t branch;  /* which of the alternatives there */
	bool is_root;   /* its header fields are those of a message */
	bool is_digest; /* what has no type there is a message */
};

/* part.c */
void eii_part_header_add(struct eii_part_header *header, struct eii_text name,
			 struct eii_text value);
/* A part at the end of the list; NULL, and the defect, when there are too many. */
struct eii_part *eii_message_add_part(struct eii_message *message,
				      const struct eii_part_header *header,
				      const struct eii_place *place);
/* A multipart/alternative at that place; its index. */
size_t eii_message_open_alternative(struct eii_message *message, const struct eii_place *place);
bool eii_part_is_text(const struct eii_part *part);
bool eii_part_is_html(const struct eii_part *part);
bool eii_part_is(const struct eii_part *part, const char *type);
/* In safe mode, where the words of RTF are read. */
bool eii_part_is_rtf(const struct eii_part *part);
bool eii_part_is_calendar(const struct eii_part *part); /* or a card; likewise */
/* Once its bytes are known: decides by them what is not clear of its transfer encoding. */
void eii_part_settle(struct eii_part *part);
/* Declared as a message; and "phish.eml" of a type that says nothing, as some forward it. */
bool eii_part_is_message(const struct eii_part *part);
bool eii_part_is_undeclared_message(const struct eii_part *part);
/* Adds the part's bytes with the transfer encoding undone. */
void eii_part_decode(const struct eii_part *part, struct eii_buf *out);
void eii_message_clear(struct eii_message *message);

bool eii_part_header_is_multipart(const struct eii_part_header *header);
bool eii_part_header_is(const struct eii_part_header *header, const char *type);
/* Takes bytes from malloc() that parts point into. */
struct eii_text eii_message_keep_source(struct eii_message *message, char *bytes, size_t len);

/* The part's decoded bytes, kept as long as the message. */
struct eii_text eii_message_keep_decoded(struct eii_message *message, const struct eii_part *part);

/* head.c: what the header of a mail or a part says about its body, and where that begins. */
struct eii_head {
	struct eii_part_header part;
	struct eii_text body;
};

void eii_head_read(struct eii_message *message, struct eii_text bytes,
		   const struct eii_place *place, struct eii_head *out);
/* The boundary of a multipart, empty where it has none; lives as long as message. */
struct eii_text eii_head_boundary(struct eii_message *message, const struct eii_head *head);

/* Is there a header at its beginning? A line like "Subject: x" is no base64. */
bool eii_head_begins(struct eii_text body);
/* Subject of an inner message as a file name, where the part has no name. */
void eii_head_name_message(struct eii_message *message, struct eii_part *part);

/* divide.c: multiparts that break the rules. */
/*
 * The boundary that divides bytes in which the one that was named (or empty) does not, and
 * these bytes: decoded, with line ends that count. Empty where there is none. What is new
 * lives as long as message.
 */
struct eii_text eii_divide_again(struct eii_message *message, enum eii_transfer transfer,
				 struct eii_text boundary, struct eii_text *bytes);

/* smime.c: what is signed or encrypted as a whole; asked in safe mode only. */
enum eii_smime {
	EII_SMIME_NOTHING, /* no content, or none that can be read: then with its defect */
	EII_SMIME_ENTITY,  /* header and body of MIME */
	EII_SMIME_TEXT,    /* words without a header */
	EII_SMIME_FILE,    /* "invoice.pdf.p7m" */
};

struct eii_smime_content {
	struct eii_text bytes; /* lives as long as the message */
	struct eii_text name;  /* of a file; as long as that of the part */
};

bool eii_part_is_smime(const struct eii_part *part);
bool eii_part_is_encrypted(const struct eii_part *part);
/* The signed content of a part; its signature is not checked. */
enum eii_smime eii_smime_open(struct eii_message *message, const struct eii_part *part,
			      struct eii_smime_content *out);

/* winmail.c: bodies and files of TNEF; in safe mode only. */
bool eii_part_is_tnef(const struct eii_part *part);
/* Adds them at the end of the list. */
void eii_winmail_read(struct eii_message *message, const struct eii_part *part,
		      const struct eii_place *place);

/* uuencoded.c: the files that a text holds stand behind it; in safe mode only. */
void eii_uuencoded_read(struct eii_message *message, const struct eii_part *part,
			const struct eii_place *place);

/* structure.c */
/* Fills message->parts in the order of the mail. */
void eii_structure_read(struct eii_message *message, struct eii_text mail);

/* flowed.c: adds the text with its lines put together, quotation marks and all. */
void eii_flowed_join(struct eii_text text, enum eii_flow flow, struct eii_buf *out);

/*
 * Calendars and cards: lines go on behind a line end and a blank (RFC 5545, 3.1), texts have
 * escapes (3.3.11; RFC 6350, 3.4; some escape ':' too).
 */
void eii_calendar_unfold(struct eii_text text, struct eii_buf *out);

/* body_text.c */
/* A buffer that any text of the part fits in: four bytes for each of its own. */
void eii_part_init_text(const struct eii_part *part, struct eii_buf *buf);
/* The part's text as UTF-8 without NUL into out, which is empty. */
void eii_part_decode_text(const struct eii_part *part, struct eii_buf *out);
/* As much of text as the ceiling of out allows, whole characters; false: cut. */
bool eii_content_add_cut(struct eii_buf *out, struct eii_text text);
/* The same for HTML, whose first <meta> with a content-type says utf-8 then. */
bool eii_content_add_html(struct eii_buf *out, struct eii_text html);

/* part_look.c */
bool eii_part_is_page(const struct eii_part *part); /* read as HTML */
/* What a reader sees of its text; no more than max characters are counted. */
struct eii_look eii_part_look(const struct eii_part *part, size_t max);
/* In safe mode: no character to be seen. In verbatim mode, and of HTML: nothing but blanks. */
bool eii_part_is_blank(const struct eii_part *part);

/* content_choose.c: which parts are the body, of the mail and of messages in it. */
#define EII_QUOTED_DEPTH    3  /* messages in messages that are quoted below the mail's text */
#define EII_QUOTED_MESSAGES 20 /* of one mail; the others by their names */

void eii_content_choose(struct eii_message *message);
/* Is it a message that safe mode quotes, as far as these limits go? */
bool eii_part_is_quoted(const struct eii_part *part);
/* Behind the last part of the message that the part holds. */
size_t eii_message_end(const struct eii_message *message, size_t part);

/* quote.c: who wrote the message, when, about what, to whom; nothing where nothing is said. */
void eii_quote_add_head(struct eii_text raw, struct eii_buf *out);
/* The name of a message that is not quoted. */
void eii_quote_add_name(const struct eii_part *part, struct eii_buf *out);

/* own_words.c: the level that subject and body name as the sender's own (tlp.h). */
enum eii_tlp eii_message_tlp(const struct eii_message *message);

/* content.c: their text, into the fields. */
void eii_content_write(struct eii_message *message);

/* attachments.c */
/* Is the type among those that are asked for? */
bool eii_message_keeps_type(const struct eii_message *message, struct eii_text type);
/* What is a file, its bytes, fate and place in the fields. */
void eii_attachments_find(struct eii_message *message);
void eii_attachments_write(struct eii_message *message);

#endif
