/* SPDX-License-Identifier: Apache-2.0 */
#include "store_scene.h"

#include "beat.h"
#include "support.h"

struct eii_store store;
struct eii_pulse *pulse;

int scene_set_up(void **state)
{
	(void)state;
	memset(&store, 0, sizeof(store));
	pulse = beat_new();
	eii_store_init(&store, pulse);
	return 0;
}

int scene_tear_down(void **state)
{
	(void)state;
	eii_store_clear(&store);
	return 0;
}

/* A state of one mailbox, written by the process of that number; the caller's to free. */
char *scene_state(const char *key, uint32_t cursor, uint64_t instance)
{
	EII_AUTO(eii_document) document = eii_document_new();
	const struct eii_place_state place = { .uidvalidity = 7, .cursor = cursor };
	const struct eii_ledger ledger = { .instance = instance };

	eii_document_put_place(document, key, &place);
	eii_document_put_ledger(document, &ledger);
	return eii_document_format(document);
}

void scene_put(uint32_t cursor)
{
	EII_AUTO(eii_ring) ring = eii_ring_new();
	EII_AUTO(eii_ring) back = eii_ring_new();
	const struct eii_place_state place = { .uidvalidity = 7, .cursor = cursor };

	eii_store_put_place(&store, KEY, &place);
	eii_store_put(&store, ring, back);
	store.newest++;
}

const char *scene_begin(enum eii_store_call call)
{
	assert_int_equal(eii_store_due(&store, pulse), call);
	return eii_store_begin(&store, pulse, call);
}

/* A ping that is due, echoed as it was sent. */
void scene_ping(void)
{
	const char *text = scene_begin(EII_STORE_PING);

	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_true(eii_store_is_clean(&store));
}

/* A read that is due, and what stands there. */
enum eii_store_news scene_read(const char *text)
{
	assert_null(scene_begin(EII_STORE_READ));
	return eii_store_heard(&store, pulse, text, KEY);
}

void scene_adopt_and_ping(void)
{
	assert_int_equal(eii_store_adopt(&store, pulse, "{\"a\":1}"), EII_STORE_FINE);
	scene_put(10);
	scene_ping();
}

void scene_fail(enum eii_failure_kind kind)
{
	const struct eii_failure failure = { .kind = kind, .is_outcome_unknown = true };

	eii_store_failed(&store, pulse, &failure);
}

void scene_pass_pause(void)
{
	if (store.attempt.due_ms > pulse->now_ms)
		beat_pass(pulse, store.attempt.due_ms - pulse->now_ms);
}
