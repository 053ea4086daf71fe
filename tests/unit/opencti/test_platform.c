/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/platform.h"

#include "eii/net/http.h"
#include "platform_scene.h"
#include "support.h"

/* ---- ping and state ---------------------------------------------------- */

static void test_platform__ping_carries_state_and_info(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":\"{\\\"a\\\":1}\"}}"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":null}}"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":\"\"}}"),
	};
	struct eii_connector_info info = { .is_buffering = true,
					   .queue_bytes = 2500000,
					   .next_run_unix_s = 1787234160 };
	enum eii_ping_answer answer;
	const char *version;
	char *echo;
	struct fixture f;

	(void)state;
	begin(&f, replies, 4);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_string_equal(version, "7.260817.0");
	CHECK(eii_platform_ping(f.platform, "{\"a\":1}", &info, &answer, &echo, &f.err) == EII_OK,
	      "%s", f.err.text);
	assert_int_equal(answer, EII_PING_OK);
	assert_string_equal(echo, "{\"a\":1}");
	free(echo);
	expect_variables(&f.server, 1,
			 "{\"id\":\"" ID "\",\"state\":\"{\\\"a\\\":1}\",\"connectorInfo\":{"
			 "\"run_and_terminate\":false,\"buffering\":true,\"queue_threshold\":"
			 "500.000000,\"queue_messages_size\":2.500000,\"next_run_datetime\":"
			 "\"2026-08-20T13:56:00Z\",\"last_run_datetime\":null}}");
	assert_int_equal(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err), EII_OK);
	assert_null(echo);
	expect_variables(&f.server, 2, "{\"id\":\"" ID "\",\"state\":\"s\"}");
	assert_int_equal(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err), EII_OK);
	assert_string_equal(echo, "");
	free(echo);
	end(&f);
}

static void test_platform__an_old_one_gets_no_info(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("6.2.11"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":null}}")
	};
	struct eii_connector_info info = { 0 };
	enum eii_ping_answer answer;
	const char *version;
	char *echo;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_int_equal(eii_platform_ping(f.platform, "s", &info, &answer, &echo, &f.err), EII_OK);
	assert_null(strstr(fake_http_body(&f.server, 1), "onnectorInfo"));
	end(&f);
}

static void test_platform__tells_a_deleted_connector_from_a_failure(void **state)
{
	static const struct {
		struct fake_reply reply;
		enum eii_rc rc;
	} cases[] = {
		{ REFUSED("FUNCTIONAL_ERROR", "No connector found with the specified ID"), EII_OK },
		{ REFUSED("FUNCTIONAL_ERROR", "something else"), EII_RETRY },
		{ REFUSED("INTERNAL_SERVER_ERROR", "No connector found"), EII_RETRY },
		{ OK("{\"pingConnector\":null}"), EII_RETRY },
		{ { .status = 503, .body = "" }, EII_RETRY },
		{ { .way = FAKE_CUT }, EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum eii_ping_answer answer = EII_PING_OK;
		char untouched[] = "x", *echo = untouched;
		struct fake_reply replies[] = { cases[i].reply, cases[i].reply };
		struct fixture f;

		begin(&f, replies, 2);
		CHECK(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err) ==
			      cases[i].rc,
		      "case %zu: %s", i, f.err.text);
		if (cases[i].rc)
			CHECK(answer == EII_PING_OK && echo == untouched, "case %zu", i);
		else
			CHECK(answer == EII_PING_NO_CONNECTOR && !echo, "case %zu", i);
		end(&f);
	}
}

static void test_platform__says_when_a_pings_outcome_is_unknown(void **state)
{
	static const struct fake_reply replies[] = { { .status = 504, .body = "" },
						     { .status = 429, .body = "" } };
	enum eii_ping_answer answer;
	char *echo;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err),
			 EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	assert_int_equal(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err),
			 EII_RETRY);
	assert_false(eii_platform_failure(f.platform).is_outcome_unknown);
	end(&f);
}

