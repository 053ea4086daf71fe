/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/platform.h"

#include "eii/base/alloc.h"
#include "eii/net/http.h"
#include "platform_scene.h"
#include "support.h"

#define REGISTERED(state)                                                                          \
	OK("{\"registerConnector\":{\"id\":\"" ID "\",\"connector_state\":" state                  \
	   ",\"connector_user_id\":\"u1\",\"config\":{\"connection\":{\"host\":\"rabbit\","        \
	   "\"vhost\":"                                                                            \
	   "\"/\",\"use_ssl\":true,\"port\":5671,\"user\":\"guest\",\"pass\":\"p\\\"w\"},"         \
	   "\"push\":\"push_x\",\"push_routing\":\"push_routing_x\",\"push_exchange\":\"ex\"}}}")

#define WHOLE_INPUT                                                                                \
	"{\"input\":{\"id\":\"" ID "\",\"name\":\"Email \\\"Intel\\\" IMAP\",\"type\":"            \
	"\"EXTERNAL_IMPORT\",\"scope\":[\"email-intel-imap\",\"b\"],\"auto\":false,"               \
	"\"auto_update\":false,\"enrichment_resolution\":\"none\",\"only_contextual\":false,"      \
	"\"playbook_compatible\":false,\"listen_callback_uri\":null}}"
#define SHORT_INPUT                                                                                \
	"{\"input\":{\"id\":\"" ID "\",\"name\":\"Email \\\"Intel\\\" IMAP\",\"type\":"            \
	"\"EXTERNAL_IMPORT\",\"scope\":[\"email-intel-imap\",\"b\"],\"auto\":false,"               \
	"\"only_contextual\":false,\"playbook_compatible\":false}}"

static void test_register__registers_with_pyctis_whole_input(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"), REGISTERED("\"{\\\"last_email_ingestion\\\":\\\"x\\\"}\"")
	};
	struct eii_registration registration = { 0 };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	CHECK(eii_platform_register(f.platform, &registration, &f.err) == EII_OK, "%s", f.err.text);
	expect_variables(&f.server, 1, WHOLE_INPUT);
	assert_string_equal(registration.state, "{\"last_email_ingestion\":\"x\"}");
	assert_string_equal(registration.connector_user_id, "u1");
	assert_string_equal(registration.mq_host, "rabbit");
	assert_string_equal(registration.mq_vhost, "/");
	assert_string_equal(registration.mq_user, "guest");
	assert_string_equal(registration.mq_password, "p\"w");
	assert_int_equal(registration.mq_port, 5671);
	assert_true(registration.mq_uses_tls);
	assert_string_equal(registration.push_queue, "push_x");
	assert_string_equal(registration.push_routing, "push_routing_x");
	assert_string_equal(registration.push_exchange, "ex");
	assert_true(eii_platform_features(f.platform)->has_no_split);
	eii_registration_clear(&registration);
	end(&f);
}

#define GIVEN                                                                                      \
	"{\"id\":\"" ID "\",\"connector_state\":null,\"connector_user_id\":\"u1\",\"config\":{"    \
	"\"connection\":{\"host\":\"rabbit\",\"vhost\":\"/\",\"use_ssl\":false,\"port\":5672,"     \
	"\"user\":\"guest\",\"pass\":\"pw\"},\"push\":\"push_x\",\"push_routing\":\"r\","          \
	"\"push_exchange\":\"ex\"}}"

static void test_register__reads_what_it_gave_without_registering(void **state)
{
	static const struct fake_reply replies[] = { OK("{\"connector\":" GIVEN "}"),
						     OK("{\"connector\":null}"),
						     OK("{\"connector\":{\"id\":\"x\"}}"),
						     { .status = 502, .body = "" } };
	struct eii_registration registration = { 0 };
	enum eii_registration_answer answer = EII_REGISTRATION_NONE;
	struct fixture f;

	(void)state;
	begin(&f, replies, 4);
	CHECK(eii_platform_read_registration(f.platform, &answer, &registration, &f.err) == EII_OK,
	      "%s", f.err.text);
	expect_variables(&f.server, 0, "{\"id\":\"" ID "\"}");
	assert_int_equal(answer, EII_REGISTRATION_THERE);
	assert_string_equal(registration.mq_host, "rabbit");
	assert_string_equal(registration.mq_password, "pw");
	assert_int_equal(registration.mq_port, 5672);
	assert_int_equal(eii_platform_read_registration(f.platform, &answer, &registration, &f.err),
			 EII_OK);
	assert_int_equal(answer, EII_REGISTRATION_NONE);
	for (int i = 0; i < 2; i++) {
		assert_int_not_equal(
			eii_platform_read_registration(f.platform, &answer, &registration, &f.err),
			EII_OK);
		assert_int_equal(answer, EII_REGISTRATION_NONE);
	}
	assert_string_equal(registration.mq_host, "rabbit");
	eii_registration_clear(&registration);
	end(&f);
}

