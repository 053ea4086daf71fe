/* SPDX-License-Identifier: Apache-2.0 */
#include "value.h"

#include "eii/base/alloc.h"
#include "support.h"

static size_t row_of(const char *variable)
{
	size_t i = 0;

	while (i < eii_table_len && strcmp(eii_table[i].variable, variable) != 0)
		i++;
	assert_true(i < eii_table_len);
	return i;
}

static bool store(struct eii_config **config, const char *variable, const char *text)
{
	if (!*config)
		*config = &EII_NEW(struct eii_loaded)->config;
	return eii_value_store((struct eii_loaded *)*config, row_of(variable), text);
}

static void test_value__takes_booleans_in_any_common_form(void **state)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes",   "1",
					   "on",   "t",    "Y",    " true " };
	static const char *const no[] = { "false", "False", "no", "NO", "0", "off", "f", "n" };
	static const char *const neither[] = { "", "2", "truee", "ja", "true false" };
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		CHECK(store(&config, "CONNECTOR_RUN_AND_TERMINATE", yes[i]), "%s", yes[i]);
		CHECK(config->connector.run_and_terminate, "%s", yes[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(no); i++) {
		CHECK(store(&config, "CONNECTOR_RUN_AND_TERMINATE", no[i]), "%s", no[i]);
		CHECK(!config->connector.run_and_terminate, "%s", no[i]);
	}
	config->connector.run_and_terminate = true;
	for (size_t i = 0; i < ARRAY_LEN(neither); i++) {
		CHECK(!store(&config, "CONNECTOR_RUN_AND_TERMINATE", neither[i]), "%s", neither[i]);
		CHECK(config->connector.run_and_terminate, "%s wrote", neither[i]);
	}
}

static void test_value__holds_numbers_to_their_range(void **state)
{
	static const struct {
		const char *text;
		uint16_t port; /* 0 = refused */
	} cases[] = {
		{ "1", 1 },
		{ "65535", 65535 },
		{ "+993", 993 },
		{ " 993 ", 993 },
		{ "9_93", 993 },
		{ "993.0", 993 },
		{ "0993", 993 },
		{ "0", 0 },
		{ "65536", 0 },
		{ "-1", 0 },
		{ "", 0 },
		{ "+", 0 },
		{ "993.", 0 },
		{ "993.5", 0 },
		{ "_993", 0 },
		{ "993_", 0 },
		{ "9__93", 0 },
		{ "0x3e1", 0 },
		{ "99 3", 0 },
		{ "ChangeMe", 0 },
		{ "184467440737095516160", 0 },
		{ "0000000000000000000000000000001", 0 },
	};
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool is_stored;

		(void)!store(&config, "EMAIL_INTEL_IMAP_PORT", "42");
		is_stored = store(&config, "EMAIL_INTEL_IMAP_PORT", cases[i].text);
		CHECK(is_stored == (cases[i].port != 0), "%s", cases[i].text);
		CHECK(config->mail.port == (is_stored ? cases[i].port : 42), "%s gave %u",
		      cases[i].text, config->mail.port);
	}
}

static void test_value__holds_sizes_to_their_limits(void **state)
{
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	assert_true(store(&config, "MQ_MAX_MESSAGE_BYTES", "65536"));
	assert_true(store(&config, "MQ_MAX_MESSAGE_BYTES", "536870912"));
	assert_int_equal(config->mq.max_message_bytes, 536870912);
	assert_false(store(&config, "MQ_MAX_MESSAGE_BYTES", "65535"));
	assert_false(store(&config, "MQ_MAX_MESSAGE_BYTES", "536870913"));
	assert_int_equal(config->mq.max_message_bytes, 536870912);
	assert_true(store(&config, "EMAIL_INTEL_IMAP_INLINE_IMAGE_BYTES", "0"));
	assert_int_equal(config->report.inline_image_bytes, 0);
}

static void test_value__takes_markings_by_type_and_name(void **state)
{
	EII_AUTO(eii_config) config = NULL;
	static const char *const wrong[] = { "PAP",        ":RED",   "PAP:",  "/x",
					     "statement/", "a:b\nc", "a:\xff" };
	char longest[258];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[1] = ':';
	longest[257] = '\0';
	assert_true(store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", "PAP:RED"));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", wrong[i]), "%s", wrong[i]);
	assert_false(store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", longest));
	assert_string_equal(config->report.tlp_level, "PAP:RED");
	longest[256] = '\0';
	assert_true(store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", longest));
	assert_true(store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", "statement/For the CERT"));
	assert_string_equal(config->report.tlp_level, "statement/For the CERT");
}

static void test_value__takes_choices_in_any_case(void **state)
{
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	assert_true(store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", "Amber+Strict"));
	assert_string_equal(config->report.tlp_level, "amber+strict");
	assert_false(store(&config, "EMAIL_INTEL_IMAP_TLP_LEVEL", "amber strict"));
	assert_string_equal(config->report.tlp_level, "amber+strict");
	assert_true(store(&config, "CONNECTOR_LOG_LEVEL", "WARNING"));
	assert_int_equal(config->connector.log_level, EII_LOG_WARN);
	assert_true(store(&config, "CONNECTOR_LOG_LEVEL", "Debug"));
	assert_int_equal(config->connector.log_level, EII_LOG_DEBUG);
	assert_true(store(&config, "EMAIL_INTEL_IMAP_TLS", "STARTTLS"));
	assert_int_equal(config->mail.tls, EII_CONFIG_TLS_STARTTLS);
	assert_false(store(&config, "EMAIL_INTEL_IMAP_TLS", "ssl"));
	assert_false(store(&config, "CONNECTOR_TYPE", "STREAM"));
}

static void test_value__takes_lists_of_types_in_any_common_form(void **state)
{
	static const char *const lists[] = {
		"application/pdf,image/*",       "application/pdf;image/*",
		" application/pdf ; image/* ;",  "[\"application/pdf\", \"image/*\"]",
		"['Application/PDF','image/*']", "application/pdf image/*",
	};
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		CHECK(store(&config, "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES", lists[i]), "%s",
		      lists[i]);
		CHECK(config->report.n_types == 2, "%s", lists[i]);
		CHECK(eii_text_equal(config->report.types[0], eii_text_of("application/pdf")), "%s",
		      lists[i]);
		CHECK(eii_text_equal(config->report.types[1], eii_text_of("image/*")), "%s",
		      lists[i]);
	}
}

static void test_value__refuses_lists_of_types_that_match_nothing(void **state)
{
	static const char *const none[] = { "None", ",", "[]", "[\"\"]" };
	static const char *const wrong[] = { "pdf",      "pdf,csv", "*/pdf",
					     "text/",    "/csv",    "multipart/mixed",
					     "image/**", "a/b/c",   "none,none" };
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!store(&config, "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES", wrong[i]), "%s",
		      wrong[i]);
	assert_true(store(&config, "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES", "pdf,text/csv"));
	assert_int_equal(config->report.n_types, 2);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		config->report.n_types = 1;
		CHECK(store(&config, "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES", none[i]), "%s",
		      none[i]);
		CHECK(config->report.n_types == 0, "%s", none[i]);
	}
}

