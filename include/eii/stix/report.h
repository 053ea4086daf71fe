/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail's report: its fields with name, id, author, marking, description and
 * file names, written member by member as the official connector sends it. A
 * mail's text reaches names, description, content and files only, each made
 * harmless for the platform (no line breaks in names, no markup in the
 * description, no `![` beside `data:`, no two file names alike).
 *
 * What does not fit is left out in sight: files from the largest on, then the
 * end of the content. Beyond the platform's limit for content beside files the
 * report becomes two messages: content first, then the same report with the
 * files (or the other way round).
 */
#ifndef EII_STIX_REPORT_H
#define EII_STIX_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"
#include "eii/fields/request.h"
#include "eii/stix/author.h"
#include "eii/stix/id.h"
#include "eii/stix/marking.h"

/* Beyond 512 bytes the platform's index neither sorts nor filters by a name. */
#define EII_REPORT_NAME_MAX_BYTES   500
#define EII_REPORT_MAX_MESSAGES     2
#define EII_REPORT_REFERENCE_SOURCE "Email"         /* source_name of a Message-ID */
#define EII_REPORT_MIN_LIMIT_BYTES  UINT64_C(65536) /* no broker's limit is taken as less */

/*
 * Bytes of the platform's request without the files' own bytes, as Python's
 * json.dumps() counts: with files (not configurable there) and without
 * (app:max_payload_body_size, 50mb). Measured on 7.260817.0.
 */
#define EII_REPORT_REQUEST_WITH_FILES_BYTES UINT64_C(1000000)
#define EII_REPORT_REQUEST_BYTES            UINT64_C(52428800)
/* Query text and members of fixed size (1.2 to 1.4 kB measured), and of each file. */
#define EII_REPORT_REQUEST_MARGIN_BYTES   UINT64_C(4096)
#define EII_REPORT_REQUEST_PER_FILE_BYTES UINT64_C(400)

#define EII_REPORT_SHAPE_MARKINGS 9 /* the usual one and those of a rule */
#define EII_REPORT_MARKINGS       (EII_REPORT_SHAPE_MARKINGS + 1) /* and the mail's own level */

/* What the reports of some mails say in the place of what others do: by a rule. */
struct eii_report_shape {
	struct eii_text type;          /* report_types; empty = threat-report */
	const struct eii_text *labels; /* borrowed, as all texts */
	size_t n_labels;
	struct eii_author author; /* without an id: the default one */
	struct eii_marking markings[EII_REPORT_SHAPE_MARKINGS];
	size_t n_markings;
	bool is_lowered_by_mail; /* its level counts also where it is less strict */
	bool has_confidence;
	uint8_t confidence; /* 0 to 100 */
};

/* The same for all reports of a process. */
struct eii_report_settings {
	struct eii_marking marking;            /* of reports without a shape */
	const struct eii_report_shape *shapes; /* one for each rule, by its index */
	size_t n_shapes;
	/* What else can come out, each once; TLP levels stand first. */
	const struct eii_author *authors;
	size_t n_authors;
	const struct eii_marking *markings;
	size_t n_markings;
	enum eii_content_mode content; /* how the converter was asked to make it */
	enum eii_attach_original attach_original;
	bool without_hashes;   /* of attachments, in the description */
	const char *authority; /* who says that the sender is who it claims; NULL = not asked */
	bool has_own_tlp;      /* mails may name a level: those that can come out are in markings */
	bool has_reference;    /* the Message-ID, as an external reference */
	uint64_t max_message_bytes; /* MQ_MAX_MESSAGE_BYTES, of a whole message; 0 = none */
	int64_t created_us;         /* Unix, of author and marking: when the process began */
};

/* What older platforms need. */
struct eii_report_platform {
	bool content_member; /* < 6.2.2: the content also as `content` */
	bool file_version;   /* <= 6.0.2: a date in each file */
	bool files_first;    /* 6.9.7 to 6.9.12: an upsert loses files that came before */
};

/* One mail. All is borrowed as long as the report lives. */
struct eii_report_source {
	const struct eii_fields *fields;
	const struct eii_report_shape *shape; /* NULL = the default */
	uint64_t uidvalidity;
	uint32_t uid;            /* 0 = not from a mailbox */
	int64_t internal_unix_s; /* INTERNALDATE */
	uint64_t mail_bytes;     /* what the server says */
	struct eii_text raw;     /* what there is of the mail's bytes; may be empty */
	bool raw_is_partial;     /* only its first bytes */
	const char *fallback;    /* why it could not be converted, in a few words; NULL = it was */
	unsigned milliseconds;   /* of published, 0 to 999: from the ring of ids */
	int64_t now_us;          /* Unix, for created and modified */
	uint64_t envelope_bytes; /* of the message around an empty bundle */
	uint64_t max_message_bytes; /* where the broker takes less than the setting; 0 = the setting
				     */
	struct eii_report_platform platform;
};

/* The id over .000Z, by which two mails are found to collide (state/ring.h). */
void eii_report_plain_id(const struct eii_fields *fields, int64_t internal_unix_s,
			 char out[EII_ID_BYTES]);

struct eii_report;

/* EII_REJECT: not even the bare report fits the broker's limit. */
enum eii_rc eii_report_new(const struct eii_report_settings *settings,
			   const struct eii_report_source *source, struct eii_report **out,
			   struct eii_error *err) EII_MUST_CHECK;
void eii_report_free(struct eii_report *report);
EII_DEFINE_AUTO(eii_report);

struct eii_text eii_report_name(const struct eii_report *report);
const char *eii_report_id(const struct eii_report *report);
/*
 * The level that the mail names for itself, where the report is marked with it: it is stricter
 * than what else the report would be marked with, or the mail has passed its authentication and
 * its shape lets it lower. Else EII_TLP_NONE.
 */
enum eii_tlp eii_report_own_tlp(const struct eii_report *report);
const char *eii_report_published(const struct eii_report *report);
size_t eii_report_n_files(const struct eii_report *report);
size_t eii_report_n_left_out(const struct eii_report *report); /* files that did not fit */

/* Messages that it is sent as: 1 or 2. */
unsigned eii_report_n_messages(const struct eii_report *report);

/* The exact bytes of message index's bundle. */
uint64_t eii_report_bundle_size(const struct eii_report *report, unsigned index);

/* Writes it, the same bytes each time. Fails as the sink does. */
enum eii_rc eii_report_write_bundle(const struct eii_report *report, unsigned index,
				    struct eii_sink *sink, struct eii_error *err) EII_MUST_CHECK;

/*
 * Message index as one bundle with author and marking in front, as it is before the splitter
 * (a marking of the platform's own is not among them). Fails as the sink does.
 */
enum eii_rc eii_report_write_whole(const struct eii_report *report, unsigned index,
				   struct eii_sink *sink, struct eii_error *err) EII_MUST_CHECK;

/* The report object as one, without what the splitter adds. */
enum eii_rc eii_report_write_object(const struct eii_report *report, struct eii_sink *sink,
				    struct eii_error *err) EII_MUST_CHECK;

#endif
