/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report's description: the official connector's block, then what it leaves
 * out. Markdown; whatever comes from the mail is escaped, or in code where it holds an address
 * (markdown.h).
 */
#ifndef EII_STIX_DESCRIPTION_H
#define EII_STIX_DESCRIPTION_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/stix/report.h"

/* Attachments are listed as long as the description is shorter than this. */
#define EII_DESCRIPTION_LIST_BYTES 49152

/* What became of the raw mail. */
enum eii_raw_fate {
	EII_RAW_NOT_NEEDED,
	EII_RAW_NOT_WANTED, /* EMAIL_INTEL_IMAP_ATTACH_ORIGINAL is never */
	EII_RAW_KEPT,
	EII_RAW_LEFT_OUT,
	EII_RAW_NOT_THERE,
};

struct eii_description {
	const struct eii_report_source *source;
	struct eii_text name; /* the report's */
	bool name_is_cut;
	const char *const *file_names; /* of each attachment, NULL where it is not kept */
	enum eii_raw_fate raw;
	const char *raw_name;
	bool content_is_cut;
	bool is_terse;         /* the block and the notes only */
	bool without_hashes;   /* of attachments */
	const char *authority; /* whose word on the sender was asked for; NULL = nobody's */
};

void eii_description_write(const struct eii_description *what, struct eii_buf *out);

#endif
