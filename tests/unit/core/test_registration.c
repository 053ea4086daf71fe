/* SPDX-License-Identifier: Apache-2.0 */
#include "registration.h"

#include "beat.h"
#include "support.h"

static struct eii_registry registry;

static int set_up(void **state)
{
	(void)state;
	memset(&registry, 0, sizeof(registry));
	eii_registry_init(&registry);
	return 0;
}

static void register_now(struct eii_pulse *pulse)
{
	const struct eii_fact fact = { .type = EII_FACT_REGISTERED,
				       .registered = { .has_work_alive = true,
						       .has_work_view = true,
						       .has_queue_details = true } };

	eii_registry_registered(&registry, pulse, &fact);
}

static const struct eii_rights_view all = { true, true, true, true, true, true };

static void test_registration__is_wanted_until_it_is_done(void **state)
{
	static const struct eii_failure gone = { .kind = EII_FAILURE_UNREACHABLE };
	struct eii_pulse *pulse = beat_new();

	(void)state;
	assert_true(eii_registry_wants_register(&registry, pulse));
	registry.is_under_way = true;
	assert_false(eii_registry_wants_register(&registry, pulse));
	registry.is_under_way = false;
	eii_attempt_failed(&registry.attempt, pulse, &gone);
	assert_false(eii_registry_wants_register(&registry, pulse));
	beat_pass(pulse, registry.attempt.due_ms - pulse->now_ms);
	assert_true(eii_registry_wants_register(&registry, pulse));
	register_now(pulse);
	assert_false(eii_registry_wants_register(&registry, pulse));
	assert_true(registry.is_live && registry.has_work_view);
	assert_int_equal(beat_count(pulse, EII_EVENT_REGISTERED, NULL), 1);
	eii_registry_refresh(&registry);
	assert_true(eii_registry_wants_register(&registry, pulse));
	assert_true(registry.is_live && registry.was_live); /* the state stays known */
	beat_stop(pulse);
	assert_false(eii_registry_wants_register(&registry, pulse));
}

static void test_registration__can_account_only_where_both_can_be_asked(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	for (int bits = 0; bits < 4; bits++) {
		const struct eii_fact fact = { .registered = { .has_work_alive = bits & 1,
							       .has_work_view = bits & 2 } };

		eii_registry_registered(&registry, pulse, &fact);
		CHECK(registry.has_work_view == (bits == 3), "bits %d", bits);
	}
}

static void test_registration__begins_anew_after_a_deletion(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	register_now(pulse);
	eii_registry_lost(&registry);
	assert_false(registry.is_live || registry.was_live);
	assert_true(registry.was_deleted);
	assert_true(eii_registry_wants_register(&registry, pulse));
	beat_pass(pulse, 5000);
	assert_false(eii_registry_wants_rights(&registry, pulse));
}

static void test_registration__names_each_right_that_is_missing(void **state)
{
	static const struct {
		struct eii_rights_view rights;
		unsigned missing;
	} rows[] = {
		{ { true, true, true, true, true, true }, 0 },
		{ { true, false, true, true, true, true }, EII_MISSING_CONNECT },
		{ { true, true, false, true, true, true }, EII_MISSING_UPDATE },
		{ { true, true, true, false, true, true }, EII_MISSING_UPLOAD },
		{ { true, true, true, true, true, false }, EII_MISSING_MARKING },
		{ { true, true, true, true, false, true }, 0 }, /* only asking is lost */
		{ { true, false, false, false, false, false }, 15 },
		{ { false, false, false, false, false, false }, 0 }, /* too old to tell */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_event event = { .a = 0 };

		(void)set_up(state);
		register_now(pulse);
		eii_registry_heard_rights(&registry, pulse, &rows[i].rights);
		CHECK(registry.missing == rows[i].missing, "row %zu: %u", i, registry.missing);
		CHECK(beat_count(pulse, EII_EVENT_RIGHTS_MISSING, &event) == (rows[i].missing != 0),
		      "row %zu", i);
		CHECK(event.a == rows[i].missing, "row %zu", i);
	}
}

static void test_registration__says_each_change_of_the_rights_once(void **state)
{
	static const struct eii_rights_view none = { .is_known = true };
	struct eii_pulse *pulse = beat_new();

	(void)state;
	register_now(pulse);
	for (int i = 0; i < 10; i++)
		eii_registry_heard_rights(&registry, pulse, &none);
	assert_int_equal(beat_count(pulse, EII_EVENT_RIGHTS_MISSING, NULL), 1);
	assert_int_equal(beat_count(pulse, EII_EVENT_RIGHTS_THERE, NULL), 0);
	for (int i = 0; i < 10; i++)
		eii_registry_heard_rights(&registry, pulse, &all);
	assert_int_equal(beat_count(pulse, EII_EVENT_RIGHTS_THERE, NULL), 1);
}

static void test_registration__looks_hourly_and_each_minute_while_one_is_missing(void **state)
{
	static const struct eii_rights_view none = { .is_known = true };
	struct eii_pulse *pulse = beat_new();

	(void)state;
	register_now(pulse);
	beat_pass(pulse, 1000);
	assert_true(eii_registry_wants_rights(&registry, pulse));
	registry.is_asking = true;
	assert_false(eii_registry_wants_rights(&registry, pulse));
	eii_registry_heard_rights(&registry, pulse, &all);
	beat_pass(pulse, EII_REGISTRY_RIGHTS_MS - 1);
	assert_false(eii_registry_wants_rights(&registry, pulse));
	beat_pass(pulse, 1);
	assert_true(eii_registry_wants_rights(&registry, pulse));
	eii_registry_heard_rights(&registry, pulse, &none);
	beat_pass(pulse, EII_REGISTRY_MISSING_MS - 1);
	assert_false(eii_registry_wants_rights(&registry, pulse));
	beat_pass(pulse, 1);
	assert_true(eii_registry_wants_rights(&registry, pulse));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_registration__is_wanted_until_it_is_done, set_up),
		cmocka_unit_test_setup(test_registration__can_account_only_where_both_can_be_asked,
				       set_up),
		cmocka_unit_test_setup(test_registration__begins_anew_after_a_deletion, set_up),
		cmocka_unit_test_setup(test_registration__names_each_right_that_is_missing, set_up),
		cmocka_unit_test_setup(test_registration__says_each_change_of_the_rights_once,
				       set_up),
		cmocka_unit_test_setup(
			test_registration__looks_hourly_and_each_minute_while_one_is_missing,
			set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
