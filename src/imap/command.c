/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "imap_private.h"

enum eii_rc eii_imap_exchange(struct eii_imap *imap, enum eii_imap_step step,
			      const struct eii_imap_handler *handler, enum eii_imap_status *out,
			      struct eii_error *err)
{
	enum eii_rc rc;

	imap->step = step;
	rc = eii_imap_send(imap, err);
	return rc ? rc : eii_imap_read_answer(imap, imap->tag, handler, out, err);
}

enum eii_rc eii_imap_run(struct eii_imap *imap, enum eii_imap_step step,
			 const struct eii_imap_handler *handler, enum eii_imap_status *out,
			 struct eii_error *err, const char *format, ...)
{
	char text[2048];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		return eii_imap_fail(imap, "a command is too long to be sent", err);
	eii_imap_start_clock(imap, imap->timeout_ms,
			     step == EII_IMAP_STEP_SEARCH ? EII_IMAP_SEARCH_MAX
							  : EII_IMAP_ANSWER_MAX);
	eii_buf_add(&imap->command, text, (size_t)len);
	return eii_imap_exchange(imap, step, handler, out, err);
}

enum eii_rc eii_imap_ask_capabilities(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	enum eii_rc rc;

	if (imap->knows_capabilities)
		return EII_OK;
	eii_buf_add_str(&imap->command, "CAPABILITY");
	rc = eii_imap_exchange(imap, EII_IMAP_STEP_CAPABILITY, &nothing, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return eii_imap_end(imap,
				    eii_fail(err, EII_RETRY,
					     "%s: the server does not say what it can do: '%s'",
					     eii_stream_where(imap->stream), imap->refusal.words));
	if (!imap->knows_capabilities)
		return eii_imap_fail(imap, "the server does not say what it can do", err);
	return EII_OK;
}

/* NetEase (163, 126, 188) opens no folder for those that have not said it. */
enum eii_rc eii_imap_say_id(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	enum eii_rc rc;

	if (!(imap->capabilities & EII_IMAP_CAN_ID))
		return EII_OK;
	eii_buf_add_str(&imap->command,
			"ID (\"name\" \"email-intel-imap\" \"version\" \"" EII_VERSION "\")");
	rc = eii_imap_exchange(imap, EII_IMAP_STEP_ID, &nothing, &status, err);
	if (rc)
		return rc;
	/* Whoever does not want to know it may say so. */
	imap->refusal = (struct eii_imap_refusal){ 0 };
	return EII_OK;
}
