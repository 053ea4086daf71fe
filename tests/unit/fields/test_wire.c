/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/wire.h"

#include "eii/base/alloc.h"
#include "support.h"
#include "wire_private.h"

#define HEAD EII_WIRE_ANSWER_HEAD_BYTES

/* ---- helpers ----------------------------------------------------------------- */

/* Overwrites n bytes at an offset with a little-endian number. */
static void patch(char *data, size_t at, unsigned n, uint64_t number)
{
	struct eii_wire_writer writer = { (unsigned char *)data + at };

	eii_wire_put(&writer, n, number);
}

/* Two attachments, every text set. */
static struct eii_fields *sample_fields(void)
{
	struct eii_fields *fields = eii_fields_new();
	struct eii_attachment *a;

	fields->subject = eii_text_of("Gr\xc3\xbc\xc3\x9f"
				      "e");
	fields->sender = eii_text_of("a@example.org");
	fields->reply_to = eii_text_of("b@example.org");
	fields->message_id = eii_text_of("<1@example.org>");
	fields->date = (struct eii_date){ true, true, -90, -1000 };
	fields->content_kind = EII_CONTENT_HTML;
	fields->content = eii_text_of("<p>hello</p>");
	fields->defects = EII_DEFECT_TOO_DEEP | EII_DEFECT_NO_DATE;
	a = eii_fields_add_attachment(fields);
	a->name = eii_text_of("a.pdf");
	a->mime_type = eii_text_of("application/pdf");
	a->data = eii_text("%PDF\0\xff", 6);
	a->size_bytes = 6;
	memset(a->sha256, 0xab, sizeof(a->sha256));
	a = eii_fields_add_attachment(fields);
	a->name = eii_text_of("b.png");
	a->mime_type = eii_text_of("image/png");
	a->fate = EII_ATTACHMENT_TYPE_NOT_LISTED;
	a->size_bytes = 77;
	return fields;
}

static const struct eii_wire_expected full = { EII_CONVERT_FULL, 1000, 1000 };

/* A whole answer; the caller frees *out with eii_buf_clear(). */
static void write_answer(const struct eii_fields *fields, struct eii_buf *out)
{
	struct eii_buf_sink sink;
	struct eii_error err = { 0 };

	eii_buf_init(out, 64u * 1024 * 1024);
	eii_buf_sink_init(&sink, out);
	CHECK(eii_wire_answer_write(7, fields, SIZE_MAX, &sink.base, &err) == EII_OK, "%s",
	      err.text);
}

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

/* ---- ready --------------------------------------------------------------------- */

static void test_wire__ready_word_comes_back(void **state)
{
	static const struct eii_wire_ready rows[] = { { false, 7, 0 }, { true, 0, 3 } };
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned char word[EII_WIRE_READY_BYTES];
		struct eii_wire_ready ready;

		eii_wire_ready_encode(&rows[i], word);
		assert_int_equal(eii_wire_ready_decode(word, &ready, &err), EII_OK);
		assert_int_equal(ready.is_relaxed, rows[i].is_relaxed);
		assert_int_equal(ready.landlock_abi, rows[i].landlock_abi);
		assert_int_equal(ready.missing_charsets, rows[i].missing_charsets);
	}
}

static void test_wire__refuses_another_program_or_version(void **state)
{
	static const size_t at[] = { 0, 3, 4 };
	const struct eii_wire_ready ready = { false, 7, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		unsigned char word[EII_WIRE_READY_BYTES];
		struct eii_wire_ready out = { .landlock_abi = 42 };
		struct eii_error err;

		eii_wire_ready_encode(&ready, word);
		word[at[i]]++;
		CHECK(eii_wire_ready_decode(word, &out, &err) == EII_REJECT, "byte %zu", at[i]);
		CHECK(out.landlock_abi == 42, "byte %zu wrote its output", at[i]);
	}
}

/* ---- request ------------------------------------------------------------------- */

