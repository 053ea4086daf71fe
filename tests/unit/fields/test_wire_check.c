/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of an answer: what comes back, and what is refused. */
#include "eii/base/alloc.h"
#include "eii/fields/wire.h"
#include "support.h"
#include "wire_private.h"
#include "wire_samples.h"

#define HEAD EII_WIRE_ANSWER_HEAD_BYTES

static const struct eii_wire_expected full = { .mode = EII_CONVERT_FULL,
					       .mail_bytes = 1000,
					       .max_file_bytes = 1000 };

/* Decodes a copy of a body, which is freed here when it is refused. */
static enum eii_rc decode(const char *body, size_t len, const struct eii_wire_expected *expected,
			  struct eii_fields **out, struct eii_error *err)
{
	char *copy = eii_strndup(body, len);
	enum eii_rc rc = eii_wire_fields_decode(copy, len, expected, out, err);

	if (rc)
		free(copy);
	return rc;
}

static void check_refused(const char *body, size_t len, const struct eii_wire_expected *expected,
			  const char *row)
{
	struct eii_fields *untouched = NULL;
	struct eii_error err = { 0 };

	CHECK(decode(body, len, expected, &untouched, &err) == EII_REJECT, "%s", row);
	CHECK(!untouched, "%s wrote its output", row);
	CHECK(err.text[0], "%s says nothing", row);
}

static void check_same_attachments(const struct eii_fields *a, const struct eii_fields *b)
{
	assert_int_equal(a->n_attachments, b->n_attachments);
	for (size_t i = 0; i < a->n_attachments; i++) {
		const struct eii_attachment *x = &a->attachments[i];
		const struct eii_attachment *y = &b->attachments[i];

		assert_true(eii_text_equal(x->name, y->name));
		assert_true(eii_text_equal(x->mime_type, y->mime_type));
		assert_true(eii_text_equal(x->data, y->data));
		assert_int_equal(x->fate, y->fate);
		assert_int_equal(x->size_bytes, y->size_bytes);
		assert_memory_equal(x->sha256, y->sha256, EII_SHA256_BYTES);
	}
}

static void test_wire__fields_come_back(void **state)
{
	EII_AUTO(eii_fields) fields = wire_sample_fields();
	EII_AUTO(eii_fields) out = NULL;
	struct eii_error err = { 0 };
	struct eii_buf wire;

	(void)state;
	wire_write_answer(fields, &wire);
	CHECK(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err) == EII_OK, "%s",
	      err.text);
	eii_buf_clear(&wire);
	assert_true(eii_text_equal(out->subject, fields->subject));
	assert_true(eii_text_equal(out->sender, fields->sender));
	assert_true(eii_text_equal(out->reply_to, fields->reply_to));
	assert_true(eii_text_equal(out->recipients, fields->recipients));
	assert_true(eii_text_equal(out->message_id, fields->message_id));
	assert_true(eii_text_equal(out->content, fields->content));
	assert_int_equal(out->content_kind, EII_CONTENT_HTML);
	assert_int_equal(out->defects, fields->defects);
	assert_int_equal(out->n_addresses, fields->n_addresses);
	assert_true(out->date.is_known && out->date.has_offset);
	assert_int_equal(out->date.offset_min, -90);
	assert_int_equal(out->date.unix_s, -1000);
	check_same_attachments(fields, out);
}

static void test_wire__every_cut_answer_is_refused(void **state)
{
	EII_AUTO(eii_fields) fields = wire_sample_fields();
	struct eii_buf wire;

	(void)state;
	wire_write_answer(fields, &wire);
	for (size_t len = 0; len < wire.len - HEAD; len++) {
		EII_AUTO_STR row = eii_asprintf("the first %zu bytes", len);

		check_refused(wire.data + HEAD, len, &full, row);
	}
	eii_buf_add_char(&wire, 'x');
	check_refused(wire.data + HEAD, wire.len - HEAD, &full, "one byte more");
	eii_buf_clear(&wire);
}

