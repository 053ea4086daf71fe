/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any state document: unreadable, or one whose members are in range, and which
 * with ours put over it is written within its limits and read again as it was.
 */
#include <stdint.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/timestamp.h"
#include "eii/state/document.h"

#define KEY "u@h/INBOX"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static bool is_instant(int64_t unix_s)
{
	return unix_s >= 0 && unix_s <= EII_TIMESTAMP_MAX_S;
}

static void check_place(const struct eii_place_state *place)
{
	uint32_t before = 0;

	must(place->uidvalidity != 0);
	must(is_instant(place->window_since_s));
	must(place->in_hand.uid || !place->in_hand.attempts);
	must(place->n_aside <= EII_DOCUMENT_ASIDE);
	for (size_t i = 0; i < place->n_aside; i++) {
		const struct eii_aside *aside = &place->aside[i];

		must(aside->uid > before);
		before = aside->uid;
		must(aside->milliseconds <= 999 || aside->milliseconds == EII_ASIDE_NO_MS);
		must(is_instant(aside->first_unix_s) && is_instant(aside->next_unix_s));
	}
}

static struct eii_document *read_again(const struct eii_document *document)
{
	EII_AUTO_STR text = eii_document_format(document);
	EII_AUTO(eii_document) again = NULL;
	EII_AUTO_STR second = NULL;

	must(strlen(text) <= EII_DOCUMENT_MAX_BYTES);
	again = eii_document_parse(text);
	must(again != NULL);
	second = eii_document_format(again);
	must(strcmp(text, second) == 0);
	return EII_DETACH(again);
}

static void check_put(struct eii_document *document)
{
	EII_AUTO(eii_ring) ring = eii_document_ring(document, KEY);
	EII_AUTO(eii_ring) back = eii_document_back_ring(document);
	EII_AUTO(eii_document) again = NULL;
	struct eii_place_state place, read;
	struct eii_ledger ledger, ledger_read;

	if (eii_document_place(document, KEY, &place))
		check_place(&place);
	else
		place = (struct eii_place_state){ .uidvalidity = 1 };
	eii_document_ledger(document, &ledger);
	must(is_instant(ledger.wrote_s) && is_instant(ledger.work_opened_s));
	eii_document_put_place(document, KEY, &place);
	eii_document_put_ledger(document, &ledger);
	eii_document_put_rings(document, ring, back);
	again = read_again(document);
	must(eii_document_place(again, KEY, &read));
	must(read.uidvalidity == place.uidvalidity && read.cursor == place.cursor &&
	     read.n_aside <= place.n_aside);
	eii_document_ledger(again, &ledger_read);
	must(ledger_read.instance == ledger.instance && ledger_read.wrote_s == ledger.wrote_s &&
	     strcmp(ledger_read.work_id, ledger.work_id) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	EII_AUTO_STR text = eii_strndup((const char *)data, size);
	EII_AUTO(eii_document) document = eii_document_parse(text);
	EII_AUTO(eii_document) untouched = NULL;
	EII_AUTO(eii_document) other = eii_document_parse(text);
	EII_AUTO(eii_document) taken = eii_document_new();

	if (!document)
		return 0;
	must(is_instant(eii_document_ingestion(document)));
	untouched = read_again(document);
	must(!eii_document_take_foreign(untouched, untouched, KEY));
	(void)eii_document_take_foreign(taken, other, KEY);
	eii_document_free(read_again(taken));
	check_put(document);
	return 0;
}