static void test_platform__reads_state_and_queue(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"connector\":{\"id\":\"x\",\"connector_state\":\"null\"}}"),
		OK("{\"connector\":null}"),
		OK("{\"connector\":{\"connector_queue_details\":{\"messages_number\":3,"
		   "\"messages_size\":1234.5}}}"),
		OK("{\"connector\":{\"connector_queue_details\":null}}"),
	};
	struct eii_queue_details queue = { 0 };
	enum eii_ping_answer answer;
	char *text;
	struct fixture f;

	(void)state;
	begin(&f, replies, 4);
	assert_int_equal(eii_platform_read_state(f.platform, &answer, &text, &f.err), EII_OK);
	assert_int_equal(answer, EII_PING_OK);
	assert_string_equal(text, "null");
	free(text);
	assert_int_equal(eii_platform_read_state(f.platform, &answer, &text, &f.err), EII_OK);
	assert_int_equal(answer, EII_PING_NO_CONNECTOR);
	assert_null(text);
	assert_int_equal(eii_platform_queue(f.platform, &queue, &f.err), EII_OK);
	assert_true(queue.is_known && queue.n_messages == 3 && queue.size_bytes == 1234.5);
	assert_int_equal(eii_platform_queue(f.platform, &queue, &f.err), EII_RETRY);
	assert_true(queue.n_messages == 3);
	end(&f);
}

static void test_platform__tells_how_a_call_failed(void **state)
{
	static const struct {
		struct fake_reply reply;
		struct eii_platform_failure failure;
		int64_t server_unix_s;
	} cases[] = {
		{ OK("{\"pingConnector\":{\"id\":\"x\"}}"), { .http_status = 200 }, 0 },
		{ { .status = 429, .headers = "Retry-After: 3600\r\n", .body = "" },
		  { .http_status = 429, .retry_after_s = 900 },
		  0 },
		{ { .status = 502,
		    .headers = "Date: Sun, 06 Nov 1994 12:00:00 GMT\r\n",
		    .body = "" },
		  { .http_status = 502, .is_outcome_unknown = true },
		  784123200 },
		{ REFUSED("LOCK_ERROR", "x"),
		  { .code = EII_GRAPHQL_LOCKED, .http_status = 200, .retry_after_s = 5 },
		  0 },
		{ { .status = 503,
		    .headers = "Retry-After: 11\r\n",
		    .body = "{\"errors\":[{\"message\":\"x\",\"extensions\":{\"code\":"
			    "\"LOCK_ERROR\"}}]}" },
		  { .code = EII_GRAPHQL_LOCKED, .http_status = 503, .retry_after_s = 11 },
		  0 },
		{ OK("{\"pingConnector\":null}"),
		  { .http_status = 200, .is_outcome_unknown = true },
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_platform_failure failure;
		enum eii_ping_answer answer;
		char *echo = NULL;
		struct fixture f;

		begin(&f, &cases[i].reply, 1);
		(void)!eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err);
		failure = eii_platform_failure(f.platform);
		CHECK(failure.code == cases[i].failure.code, "case %zu: %d", i, failure.code);
		CHECK(failure.is_outcome_unknown == cases[i].failure.is_outcome_unknown, "case %zu",
		      i);
		CHECK(failure.retry_after_s == cases[i].failure.retry_after_s, "case %zu: %u", i,
		      failure.retry_after_s);
		CHECK(failure.http_status == cases[i].failure.http_status, "case %zu: %d", i,
		      failure.http_status);
		CHECK(eii_platform_server_unix_s(f.platform) == cases[i].server_unix_s, "case %zu",
		      i);
		free(echo);
		end(&f);
	}
}

/* ---- works ------------------------------------------------------------- */

