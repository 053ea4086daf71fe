/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include <stdlib.h>

#include <mailutils/stream.h>

#include "carrier.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/net/stream.h"
#include "imap_private.h"

#define LITERAL_MAX_DEFAULT UINT32_MAX

/* ---- life -------------------------------------------------------------- */

struct eii_imap *eii_imap_new(struct eii_stream *stream, const struct eii_imap_options *options)
{
	struct eii_imap *imap = EII_NEW(struct eii_imap);

	imap->stream = stream;
	imap->carrier = eii_carrier_new(stream);
	eii_alloc_check(imap->carrier);
	eii_imap_reader_init(&imap->reader, imap->carrier, stream);
	eii_buf_init(&imap->joined, EII_IMAP_LINE_MAX);
	eii_buf_init(&imap->command, EII_IMAP_COMMAND_MAX);
	eii_veil_init(&imap->veil);
	imap->literal_max = options->literal_max ? options->literal_max : LITERAL_MAX_DEFAULT;
	imap->timeout_ms = options->timeout_ms ? options->timeout_ms : EII_IMAP_TIMEOUT_MS;
	return imap;
}

void eii_imap_free(struct eii_imap *imap)
{
	if (!imap)
		return;
	for (size_t i = 0; i < EII_IMAP_PIPELINE_MAX; i++)
		eii_imap_give_held(imap, &imap->groups[i], NULL);
	mu_stream_destroy(&imap->carrier);
	eii_stream_free(imap->stream);
	eii_imap_reader_clear(&imap->reader);
	eii_buf_clear(&imap->joined);
	eii_buf_clear(&imap->command);
	eii_veil_clear(&imap->veil);
	free(imap->folder_name);
	free(imap);
}

/* Providers count sessions that were not signed off for a while yet. */
static void sign_off(struct eii_imap *imap, int wait_ms)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;

	eii_stream_ignore_stop(imap->stream);
	eii_imap_start_clock(imap, (uint32_t)wait_ms, EII_IMAP_ANSWER_MAX);
	imap->step = EII_IMAP_STEP_LOGOUT;
	if (imap->idling == EII_IMAP_IDLING && eii_imap_write(imap, "DONE\r\n", 6, NULL))
		return;
	eii_buf_add_str(&imap->command, "LOGOUT");
	if (eii_imap_send(imap, NULL) || eii_stream_flush(imap->stream, NULL) || imap->n_groups)
		return;
	(void)!eii_imap_read_answer(imap, imap->tag, &nothing, &status, NULL);
}

void eii_imap_close(struct eii_imap *imap, int wait_ms)
{
	if (imap && imap->state != EII_IMAP_OVER && wait_ms > 0)
		sign_off(imap, wait_ms);
	eii_imap_free(imap);
}

bool eii_imap_is_open(const struct eii_imap *imap)
{
	return imap->state != EII_IMAP_OVER;
}

const struct eii_imap_refusal *eii_imap_last_refusal(const struct eii_imap *imap)
{
	return &imap->refusal;
}

/* ---- opening ----------------------------------------------------------- */

enum eii_rc eii_imap_begin(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err)
{
	enum eii_rc rc = eii_imap_greet(imap, options, err);

	if (!rc)
		rc = eii_imap_ask_capabilities(imap, err);
	if (!rc && imap->state == EII_IMAP_GREETED)
		rc = eii_imap_sign_in(imap, options, err);
	return rc ? rc : eii_imap_say_id(imap, err);
}

enum eii_rc eii_imap_open_why(const struct eii_imap_options *options, struct eii_imap **out,
			      struct eii_imap_refusal *why, struct eii_error *err)
{
	uint32_t timeout_ms =
		options->open_timeout_ms ? options->open_timeout_ms : EII_IMAP_OPEN_TIMEOUT_MS;
	int64_t deadline_ms;
	EII_AUTO(eii_imap) imap = NULL;
	struct eii_stream *stream = NULL;
	enum eii_rc rc;

	if (why)
		*why = (struct eii_imap_refusal){ 0 };
	rc = eii_imap_warm_up(options, err);
	if (rc)
		return rc;
	deadline_ms = eii_clock_monotonic_ms() + timeout_ms;
	rc = eii_stream_connect_by(options->proxy, "IMAP server", options->host, options->port,
				   deadline_ms, options->stop, &stream, err);
	if (rc)
		return rc;
	imap = eii_imap_new(stream, options);
	eii_imap_start_clock(imap, (uint32_t)eii_clock_left_ms(deadline_ms), EII_IMAP_ANSWER_MAX);
	rc = eii_imap_begin(imap, options, err);
	if (rc && why)
		*why = imap->refusal;
	if (rc)
		return rc;
	*out = EII_DETACH(imap);
	return EII_OK;
}

enum eii_rc eii_imap_open(const struct eii_imap_options *options, struct eii_imap **out,
			  struct eii_error *err)
{
	return eii_imap_open_why(options, out, NULL, err);
}
