/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "dates.h"
#include "imap_private.h"

#define RUNS_MAX    4194304 /* where the server has not said how many mails there are */
#define RUNS_UNTOLD 1000    /* mails that may have come since it said so */

/* Runs of UIDs are put together before the taker hears of them. */
struct search {
	const struct eii_imap *imap;
	const struct eii_imap_uid_taker *taker;
	struct eii_imap_found found;
	uint32_t lowest, highest; /* what lies outside is dropped */
	uint32_t first, last;     /* the run so far; 0 = none */
	uint64_t count;           /* COUNT of an ESEARCH; 0 = not told */
	uint64_t n_runs;          /* given so far */
};

/* Each run is a mail at least: an answer of more runs than mails is none. */
static uint64_t runs_max(const struct eii_imap *imap)
{
	uint64_t max = (uint64_t)imap->folder.n_mails * 2 + RUNS_UNTOLD;

	return imap->folder.has_mails && max < RUNS_MAX ? max : RUNS_MAX;
}

static void give_run(struct search *search)
{
	if (search->first && search->n_runs < runs_max(search->imap)) {
		search->taker->add(search->taker->arg, search->first, search->last);
		search->n_runs++;
	} else if (search->first) {
		search->found.is_readable = false;
	}
	search->first = 0;
}

static void take_range(struct search *search, uint32_t first, uint32_t last)
{
	if (first < search->lowest)
		first = search->lowest;
	if (last > search->highest)
		last = search->highest;
	if (first > last)
		return;
	search->found.n_uids += (uint64_t)last - first + 1;
	if (search->first && search->last != UINT32_MAX && first == search->last + 1) {
		search->last = last;
		return;
	}
	give_run(search);
	search->first = first;
	search->last = last;
}

/* ---- words of an answer -------------------------------------------------- */

/* A word, and what it ends at: a blank, a comma, or the line's end ('\0'). */
struct token {
	struct eii_text text;
	char end;
};

/*
 * The next word; empty at the line's end. A long answer comes in pieces, each of
 * which ends behind a blank or a comma, so that no word is cut.
 */
static enum eii_rc next_token(struct eii_imap *imap, struct eii_imap_scan *scan, struct token *out,
			      struct eii_error *err)
{
	const char *start;

	while (eii_imap_scan_char(scan, ' ') ||
	       (eii_imap_scan_is_done(scan) && imap->reader.is_cut)) {
		enum eii_rc rc = EII_OK;

		if (eii_imap_scan_is_done(scan) && imap->reader.is_cut)
			rc = eii_imap_next_line(imap, scan, err);
		if (rc)
			return rc;
	}
	start = scan->at;
	while (scan->at < scan->end && *scan->at != ' ' && *scan->at != ',')
		scan->at++;
	out->text = eii_text(start, (size_t)(scan->at - start));
	out->end = scan->at < scan->end ? *scan->at++ : '\0';
	return EII_OK;
}

static bool is_over(const struct token *token)
{
	return !token->text.len && !token->end;
}

static bool is_word(const struct token *token, const char *word)
{
	return eii_text_equal_nocase(token->text, eii_text_of(word));
}

/* "(...)" and "\"...\"" may have blanks inside. */
static enum eii_rc skip_to(struct eii_imap *imap, struct eii_imap_scan *scan, struct token token,
			   char closing, struct eii_error *err)
{
	while (!is_over(&token) &&
	       (!token.text.len || token.text.data[token.text.len - 1] != closing)) {
		enum eii_rc rc = next_token(imap, scan, &token, err);

		if (rc)
			return rc;
	}
	return EII_OK;
}

/* A value that nobody needs, lists and sets included. */
static enum eii_rc skip_rest_of(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct token token, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (token.text.len && token.text.data[0] == '(')
		return skip_to(imap, scan, token, ')', err);
	if (token.text.len && token.text.data[0] == '"' && token.text.len == 1)
		return skip_to(imap, scan, (struct token){ .end = ' ' }, '"', err);
	if (token.text.len && token.text.data[0] == '"')
		return skip_to(imap, scan, token, '"', err);
	while (!rc && token.end == ',')
		rc = next_token(imap, scan, &token, err);
	return rc;
}