static void encode_request(const struct eii_convert_settings *settings, struct eii_buf *out)
{
	struct eii_error err;

	eii_buf_init(out, EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_TYPES_MAX_BYTES);
	assert_int_equal(eii_wire_request_encode(9, EII_CONVERT_SCAN, settings, 123456, out, &err),
			 EII_OK);
}

static void test_wire__request_comes_back(void **state)
{
	char longest[EII_LIMIT_MIME_TYPE_BYTES + 1];
	const struct eii_text types[] = { eii_text_of("application/pdf"),
					  eii_text(longest, EII_LIMIT_MIME_TYPE_BYTES + 1),
					  eii_text(longest, EII_LIMIT_MIME_TYPE_BYTES),
					  eii_text_of("") };
	const struct eii_convert_settings settings = { .content = EII_CONTENT_VERBATIM,
						       .attach_forwarded = true,
						       .inline_image_bytes = 4000000000,
						       .max_file_bytes = UINT64_C(1) << 40,
						       .types = types,
						       .n_types = ARRAY_LEN(types) };
	struct eii_wire_request request;
	struct eii_text *out = NULL;
	struct eii_error err;
	struct eii_buf wire;
	size_t n = 0;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	encode_request(&settings, &wire);
	assert_int_equal(eii_wire_request_decode((unsigned char *)wire.data, &request, &err),
			 EII_OK);
	assert_int_equal(request.number, 9);
	assert_int_equal(request.mode, EII_CONVERT_SCAN);
	assert_int_equal(request.mail_bytes, 123456);
	assert_int_equal(request.settings.content, EII_CONTENT_VERBATIM);
	assert_true(request.settings.attach_forwarded);
	assert_int_equal(request.settings.inline_image_bytes, 4000000000);
	assert_int_equal(request.settings.max_file_bytes, UINT64_C(1) << 40);
	assert_int_equal(wire.len, EII_WIRE_REQUEST_HEAD_BYTES + request.types_bytes);
	assert_int_equal(eii_wire_request_types(eii_text(wire.data + EII_WIRE_REQUEST_HEAD_BYTES,
							 request.types_bytes),
						&out, &n, &err),
			 EII_OK);
	/* The one that no part can have, and the empty one, are left out. */
	assert_int_equal(n, 2);
	assert_true(eii_text_equal(out[0], types[0]));
	assert_true(eii_text_equal(out[1], types[2]));
	free(out);
	eii_buf_clear(&wire);
}

static void test_wire__request_has_a_ceiling_of_types(void **state)
{
	enum { EACH = 128, N = EII_WIRE_TYPES_MAX_BYTES / EACH };
	char name[EACH];
	struct eii_text types[N + 1];
	struct eii_convert_settings settings = { .types = types, .n_types = N };
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(name, 'x', sizeof(name));
	for (size_t i = 0; i < N; i++)
		types[i] = eii_text(name, EACH - 1);
	types[N] = eii_text(name, 1);
	encode_request(&settings, &wire);
	assert_int_equal(wire.len, EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_TYPES_MAX_BYTES);
	eii_buf_reset(&wire);
	settings.n_types = N + 1;
	assert_int_equal(eii_wire_request_encode(9, EII_CONVERT_FULL, &settings, 1, &wire, &err),
			 EII_FATAL);
	assert_int_equal(wire.len, 0);
	eii_buf_clear(&wire);
}

