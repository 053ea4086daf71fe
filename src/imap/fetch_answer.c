/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "dates.h"
#include "eii/base/alloc.h"
#include "imap_private.h"

/* What one FETCH answer said so far. */
struct answer {
	struct eii_imap_fetch *fetch; /* may be NULL */
	uint32_t uid;                 /* 0 = not said yet */
	uint64_t size_bytes;
	int64_t internal_unix_s;
	bool has_size, has_date;
	bool has_body; /* in body: the server said it before the UID */
	struct eii_buf body;
};

static enum eii_rc fail_syntax(struct eii_imap *imap, struct eii_error *err)
{
	return eii_imap_fail(imap, "a FETCH answer of it cannot be read", err);
}

/* The literal's line is over: the answer goes on in the next one. */
static enum eii_rc next_line(struct eii_imap *imap, struct eii_imap_scan *scan,
			     struct eii_error *err)
{
	struct eii_text line;
	enum eii_rc rc = eii_imap_reader_line(&imap->reader, &line, err);

	if (rc)
		return eii_imap_end(imap, rc);
	*scan = eii_imap_scan_of(line);
	return EII_OK;
}

/* ---- bodies ------------------------------------------------------------ */

/* Where uid stands in the group and was not given yet; group->n if nowhere. */
static size_t find_wanted(struct eii_imap_group *group, uint32_t uid)
{
	for (size_t k = 0; k < group->n; k++) {
		size_t i = (group->hint + k) % group->n;

		if (group->uids[i] == uid)
			return group->is_given[i] ? group->n : i;
	}
	return group->n;
}

/* The oldest group under way that waits for this body, which counts as given then. */
static struct eii_imap_group *claim(struct eii_imap *imap, const struct answer *answer)
{
	if (!answer->fetch || !answer->fetch->group)
		return NULL;
	for (size_t k = 0; k < imap->n_groups; k++) {
		size_t at = (imap->first_group + k) % EII_IMAP_PIPELINE_MAX;
		struct eii_imap_group *group = &imap->groups[at];
		size_t i = find_wanted(group, answer->uid);

		if (i < group->n) {
			group->is_given[i] = true;
			group->hint = i + 1;
			return group;
		}
	}
	return NULL;
}

/* Not every server knows how to send a part of a mail. */
static size_t wanted_of(const struct eii_imap_group *group, uint64_t len)
{
	return group->head_bytes && len > group->head_bytes ? group->head_bytes : (size_t)len;
}

static void give(const struct eii_imap_body_taker *taker, uint32_t uid, const char *data,
		 size_t len)
{
	char *room = taker->begin(taker->arg, uid, len);

	if (!room)
		return;
	if (len)
		memcpy(room, data, len);
	taker->end(taker->arg, uid);
}

void eii_imap_give_held(struct eii_imap_group *group, const struct eii_imap_body_taker *taker)
{
	for (size_t i = 0; i < group->n_held; i++) {
		struct eii_imap_held *held = &group->held[i];

		if (taker)
			give(taker, held->uid, held->bytes.data, held->bytes.len);
		eii_buf_clear(&held->bytes);
	}
	free(group->held);
	group->held = NULL;
	group->n_held = 0;
}

static struct eii_buf *hold(struct eii_imap *imap, struct eii_imap_group *group, uint32_t uid)
{
	struct eii_imap_held *held;

	if (!group->held)
		group->held = eii_calloc(group->n, sizeof(*group->held));
	held = &group->held[group->n_held++];
	held->uid = uid;
	eii_buf_init(&held->bytes, imap->literal_max);
	return &held->bytes;
}

/* The bytes go straight to the taker's room, where the taker wants them. */
static enum eii_rc read_direct(struct eii_imap *imap, const struct answer *answer, uint64_t len,
			       struct eii_error *err)
{
	const struct eii_imap_body_taker *taker = answer->fetch->taker;
	size_t wanted = wanted_of(answer->fetch->group, len);
	char *room = taker->begin(taker->arg, answer->uid, wanted);
	enum eii_rc rc = EII_OK;

