/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "platform_scene.h"
#include "support.h"

static enum eii_rc write_bundle(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const char *text = arg;
	size_t half = strlen(text) / 2;
	enum eii_rc rc = eii_sink_write(sink, text, half, err);

	return rc ? rc : eii_sink_write(sink, text + half, strlen(text) - half, err);
}

static enum eii_rc push(struct fixture *f, const char *work_id, const char *bundle,
			enum eii_push_answer *out)
{
	return eii_platform_push(f->platform, work_id, write_bundle, bundle, out, &f->err);
}

static void test_push__names_connector_bundle_and_work(void **state)
{
	static const struct fake_reply replies[] = { OK("{\"stixBundlePush\":true}"),
						     OK("{\"stixBundlePush\":true}") };
	enum eii_push_answer answer;
	struct fixture f;

	(void)state;
	begin(&f, replies, ARRAY_LEN(replies));
	assert_int_equal(push(&f, "work_1", "{\"a\":\"\\n\xc3\xa9\"}", &answer), EII_OK);
	assert_int_equal(push(&f, NULL, "{}", &answer), EII_OK);
	fake_http_stop(&f.server);
	expect_variables(
		&f.server, 0,
		"{\"connectorId\":\"" ID "\","
		"\"bundle\":\"{\\\"a\\\":\\\"\\\\n\xc3\xa9\\\"}\",\"work_id\":\"work_1\"}");
	expect_variables(&f.server, 1,
			 "{\"connectorId\":\"" ID "\",\"bundle\":\"{}\",\"work_id\":null}");
	end(&f);
}

static void test_push__knows_what_is_too_large_from_what_is_refused(void **state)
{
	static const struct {
		struct fake_reply reply;
		enum eii_rc rc;
		enum eii_push_answer answer;
	} rows[] = {
		{ { .status = 413, .body = "request entity too large" },
		  EII_OK,
		  EII_PUSH_TOO_LARGE },
		{ { .status = 413, .body = "{\"errors\":[{\"message\":\"too large\"}]}" },
		  EII_RETRY,
		  EII_PUSH_TAKEN },
		{ { .status = 400, .body = "no" }, EII_REJECT, EII_PUSH_TAKEN },
		{ { .status = 503, .body = "away" }, EII_RETRY, EII_PUSH_TAKEN },
		{ REFUSED("UNSUPPORTED_ERROR", "Invalid bundle"), EII_RETRY, EII_PUSH_TAKEN },
		{ REFUSED("FORBIDDEN_ACCESS", "no"), EII_FATAL, EII_PUSH_TAKEN },
		{ { .way = FAKE_CUT }, EII_RETRY, EII_PUSH_TAKEN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum eii_push_answer answer = EII_PUSH_TAKEN;
		struct fake_reply replies[] = { rows[i].reply, rows[i].reply };
		struct fixture f;
		enum eii_rc rc;

		begin(&f, replies, ARRAY_LEN(replies));
		rc = push(&f, "w", "{}", &answer);
		CHECK(rc == rows[i].rc, "row %zu: %d, %s", i, rc, f.err.text);
		CHECK(answer == rows[i].answer, "row %zu: %d", i, answer);
		end(&f);
	}
}

/* Far over what any other call may carry. */
static void test_push__carries_a_large_bundle(void **state)
{
	static const struct fake_reply replies[] = { OK("{\"stixBundlePush\":true}") };
	enum eii_push_answer answer = EII_PUSH_TOO_LARGE;
	size_t len = (size_t)10 * 1024 * 1024;
	char *bundle = malloc(len + 1);
	struct fixture f;

	(void)state;
	assert_non_null(bundle);
	memset(bundle, 'A', len);
	bundle[len] = '\0';
	begin(&f, replies, ARRAY_LEN(replies));
	assert_int_equal(push(&f, "w", bundle, &answer), EII_OK);
	assert_int_equal(answer, EII_PUSH_TAKEN);
	fake_http_stop(&f.server);
	assert_true(strlen(fake_http_body(&f.server, 0)) > len);
	end(&f);
	free(bundle);
}

static enum eii_rc write_too_much(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const char *piece = arg;

	for (size_t n = 0; n <= EII_PLATFORM_PUSH_MAX_BYTES; n += strlen(piece)) {
		enum eii_rc rc = eii_sink_write(sink, piece, strlen(piece), err);

		if (rc)
			return rc;
	}
	return EII_OK;
}

/* Past our own bound nothing is sent: the report has to be cut, not tried for ever. */
static void test_push__is_too_large_before_it_is_sent(void **state)
{
	enum eii_push_answer answer = EII_PUSH_TAKEN;
	size_t len = (size_t)1 << 20;
	char *piece = malloc(len + 1);
	struct fixture f;

	(void)state;
	assert_non_null(piece);
	memset(piece, 'A', len);
	piece[len] = '\0';
	begin(&f, NULL, 0);
	assert_int_equal(eii_platform_push(f.platform, "w", write_too_much, piece, &answer, &f.err),
			 EII_OK);
	assert_int_equal(answer, EII_PUSH_TOO_LARGE);
	assert_int_equal(f.server.n_requests, 0);
	end(&f);
	free(piece);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push__names_connector_bundle_and_work),
		cmocka_unit_test(test_push__knows_what_is_too_large_from_what_is_refused),
		cmocka_unit_test(test_push__carries_a_large_bundle),
		cmocka_unit_test(test_push__is_too_large_before_it_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
