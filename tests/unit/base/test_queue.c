/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/queue.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "eii/base/clock.h"
#include "support.h"

#define FAR_MS 30000

static int items[3];

static bool is_readable(struct eii_queue *queue)
{
	struct pollfd fd = { .fd = eii_queue_fd(queue), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static void test_queue__gives_in_order_and_is_readable_meanwhile(void **state)
{
	(void)state;
	EII_AUTO(eii_queue) queue = eii_queue_new(3);

	assert_null(eii_queue_take(queue));
	assert_false(is_readable(queue));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(eii_queue_put(queue, &items[i], 0), EII_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_true(is_readable(queue));
		assert_ptr_equal(eii_queue_take(queue), &items[i]);
	}
	assert_null(eii_queue_take(queue));
	assert_false(is_readable(queue));
}

static void test_queue__full_and_closed_are_told_apart(void **state)
{
	(void)state;
	EII_AUTO(eii_queue) queue = eii_queue_new(1);

	assert_int_equal(eii_queue_put(queue, &items[0], 0), EII_OK);
	assert_int_equal(eii_queue_put(queue, &items[1], eii_clock_monotonic_ms()), EII_RETRY);
	eii_queue_close(queue);
	assert_int_equal(eii_queue_put(queue, &items[1], 0), EII_FATAL);
	assert_true(eii_queue_is_closed(queue));
	assert_true(is_readable(queue));
	assert_ptr_equal(eii_queue_take(queue), &items[0]);
	assert_true(is_readable(queue));
	assert_null(eii_queue_take(queue));
}

/* How often the reader of the queue has been woken since this was asked last. */
static uint64_t n_wakes(struct eii_queue *queue)
{
	eventfd_t n = 0;

	return eventfd_read(eii_queue_fd(queue), &n) ? 0 : n;
}

static void test_queue__wakes_once_for_all_that_comes_until_it_is_found_empty(void **state)
{
	(void)state;
	EII_AUTO(eii_queue) queue = eii_queue_new(3);

	assert_int_equal(eii_queue_put(queue, &items[0], 0), EII_OK);
	assert_ptr_equal(eii_queue_take(queue), &items[0]);
	/* Who took it is still at work. */
	assert_int_equal(eii_queue_put(queue, &items[1], 0), EII_OK);
	assert_int_equal(n_wakes(queue), 1);
	assert_ptr_equal(eii_queue_take(queue), &items[1]);
	assert_int_equal(eii_queue_put(queue, &items[2], 0), EII_OK);
	assert_int_equal(n_wakes(queue), 0);
	assert_ptr_equal(eii_queue_take(queue), &items[2]);
	assert_null(eii_queue_take(queue));
	assert_int_equal(eii_queue_put(queue, &items[0], 0), EII_OK);
	assert_int_equal(n_wakes(queue), 1);
}

static void test_queue__takes_many_at_once_or_none(void **state)
{
	(void)state;
	EII_AUTO(eii_queue) queue = eii_queue_new(3);
	void *const all[] = { &items[0], &items[1], &items[2] };

	assert_int_equal(eii_queue_put(queue, &items[2], 0), EII_OK);
	assert_int_equal(eii_queue_put_all(queue, all, 3, 0), EII_RETRY);
	assert_ptr_equal(eii_queue_take(queue), &items[2]);
	assert_null(eii_queue_take(queue));
	assert_int_equal(eii_queue_put_all(queue, all, 3, 0), EII_OK);
	assert_int_equal(n_wakes(queue), 1);
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(eii_queue_take(queue), &items[i]);
	eii_queue_close(queue);
	assert_int_equal(eii_queue_put_all(queue, all, 1, 0), EII_FATAL);
}

static void *put_second(void *queue)
{
	return (void *)(intptr_t)eii_queue_put(queue, &items[1], eii_clock_monotonic_ms() + FAR_MS);
}

static void test_queue__put_waits_for_room(void **state)
{
	(void)state;
	EII_AUTO(eii_queue) queue = eii_queue_new(1);
	pthread_t thread;
	void *rc = NULL;

	assert_int_equal(eii_queue_put(queue, &items[0], 0), EII_OK);
	assert_int_equal(pthread_create(&thread, NULL, put_second, queue), 0);
	assert_ptr_equal(eii_queue_take(queue), &items[0]);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_int_equal((intptr_t)rc, EII_OK);
	assert_ptr_equal(eii_queue_take(queue), &items[1]);
}

static void test_queue__closing_wakes_who_waits(void **state)
{
	(void)state;
	EII_AUTO(eii_queue) queue = eii_queue_new(1);
	pthread_t thread;
	void *rc = NULL;

	assert_int_equal(eii_queue_put(queue, &items[0], 0), EII_OK);
	assert_int_equal(pthread_create(&thread, NULL, put_second, queue), 0);
	eii_queue_close(queue);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_int_equal((intptr_t)rc, EII_FATAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue__gives_in_order_and_is_readable_meanwhile),
		cmocka_unit_test(test_queue__full_and_closed_are_told_apart),
		cmocka_unit_test(test_queue__wakes_once_for_all_that_comes_until_it_is_found_empty),
		cmocka_unit_test(test_queue__takes_many_at_once_or_none),
		cmocka_unit_test(test_queue__put_waits_for_room),
		cmocka_unit_test(test_queue__closing_wakes_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
