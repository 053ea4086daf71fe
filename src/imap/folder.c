/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "imap_private.h"
#include "mutf7.h"

/* ---- the list of folders ----------------------------------------------- */

struct listing {
	const char *wanted; /* UTF-8 */
	const struct eii_veil *veil;
	bool has_wanted;
	size_t n;
	struct eii_buf names; /* UTF-8, with commas */
};

/* INBOX is spelled as one likes (RFC 3501, section 5.1). */
static bool is_same_name(struct eii_text name, const char *wanted)
{
	return eii_text_equal(name, eii_text_of(wanted)) ||
	       (strcasecmp(wanted, "INBOX") == 0 &&
		eii_text_equal_nocase(name, eii_text_of("INBOX")));
}

/* Of those that can be opened. */
static void add_name(void *arg, const struct eii_listed_folder *folder)
{
	struct eii_text name = eii_text_of(folder->name);
	struct listing *listing = arg;
	char words[EII_IMAP_WORDS_MAX];

	if (folder->attributes & ((unsigned)EII_FOLDER_NOSELECT | EII_FOLDER_NONEXISTENT))
		return;
	if (is_same_name(name, listing->wanted))
		listing->has_wanted = true;
	if (listing->n++ < EII_IMAP_FOLDERS_SHOWN) {
		eii_veil_words(listing->veil, name, words, sizeof(words));
		eii_buf_addf(&listing->names, "%s'%s'", listing->n > 1 ? ", " : "", words);
	} else if (listing->n == EII_IMAP_FOLDERS_SHOWN + 1) {
		eii_buf_add_str(&listing->names, ", ...");
	}
}

static enum eii_rc fail_for_now(struct eii_imap *imap, const char *name,
				const struct eii_imap_refusal *refusal, struct eii_error *err)
{
	return eii_imap_end(imap,
			    eii_fail(err, EII_RETRY, "%s: folder '%s' %s: '%s'",
				     eii_stream_where(imap->stream), name,
				     refusal->code == EII_IMAP_CODE_NOPERM ? "may not be read"
									   : "cannot be opened now",
				     refusal->words));
}

/*
 * Not there is only what the server calls so, or does not have in a list that
 * has other folders: an empty list is no list (there is always an INBOX).
 */
static bool is_absent(const struct listing *listing, enum eii_imap_status status,
		      const struct eii_imap_refusal *refusal)
{
	if (refusal->code == EII_IMAP_CODE_NONEXISTENT)
		return true;
	return status == EII_IMAP_OK && listing->n && !listing->has_wanted &&
	       strcasecmp(listing->wanted, "INBOX") != 0;
}

/* EXAMINE was refused: looks which folders there are. */
static enum eii_rc fail_examine(struct eii_imap *imap, const char *name, struct eii_error *err)
{
	struct eii_imap_refusal refusal = imap->refusal;
	struct listing listing = { .wanted = name, .veil = &imap->veil };
	struct eii_imap_folder_taker taker = { .add = add_name, .arg = &listing };
	enum eii_imap_status status;
	enum eii_rc rc;

	if (refusal.kind == EII_IMAP_REFUSAL_PASSING)
		return fail_for_now(imap, name, &refusal, err);
	eii_buf_init(&listing.names, (size_t)EII_IMAP_FOLDERS_SHOWN * (EII_IMAP_WORDS_MAX + 8));
	rc = eii_imap_run_list(imap, EII_IMAP_LIST_ALL, &taker, &status, err);
	if (!rc && is_absent(&listing, status, &refusal)) {
		refusal.kind = EII_IMAP_REFUSAL_FINAL_NO_FOLDER;
		rc = eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				   "%s: no folder '%s' ('%s'); there are: %s",
				   eii_stream_where(imap->stream), name, refusal.words,
				   listing.n ? listing.names.data : "none");
	} else if (!rc) {
		rc = fail_for_now(imap, name, &refusal, err);
	}
	eii_buf_clear(&listing.names);
	/* Not how the list was answered is asked for later, but how the folder was refused. */
	imap->refusal = refusal;
	return eii_imap_end(imap, rc);
}

/* ---- what EXAMINE does not say ------------------------------------------ */

