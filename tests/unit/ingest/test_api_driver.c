/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/api_driver.h"

#include "../opencti/fake_http.h"
#include "eii/base/alloc.h"
#include "eii/net/http.h"
#include "scene.h"
#include "support.h"

#define TAKEN                                                                                      \
	{                                                                                          \
		.status = 200, .body = "{\"data\":{\"stixBundlePush\":true}}"                      \
	}

static const struct eii_report_settings report_settings = { .marking.tlp = EII_TLP_CLEAR,
							    .created_us = 1790000000000000 };

struct fixture {
	struct scene scene;
	struct fake_http server;
	struct eii_http *http;
	struct eii_platform *platform;
	struct eii_registered *registered;
	struct eii_api_driver *driver;
};

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup("t");
	return EII_OK;
}

static void make_platform(struct fixture *f)
{
	struct eii_http_options http_options = { .tls = { .verify = true } };
	struct eii_platform_options options = { .connector_id = "id",
						.connector_name = "name",
						.connector_scope = "scope" };
	char url[64];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->server.port);
	f->http = eii_http_new(&http_options);
	options.graphql = (struct eii_graphql_options){ .url = url,
							.token = give_token,
							.http = f->http,
							.stop = eii_lane_stop(f->scene.lane) };
	f->platform = eii_platform_new(&options);
}

static void register_connector(struct fixture *f)
{
	struct eii_registration registration = { 0 };
	struct eii_features features = eii_features_newest();

	eii_registered_put(f->registered, &registration, &features);
}

static void begin(struct fixture *f, const struct fake_reply *replies, int n)
{
	struct eii_api_driver_options options = { .report = &report_settings };

	memset(f, 0, sizeof(*f));
	scene_init(&f->scene);
	fake_http_start(&f->server, replies, n);
	make_platform(f);
	f->registered = eii_registered_new();
	options.lane = f->scene.lane;
	options.platform = f->platform;
	options.registered = f->registered;
	options.stats = &f->scene.stats;
	f->driver = eii_api_driver_new(&options);
	scene_start(&f->scene, eii_api_driver_run, f->driver);
}

static void end(struct fixture *f)
{
	scene_stop(&f->scene);
	eii_api_driver_free(f->driver);
	eii_registered_free(f->registered);
	eii_platform_free(f->platform);
	eii_http_free(f->http);
	fake_http_stop(&f->server);
	fake_http_clear(&f->server);
	scene_clear(&f->scene);
}

static void dial(struct fixture *f)
{
	scene_expect(&f->scene, EII_FACT_QUEUE_DIALLED, scene_do(&f->scene, EII_ORDER_DIAL));
}

static uint64_t send_author(struct fixture *f)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_SEND);

	order.send.kind = EII_MESSAGE_AUTHOR;
	order.send.work_id = "work_1";
	scene_post(&f->scene, &order);
	return order.number;
}

static void expect_outcome(struct fixture *f, uint64_t order, enum eii_outcome result)
{
	struct eii_note *note = scene_take(&f->scene, EII_FACT_QUEUE_OUTCOME, order);

	assert_int_equal(note->fact.outcome.result, result);
	assert_int_equal(note->slot, EII_NOTE_NO_SLOT);
	eii_note_free(note);
}

static void test_api_driver__opens_only_for_who_is_registered(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, NULL, 0);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, scene_do(&f.scene, EII_ORDER_DIAL),
			     EII_FAILURE_PASSING);
	register_connector(&f);
	dial(&f);
	scene_expect(&f.scene, EII_FACT_QUEUE_HUNG_UP, scene_do(&f.scene, EII_ORDER_HANG_UP));
	end(&f);
}

static void test_api_driver__confirms_what_the_platform_took(void **state)
{
	static const struct fake_reply replies[] = {
		TAKEN,
		{ .status = 413, .body = "request entity too large" },
		TAKEN,
	};
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	register_connector(&f);
	dial(&f);
	expect_outcome(&f, send_author(&f), EII_OUTCOME_CONFIRMED);
	expect_outcome(&f, send_author(&f), EII_OUTCOME_TOO_LARGE);
	expect_outcome(&f, send_author(&f), EII_OUTCOME_CONFIRMED);
	assert_int_equal(f.scene.stats.n_published, 2);
	end(&f);
}

static void test_api_driver__drops_what_was_ordered_before_a_failure_was_known(void **state)
{
	static const struct fake_reply replies[] = {
		{ .status = 503, .headers = "Retry-After: 7\r\n", .body = "away" },
		TAKEN,
	};
	struct eii_note *note;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	register_connector(&f);
	dial(&f);
	(void)send_author(&f);
	(void)send_author(&f);
	note = scene_take(&f.scene, EII_FACT_QUEUE_FAILED, 0);
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_UNREACHABLE);
	assert_int_equal(note->fact.failure.retry_after_s, 7);
	eii_note_free(note);
	dial(&f);
	expect_outcome(&f, send_author(&f), EII_OUTCOME_CONFIRMED);
	end(&f);
}

static void test_api_driver__is_cut_in_a_call_that_hangs(void **state)
{
	static const struct fake_reply replies[] = { { .way = FAKE_HANG } };
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	register_connector(&f);
	dial(&f);
	(void)send_author(&f);
	fake_http_wait_for_request(&f.server);
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, 0, EII_FAILURE_CUT);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_driver__opens_only_for_who_is_registered),
		cmocka_unit_test(test_api_driver__confirms_what_the_platform_took),
		cmocka_unit_test(
			test_api_driver__drops_what_was_ordered_before_a_failure_was_known),
		cmocka_unit_test(test_api_driver__is_cut_in_a_call_that_hangs),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