static void test_platform__a_work_from_first_to_last(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"),
		OK("{\"workAdd\":{\"id\":\"work_1\"}}"),
		OK("{\"workEdit\":{\"addExpectations\":\"work_1\"}}"),
		OK("{\"isWorkAlive\":true}"),
		OK("{\"isWorkAlive\":false}"),
		OK("{\"workEdit\":{\"toProcessed\":\"work_1\"}}"),
	};
	const char *version;
	char *work_id = NULL;
	bool is_alive = false;
	struct fixture f;

	(void)state;
	begin(&f, replies, 6);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_int_equal(eii_platform_work_add(f.platform, "Email", &work_id, &f.err), EII_OK);
	assert_string_equal(work_id, "work_1");
	expect_variables(&f.server, 1,
			 "{\"connectorId\":\"" ID "\",\"friendlyName\":\"Email\","
			 "\"isMultiPartWork\":true}");
	assert_int_equal(eii_platform_add_expectations(f.platform, work_id, 250, &f.err), EII_OK);
	expect_variables(&f.server, 2, "{\"id\":\"work_1\",\"expectations\":250}");
	assert_int_equal(eii_platform_is_work_alive(f.platform, work_id, &is_alive, &f.err),
			 EII_OK);
	assert_true(is_alive);
	assert_int_equal(eii_platform_is_work_alive(f.platform, work_id, &is_alive, &f.err),
			 EII_OK);
	assert_false(is_alive);
	assert_int_equal(eii_platform_to_processed(f.platform, work_id, "3 mails",
						   EII_WORK_IN_ERROR, &f.err),
			 EII_OK);
	expect_variables(&f.server, 5,
			 "{\"id\":\"work_1\",\"message\":\"3 mails\",\"inError\":true}");
	free(work_id);
	end(&f);
}

#define NODE(id, name, processed, errors, expected, done)                                          \
	"{\"node\":{\"id\":\"" id "\",\"name\":\"" name "\",\"processed_time\":" processed         \
	",\"errors\":[" errors "],\"tracking\":{\"import_expected_number\":" expected              \
	",\"import_processed_number\":" done "}}}"
#define EMPTY(id)  NODE(id, "Email", "null", "", "null", "null")
#define NEWEST     ABOUT("7.260817.0")
#define WORKS(...) OK("{\"works\":{\"edges\":[" __VA_ARGS__ "]}}")

static void test_platform__finds_an_empty_work_of_its_own_name(void **state)
{
	static const struct {
		struct fake_reply replies[3];
		const char *found; /* NULL = none */
		enum eii_rc rc;
	} rows[] = {
		{ { NEWEST, WORKS("") }, NULL, EII_OK },
		{ { NEWEST, OK("{\"works\":null}") }, NULL, EII_OK },
		{ { NEWEST, WORKS(EMPTY("w2") "," EMPTY("w1")), OK("{\"isWorkAlive\":true}") },
		  "w2",
		  EII_OK },
		{ { NEWEST, WORKS(EMPTY("w1")), OK("{\"isWorkAlive\":false}") }, NULL, EII_OK },
		{ { NEWEST, WORKS(NODE("w1", "Other", "null", "", "null", "null")) },
		  NULL,
		  EII_OK },
		{ { NEWEST,
		    WORKS(NODE("w1", "Email", "\"2026-08-20T13:56:00Z\"", "", "null", "null")) },
		  NULL,
		  EII_OK },
		{ { NEWEST,
		    WORKS(NODE("w1", "Email", "null", "{\"message\":\"x\"}", "null", "null")) },
		  NULL,
		  EII_OK },
		{ { NEWEST, WORKS(NODE("w1", "Email", "null", "", "1", "0")) }, NULL, EII_OK },
		{ { NEWEST, WORKS(NODE("w1", "Email", "null", "", "null", "1")) }, NULL, EII_OK },
		{ { NEWEST, REFUSED("FORBIDDEN_ACCESS", "no") }, NULL, EII_OK },
		{ { NEWEST, REFUSED("GRAPHQL_VALIDATION_FAILED", "no") }, NULL, EII_OK },
		{ { NEWEST, REFUSED("UNSUPPORTED_ERROR", "no") }, NULL, EII_OK },
		{ { NEWEST, { .status = 503, .body = "" } }, NULL, EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *work_id = NULL;
		const char *version;
		struct fixture f;

		begin(&f, rows[i].replies, 3);
		assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
		CHECK(eii_platform_find_work(f.platform, "Email", &work_id, &f.err) == rows[i].rc,
		      "row %zu: %s", i, f.err.text);
		CHECK(!work_id == !rows[i].found && (!work_id || !strcmp(work_id, rows[i].found)),
		      "row %zu gave %s", i, work_id ? work_id : "none");
		expect_variables(&f.server, 1, "{\"connector\":\"" ID "\"}");
		free(work_id);
		end(&f);
	}
}

static void test_platform__old_ones_are_asked_for_nothing_they_lack(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("6.1.11"),
						     OK("{\"workAdd\":{\"id\":\"w\"}}") };
	struct eii_queue_details queue = { .is_known = true, .n_messages = 9 };
	const char *version;
	char *work_id = NULL;
	bool is_alive = false;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_int_equal(eii_platform_is_work_alive(f.platform, "w", &is_alive, &f.err), EII_OK);
	assert_true(is_alive);
	assert_int_equal(eii_platform_queue(f.platform, &queue, &f.err), EII_OK);
	assert_false(queue.is_known);
	assert_true(queue.n_messages == 0);
	assert_int_equal(eii_platform_work_add(f.platform, "x", &work_id, &f.err), EII_OK);
	assert_null(strstr(fake_http_body(&f.server, 1), "isMultiPartWork"));
	assert_int_equal(f.server.n_requests, 2);
	free(work_id);
	end(&f);
}

