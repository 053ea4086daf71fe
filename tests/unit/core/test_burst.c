/* SPDX-License-Identifier: Apache-2.0 */
#include "burst.h"

#include "beat.h"
#include "support.h"

static struct eii_burst burst;
static struct eii_pulse *pulse;

/* A connection whose first report has gone. */
static int set_up(void **state)
{
	(void)state;
	pulse = beat_new();
	burst = (struct eii_burst){ .has_begun = true };
	return 0;
}

static struct eii_burst_ready ready_of(uint16_t n, uint64_t bytes)
{
	return (struct eii_burst_ready){ .n = n, .bytes = bytes };
}

static bool goes(struct eii_burst_ready ready)
{
	return eii_burst_goes(&burst, pulse, &ready);
}

static void test_burst__lets_the_first_report_go_at_once(void **state)
{
	(void)state;
	eii_burst_forget(&burst);
	assert_true(goes(ready_of(1, 100)));
	assert_false(goes(ready_of(1, 100)));
	/* Of each connection. */
	eii_burst_forget(&burst);
	assert_true(goes(ready_of(1, 100)));
}

static void test_burst__has_nothing_to_wait_for_while_nothing_is_ready(void **state)
{
	(void)state;
	eii_burst_forget(&burst);
	assert_false(goes(ready_of(0, 0)));
	assert_int_equal(pulse->wakes_ms, EII_PULSE_NEVER);
	assert_false(burst.has_begun);
}

static void test_burst__ends_by_its_time(void **state)
{
	(void)state;
	assert_false(goes(ready_of(1, 100)));
	assert_int_equal(pulse->wakes_ms, BEAT_START_MS + EII_BURST_MS);
	beat_pass(pulse, EII_BURST_MS - 1);
	/* What comes later does not begin it anew. */
	assert_false(goes(ready_of(2, 200)));
	assert_int_equal(pulse->wakes_ms, BEAT_START_MS + EII_BURST_MS);
	beat_pass(pulse, 1);
	assert_true(goes(ready_of(2, 200)));
	/* The next one has its own. */
	assert_false(goes(ready_of(1, 100)));
	assert_int_equal(pulse->wakes_ms, BEAT_START_MS + 2 * EII_BURST_MS);
}

static void test_burst__ends_at_its_bounds(void **state)
{
	(void)state;
	assert_false(goes(ready_of(EII_BURST_MESSAGES - 1, 100)));
	assert_true(goes(ready_of(EII_BURST_MESSAGES, 100)));
	assert_false(goes(ready_of(1, EII_BURST_BYTES - 1)));
	assert_true(goes(ready_of(1, EII_BURST_BYTES)));
}

static void test_burst__waits_for_nothing_that_cannot_come(void **state)
{
	struct eii_burst_ready ready = ready_of(1, 100);

	(void)state;
	ready.fills_window = true;
	assert_true(goes(ready));
	ready.fills_window = false;
	ready.is_last = true;
	assert_true(goes(ready));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_burst__lets_the_first_report_go_at_once, set_up),
		cmocka_unit_test_setup(test_burst__has_nothing_to_wait_for_while_nothing_is_ready,
				       set_up),
		cmocka_unit_test_setup(test_burst__ends_by_its_time, set_up),
		cmocka_unit_test_setup(test_burst__ends_at_its_bounds, set_up),
		cmocka_unit_test_setup(test_burst__waits_for_nothing_that_cannot_come, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
