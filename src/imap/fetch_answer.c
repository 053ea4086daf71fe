/* SPDX-License-Identifier: Apache-2.0 */
#include "dates.h"
#include "delivery.h"
#include "imap_private.h"

/* What one FETCH answer said so far. */
struct answer {
	struct eii_imap_fetch *fetch; /* may be NULL */
	uint32_t uid;                 /* 0 = not said yet */
	uint64_t size_bytes;
	int64_t internal_unix_s;
	bool has_size, has_date;
	bool is_broken;          /* from here on it cannot be read */
	bool has_body;           /* in body: it was said before the UID, or in quotes */
	bool is_presumed;        /* in the taker's room: the one UID asked for is yet to be said */
	enum eii_imap_body what; /* else, where the body is none; ABSENT = not said */
	struct eii_buf body;
};

/* ---- bodies in an answer -------------------------------------------------- */

/* As many as were asked for: what is more has neither time nor bytes of its own. */
static bool may_be_early(const struct eii_imap *imap, struct eii_imap_group *group)
{
	size_t n_asked = 0;

	for (size_t k = 0; k < imap->n_groups; k++)
		n_asked += imap->groups[(imap->first_group + k) % EII_IMAP_PIPELINE_MAX].n;
	return group->n_early++ < n_asked;
}

/*
 * RFC 3501 does not promise that the UID comes first. Where one UID alone was
 * asked for it is presumed to be that one; else the bytes wait, if they are few.
 */
static enum eii_rc read_early(struct eii_imap *imap, struct answer *answer, uint64_t len,
			      struct eii_error *err)
{
	struct eii_imap_group *group = answer->fetch ? answer->fetch->group : NULL;
	struct eii_imap_place alone = { .group = group };

	if (!group || !may_be_early(imap, group))
		return eii_imap_reader_skip(&imap->reader, len, err);
	if (imap->n_groups == 1 && group->n == 1 && eii_imap_is_waited_for(alone))
		return eii_imap_receive(imap, answer->fetch, alone, len, &answer->is_presumed, err);
	if (len > imap->literal_max && len - imap->literal_max > EII_IMAP_SKIP_MAX)
		return eii_imap_fail(imap, "a literal of it is over the limit", err);
	eii_imap_allow_literal(imap, len);
	if (len > EII_IMAP_KEPT_MAX) {
		answer->what = EII_IMAP_BODY_ASK_ALONE;
		return eii_imap_reader_skip(&imap->reader, len, err);
	}
	eii_buf_reset(&answer->body);
	answer->has_body = true;
	return eii_imap_reader_add(&imap->reader, len, &answer->body, err);
}

static enum eii_rc take_literal(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct answer *answer, uint64_t len, struct eii_error *err)
{
	struct eii_imap_place place = eii_imap_find_place(imap, answer->fetch, answer->uid);
	enum eii_rc rc;

	if (!len) {
		answer->what = EII_IMAP_BODY_EMPTY;
		rc = EII_OK;
	} else if (!answer->uid) {
		rc = read_early(imap, answer, len, err);
	} else if (place.group) {
		rc = eii_imap_receive(imap, answer->fetch, place, len, NULL, err);
	} else {
		rc = eii_imap_reader_skip(&imap->reader, len, err);
	}
	return rc ? eii_imap_end(imap, rc) : eii_imap_next_line(imap, scan, err);
}

/* "{...}" that is no number: where the next answer begins is not known any more. */
static bool is_lost(const struct eii_imap_scan *scan)
{
	struct eii_text rest = eii_imap_scan_rest(scan);

	return (eii_text_starts_nocase(rest, "{") || eii_text_starts_nocase(rest, "~{")) &&
	       rest.data[rest.len - 1] == '}';
}

static enum eii_rc fail_lost(struct eii_imap *imap, struct answer *answer, struct eii_error *err)
{
	struct eii_imap_place place = eii_imap_find_place(imap, answer->fetch, answer->uid);

	if (place.group)
		eii_imap_mark(place, EII_IMAP_BODY_BROKEN);
	return eii_imap_fail(imap, "a FETCH answer of it cannot be read", err);
}

static enum eii_rc skip_value(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct answer *answer, struct eii_error *err);

static enum eii_rc take_body(struct eii_imap *imap, struct eii_imap_scan *scan,
			     struct answer *answer, struct eii_error *err)
{
	uint64_t len;

