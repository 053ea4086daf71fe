/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/cms.h"

#include "support.h"

#include "cms_samples.h"

#define MAX   (1u << 24)
#define WORDS "signed words"

static void check_open(struct eii_buf *bytes, enum eii_cms wanted, const char *content,
		       const char *row)
{
	enum eii_cms got = eii_cms_open(bytes);

	CHECK(got == wanted, "%s gave %d", row, (int)got);
	CHECK(!content || eii_text_equal(eii_buf_text(bytes), eii_text_of(content)), "%s gave '%s'",
	      row, bytes->data);
	eii_buf_clear(bytes);
}

static void test_cms__reads_content_of_told_and_untold_length(void **state)
{
	struct eii_buf bytes;

	(void)state;
	eii_buf_init(&bytes, MAX);
	cms_sign(eii_text_of(WORDS), BER_DEFINITE, &bytes);
	check_open(&bytes, EII_CMS_SIGNED, WORDS, "definite");
	cms_sign(eii_text_of(WORDS), BER_INDEFINITE, &bytes);
	check_open(&bytes, EII_CMS_SIGNED, WORDS, "indefinite");
	cms_sign(eii_text_of(""), BER_DEFINITE, &bytes);
	check_open(&bytes, EII_CMS_SIGNED, "", "nothing");
	/* X.690, 8.7.3.2: pieces of told length in an octet string of told length. */
	ber_add(&bytes, 0x04, "signed", 6);
	ber_add(&bytes, 0x04, "", 0);
	ber_add(&bytes, 0x04, " words", 6);
	ber_wrap(&bytes, 0x24, BER_DEFINITE);
	ber_add(&bytes, 0x04, "!", 1);
	ber_wrap(&bytes, 0x24, BER_INDEFINITE);
	cms_wrap(&bytes, OID_SIGNED, BER_INDEFINITE);
	check_open(&bytes, EII_CMS_SIGNED, WORDS "!", "pieces");
}

static void test_cms__follows_nested_pieces_up_to_the_limit(void **state)
{
	(void)state;
	for (int n = EII_CMS_NESTED_MAX; n <= EII_CMS_NESTED_MAX + 1; n++) {
		struct eii_buf bytes;

		eii_buf_init(&bytes, MAX);
		ber_add(&bytes, 0x04, WORDS, strlen(WORDS));
		for (int i = 0; i < n; i++)
			ber_wrap(&bytes, 0x24, i % 2 ? BER_DEFINITE : BER_INDEFINITE);
		cms_wrap(&bytes, OID_SIGNED, BER_DEFINITE);
		if (n == EII_CMS_NESTED_MAX)
			check_open(&bytes, EII_CMS_SIGNED, WORDS, "at the limit");
		else
			check_open(&bytes, EII_CMS_SIGNED_CUT, "", "one past it");
	}
}

