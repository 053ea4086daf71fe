/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "dates.h"
#include "imap_private.h"

/* Runs of UIDs are put together before the taker hears of them. */
struct search {
	const struct eii_imap_uid_taker *taker;
	uint32_t lowest, highest; /* what lies outside is dropped */
	uint32_t first, last;     /* the run so far; 0 = none */
};

static void give_run(struct search *search)
{
	if (search->first)
		search->taker->add(search->taker->arg, search->first, search->last);
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
	if (search->first && search->last != UINT32_MAX && first == search->last + 1) {
		search->last = last;
		return;
	}
	give_run(search);
	search->first = first;
	search->last = last;
}

/* A long answer comes in pieces; each ends between two numbers. */
static enum eii_rc next_piece(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct eii_error *err)
{
	struct eii_text piece;
	enum eii_rc rc = eii_imap_reader_line(&imap->reader, &piece, err);

	if (rc)
		return eii_imap_end(imap, rc);
	*scan = eii_imap_scan_of(piece);
	return EII_OK;
}

/* Numbers and ranges with one kind of separator, to the line's end. */
static enum eii_rc take_numbers(struct eii_imap *imap, struct eii_imap_scan *scan, char separator,
				struct search *search, struct eii_error *err)
{
	for (;;) {
		uint32_t first, last;
		enum eii_rc rc;

		while (eii_imap_scan_char(scan, separator))
			;
		if (eii_imap_scan_is_done(scan)) {
			if (!imap->reader.is_cut)
				return EII_OK;
			rc = next_piece(imap, scan, err);
			if (rc)
				return rc;
			continue;
		}
		if (!eii_imap_scan_range(scan, &first, &last))
			return eii_imap_fail(imap, "a SEARCH answer of it cannot be read", err);
		if (first)
			take_range(search, first, last);
	}
}

/* RFC 4731: (TAG "A5") UID ALL 1:7,9; no ALL where nothing was found. */
static enum eii_rc take_esearch(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct search *search, struct eii_error *err)
{
	while (!eii_imap_scan_is_done(scan)) {
		if (!eii_imap_scan_word(scan, "ALL"))
			scan->at++;
		else if (eii_imap_scan_char(scan, ' '))
			return take_numbers(imap, scan, ',', search, err);
	}
	return EII_OK;
}

static enum eii_rc take_search(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
			       struct eii_error *err)
{
	if (eii_imap_scan_word(scan, "SEARCH"))
		return take_numbers(imap, scan, ' ', arg, err);
	if (eii_imap_scan_word(scan, "ESEARCH"))
		return take_esearch(imap, scan, arg, err);
	return EII_OK;
}

static enum eii_rc run_search(struct eii_imap *imap, const char *criteria, struct search *search,
			      struct eii_error *err)
{
	struct eii_imap_handler handler = { .untagged = take_search, .arg = search };
	const char *form = imap->capabilities & EII_IMAP_CAN_ESEARCH ? "RETURN (ALL) " : "";
	enum eii_imap_status status = EII_IMAP_BAD;
	enum eii_rc rc;

	rc = eii_imap_need(imap, EII_IMAP_SELECTED, err);
	if (rc)
		return rc;
	imap->reader.may_cut = true;
	rc = eii_imap_run(imap, &handler, &status, err, "UID SEARCH %s%s", form, criteria);
	imap->reader.may_cut = false;
	if (rc)
		return rc;
	give_run(search);
	if (status != EII_IMAP_OK)
		return eii_fail(err, EII_REJECT, "%s: search refused: '%s'",
				eii_stream_where(imap->stream), imap->words);
	return EII_OK;
}

enum eii_rc eii_imap_search_since(struct eii_imap *imap, int64_t unix_s,
				  const struct eii_imap_uid_taker *taker, struct eii_error *err)
{
	struct search search = { .taker = taker, .lowest = 1, .highest = UINT32_MAX };
	char day[EII_IMAP_DAY_MAX], criteria[64];

	eii_imap_day_format(unix_s, day);
	(void)snprintf(criteria, sizeof(criteria), "SINCE %s", day);
	return run_search(imap, criteria, &search, err);
}

enum eii_rc eii_imap_search_range(struct eii_imap *imap, uint32_t first, uint32_t last,
				  const struct eii_imap_uid_taker *taker, struct eii_error *err)
{
	struct search search = { .taker = taker, .lowest = first ? first : 1, .highest = last };
	char criteria[64];

	if (search.lowest > last)
		return EII_OK;
	(void)snprintf(criteria, sizeof(criteria), "UID %u:%u", search.lowest, last);
	return run_search(imap, criteria, &search, err);
}
