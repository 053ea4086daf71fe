/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "imap_private.h"

/* ---- capabilities ------------------------------------------------------ */

static unsigned capability_of(struct eii_text word)
{
	static const struct {
		const char *name;
		unsigned bits;
	} known[] = {
		{ "IMAP4rev1", EII_IMAP_CAN_IMAP4 },
		{ "IMAP4rev2", EII_IMAP_CAN_IMAP4 | EII_IMAP_CAN_SASL_IR | EII_IMAP_CAN_ESEARCH },
		{ "STARTTLS", EII_IMAP_CAN_STARTTLS },
		{ "SASL-IR", EII_IMAP_CAN_SASL_IR },
		{ "AUTH=PLAIN", EII_IMAP_CAN_PLAIN },
		{ "AUTH=XOAUTH2", EII_IMAP_CAN_XOAUTH2 },
		{ "ESEARCH", EII_IMAP_CAN_ESEARCH },
		{ "LOGINDISABLED", EII_IMAP_LOGIN_DISABLED },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (eii_text_equal_nocase(word, eii_text_of(known[i].name)))
			return known[i].bits;
	}
	return 0;
}

void eii_imap_take_capabilities(struct eii_imap *imap, struct eii_imap_scan *scan)
{
	struct eii_text word;

	imap->capabilities = 0;
	imap->knows_capabilities = true;
	while (eii_imap_scan_char(scan, ' '))
		if (eii_imap_scan_atom(scan, &word))
			imap->capabilities |= capability_of(word);
}

/* ---- status lines ------------------------------------------------------ */

/* A code that carries a value; scan is the inside of its brackets. */
static void take_code(struct eii_imap *imap, struct eii_imap_scan *scan)
{
	uint32_t n;

	if (eii_imap_scan_word(scan, "CAPABILITY"))
		eii_imap_take_capabilities(imap, scan);
	else if (eii_imap_scan_word(scan, "UIDVALIDITY") && eii_imap_scan_char(scan, ' ') &&
		 eii_imap_scan_u32(scan, &n))
		imap->folder.uidvalidity = n;
	else if (eii_imap_scan_word(scan, "UIDNEXT") && eii_imap_scan_char(scan, ' ') &&
		 eii_imap_scan_u32(scan, &n))
		imap->folder.uidnext = n;
}

static void keep_code(struct eii_imap *imap, struct eii_imap_scan inside)
{
	struct eii_text word = { 0 };

	(void)eii_imap_scan_atom(&inside, &word);
	eii_imap_make_words(word, imap->code, sizeof(imap->code));
	for (char *p = imap->code; *p; p++) {
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
}

static void take_status_code(struct eii_imap *imap, struct eii_imap_scan *scan)
{
	struct eii_imap_scan inside;

	(void)eii_imap_scan_char(scan, ' ');
	if (!eii_imap_scan_code(scan, &inside))
		return;
	keep_code(imap, inside);
	take_code(imap, &inside);
	(void)eii_imap_scan_char(scan, ' ');
}

void eii_imap_take_status_text(struct eii_imap *imap, struct eii_imap_scan *scan)
{
	imap->code[0] = '\0';
	take_status_code(imap, scan);
	eii_imap_make_words(eii_imap_scan_rest(scan), imap->words, sizeof(imap->words));
}

static enum eii_rc take_bye(struct eii_imap *imap, struct eii_imap_scan *scan,
			    struct eii_error *err)
{
	eii_imap_take_status_text(imap, scan);
	return eii_imap_end(imap, eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
						"%s: the server ends the session: '%s'",
						eii_stream_where(imap->stream), imap->words));
}

/* ---- untagged lines ---------------------------------------------------- */

static enum eii_rc take_numbered(struct eii_imap *imap, uint32_t n, struct eii_imap_scan *scan,
				 const struct eii_imap_handler *handler, struct eii_error *err)
{
	if (eii_imap_scan_word(scan, "FETCH") && eii_imap_scan_char(scan, ' '))
		return eii_imap_take_fetch(imap, scan, handler->fetch, err);
	if (eii_imap_scan_word(scan, "EXISTS")) {
		imap->has_news |= n != imap->folder.n_mails;
		imap->folder.n_mails = n;
	} else if (eii_imap_scan_word(scan, "EXPUNGE")) {
		imap->has_news = true;
		if (imap->folder.n_mails)
			imap->folder.n_mails--;
	}
	return EII_OK;
}

/* Literals in any answer but FETCH (a folder's name) become quoted strings. */
static enum eii_rc join_literals(struct eii_imap *imap, struct eii_imap_scan *scan,
				 struct eii_error *err)
{
	struct eii_text line = eii_imap_scan_rest(scan);
	uint64_t len;
	size_t start;

	eii_buf_reset(&imap->joined);
	while (eii_imap_scan_ends_in_literal(line, &len, &start)) {
		struct eii_buf bytes;
		enum eii_rc rc;

		eii_buf_add(&imap->joined, line.data, start);
		eii_buf_add_char(&imap->joined, '"');
		eii_buf_init(&bytes, EII_IMAP_LINE_MAX);
		rc = eii_imap_reader_add(&imap->reader, len, &bytes, err);
		for (size_t i = 0; !rc && i < bytes.len; i++) {
			if (bytes.data[i] == '"' || bytes.data[i] == '\\')
				eii_buf_add_char(&imap->joined, '\\');
			if (bytes.data[i])
				eii_buf_add_char(&imap->joined, bytes.data[i]);
		}
		eii_buf_clear(&bytes);
		if (!rc)
			rc = eii_imap_reader_line(&imap->reader, &line, err);
		if (rc)
			return eii_imap_end(imap, rc);
		eii_buf_add_char(&imap->joined, '"');
	}
	if (!imap->joined.len)
		return EII_OK;
	eii_buf_add_text(&imap->joined, line);
	if (!eii_buf_ok(&imap->joined))
		return eii_imap_fail(imap, "a line of its answer is too long", err);
	*scan = eii_imap_scan_of(eii_buf_text(&imap->joined));
	return EII_OK;
}