/* One number or range; what is none makes the answer unreadable. */
static void take_one(struct search *search, struct eii_text text)
{
	struct eii_imap_scan scan = eii_imap_scan_of(text);
	uint32_t first, last;

	if (!text.len)
		return;
	if (!eii_imap_scan_range(&scan, &first, &last) || !eii_imap_scan_is_done(&scan))
		search->found.is_readable = false;
	else if (last)
		take_range(search, first ? first : 1, last);
}

/* ---- answers ------------------------------------------------------------- */

/* "SEARCH 2 3 6", perhaps with "(MODSEQ 917)" behind (RFC 7162). */
static enum eii_rc take_numbers(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct search *search, struct eii_error *err)
{
	for (;;) {
		struct token token;
		enum eii_rc rc = next_token(imap, scan, &token, err);

		if (!rc && token.text.len && token.text.data[0] == '(')
			rc = skip_rest_of(imap, scan, token, err);
		else if (!rc)
			take_one(search, token.text);
		if (rc || is_over(&token))
			return rc;
	}
}

static enum eii_rc take_set(struct eii_imap *imap, struct eii_imap_scan *scan,
			    struct search *search, struct eii_error *err)
{
	struct token token = { .end = ',' };

	search->found.has_all = true;
	while (token.end == ',') {
		enum eii_rc rc = next_token(imap, scan, &token, err);

		if (rc)
			return rc;
		take_one(search, token.text);
	}
	return EII_OK;
}

static enum eii_rc take_count(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct search *search, struct eii_error *err)
{
	struct token token;
	enum eii_rc rc = next_token(imap, scan, &token, err);

	if (!rc)
		(void)eii_text_to_u64(token.text, UINT64_MAX, &search->count);
	return rc;
}

static enum eii_rc skip_item(struct eii_imap *imap, struct eii_imap_scan *scan,
			     struct eii_error *err)
{
	struct token token;
	enum eii_rc rc = next_token(imap, scan, &token, err);

	return rc ? rc : skip_rest_of(imap, scan, token, err);
}

/* RFC 4731: (TAG "A5") UID MIN 1 ALL 1:7,9 COUNT 8; no ALL where nothing was found. */
static enum eii_rc take_esearch(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct search *search, struct eii_error *err)
{
	search->found.is_esearch = true;
	for (;;) {
		struct token token;
		enum eii_rc rc = next_token(imap, scan, &token, err);

		if (rc || is_over(&token))
			return rc;
		if (token.text.len && token.text.data[0] == '(')
			rc = skip_rest_of(imap, scan, token, err);
		else if (is_word(&token, "UID"))
			continue;
		else if (is_word(&token, "ALL") && token.end)
			rc = take_set(imap, scan, search, err);
		else if (is_word(&token, "COUNT"))
			rc = take_count(imap, scan, search, err);
		else
			rc = skip_item(imap, scan, err);
		if (rc)
			return rc;
	}
}

static enum eii_rc take_search(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
			       struct eii_error *err)
{
	struct search *search = arg;

	if (eii_imap_scan_word(scan, "SEARCH")) {
		search->found.has_answer = true;
		return take_numbers(imap, scan, search, err);
	}
	if (eii_imap_scan_word(scan, "ESEARCH")) {
		search->found.has_answer = true;
		return take_esearch(imap, scan, search, err);
	}
	return EII_OK;
}

static void take_fetched(void *arg, uint32_t uid)
{
	struct search *search = arg;

	search->found.has_answer = true;
	take_range(search, uid, uid);
}

/* ---- asking -------------------------------------------------------------- */

static enum eii_rc ask(struct eii_imap *imap, const char *criteria, enum eii_imap_way way,
		       struct search *search, enum eii_imap_status *out, struct eii_error *err)
{
	struct eii_imap_fetch fetch = { .uid = take_fetched, .arg = search };
	struct eii_imap_handler handler = { .untagged = take_search, .arg = search };
	bool is_short = way == EII_IMAP_WAY_USUAL && imap->capabilities & EII_IMAP_CAN_ESEARCH;
	enum eii_rc rc;

