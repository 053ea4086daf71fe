/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/cursor.h"

#include "support.h"

static void test_cursor__waits_for_the_oldest(void **state)
{
	(void)state;
	EII_AUTO(eii_cursor) cursor = eii_cursor_new();

	eii_cursor_reset(cursor, 10);
	eii_cursor_add(cursor, 12);
	eii_cursor_add(cursor, 15);
	eii_cursor_add(cursor, 16);
	eii_cursor_settle(cursor, 16);
	eii_cursor_settle(cursor, 15);
	assert_int_equal(eii_cursor_value(cursor), 10);
	eii_cursor_settle(cursor, 12);
	assert_int_equal(eii_cursor_value(cursor), 16);
}

static void test_cursor__ignores_what_it_does_not_know(void **state)
{
	(void)state;
	EII_AUTO(eii_cursor) cursor = eii_cursor_new();

	eii_cursor_reset(cursor, 10);
	eii_cursor_add(cursor, 9);
	eii_cursor_add(cursor, 10);
	eii_cursor_add(cursor, 11);
	eii_cursor_add(cursor, 11);
	eii_cursor_add(cursor, 13);
	eii_cursor_settle(cursor, 12);
	eii_cursor_settle(cursor, 13);
	eii_cursor_settle(cursor, 13);
	assert_int_equal(eii_cursor_value(cursor), 10);
	eii_cursor_reset(cursor, 3);
	eii_cursor_settle(cursor, 11);
	assert_int_equal(eii_cursor_value(cursor), 3);
	eii_cursor_add(cursor, UINT32_MAX);
	eii_cursor_settle(cursor, UINT32_MAX);
	assert_int_equal(eii_cursor_value(cursor), UINT32_MAX);
}

/* A window of changing size over many UIDs, against the plain definition. */
static void test_cursor__agrees_with_its_definition(void **state)
{
	(void)state;
	enum { COUNT = 4000 };
	EII_AUTO(eii_cursor) cursor = eii_cursor_new();
	static bool is_settled[COUNT + 1];
	uint32_t added = 0, low = 0;
	uint64_t random = 12345;

	while (low < COUNT) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		if (added < COUNT && ((random >> 40) % 3 || added == low)) {
			eii_cursor_add(cursor, ++added);
		} else {
			uint32_t uid = low + 1 + (uint32_t)((random >> 33) % (added - low));

			is_settled[uid] = true;
			eii_cursor_settle(cursor, uid);
		}
		while (low < COUNT && is_settled[low + 1])
			low++;
		CHECK(eii_cursor_value(cursor) == low, "%u, not %u", eii_cursor_value(cursor), low);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor__waits_for_the_oldest),
		cmocka_unit_test(test_cursor__ignores_what_it_does_not_know),
		cmocka_unit_test(test_cursor__agrees_with_its_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
