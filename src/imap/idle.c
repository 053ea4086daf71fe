/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the server are heeded from the first one on: Exchange has been seen to send
 * EXISTS before it says that it waits.
 */
#include "eii/base/clock.h"
#include "imap_private.h"

static enum eii_rc note_waiting(struct eii_imap *imap, struct eii_text text, void *arg,
				struct eii_error *err)
{
	(void)text;
	(void)arg;
	(void)err;
	imap->idling = EII_IMAP_IDLING;
	return EII_OK;
}

/* What a server can do may be more for those who have signed in. */
static enum eii_rc check_capability(struct eii_imap *imap, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (!(imap->capabilities & EII_IMAP_CAN_IDLE) && !imap->has_asked_again) {
		imap->has_asked_again = true;
		imap->knows_capabilities = false;
		eii_imap_start_clock(imap, imap->timeout_ms, EII_IMAP_ANSWER_MAX);
		rc = eii_imap_ask_capabilities(imap, err);
	}
	if (rc || imap->capabilities & EII_IMAP_CAN_IDLE)
		return rc;
	imap->refusal = (struct eii_imap_refusal){ 0 };
	return eii_fail(err, EII_REJECT, "%s: the server has no IDLE",
			eii_stream_where(imap->stream));
}

static enum eii_rc read_one(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_handler handler = { .go_on = note_waiting };
	bool is_done = false;
	enum eii_rc rc =
		eii_imap_read_line(imap, imap->tag, &handler, &imap->idle_status, &is_done, err);

	if (is_done)
		imap->idling = EII_IMAP_WOKEN;
	return rc;
}

enum eii_rc eii_imap_idle_begin(struct eii_imap *imap, struct eii_error *err)
{
	enum eii_rc rc = eii_imap_need(imap, EII_IMAP_SELECTED, err);

	if (!rc)
		rc = check_capability(imap, err);
	if (rc)
		return rc;
	imap->idling = EII_IMAP_AWAKE;
	imap->step = EII_IMAP_STEP_IDLE;
	eii_imap_start_clock(imap, imap->timeout_ms, EII_IMAP_ANSWER_MAX);
	eii_buf_add_str(&imap->command, "IDLE");
	rc = eii_imap_send(imap, err);
	while (!rc && imap->idling == EII_IMAP_AWAKE)
		rc = read_one(imap, err);
	if (rc || imap->idling == EII_IMAP_IDLING || imap->idle_status == EII_IMAP_OK)
		return rc;
	imap->idling = EII_IMAP_AWAKE;
	return eii_fail(err, EII_REJECT, "%s: the server refuses IDLE: '%s'",
			eii_stream_where(imap->stream), imap->refusal.words);
}

/* A line that has begun is read to its end, within the time of a command. */
static enum eii_rc take_line(struct eii_imap *imap, struct eii_error *err)
{
	imap->reader.deadline_ms = eii_clock_monotonic_ms() + imap->timeout_ms;
	return read_one(imap, err);
}

enum eii_rc eii_imap_idle_wait(struct eii_imap *imap, int64_t until_ms, bool *out_grown,
			       bool *out_ended, struct eii_error *err)
{
	bool is_ready = true;
	enum eii_rc rc = EII_OK;

	while (!rc && is_ready && imap->idling == EII_IMAP_IDLING && !imap->has_grown &&
	       eii_clock_left_ms(until_ms) > 0) {
		if (!eii_imap_reader_has_rest(&imap->reader))
			rc = eii_stream_await(imap->stream, until_ms, &is_ready, err);
		if (!rc && is_ready)
			rc = take_line(imap, err);
	}
	if (rc)
		return err && err->kind == EII_ERROR_STOPPED ? rc : eii_imap_end(imap, rc);
	*out_grown = imap->has_grown;
	*out_ended = imap->idling != EII_IMAP_IDLING;
	return EII_OK;
}

enum eii_rc eii_imap_idle_end(struct eii_imap *imap, uint32_t wait_ms, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	eii_imap_start_clock(imap, wait_ms, EII_IMAP_ANSWER_MAX);
	if (imap->idling == EII_IMAP_IDLING)
		rc = eii_imap_write(imap, "DONE\r\n", 6, err);
	while (!rc && imap->idling == EII_IMAP_IDLING)
		rc = read_one(imap, err);
	imap->idling = EII_IMAP_AWAKE;
	return rc;
}
