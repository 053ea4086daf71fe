/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "imap_private.h"
#include "mutf7.h"

#define FOLDER_NAME_MAX 1000 /* bytes of a name, as it travels */

/* ---- the list of folders ----------------------------------------------- */

struct listing {
	const char *wanted; /* UTF-8 */
	bool has_wanted;
	size_t n;
	struct eii_buf names; /* UTF-8, with commas */
};

/* A name as an astring: quoted (literals were made so) or bare. */
static bool scan_name(struct eii_imap_scan *scan, struct eii_buf *out)
{
	struct eii_text atom;

	if (eii_imap_scan_quoted(scan, out))
		return eii_buf_ok(out);
	atom = eii_imap_scan_rest(scan);
	if (!atom.len || memchr(atom.data, ' ', atom.len))
		return false;
	eii_buf_add_text(out, atom);
	return eii_buf_ok(out);
}

/* "(\HasNoChildren) "/" name": true when the folder can be opened. */
static bool scan_list(struct eii_imap_scan *scan, struct eii_buf *out)
{
	struct eii_text attribute;
	struct eii_buf separator;
	bool can_open = true, is_read;

	if (!eii_imap_scan_char(scan, ' ') || !eii_imap_scan_char(scan, '('))
		return false;
	while (!eii_imap_scan_char(scan, ')')) {
		if (eii_imap_scan_char(scan, ' '))
			continue;
		if (!eii_imap_scan_atom(scan, &attribute))
			return false;
		can_open &= !eii_text_equal_nocase(attribute, eii_text_of("\\Noselect")) &&
			    !eii_text_equal_nocase(attribute, eii_text_of("\\NonExistent"));
	}
	eii_buf_init(&separator, 16);
	is_read = eii_imap_scan_char(scan, ' ') &&
		  (eii_imap_scan_quoted(scan, &separator) || eii_imap_scan_word(scan, "NIL")) &&
		  eii_imap_scan_char(scan, ' ') && scan_name(scan, out);
	eii_buf_clear(&separator);
	return is_read && can_open;
}

static void add_name(struct listing *listing, struct eii_text travelling)
{
	char words[EII_IMAP_WORDS_MAX];
	struct eii_buf name;

	eii_buf_init(&name, (size_t)4 * FOLDER_NAME_MAX);
	eii_mutf7_decode(travelling, &name);
	if (eii_text_equal(eii_buf_text(&name), eii_text_of(listing->wanted)))
		listing->has_wanted = true;
	if (listing->n++ < EII_IMAP_FOLDERS_SHOWN) {
		eii_imap_make_words(eii_buf_text(&name), words, sizeof(words));
		eii_buf_addf(&listing->names, "%s'%s'", listing->n > 1 ? ", " : "", words);
	} else if (listing->n == EII_IMAP_FOLDERS_SHOWN + 1) {
		eii_buf_add_str(&listing->names, ", ...");
	}
	eii_buf_clear(&name);
}

static enum eii_rc take_list(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
			     struct eii_error *err)
{
	struct eii_buf name;

	(void)imap;
	(void)err;
	if (!eii_imap_scan_word(scan, "LIST"))
		return EII_OK;
	eii_buf_init(&name, FOLDER_NAME_MAX);
	if (scan_list(scan, &name))
		add_name(arg, eii_buf_text(&name));
	eii_buf_clear(&name);
	return EII_OK;
}

/* The folder was refused: says which there are. refusal are the server's words. */
static enum eii_rc fail_absent(struct eii_imap *imap, const char *name, const char *refusal,
			       struct eii_error *err)
{
	struct listing listing = { .wanted = name };
	struct eii_imap_handler handler = { .untagged = take_list, .arg = &listing };
	const char *where = eii_stream_where(imap->stream);
	enum eii_imap_status status;
	enum eii_rc rc;

	eii_buf_init(&listing.names, (size_t)EII_IMAP_FOLDERS_SHOWN * (EII_IMAP_WORDS_MAX + 8));
	rc = eii_imap_run(imap, &handler, &status, err, "LIST \"\" \"*\"");
	if (!rc && listing.has_wanted)
		rc = eii_fail(err, EII_RETRY, "%s: folder '%s' cannot be opened now: '%s'", where,
			      name, refusal);
	else if (!rc)
		rc = eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				   "%s: no folder '%s' ('%s'); there are: %s", where, name, refusal,
				   listing.n ? listing.names.data : "none");
	eii_buf_clear(&listing.names);
	return eii_imap_end(imap, rc);
}

static enum eii_rc fail_examine(struct eii_imap *imap, const char *name, struct eii_error *err)
{
	const char *where = eii_stream_where(imap->stream);
	EII_AUTO_STR refusal = eii_strdup(imap->words);

