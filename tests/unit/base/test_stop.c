/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/stop.h"

#include <poll.h>
#include <unistd.h>

#include "eii/base/clock.h"
#include "support.h"

static void test_stop__a_request_stays_until_it_is_taken_back(void **state)
{
	(void)state;
	EII_AUTO(eii_stop) stop = eii_stop_new();
	struct pollfd fd = { .fd = eii_stop_fd(stop), .events = POLLIN };

	assert_false(eii_stop_requested(stop));
	assert_int_equal(poll(&fd, 1, 0), 0);
	eii_stop_request(stop);
	eii_stop_request(stop);
	assert_true(eii_stop_requested(stop));
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_int_equal(poll(&fd, 1, 0), 1);
	eii_stop_reset(stop);
	assert_false(eii_stop_requested(stop));
	assert_int_equal(poll(&fd, 1, 0), 0);
}

static void test_stop__none_is_never_requested(void **state)
{
	(void)state;
	assert_false(eii_stop_requested(NULL));
	assert_int_equal(eii_stop_fd(NULL), -1);
}

static void test_stop__wait_tells_why_it_ended(void **state)
{
	(void)state;
	EII_AUTO(eii_stop) stop = eii_stop_new();
	long long past = eii_clock_monotonic_ms() - 1;
	long long far = past + 30000;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(eii_stop_wait(stop, ends[0], POLLIN, past), EII_WAIT_TIMEOUT);
	assert_int_equal(eii_stop_wait(NULL, -1, 0, past), EII_WAIT_TIMEOUT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(eii_stop_wait(stop, ends[0], POLLIN, far), EII_WAIT_READY);
	assert_int_equal(eii_stop_wait(NULL, ends[0], POLLIN, far), EII_WAIT_READY);
	eii_stop_request(stop);
	assert_int_equal(eii_stop_wait(stop, -1, 0, far), EII_WAIT_STOPPED);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop__a_request_stays_until_it_is_taken_back),
		cmocka_unit_test(test_stop__none_is_never_requested),
		cmocka_unit_test(test_stop__wait_tells_why_it_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
