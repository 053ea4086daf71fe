/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one mail is: the fields that the converter reads out of it and the
 * connector makes a report of. No names, ids or keys of a report are here: a
 * converter taken over by a mail can lie about that mail only.
 *
 * All texts are UTF-8 without NUL, checked when they come over the wire
 * (fields/wire.h). They live as long as the eii_fields they belong to.
 */
#ifndef EII_FIELDS_FIELDS_H
#define EII_FIELDS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"
#include "eii/fields/file_type.h"
#include "eii/fields/tlp.h"

#define EII_SHA256_BYTES 32

enum eii_content_kind {
	EII_CONTENT_EMPTY, /* the mail has no body to show */
	EII_CONTENT_TEXT,  /* plain text, as it is (verbatim mode only) */
	EII_CONTENT_HTML,
};

/* Why an attachment's bytes are in the report, or not. */
enum eii_attachment_fate {
	EII_ATTACHMENT_KEPT,
	EII_ATTACHMENT_TYPE_NOT_LISTED, /* its MIME type is not among those asked for */
	EII_ATTACHMENT_INLINE,          /* an image that belongs to the body */
	EII_ATTACHMENT_TOO_LARGE,       /* beyond what the broker takes */
	EII_ATTACHMENT_TOO_MANY,        /* beyond EII_LIMIT_ATTACHMENTS; not more than counted */
	EII_ATTACHMENT_FATES,           /* how many there are */
};

struct eii_attachment {
	struct eii_text name;      /* as the mail gives it, decoded; may be empty, may hold '/' */
	struct eii_text mime_type; /* as declared, lower case, "application/pdf" */
	enum eii_file_kind kind;   /* by its first bytes, whatever its fate */
	enum eii_attachment_fate fate;
	uint64_t size_bytes;              /* decoded */
	uint8_t sha256[EII_SHA256_BYTES]; /* of the decoded bytes */
	struct eii_text data;             /* the decoded bytes; only where fate is KEPT */
};

/* What was wrong or left out, a bit each; the description tells it. */
enum eii_defect {
	EII_DEFECT_NO_DATE = 1u << 0,          /* no Date header, or none that can be used */
	EII_DEFECT_HEADER_TOO_LONG = 1u << 1,  /* a header was cut (EII_LIMIT_HEADER_BYTES) */
	EII_DEFECT_HEADERS_TOO_LONG = 1u << 2, /* EII_LIMIT_HEADER_BLOCK_BYTES */
	EII_DEFECT_TOO_MANY_PARTS = 1u << 3,
	EII_DEFECT_TOO_DEEP = 1u << 4,
	EII_DEFECT_TOO_MANY_ATTACHMENTS = 1u << 5,
	EII_DEFECT_CONTENT_CUT = 1u << 6,        /* the content did not fit the answer */
	EII_DEFECT_BODY_NOT_READ = 1u << 7,      /* header scan only: a fallback */
	EII_DEFECT_ADDRESSES_LEFT_OUT = 1u << 8, /* more of them than the list can hold */
	EII_DEFECT_ENCRYPTED = 1u << 9,          /* a part is encrypted or compressed */
	EII_DEFECT_SIGNED_NOT_READ = 1u << 10,   /* S/MIME: not at all, or not to its end */
	EII_DEFECT_TNEF_NOT_READ = 1u << 11,     /* not at all, or not to its end */
	EII_DEFECT_NO_WORDS = 1u << 12,          /* nor a file that was kept, though it has some */
	EII_DEFECTS_ALL = (1u << 13) - 1,
};

/* Defects that mean that something is missing: the raw mail is attached then. */
#define EII_DEFECTS_INCOMPLETE                                                                     \
	((uint32_t)EII_DEFECT_HEADER_TOO_LONG | (uint32_t)EII_DEFECT_HEADERS_TOO_LONG |            \
	 (uint32_t)EII_DEFECT_TOO_MANY_PARTS | (uint32_t)EII_DEFECT_TOO_DEEP |                     \
	 (uint32_t)EII_DEFECT_TOO_MANY_ATTACHMENTS | (uint32_t)EII_DEFECT_CONTENT_CUT |            \
	 (uint32_t)EII_DEFECT_BODY_NOT_READ | (uint32_t)EII_DEFECT_ADDRESSES_LEFT_OUT |            \
	 (uint32_t)EII_DEFECT_ENCRYPTED | (uint32_t)EII_DEFECT_SIGNED_NOT_READ |                   \
	 (uint32_t)EII_DEFECT_TNEF_NOT_READ | (uint32_t)EII_DEFECT_NO_WORDS)

/* What the receiving server says of the sender (mail/authentication.h). */
enum eii_authentication {
	EII_AUTHENTICATION_NOT_ASKED,
	EII_AUTHENTICATION_PASSED,
	EII_AUTHENTICATION_NO_RESULT,     /* it says nothing */
	EII_AUTHENTICATION_FAILED,        /* it does not say that the sender is who it claims */
	EII_AUTHENTICATION_NO_ONE_SENDER, /* no From address, or more than one */
};

struct eii_date {
	bool is_known;
	bool has_offset;    /* false: "-0000" or no zone; the instant is then taken as UTC */
	int32_t offset_min; /* of the sender, minutes east of UTC, -1439 to 1439 */
	int64_t unix_s;     /* years 0001 to 9999 */
};

struct eii_fields {
	struct eii_text subject;    /* decoded, unfolded; empty where there is none */
	struct eii_text sender;     /* address of From, without name; may be empty */
	struct eii_text reply_to;   /* address of Reply-To; empty where there is none */
	struct eii_text recipients; /* addresses that it says it is to, each with a line end */
	struct eii_text message_id; /* with its angle brackets; may be empty */
	struct eii_date date;
	enum eii_content_kind content_kind;
	struct eii_text content;
	struct eii_attachment *attachments; /* in the order of the mail */
	size_t n_attachments;
	uint32_t defects; /* of enum eii_defect */
	enum eii_authentication authentication;
	enum eii_tlp tlp;   /* that the mail names as its own; NONE where it was not asked for */
	size_t n_addresses; /* lines of the list of addresses at the content's end */
	/* Owned memory that the texts above point into. */
	void **owned;
	size_t n_owned;
};

struct eii_fields *eii_fields_new(void);
void eii_fields_free(struct eii_fields *fields);
EII_DEFINE_AUTO(eii_fields);

/* A copy of the bytes that lives as long as fields. */
struct eii_text eii_fields_keep(struct eii_fields *fields, struct eii_text text);

/* The bytes of a buffer without copying; the buffer is empty afterwards. */
struct eii_text eii_fields_take_buf(struct eii_fields *fields, struct eii_buf *buf);

/* Memory from malloc() that is freed with fields. */
void eii_fields_take(struct eii_fields *fields, void *memory);

/* A zeroed attachment at the end of the list; valid until the next one is added. */
struct eii_attachment *eii_fields_add_attachment(struct eii_fields *fields);

#endif
