/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "imap_private.h"

/* ---- the session's own lines -------------------------------------------- */

enum eii_rc eii_imap_take_bye(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct eii_error *err)
{
	eii_imap_take_refusal(imap, EII_IMAP_BY_BYE, scan, &imap->refusal);
	return eii_imap_end(imap,
			    eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
					  "%s: the server ends the session: '%s'",
					  eii_stream_where(imap->stream), imap->refusal.words));
}

static enum eii_rc take_numbered(struct eii_imap *imap, uint32_t n, struct eii_imap_scan *scan,
				 const struct eii_imap_handler *handler, struct eii_error *err)
{
	if (eii_imap_scan_word(scan, "FETCH") && eii_imap_scan_blanks(scan))
		return eii_imap_take_fetch(imap, scan, handler->fetch, err);
	if (eii_imap_scan_word(scan, "EXISTS")) {
		imap->has_news |= n != imap->folder.n_mails;
		imap->has_grown |= n > imap->folder.n_mails;
		imap->folder.n_mails = n;
		imap->folder.has_mails = true;
	} else if (eii_imap_scan_word(scan, "EXPUNGE")) {
		imap->has_news = true;
		if (imap->folder.n_mails)
			imap->folder.n_mails--;
	}
	return eii_imap_skip_answer(imap, scan, err);
}

/* ---- lines for the command ----------------------------------------------- */

static void add_as_quoted(struct eii_buf *out, const struct eii_buf *bytes)
{
	eii_buf_add_char(out, '"');
	for (size_t i = 0; i < bytes->len; i++) {
		if (bytes->data[i] == '"' || bytes->data[i] == '\\')
			eii_buf_add_char(out, '\\');
		if (bytes->data[i])
			eii_buf_add_char(out, bytes->data[i]);
	}
	eii_buf_add_char(out, '"');
}

static enum eii_rc join_literal(struct eii_imap *imap, struct eii_imap_scan *scan, uint64_t len,
				struct eii_error *err)
{
	struct eii_buf bytes;
	enum eii_rc rc;

	eii_buf_init(&bytes, EII_IMAP_LINE_MAX);
	rc = eii_imap_reader_add(&imap->reader, len, &bytes, err);
	add_as_quoted(&imap->joined, &bytes);
	eii_buf_clear(&bytes);
	return rc ? eii_imap_end(imap, rc) : eii_imap_next_line(imap, scan, err);
}

/*
 * Literals (a folder's name) become quoted strings of one line. An answer with
 * one that is too long for that becomes an empty one.
 */
static enum eii_rc join_literals(struct eii_imap *imap, struct eii_imap_scan *scan,
				 struct eii_error *err)
{
	uint64_t len;
	size_t start;
	enum eii_rc rc;

	if (!eii_imap_scan_ends_in_literal(eii_imap_scan_rest(scan), &len, &start))
		return EII_OK;
	eii_buf_reset(&imap->joined);
	while (eii_imap_scan_ends_in_literal(eii_imap_scan_rest(scan), &len, &start)) {
		if (len > EII_IMAP_LINE_MAX || !eii_buf_ok(&imap->joined))
			return eii_imap_skip_answer(imap, scan, err);
		eii_buf_add(&imap->joined, scan->at, start);
		rc = join_literal(imap, scan, len, err);
		if (rc)
			return rc;
	}
	eii_buf_add_text(&imap->joined, eii_imap_scan_rest(scan));
	*scan = eii_imap_scan_of(eii_buf_text(&imap->joined));
	if (!eii_buf_ok(&imap->joined))
		scan->at = scan->end;
	return EII_OK;
}

static enum eii_rc hand_over(struct eii_imap *imap, struct eii_imap_scan *scan,
			     const struct eii_imap_handler *handler, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (!handler->untagged)
		return eii_imap_skip_answer(imap, scan, err);
	if (handler->joins) {
		rc = join_literals(imap, scan, err);
		return rc ? rc : handler->untagged(imap, scan, handler->arg, err);
	}
	rc = handler->untagged(imap, scan, handler->arg, err);
	return rc ? rc : eii_imap_skip_answer(imap, scan, err);
}

/* The words behind OK, NO and BAD are words, whatever they end in. */
static bool is_status(struct eii_imap_scan *scan)
{
	return eii_imap_scan_word(scan, "OK") || eii_imap_scan_word(scan, "NO") ||
	       eii_imap_scan_word(scan, "BAD");
}

/* scan stands behind "* ". */
static enum eii_rc take_untagged(struct eii_imap *imap, struct eii_imap_scan *scan,
				 const struct eii_imap_handler *handler, struct eii_error *err)
{
	struct eii_imap_scan before = *scan;
	uint32_t n;

	if (is_status(scan)) {
		eii_imap_take_code(imap, scan);
		return EII_OK;
	}
	if (eii_imap_scan_word(scan, "BYE"))
		return eii_imap_take_bye(imap, scan, err);
	if (eii_imap_scan_word(scan, "CAPABILITY")) {
		eii_imap_take_capabilities(imap, scan);
		return EII_OK;
	}
	if (eii_imap_scan_u32(scan, &n) && eii_imap_scan_blanks(scan))
		return take_numbered(imap, n, scan, handler, err);
	*scan = before;
	return hand_over(imap, scan, handler, err);
}