/* Offsets in the body of wire_sample_fields(): see wire_private.h and write_fixed(). */
#define ENTRY(i)      (EII_WIRE_FIXED_BYTES + (i)*EII_WIRE_ENTRY_BYTES)
#define AT_TEXTS      ENTRY(2)
#define SUBJECT_LEN   7
#define AT_SENDER     (AT_TEXTS + SUBJECT_LEN)
#define AT_FIRST_NAME (AT_SENDER + 13 + 13 + 28 + 15 + 12)

static void test_wire__refuses_every_lie_of_one_number(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned n;
		uint64_t value;
	} rows[] = {
		{ "defect", 0, 4, (uint64_t)EII_DEFECTS_ALL + 1 },
		{ "kind", 4, 1, EII_CONTENT_HTML + 1 },
		{ "content of no kind", 4, 1, EII_CONTENT_EMPTY },
		{ "a word of the sender that nobody asked for", 5, 1, 4 },
		{ "offset", 8, 4, 1440 },
		{ "negative offset", 8, 4, (uint32_t)-1440 },
		{ "count of attachments", 12, 4, 3 },
		{ "fewer attachments", 12, 4, 1 },
		{ "huge count", 12, 4, UINT32_MAX },
		{ "date too early", 16, 8, (uint64_t)INT64_C(-62135596801) },
		{ "date too late", 16, 8, UINT64_C(253402300800) },
		{ "subject's length", 24, 4, SUBJECT_LEN + 1 },
		{ "subject over the body", 24, 4, 60000 },
		{ "subject over its limit", 24, 4, EII_LIMIT_SUBJECT_BYTES + 1 },
		{ "subject that cuts a character", 24, 4, 3 },
		{ "sender over its limit", 28, 4, EII_LIMIT_ADDRESS_BYTES + 1 },
		{ "recipients over their limit", 36, 4, EII_LIMIT_RECIPIENTS_BYTES + 1 },
		{ "huge content", 44, 8, UINT64_MAX },
		{ "content's length", 44, 8, 11 },
		{ "fate", ENTRY(0), 2, EII_ATTACHMENT_FATES },
		{ "fate without bytes", ENTRY(1), 2, EII_ATTACHMENT_KEPT },
		{ "bytes without the fate", ENTRY(0), 2, EII_ATTACHMENT_INLINE },
		{ "kind", ENTRY(0) + 2, 2, EII_FILE_KINDS },
		{ "name over its limit", ENTRY(0) + 4, 4, EII_LIMIT_FILE_NAME_BYTES + 1 },
		{ "type over its limit", ENTRY(0) + 8, 4, EII_LIMIT_MIME_TYPE_BYTES + 1 },
		{ "size not that of the bytes", ENTRY(0) + 12, 8, 5 },
		{ "size beyond all", ENTRY(1) + 12, 8, EII_LIMIT_ANSWER_EXTRA_BYTES + 8001 },
		{ "huge file", ENTRY(0) + 20, 8, UINT64_MAX },
		{ "NUL in the subject", AT_TEXTS, 1, 0 },
		{ "half a character", AT_TEXTS + 1, 1, 0xc3 },
		{ "sender not UTF-8", AT_SENDER, 1, 0xff },
		{ "NUL in a name", AT_FIRST_NAME, 1, 0 },
		{ "name not UTF-8", AT_FIRST_NAME, 1, 0xc0 },
	};
	EII_AUTO(eii_fields) fields = wire_sample_fields();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_buf wire;

		wire_write_answer(fields, &wire);
		assert_memory_equal(wire.data + HEAD + AT_FIRST_NAME, "a.pdf", 5);
		wire_patch(wire.data + HEAD, rows[i].at, rows[i].n, rows[i].value);
		check_refused(wire.data + HEAD, wire.len - HEAD, &full, rows[i].what);
		eii_buf_clear(&wire);
	}
}

