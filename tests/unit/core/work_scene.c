/* SPDX-License-Identifier: Apache-2.0 */
#include "work_scene.h"

#include "support.h"

struct eii_ledger ledger;
struct eii_work work;
struct eii_pulse *pulse;

int scene_set_up(void **state)
{
	(void)state;
	memset(&ledger, 0, sizeof(ledger));
	pulse = beat_new();
	eii_work_init(&work, &ledger);
	eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
	work.must_find = false; /* it has been, and there was none */
	return 0;
}

enum eii_work_call scene_call(enum eii_work_use use)
{
	enum eii_work_call due = eii_work_due(&work, pulse, use);

	if (due != EII_WORK_NOTHING)
		eii_work_begin(&work, pulse, due);
	return due;
}

struct eii_fact scene_seen(uint32_t expected, uint32_t processed)
{
	return (struct eii_fact){ .work = { .exists = true,
					    .is_alive = true,
					    .has_counts = true,
					    .expected = expected,
					    .processed = processed } };
}

enum eii_work_verdict scene_see(const struct eii_fact *fact)
{
	eii_work_begin(&work, pulse, EII_WORK_LOOK);
	return eii_work_seen(&work, pulse, fact);
}

enum eii_work_verdict scene_see_counts(uint32_t expected, uint32_t processed)
{
	const struct eii_fact fact = scene_seen(expected, processed);

	return scene_see(&fact);
}

enum eii_work_verdict scene_hear_size(bool is_known, double n_messages)
{
	const struct eii_fact fact = { .queue = { .is_known = is_known,
						  .n_messages = n_messages } };

	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_SIZE);
	return eii_work_sized(&work, pulse, &fact);
}

void scene_open(void)
{
	work.is_wanted = true;
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_ADD);
	eii_work_opened(&work, pulse, "work_1");
	assert_true(eii_work_is_open(&work));
}

void scene_close(uint32_t n)
{
	const struct eii_fact alive = scene_seen(n, 0);

	scene_open();
	for (uint32_t i = 0; i < n; i++)
		eii_work_count(&work);
	if (n) {
		assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
		assert_int_equal(work.telling, n);
		eii_work_told(&work, pulse);
	}
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
	assert_int_equal(eii_work_seen(&work, pulse, &alive), EII_VERDICT_NONE);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_closed(&work, pulse);
	assert_true(ledger.work_is_closed);
}