static void test_value__splits_lists_at_commas(void **state)
{
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	assert_true(store(&config, "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES",
			  " Application/PDF ,text/csv,, message/RFC822,"));
	assert_int_equal(config->report.n_types, 3);
	assert_true(eii_text_equal(config->report.types[0], eii_text_of("application/pdf")));
	assert_true(eii_text_equal(config->report.types[2], eii_text_of("message/rfc822")));
}

static void test_value__takes_addresses_of_http_only(void **state)
{
	static const char *const wrong[] = { "opencti.example", "ftp://a",     "https://",
					     "http:///x",       "https://a b", "a",
					     "https://a?b",     "https://a#b", "https://:80" };
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	assert_true(store(&config, "OPENCTI_URL", "https://opencti.example:8080/base//"));
	assert_string_equal(config->opencti.url, "https://opencti.example:8080/base");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!store(&config, "OPENCTI_URL", wrong[i]), "%s", wrong[i]);
	assert_string_equal(config->opencti.url, "https://opencti.example:8080/base");
	assert_true(store(&config, "OPENCTI_URL", "HTTP://opencti:4000"));
}

static void test_value__takes_a_file_in_place_of_true(void **state)
{
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	assert_true(store(&config, "OPENCTI_SSL_VERIFY", "/dev/null"));
	assert_true(config->opencti.ssl_verify);
	assert_string_equal(config->opencti.ssl_ca, "/dev/null");
	assert_false(store(&config, "OPENCTI_SSL_VERIFY", "/no/such/file"));
	assert_string_equal(config->opencti.ssl_ca, "/dev/null");
	assert_true(store(&config, "OPENCTI_SSL_VERIFY", "no"));
	assert_false(config->opencti.ssl_verify);
	assert_null(config->opencti.ssl_ca);
	assert_true(store(&config, "MQ_USE_SSL_CA", "-----BEGIN CERTIFICATE-----\nAA=="));
	assert_false(store(&config, "MQ_USE_SSL_CA", "/no/such/file"));
}

static void test_value__refuses_texts_of_more_than_one_line(void **state)
{
	EII_AUTO(eii_config) config = NULL;

	(void)state;
	assert_false(store(&config, "EMAIL_INTEL_IMAP_HOST", "a\r\nb"));
	assert_null(config->mail.host);
	assert_true(store(&config, "EMAIL_INTEL_IMAP_MAILBOX", "Eing\xc3\xa4nge"));
	assert_string_equal(config->mail.mailbox, "Eing\xc3\xa4nge");
}

static void test_value__is_shown_without_users_and_cut(void **state)
{
	const struct eii_setting *url = &eii_table[row_of("OPENCTI_URL")];
	const struct eii_setting *host = &eii_table[row_of("EMAIL_INTEL_IMAP_HOST")];
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "https://a/b", "https://a/b" },
		{ "https://u:p@a/b", "https://***@a/b" },
		{ "u:p@a", "***@a" },
		{ "https://u:p@q@a", "https://***@a" },
	};
	char many[302];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR shown = eii_value_shown(url, cases[i].text);

		assert_string_equal(shown, cases[i].shown);
	}
	for (size_t i = 0; i < 300; i += 3)
		memcpy(many + i, "\xe2\x82\xac", 4);
	{
		EII_AUTO_STR shown = eii_value_shown(host, many);

		assert_int_equal(strlen(shown), 99 + 3);
		assert_string_equal(shown + 99, "...");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value__takes_booleans_in_any_common_form),
		cmocka_unit_test(test_value__holds_numbers_to_their_range),
		cmocka_unit_test(test_value__holds_sizes_to_their_limits),
		cmocka_unit_test(test_value__takes_markings_by_type_and_name),
		cmocka_unit_test(test_value__takes_choices_in_any_case),
		cmocka_unit_test(test_value__takes_lists_of_types_in_any_common_form),
		cmocka_unit_test(test_value__refuses_lists_of_types_that_match_nothing),
		cmocka_unit_test(test_value__splits_lists_at_commas),
		cmocka_unit_test(test_value__takes_addresses_of_http_only),
		cmocka_unit_test(test_value__takes_a_file_in_place_of_true),
		cmocka_unit_test(test_value__refuses_texts_of_more_than_one_line),
		cmocka_unit_test(test_value__is_shown_without_users_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
