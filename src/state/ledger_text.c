/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_text.h"

#include "eii/base/utf8.h"
#include "value.h"

enum work_slot {
	WORK_ID,
	WORK_OPENED,
	WORK_SENT,
	WORK_TOLD,
	WORK_PROCESSED,
	WORK_MOVED,
	WORK_UNKNOWN,
	WORK_CLOSED,
	WORK_LEFT,
	WORK_CLEARED,
	WORK_DRAFT,
	N_WORK,
};

static const char *const work_names[N_WORK] = {
	"id",      "opened", "sent", "told",    "processed", "moved",
	"unknown", "closed", "left", "cleared", "draft",
};

/* ---- reading ----------------------------------------------------------- */

static struct eii_text value(const struct eii_members *work, enum work_slot slot)
{
	return eii_members_value(work, work_names[slot]);
}

/* A Work whose id we cannot hold is none of ours. */
static bool read_id(struct eii_text text, char out[EII_DOCUMENT_WORK_BYTES])
{
	EII_AUTO_STR id = eii_value_str(text);
	size_t len = id ? strlen(id) : 0;

	if (!len || len >= EII_DOCUMENT_WORK_BYTES)
		return false;
	memcpy(out, id, len + 1);
	return true;
}

static void read_work(struct eii_text text, struct eii_ledger *out)
{
	struct eii_members work;

	eii_members_split(text, &work);
	if (read_id(value(&work, WORK_ID), out->work_id)) {
		(void)read_id(value(&work, WORK_DRAFT), out->draft_id);
		out->work_opened_s = eii_value_unix_s(value(&work, WORK_OPENED));
		out->work_sent = eii_value_u32(value(&work, WORK_SENT));
		out->work_told = eii_value_u32(value(&work, WORK_TOLD));
		out->work_processed = eii_value_u32(value(&work, WORK_PROCESSED));
		out->work_moved_s = eii_value_unix_s(value(&work, WORK_MOVED));
		out->work_unknown = eii_value_u32(value(&work, WORK_UNKNOWN));
		out->work_is_closed =
			eii_text_equal(value(&work, WORK_CLOSED), eii_text_of("true"));
		out->work_is_left = eii_text_equal(value(&work, WORK_LEFT), eii_text_of("true"));
	}
	out->n_cleared = eii_value_u32(value(&work, WORK_CLEARED));
	eii_members_clear(&work);
}

void eii_ledger_read(const struct eii_members *ours, struct eii_ledger *out)
{
	*out = (struct eii_ledger){ 0 };
	(void)eii_value_u64(eii_members_value(ours, "instance"), UINT64_MAX, &out->instance);
	(void)eii_value_time(eii_members_value(ours, "wrote"), &out->wrote_s);
	(void)eii_value_u64(eii_members_value(ours, "limit"), UINT64_MAX, &out->limit_bytes);
	if (out->limit_bytes)
		out->limit_s = eii_value_unix_s(eii_members_value(ours, "limited"));
	out->has_refused = eii_text_equal(eii_members_value(ours, "refused"), eii_text_of("true"));
	read_work(eii_members_value(ours, "work"), out);
}

/* ---- writing ----------------------------------------------------------- */

void eii_ledger_forget_work(struct eii_ledger *ledger)
{
	ledger->work_id[0] = '\0';
	ledger->draft_id[0] = '\0';
	ledger->work_opened_s = 0;
	ledger->work_sent = 0;
	ledger->work_told = 0;
	ledger->work_processed = 0;
	ledger->work_moved_s = 0;
	ledger->work_unknown = 0;
	ledger->work_is_closed = false;
	ledger->work_is_left = false;
}

void eii_ledger_tidy(struct eii_ledger *ledger)
{
	size_t len = strnlen(ledger->work_id, EII_DOCUMENT_WORK_BYTES - 1);

	ledger->work_id[eii_utf8_valid_prefix(ledger->work_id, len)] = '\0';
	len = strnlen(ledger->draft_id, EII_DOCUMENT_WORK_BYTES - 1);
	ledger->draft_id[eii_utf8_valid_prefix(ledger->draft_id, len)] = '\0';
	ledger->wrote_s = eii_value_clamp_s(ledger->wrote_s);
	ledger->limit_s = ledger->limit_bytes ? eii_value_clamp_s(ledger->limit_s) : 0;
	ledger->work_opened_s = eii_value_clamp_s(ledger->work_opened_s);
	ledger->work_moved_s = eii_value_clamp_s(ledger->work_moved_s);
	if (!ledger->work_id[0])
		eii_ledger_forget_work(ledger);
}

bool eii_ledger_is_empty(const struct eii_ledger *ledger)
{
	return !ledger->instance && !ledger->wrote_s && !ledger->limit_bytes &&
	       !ledger->has_refused && !ledger->work_id[0] && !ledger->n_cleared;
}

static void write_work(const void *context, size_t slot, struct eii_text old, struct eii_buf *out)
{
	const struct eii_ledger *ledger = context;

	(void)old;
	if (slot != WORK_CLEARED && !ledger->work_id[0])
		return;
	switch ((enum work_slot)slot) {
	case WORK_ID:
		eii_value_add_str(ledger->work_id, out);
		return;
	case WORK_OPENED:
		eii_value_add_unix_s(ledger->work_opened_s, out);
		return;
	case WORK_SENT:
		eii_value_add_u64(ledger->work_sent, out);
		return;
	case WORK_TOLD:
		eii_value_add_u64(ledger->work_told, out);
		return;
	case WORK_PROCESSED:
		eii_value_add_u64(ledger->work_processed, out);
		return;
	case WORK_MOVED:
		eii_value_add_unix_s(ledger->work_moved_s, out);
		return;
	case WORK_UNKNOWN:
		if (ledger->work_unknown)
			eii_value_add_u64(ledger->work_unknown, out);
		return;
	case WORK_CLOSED:
		eii_buf_add_str(out, ledger->work_is_closed ? "true" : "false");
		return;
	case WORK_LEFT:
		if (ledger->work_is_left)
			eii_buf_add_str(out, "true");
		return;
	case WORK_CLEARED:
		eii_value_add_u64(ledger->n_cleared, out);
		return;
	case WORK_DRAFT:
		if (ledger->draft_id[0])
			eii_value_add_str(ledger->draft_id, out);
		return;
	case N_WORK:
		return;
	}
}

void eii_ledger_write_work(struct eii_text old, const struct eii_ledger *ledger,
			   struct eii_buf *out)
{
	static const struct eii_slots slots = { work_names, N_WORK, write_work, NULL };

	if (ledger->work_id[0] || ledger->n_cleared)
		eii_members_merge_text(old, &slots, ledger, out);
}
