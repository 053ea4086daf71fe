/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "eii/net/http.h"
#include "platform_scene.h"
#include "support.h"

#define DRAFT_ADDED OK("{\"draftWorkspaceAdd\":{\"id\":\"draft-1\"}}")

static void ask_version(struct fixture *f)
{
	const char *version;

	CHECK(eii_platform_about(f->platform, &version, &f->err) == EII_OK, "%s", f->err.text);
}

static enum eii_rc add(struct fixture *f, char **out_id)
{
	return eii_platform_draft_add(f->platform, "work_1.json", "work_1", out_id, &f->err);
}

static void test_draft__is_made_and_tied_to_its_work(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("6.5.0"),
		DRAFT_ADDED,
		OK("{\"workEdit\":{\"addDraftContext\":\"work_1\"}}"),
	};
	EII_AUTO_STR id = NULL;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	ask_version(&f);
	CHECK(add(&f, &id) == EII_OK, "%s", f.err.text);
	assert_string_equal(id, "draft-1");
	fake_http_stop(&f.server);
	expect_variables(&f.server, 1, "{\"input\":{\"name\":\"work_1.json\"}}");
	expect_variables(&f.server, 2, "{\"id\":\"work_1\",\"draftContext\":\"draft-1\"}");
	end(&f);
}

static void test_draft__is_not_tied_where_the_version_cannot(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("6.4.11"), DRAFT_ADDED };
	EII_AUTO_STR id = NULL;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	ask_version(&f);
	CHECK(add(&f, &id) == EII_OK, "%s", f.err.text);
	assert_string_equal(id, "draft-1");
	end(&f);
}

static void test_draft__an_id_is_held_up_to_127_bytes(void **state)
{
	(void)state;
	for (int len = 127; len <= 128; len++) {
		char body[256];
		const struct fake_reply replies[] = { ABOUT("6.4.0"),
						      { .status = 200, .body = body } };
		EII_AUTO_STR id = NULL;
		struct fixture f;

		(void)snprintf(body, sizeof(body),
			       "{\"data\":{\"draftWorkspaceAdd\":{\"id\":\"%0*d\"}}}", len, 7);
		begin(&f, replies, ARRAY_LEN(replies));
		ask_version(&f);
		CHECK((add(&f, &id) == EII_OK) == (len == 127), "%d bytes", len);
		end(&f);
	}
}

static void test_draft__is_refused_by_an_older_platform_by_name(void **state)
{
	static const struct {
		struct fake_reply about;
		enum eii_rc rc;
	} rows[] = { { ABOUT("6.3.13"), EII_FATAL }, { ABOUT("6.4.0"), EII_OK } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		begin(&f, &rows[i].about, 1);
		ask_version(&f);
		assert_int_equal(eii_platform_needs_drafts(f.platform, &f.err), rows[i].rc);
		if (rows[i].rc) {
			assert_int_equal(f.err.kind, EII_ERROR_CONFIG);
			assert_non_null(strstr(f.err.text, "OpenCTI 6.3.13 has no drafts"));
		}
		end(&f);
	}
}

static void test_draft__is_entered_and_left(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"identity\":null}"),
		REFUSED("DRAFT_LOCKED", "Could not find draft workspace"),
		OK("{\"identity\":{\"id\":\"1\"}}"),
	};
	bool has = true;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	eii_platform_enter_draft(f.platform, "draft-1");
	assert_int_equal(eii_platform_has_identity(f.platform, "i", &has, &f.err), EII_OK);
	assert_false(has);
	assert_int_equal(eii_platform_has_identity(f.platform, "i", &has, &f.err), EII_RETRY);
	assert_int_equal(eii_platform_failure(f.platform).code, EII_GRAPHQL_DRAFT_LOCKED);
	eii_platform_enter_draft(f.platform, NULL);
	assert_int_equal(eii_platform_has_identity(f.platform, "i", &has, &f.err), EII_OK);
	assert_true(has);
	fake_http_stop(&f.server);
	assert_non_null(strstr(f.server.requests[0], "opencti-draft-id: draft-1\r\n"));
	assert_null(strstr(f.server.requests[2], "opencti-draft-id"));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draft__is_made_and_tied_to_its_work),
		cmocka_unit_test(test_draft__is_not_tied_where_the_version_cannot),
		cmocka_unit_test(test_draft__an_id_is_held_up_to_127_bytes),
		cmocka_unit_test(test_draft__is_refused_by_an_older_platform_by_name),
		cmocka_unit_test(test_draft__is_entered_and_left),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
