/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/work_view.h"

#include "eii/net/http.h"
#include "platform_scene.h"
#include "support.h"

static const struct {
	const char *message;
	enum eii_work_error error;
} messages[] = {
	/* As the worker writes the platform's errors: its code is the first member. */
	{ "{'name': 'MISSING_REFERENCE_ERROR', 'error_message': 'Element(s) not found'}",
	  EII_WORK_ERROR_MISSING_REFERENCE },
	{ "{'name': 'FORBIDDEN_ACCESS', 'error_message': 'You are not allowed to do this.'}",
	  EII_WORK_ERROR_FORBIDDEN },
	{ "{'name': 'AUTH_REQUIRED', 'error_message': 'You must be logged in to do this.'}",
	  EII_WORK_ERROR_AUTH_REQUIRED },
	{ "{'name': 'LOCK_ERROR', 'error_message': 'Execution timeout'}", EII_WORK_ERROR_LOCK },
	{ "{'name': 'DRAFT_LOCKED', 'error_message': 'Could not find draft workspace'}",
	  EII_WORK_ERROR_DRAFT },
	{ "{'name': 'INTERNAL_SERVER_ERROR', 'error_message': 'Unexpected error value: "
	  "{ extensions: { code: \"LOCK_ERROR\" } }'}",
	  EII_WORK_ERROR_LOCK },
	{ "{'name': 'INTERNAL_SERVER_ERROR', 'error_message': 'MISSING_REFERENCE_ERROR'}",
	  EII_WORK_ERROR_OTHER },
	{ "{'name': 'FUNCTIONAL_ERROR', 'error_message': 'Incompatible element in bundle'}",
	  EII_WORK_ERROR_OTHER },
	/* A mail cannot choose the kind by what it says. */
	{ "{'name': 'BAD_USER_INPUT', 'error_message': 'Variable \"$input\" got invalid value "
	  "\"MISSING_REFERENCE_ERROR FORBIDDEN_ACCESS\"'}",
	  EII_WORK_ERROR_VALIDATION },
	{ "Variable \"$input\" got invalid value \"{'name': 'FORBIDDEN_ACCESS'\"",
	  EII_WORK_ERROR_VALIDATION },
	{ "{'name': 'FUNCTIONAL_ERROR', 'error_message': 'You must be logged in: LOCK_ERROR'}",
	  EII_WORK_ERROR_OTHER },
	/* No name: the message stands in its place, or the answer as it came. */
	{ "{'name': 'Element(s) not found', 'error_message': 'Element(s) not found'}",
	  EII_WORK_ERROR_MISSING_REFERENCE },
	{ "{\"errors\":[{\"message\":\"Variable \\\"$input\\\" got invalid value FORBIDDEN_ACCESS",
	  EII_WORK_ERROR_VALIDATION },
	{ "{\"errors\":[{\"message\":\"The \xe2\x80\x98operations\xe2\x80\x99 multipart field "
	  "value "
	  "exceeds the 1000000 byte size limit.\"}]}",
	  EII_WORK_ERROR_TOO_LARGE },
	{ "The \xe2\x80\x98operations\xe2\x80\x99 multipart field value exceeds the 1000000 byte "
	  "size "
	  "limit.",
	  EII_WORK_ERROR_TOO_LARGE },
	{ "<html><title>413 Request Entity Too Large</title>", EII_WORK_ERROR_TOO_LARGE },
	{ "PayloadTooLargeError: request entity too large", EII_WORK_ERROR_TOO_LARGE },
	{ "Bundle too large", EII_WORK_ERROR_TOO_LARGE },
	{ "Too large element in bundle", EII_WORK_ERROR_TOO_LARGE },
	{ "Element(s) not found", EII_WORK_ERROR_MISSING_REFERENCE },
	{ "You must be logged in to do this.", EII_WORK_ERROR_AUTH_REQUIRED },
	{ "Validation against schema failed on attribute [x]", EII_WORK_ERROR_VALIDATION },
	{ "'name'", EII_WORK_ERROR_OTHER },
	{ "{'name': '", EII_WORK_ERROR_OTHER },
	{ "{'name': 'LOCK_ERROR", EII_WORK_ERROR_LOCK },
	{ "stopped", EII_WORK_ERROR_OTHER },
	{ "", EII_WORK_ERROR_OTHER },
};

static void test_work_view__knows_errors_by_their_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		enum eii_work_error error = eii_work_error_of(eii_text_of(messages[i].message));

		CHECK(error == messages[i].error, "%s gave %d", messages[i].message, (int)error);
	}
}

static void test_work_view__reads_no_further_than_the_head_of_an_error(void **state)
{
	char text[4097];

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text + 4096 - 10, "LOCK_ERROR", 10);
	assert_int_equal(eii_work_error_of(eii_text(text, 4097)), EII_WORK_ERROR_LOCK);
	memcpy(text + 4097 - 11, " LOCK_ERROR", 11);
	assert_int_equal(eii_work_error_of(eii_text(text, 4097)), EII_WORK_ERROR_OTHER);
}

