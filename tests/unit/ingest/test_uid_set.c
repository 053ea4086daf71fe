/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/uid_set.h"

#include "support.h"

static void test_uid_set__walks_upwards_whatever_the_order_of_adding(void **state)
{
	static const uint32_t added[] = { 9, 3, 4, 5, 1, 9, 4 };
	static const uint32_t expected[] = { 1, 3, 4, 5, 9 };
	struct eii_uid_set set = { 0 };
	uint32_t taken[8];
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(added); i++)
		eii_uid_set_add_range(&set, added[i], added[i]);
	eii_uid_set_sort(&set, 1, UINT32_MAX);
	assert_int_equal(eii_uid_set_count(&set), ARRAY_LEN(expected));
	n = eii_uid_set_take(&set, taken, 2);
	assert_int_equal(n, 2);
	n += eii_uid_set_take(&set, taken + n, 6);
	assert_int_equal(n, ARRAY_LEN(expected));
	assert_memory_equal(taken, expected, sizeof(expected));
	assert_true(eii_uid_set_is_done(&set));
	assert_int_equal(eii_uid_set_take(&set, taken, 8), 0);
	eii_uid_set_clear(&set);
}

static void test_uid_set__keeps_only_the_range_asked_for(void **state)
{
	static const struct {
		uint32_t first, last;
		uint64_t count;
	} cases[] = {
		{ 1, UINT32_MAX, 20 }, { 10, 19, 10 }, { 29, 29, 1 },
		{ 30, 40, 0 },         { 1, 9, 0 },    { 15, UINT32_MAX, 15 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_uid_set set = { 0 };

		eii_uid_set_add_range(&set, 10, 29);
		eii_uid_set_sort(&set, cases[i].first, cases[i].last);
		CHECK(eii_uid_set_count(&set) == cases[i].count, "%u-%u gave %llu", cases[i].first,
		      cases[i].last, (unsigned long long)eii_uid_set_count(&set));
		CHECK(eii_uid_set_is_done(&set) == (cases[i].count == 0), "row %zu", i);
		eii_uid_set_clear(&set);
	}
}

static void test_uid_set__holds_the_highest_uid(void **state)
{
	struct eii_uid_set set = { 0 };
	uint32_t uid = 0;

	(void)state;
	eii_uid_set_add_range(&set, UINT32_MAX, UINT32_MAX);
	eii_uid_set_add_range(&set, UINT32_MAX, UINT32_MAX);
	eii_uid_set_sort(&set, 1, UINT32_MAX);
	assert_int_equal(eii_uid_set_count(&set), 1);
	assert_int_equal(eii_uid_set_take(&set, &uid, 1), 1);
	assert_int_equal(uid, UINT32_MAX);
	assert_true(eii_uid_set_is_done(&set));
	eii_uid_set_clear(&set);
}

static void test_uid_set__keeps_a_contiguous_mailbox_in_one_range(void **state)
{
	struct eii_uid_set set = { 0 };

	(void)state;
	for (uint32_t uid = 1; uid <= 100000; uid++)
		eii_uid_set_add_range(&set, uid, uid);
	assert_int_equal(set.n, 1);
	eii_uid_set_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uid_set__walks_upwards_whatever_the_order_of_adding),
		cmocka_unit_test(test_uid_set__keeps_only_the_range_asked_for),
		cmocka_unit_test(test_uid_set__holds_the_highest_uid),
		cmocka_unit_test(test_uid_set__keeps_a_contiguous_mailbox_in_one_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
