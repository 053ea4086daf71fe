/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "imap_private.h"
#include "judge.h"

#define JUDGED_MAX 8192 /* bytes of a server's words that are read at all */

/* ---- capabilities ------------------------------------------------------ */

static unsigned capability_of(struct eii_text word)
{
	static const struct {
		const char *name;
		unsigned bits;
	} known[] = {
		{ "IMAP4rev1", EII_IMAP_CAN_IMAP4 },
		{ "IMAP4rev2", EII_IMAP_CAN_IMAP4 | EII_IMAP_CAN_SASL_IR | EII_IMAP_CAN_ESEARCH |
				       EII_IMAP_CAN_IDLE | EII_IMAP_CAN_LIST_EXTENDED |
				       EII_IMAP_CAN_LIST_STATUS | EII_IMAP_CAN_SPECIAL_USE },
		{ "STARTTLS", EII_IMAP_CAN_STARTTLS },
		{ "SASL-IR", EII_IMAP_CAN_SASL_IR },
		{ "AUTH=PLAIN", EII_IMAP_CAN_PLAIN },
		{ "AUTH=EXTERNAL", EII_IMAP_CAN_EXTERNAL },
		{ "AUTH=OAUTHBEARER", EII_IMAP_CAN_OAUTHBEARER },
		{ "AUTH=SCRAM-SHA-256", EII_IMAP_CAN_SCRAM_SHA_256 },
		{ "AUTH=SCRAM-SHA-256-PLUS", EII_IMAP_CAN_SCRAM_SHA_256_PLUS },
		{ "AUTH=XOAUTH2", EII_IMAP_CAN_XOAUTH2 },
		{ "ESEARCH", EII_IMAP_CAN_ESEARCH },
		{ "ID", EII_IMAP_CAN_ID },
		{ "IDLE", EII_IMAP_CAN_IDLE },
		{ "LIST-EXTENDED", EII_IMAP_CAN_LIST_EXTENDED },
		{ "LIST-STATUS", EII_IMAP_CAN_LIST_STATUS },
		{ "LOGINDISABLED", EII_IMAP_LOGIN_DISABLED },
		{ "SPECIAL-USE", EII_IMAP_CAN_SPECIAL_USE },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (eii_text_equal_nocase(word, eii_text_of(known[i].name)))
			return known[i].bits;
	}
	return 0;
}

void eii_imap_extensions(const struct eii_imap *imap, char out[EII_IMAP_EXTENSIONS_BYTES])
{
	static const struct {
		const char *name;
		enum eii_imap_capability bit;
	} used[] = {
		{ "ESEARCH", EII_IMAP_CAN_ESEARCH },
		{ "SASL-IR", EII_IMAP_CAN_SASL_IR },
		{ "ID", EII_IMAP_CAN_ID },
	};
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		if (imap->capabilities & (unsigned)used[i].bit)
			len += (size_t)snprintf(out + len, EII_IMAP_EXTENSIONS_BYTES - len, "%s%s",
						len ? ", " : "", used[i].name);
	}
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

/* ---- codes that carry a value ------------------------------------------- */

bool eii_imap_scan_uidvalidity(struct eii_imap_scan *scan, uint64_t *out)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	const char *start = scan->at;

	if (eii_imap_scan_number(scan, UINT64_MAX, out))
		return true;
	for (; scan->at < scan->end && eii_is_ascii_digit(*scan->at); scan->at++)
		hash = (hash ^ (unsigned char)*scan->at) * UINT64_C(1099511628211);
	if (scan->at == start)
		return false;
	*out = hash ? hash : 1;
	return true;
}

/* scan is the inside of the brackets. */
static void take_value(struct eii_imap *imap, struct eii_imap_scan *scan)
{
	uint32_t n;

	if (eii_imap_scan_word(scan, "CAPABILITY"))
		eii_imap_take_capabilities(imap, scan);
	else if (eii_imap_scan_word(scan, "UIDVALIDITY") && eii_imap_scan_char(scan, ' '))
		imap->told.has_uidvalidity |=
			eii_imap_scan_uidvalidity(scan, &imap->told.uidvalidity);
	else if (eii_imap_scan_word(scan, "UIDNEXT") && eii_imap_scan_char(scan, ' ') &&
		 eii_imap_scan_u32(scan, &n))
		imap->told.uidnext = n;
}

void eii_imap_take_code(struct eii_imap *imap, struct eii_imap_scan *scan)
{
	struct eii_imap_scan inside;

	(void)eii_imap_scan_char(scan, ' ');
	if (eii_imap_scan_code(scan, &inside))
		take_value(imap, &inside);
}

/* ---- refusals ---------------------------------------------------------- */

void eii_imap_take_refusal(struct eii_imap *imap, enum eii_imap_refusal_form form,
			   struct eii_imap_scan *scan, struct eii_imap_refusal *out)
{
	struct eii_text name = { 0 }, words;
	struct eii_imap_scan inside;

	(void)eii_imap_scan_char(scan, ' ');
	if (eii_imap_scan_code(scan, &inside))
		(void)eii_imap_scan_atom(&inside, &name);
	words = eii_text_trim(eii_imap_scan_rest(scan));
	if (words.len > JUDGED_MAX)
		words.len = JUDGED_MAX;
	*out = (struct eii_imap_refusal){ .form = form,
					  .step = imap->step,
					  .code = eii_imap_code_of(name),
					  .wait_ms = eii_imap_wait_told(words) };
	out->kind = eii_imap_judge(out->code, words);
	eii_veil_words(&imap->veil, words, out->words, sizeof(out->words));
}