static void test_work_view__says_what_a_right_a_marking_or_a_draft_mends(void **state)
{
	static const enum eii_work_error mendable[] = { EII_WORK_ERROR_MISSING_REFERENCE,
							EII_WORK_ERROR_FORBIDDEN,
							EII_WORK_ERROR_AUTH_REQUIRED,
							EII_WORK_ERROR_DRAFT };
	int n = 0;

	(void)state;
	for (int i = 0; i < EII_WORK_ERROR_N; i++)
		n += eii_work_error_is_mendable((enum eii_work_error)i);
	assert_int_equal(n, ARRAY_LEN(mendable));
	for (size_t i = 0; i < ARRAY_LEN(mendable); i++)
		assert_true(eii_work_error_is_mendable(mendable[i]));
}

#define WORK(status, tracking, errors)                                                             \
	OK("{\"work\":{\"id\":\"w\",\"status\":\"" status "\",\"tracking\":" tracking              \
	   ",\"errors\":" errors "}}")
#define TRACKED(expected, processed)                                                               \
	"{\"import_expected_number\":" expected ",\"import_processed_number\":" processed "}"

static const struct {
	struct fake_reply reply;
	struct eii_work_view view;
} works[] = {
	{ WORK("wait", TRACKED("null", "null"), "[]"), { .exists = true } },
	{ WORK("progress", TRACKED("5", "2"), "[]"),
	  { .exists = true, .has_counts = true, .n_expected = 5, .n_processed = 2 } },
	{ WORK("complete", TRACKED("5", "5"), "[]"),
	  { .exists = true,
	    .is_complete = true,
	    .has_counts = true,
	    .n_expected = 5,
	    .n_processed = 5 } },
	/* Closed by force. */
	{ WORK("complete", TRACKED("5", "null"), "null"), { .exists = true, .is_complete = true } },
	{ WORK("complete", "null", "[]"), { .exists = true, .is_complete = true } },
	{ WORK("complete", TRACKED("0", "1"),
	       "[{\"message\":\"Element(s) not found\"},7,"
	       "{\"message\":null},{\"message\":\"Bundle too "
	       "large\"}]"),
	  { .exists = true,
	    .is_complete = true,
	    .has_counts = true,
	    .n_processed = 1,
	    .n_errors = 4,
	    .n_by_kind = { [EII_WORK_ERROR_MISSING_REFERENCE] = 1,
			   [EII_WORK_ERROR_OTHER] = 2,
			   [EII_WORK_ERROR_TOO_LARGE] = 1 } } },
	{ WORK("progress", TRACKED("-1", "2.5"), "7"), { .exists = true } },
	{ OK("{\"work\":null}"), { .exists = false } },
};

static void test_work_view__reads_what_a_work_has_come_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(works); i++) {
		const struct eii_work_view *want = &works[i].view;
		struct eii_work_view view = { .exists = true, .n_errors = 9 };
		struct fixture f;

		begin(&f, &works[i].reply, 1);
		CHECK(eii_platform_work(f.platform, "w", &view, &f.err) == EII_OK, "case %zu: %s",
		      i, f.err.text);
		CHECK(view.exists == want->exists && view.is_complete == want->is_complete,
		      "case %zu", i);
		CHECK(view.has_counts == want->has_counts && view.n_expected == want->n_expected &&
			      view.n_processed == want->n_processed,
		      "case %zu", i);
		CHECK(view.n_errors == want->n_errors, "case %zu", i);
		CHECK(!memcmp(view.n_by_kind, want->n_by_kind, sizeof(view.n_by_kind)), "case %zu",
		      i);
		expect_variables(&f.server, 0, "{\"id\":\"w\"}");
		end(&f);
	}
}

static void test_work_view__takes_nothing_but_a_clear_null_for_gone(void **state)
{
	static const struct fake_reply replies[] = { OK("{}"),
						     OK("{\"work\":[]}"),
						     REFUSED("FUNCTIONAL_ERROR", "x"),
						     { .status = 404, .body = "" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
		struct eii_work_view view = { .exists = true, .n_errors = 9 };
		struct fixture f;

		begin(&f, &replies[i], 1);
		CHECK(eii_platform_work(f.platform, "w", &view, &f.err) != EII_OK, "case %zu", i);
		CHECK(view.exists && view.n_errors == 9, "case %zu wrote its output", i);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_view__knows_errors_by_their_code),
		cmocka_unit_test(test_work_view__reads_no_further_than_the_head_of_an_error),
		cmocka_unit_test(test_work_view__says_what_a_right_a_marking_or_a_draft_mends),
		cmocka_unit_test(test_work_view__reads_what_a_work_has_come_to),
		cmocka_unit_test(test_work_view__takes_nothing_but_a_clear_null_for_gone),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
