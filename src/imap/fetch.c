/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <mailutils/msgset.h>
#include <mailutils/stream.h>

#include "eii/base/alloc.h"
#include "imap_private.h"

/* ---- sets -------------------------------------------------------------- */

/* A set of the library in its own writing ("1:4,9"), by way of a memory stream. */
static void print_set(struct eii_buf *out, mu_msgset_t set)
{
	mu_stream_t memory = NULL;
	char piece[512];
	size_t n = 0;

	if (mu_memory_stream_create(&memory, MU_STREAM_RDWR) || mu_msgset_imap_print(memory, set) ||
	    mu_stream_seek(memory, 0, MU_SEEK_SET, NULL))
		eii_alloc_check(NULL);
	while (!mu_stream_read(memory, piece, sizeof(piece), &n) && n)
		eii_buf_add(out, piece, n);
	mu_stream_destroy(&memory);
}

void eii_imap_add_uid_set(struct eii_buf *out, const uint32_t *uids, size_t n)
{
	mu_msgset_t set = NULL;

	if (mu_msgset_create(&set, NULL, MU_MSGSET_UID))
		eii_alloc_check(NULL);
	for (size_t i = 0; i < n; i++) {
		size_t first = i;

		while (i + 1 < n && uids[i + 1] == uids[i] + 1)
			i++;
		if (mu_msgset_add_range(set, uids[first], uids[i], MU_MSGSET_UID))
			eii_alloc_check(NULL);
	}
	print_set(out, set);
	mu_msgset_free(set);
}

/* ---- size and date ----------------------------------------------------- */

static void forget_infos(struct eii_imap_info *infos, size_t n, uint32_t *out_uids)
{
	for (size_t i = 0; i < n; i++) {
		out_uids[i] = infos[i].uid;
		infos[i] = (struct eii_imap_info){ .uid = out_uids[i] };
	}
}

enum eii_rc eii_imap_fetch_info(struct eii_imap *imap, struct eii_imap_info *infos, size_t n,
				struct eii_error *err)
{
	struct eii_imap_fetch fetch = { .infos = infos, .n_infos = n };
	struct eii_imap_handler handler = { .fetch = &fetch };
	enum eii_imap_status status = EII_IMAP_BAD;
	uint32_t uids[EII_IMAP_FETCH_MAX];
	enum eii_rc rc;