static void test_wire__refuses_a_broken_request(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned n;
		uint64_t value;
		enum eii_rc rc;
	} rows[] = {
		{ "magic", 0, 1, 'X', EII_REJECT },
		{ "version", 4, 2, EII_WIRE_VERSION + 1, EII_REJECT },
		{ "mode", 6, 1, EII_CONVERT_SCAN + 1, EII_REJECT },
		{ "content", 7, 1, EII_CONTENT_VERBATIM + 1, EII_REJECT },
		{ "mail", 16, 8, EII_LIMIT_MAIL_BYTES_MAX, EII_OK },
		{ "mail", 16, 8, (uint64_t)EII_LIMIT_MAIL_BYTES_MAX + 1, EII_REJECT },
		{ "types", 40, 4, EII_WIRE_TYPES_MAX_BYTES, EII_OK },
		{ "types", 40, 4, EII_WIRE_TYPES_MAX_BYTES + 1, EII_REJECT },
	};
	const struct eii_convert_settings settings = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_wire_request request = { .number = 42 };
		struct eii_error err;
		struct eii_buf wire;

		encode_request(&settings, &wire);
		patch(wire.data, rows[i].at, rows[i].n, rows[i].value);
		CHECK(eii_wire_request_decode((unsigned char *)wire.data, &request, &err) ==
			      rows[i].rc,
		      "%s %zu", rows[i].what, i);
		if (rows[i].rc)
			CHECK(request.number == 42, "%s wrote its output", rows[i].what);
		eii_buf_clear(&wire);
	}
}

static void test_wire__refuses_cut_types(void **state)
{
	static const char *const rows[] = { "\x01",
					    "\x02"
					    "a",
					    "\x01"
					    "a\x05"
					    "b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_text *out = NULL;
		struct eii_error err;
		size_t n = 42;

		CHECK(eii_wire_request_types(eii_text_of(rows[i]), &out, &n, &err) == EII_REJECT,
		      "row %zu", i);
		CHECK(!out && n == 42, "row %zu wrote its output", i);
	}
}

/* ---- answer: heads -------------------------------------------------------------- */

static void test_wire__refuses_a_broken_answer_head(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned n;
		uint64_t value;
		enum eii_rc rc;
	} rows[] = {
		{ "magic", 0, 1, 'X', EII_REJECT },
		{ "version", 4, 2, EII_WIRE_VERSION + 1, EII_REJECT },
		{ "status", 6, 2, EII_WIRE_FAILED + 1, EII_REJECT },
		{ "body", 16, 8, 100, EII_OK },
		{ "body", 16, 8, 101, EII_REJECT },
		{ "body", 16, 8, UINT64_MAX, EII_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO(eii_fields) fields = eii_fields_new();
		struct eii_wire_answer answer = { .number = 42 };
		struct eii_error err;
		struct eii_buf wire;

		write_answer(fields, &wire);
		patch(wire.data, rows[i].at, rows[i].n, rows[i].value);
		CHECK(eii_wire_answer_decode((unsigned char *)wire.data, 100, &answer, &err) ==
			      rows[i].rc,
		      "%s %zu", rows[i].what, i);
		CHECK(answer.number == (rows[i].rc ? 42 : 7), "%s %zu", rows[i].what, i);
		eii_buf_clear(&wire);
	}
}

static void test_wire__failure_is_a_short_text(void **state)
{
	char words[EII_WIRE_FAILURE_MAX_BYTES + 1];
	struct eii_wire_answer answer;
	struct eii_buf_sink sink;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(words, 'w', sizeof(words));
	eii_buf_init(&wire, 4096);
	eii_buf_sink_init(&sink, &wire);
	assert_int_equal(
		eii_wire_failure_write(3, eii_text(words, sizeof(words)), &sink.base, &err),
		EII_OK);
	assert_int_equal(
		eii_wire_answer_decode((unsigned char *)wire.data, SIZE_MAX, &answer, &err),
		EII_OK);
	assert_int_equal(answer.status, EII_WIRE_FAILED);
	assert_int_equal(answer.number, 3);
	assert_int_equal(answer.body_bytes, EII_WIRE_FAILURE_MAX_BYTES);
	assert_int_equal(wire.len, HEAD + EII_WIRE_FAILURE_MAX_BYTES);
	patch(wire.data, 16, 8, EII_WIRE_FAILURE_MAX_BYTES + 1);
	assert_int_equal(
		eii_wire_answer_decode((unsigned char *)wire.data, SIZE_MAX, &answer, &err),
		EII_REJECT);
	eii_buf_clear(&wire);
}

