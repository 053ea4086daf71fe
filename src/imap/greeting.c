/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "imap_private.h"

#define NUDGE_AFTER_MS 2000 /* of silence where the server speaks first */
#define TLS_ALERT      0x15 /* RFC 8446, section 5.1: the first byte of a record that is one */
#define TLS_HANDSHAKE  0x16

static enum eii_rc fail_config(struct eii_imap *imap, const char *what, struct eii_error *err)
{
	return eii_imap_end(imap, eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG, "%s: %s",
						    eii_stream_where(imap->stream), what));
}

/* ---- TLS ----------------------------------------------------------------- */

/* The words of the layer below know no settings. */
static enum eii_rc name_setting(struct eii_imap *imap, enum eii_rc rc, struct eii_error *err)
{
	char text[EII_ERROR_TEXT_MAX];

	if (!err || eii_stream_tls_trouble(imap->stream) != EII_TLS_TROUBLE_UNKNOWN_CA)
		return rc;
	(void)snprintf(text, sizeof(text), "%s", err->text);
	return eii_fail_doubtful(err, rc, err->kind, "%s: EMAIL_INTEL_IMAP_TLS_CA", text);
}

static enum eii_rc start_tls(struct eii_imap *imap, const struct eii_imap_options *options,
			     struct eii_error *err)
{
	enum eii_rc rc;

	if (eii_imap_reader_has_rest(&imap->reader))
		return eii_imap_fail(
			imap,
			"the server, or someone between, sent plain text into the start "
			"of TLS",
			err);
	rc = eii_stream_start_tls(imap->stream, options->tls_options, err);
	if (!rc)
		return EII_OK;
	if (options->tls == EII_IMAP_TLS_IMPLICIT &&
	    eii_stream_tls_trouble(imap->stream) == EII_TLS_TROUBLE_NOT_TLS)
		return fail_config(imap,
				   "it does not speak TLS from the start on this port: set "
				   "EMAIL_INTEL_IMAP_TLS=starttls, or use the port for TLS (993)",
				   err);
	return eii_imap_end(imap, name_setting(imap, rc, err));
}

/* ---- the greeting ---------------------------------------------------------- */

/*
 * Where TLS comes first the server waits for us as we wait for it. A command
 * before the greeting makes it say that it does not understand; one that is
 * merely slow answers it later, to a tag that nobody waits for.
 */
static enum eii_rc nudge(struct eii_imap *imap, struct eii_error *err)
{
	static const char command[] = "A0 NOOP\r\n";

	if (eii_stream_has_input(imap->stream, NUDGE_AFTER_MS))
		return EII_OK;
	imap->was_nudged = true;
	return eii_imap_write(imap, command, sizeof(command) - 1, err);
}

static enum eii_rc fail_is_tls(struct eii_imap *imap, struct eii_error *err)
{
	return fail_config(imap,
			   "it speaks TLS from the start on this port: set "
			   "EMAIL_INTEL_IMAP_TLS=implicit",
			   err);
}

/* No greeting, or no whole one; rc and err are why. */
static enum eii_rc fail_no_greeting(struct eii_imap *imap, enum eii_rc rc, struct eii_error *err)
{
	int first = eii_imap_reader_peek(&imap->reader);
	char text[EII_ERROR_TEXT_MAX];

	if (first == TLS_ALERT || first == TLS_HANDSHAKE)
		return fail_is_tls(imap, err);
	if (!imap->was_nudged || err->kind == EII_ERROR_STOPPED)
		return rc;
	(void)snprintf(text, sizeof(text), "%s", err->text);
	return eii_fail_kind(err, rc, err->kind,
			     "%s, and no greeting: if it waits for TLS, set "
			     "EMAIL_INTEL_IMAP_TLS=implicit",
			     text);
}

static bool is_blank(struct eii_imap_scan scan)
{
	return eii_text_trim(eii_imap_scan_rest(&scan)).len == 0;
}

static enum eii_rc next_words(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct eii_error *err)
{
	enum eii_rc rc;

	do
		rc = eii_imap_next_line(imap, scan, err);
	while (!rc && is_blank(*scan));
	return rc;
}