	if (eii_imap_is_refusal_temporary(imap))
		return eii_imap_end(imap, eii_fail(err, EII_RETRY,
						   "%s: folder '%s' cannot be opened now: '%s'",
						   where, name, refusal));
	if (strcmp(imap->code, "NOPERM") == 0)
		return eii_imap_end(imap, eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
							"%s: folder '%s' may not be read: '%s'",
							where, name, refusal));
	return fail_absent(imap, name, refusal, err);
}

/* ---- UIDNEXT where EXAMINE does not say it ------------------------------ */

static enum eii_rc take_uidnext(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
				struct eii_error *err)
{
	struct eii_text rest;
	const char *items;
	struct eii_imap_scan inside;

	(void)arg;
	(void)err;
	if (!eii_imap_scan_word(scan, "STATUS"))
		return EII_OK;
	rest = eii_imap_scan_rest(scan);
	items = rest.len ? memrchr(rest.data, '(', rest.len) : NULL;
	if (!items)
		return EII_OK;
	inside = (struct eii_imap_scan){ .at = items + 1, .end = rest.data + rest.len };
	if (eii_imap_scan_word(&inside, "UIDNEXT") && eii_imap_scan_char(&inside, ' '))
		(void)eii_imap_scan_u32(&inside, &imap->folder.uidnext);
	return EII_OK;
}

static enum eii_rc find_uidnext(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_handler status_handler = { .untagged = take_uidnext };
	struct eii_imap_fetch fetch = { 0 };
	struct eii_imap_handler fetch_handler = { .fetch = &fetch };
	enum eii_imap_status status;
	enum eii_rc rc;

	rc = eii_imap_run(imap, &status_handler, &status, err, "STATUS %s (UIDNEXT)",
			  imap->folder_name);
	if (rc || imap->folder.uidnext)
		return rc;
	if (!imap->folder.n_mails) {
		imap->folder.uidnext = 1;
		return EII_OK;
	}
	rc = eii_imap_run(imap, &fetch_handler, &status, err, "UID FETCH * (UID)");
	if (rc)
		return rc;
	if (!fetch.highest_uid || fetch.highest_uid == UINT32_MAX)
		return eii_imap_fail(imap, "the server does not say the folder's next UID", err);
	imap->folder.uidnext = fetch.highest_uid + 1;
	return EII_OK;
}

/* ---- opening ----------------------------------------------------------- */

static char *quoted_name(const char *name)
{
	struct eii_buf travelling, quoted;

	eii_buf_init(&travelling, FOLDER_NAME_MAX);
	eii_buf_init(&quoted, (size_t)2 * FOLDER_NAME_MAX);
	if (!eii_mutf7_encode(eii_text_of(name), &travelling) || !eii_buf_ok(&travelling)) {
		eii_buf_clear(&travelling);
		return NULL;
	}
	eii_buf_add_char(&quoted, '"');
	for (size_t i = 0; i < travelling.len; i++) {
		if (travelling.data[i] == '"' || travelling.data[i] == '\\')
			eii_buf_add_char(&quoted, '\\');
		eii_buf_add_char(&quoted, travelling.data[i]);
	}
	eii_buf_add_char(&quoted, '"');
	eii_buf_clear(&travelling);
	return eii_buf_detach(&quoted);
}

/* EXAMINE of imap->folder_name into imap->folder. */
static enum eii_rc open_folder(struct eii_imap *imap, enum eii_imap_status *out,
			       struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_rc rc;

	imap->folder = (struct eii_imap_folder){ 0 };
	rc = eii_imap_run(imap, &nothing, out, err, "EXAMINE %s", imap->folder_name);
	if (rc || *out != EII_IMAP_OK)
		return rc;
	if (!imap->folder.uidvalidity)
		return eii_imap_end(imap, eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
							"%s: the server keeps no lasting UIDs (no "
							"UIDVALIDITY)",
							eii_stream_where(imap->stream)));
	imap->state = EII_IMAP_SELECTED;
	if (!imap->folder.uidnext)
		rc = find_uidnext(imap, err);
	imap->has_news = false;
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
						  FOLDER_NAME_MAX));
	rc = open_folder(imap, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return fail_examine(imap, name, err);
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
		rc = eii_imap_run(imap, &nothing, &status, err, "NOOP");
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return eii_imap_fail(imap, "the server refuses NOOP", err);
	has_changed = imap->has_news;
	if (has_changed) {
		rc = open_folder(imap, &status, err);
		if (rc)
			return rc;
		if (status != EII_IMAP_OK)
			return eii_imap_fail(imap, "the folder cannot be opened again", err);
	}
	*out_changed = has_changed;
	*out = imap->folder;
	return EII_OK;
}