/* The items, in any order. */
static void scan_status_items(struct eii_imap_scan *inside, struct eii_imap_told *out)
{
	struct eii_text name;

	while (eii_imap_scan_atom(inside, &name) && eii_imap_scan_char(inside, ' ')) {
		struct eii_imap_scan value = *inside;
		struct eii_text text;

		if (!eii_imap_scan_atom(inside, &text))
			return;
		if (eii_text_equal_nocase(name, eii_text_of("UIDNEXT")))
			(void)eii_imap_scan_u32(&value, &out->uidnext);
		else if (eii_text_equal_nocase(name, eii_text_of("UIDVALIDITY")))
			out->has_uidvalidity |=
				eii_imap_scan_uidvalidity(&value, &out->uidvalidity);
		(void)eii_imap_scan_char(inside, ' ');
	}
}

bool eii_imap_scan_status(struct eii_imap_scan *scan, struct eii_imap_scan *out_name,
			  struct eii_imap_told *out)
{
	struct eii_text rest = eii_imap_scan_rest(scan);
	const char *items = rest.len ? memrchr(rest.data, '(', rest.len) : NULL;
	struct eii_imap_scan inside;

	if (!items)
		return false;
	*out_name =
		eii_imap_scan_of(eii_text_trim(eii_text(rest.data, (size_t)(items - rest.data))));
	inside = (struct eii_imap_scan){ .at = items + 1, .end = rest.data + rest.len };
	scan_status_items(&inside, out);
	return true;
}

static enum eii_rc take_status(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
			       struct eii_error *err)
{
	struct eii_imap_scan name;

	(void)arg;
	(void)err;
	if (eii_imap_scan_word(scan, "STATUS"))
		(void)eii_imap_scan_status(scan, &name, &imap->told);
	return EII_OK;
}

static void note_highest(void *arg, uint32_t uid)
{
	uint32_t *highest = arg;

	if (uid > *highest)
		*highest = uid;
}

static enum eii_rc derive_uidnext(struct eii_imap *imap, struct eii_error *err)
{
	uint32_t highest = 0;
	struct eii_imap_fetch fetch = { .uid = note_highest, .arg = &highest };
	struct eii_imap_handler handler = { .fetch = &fetch };
	enum eii_imap_status status;
	enum eii_rc rc = EII_OK;

	imap->folder.uidnext_by = EII_IMAP_UIDNEXT_DERIVED;
	if (imap->folder.n_mails || !imap->folder.has_mails) {
		rc = eii_imap_run(imap, EII_IMAP_STEP_STATUS, &handler, &status, err,
				  "UID FETCH * (UID)");
		if (!rc && !highest && imap->folder.n_mails)
			return eii_imap_fail(imap, "the server does not say the folder's next UID",
					     err);
	}
	/* Behind the last number that there is nothing can come. */
	imap->folder.uidnext = highest < UINT32_MAX ? highest + 1 : highest;
	return rc;
}

static enum eii_rc ask_status(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_handler handler = { .untagged = take_status, .joins = true };
	enum eii_imap_status status;

	return eii_imap_run(imap, EII_IMAP_STEP_STATUS, &handler, &status, err, "STATUS %s (%s)",
			    imap->folder_name,
			    imap->told.uidvalidity ? "UIDNEXT" : "UIDNEXT UIDVALIDITY");
}

/* Told to be 0 is final; not told at all may be told another time. */
static enum eii_rc fail_no_uidvalidity(struct eii_imap *imap, struct eii_error *err)
{
	enum eii_rc rc = imap->told.has_uidvalidity ? EII_FATAL : EII_RETRY;

	return eii_imap_end(imap, eii_fail_kind(err, rc, EII_ERROR_CONFIG,
						"%s: the server keeps no lasting UIDs (no "
						"UIDVALIDITY)",
						eii_stream_where(imap->stream)));
}

/* ---- opening ----------------------------------------------------------- */

bool eii_imap_add_folder_name(struct eii_buf *out, const char *name)
{
	struct eii_buf travelling;
	bool is_name;

	eii_buf_init(&travelling, EII_IMAP_FOLDER_NAME_MAX);
	is_name = eii_mutf7_encode(eii_text_of(name), &travelling) && eii_buf_ok(&travelling);
	if (is_name) {
		eii_buf_add_char(out, '"');
		for (size_t i = 0; i < travelling.len; i++) {
			if (travelling.data[i] == '"' || travelling.data[i] == '\\')
				eii_buf_add_char(out, '\\');
			eii_buf_add_char(out, travelling.data[i]);
		}
		eii_buf_add_char(out, '"');
	}
	eii_buf_clear(&travelling);
	return is_name && eii_buf_ok(out);
}