static void test_wire__accepts_dates_at_their_limits(void **state)
{
	static const struct eii_date rows[] = {
		{ true, true, 1439, INT64_C(-62135596800) },
		{ true, true, -1439, INT64_C(253402300799) },
		{ false, false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO(eii_fields) fields = eii_fields_new();
		EII_AUTO(eii_fields) out = NULL;
		struct eii_error err;
		struct eii_buf wire;

		fields->date = rows[i];
		wire_write_answer(fields, &wire);
		CHECK(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err) == EII_OK,
		      "row %zu: %s", i, err.text);
		CHECK(out->date.unix_s == rows[i].unix_s, "row %zu", i);
		CHECK(out->date.offset_min == rows[i].offset_min, "row %zu", i);
		eii_buf_clear(&wire);
	}
}

static void test_wire__cuts_texts_at_their_ceiling(void **state)
{
	const size_t len = EII_LIMIT_SUBJECT_BYTES + 2;
	EII_AUTO(eii_fields) fields = eii_fields_new();
	EII_AUTO(eii_fields) out = NULL;
	EII_AUTO_STR text = eii_calloc(len + 1, 1);
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(text, 'x', len);
	/* A character of two bytes across the ceiling goes as a whole. */
	memcpy(text + EII_LIMIT_SUBJECT_BYTES - 1, "\xc3\xbc", 2);
	fields->subject = eii_text(text, len);
	fields->message_id = eii_text(text, EII_LIMIT_MESSAGE_ID_BYTES);
	fields->sender = eii_text(text, EII_LIMIT_ADDRESS_BYTES + 1);
	fields->recipients = eii_text(text, len);
	wire_write_answer(fields, &wire);
	assert_int_equal(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err), EII_OK);
	assert_int_equal(out->subject.len, EII_LIMIT_SUBJECT_BYTES - 1);
	assert_int_equal(out->message_id.len, EII_LIMIT_MESSAGE_ID_BYTES);
	assert_int_equal(out->sender.len, EII_LIMIT_ADDRESS_BYTES);
	assert_int_equal(out->recipients.len, EII_LIMIT_RECIPIENTS_BYTES - 1);
	eii_buf_clear(&wire);
}

/* What is asked for has an answer, and a known one. */
static void test_wire__takes_what_the_server_says_where_it_was_asked_for(void **state)
{
	const struct eii_wire_expected asked = { .mode = EII_CONVERT_FULL,
						 .has_authority = true,
						 .mail_bytes = 1000,
						 .max_file_bytes = 1000 };

	(void)state;
	for (unsigned value = 0; value <= EII_AUTHENTICATION_NO_ONE_SENDER + 1; value++) {
		EII_AUTO(eii_fields) fields = wire_sample_fields();
		EII_AUTO(eii_fields) out = NULL;
		bool is_good = value >= EII_AUTHENTICATION_PASSED &&
			       value <= EII_AUTHENTICATION_NO_ONE_SENDER;
		struct eii_error err;
		struct eii_buf wire;
		enum eii_rc rc;

		fields->authentication = (enum eii_authentication)value;
		wire_write_answer(fields, &wire);
		rc = decode(wire.data + HEAD, wire.len - HEAD, &asked, &out, &err);
		CHECK(rc == (is_good ? EII_OK : EII_REJECT), "value %u", value);
		CHECK(!out || out->authentication == fields->authentication, "value %u", value);
		eii_buf_clear(&wire);
	}
}

static void test_wire__takes_a_known_level_where_it_was_asked_for(void **state)
{
	struct eii_wire_expected expected = { .mode = EII_CONVERT_FULL,
					      .mail_bytes = 1000,
					      .max_file_bytes = 1000 };

	(void)state;
	for (unsigned i = 0; i < 2 * (EII_TLP_RED + 2); i++) {
		EII_AUTO(eii_fields) fields = wire_sample_fields();
		EII_AUTO(eii_fields) out = NULL;
		const unsigned value = i / 2;
		struct eii_error err;
		struct eii_buf wire;
		bool is_good;

		expected.asks_tlp = i % 2;
		is_good = expected.asks_tlp ? value <= EII_TLP_RED : value == EII_TLP_NONE;
		fields->tlp = (enum eii_tlp)value;
		wire_write_answer(fields, &wire);
		CHECK(decode(wire.data + HEAD, wire.len - HEAD, &expected, &out, &err) ==
			      (is_good ? EII_OK : EII_REJECT),
		      "value %u, asked for: %d", value, expected.asks_tlp);
		CHECK(!out || out->tlp == fields->tlp, "value %u", value);
		CHECK(!out || out->authentication == EII_AUTHENTICATION_NOT_ASKED, "value %u",
		      value);
		eii_buf_clear(&wire);
	}
}

