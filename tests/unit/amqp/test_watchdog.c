/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/watchdog.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "eii/base/clock.h"
#include "support.h"

struct fixture {
	struct eii_stop *stop;
	struct eii_watchdog *dog;
	pthread_t thread;
	int ends[2];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->stop = eii_stop_new();
	f->dog = eii_watchdog_new(f->stop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, f->ends), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, eii_watchdog_run, f->dog), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	eii_watchdog_quit(f->dog);
	(void)pthread_join(f->thread, NULL);
	eii_watchdog_free(f->dog);
	eii_stop_free(f->stop);
	(void)close(f->ends[0]);
	(void)close(f->ends[1]);
	free(f);
	return 0;
}

/* Waits until our end is shut down; false after wait_ms. */
static bool is_cut_within(struct fixture *f, int wait_ms)
{
	struct pollfd fd = { .fd = f->ends[0], .events = POLLIN };

	return poll(&fd, 1, wait_ms) == 1 && fd.revents & POLLHUP;
}

static void test_watchdog__cuts_at_the_deadline(void **state)
{
	struct fixture *f = *state;

	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 20, INT64_MAX);
	assert_true(is_cut_within(f, 10000));
	assert_true(eii_watchdog_disarm(f->dog));
}

static void test_watchdog__leaves_what_is_disarmed_in_time(void **state)
{
	struct fixture *f = *state;

	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 30, INT64_MAX);
	assert_false(eii_watchdog_disarm(f->dog));
	assert_false(is_cut_within(f, 100));
}

static void test_watchdog__an_earlier_deadline_replaces_a_later_one(void **state)
{
	struct fixture *f = *state;

	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 3600000, INT64_MAX);
	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 20, INT64_MAX);
	assert_true(is_cut_within(f, 10000));
}

static void test_watchdog__a_renewed_deadline_holds(void **state)
{
	struct fixture *f = *state;

	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 40, INT64_MAX);
	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 3600000, INT64_MAX);
	assert_false(is_cut_within(f, 120));
	assert_false(eii_watchdog_disarm(f->dog));
}

static void test_watchdog__a_stop_cuts_after_its_grace(void **state)
{
	struct fixture *f = *state;

	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 3600000, 30);
	assert_false(is_cut_within(f, 60));
	eii_stop_request(f->stop);
	assert_true(is_cut_within(f, 10000));
	assert_true(eii_watchdog_disarm(f->dog));
}

static void test_watchdog__a_stop_before_arming_counts(void **state)
{
	struct fixture *f = *state;

	eii_stop_request(f->stop);
	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 3600000, 0);
	assert_true(is_cut_within(f, 10000));
}

static void test_watchdog__a_stop_taken_back_does_not_cut(void **state)
{
	struct fixture *f = *state;

	eii_stop_request(f->stop);
	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 3600000, 3600000);
	eii_stop_reset(f->stop);
	eii_watchdog_arm(f->dog, f->ends[0], eii_clock_monotonic_ms() + 3600000, 0);
	assert_false(is_cut_within(f, 100));
	eii_stop_request(f->stop);
	assert_true(is_cut_within(f, 10000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_watchdog__cuts_at_the_deadline),
		TEST(test_watchdog__leaves_what_is_disarmed_in_time),
		TEST(test_watchdog__an_earlier_deadline_replaces_a_later_one),
		TEST(test_watchdog__a_renewed_deadline_holds),
		TEST(test_watchdog__a_stop_cuts_after_its_grace),
		TEST(test_watchdog__a_stop_before_arming_counts),
		TEST(test_watchdog__a_stop_taken_back_does_not_cut),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
