/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <pthread.h>

#include "eii/base/clock.h"
#include "eii/net/http.h"
#include "eii/opencti/platform.h"
#include "eii/opencti/work_view.h"
#include "platform_scene.h"
#include "support.h"

#define DEADLINE_MS 200
#define GRACE_MS    200

static enum eii_rc ask_about(struct fixture *f)
{
	const char *version;

	return eii_platform_about(f->platform, &version, &f->err);
}

static enum eii_rc ask_register(struct fixture *f)
{
	struct eii_registration registration = { 0 };

	return eii_platform_register(f->platform, &registration, &f->err);
}

static enum eii_rc ask_ping(struct fixture *f)
{
	enum eii_ping_answer answer;
	char *echo;

	return eii_platform_ping(f->platform, "s", NULL, &answer, &echo, &f->err);
}

static enum eii_rc ask_reports(struct fixture *f)
{
	static const char *const ids[] = { "a" };
	enum eii_reports_answer answer;
	bool found;

	return eii_platform_find_reports(f->platform, ids, 1, EII_REPORTS_ANY, &answer, &found,
					 &f->err);
}

static enum eii_rc ask_me(struct fixture *f)
{
	struct eii_platform_me me;

	return eii_platform_me(f->platform, NULL, 0, NULL, &me, &f->err);
}

static enum eii_rc ask_work(struct fixture *f)
{
	struct eii_work_view view;

	return eii_platform_work(f->platform, "w", &view, &f->err);
}

static enum eii_rc ask_work_add(struct fixture *f)
{
	char *id;

	return eii_platform_work_add(f->platform, "w", &id, &f->err);
}

static enum eii_rc (*const calls[])(struct fixture *f) = {
	ask_about, ask_register, ask_ping, ask_reports, ask_me, ask_work, ask_work_add,
};

static const struct fake_reply hang[] = { { .way = FAKE_HANG } };

static void test_platform_time__each_call_ends_at_the_deadline(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int64_t due_ms, late_ms;
		struct fixture f;

		begin(&f, hang, 1);
		due_ms = eii_clock_monotonic_ms() + DEADLINE_MS;
		eii_platform_set_deadline(f.platform, due_ms);
		CHECK(calls[i](&f) == EII_RETRY, "call %zu", i);
		late_ms = eii_clock_monotonic_ms() - due_ms;
		CHECK(late_ms >= 0 && late_ms <= GRACE_MS, "call %zu: %d ms late", i, (int)late_ms);
		CHECK(f.err.kind == EII_ERROR_UNREACHABLE, "call %zu: %s", i, f.err.text);
		CHECK(eii_platform_failure(f.platform).is_outcome_unknown, "call %zu", i);
		CHECK(eii_platform_failure(f.platform).http_status == 0, "call %zu", i);
		end(&f);
	}
}

static void test_platform_time__what_is_over_sends_nothing(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, hang, 1);
	eii_platform_set_deadline(f.platform, eii_clock_monotonic_ms());
	assert_int_equal(ask_work_add(&f), EII_RETRY);
	assert_false(eii_platform_failure(f.platform).is_outcome_unknown);
	end(&f);
	assert_int_equal(f.server.n_requests, 0);
}

/* Registering takes up to three calls, whose times once added up to a minute. */
static void test_platform_time__several_calls_share_one_deadline(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("7.260817.0"),
						     REFUSED("BAD_USER_INPUT", "x"),
						     { .way = FAKE_HANG } };
	static const struct fake_reply pages[] = {
		OK("{\"reports\":{\"edges\":[],\"pageInfo\":{\"hasNextPage\":true,"
		   "\"endCursor\":\"x\"}}}"),
		{ .way = FAKE_HANG },
	};
	int64_t due_ms;
	struct fixture f;

	(void)state;
	begin(&f, replies, 3);
	due_ms = eii_clock_monotonic_ms() + DEADLINE_MS;
	eii_platform_set_deadline(f.platform, due_ms);
	assert_int_equal(ask_register(&f), EII_RETRY);
	assert_true(eii_clock_monotonic_ms() - due_ms <= GRACE_MS);
	end(&f);
	assert_int_equal(f.server.n_requests, 3);
	begin(&f, pages, 2);
	due_ms = eii_clock_monotonic_ms() + DEADLINE_MS;
	eii_platform_set_deadline(f.platform, due_ms);
	assert_int_equal(ask_reports(&f), EII_RETRY);
	assert_true(eii_clock_monotonic_ms() - due_ms <= GRACE_MS);
	end(&f);
	assert_int_equal(f.server.n_requests, 2);
}

static void test_platform_time__the_default_comes_back(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("7.260817.0"), ABOUT("7.260817.0") };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	eii_platform_set_deadline(f.platform, eii_clock_monotonic_ms());
	assert_int_equal(ask_about(&f), EII_RETRY);
	eii_platform_set_deadline(f.platform, 0);
	CHECK(ask_about(&f) == EII_OK, "%s", f.err.text);
	/* Nor does a deadline that is further off make a call longer: only shorter. */
	eii_platform_set_deadline(f.platform, INT64_MAX);
	CHECK(ask_about(&f) == EII_OK, "%s", f.err.text);
	end(&f);
}

struct cutter {
	struct fixture *f;
	int64_t cut_at_ms;
};

/* Waits until the call has arrived and hangs, then moves its end. */
static void *run_cutter(void *arg)
{
	struct cutter *cutter = arg;

	fake_http_wait_for_request(&cutter->f->server);
	cutter->cut_at_ms = eii_clock_monotonic_ms();
	eii_platform_end_by(cutter->f->platform, cutter->cut_at_ms);
	return NULL;
}

static void test_platform_time__an_end_set_by_another_thread_cuts_a_ping_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		struct cutter cutter = { 0 };
		struct fixture f;
		pthread_t thread;

		begin(&f, hang, 1);
		cutter.f = &f;
		assert_int_equal(pthread_create(&thread, NULL, run_cutter, &cutter), 0);
		CHECK(calls[i](&f) == EII_RETRY, "call %zu", i);
		CHECK(f.err.kind == EII_ERROR_UNREACHABLE, "call %zu: %s", i, f.err.text);
		(void)pthread_join(thread, NULL);
		CHECK(eii_clock_monotonic_ms() - cutter.cut_at_ms <= GRACE_MS, "call %zu", i);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platform_time__each_call_ends_at_the_deadline),
		cmocka_unit_test(test_platform_time__what_is_over_sends_nothing),
		cmocka_unit_test(test_platform_time__several_calls_share_one_deadline),
		cmocka_unit_test(test_platform_time__the_default_comes_back),
		cmocka_unit_test(test_platform_time__an_end_set_by_another_thread_cuts_a_ping_too),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