static void test_wire__answer_ceiling_follows_the_mail(void **state)
{
	(void)state;
	assert_int_equal(eii_wire_answer_max_bytes(0), EII_LIMIT_ANSWER_EXTRA_BYTES);
	assert_int_equal(eii_wire_answer_max_bytes(1000), EII_LIMIT_ANSWER_EXTRA_BYTES + 8000);
	assert_true(eii_wire_answer_max_bytes(UINT64_MAX) > UINT64_MAX / 2);
}

static void test_wire__writes_nothing_when_the_answer_is_too_large(void **state)
{
	EII_AUTO(eii_fields) fields = sample_fields();
	struct eii_buf_sink sink;
	struct eii_error err;
	struct eii_buf wire;
	size_t size;

	(void)state;
	write_answer(fields, &wire);
	size = wire.len - HEAD;
	eii_buf_reset(&wire);
	eii_buf_sink_init(&sink, &wire);
	assert_int_equal(eii_wire_answer_write(7, fields, size - 1, &sink.base, &err), EII_REJECT);
	assert_int_equal(wire.len, 0);
	assert_int_equal(eii_wire_answer_write(7, fields, size, &sink.base, &err), EII_OK);
	assert_int_equal(wire.len, HEAD + size);
	eii_buf_clear(&wire);
}

/* ---- answer: fields --------------------------------------------------------------- */

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
	EII_AUTO(eii_fields) fields = sample_fields();
	EII_AUTO(eii_fields) out = NULL;
	struct eii_error err = { 0 };
	struct eii_buf wire;

	(void)state;
	write_answer(fields, &wire);
	CHECK(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err) == EII_OK, "%s",
	      err.text);
	eii_buf_clear(&wire);
	assert_true(eii_text_equal(out->subject, fields->subject));
	assert_true(eii_text_equal(out->sender, fields->sender));
	assert_true(eii_text_equal(out->reply_to, fields->reply_to));
	assert_true(eii_text_equal(out->message_id, fields->message_id));
	assert_true(eii_text_equal(out->content, fields->content));
	assert_int_equal(out->content_kind, EII_CONTENT_HTML);
	assert_int_equal(out->defects, fields->defects);
	assert_true(out->date.is_known && out->date.has_offset);
	assert_int_equal(out->date.offset_min, -90);
	assert_int_equal(out->date.unix_s, -1000);
	check_same_attachments(fields, out);
}

static void test_wire__every_cut_answer_is_refused(void **state)
{
	EII_AUTO(eii_fields) fields = sample_fields();
	struct eii_buf wire;

	(void)state;
	write_answer(fields, &wire);
	for (size_t len = 0; len < wire.len - HEAD; len++) {
		EII_AUTO_STR row = eii_asprintf("the first %zu bytes", len);

		check_refused(wire.data + HEAD, len, &full, row);
	}
	eii_buf_add_char(&wire, 'x');
	check_refused(wire.data + HEAD, wire.len - HEAD, &full, "one byte more");
	eii_buf_clear(&wire);
}

/* Offsets in the body of sample_fields(): see wire_private.h and write_fixed(). */
#define ENTRY(i)      (EII_WIRE_FIXED_BYTES + (i)*EII_WIRE_ENTRY_BYTES)
#define AT_TEXTS      ENTRY(2)
#define SUBJECT_LEN   7
#define AT_SENDER     (AT_TEXTS + SUBJECT_LEN)
#define AT_FIRST_NAME (AT_SENDER + 13 + 13 + 15 + 12)

