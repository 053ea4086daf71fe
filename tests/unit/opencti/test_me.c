/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/http.h"
#include "eii/opencti/platform.h"
#include "platform_scene.h"
#include "support.h"

#define MARKING    "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37"
#define OTHER      "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
#define CAN(names) "{\"me\":{\"name\":\"feed\",\"capabilities\":[" names "],"
#define CAP(name)  "{\"name\":\"" name "\"}"
#define NO_MORE    "\"allowed_marking\":[],\"effective_confidence_level\":null}}"
#define MARKED(id) "\"allowed_marking\":[{\"standard_id\":\"" id "\"}]}}"

static const char *const marking = MARKING;
static bool may_use;

struct rights {
	bool api, connector, read, update, upload, marking;
};

static const struct {
	struct fake_reply reply;
	struct rights rights;
} cases[] = {
	{ OK(CAN("") NO_MORE), { 0 } },
	{ OK(CAN(CAP("APIACCESS")) NO_MORE), { 0 } },
	{ OK(CAN(CAP("APIACCESS_USETOKEN")) NO_MORE), { .api = true } },
	{ OK(CAN(CAP("CONNECTORAPI")) NO_MORE), { .connector = true } },
	{ OK(CAN(CAP("CONNECTORAPIS")) NO_MORE), { 0 } },
	{ OK(CAN(CAP("KNOWLEDGE")) NO_MORE), { .read = true } },
	{ OK(CAN(CAP("KNOWLEDGE_KNUPDATE")) NO_MORE), { .read = true, .update = true } },
	/* What the role Connector has: the parent is not listed. */
	{ OK(CAN(CAP("KNOWLEDGE_KNUPDATE_KNDELETE") "," CAP("KNOWLEDGE_KNUPLOAD")) NO_MORE),
	  { .read = true, .update = true, .upload = true } },
	{ OK(CAN(CAP("KNOWLEDGE_KNENRICHMENT")) NO_MORE), { .read = true } },
	{ OK(CAN(CAP("BYPASS")) NO_MORE), { true, true, true, true, true, true } },
	{ OK(CAN(CAP("BYPASSREFERENCE")) NO_MORE), { 0 } },
	{ OK(CAN("") MARKED(MARKING)), { .marking = true } },
	{ OK(CAN("") MARKED(OTHER)), { 0 } },
	{ OK(CAN("") MARKED(MARKING "x")), { 0 } },
	{ OK("{\"me\":{}}"), { 0 } },
	{ OK("{\"me\":{\"name\":7,\"capabilities\":\"BYPASS\",\"allowed_marking\":[7,null]}}"),
	  { 0 } },
};

static void test_me__reads_every_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rights *want = &cases[i].rights;
		struct eii_platform_me me = { 0 };
		struct fixture f;

		begin(&f, &cases[i].reply, 1);
		CHECK(eii_platform_me(f.platform, &marking, 1, &may_use, &me, &f.err) == EII_OK,
		      "case %zu: %s", i, f.err.text);
		CHECK(me.is_known, "case %zu", i);
		CHECK(me.has_api_access == want->api, "case %zu", i);
		CHECK(me.has_connector_api == want->connector, "case %zu", i);
		CHECK(me.may_read == want->read, "case %zu", i);
		CHECK(me.may_update == want->update, "case %zu", i);
		CHECK(me.may_upload == want->upload, "case %zu", i);
		CHECK(me.has_marking == want->marking, "case %zu", i);
		end(&f);
	}
}

static void test_me__reads_name_and_confidence(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"me\":{\"name\":\"feed \\u00e9\",\"effective_confidence_level\":"
		   "{\"max_confidence\":50}}}"),
		OK("{\"me\":{\"name\":"
		   "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\u00e9b\","
		   "\"effective_confidence_level\":null}}"),
	};
	struct eii_platform_me me;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_me(f.platform, NULL, 0, NULL, &me, &f.err), EII_OK);
	assert_string_equal(me.name, "feed \xc3\xa9");
	assert_true(me.has_max_confidence && me.max_confidence == 50);
	assert_true(me.has_marking);
	assert_int_equal(eii_platform_me(f.platform, NULL, 0, NULL, &me, &f.err), EII_OK);
	/* The character that does not fit goes as a whole. */
	assert_int_equal(strlen(me.name), EII_PLATFORM_NAME_MAX - 2);
	assert_true(!me.has_max_confidence && me.max_confidence == 0);
	end(&f);
}

static void test_me__tells_too_old_from_failed(void **state)
{
	static const struct {
		struct fake_reply reply;
		enum eii_rc rc;
	} answers[] = {
		{ REFUSED("GRAPHQL_VALIDATION_FAILED", "Cannot query field"), EII_OK },
		{ REFUSED("BAD_USER_INPUT", "x"), EII_OK },
		{ { .status = 400,
		    .body = "{\"errors\":[{\"message\":\"x\",\"name\":\"GRAPHQL_PARSE_FAILED\"}]"
			    "}" },
		  EII_OK },
		{ OK("{\"me\":null}"), EII_OK },
		{ REFUSED("AUTH_REQUIRED", "x"), EII_FATAL },
		{ REFUSED("INTERNAL_SERVER_ERROR", "x"), EII_RETRY },
		{ { .status = 503, .body = "" }, EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct eii_platform_me me = { .is_known = true, .may_read = true };
		struct fixture f;

		begin(&f, &answers[i].reply, 1);
		CHECK(eii_platform_me(f.platform, &marking, 1, &may_use, &me, &f.err) ==
			      answers[i].rc,
		      "case %zu: %s", i, f.err.text);
		CHECK(me.is_known == (answers[i].rc != EII_OK), "case %zu", i);
		CHECK(me.may_read == (answers[i].rc != EII_OK), "case %zu", i);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_me__reads_every_right),
		cmocka_unit_test(test_me__reads_name_and_confidence),
		cmocka_unit_test(test_me__tells_too_old_from_failed),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