	rc = eii_imap_need(imap, EII_IMAP_SELECTED, err);
	if (rc)
		return rc;
	if (!n || n > EII_IMAP_FETCH_MAX)
		return eii_imap_fail(imap, "too many mails asked for at once", err);
	forget_infos(infos, n, uids);
	eii_imap_start_clock(imap, imap->timeout_ms, EII_IMAP_ANSWER_MAX);
	eii_buf_add_str(&imap->command, "UID FETCH ");
	eii_imap_add_uid_set(&imap->command, uids, n);
	eii_buf_add_str(&imap->command, " (UID RFC822.SIZE INTERNALDATE)");
	rc = eii_imap_exchange(imap, EII_IMAP_STEP_FETCH_INFO, &handler, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return eii_fail(err, EII_REJECT, "%s: FETCH of sizes refused: '%s'",
				eii_stream_where(imap->stream), imap->refusal.words);
	return EII_OK;
}

/* ---- asking for bodies ------------------------------------------------- */

/* item: "BODY.PEEK[]" or "BODY.PEEK[HEADER]". */
static enum eii_rc send_group(struct eii_imap *imap, const uint32_t *uids, size_t n,
			      const char *item, uint32_t head_bytes, struct eii_error *err)
{
	struct eii_imap_group *group;
	enum eii_rc rc;

	if (imap->state != EII_IMAP_SELECTED)
		return eii_imap_need(imap, EII_IMAP_SELECTED, err);
	if (!n || n > EII_IMAP_FETCH_MAX || imap->n_groups == EII_IMAP_PIPELINE_MAX)
		return eii_imap_fail(imap, "too many mails asked for at once", err);
	eii_imap_start_clock(imap, imap->timeout_ms, EII_IMAP_ANSWER_MAX);
	imap->step = EII_IMAP_STEP_FETCH_BODIES;
	eii_buf_add_str(&imap->command, "UID FETCH ");
	eii_imap_add_uid_set(&imap->command, uids, n);
	eii_buf_addf(&imap->command, " (UID %s", item);
	if (head_bytes)
		eii_buf_addf(&imap->command, "<0.%u>", head_bytes);
	eii_buf_add_char(&imap->command, ')');
	rc = eii_imap_send(imap, err);
	if (!rc && eii_stream_flush(imap->stream, err))
		rc = eii_imap_end(imap, EII_RETRY);
	if (rc)
		return rc;
	group = &imap->groups[(imap->first_group + imap->n_groups++) % EII_IMAP_PIPELINE_MAX];
	*group = (struct eii_imap_group){ .tag = imap->tag, .head_bytes = head_bytes, .n = n };
	memcpy(group->uids, uids, n * sizeof(uids[0]));
	return EII_OK;
}

enum eii_rc eii_imap_send_bodies(struct eii_imap *imap, const uint32_t *uids, size_t n,
				 uint32_t head_bytes, struct eii_error *err)
{
	return send_group(imap, uids, n, "BODY.PEEK[]", head_bytes, err);
}

enum eii_rc eii_imap_send_headers(struct eii_imap *imap, const uint32_t *uids, size_t n,
				  uint32_t max_bytes, struct eii_error *err)
{
	return send_group(imap, uids, n, "BODY.PEEK[HEADER]", max_bytes, err);
}

/* ---- reading them ------------------------------------------------------ */

/* What did not come is otherwise, where it could not come; then all is told. */
static void tell_group(struct eii_imap_group *group, const struct eii_imap_body_taker *taker,
		       enum eii_imap_body otherwise)
{
	for (size_t i = 0; i < group->n; i++) {
		if (group->what[i] == EII_IMAP_BODY_ABSENT)
			group->what[i] = (unsigned char)otherwise;
		if (taker->told)
			taker->told(taker->arg, group->uids[i], group->what[i]);
	}
}

/* The session is over: so is every group under way. */
static void tell_all_lost(struct eii_imap *imap, const struct eii_imap_body_taker *taker)
{
	for (size_t k = 0; k < imap->n_groups; k++) {
		size_t at = (imap->first_group + k) % EII_IMAP_PIPELINE_MAX;

		eii_imap_give_held(imap, &imap->groups[at], NULL);
		tell_group(&imap->groups[at], taker, EII_IMAP_BODY_LOST);
	}
	imap->n_groups = 0;
}

static enum eii_rc read_group(struct eii_imap *imap, struct eii_imap_group *group,
			      const struct eii_imap_body_taker *taker, enum eii_imap_status *out,
			      struct eii_error *err)
{
	struct eii_imap_fetch fetch = { .group = group, .taker = taker };
	struct eii_imap_handler handler = { .fetch = &fetch };

	imap->refusal = group->refusal;
	*out = group->status;
	return group->is_answered ? EII_OK
				  : eii_imap_read_answer(imap, group->tag, &handler, out, err);
}

enum eii_rc eii_imap_read_bodies(struct eii_imap *imap, const struct eii_imap_body_taker *taker,
				 struct eii_error *err)
{
	struct eii_imap_group *group = &imap->groups[imap->first_group];
	enum eii_imap_status status = EII_IMAP_BAD;
	enum eii_rc rc;

	if (imap->state != EII_IMAP_SELECTED)
		return eii_imap_need(imap, EII_IMAP_SELECTED, err);
	if (!imap->n_groups)
		return eii_imap_fail(imap, "no bodies were asked for", err);
	imap->step = EII_IMAP_STEP_FETCH_BODIES;
	eii_imap_start_clock(imap, imap->timeout_ms, EII_IMAP_ANSWER_MAX);
	eii_imap_give_held(imap, group, taker);
	rc = read_group(imap, group, taker, &status, err);
	if (rc) {
		tell_all_lost(imap, taker);
		return rc;
	}
	imap->first_group = (imap->first_group + 1) % EII_IMAP_PIPELINE_MAX;
	imap->n_groups--;
	tell_group(group, taker,
		   status == EII_IMAP_OK ? EII_IMAP_BODY_ABSENT : EII_IMAP_BODY_REFUSED);
	if (status != EII_IMAP_OK)
		return eii_fail(err, EII_REJECT, "%s: FETCH refused: '%s'",
				eii_stream_where(imap->stream), imap->refusal.words);
	return EII_OK;
}
