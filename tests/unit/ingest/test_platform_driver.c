/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/platform_driver.h"

#include "../opencti/fake_http.h"
#include "eii/base/alloc.h"
#include "eii/net/http.h"
#include "scene.h"
#include "support.h"

#define DATE   "Date: Thu, 20 Aug 2026 13:56:00 GMT\r\n"
#define DATE_S INT64_C(1787234160)
#define OK(json)                                                                                   \
	{                                                                                          \
		.status = 200, .headers = DATE, .body = "{\"data\":" json "}"                      \
	}
#define REFUSED(code)                                                                              \
	{                                                                                          \
		.status = 200, .body = "{\"errors\":[{\"message\":\"no\",\"extensions\":{"         \
				       "\"code\":\"" code "\"}}],\"data\":null}"                   \
	}

static const struct eii_report_settings report_settings = {
	.marking = { .tlp = EII_TLP_AMBER,
		     .id = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82" }
};

struct fixture {
	struct scene scene;
	struct fake_http server;
	struct eii_http *http;
	struct eii_platform *platform;
	struct eii_registered *registered;
	struct eii_platform_driver *driver;
};

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup("t");
	return EII_OK;
}

static void begin(struct fixture *f, const struct fake_reply *replies, int n)
{
	struct eii_http_options http_options = { .tls = { .verify = true } };
	struct eii_platform_options platform = { .connector_id = "id",
						 .connector_name = "name",
						 .connector_scope = "scope" };
	struct eii_platform_driver_options options = { .report = &report_settings,
						       .work_name = "a run" };
	char url[64];

	memset(f, 0, sizeof(*f));
	scene_init(&f->scene);
	fake_http_start(&f->server, replies, n);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->server.port);
	f->http = eii_http_new(&http_options);
	platform.graphql = (struct eii_graphql_options){ .url = url,
							 .token = give_token,
							 .http = f->http,
							 .stop = eii_lane_stop(f->scene.lane) };
	f->platform = eii_platform_new(&platform);
	f->registered = eii_registered_new();
	options.lane = f->scene.lane;
	options.platform = f->platform;
	options.registered = f->registered;
	options.stats = &f->scene.stats;
	f->driver = eii_platform_driver_new(&options);
	scene_start(&f->scene, eii_platform_driver_run, f->driver);
}

static void end(struct fixture *f)
{
	scene_stop(&f->scene);
	eii_platform_driver_free(f->driver);
	eii_registered_free(f->registered);
	eii_platform_free(f->platform);
	eii_http_free(f->http);
	fake_http_stop(&f->server);
	fake_http_clear(&f->server);
	scene_clear(&f->scene);
}

static uint64_t ping(struct fixture *f)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_PING);

	order.ping.state = "{\"a\":1}";
	scene_post(&f->scene, &order);
	return order.number;
}

static void test_platform_driver__tells_the_echo_and_the_platform_s_clock(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"pingConnector\":{\"id\":\"id\",\"connector_state\":\"{}\"}}"),
		REFUSED("FUNCTIONAL_ERROR"),
	};
	struct eii_note *note;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	note = scene_take(&f.scene, EII_FACT_PONG, ping(&f));
	assert_string_equal(note->fact.text, "{}");
	assert_false(note->fact.yes);
	assert_true(note->fact.server_unix_s == DATE_S);
	eii_note_free(note);
	scene_expect_failure(&f.scene, EII_FACT_PLATFORM_FAILED, ping(&f), EII_FAILURE_PASSING);
	assert_int_equal(f.scene.stats.n_pings, 2);
	assert_int_equal(f.scene.stats.n_failed_pings, 1);
	end(&f);
}

static void test_platform_driver__sorts_failures_by_what_they_mean(void **state)
{
	static const struct {
		struct fake_reply reply;
		enum eii_failure_kind kind;
		uint32_t retry_after_s;
		bool is_outcome_unknown;
	} cases[] = {
		{ REFUSED("FORBIDDEN_ACCESS"), EII_FAILURE_RIGHTS, 0, false },
		{ REFUSED("AUTH_REQUIRED"), EII_FAILURE_CREDENTIALS, 0, false },
		{ REFUSED("BAD_USER_INPUT"), EII_FAILURE_INPUT, 0, false },
		{ REFUSED("DRAFT_LOCKED"), EII_FAILURE_INPUT, 0, false },
		{ { .status = 503, .headers = "Retry-After: 7\r\n", .body = "" },
		  EII_FAILURE_UNREACHABLE,
		  7,
		  true },
		{ { .way = FAKE_CUT }, EII_FAILURE_UNREACHABLE, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_order order;
		struct eii_note *note;
		struct fixture f;

		begin(&f, &cases[i].reply, 1);
		order = scene_order(&f.scene, EII_ORDER_WORK_TELL);
		order.work.id = "work_1";
		order.work.n = 3;
		scene_post(&f.scene, &order);
		note = scene_take(&f.scene, EII_FACT_PLATFORM_FAILED, order.number);
		CHECK(note->fact.failure.kind == cases[i].kind, "case %zu: kind %d: %s", i,
		      note->fact.failure.kind, note->fact.failure.words);
		CHECK(note->fact.failure.retry_after_s == cases[i].retry_after_s, "case %zu", i);
		CHECK(note->fact.failure.is_outcome_unknown == cases[i].is_outcome_unknown,
		      "case %zu", i);
		CHECK(note->fact.failure.lives, "case %zu", i);
		eii_note_free(note);
		end(&f);
	}
}

static uint64_t add_work(struct fixture *f)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_WORK_ADD);

	order.work.wants_draft = true;
	scene_post(&f->scene, &order);
	return order.number;
}

