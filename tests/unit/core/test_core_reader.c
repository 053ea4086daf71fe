/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include "beat.h"
#include "support.h"

static struct eii_reader reader;

static int set_up(void **state)
{
	(void)state;
	memset(&reader, 0, sizeof(reader));
	eii_reader_init(&reader);
	return 0;
}

static void test_reader__plans_first_in_first_out(void **state)
{
	struct eii_wanted wanted;

	(void)state;
	assert_null(eii_reader_next(&reader));
	for (uint32_t uid = 1; uid <= EII_READER_PLAN; uid++)
		eii_reader_plan(&reader, &(struct eii_size_info){ .uid = uid });
	assert_int_equal(reader.n_plan, EII_READER_PLAN);
	eii_reader_take(&reader, &wanted);
	assert_int_equal(wanted.uid, 1);
	/* Round the ring's end, and back to the front. */
	eii_reader_plan(&reader, &(struct eii_size_info){ .uid = EII_READER_PLAN + 1 });
	eii_reader_take(&reader, &wanted);
	assert_int_equal(wanted.uid, 2);
	wanted.size_bytes = 77;
	wanted.has_size = true;
	eii_reader_plan_again(&reader, &wanted);
	for (uint32_t uid = 2; uid <= EII_READER_PLAN + 1; uid++) {
		assert_int_equal(eii_reader_next(&reader)->uid, uid);
		eii_reader_take(&reader, &wanted);
		assert_int_equal(wanted.uid, uid);
		assert_int_equal(wanted.size_bytes, uid == 2 ? 77 : 0);
	}
	assert_false(eii_reader_has_work(&reader));
}

static void test_reader__knows_the_lowest_that_is_wanted(void **state)
{
	(void)state;
	assert_int_equal(eii_reader_lowest(&reader), UINT32_MAX);
	eii_reader_plan(&reader, &(struct eii_size_info){ .uid = 50 });
	assert_int_equal(eii_reader_lowest(&reader), 50);
	reader.missing[reader.n_missing++] = (struct eii_wanted){ .uid = 40 };
	assert_int_equal(eii_reader_lowest(&reader), 40);
	reader.judge.troubled[reader.judge.n++] = (struct eii_wanted){ .uid = 30 };
	assert_int_equal(eii_reader_lowest(&reader), 30);
	reader.finding = (struct eii_wanted){ .uid = 20 };
	assert_int_equal(eii_reader_lowest(&reader), 30); /* FIND is not under way */
	reader.doing = EII_ORDER_FIND;
	assert_int_equal(eii_reader_lowest(&reader), 20);
	reader.finding.is_aside = true;
	assert_int_equal(eii_reader_lowest(&reader), 30);
	reader.doing = EII_ORDER_NONE;
	eii_reader_forget(&reader);
	assert_int_equal(eii_reader_lowest(&reader), UINT32_MAX);
	assert_false(eii_reader_has_work(&reader));
}

static void test_reader__grants_what_a_mail_may_need(void **state)
{
	static const struct {
		const char *name;
		bool has_size;
		uint64_t size, max_mail, budget;
		enum eii_form form;
		uint64_t granted;
	} rows[] = {
		{ "a margin over its size", true, 80000, 10 << 20, 1 << 20, EII_FORM_WHOLE,
		  80000 + 10000 + 4096 },
		{ "an empty one", true, 0, 10 << 20, 1 << 20, EII_FORM_WHOLE, 4096 },
		{ "at the limit", true, 100000, 100000, 1 << 20, EII_FORM_WHOLE, 100000 },
		{ "one past it", true, 100001, 100000, 1 << 20, EII_FORM_WHOLE, 100000 },
		{ "over the budget", true, 2 << 20, 10 << 20, 1 << 20, EII_FORM_WHOLE,
		  (2 << 20) + (2 << 17) + 4096 },
		{ "a size that nothing holds", true, UINT64_MAX, 10 << 20, 1 << 20, EII_FORM_WHOLE,
		  10 << 20 },
		{ "one whose margin would begin at 0 again", true, UINT64_C(0xe38e38e38e38e38d),
		  10 << 20, 1 << 20, EII_FORM_WHOLE, 10 << 20 },
		{ "no size", false, 0, 10 << 20, 4 << 20, EII_FORM_WHOLE, 1 << 20 },
		{ "no size, a small budget", false, 0, 10 << 20, 100000, EII_FORM_WHOLE, 100000 },
		{ "no size, a small limit", false, 0, 1000, 4 << 20, EII_FORM_WHOLE, 1000 },
		{ "its head", true, 2 << 20, 1 << 20, 4 << 20, EII_FORM_HEAD, 65536 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct eii_core_config config = { .max_mail_bytes = rows[i].max_mail,
							.budget_bytes = rows[i].budget,
							.scan_bytes = 65536 };
		const struct eii_wanted wanted = { .uid = 1,
						   .has_size = rows[i].has_size,
						   .size_bytes = rows[i].size };
		uint64_t granted = eii_reader_grant(&wanted, &config, rows[i].form);

		CHECK(granted == rows[i].granted, "%s: %llu", rows[i].name,
		      (unsigned long long)granted);
	}
}

static void test_reader__finds_a_group_and_its_open_items(void **state)
{
	struct eii_group *group;

	(void)state;
	for (uint64_t order = 11; order <= 12; order++) {
		group = eii_reader_group_at(&reader, reader.n_groups++);
		group->order = order;
		group->n = 2;
		group->items[0].slot = (uint16_t)order;
		group->items[1].slot = (uint16_t)(order + 100);
		group->is_done[0] = false;
		group->is_done[1] = true;
	}
	assert_null(eii_reader_group(&reader, 13));
	group = eii_reader_group(&reader, 12);
	assert_ptr_equal(group, eii_reader_group_at(&reader, 1));
	assert_int_equal(eii_reader_item(group, 12), 0);
	assert_int_equal(eii_reader_item(group, 112), -1); /* done */
	assert_int_equal(eii_reader_item(group, 11), -1);  /* another group's */
	eii_reader_drop_group(&reader);
	assert_null(eii_reader_group(&reader, 11));
	assert_ptr_equal(eii_reader_group(&reader, 12), group); /* it stays where it is */
	assert_false(eii_reader_is_quiet(&reader));
	eii_reader_drop_group(&reader);
	assert_true(eii_reader_is_quiet(&reader));
}

static void test_reader__halves_and_doubles_what_it_asks_for_at_once(void **state)
{
	static const struct {
		uint16_t limit, n, shrunk, grown;
	} rows[] = {
		{ 250, 250, 125, 250 }, { 250, 3, 1, 250 }, { 1, 1, 1, 2 },
		{ 250, 1, 1, 250 },     { 4, 250, 4, 8 },   { 125, 125, 62, 250 },
		{ 124, 124, 62, 248 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint16_t limit = rows[i].limit;

		eii_reader_shrink(&limit, rows[i].n);
		CHECK(limit == rows[i].shrunk, "row %zu: %u", i, limit);
		limit = rows[i].limit;
		eii_reader_grow(&limit);
		CHECK(limit == rows[i].grown, "row %zu: %u", i, limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_reader__plans_first_in_first_out, set_up),
		cmocka_unit_test_setup(test_reader__knows_the_lowest_that_is_wanted, set_up),
		cmocka_unit_test_setup(test_reader__grants_what_a_mail_may_need, set_up),
		cmocka_unit_test_setup(test_reader__finds_a_group_and_its_open_items, set_up),
		cmocka_unit_test_setup(test_reader__halves_and_doubles_what_it_asks_for_at_once,
				       set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