	if (!room)
		return eii_imap_reader_skip(&imap->reader, len, err);
	rc = eii_imap_reader_bytes(&imap->reader, room, wanted, err);
	if (!rc)
		rc = eii_imap_reader_skip(&imap->reader, len - wanted, err);
	if (!rc)
		taker->end(taker->arg, answer->uid);
	return rc;
}

static enum eii_rc read_body(struct eii_imap *imap, struct answer *answer, uint64_t len,
			     struct eii_error *err)
{
	struct eii_imap_group *group = claim(imap, answer);
	enum eii_rc rc;

	if (group)
		eii_imap_extend_clock(imap, len);
	if (!group) {
		rc = eii_imap_reader_skip(&imap->reader, len, err);
	} else if (group == answer->fetch->group) {
		rc = read_direct(imap, answer, len, err);
	} else {
		size_t wanted = wanted_of(group, len);

		rc = eii_imap_reader_add(&imap->reader, wanted, hold(imap, group, answer->uid),
					 err);
		if (!rc)
			rc = eii_imap_reader_skip(&imap->reader, len - wanted, err);
	}
	return eii_imap_end(imap, rc);
}

/* RFC 3501 does not promise that the UID comes first: the bytes wait for it. */
static enum eii_rc keep_body(struct eii_imap *imap, struct answer *answer, uint64_t len,
			     struct eii_error *err)
{
	enum eii_rc rc;

	if (answer->fetch && answer->fetch->group)
		eii_imap_extend_clock(imap, len);
	eii_buf_reset(&answer->body);
	rc = eii_imap_reader_add(&imap->reader, len, &answer->body, err);
	if (rc)
		return eii_imap_end(imap, rc);
	answer->has_body = true;
	return EII_OK;
}

static void give_kept_body(struct eii_imap *imap, struct answer *answer)
{
	struct eii_imap_group *group = answer->has_body ? claim(imap, answer) : NULL;
	size_t wanted;

	if (!group)
		return;
	wanted = wanted_of(group, answer->body.len);
	if (group == answer->fetch->group)
		give(answer->fetch->taker, answer->uid, answer->body.data, wanted);
	else
		eii_buf_add(hold(imap, group, answer->uid), answer->body.data, wanted);
}

static enum eii_rc take_body(struct eii_imap *imap, struct eii_imap_scan *scan,
			     struct answer *answer, struct eii_error *err)
{
	uint64_t len;
	enum eii_rc rc;

	if (eii_imap_scan_literal(scan, &len)) {
		if (len > imap->literal_max)
			return eii_imap_fail(imap, "a literal of it is over the limit", err);
		rc = answer->uid ? read_body(imap, answer, len, err)
				 : keep_body(imap, answer, len, err);
		return rc ? rc : next_line(imap, scan, err);
	}
	eii_buf_reset(&answer->body);
	if (eii_imap_scan_quoted(scan, &answer->body)) {
		answer->has_body = eii_buf_ok(&answer->body);
		return EII_OK;
	}
	return eii_imap_scan_word(scan, "NIL") ? EII_OK : fail_syntax(imap, err);
}

/* ---- other items ------------------------------------------------------- */

static enum eii_rc skip_literal(struct eii_imap *imap, struct eii_imap_scan *scan, uint64_t len,
				struct eii_error *err)
{
	enum eii_rc rc;

	if (len > imap->literal_max)
		return eii_imap_fail(imap, "a literal of it is over the limit", err);
	rc = eii_imap_reader_skip(&imap->reader, len, err);
	return rc ? eii_imap_end(imap, rc) : next_line(imap, scan, err);
}

/* Takes one value of whatever kind, lists in lists included. */
static enum eii_rc skip_value(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct eii_error *err)
{
	size_t depth = 0;

