/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <mailutils/stream.h>

#include "carrier.h"
#include "eii/base/clock.h"
#include "imap_private.h"

/* ---- failing ----------------------------------------------------------- */

enum eii_rc eii_imap_end(struct eii_imap *imap, enum eii_rc rc)
{
	if (rc == EII_RETRY || rc == EII_FATAL)
		imap->state = EII_IMAP_OVER;
	return rc;
}

enum eii_rc eii_imap_fail(struct eii_imap *imap, const char *what, struct eii_error *err)
{
	return eii_imap_end(
		imap, eii_fail(err, EII_RETRY, "%s: %s", eii_stream_where(imap->stream), what));
}

enum eii_rc eii_imap_need(struct eii_imap *imap, enum eii_imap_state state, struct eii_error *err)
{
	if (imap->state == EII_IMAP_OVER)
		return eii_imap_fail(imap, "the session is over", err);
	if (imap->state < state)
		return eii_imap_fail(imap, "no folder is open", err);
	if (imap->n_groups)
		return eii_imap_fail(imap, "bodies were asked for and not read", err);
	return EII_OK;
}

/* ---- out --------------------------------------------------------------- */

void eii_imap_start_clock(struct eii_imap *imap, uint32_t timeout_ms, uint64_t bytes_max)
{
	imap->reader.idle_ms = imap->timeout_ms;
	imap->reader.deadline_ms = eii_clock_monotonic_ms() + timeout_ms;
	imap->reader.bytes_max = imap->reader.bytes_left = bytes_max;
	eii_stream_set_deadline(imap->stream, imap->reader.deadline_ms);
}

void eii_imap_allow_literal(struct eii_imap *imap, uint64_t len)
{
	if (imap->reader.deadline_ms)
		imap->reader.deadline_ms += (int64_t)(len * 1000 / EII_IMAP_LITERAL_RATE);
	imap->reader.bytes_left += len;
}

enum eii_rc eii_imap_write(struct eii_imap *imap, const char *data, size_t len,
			   struct eii_error *err)
{
	int code = mu_stream_write(imap->carrier, data, len, NULL);

	if (code)
		return eii_imap_end(imap, eii_carrier_fail(imap->carrier, code, err));
	return EII_OK;
}

/* What is said at the sign-in is hidden byte by byte, and no line of it is kept. */
static void wipe_command(struct eii_imap *imap)
{
	if (imap->step == EII_IMAP_STEP_SIGN_IN)
		eii_veil_set_line(&imap->veil, eii_text("", 0));
	else
		eii_veil_set_line(&imap->veil, eii_buf_text(&imap->command));
	explicit_bzero(imap->command.data, imap->command.len);
	eii_buf_reset(&imap->command);
}

enum eii_rc eii_imap_send(struct eii_imap *imap, struct eii_error *err)
{
	char tag[16];
	int len = snprintf(tag, sizeof(tag), "A%u ", ++imap->tag);
	enum eii_rc rc;

	imap->refusal = (struct eii_imap_refusal){ 0 };
	if (!eii_buf_ok(&imap->command)) {
		wipe_command(imap);
		return eii_imap_fail(imap, "a command is too long to be sent", err);
	}
	rc = eii_imap_write(imap, tag, (size_t)len, err);
	if (!rc)
		rc = eii_imap_write(imap, imap->command.data, imap->command.len, err);
	wipe_command(imap);
	return rc ? rc : eii_imap_write(imap, "\r\n", 2, err);
}

/* ---- in ---------------------------------------------------------------- */

enum eii_rc eii_imap_next_line(struct eii_imap *imap, struct eii_imap_scan *scan,
			       struct eii_error *err)
{
	struct eii_text line;
	enum eii_rc rc = eii_imap_reader_line(&imap->reader, &line, err);

	if (rc)
		return eii_imap_end(imap, rc);
	*scan = eii_imap_scan_of(line);
	return EII_OK;
}

enum eii_rc eii_imap_skip_literal(struct eii_imap *imap, uint64_t len, struct eii_error *err)
{
	return eii_imap_end(imap, eii_imap_reader_skip(&imap->reader, len, err));
}

enum eii_rc eii_imap_skip_answer(struct eii_imap *imap, struct eii_imap_scan *scan,
				 struct eii_error *err)
{
	enum eii_rc rc = EII_OK;
	uint64_t len;
	size_t start;

	while (!rc) {
		if (imap->reader.is_cut) {
			rc = eii_imap_next_line(imap, scan, err);
			continue;
		}
		if (!eii_imap_scan_ends_in_literal(eii_imap_scan_rest(scan), &len, &start))
			break;
		rc = eii_imap_skip_literal(imap, len, err);
		if (!rc)
			rc = eii_imap_next_line(imap, scan, err);
	}
	scan->at = scan->end;
	return rc;
}
