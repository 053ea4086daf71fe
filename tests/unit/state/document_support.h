/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the state document share. */
#ifndef EII_TESTS_DOCUMENT_SUPPORT_H
#define EII_TESTS_DOCUMENT_SUPPORT_H

#include "eii/base/alloc.h"
#include "eii/base/timestamp.h"
#include "eii/state/document.h"
#include "support.h"

#define KEY      "soc@mail.example/Reports \"1\""
#define OTHER    "soc@mail.example/INBOX"
#define INSTANT  INT64_C(1787234160)
#define OFFICIAL "{\"last_email_ingestion\": \"2026-08-20T13:56:00+00:00\"}"
#define OURS(members)                                                                              \
	"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"soc@mail.example/INBOX\":" members  \
	"}}}"

static inline void same_place(const char *what, const struct eii_place_state *a,
			      const struct eii_place_state *b)
{
	CHECK(a->uidvalidity == b->uidvalidity, "%s", what);
	CHECK(a->cursor == b->cursor, "%s", what);
	CHECK(a->has_window == b->has_window, "%s", what);
	CHECK(a->window_since_s == b->window_since_s, "%s", what);
	CHECK(a->window_uidnext == b->window_uidnext, "%s", what);
	CHECK(a->n_starts == b->n_starts, "%s", what);
	CHECK(a->in_hand.uid == b->in_hand.uid, "%s", what);
	CHECK(a->in_hand.attempts == b->in_hand.attempts, "%s", what);
	CHECK(a->n_suspects == b->n_suspects, "%s", what);
	for (size_t i = 0; i < a->n_suspects; i++) {
		CHECK(a->suspects[i].uid == b->suspects[i].uid, "%s %zu", what, i);
		CHECK(a->suspects[i].attempts == b->suspects[i].attempts, "%s %zu", what, i);
	}
	CHECK(a->back_uid == b->back_uid, "%s", what);
	CHECK(a->passed_uid == b->passed_uid, "%s", what);
	CHECK(a->ask_uid == b->ask_uid, "%s", what);
	CHECK(a->owed_since_s == b->owed_since_s, "%s", what);
	CHECK(a->troubled_uid == b->troubled_uid, "%s", what);
	CHECK(a->troubled_since_s == b->troubled_since_s, "%s", what);
	CHECK(a->gone_s == b->gone_s, "%s", what);
	CHECK(a->has_turn == b->has_turn, "%s", what);
	CHECK(a->n_killers == b->n_killers, "%s", what);
	for (size_t i = 0; i < a->n_killers; i++)
		CHECK(a->killers[i] == b->killers[i], "%s %zu", what, i);
	CHECK(a->n_aside == b->n_aside, "%s", what);
	for (size_t i = 0; i < a->n_aside; i++) {
		CHECK(a->aside[i].uid == b->aside[i].uid, "%s %zu", what, i);
		CHECK(a->aside[i].milliseconds == b->aside[i].milliseconds, "%s %zu", what, i);
		CHECK(a->aside[i].n_tries == b->aside[i].n_tries, "%s %zu", what, i);
		CHECK(a->aside[i].first_unix_s == b->aside[i].first_unix_s, "%s %zu", what, i);
		CHECK(a->aside[i].next_unix_s == b->aside[i].next_unix_s, "%s %zu", what, i);
	}
}

/* What comes back of a document through its text. */
static inline struct eii_document *again(const struct eii_document *document)
{
	EII_AUTO_STR text = eii_document_format(document);
	struct eii_document *parsed = eii_document_parse(text);

	CHECK(parsed, "%s", text);
	return parsed;
}

/* A text as it comes out when nothing is put. */
static inline void check_comes_out(const char *text, const char *wanted)
{
	EII_AUTO(eii_document) document = eii_document_parse(text);
	EII_AUTO_STR out = NULL;

	CHECK(document, "%s", text);
	out = eii_document_format(document);
	CHECK(strcmp(out, wanted) == 0, "%s\nnot\n%s", out, wanted);
}

static inline void fill_ring(struct eii_ring *ring, unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t identity[EII_RING_IDENTITY_BYTES] = { (uint8_t)(i >> 8), (uint8_t)i };
		EII_AUTO_STR id = eii_asprintf("report--%u", first + i);
		bool is_known;

		(void)eii_ring_assign(ring, EII_RING_DISTINCT, id, identity, i + 1, &is_known);
	}
}

static inline void fill_aside(struct eii_place_state *place, size_t n)
{
	place->n_aside = (uint16_t)n;
	for (size_t i = 0; i < n; i++)
		place->aside[i] =
			(struct eii_aside){ UINT32_MAX - 255 + (uint32_t)i, EII_ASIDE_NO_MS,
					    UINT16_MAX, EII_TIMESTAMP_MAX_S, EII_TIMESTAMP_MAX_S };
}

static inline char *repeated(const char *before, char c, size_t n, const char *after)
{
	struct eii_buf text;

	eii_buf_init(&text, (size_t)4 * EII_DOCUMENT_MAX_BYTES);
	eii_buf_add_str(&text, before);
	for (size_t i = 0; i < n; i++)
		eii_buf_add_char(&text, c);
	eii_buf_add_str(&text, after);
	assert_true(eii_buf_ok(&text));
	return eii_buf_detach(&text);
}

#endif
