/* SPDX-License-Identifier: Apache-2.0 */
/* What has come to folders that are not open. */
#include <string.h>

#include "eii/base/cleanup.h"
#include "imap_private.h"

#define NAMES_MAX (EII_IMAP_COMMAND_MAX / 2) /* bytes of the names of one command */

struct glance {
	const char *const *names;
	size_t n;
	struct eii_imap_glimpse *out;
};

/* INBOX is spelled as one likes (RFC 3501, section 5.1); n: of none. */
static size_t find(const struct glance *glance, const struct eii_buf *name)
{
	struct eii_text text = eii_buf_text(name);

	for (size_t i = 0; i < glance->n; i++) {
		struct eii_text ours = eii_text_of(glance->names[i]);

		if (eii_text_equal(text, ours) ||
		    (eii_text_equal_nocase(ours, eii_text_of("INBOX")) &&
		     eii_text_equal_nocase(text, ours)))
			return i;
	}
	return glance->n;
}

static enum eii_rc take_glimpse(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
				struct eii_error *err)
{
	struct glance *glance = arg;
	struct eii_imap_told told = { 0 };
	struct eii_imap_scan where;
	struct eii_buf name;
	size_t at;

	(void)imap;
	(void)err;
	if (!eii_imap_scan_word(scan, "STATUS") || !eii_imap_scan_status(scan, &where, &told))
		return EII_OK;
	eii_buf_init(&name, (size_t)4 * EII_IMAP_FOLDER_NAME_MAX);
	at = eii_imap_scan_folder_name(&where, &name) ? find(glance, &name) : glance->n;
	if (at < glance->n)
		glance->out[at] = (struct eii_imap_glimpse){ .uidvalidity = told.uidvalidity,
							     .uidnext = told.uidnext };
	eii_buf_clear(&name);
	return EII_OK;
}

/* Each name is a pattern there: one with a wildcard would name others as well. */
static bool add_patterns(const struct glance *glance, struct eii_buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < glance->n; i++) {
		if (strpbrk(glance->names[i], "*%"))
			continue;
		if (n++)
			eii_buf_add_char(out, ' ');
		if (!eii_imap_add_folder_name(out, glance->names[i]))
			return false;
	}
	return n > 0;
}

static enum eii_rc ask_all(struct eii_imap *imap, struct glance *glance, struct eii_error *err)
{
	const struct eii_imap_handler handler = { .untagged = take_glimpse,
						  .joins = true,
						  .arg = glance };
	enum eii_imap_status status = EII_IMAP_OK;
	enum eii_rc rc = EII_OK;
	struct eii_buf patterns;

	eii_buf_init(&patterns, NAMES_MAX);
	if (add_patterns(glance, &patterns))
		rc = eii_imap_run(imap, EII_IMAP_STEP_STATUS, &handler, &status, err,
				  "LIST \"\" (%s) RETURN (STATUS (UIDNEXT UIDVALIDITY))",
				  patterns.data);
	eii_buf_clear(&patterns);
	imap->has_refused_list_status = !rc && status != EII_IMAP_OK;
	return rc;
}

/* A refusal is no failure: nothing is told of the folder. */
static enum eii_rc ask_one(struct eii_imap *imap, const char *name, struct eii_imap_glimpse *out,
			   struct eii_error *err)
{
	struct glance one = { .names = &name, .n = 1, .out = out };
	const struct eii_imap_handler handler = { .untagged = take_glimpse,
						  .joins = true,
						  .arg = &one };
	enum eii_imap_status status;
	enum eii_rc rc = EII_OK;
	struct eii_buf quoted;

	eii_buf_init(&quoted, (size_t)2 * EII_IMAP_FOLDER_NAME_MAX + 2);
	if (eii_imap_add_folder_name(&quoted, name))
		rc = eii_imap_run(imap, EII_IMAP_STEP_STATUS, &handler, &status, err,
				  "STATUS %s (UIDNEXT UIDVALIDITY)", quoted.data);
	eii_buf_clear(&quoted);
	return rc;
}

enum eii_rc eii_imap_glance(struct eii_imap *imap, const char *const *names, size_t n,
			    struct eii_imap_glimpse *out, struct eii_error *err)
{
	struct eii_imap_glimpse seen[EII_IMAP_GLANCE_MAX] = { 0 };
	struct glance glance = { .names = names, .n = n, .out = seen };
	enum eii_rc rc = eii_imap_need(imap, EII_IMAP_SIGNED_IN, err);

	if (!rc && imap->capabilities & EII_IMAP_CAN_LIST_STATUS && !imap->has_refused_list_status)
		rc = ask_all(imap, &glance, err);
	for (size_t i = 0; i < n && !rc; i++) {
		if (!seen[i].uidnext && !seen[i].uidvalidity)
			rc = ask_one(imap, names[i], &seen[i], err);
	}
	if (rc)
		return rc;
	imap->refusal = (struct eii_imap_refusal){ 0 };
	memcpy(out, seen, n * sizeof(*out));
	return EII_OK;
}