	if (eii_imap_scan_literal(scan, &len))
		return take_literal(imap, scan, answer, len, err);
	if (is_lost(scan))
		return fail_lost(imap, answer, err);
	eii_buf_reset(&answer->body);
	if (eii_imap_scan_quoted(scan, &answer->body)) {
		answer->has_body = answer->body.len > 0;
		if (!answer->has_body)
			answer->what = EII_IMAP_BODY_EMPTY;
		return EII_OK;
	}
	if (eii_imap_scan_word(scan, "NIL")) {
		answer->what = EII_IMAP_BODY_NIL;
		return EII_OK;
	}
	answer->what = EII_IMAP_BODY_UNREADABLE;
	return skip_value(imap, scan, answer, err);
}

/* ---- other items ------------------------------------------------------- */

/* One piece of a value: *depth counts the lists that are open. */
static enum eii_rc skip_piece(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct answer *answer, size_t *depth, struct eii_error *err)
{
	struct eii_buf ignored;
	struct eii_text atom;
	bool is_quoted;
	uint64_t len;

	if (eii_imap_scan_literal(scan, &len)) {
		enum eii_rc rc = eii_imap_skip_literal(imap, len, err);

		return rc ? rc : eii_imap_next_line(imap, scan, err);
	}
	eii_buf_init(&ignored, EII_IMAP_LINE_MAX);
	is_quoted = eii_imap_scan_quoted(scan, &ignored);
	eii_buf_clear(&ignored);
	if (is_quoted || (*depth && eii_imap_scan_char(scan, ' ')))
		return EII_OK;
	if (eii_imap_scan_char(scan, '('))
		(*depth)++;
	else if (*depth && eii_imap_scan_char(scan, ')'))
		(*depth)--;
	else if (!eii_imap_scan_item(scan, &atom))
		answer->is_broken = true;
	return EII_OK;
}

/* Takes one value of whatever kind, lists in lists included. */
static enum eii_rc skip_value(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct answer *answer, struct eii_error *err)
{
	size_t depth = 0;
	enum eii_rc rc;

	do
		rc = skip_piece(imap, scan, answer, &depth, err);
	while (!rc && depth && !answer->is_broken);
	return rc;
}

static bool is_item_char(char c)
{
	return (c >= 'A' && c <= 'Z') || eii_is_ascii_digit(c) || c == '.' || c == '-';
}

/* " UID " and the like: what follows a value that is over. */
static bool begins_item(struct eii_text text)
{
	size_t n = 1;

	if (!text.len || text.data[0] != ' ')
		return false;
	while (n < text.len && is_item_char(text.data[n]))
		n++;
	return n > 2 && n < text.len && (text.data[n] == ' ' || text.data[n] == '[');
}

/*
 * Keywords are what other programs have made of them: brackets, quotes, braces.
 * Their list ends at the bracket that is followed by what may follow it.
 */
