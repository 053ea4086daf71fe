/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --check has tried, as lines for a person or as one JSON object.
 */
#ifndef EII_APP_CHECK_REPORT_H
#define EII_APP_CHECK_REPORT_H

#include <stdio.h>

#include "eii/app/check.h"
#include "eii/base/json_writer.h"
#include "eii/base/stream_sink.h"

enum eii_check_state {
	EII_CHECK_OK,
	EII_CHECK_WARNING,
	EII_CHECK_FAILED,
	EII_CHECK_NOT_TRIED,
	EII_CHECK_STATES,
};

/* What mends it: both are NULL where nothing has to be mended. */
struct eii_check_cure {
	const char *setting; /* the one to look at, where the detail names none; NULL = none */
	const char *what;    /* a sentence's end: "raise it, or leave it out" */
};

/* Caller's struct: begin before, end after. */
struct eii_check_report {
	enum eii_check_format format;
	FILE *out; /* borrowed */
	struct eii_stream_sink sink;
	struct eii_json_writer json;
};

void eii_check_report_begin(struct eii_check_report *report, enum eii_check_format format,
			    FILE *out);

/*
 * name is a word like "mailbox". What is no printable UTF-8 in the detail becomes '?'.
 * cure may be NULL. A detail that names a setting says itself what to do with it: the
 * lines have the cure behind all others, the object behind each.
 */
void eii_check_report_add(struct eii_check_report *report, const char *name,
			  enum eii_check_state state, const struct eii_check_cure *cure,
			  const char *format, ...) EII_PRINTF(5, 6);

/* Returns code, or 74 where the stream could not be written. */
int eii_check_report_end(struct eii_check_report *report, int code);

#endif