static bool is_status(struct eii_imap_scan *scan)
{
	return eii_imap_scan_word(scan, "OK") || eii_imap_scan_word(scan, "NO") ||
	       eii_imap_scan_word(scan, "BAD");
}

enum eii_rc eii_imap_take_untagged(struct eii_imap *imap, struct eii_imap_scan *scan,
				   const struct eii_imap_handler *handler, struct eii_error *err)
{
	enum eii_rc rc;
	uint32_t n;

	if (is_status(scan)) {
		take_status_code(imap, scan);
		return EII_OK;
	}
	if (eii_imap_scan_word(scan, "BYE"))
		return take_bye(imap, scan, err);
	if (eii_imap_scan_word(scan, "CAPABILITY")) {
		eii_imap_take_capabilities(imap, scan);
		return EII_OK;
	}
	if (eii_imap_scan_u32(scan, &n) && eii_imap_scan_char(scan, ' '))
		return take_numbered(imap, n, scan, handler, err);
	if (!imap->reader.is_cut) {
		rc = join_literals(imap, scan, err);
		if (rc)
			return rc;
	}
	return handler->untagged ? handler->untagged(imap, scan, handler->arg, err) : EII_OK;
}

/* ---- to the tagged answer ---------------------------------------------- */

static enum eii_rc take_tagged(struct eii_imap *imap, unsigned tag, struct eii_imap_scan *scan,
			       enum eii_imap_status *out, struct eii_error *err)
{
	uint32_t n;

	if (!eii_imap_scan_char(scan, 'A') || !eii_imap_scan_u32(scan, &n) || n != tag ||
	    !eii_imap_scan_char(scan, ' '))
		return eii_imap_fail(imap, "its answer is not IMAP, or not to what was asked", err);
	if (eii_imap_scan_word(scan, "OK"))
		*out = EII_IMAP_OK;
	else if (eii_imap_scan_word(scan, "NO"))
		*out = EII_IMAP_NO;
	else if (eii_imap_scan_word(scan, "BAD"))
		*out = EII_IMAP_BAD;
	else
		return eii_imap_fail(imap, "its answer is neither OK nor NO nor BAD", err);
	eii_imap_take_status_text(imap, scan);
	return EII_OK;
}

static enum eii_rc take_line(struct eii_imap *imap, struct eii_text line,
			     const struct eii_imap_handler *handler, struct eii_error *err)
{
	struct eii_imap_scan scan = eii_imap_scan_of(line);

	if (eii_imap_scan_char(&scan, '*')) {
		if (!eii_imap_scan_char(&scan, ' '))
			return eii_imap_fail(imap, "its answer is not IMAP", err);
		return eii_imap_take_untagged(imap, &scan, handler, err);
	}
	(void)eii_imap_scan_char(&scan, '+');
	(void)eii_imap_scan_char(&scan, ' ');
	if (!handler->go_on)
		return eii_imap_fail(imap, "it asks for more where nothing is to come", err);
	return handler->go_on(imap, eii_imap_scan_rest(&scan), handler->arg, err);
}

enum eii_rc eii_imap_read_answer(struct eii_imap *imap, unsigned tag,
				 const struct eii_imap_handler *handler, enum eii_imap_status *out,
				 struct eii_error *err)
{
	for (;;) {
		struct eii_text line;
		struct eii_imap_scan scan;
		enum eii_rc rc;

		rc = eii_imap_reader_line(&imap->reader, &line, err);
		if (rc)
			return eii_imap_end(imap, rc);
		scan = eii_imap_scan_of(line);
		if (!line.len || (line.data[0] != '*' && line.data[0] != '+'))
			return take_tagged(imap, tag, &scan, out, err);
		rc = take_line(imap, line, handler, err);
		if (rc)
			return rc;
	}
}

enum eii_rc eii_imap_read_greeting(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_scan scan;
	struct eii_text line;
	enum eii_rc rc;

	rc = eii_imap_reader_line(&imap->reader, &line, err);
	if (rc)
		return eii_imap_end(imap, rc);
	scan = eii_imap_scan_of(line);
	if (!eii_imap_scan_char(&scan, '*') || !eii_imap_scan_char(&scan, ' '))
		scan.at = scan.end;
	if (eii_imap_scan_word(&scan, "BYE"))
		return take_bye(imap, &scan, err);
	if (eii_imap_scan_word(&scan, "PREAUTH"))
		imap->state = EII_IMAP_SIGNED_IN;
	else if (!eii_imap_scan_word(&scan, "OK"))
		return eii_imap_end(imap, eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
							"%s: what answers there is no IMAP server "
							"(check host, port and TLS setting)",
							eii_stream_where(imap->stream)));
	eii_imap_take_status_text(imap, &scan);
	return EII_OK;
}