static void test_register__an_old_one_gets_what_it_knows(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("6.0.0"), REGISTERED("null") };
	struct eii_registration registration = { 0 };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	CHECK(eii_platform_register(f.platform, &registration, &f.err) == EII_OK, "%s", f.err.text);
	expect_variables(&f.server, 1, SHORT_INPUT);
	assert_null(registration.state);
	assert_true(eii_platform_features(f.platform)->needs_file_version);
	eii_registration_clear(&registration);
	end(&f);
}

static void test_register__the_short_input_follows_only_a_refused_whole_one(void **state)
{
	static const struct {
		struct fake_reply refusal;
		int n_requests;
		enum eii_rc rc;
	} cases[] = {
		{ REFUSED("BAD_USER_INPUT", "unknown field"), 3, EII_OK },
		{ REFUSED("GRAPHQL_VALIDATION_FAILED", "unknown type"), 3, EII_OK },
		{ REFUSED("FUNCTIONAL_ERROR", "Validation against schema failed"), 2, EII_RETRY },
		{ { .status = 502, .body = "" }, 2, EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_reply replies[] = { ABOUT("a version of tomorrow"), cases[i].refusal,
						REGISTERED("\"\"") };
		struct eii_registration registration = { .mq_port = 42 };
		struct fixture f;

		begin(&f, replies, 3);
		CHECK(eii_platform_register(f.platform, &registration, &f.err) == cases[i].rc,
		      "case %zu: %s", i, f.err.text);
		CHECK(f.server.n_requests == cases[i].n_requests, "case %zu", i);
		expect_variables(&f.server, 1, WHOLE_INPUT);
		if (cases[i].rc)
			CHECK(registration.mq_port == 42, "case %zu wrote its output", i);
		else
			expect_variables(&f.server, 2, SHORT_INPUT);
		eii_registration_clear(&registration);
		end(&f);
	}
}

static void test_register__a_connector_just_deleted_is_tried_again(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"),
		REFUSED("INTERNAL_SERVER_ERROR",
			"Unexpected error value: { extensions: { code: \\\"LOCK_ERROR\\\" } }")
	};
	struct eii_registration registration = { 0 };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_register(f.platform, &registration, &f.err), EII_RETRY);
	assert_int_equal(eii_platform_failure(f.platform).code, EII_GRAPHQL_LOCKED);
	assert_int_equal(eii_platform_failure(f.platform).retry_after_s, 5);
	end(&f);
}

static void test_register__an_answer_without_what_we_need_is_refused(void **state)
{
	static const char *const needed[] = { "host", "vhost", "user",         "pass",
					      "port", "push",  "push_routing", "push_exchange" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		static const struct fake_reply whole = REGISTERED("null");
		EII_AUTO_STR body = eii_strdup(whole.body);
		EII_AUTO_STR quoted = eii_asprintf("\"%s\":", needed[i]);
		struct fake_reply replies[] = { ABOUT("7.260817.0"),
						{ .status = 200, .body = body } };
		struct eii_registration registration = { .mq_port = 42 };
		struct fixture f;

		*(strstr(body, quoted) + 1) = 'X';
		begin(&f, replies, 2);
		CHECK(eii_platform_register(f.platform, &registration, &f.err) == EII_RETRY, "%s",
		      needed[i]);
		CHECK(strstr(f.err.text, needed[i]), "%s: %s", needed[i], f.err.text);
		CHECK(registration.mq_port == 42 && !registration.mq_host, "%s", needed[i]);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_register__registers_with_pyctis_whole_input),
		cmocka_unit_test(test_register__reads_what_it_gave_without_registering),
		cmocka_unit_test(test_register__an_old_one_gets_what_it_knows),
		cmocka_unit_test(test_register__the_short_input_follows_only_a_refused_whole_one),
		cmocka_unit_test(test_register__a_connector_just_deleted_is_tried_again),
		cmocka_unit_test(test_register__an_answer_without_what_we_need_is_refused),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