/* ---- to the tagged answer ---------------------------------------------- */

static bool scan_status(struct eii_imap_scan *scan, enum eii_imap_status *out)
{
	if (eii_imap_scan_word(scan, "OK"))
		*out = EII_IMAP_OK;
	else if (eii_imap_scan_word(scan, "NO"))
		*out = EII_IMAP_NO;
	else if (eii_imap_scan_word(scan, "BAD"))
		*out = EII_IMAP_BAD;
	else
		return false;
	return true;
}

static void take_status(struct eii_imap *imap, enum eii_imap_status status,
			struct eii_imap_scan *scan, struct eii_imap_refusal *refusal)
{
	struct eii_imap_scan code = *scan;

	eii_imap_take_code(imap, &code);
	if (status == EII_IMAP_OK)
		*refusal = (struct eii_imap_refusal){ 0 };
	else
		eii_imap_take_refusal(imap,
				      status == EII_IMAP_NO ? EII_IMAP_BY_NO : EII_IMAP_BY_BAD,
				      scan, refusal);
}

/* RFC 3501, section 5.5: a later group may be answered first. */
static struct eii_imap_group *find_group(struct eii_imap *imap, unsigned tag)
{
	for (size_t k = 0; k < imap->n_groups; k++) {
		size_t at = (imap->first_group + k) % EII_IMAP_PIPELINE_MAX;

		if (imap->groups[at].tag == tag && !imap->groups[at].is_answered)
			return &imap->groups[at];
	}
	return NULL;
}

/* *is_done: it was the answer to tag. */
static enum eii_rc take_tagged(struct eii_imap *imap, unsigned tag, struct eii_imap_scan *scan,
			       enum eii_imap_status *out, bool *is_done, struct eii_error *err)
{
	struct eii_imap_group *group;
	enum eii_imap_status status;
	uint32_t n = 0;

	if (!eii_imap_scan_char(scan, 'A') || !eii_imap_scan_u32(scan, &n) ||
	    !eii_imap_scan_blanks(scan))
		return eii_imap_fail(imap, "its answer is not IMAP, or not to what was asked", err);
	/* A0: what was said before the greeting. */
	if (n == 0 && imap->was_nudged)
		return EII_OK;
	group = n == tag ? NULL : find_group(imap, n);
	if (n != tag && !group)
		return eii_imap_fail(imap, "its answer is not IMAP, or not to what was asked", err);
	if (!scan_status(scan, &status))
		return eii_imap_fail(imap, "its answer is neither OK nor NO nor BAD", err);
	if (group) {
		group->is_answered = true;
		group->status = status;
		take_status(imap, status, scan, &group->refusal);
		return EII_OK;
	}
	take_status(imap, status, scan, &imap->refusal);
	*out = status;
	*is_done = true;
	return EII_OK;
}

/*
 * Blank lines, and the ")" that is left over where a literal was announced a few
 * bytes too short, stand between answers.
 */
static bool is_blank(struct eii_text line)
{
	line = eii_text_trim(line);
	return line.len == 0 || (line.len == 1 && line.data[0] == ')');
}

static enum eii_rc take_marked(struct eii_imap *imap, struct eii_imap_scan *scan,
			       const struct eii_imap_handler *handler, struct eii_error *err)
{
	if (eii_imap_scan_char(scan, '*')) {
		while (eii_imap_scan_char(scan, ' '))
			;
		return take_untagged(imap, scan, handler, err);
	}
	(void)eii_imap_scan_char(scan, '+');
	(void)eii_imap_scan_char(scan, ' ');
	if (!handler->go_on)
		return EII_OK;
	return handler->go_on(imap, eii_imap_scan_rest(scan), handler->arg, err);
}

enum eii_rc eii_imap_read_line(struct eii_imap *imap, unsigned tag,
			       const struct eii_imap_handler *handler, enum eii_imap_status *out,
			       bool *is_done, struct eii_error *err)
{
	struct eii_imap_scan scan = { 0 };
	bool is_rest = imap->reader.is_cut;
	enum eii_rc rc = eii_imap_next_line(imap, &scan, err);

	if (rc || is_rest || is_blank(eii_imap_scan_rest(&scan)))
		return rc;
	if (*scan.at == '*' || *scan.at == '+')
		return take_marked(imap, &scan, handler, err);
	return take_tagged(imap, tag, &scan, out, is_done, err);
}

enum eii_rc eii_imap_read_answer(struct eii_imap *imap, unsigned tag,
				 const struct eii_imap_handler *handler, enum eii_imap_status *out,
				 struct eii_error *err)
{
	bool is_done = false;
	enum eii_rc rc = EII_OK;

	while (!rc && !is_done)
		rc = eii_imap_read_line(imap, tag, handler, out, &is_done, err);
	return rc;
}