static enum eii_rc fail_refused(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct eii_error *err)
{
	eii_imap_take_refusal(imap, EII_IMAP_BY_NO, scan, &imap->refusal);
	return eii_imap_end(imap,
			    eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
					  "%s: the server refuses the session: '%s'",
					  eii_stream_where(imap->stream), imap->refusal.words));
}

static enum eii_rc take_greeting(struct eii_imap *imap, struct eii_imap_scan *scan,
				 struct eii_error *err)
{
	if (*scan->at == TLS_ALERT || *scan->at == TLS_HANDSHAKE)
		return fail_is_tls(imap, err);
	if (!eii_imap_scan_char(scan, '*') || !eii_imap_scan_char(scan, ' '))
		scan->at = scan->end;
	if (eii_imap_scan_word(scan, "BYE"))
		return eii_imap_take_bye(imap, scan, err);
	if (eii_imap_scan_word(scan, "NO") || eii_imap_scan_word(scan, "BAD"))
		return fail_refused(imap, scan, err);
	if (eii_imap_scan_word(scan, "PREAUTH"))
		imap->state = EII_IMAP_SIGNED_IN;
	else if (!eii_imap_scan_word(scan, "OK"))
		return fail_config(imap,
				   "what answers there is no IMAP server (check host, port and TLS "
				   "setting)",
				   err);
	eii_imap_take_code(imap, scan);
	return EII_OK;
}

static enum eii_rc read_greeting(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_error own = { 0 };
	struct eii_imap_scan scan;
	enum eii_rc rc = EII_OK;

	if (!err)
		err = &own;
	imap->step = EII_IMAP_STEP_GREETING;
	if (!eii_stream_is_tls(imap->stream))
		rc = nudge(imap, err);
	if (!rc)
		rc = next_words(imap, &scan, err);
	if (rc)
		return fail_no_greeting(imap, rc, err);
	return take_greeting(imap, &scan, err);
}

/* ---- STARTTLS -------------------------------------------------------------- */

/*
 * Final is only what cannot be otherwise: a server that does not list STARTTLS,
 * or does not know the command.
 */
static enum eii_rc fail_no_starttls(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_refusal refusal = imap->refusal;
	const char *where = eii_stream_where(imap->stream);
	enum eii_rc rc;

	if (refusal.kind != EII_IMAP_REFUSAL_PASSING) {
		rc = eii_imap_ask_capabilities(imap, err);
		imap->refusal = refusal;
		if (rc)
			return rc;
	}
	if (refusal.kind == EII_IMAP_REFUSAL_PASSING ||
	    (imap->capabilities & EII_IMAP_CAN_STARTTLS && refusal.form == EII_IMAP_BY_NO))
		return eii_imap_end(imap, eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
							"%s: STARTTLS is not possible now: '%s'",
							where, refusal.words));
	return eii_imap_end(imap,
			    eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG,
					      "%s: the server refuses STARTTLS: '%s' (set "
					      "EMAIL_INTEL_IMAP_TLS=implicit and its port, 993)",
					      where, refusal.words));
}

static enum eii_rc upgrade(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	enum eii_rc rc;

	/* RFC 3501, section 6.2.1: signed in means that STARTTLS cannot be had any more. */
	if (imap->state != EII_IMAP_GREETED)
		return fail_config(imap, "the server signs us in before STARTTLS; not accepted",
				   err);
	eii_buf_add_str(&imap->command, "STARTTLS");
	rc = eii_imap_exchange(imap, EII_IMAP_STEP_STARTTLS, &nothing, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return fail_no_starttls(imap, err);
	imap->knows_capabilities = false;
	imap->capabilities = 0;
	return start_tls(imap, options, err);
}

enum eii_rc eii_imap_greet(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (options->tls == EII_IMAP_TLS_IMPLICIT)
		rc = start_tls(imap, options, err);
	if (!rc)
		rc = read_greeting(imap, err);
	if (!rc && options->tls == EII_IMAP_TLS_STARTTLS)
		rc = upgrade(imap, options, err);
	return rc;
}
