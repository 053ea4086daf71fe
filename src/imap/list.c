/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eii/base/utf8.h"
#include "imap_private.h"
#include "mutf7.h"

/* ---- one answer -------------------------------------------------------- */

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

bool eii_imap_scan_folder_name(struct eii_imap_scan *scan, struct eii_buf *out)
{
	struct eii_buf travelling;
	bool is_read;

	eii_buf_init(&travelling, EII_IMAP_FOLDER_NAME_MAX);
	is_read = scan_name(scan, &travelling);
	if (is_read)
		eii_mutf7_decode(eii_buf_text(&travelling), out);
	eii_buf_clear(&travelling);
	return is_read && eii_buf_ok(out);
}

static bool scan_attributes(struct eii_imap_scan *scan, unsigned *out)
{
	struct eii_text attribute;

	*out = 0;
	if (!eii_imap_scan_char(scan, ' ') || !eii_imap_scan_char(scan, '('))
		return false;
	while (!eii_imap_scan_char(scan, ')')) {
		if (eii_imap_scan_char(scan, ' '))
			continue;
		if (!eii_imap_scan_atom(scan, &attribute))
			return false;
		*out |= eii_folder_attribute_of(attribute);
	}
	return true;
}

static bool scan_separator(struct eii_imap_scan *scan, char *out)
{
	struct eii_buf separator;
	bool is_read;

	eii_buf_init(&separator, 16);
	is_read = eii_imap_scan_char(scan, ' ') &&
		  (eii_imap_scan_quoted(scan, &separator) || eii_imap_scan_word(scan, "NIL")) &&
		  eii_imap_scan_char(scan, ' ');
	*out = separator.len ? separator.data[0] : '\0';
	eii_buf_clear(&separator);
	return is_read;
}

/* '(\HasNoChildren) "/" "name"'. What is behind the name, RFC 5258 allows it, counts as no name. */
static bool scan_list(struct eii_imap_scan *scan, struct eii_listed_folder *out,
		      struct eii_buf *name)
{
	return scan_attributes(scan, &out->attributes) && scan_separator(scan, &out->separator) &&
	       eii_imap_scan_folder_name(scan, name);
}

/* What a C string and a state can hold. */
static bool is_text(struct eii_text name)
{
	return name.len && !memchr(name.data, '\0', name.len) && eii_utf8_is_valid(name);
}

static enum eii_rc take_list(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
			     struct eii_error *err)
{
	const struct eii_imap_folder_taker *taker = arg;
	struct eii_listed_folder folder = { 0 };
	struct eii_buf name;

	(void)imap;
	(void)err;
	if (!eii_imap_scan_word(scan, "LIST"))
		return EII_OK;
	/* The longest UTF-8 that the travelling form can stand for. */
	eii_buf_init(&name, (size_t)4 * EII_IMAP_FOLDER_NAME_MAX);
	if (scan_list(scan, &folder, &name) && is_text(eii_buf_text(&name))) {
		folder.name = name.data;
		taker->add(taker->arg, &folder);
	}
	eii_buf_clear(&name);
	return EII_OK;
}

/* ---- all of them ------------------------------------------------------- */

enum eii_rc eii_imap_run_list(struct eii_imap *imap, const char *command,
			      struct eii_imap_folder_taker *taker, enum eii_imap_status *out,
			      struct eii_error *err)
{
	struct eii_imap_handler handler = { .untagged = take_list, .joins = true, .arg = taker };

	return eii_imap_run(imap, EII_IMAP_STEP_LIST, &handler, out, err, "%s", command);
}

static bool can(const struct eii_imap *imap, unsigned capabilities)
{
	return (imap->capabilities & capabilities) == capabilities;
}

/* Where a server has special uses it need not tell them unasked (RFC 6154, section 2). */
static const char *command_of(const struct eii_imap *imap)
{
	if (can(imap, EII_IMAP_CAN_LIST_EXTENDED | EII_IMAP_CAN_SPECIAL_USE))
		return EII_IMAP_LIST_ALL " RETURN (SPECIAL-USE)";
	return EII_IMAP_LIST_ALL;
}

enum eii_rc eii_imap_list(struct eii_imap *imap, const struct eii_imap_folder_taker *taker,
			  struct eii_error *err)
{
	struct eii_imap_folder_taker to = *taker;
	enum eii_imap_status status = EII_IMAP_OK;
	enum eii_rc rc;

	rc = eii_imap_need(imap, EII_IMAP_SIGNED_IN, err);
	if (!rc)
		rc = eii_imap_run_list(imap, command_of(imap), &to, &status, err);
	if (rc || status == EII_IMAP_OK)
		return rc;
	return eii_fail(err, EII_REJECT, "%s: the server does not list its folders: '%s'",
			eii_stream_where(imap->stream), imap->refusal.words);
}