/* NULL: it is no name. */
static char *quoted_name(const char *name)
{
	struct eii_buf quoted;

	eii_buf_init(&quoted, (size_t)2 * EII_IMAP_FOLDER_NAME_MAX + 2);
	if (!eii_imap_add_folder_name(&quoted, name)) {
		eii_buf_clear(&quoted);
		return NULL;
	}
	return eii_buf_detach(&quoted);
}

/* What was told becomes the folder; what was not is asked for. */
static enum eii_rc complete_folder(struct eii_imap *imap, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	imap->folder.has_uidnext = imap->told.uidnext != 0;
	imap->folder.uidnext_by =
		imap->folder.has_uidnext ? EII_IMAP_UIDNEXT_TOLD : EII_IMAP_UIDNEXT_BY_STATUS;
	if (!imap->told.uidnext || !imap->told.uidvalidity)
		rc = ask_status(imap, err);
	if (rc)
		return rc;
	imap->folder.uidvalidity = imap->told.uidvalidity;
	imap->folder.uidnext = imap->told.uidnext;
	if (!imap->folder.uidvalidity)
		return fail_no_uidvalidity(imap, err);
	return imap->folder.uidnext ? EII_OK : derive_uidnext(imap, err);
}

/* EXAMINE of imap->folder_name into imap->folder; a refusal leaves none open. */
static enum eii_rc open_folder(struct eii_imap *imap, enum eii_imap_status *out,
			       struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_rc rc;

	imap->state = EII_IMAP_SIGNED_IN;
	imap->folder = (struct eii_imap_folder){ 0 };
	imap->told = (struct eii_imap_told){ 0 };
	rc = eii_imap_run(imap, EII_IMAP_STEP_EXAMINE, &nothing, out, err, "EXAMINE %s",
			  imap->folder_name);
	if (rc || *out != EII_IMAP_OK)
		return rc;
	imap->state = EII_IMAP_SELECTED;
	rc = complete_folder(imap, err);
	imap->refusal = (struct eii_imap_refusal){ 0 };
	imap->has_news = false;
	imap->has_grown = false;
	return rc;
}

enum eii_rc eii_imap_examine(struct eii_imap *imap, const char *name, struct eii_imap_folder *out,
			     struct eii_error *err)
{
	enum eii_imap_status status;
	enum eii_rc rc;

	rc = eii_imap_need(imap, EII_IMAP_SIGNED_IN, err);
	if (rc)
		return rc;
	free(imap->folder_name);
	imap->folder_name = quoted_name(name);
	if (!imap->folder_name)
		return eii_imap_end(imap,
				    eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
						  "the folder's name is not UTF-8, or over %d "
						  "bytes",
						  EII_IMAP_FOLDER_NAME_MAX));
	rc = open_folder(imap, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return fail_examine(imap, name, err);
	*out = imap->folder;
	return EII_OK;
}

static enum eii_rc open_again(struct eii_imap *imap, struct eii_error *err)
{
	enum eii_imap_status status;
	enum eii_rc rc = open_folder(imap, &status, err);

	if (rc || status == EII_IMAP_OK)
		return rc;
	return eii_imap_end(imap,
			    eii_fail(err, EII_RETRY, "%s: the folder cannot be opened again: '%s'",
				     eii_stream_where(imap->stream), imap->refusal.words));
}

enum eii_rc eii_imap_reexamine(struct eii_imap *imap, struct eii_imap_folder *out,
			       struct eii_error *err)
{
	enum eii_rc rc = eii_imap_need(imap, EII_IMAP_SELECTED, err);

	if (!rc)
		rc = open_again(imap, err);
	if (rc)
		return rc;
	*out = imap->folder;
	return EII_OK;
}

enum eii_rc eii_imap_look(struct eii_imap *imap, bool *out_changed, struct eii_imap_folder *out,
			  struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	bool has_changed;
	enum eii_rc rc;

	rc = eii_imap_need(imap, EII_IMAP_SELECTED, err);
	if (!rc)
		rc = eii_imap_run(imap, EII_IMAP_STEP_NOOP, &nothing, &status, err, "NOOP");
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return eii_imap_end(imap,
				    eii_fail(err, EII_RETRY, "%s: the server refuses NOOP: '%s'",
					     eii_stream_where(imap->stream), imap->refusal.words));
	has_changed = imap->has_news;
	if (has_changed)
		rc = open_again(imap, err);
	if (rc)
		return rc;
	*out_changed = has_changed;
	*out = imap->folder;
	return EII_OK;
}
