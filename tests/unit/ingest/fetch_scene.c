/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_scene.h"

#include "support.h"

void fetch_scene_prepare(struct fetch_scene *f, const char *const *steps)
{
	struct eii_fetch_driver_options options = { .imap = &f->imap, .folder = "INBOX" };

	scene_init(&f->scene);
	f->script = script_start(steps);
	f->imap = script_options(f->script);
	options.lane = f->scene.lane;
	f->driver = eii_fetch_driver_new(&options);
}

void fetch_scene_expect_open(struct fetch_scene *f, uint64_t order)
{
	struct eii_note *note = scene_take(&f->scene, EII_FACT_MAILBOX_OPENED, order);

	assert_int_equal(note->fact.folder.uidvalidity, 7);
	assert_int_equal(note->fact.folder.uidnext, 12);
	assert_int_equal(note->fact.folder.n_mails, 3);
	eii_note_free(note);
}

void fetch_scene_begin(struct fetch_scene *f, const char *const *steps)
{
	fetch_scene_prepare(f, steps);
	scene_start(&f->scene, eii_fetch_driver_run, f->driver);
	fetch_scene_expect_open(f, scene_do(&f->scene, EII_ORDER_OPEN));
}

void fetch_scene_end(struct fetch_scene *f)
{
	scene_stop(&f->scene);
	assert_true(script_stop(f->script));
	eii_fetch_driver_free(f->driver);
	scene_clear(&f->scene);
}

uint64_t fetch_scene_fetch(struct fetch_scene *f, const struct eii_fetch_item *items, uint16_t n)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_FETCH);

	order.fetch.items = items;
	order.fetch.n = n;
	scene_post(&f->scene, &order);
	return order.number;
}

void fetch_scene_expect_body(struct fetch_scene *f, uint64_t order, uint32_t uid, uint16_t slot,
			     enum eii_body_result result, const char *bytes)
{
	struct eii_note *note = scene_take(&f->scene, EII_FACT_MAILBOX_BODY, order);

	CHECK(note->fact.body.uid == uid && note->fact.body.slot == slot, "uid %u in slot %u",
	      note->fact.body.uid, note->fact.body.slot);
	CHECK(note->fact.body.result == result, "uid %u: %d", uid, note->fact.body.result);
	if (bytes) {
		assert_string_equal(note->raw, bytes);
		assert_int_equal(note->fact.body.len, strlen(bytes));
	} else {
		assert_null(note->raw);
	}
	eii_note_free(note);
}