static void test_platform_driver__opens_a_work_with_its_draft(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"workAdd\":{\"id\":\"work_1\"}}"),
		OK("{\"draftWorkspaceAdd\":{\"id\":\"draft-1\"}}"),
		OK("{\"workEdit\":{\"addDraftContext\":\"work_1\"}}"),
		OK("{\"workAdd\":{\"id\":\"work_2\"}}"),
		REFUSED("FORBIDDEN_ACCESS"),
		REFUSED("FORBIDDEN_ACCESS"),
	};
	struct eii_note *note;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	note = scene_take(&f.scene, EII_FACT_WORK_ADDED, add_work(&f));
	assert_string_equal(note->fact.text, "work_1");
	assert_string_equal(note->fact.draft_id, "draft-1");
	eii_note_free(note);
	/* The second one is open without a draft: it is looked for, not opened once more. */
	note = scene_take(&f.scene, EII_FACT_PLATFORM_FAILED, add_work(&f));
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_RIGHTS);
	assert_true(note->fact.failure.is_outcome_unknown);
	eii_note_free(note);
	note = scene_take(&f.scene, EII_FACT_PLATFORM_FAILED, add_work(&f));
	assert_false(note->fact.failure.is_outcome_unknown);
	eii_note_free(note);
	end(&f);
}

/* A ping is not cut by a stop; by an order to cut it is. */
static void test_platform_driver__a_cut_ends_a_ping_too(void **state)
{
	static const struct fake_reply replies[] = {
		{ .way = FAKE_HANG },
		OK("{\"pingConnector\":{\"id\":\"id\",\"connector_state\":\"{}\"}}"),
	};
	struct fixture f;
	uint64_t order;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	order = ping(&f);
	fake_http_wait_for_request(&f.server);
	eii_lane_cut(f.scene.lane);
	eii_note_free(scene_take(&f.scene, EII_FACT_PLATFORM_FAILED, order));
	/* The next one has its own time. */
	scene_expect(&f.scene, EII_FACT_PONG, ping(&f));
	end(&f);
}

/* me says that the marking may not be used, where the platform has none such. */
static void test_platform_driver__an_absent_marking_is_no_missing_right(void **state)
{
#define ME                                                                                         \
	"{\"me\":{\"name\":\"n\",\"capabilities\":[{\"name\":\"CONNECTORAPI\"},"                   \
	"{\"name\":\"APIACCESS_USETOKEN\"},{\"name\":\"KNOWLEDGE_KNUPDATE\"}],"                    \
	"\"allowed_marking\":[]}}"
	static const struct {
		struct fake_reply replies[3];
		int n_replies;
		bool has_marking;
	} cases[] = {
		{ { OK(ME), OK("{\"markingDefinition\":null}") }, 2, true },
		/* It may have come in between: asked once more. */
		{ { OK(ME), OK("{\"markingDefinition\":{\"id\":\"x\"}}"), OK(ME) }, 3, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_note *note;
		struct fixture f;

		begin(&f, cases[i].replies, cases[i].n_replies);
		note = scene_take(&f.scene, EII_FACT_RIGHTS, scene_do(&f.scene, EII_ORDER_RIGHTS));
		CHECK(note->fact.rights.is_known, "case %zu", i);
		CHECK(note->fact.rights.has_marking == cases[i].has_marking, "case %zu", i);
		CHECK(note->fact.rights.may_connect && note->fact.rights.may_update, "case %zu", i);
		CHECK(!note->fact.rights.may_upload, "case %zu", i);
		eii_note_free(note);
		end(&f);
	}
}

#define TEST(name) cmocka_unit_test(test_platform_driver__##name)

static int set_up(void **state)
{
	(void)state;
	eii_http_global_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_the_echo_and_the_platform_s_clock),
		TEST(sorts_failures_by_what_they_mean),
		TEST(a_cut_ends_a_ping_too),
		TEST(an_absent_marking_is_no_missing_right),
		cmocka_unit_test(test_platform_driver__opens_a_work_with_its_draft),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
