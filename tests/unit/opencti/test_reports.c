/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/http.h"
#include "eii/opencti/platform.h"
#include "platform_scene.h"
#include "support.h"

#define PAGE(edges, info) OK("{\"reports\":{\"edges\":[" edges "],\"pageInfo\":" info "}}")
#define NODE(id, others)  "{\"node\":{\"standard_id\":\"" id "\",\"x_opencti_stix_ids\":" others "}}"
#define LAST              "{\"hasNextPage\":false,\"endCursor\":\"z\"}"
#define MORE(cursor)      "{\"hasNextPage\":true,\"endCursor\":\"" cursor "\"}"
#define DOCUMENT                                                                                   \
	"query Reports($filters:FilterGroup,$first:Int,$after:ID){reports(filters:$filters,"       \
	"first:$first,after:$after){edges{node{standard_id x_opencti_stix_ids}}"                   \
	"pageInfo{hasNextPage endCursor}}}"
#define FILTERS                                                                                    \
	"{\"filters\":{\"mode\":\"and\",\"filters\":[{\"key\":\"ids\",\"values\":[\"a\",\"b\","    \
	"\"c\"],\"mode\":\"or\"}],\"filterGroups\":[]},\"first\":500"

static const char *const ids[] = { "a", "b", "c" };

static const struct {
	struct fake_reply reply;
	bool found[3];
} cases[] = {
	{ PAGE("", LAST), { 0 } },
	{ PAGE(NODE("b", "[]"), LAST), { false, true, false } },
	{ PAGE(NODE("b", "null"), LAST), { false, true, false } },
	/* By an id that it has taken over; what nobody asked for; case counts. */
	{ PAGE(NODE("x", "[\"y\",\"c\",\"a\"]"), LAST), { true, false, true } },
	{ PAGE(NODE("ab", "[\"A\",\"\"]"), LAST), { 0 } },
	/* Two for one id, one for two. */
	{ PAGE(NODE("a", "[\"b\"]") "," NODE("x", "[\"a\"]"), LAST), { true, true, false } },
	{ PAGE("{\"node\":null},7,{\"node\":{\"standard_id\":7,\"x_opencti_stix_ids\":[null,7]}}",
	       LAST),
	  { 0 } },
	/* All are there: the next page need not be asked for. */
	{ PAGE(NODE("a", "[\"b\",\"c\"]"), MORE("m")), { true, true, true } },
};

static void test_reports__compares_both_kinds_of_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum eii_reports_answer answer = EII_REPORTS_UNKNOWN;
		bool found[3] = { true, true, true };
		struct fixture f;

		begin(&f, &cases[i].reply, 1);
		CHECK(eii_platform_find_reports(f.platform, ids, 3, EII_REPORTS_ANY, &answer, found,
						&f.err) == EII_OK,
		      "case %zu: %s", i, f.err.text);
		CHECK(answer == EII_REPORTS_TOLD, "case %zu", i);
		CHECK(!memcmp(found, cases[i].found, sizeof(found)), "case %zu: %d %d %d", i,
		      found[0], found[1], found[2]);
		expect_variables(&f.server, 0, FILTERS "}");
		CHECK(strstr(fake_http_body(&f.server, 0), DOCUMENT), "case %zu", i);
		end(&f);
	}
}

#define TEXT(id, content)                                                                          \
	"{\"node\":{\"standard_id\":\"" id "\",\"x_opencti_stix_ids\":[],\"content\":" content "}" \
	"}"

static void test_reports__with_text_are_asked_for_it(void **state)
{
	static const struct fake_reply reply =
		PAGE(TEXT("a", "\"\"") "," TEXT("b", "\"x\"") "," TEXT("c", "null"), LAST);
	enum eii_reports_answer answer;
	bool found[3];
	struct fixture f;

	(void)state;
	begin(&f, &reply, 1);
	assert_int_equal(eii_platform_find_reports(f.platform, ids, 3, EII_REPORTS_WITH_TEXT,
						   &answer, found, &f.err),
			 EII_OK);
	assert_true(!found[0] && found[1] && !found[2]);
	assert_non_null(strstr(fake_http_body(&f.server, 0), "x_opencti_stix_ids content}"));
	end(&f);
}