	if (way == EII_IMAP_WAY_FETCH) {
		handler = (struct eii_imap_handler){ .fetch = &fetch };
		return eii_imap_run(imap, EII_IMAP_STEP_SEARCH, &handler, out, err,
				    "UID FETCH %u:%u,* (UID)", search->lowest, search->highest);
	}
	imap->reader.may_cut = true;
	rc = eii_imap_run(imap, EII_IMAP_STEP_SEARCH, &handler, out, err, "UID SEARCH %s%s",
			  is_short ? "RETURN (ALL) " : "", criteria);
	imap->reader.may_cut = false;
	return rc;
}

static enum eii_rc find(struct eii_imap *imap, const char *criteria, enum eii_imap_way way,
			struct search *search, struct eii_imap_found *out, struct eii_error *err)
{
	enum eii_imap_status status = EII_IMAP_BAD;
	enum eii_rc rc;

	search->found = (struct eii_imap_found){ .is_readable = true };
	rc = eii_imap_need(imap, EII_IMAP_SELECTED, err);
	if (!rc)
		rc = ask(imap, criteria, way, search, &status, err);
	if (rc)
		return rc;
	give_run(search);
	if (search->count && !search->found.has_all)
		search->found.is_readable = false;
	*out = search->found;
	if (status != EII_IMAP_OK)
		return eii_fail(err, EII_REJECT, "%s: search refused: '%s'",
				eii_stream_where(imap->stream), imap->refusal.words);
	return EII_OK;
}

enum eii_rc eii_imap_find_since(struct eii_imap *imap, int64_t unix_s, enum eii_imap_way way,
				const struct eii_imap_uid_taker *taker, struct eii_imap_found *out,
				struct eii_error *err)
{
	struct search search = { .imap = imap, .taker = taker, .lowest = 1, .highest = UINT32_MAX };
	char day[EII_IMAP_DAY_MAX], criteria[64];

	if (way == EII_IMAP_WAY_FETCH)
		way = EII_IMAP_WAY_SEARCH;
	eii_imap_day_format(unix_s, day);
	(void)snprintf(criteria, sizeof(criteria), "SINCE %s", day);
	return find(imap, criteria, way, &search, out, err);
}

enum eii_rc eii_imap_find_range(struct eii_imap *imap, uint32_t first, uint32_t last,
				enum eii_imap_way way, const struct eii_imap_uid_taker *taker,
				struct eii_imap_found *out, struct eii_error *err)
{
	struct search search = {
		.imap = imap, .taker = taker, .lowest = first ? first : 1, .highest = last
	};
	char criteria[64];
	enum eii_rc rc;

	if (search.lowest > last) {
		*out = (struct eii_imap_found){ .has_answer = true, .is_readable = true };
		return EII_OK;
	}
	(void)snprintf(criteria, sizeof(criteria), "UID %u:%u", search.lowest, last);
	rc = find(imap, criteria, way, &search, out, err);
	/* Of no mails no line can come. */
	if (!rc && way == EII_IMAP_WAY_FETCH && imap->folder.has_mails && !imap->folder.n_mails)
		out->has_answer = true;
	return rc;
}

/* ---- in the usual way ------------------------------------------------------ */

static enum eii_rc demand_answer(struct eii_imap *imap, enum eii_rc rc,
				 const struct eii_imap_found *found, struct eii_error *err)
{
	const char *where = eii_stream_where(imap->stream);

	if (!rc && !found->has_answer)
		return eii_fail(err, EII_RETRY, "%s: the server did not answer the search", where);
	if (!rc && !found->is_readable)
		return eii_fail(err, EII_RETRY, "%s: a SEARCH answer of it cannot be read", where);
	return rc;
}

enum eii_rc eii_imap_search_since(struct eii_imap *imap, int64_t unix_s,
				  const struct eii_imap_uid_taker *taker, struct eii_error *err)
{
	struct eii_imap_found found = { 0 };
	enum eii_rc rc = eii_imap_find_since(imap, unix_s, EII_IMAP_WAY_USUAL, taker, &found, err);

	return demand_answer(imap, rc, &found, err);
}

enum eii_rc eii_imap_search_range(struct eii_imap *imap, uint32_t first, uint32_t last,
				  const struct eii_imap_uid_taker *taker, struct eii_error *err)
{
	struct eii_imap_found found = { 0 };
	enum eii_rc rc =
		eii_imap_find_range(imap, first, last, EII_IMAP_WAY_USUAL, taker, &found, err);

	return demand_answer(imap, rc, &found, err);
}