static void test_platform__what_counts_is_never_sent_twice(void **state)
{
	static const struct fake_reply replies[] = { { .way = FAKE_CUT }, { .way = FAKE_CUT } };
	char untouched[] = "x", *work_id = untouched;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_work_add(f.platform, "x", &work_id, &f.err), EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	assert_ptr_equal(work_id, untouched);
	assert_int_equal(eii_platform_add_expectations(f.platform, "w", 1, &f.err), EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	end(&f);
	assert_int_equal(f.server.n_requests, 2);
}

static void test_platform__asks_for_author_and_marking(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"identity\":{\"id\":\"x\"}}"),
		OK("{\"identity\":null}"),
		OK("{\"markingDefinition\":{\"id\":\"x\"}}"),
		OK("{\"markingDefinition\":null}"),
		{ .status = 500, .body = "" },
	};
	bool has = false;
	struct fixture f;

	(void)state;
	begin(&f, replies, 5);
	assert_int_equal(eii_platform_has_identity(f.platform, "identity--1", &has, &f.err),
			 EII_OK);
	assert_true(has);
	assert_int_equal(eii_platform_has_identity(f.platform, "identity--1", &has, &f.err),
			 EII_OK);
	assert_false(has);
	assert_int_equal(eii_platform_has_marking(f.platform, "m", &has, &f.err), EII_OK);
	assert_true(has);
	assert_int_equal(eii_platform_has_marking(f.platform, "m", &has, &f.err), EII_OK);
	assert_false(has);
	has = true;
	assert_int_equal(eii_platform_has_marking(f.platform, "m", &has, &f.err), EII_RETRY);
	assert_true(has);
	expect_variables(&f.server, 0, "{\"id\":\"identity--1\"}");
	end(&f);
}

static void test_platform__a_state_of_a_megabyte_passes(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":null}}"), { .status = 200 }
	};
	size_t n = 1000000;
	char *text = calloc(1, 5000001);
	enum eii_ping_answer answer;
	char *echo;
	struct fixture f;

	(void)state;
	memset(text, 'a', n);
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_ping(f.platform, text, NULL, &answer, &echo, &f.err), EII_OK);
	memset(text, 'a', 5000000);
	assert_int_equal(eii_platform_ping(f.platform, text, NULL, &answer, &echo, &f.err),
			 EII_REJECT);
	end(&f);
	assert_int_equal(f.server.n_requests, 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platform__ping_carries_state_and_info),
		cmocka_unit_test(test_platform__an_old_one_gets_no_info),
		cmocka_unit_test(test_platform__tells_a_deleted_connector_from_a_failure),
		cmocka_unit_test(test_platform__says_when_a_pings_outcome_is_unknown),
		cmocka_unit_test(test_platform__reads_state_and_queue),
		cmocka_unit_test(test_platform__tells_how_a_call_failed),
		cmocka_unit_test(test_platform__a_work_from_first_to_last),
		cmocka_unit_test(test_platform__finds_an_empty_work_of_its_own_name),
		cmocka_unit_test(test_platform__old_ones_are_asked_for_nothing_they_lack),
		cmocka_unit_test(test_platform__what_counts_is_never_sent_twice),
		cmocka_unit_test(test_platform__asks_for_author_and_marking),
		cmocka_unit_test(test_platform__a_state_of_a_megabyte_passes),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