static void test_reports__follows_the_pages(void **state)
{
	static const struct fake_reply replies[] = {
		PAGE(NODE("a", "[]"), MORE("cursor 1")),
		PAGE("", MORE("cursor 2")),
		PAGE(NODE("c", "[]"), LAST),
	};
	enum eii_reports_answer answer;
	bool found[3] = { false };
	struct fixture f;

	(void)state;
	begin(&f, replies, 3);
	assert_int_equal(eii_platform_find_reports(f.platform, ids, 3, EII_REPORTS_ANY, &answer,
						   found, &f.err),
			 EII_OK);
	assert_true(found[0] && !found[1] && found[2]);
	expect_variables(&f.server, 1, FILTERS ",\"after\":\"cursor 1\"}");
	expect_variables(&f.server, 2, FILTERS ",\"after\":\"cursor 2\"}");
	end(&f);
}

static void test_reports__tells_unknown_from_failed(void **state)
{
	static const struct {
		struct fake_reply reply;
		enum eii_rc rc;
	} answers[] = {
		{ REFUSED("FORBIDDEN_ACCESS", "You are not allowed to do this."), EII_OK },
		{ REFUSED("GRAPHQL_VALIDATION_FAILED", "Cannot query field"), EII_OK },
		{ REFUSED("UNSUPPORTED_ERROR", "Incorrect filter keys"), EII_OK },
		{ REFUSED("AUTH_REQUIRED", "x"), EII_FATAL },
		{ REFUSED("INTERNAL_SERVER_ERROR", "x"), EII_RETRY },
		{ { .status = 503, .body = "" }, EII_RETRY },
		{ OK("{\"reports\":null}"), EII_RETRY },
		{ OK("{\"reports\":{\"pageInfo\":" LAST "}}"), EII_RETRY },
		{ OK("{\"reports\":{\"edges\":[]}}"), EII_RETRY },
		{ PAGE("", "{\"hasNextPage\":true,\"endCursor\":null}"), EII_RETRY },
		{ PAGE("", "{\"hasNextPage\":null,\"endCursor\":\"x\"}"), EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		enum eii_reports_answer answer = EII_REPORTS_TOLD;
		bool found[3] = { true, false, true };
		struct fixture f;

		begin(&f, &answers[i].reply, 1);
		CHECK(eii_platform_find_reports(f.platform, ids, 3, EII_REPORTS_ANY, &answer, found,
						&f.err) == answers[i].rc,
		      "case %zu: %s", i, f.err.text);
		CHECK((answer == EII_REPORTS_UNKNOWN) == (answers[i].rc == EII_OK), "case %zu", i);
		CHECK(found[0] && !found[1] && found[2], "case %zu wrote its output", i);
		end(&f);
	}
}

static void test_reports__asks_for_none_and_for_a_hundred(void **state)
{
	static const struct fake_reply replies[] = { PAGE(NODE("99", "[\"0\"]"), LAST) };
	const char *many[EII_PLATFORM_REPORTS_MAX];
	char texts[EII_PLATFORM_REPORTS_MAX][8];
	bool found[EII_PLATFORM_REPORTS_MAX] = { false };
	enum eii_reports_answer answer = EII_REPORTS_UNKNOWN;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < EII_PLATFORM_REPORTS_MAX; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%zu", i);
		many[i] = texts[i];
	}
	begin(&f, replies, 1);
	assert_int_equal(eii_platform_find_reports(f.platform, many, 0, EII_REPORTS_ANY, &answer,
						   found, &f.err),
			 EII_OK);
	assert_int_equal(answer, EII_REPORTS_TOLD);
	assert_int_equal(f.server.n_requests, 0);
	assert_int_equal(eii_platform_find_reports(f.platform, many, EII_PLATFORM_REPORTS_MAX,
						   EII_REPORTS_ANY, &answer, found, &f.err),
			 EII_OK);
	assert_int_equal(f.server.n_requests, 1);
	for (size_t i = 0; i < EII_PLATFORM_REPORTS_MAX; i++)
		CHECK(found[i] == (i == 0 || i == 99), "%zu", i);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports__compares_both_kinds_of_ids),
		cmocka_unit_test(test_reports__with_text_are_asked_for_it),
		cmocka_unit_test(test_reports__follows_the_pages),
		cmocka_unit_test(test_reports__tells_unknown_from_failed),
		cmocka_unit_test(test_reports__asks_for_none_and_for_a_hundred),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