	do {
		struct eii_buf ignored;
		struct eii_text atom;
		uint64_t len;
		bool is_quoted;

		eii_buf_init(&ignored, EII_IMAP_LINE_MAX);
		is_quoted = eii_imap_scan_quoted(scan, &ignored);
		eii_buf_clear(&ignored);
		if (is_quoted || (depth && eii_imap_scan_char(scan, ' ')))
			continue;
		if (eii_imap_scan_char(scan, '(')) {
			depth++;
		} else if (depth && eii_imap_scan_char(scan, ')')) {
			depth--;
		} else if (eii_imap_scan_literal(scan, &len)) {
			enum eii_rc rc = skip_literal(imap, scan, len, err);

			if (rc)
				return rc;
		} else if (!eii_imap_scan_item(scan, &atom)) {
			return fail_syntax(imap, err);
		}
	} while (depth);
	return EII_OK;
}

static bool take_date(struct eii_imap_scan *scan, struct answer *answer)
{
	struct eii_buf text;
	bool is_taken;

	eii_buf_init(&text, 256);
	is_taken = eii_imap_scan_quoted(scan, &text);
	if (is_taken)
		answer->has_date =
			eii_imap_date_parse(eii_buf_text(&text), &answer->internal_unix_s);
	eii_buf_clear(&text);
	return is_taken;
}

/* BODY[] and its part BODY[]<0>. */
static bool is_body(struct eii_text name)
{
	return eii_text_equal_nocase(name, eii_text_of("BODY[]")) ||
	       eii_text_equal_nocase(name, eii_text_of("BODY[]<0>"));
}

static enum eii_rc take_item(struct eii_imap *imap, struct eii_imap_scan *scan,
			     struct answer *answer, struct eii_error *err)
{
	struct eii_text name;

	if (!eii_imap_scan_item(scan, &name) || !eii_imap_scan_char(scan, ' '))
		return fail_syntax(imap, err);
	if (is_body(name))
		return take_body(imap, scan, answer, err);
	if (eii_text_equal_nocase(name, eii_text_of("UID")) &&
	    eii_imap_scan_u32(scan, &answer->uid))
		return EII_OK;
	if (eii_text_equal_nocase(name, eii_text_of("RFC822.SIZE")) &&
	    eii_imap_scan_number(scan, INT64_MAX, &answer->size_bytes)) {
		answer->has_size = true;
		return EII_OK;
	}
	if (eii_text_equal_nocase(name, eii_text_of("INTERNALDATE")) && take_date(scan, answer))
		return EII_OK;
	return skip_value(imap, scan, err);
}

/* ---- the whole answer -------------------------------------------------- */

static void give_info(struct answer *answer)
{
	struct eii_imap_fetch *fetch = answer->fetch;

	if (!answer->has_size || !answer->has_date)
		return;
	for (size_t k = 0; k < fetch->n_infos; k++) {
		size_t i = (fetch->hint + k) % fetch->n_infos;

		if (fetch->infos[i].uid != answer->uid)
			continue;
		fetch->infos[i].is_known = true;
		fetch->infos[i].size_bytes = answer->size_bytes;
		fetch->infos[i].internal_unix_s = answer->internal_unix_s;
		fetch->hint = i + 1;
		return;
	}
}

static void give_answer(struct eii_imap *imap, struct answer *answer)
{
	struct eii_imap_fetch *fetch = answer->fetch;

	if (!fetch || !answer->uid)
		return;
	if (answer->uid > fetch->highest_uid)
		fetch->highest_uid = answer->uid;
	give_kept_body(imap, answer);
	give_info(answer);
}

enum eii_rc eii_imap_take_fetch(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct eii_imap_fetch *fetch, struct eii_error *err)
{
	struct answer answer = { .fetch = fetch };
	enum eii_rc rc = EII_OK;

	if (!eii_imap_scan_char(scan, '('))
		return fail_syntax(imap, err);
	eii_buf_init(&answer.body, imap->literal_max);
	while (!rc && !eii_imap_scan_char(scan, ')')) {
		if (!eii_imap_scan_char(scan, ' '))
			rc = take_item(imap, scan, &answer, err);
	}
	if (!rc)
		give_answer(imap, &answer);
	eii_buf_clear(&answer.body);
	return rc;
}