static void test_cms__tells_the_kinds_apart(void **state)
{
	static const struct {
		const char *row;
		const char *type;
		const char *content; /* an octet string; NULL: none */
		enum eii_cms wanted;
	} cases[] = {
		{ "signed", OID_SIGNED, WORDS, EII_CMS_SIGNED },
		{ "detached", OID_SIGNED, NULL, EII_CMS_EMPTY },
		{ "data", OID_DATA, WORDS, EII_CMS_UNREADABLE },
		{ "enveloped", OID_ENVELOPED, WORDS, EII_CMS_ENCRYPTED },
		{ "signed and enveloped", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x04", WORDS,
		  EII_CMS_ENCRYPTED },
		{ "digested", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x05", WORDS, EII_CMS_UNREADABLE },
		{ "encrypted", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06", WORDS, EII_CMS_ENCRYPTED },
		{ "compressed", OID_COMPRESSED, WORDS, EII_CMS_ENCRYPTED },
		{ "authenticated", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", WORDS,
		  EII_CMS_ENCRYPTED },
		{ "unknown", "\x2a\x03", WORDS, EII_CMS_UNREADABLE },
		{ "longer", OID_SIGNED "\x01", WORDS, EII_CMS_UNREADABLE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
		enum ber_length length = i % 2 ? BER_INDEFINITE : BER_DEFINITE;
		const char *content = cases[i / 2].content;
		enum eii_cms wanted = cases[i / 2].wanted;
		struct eii_buf bytes;
		bool is_known = wanted != EII_CMS_UNREADABLE;

		eii_buf_init(&bytes, MAX);
		if (content)
			ber_add(&bytes, 0x04, content, strlen(content));
		cms_wrap(&bytes, cases[i / 2].type, length);
		CHECK(eii_cms_starts(eii_buf_text(&bytes)) == is_known, "%s", cases[i / 2].row);
		check_open(&bytes, wanted, wanted == EII_CMS_SIGNED ? content : NULL,
			   cases[i / 2].row);
	}
}

/* A content that is of another type than data, or no octet string. */
static void test_cms__reads_no_content_of_other_types(void **state)
{
	static const char *const types[] = { OID_ENVELOPED, OID_SIGNED };
	struct eii_buf bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		char *type;

		eii_buf_init(&bytes, MAX);
		cms_sign(eii_text_of(WORDS), BER_DEFINITE, &bytes);
		type = memmem(bytes.data, bytes.len, OID_DATA, sizeof(OID_DATA) - 1);
		assert_non_null(type);
		memcpy(type, types[i], sizeof(OID_DATA) - 1);
		check_open(&bytes, i == 0 ? EII_CMS_ENCRYPTED : EII_CMS_UNREADABLE, NULL, "type");
	}
	eii_buf_init(&bytes, MAX);
	ber_add(&bytes, 0x0c, WORDS, strlen(WORDS));
	cms_wrap(&bytes, OID_SIGNED, BER_DEFINITE);
	check_open(&bytes, EII_CMS_UNREADABLE, NULL, "text");
}

/* Cut anywhere: a beginning of the content or nothing, and never said to be whole. */
static void check_cuts(enum ber_length length)
{
	struct eii_buf whole;
	const char *end;

	eii_buf_init(&whole, MAX);
	cms_sign(eii_text_of(WORDS), length, &whole);
	end = memmem(whole.data, whole.len, "words", 5);
	assert_non_null(end);
	end += 5 + (length == BER_INDEFINITE ? 2 : 0);
	for (size_t len = 0; len < whole.len; len++) {
		char *copy = malloc(len + 1);
		struct eii_buf bytes = { .data = copy, .len = len, .capacity = len + 1 };
		enum eii_cms got;

		assert_non_null(copy);
		memcpy(copy, whole.data, len);
		bytes.max = MAX;
		got = eii_cms_open(&bytes);
		CHECK((got == EII_CMS_SIGNED) == (len >= (size_t)(end - whole.data)),
		      "%zu bytes gave %d", len, (int)got);
		if (got == EII_CMS_SIGNED || got == EII_CMS_SIGNED_CUT)
			assert_memory_equal(bytes.data, WORDS, bytes.len);
		eii_buf_clear(&bytes);
	}
	eii_buf_clear(&whole);
}

static void test_cms__reads_what_is_there_of_a_cut_object(void **state)
{
	(void)state;
	check_cuts(BER_DEFINITE);
	check_cuts(BER_INDEFINITE);
}

#define HEAD     "\x30\x80\x06\x09" OID_SIGNED "\xa0\x80\x30\x80"
#define VERSION  "\x02\x01\x01"
#define TYPE     "\x30\x80\x06\x09" OID_DATA "\xa0\x80"
#define BYTES(s) s, sizeof(s) - 1

static void test_cms__survives_what_is_no_ber(void **state)
{
	static const struct {
		const char *row;
		const char *data;
		size_t len;
		enum eii_cms wanted;
	} cases[] = {
		{ "nothing", BYTES(""), EII_CMS_UNREADABLE },
		{ "text", BYTES("signed words"), EII_CMS_UNREADABLE },
		{ "length of 0xff", BYTES("\x30\xff"), EII_CMS_UNREADABLE },
		{ "length of nine bytes", BYTES("\x30\x89\x01\x01\x01\x01\x01\x01\x01\x01\x01"),
		  EII_CMS_UNREADABLE },
		{ "primitive of untold length", BYTES("\x30\x80\x06\x80"), EII_CMS_UNREADABLE },
		{ "tag number without an end", BYTES("\x3f\xff\xff\xff\xff\xff\xff"),
		  EII_CMS_UNREADABLE },
		{ "a set that is longer than all",
		  BYTES(HEAD VERSION "\x31\x88\xff\xff\xff\xff\xff\xff\xff\xff"),
		  EII_CMS_UNREADABLE },
		{ "sets in a set, never ended", BYTES(HEAD VERSION "\x31\x80\x31\x80\x31\x80"),
		  EII_CMS_UNREADABLE },
		{ "sets in a set",
		  BYTES(HEAD VERSION "\x31\x80\x31\x80\x7f\x81\x01\x01"
				     "a\0\0\0\0" TYPE "\x04\x01x"),
		  EII_CMS_SIGNED },
		{ "content beyond the end", BYTES(HEAD VERSION "\x31\0" TYPE "\x04\x7fx"),
		  EII_CMS_SIGNED_CUT },
		{ "pieces beyond the end", BYTES(HEAD VERSION "\x31\0" TYPE "\x24\x7f\x04\x01x"),
		  EII_CMS_SIGNED_CUT },
		{ "a piece that is none", BYTES(HEAD VERSION "\x31\0" TYPE "\x24\x80\x0c\x01x"),
		  EII_CMS_SIGNED_CUT },
		{ "an end that is none", BYTES(HEAD VERSION "\x31\0" TYPE "\x24\x05\x04\x01x\0\0"),
		  EII_CMS_SIGNED_CUT },
		{ "an end with contents",
		  BYTES(HEAD VERSION "\x31\0" TYPE "\x24\x80\x04\x01x\0\x01"), EII_CMS_SIGNED_CUT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool has_content = cases[i].wanted != EII_CMS_UNREADABLE;
		bool is_none = strstr(cases[i].row, "none") && strstr(cases[i].row, "piece");
		struct eii_buf bytes;

		eii_buf_init(&bytes, MAX);
		eii_buf_add(&bytes, cases[i].data, cases[i].len);
		check_open(&bytes, cases[i].wanted, has_content ? is_none ? "" : "x" : NULL,
			   cases[i].row);
	}
}

/* A minute each if anything were looked at twice. */
static void test_cms__takes_linear_time(void **state)
{
	struct eii_buf bytes;

	(void)state;
	eii_buf_init(&bytes, MAX);
	eii_buf_add(&bytes, HEAD VERSION, sizeof(HEAD VERSION) - 1);
	for (int i = 0; i < 2000000; i++)
		eii_buf_add(&bytes, "\x31\x80", 2);
	check_open(&bytes, EII_CMS_UNREADABLE, NULL, "open sets");
	eii_buf_add(&bytes, HEAD VERSION "\x31\0" TYPE "\x24\x80",
		    sizeof(HEAD VERSION "\x31\0" TYPE "\x24\x80") - 1);
	for (int i = 0; i < 2000000; i++)
		eii_buf_add(&bytes, "\x04\x01x", 3);
	assert_int_equal(eii_cms_open(&bytes), EII_CMS_SIGNED_CUT);
	assert_int_equal(bytes.len, 2000000);
	eii_buf_clear(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cms__reads_content_of_told_and_untold_length),
		cmocka_unit_test(test_cms__follows_nested_pieces_up_to_the_limit),
		cmocka_unit_test(test_cms__tells_the_kinds_apart),
		cmocka_unit_test(test_cms__reads_no_content_of_other_types),
		cmocka_unit_test(test_cms__reads_what_is_there_of_a_cut_object),
		cmocka_unit_test(test_cms__survives_what_is_no_ber),
		cmocka_unit_test(test_cms__takes_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
