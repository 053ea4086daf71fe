/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/device.h"

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/codec/json.h"
#include "support.h"

#define NOW_MS  INT64_C(5000)
#define CODES   "\"device_code\":\"d\",\"user_code\":\"AB-CD\""
#define ADDRESS "\"verification_uri\":\"https://login.example/device\""

static enum eii_rc read_device(const char *text, struct eii_device *out)
{
	EII_AUTO(eii_json) answer = NULL;

	CHECK(eii_json_parse(eii_text_of(text), 65536, &answer, NULL) == EII_OK, "%s", text);
	return eii_device_read(answer, NOW_MS, out, NULL);
}

static void test_device__reads_what_is_shown_and_when_to_ask(void **state)
{
	static const struct {
		const char *text;
		uint32_t interval_s;
		int64_t life_s;
	} cases[] = {
		{ "{" CODES "," ADDRESS ",\"expires_in\":600,\"interval\":7}", 7, 600 },
		{ "{" CODES "," ADDRESS "}", EII_DEVICE_INTERVAL_S, EII_DEVICE_LIFE_S },
		{ "{" CODES ",\"verification_url\":\"https://login.example/device\"}",
		  EII_DEVICE_INTERVAL_S, EII_DEVICE_LIFE_S },
		{ "{" CODES "," ADDRESS ",\"interval\":0}", 1, EII_DEVICE_LIFE_S },
		{ "{" CODES "," ADDRESS ",\"interval\":60,\"expires_in\":3600}",
		  EII_DEVICE_INTERVAL_MAX_S, EII_DEVICE_LIFE_MAX_S },
		{ "{" CODES "," ADDRESS ",\"interval\":61,\"expires_in\":3601}",
		  EII_DEVICE_INTERVAL_MAX_S, EII_DEVICE_LIFE_MAX_S },
		{ "{" CODES "," ADDRESS ",\"interval\":\"x\",\"expires_in\":-1}",
		  EII_DEVICE_INTERVAL_S, EII_DEVICE_LIFE_S },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_device device = { 0 };

		CHECK(read_device(cases[i].text, &device) == EII_OK, "%s", cases[i].text);
		assert_string_equal(device.code, "d");
		assert_string_equal(device.user_code, "AB-CD");
		assert_string_equal(device.address, "https://login.example/device");
		CHECK(device.interval_s == cases[i].interval_s, "%s", cases[i].text);
		CHECK(device.ask_at_ms == NOW_MS + 1000 * (int64_t)cases[i].interval_s, "%s",
		      cases[i].text);
		CHECK(device.end_ms == NOW_MS + 1000 * cases[i].life_s, "%s", cases[i].text);
		eii_device_clear(&device);
	}
}

static void test_device__shows_nothing_that_may_not_be_shown(void **state)
{
	static const char *const cases[] = {
		"[]",
		"{}",
		"{" ADDRESS ",\"user_code\":\"A\"}",
		"{" ADDRESS ",\"device_code\":\"d\"}",
		"{" CODES "}",
		"{" CODES ",\"verification_uri\":\"http://login.example/device\"}",
		"{" CODES ",\"verification_uri\":\"https://login.example/\\u001b[2J\"}",
		"{" ADDRESS ",\"device_code\":\"d\",\"user_code\":\"A\\u001b[2J\"}",
		"{" ADDRESS ",\"device_code\":\"d\",\"user_code\":\"A B\"}",
		"{" ADDRESS ",\"device_code\":\"\",\"user_code\":\"A\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_device device = { .interval_s = 42 };

		CHECK(read_device(cases[i], &device) == EII_REJECT, "%s", cases[i]);
		CHECK(device.interval_s == 42, "%s wrote its output", cases[i]);
	}
}

static enum eii_rc read_user_code(size_t len, struct eii_device *out)
{
	EII_AUTO_STR code = eii_calloc(len + 1, 1);
	EII_AUTO_STR text = NULL;

	memset(code, 'A', len);
	text = eii_asprintf("{" ADDRESS ",\"device_code\":\"d\",\"user_code\":\"%s\"}", code);
	return read_device(text, out);
}

static void test_device__user_code_is_read_up_to_its_limit(void **state)
{
	struct eii_device device = { 0 };

	(void)state;
	assert_int_equal(read_user_code(64, &device), EII_OK);
	eii_device_clear(&device);
	assert_int_equal(read_user_code(65, &device), EII_REJECT);
}

static void test_device__heeds_each_answer_by_a_clock_that_is_told(void **state)
{
	static const struct {
		const char *error;
		uint32_t interval_s; /* before */
		int64_t now_ms, end_ms;
		enum eii_device_step step;
		uint32_t then_s; /* the interval after it */
	} cases[] = {
		{ "authorization_pending", 5, 10000, 900000, EII_DEVICE_WAIT, 5 },
		{ "slow_down", 5, 10000, 900000, EII_DEVICE_WAIT, 10 },
		{ "slow_down", 55, 10000, 900000, EII_DEVICE_WAIT, 60 },
		{ "slow_down", 56, 10000, 900000, EII_DEVICE_WAIT, 60 },
		{ NULL, 5, 10000, 900000, EII_DEVICE_WAIT, 10 },
		{ NULL, 31, 10000, 900000, EII_DEVICE_WAIT, 60 },
		{ "authorization_pending", 5, 10000, 15001, EII_DEVICE_WAIT, 5 },
		{ "authorization_pending", 5, 10000, 15000, EII_DEVICE_EXPIRED, 5 },
		{ NULL, 5, 10000, 15001, EII_DEVICE_EXPIRED, 10 },
		{ "expired_token", 5, 10000, 900000, EII_DEVICE_EXPIRED, 5 },
		{ "access_denied", 5, 10000, 900000, EII_DEVICE_DECLINED, 5 },
		{ "authorization_declined", 5, 10000, 900000, EII_DEVICE_DECLINED, 5 },
		{ "bad_verification_code", 5, 10000, 900000, EII_DEVICE_REFUSED, 5 },
		{ "invalid_client", 5, 10000, 900000, EII_DEVICE_REFUSED, 5 },
		{ "", 5, 10000, 900000, EII_DEVICE_REFUSED, 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_device device = { .interval_s = cases[i].interval_s,
					     .end_ms = cases[i].end_ms };

		CHECK(eii_device_heed(&device, cases[i].error, cases[i].now_ms) == cases[i].step,
		      "row %zu", i);
		CHECK(device.interval_s == cases[i].then_s, "row %zu: %u", i, device.interval_s);
		if (cases[i].step == EII_DEVICE_WAIT)
			CHECK(device.ask_at_ms == cases[i].now_ms + 1000 * (int64_t)cases[i].then_s,
			      "row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device__reads_what_is_shown_and_when_to_ask),
		cmocka_unit_test(test_device__shows_nothing_that_may_not_be_shown),
		cmocka_unit_test(test_device__user_code_is_read_up_to_its_limit),
		cmocka_unit_test(test_device__heeds_each_answer_by_a_clock_that_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