static void test_wire__scan_has_headers_only(void **state)
{
	const struct eii_wire_expected scan = { .mode = EII_CONVERT_SCAN,
						.mail_bytes = 1000,
						.max_file_bytes = 1000 };
	EII_AUTO(eii_fields) fields = wire_sample_fields();
	EII_AUTO(eii_fields) out = NULL;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	wire_write_answer(fields, &wire);
	check_refused(wire.data + HEAD, wire.len - HEAD, &scan, "content and files");
	eii_buf_clear(&wire);
	fields->n_attachments = 0;
	wire_write_answer(fields, &wire);
	check_refused(wire.data + HEAD, wire.len - HEAD, &scan, "content");
	eii_buf_clear(&wire);
	fields->content = eii_text(NULL, 0);
	wire_write_answer(fields, &wire);
	assert_int_equal(decode(wire.data + HEAD, wire.len - HEAD, &scan, &out, &err), EII_OK);
	eii_buf_clear(&wire);
}

static void test_wire__bounds_files_by_the_settings(void **state)
{
	struct eii_wire_expected expected = { .mode = EII_CONVERT_FULL,
					      .mail_bytes = 1000,
					      .max_file_bytes = 6 };
	EII_AUTO(eii_fields) fields = wire_sample_fields();
	EII_AUTO(eii_fields) out = NULL;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	wire_write_answer(fields, &wire);
	assert_int_equal(decode(wire.data + HEAD, wire.len - HEAD, &expected, &out, &err), EII_OK);
	expected.max_file_bytes = 5;
	check_refused(wire.data + HEAD, wire.len - HEAD, &expected, "a file over the limit");
	eii_buf_clear(&wire);
}

static void test_wire__bounds_the_number_of_files(void **state)
{
	static const struct {
		size_t n;
		enum eii_attachment_fate fate;
		enum eii_rc rc;
	} rows[] = {
		{ EII_LIMIT_ATTACHMENTS, EII_ATTACHMENT_KEPT, EII_OK },
		{ EII_LIMIT_ATTACHMENTS + 1, EII_ATTACHMENT_KEPT, EII_REJECT },
		{ EII_LIMIT_PARTS, EII_ATTACHMENT_TOO_MANY, EII_OK },
		{ EII_LIMIT_PARTS + 1, EII_ATTACHMENT_TOO_MANY, EII_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO(eii_fields) fields = eii_fields_new();
		EII_AUTO(eii_fields) out = NULL;
		struct eii_error err;
		struct eii_buf wire;

		for (size_t n = 0; n < rows[i].n; n++)
			eii_fields_add_attachment(fields)->fate = rows[i].fate;
		wire_write_answer(fields, &wire);
		CHECK(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err) == rows[i].rc,
		      "%zu of fate %d", rows[i].n, (int)rows[i].fate);
		eii_buf_clear(&wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire__fields_come_back),
		cmocka_unit_test(test_wire__every_cut_answer_is_refused),
		cmocka_unit_test(test_wire__refuses_every_lie_of_one_number),
		cmocka_unit_test(test_wire__accepts_dates_at_their_limits),
		cmocka_unit_test(test_wire__cuts_texts_at_their_ceiling),
		cmocka_unit_test(test_wire__takes_what_the_server_says_where_it_was_asked_for),
		cmocka_unit_test(test_wire__takes_a_known_level_where_it_was_asked_for),
		cmocka_unit_test(test_wire__scan_has_headers_only),
		cmocka_unit_test(test_wire__bounds_files_by_the_settings),
		cmocka_unit_test(test_wire__bounds_the_number_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