static bool skip_flags(struct eii_imap_scan *scan)
{
	struct eii_text rest = eii_imap_scan_rest(scan);

	if (!rest.len || rest.data[0] != '(')
		return false;
	for (size_t i = 1; i < rest.len; i++) {
		struct eii_text behind = eii_text(rest.data + i + 1, rest.len - i - 1);

		if (rest.data[i] != ')')
			continue;
		if (behind.len == 0 || (behind.len == 1 && behind.data[0] == ')') ||
		    begins_item(behind)) {
			scan->at += i + 1;
			return true;
		}
	}
	return false;
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

static bool ends_value(const struct eii_imap_scan *scan)
{
	return scan->at == scan->end || *scan->at == ' ' || *scan->at == ')';
}

/* A number with its end behind it; else nothing is taken. */
static bool take_number(struct eii_imap_scan *scan, uint64_t max, uint64_t *out)
{
	struct eii_imap_scan ahead = *scan;
	uint64_t n;

	if (!eii_imap_scan_number(&ahead, max, &n) || !ends_value(&ahead))
		return false;
	*scan = ahead;
	*out = n;
	return true;
}

/* BODY[] or BODY[HEADER], and their first part: BODY[]<0>. */
static bool is_body(struct eii_text name)
{
	return eii_text_equal_nocase(name, eii_text_of("BODY[]")) ||
	       eii_text_starts_nocase(name, "BODY[]<0") ||
	       eii_text_equal_nocase(name, eii_text_of("BODY[HEADER]")) ||
	       eii_text_starts_nocase(name, "BODY[HEADER]<0");
}

/* Items that are taken within the line; false: take it as a value of any kind. */
static bool take_known(struct eii_imap_scan *scan, struct eii_text name, struct answer *answer)
{
	uint64_t uid;

	if (eii_text_equal_nocase(name, eii_text_of("UID"))) {
		if (!take_number(scan, UINT32_MAX, &uid))
			return false;
		answer->uid = (uint32_t)uid;
		return true;
	}
	if (eii_text_equal_nocase(name, eii_text_of("RFC822.SIZE"))) {
		answer->has_size = take_number(scan, INT64_MAX, &answer->size_bytes);
		return answer->has_size;
	}
	if (eii_text_equal_nocase(name, eii_text_of("INTERNALDATE")))
		return take_date(scan, answer);
	return eii_text_equal_nocase(name, eii_text_of("FLAGS")) && skip_flags(scan);
}

static enum eii_rc take_item(struct eii_imap *imap, struct eii_imap_scan *scan,
			     struct answer *answer, struct eii_error *err)
{
	struct eii_text name;

	if (!eii_imap_scan_item(scan, &name) || !eii_imap_scan_blanks(scan)) {
		answer->is_broken = true;
		return EII_OK;
	}
	if (is_body(name))
		return take_body(imap, scan, answer, err);
	return take_known(scan, name, answer) ? EII_OK : skip_value(imap, scan, answer, err);
}

/* ---- the whole answer -------------------------------------------------- */

static void give_info(struct answer *answer)
{
	struct eii_imap_fetch *fetch = answer->fetch;

	for (size_t k = 0; k < fetch->n_infos; k++) {
		size_t i = (fetch->hint + k) % fetch->n_infos;
		struct eii_imap_info *info = &fetch->infos[i];

		if (info->uid != answer->uid)
			continue;
		info->is_known = true;
		if (answer->has_size)
			info->size_bytes = answer->size_bytes;
		if (answer->has_date)
			info->internal_unix_s = answer->internal_unix_s;
		info->has_size |= answer->has_size;
		info->has_date |= answer->has_date;
		fetch->hint = i + 1;
		return;
	}
}

static void settle_presumed(struct answer *answer)
{
	struct eii_imap_group *group = answer->fetch->group;
	bool is_right = answer->uid == group->uids[0];

	group->what[0] = is_right ? EII_IMAP_BODY_WHOLE : EII_IMAP_BODY_UNREADABLE;
	if (is_right)
		answer->fetch->taker->end(answer->fetch->taker->arg, answer->uid);
}

static enum eii_rc give_answer(struct eii_imap *imap, struct answer *answer, struct eii_error *err)
{
	struct eii_imap_place place = eii_imap_find_place(imap, answer->fetch, answer->uid);

	if (answer->is_presumed)
		settle_presumed(answer);
	if (!answer->fetch || !answer->uid)
		return EII_OK;
	if (answer->fetch->uid)
		answer->fetch->uid(answer->fetch->arg, answer->uid);
	give_info(answer);
	if (!place.group || answer->is_presumed)
		return EII_OK;
	if (answer->has_body)
		return eii_imap_deliver(imap, answer->fetch, place, eii_buf_text(&answer->body),
					err);
	if (answer->what != EII_IMAP_BODY_ABSENT)
		eii_imap_mark(place, answer->what);
	else if (answer->is_broken && place.group->what[place.i] == EII_IMAP_BODY_ABSENT)
		eii_imap_mark(place, EII_IMAP_BODY_UNREADABLE);
	return EII_OK;
}

static enum eii_rc take_items(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct answer *answer, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	while (!rc && !answer->is_broken && !eii_imap_scan_char(scan, ')')) {
		if (!eii_imap_scan_char(scan, ' '))
			rc = take_item(imap, scan, answer, err);
	}
	return rc ? rc : eii_imap_skip_answer(imap, scan, err);
}

enum eii_rc eii_imap_take_fetch(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct eii_imap_fetch *fetch, struct eii_error *err)
{
	struct answer answer = { .fetch = fetch };
	enum eii_rc rc;

	if (!eii_imap_scan_char(scan, '('))
		return eii_imap_skip_answer(imap, scan, err);
	eii_buf_init(&answer.body, EII_IMAP_KEPT_MAX);
	rc = take_items(imap, scan, &answer, err);
	if (!rc)
		rc = give_answer(imap, &answer, err);
	eii_buf_clear(&answer.body);
	return rc;
}