static void test_wire__refuses_every_lie_of_one_number(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned n;
		uint64_t value;
	} rows[] = {
		{ "defect", 0, 4, (uint64_t)EII_DEFECT_BODY_NOT_READ * 2 },
		{ "kind", 4, 1, EII_CONTENT_HTML + 1 },
		{ "content of no kind", 4, 1, EII_CONTENT_EMPTY },
		{ "date's flags", 5, 1, 4 },
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
		{ "huge content", 40, 8, UINT64_MAX },
		{ "content's length", 40, 8, 11 },
		{ "fate", ENTRY(0), 4, EII_ATTACHMENT_FATES },
		{ "fate without bytes", ENTRY(1), 4, EII_ATTACHMENT_KEPT },
		{ "bytes without the fate", ENTRY(0), 4, EII_ATTACHMENT_INLINE },
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
	EII_AUTO(eii_fields) fields = sample_fields();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_buf wire;

		write_answer(fields, &wire);
		assert_memory_equal(wire.data + HEAD + AT_FIRST_NAME, "a.pdf", 5);
		patch(wire.data + HEAD, rows[i].at, rows[i].n, rows[i].value);
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
		write_answer(fields, &wire);
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
	write_answer(fields, &wire);
	assert_int_equal(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err), EII_OK);
	assert_int_equal(out->subject.len, EII_LIMIT_SUBJECT_BYTES - 1);
	assert_int_equal(out->message_id.len, EII_LIMIT_MESSAGE_ID_BYTES);
	assert_int_equal(out->sender.len, EII_LIMIT_ADDRESS_BYTES);
	eii_buf_clear(&wire);
}

static void test_wire__scan_has_headers_only(void **state)
{
	const struct eii_wire_expected scan = { EII_CONVERT_SCAN, 1000, 1000 };
	EII_AUTO(eii_fields) fields = sample_fields();
	EII_AUTO(eii_fields) out = NULL;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	write_answer(fields, &wire);
	check_refused(wire.data + HEAD, wire.len - HEAD, &scan, "content and files");
	eii_buf_clear(&wire);
	fields->n_attachments = 0;
	write_answer(fields, &wire);
	check_refused(wire.data + HEAD, wire.len - HEAD, &scan, "content");
	eii_buf_clear(&wire);
	fields->content = eii_text(NULL, 0);
	write_answer(fields, &wire);
	assert_int_equal(decode(wire.data + HEAD, wire.len - HEAD, &scan, &out, &err), EII_OK);
	eii_buf_clear(&wire);
}

static void test_wire__bounds_files_by_the_settings(void **state)
{
	struct eii_wire_expected expected = { EII_CONVERT_FULL, 1000, 6 };
	EII_AUTO(eii_fields) fields = sample_fields();
	EII_AUTO(eii_fields) out = NULL;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	write_answer(fields, &wire);
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
		write_answer(fields, &wire);
		CHECK(decode(wire.data + HEAD, wire.len - HEAD, &full, &out, &err) == rows[i].rc,
		      "%zu of fate %d", rows[i].n, (int)rows[i].fate);
		eii_buf_clear(&wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire__ready_word_comes_back),
		cmocka_unit_test(test_wire__refuses_another_program_or_version),
		cmocka_unit_test(test_wire__request_comes_back),
		cmocka_unit_test(test_wire__request_has_a_ceiling_of_types),
		cmocka_unit_test(test_wire__refuses_a_broken_request),
		cmocka_unit_test(test_wire__refuses_cut_types),
		cmocka_unit_test(test_wire__refuses_a_broken_answer_head),
		cmocka_unit_test(test_wire__failure_is_a_short_text),
		cmocka_unit_test(test_wire__answer_ceiling_follows_the_mail),
		cmocka_unit_test(test_wire__writes_nothing_when_the_answer_is_too_large),
		cmocka_unit_test(test_wire__fields_come_back),
		cmocka_unit_test(test_wire__every_cut_answer_is_refused),
		cmocka_unit_test(test_wire__refuses_every_lie_of_one_number),
		cmocka_unit_test(test_wire__accepts_dates_at_their_limits),
		cmocka_unit_test(test_wire__cuts_texts_at_their_ceiling),
		cmocka_unit_test(test_wire__scan_has_headers_only),
		cmocka_unit_test(test_wire__bounds_files_by_the_settings),
		cmocka_unit_test(test_wire__bounds_the_number_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
