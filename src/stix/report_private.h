/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report in the making: report.c composes it and makes it fit, report_write.c
 * writes it and says how large it is.
 */
#ifndef EII_STIX_REPORT_PRIVATE_H
#define EII_STIX_REPORT_PRIVATE_H

#include "content.h"
#include "eii/base/buf.h"
#include "eii/base/timestamp.h"
#include "eii/stix/report.h"

struct file {
	char *name; /* owned */
	struct eii_text mime_type;
	struct eii_text data;
	bool is_kept; /* false: it did not fit */
};

enum part { PART_CONTENT = 1 << 0, PART_FILES = 1 << 1, PART_ALL = PART_CONTENT | PART_FILES };

struct eii_report {
	const struct eii_report_settings *settings;
	struct eii_report_source source;
	char id[EII_ID_BYTES];
	char bundle_id[EII_ID_BYTES];
	char published[EII_TIMESTAMP_TEXT_BYTES];
	struct eii_buf name;
	bool name_is_cut;
	struct eii_buf description;
	bool is_terse;

	struct eii_buf disarmed; /* the content where it had to be changed */
	struct eii_text whole;   /* the content before any cut */
	struct eii_buf cut;      /* and after */
	struct eii_text content; /* what is sent */
	struct eii_cost budget;  /* what it was cut to */
	bool content_is_cut;

	struct file *files; /* those of the mail that are kept, then the raw mail */
	size_t n_files;
	size_t *file_of; /* attachment -> index of its file, or NO_FILE */
	bool has_raw;    /* the last file is the raw mail */

	const struct eii_marking *markings[EII_REPORT_MARKINGS]; /* of settings, shape, own */
	size_t n_markings;
	struct eii_marking own; /* the level that the mail names, where it counts */

	struct eii_cost name_cost, reference_cost, description_cost, content_cost;
	uint64_t shape_cost;
	enum part parts[EII_REPORT_MAX_MESSAGES];
	unsigned n_messages;
	uint64_t sizes[EII_REPORT_MAX_MESSAGES];
};

#define NO_FILE SIZE_MAX

/* The Message-ID where it is named as an external reference; else empty. */
struct eii_text eii_report_reference(const struct eii_report *report);

/* Chooses its markings (report_markings.c). */
void eii_report_mark(struct eii_report *report);

/* Bytes of a bundle with these parts. */
uint64_t eii_report_measure(const struct eii_report *report, enum part parts);

#endif
