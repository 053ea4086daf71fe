/* SPDX-License-Identifier: Apache-2.0 */
#include "check_folders.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/core/fact.h"

#define WORDS_MAX 4096 /* of the names that are shown */

struct found {
	const struct eii_folder_choice *choice;
	char *names[EII_CORE_FOLDERS]; /* owned */
	size_t n;                      /* that are named; of these the first are kept */
	char *whole;                   /* the one that bears the whole value; owned */
};

static void add(void *arg, const struct eii_listed_folder *folder)
{
	struct found *found = arg;

	if (eii_folder_choice_is_named(found->choice, folder->name) && !found->whole)
		found->whole = eii_strdup(folder->name);
	if (!eii_folder_choice_wants(found->choice, folder))
		return;
	if (found->n < EII_CORE_FOLDERS)
		found->names[found->n] = eii_strdup(folder->name);
	found->n++;
}

static void keep_whole(struct eii_check *check, struct found *found)
{
	static const struct eii_check_cure by_name = {
		"EMAIL_INTEL_IMAP_MAILBOX",
		"put a \\ before what belongs to the name, or leave it if it is meant"
	};

	if (!found->whole)
		return;
	eii_check_report_add(&check->report, "folders", EII_CHECK_WARNING, &by_name,
			     "EMAIL_INTEL_IMAP_MAILBOX is read as the name of the folder '%s', not "
			     "as a list",
			     found->whole);
	for (size_t i = 0; i < found->n && i < EII_CORE_FOLDERS; i++)
		free(found->names[i]);
	found->names[0] = EII_DETACH(found->whole);
	found->n = 1;
}

/* Opens each, for what it holds; one that is refused ends it. */
static enum eii_rc open_each(struct eii_imap *imap, const struct found *found, struct eii_buf *out,
			     struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	for (size_t i = 0; i < found->n && i < EII_CORE_FOLDERS && !rc; i++) {
		struct eii_imap_folder folder;

		rc = eii_imap_examine(imap, found->names[i], &folder, err);
		if (!rc)
			eii_buf_addf(out, "%s%s (%u mails)", i ? ", " : "", found->names[i],
				     folder.n_mails);
	}
	return rc;
}

static enum eii_rc look(struct eii_check *check, struct eii_imap *imap, struct found *found,
			struct eii_buf *out, struct eii_error *err)
{
	const struct eii_imap_folder_taker taker = { .add = add, .arg = found };
	enum eii_rc rc = eii_imap_list(imap, &taker, err);

	if (rc)
		return rc;
	keep_whole(check, found);
	if (!found->n)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "EMAIL_INTEL_IMAP_MAILBOX: no folder is '%s'",
				     eii_folder_choice_value(found->choice));
	return open_each(imap, found, out, err);
}

static void say(struct eii_check *check, const struct found *found, const struct eii_buf *out)
{
	static const struct eii_check_cure too_many = {
		"EMAIL_INTEL_IMAP_MAILBOX", "name fewer, and give a second connector the rest"
	};
	const struct eii_config_mail *box = &check->config->mail;
	size_t n = found->n < EII_CORE_FOLDERS ? found->n : EII_CORE_FOLDERS;

	eii_check_report_add(&check->report, "mailbox", EII_CHECK_OK, NULL,
			     "%s signed in to %s:%u, %zu folders are read: %s", box->username,
			     box->host, box->port, n, eii_buf_ok(out) ? out->data : "many");
	if (found->n > n)
		eii_check_report_add(
			&check->report, "folders", EII_CHECK_WARNING, &too_many,
			"EMAIL_INTEL_IMAP_MAILBOX names %zu folders, and one connector "
			"reads %d",
			found->n, EII_CORE_FOLDERS);
}

void eii_check_folders(struct eii_check *check, struct eii_imap *imap)
{
	EII_AUTO(eii_folder_choice) choice = NULL;
	struct eii_error err = { 0 };
	struct found found = { 0 };
	struct eii_buf out;
	enum eii_rc rc;

	eii_buf_init(&out, WORDS_MAX);
	rc = eii_folder_choice_parse(check->config->mail.mailbox, &choice, &err);
	found.choice = choice;
	if (!rc)
		rc = look(check, imap, &found, &out, &err);
	if (rc)
		eii_check_fail(check, EII_CHECK_MAILBOX, rc, &err);
	else
		say(check, &found, &out);
	for (size_t i = 0; i < found.n && i < EII_CORE_FOLDERS; i++)
		free(found.names[i]);
	free(found.whole);
	eii_buf_clear(&out);
}
