/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of a conversion: the settings that shape a mail's fields.
 */
#ifndef EII_FIELDS_REQUEST_H
#define EII_FIELDS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/text.h"

enum eii_convert_mode {
	EII_CONVERT_FULL,
	EII_CONVERT_SCAN, /* the header scanner only: what a fallback report needs */
};

/* EMAIL_INTEL_IMAP_CONTENT. */
enum eii_content_mode {
	EII_CONTENT_SAFE,     /* text escaped with <br>, HTML written anew by an allow-list */
	EII_CONTENT_VERBATIM, /* as the official connector sends it */
};

/* EMAIL_INTEL_IMAP_ATTACH_ORIGINAL: when the mail itself is a file of its report. */
enum eii_attach_original {
	EII_ATTACH_ORIGINAL_FALLBACK, /* where the report is not the whole of it */
	EII_ATTACH_ORIGINAL_NEVER,
	EII_ATTACH_ORIGINAL_ALWAYS,
};

struct eii_convert_settings {
	enum eii_content_mode content;
	bool attach_forwarded;       /* keep message/rfc822 parts as .eml files */
	uint32_t inline_image_bytes; /* cid: images put into the HTML, sum of one mail; 0 = none */
	uint32_t max_content_bytes;  /* what a message can carry: longer content is cut; 0 = none */
	uint64_t max_file_bytes;     /* a file beyond it comes back without its bytes */
	bool asks_tlp;               /* the level that the mail names is looked for */
	struct eii_text authority;   /* whose Authentication-Results count; empty = not asked */
	const struct eii_text *types; /* to keep: for fields/type_pattern.h; borrowed */
	size_t n_types;
};

#endif
