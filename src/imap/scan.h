/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one line of a server's, from left to right (RFC 3501, section 9).
 * Each function takes what it names and says true, or leaves the place as it
 * was and says false.
 */
#ifndef EII_IMAP_SCAN_H
#define EII_IMAP_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

struct eii_imap_scan {
	const char *at;
	const char *end;
};

static inline struct eii_imap_scan eii_imap_scan_of(struct eii_text line)
{
	return (struct eii_imap_scan){ .at = line.data, .end = line.data + line.len };
}

static inline bool eii_imap_scan_is_done(const struct eii_imap_scan *scan)
{
	return scan->at == scan->end;
}

static inline struct eii_text eii_imap_scan_rest(const struct eii_imap_scan *scan)
{
	return eii_text(scan->at, (size_t)(scan->end - scan->at));
}

bool eii_imap_scan_char(struct eii_imap_scan *scan, char c);

/* A blank, or several where one belongs. */
bool eii_imap_scan_blanks(struct eii_imap_scan *scan);

/* A word of ASCII in any case, that ends at a blank, a bracket or the line's end. */
bool eii_imap_scan_word(struct eii_imap_scan *scan, const char *word);

/* Any run of characters but blanks, brackets and quotes; not empty. */
bool eii_imap_scan_atom(struct eii_imap_scan *scan, struct eii_text *out);

/* Decimal, without sign; more than max is false. */
bool eii_imap_scan_number(struct eii_imap_scan *scan, uint64_t max, uint64_t *out);
bool eii_imap_scan_u32(struct eii_imap_scan *scan, uint32_t *out);

/* "..." with its escapes taken out, added to a buffer. */
bool eii_imap_scan_quoted(struct eii_imap_scan *scan, struct eii_buf *out);

/* {n} or ~{n} as the last thing of the line. */
bool eii_imap_scan_literal(struct eii_imap_scan *scan, uint64_t *out_len);

/* The same, found from the line's end; *out_start is where it begins. */
bool eii_imap_scan_ends_in_literal(struct eii_text line, uint64_t *out_len, size_t *out_start);

/* What a FETCH item is called: BODY[...]<0>, RFC822.SIZE. */
bool eii_imap_scan_item(struct eii_imap_scan *scan, struct eii_text *out);

/* "12:15" or "12" of a set; first <= last. */
bool eii_imap_scan_range(struct eii_imap_scan *scan, uint32_t *out_first, uint32_t *out_last);

/* "[CODE rest]" of a status line: its inside. */
bool eii_imap_scan_code(struct eii_imap_scan *scan, struct eii_imap_scan *out_inside);

#endif
