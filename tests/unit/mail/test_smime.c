/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include "support.h"

#include "eii/fields/limits.h"

#include "cms_samples.h"

#define MAX    (1u << 24)
#define HEAD   "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED  HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define ENTITY "Content-Type: text/html\r\n\r\n<p>signed words</p>"
#define SHOWN  "<p>signed words</p>"
#define BASE64 "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
#define P7M    "Content-Type: application/pkcs7-mime; name=smime.p7m"
/* A mail of these tests may well have no words. */
#define INCOMPLETE (EII_DEFECTS_INCOMPLETE & ~(uint32_t)EII_DEFECT_NO_WORDS)

static const struct eii_text types[] = { { "application/octet-stream", 24 } };

static struct eii_fields *convert(enum eii_content_mode content, struct eii_text mail)
{
	const struct eii_convert_settings settings = {
		.content = content,
		.max_file_bytes = MAX,
		.types = types,
		.n_types = ARRAY_LEN(types),
	};
	struct eii_fields *fields = NULL;

	assert_int_equal(eii_message_read(mail.data, mail.len, &settings, &fields, NULL), EII_OK);
	return fields;
}

/* Adds header, and content signed and in base64. */
static void add_signed(struct eii_buf *mail, const char *header, struct eii_text content,
		       enum ber_length length)
{
	struct eii_buf cms;

	eii_buf_init(&cms, MAX);
	cms_sign(content, length, &cms);
	eii_buf_add_str(mail, header);
	eii_buf_add_str(mail, BASE64);
	base64_add(mail, eii_buf_text(&cms));
	eii_buf_add_str(mail, "\r\n");
	eii_buf_clear(&cms);
}

static void check(enum eii_content_mode mode, struct eii_buf *mail, const char *content,
		  uint32_t defects, const char *row)
{
	struct eii_fields *fields = convert(mode, eii_buf_text(mail));

	CHECK(eii_text_equal(fields->content, eii_text_of(content)), "%s gave '%.*s'", row,
	      EII_TEXT_ARGS(fields->content));
	CHECK((fields->defects & INCOMPLETE) == defects, "%s: defects %x", row, fields->defects);
	eii_fields_free(fields);
	eii_buf_clear(mail);
}

static void test_smime__signed_content_is_the_mails(void **state)
{
	static const char *const headers[] = {
		P7M,
		"Content-Type: application/pkcs7-mime; smime-type=signed-data",
		("Content-Type: Application/X-PKCS7-MIME\r\nContent-Disposition: attachment; "
		 "filename=smime.p7m"),
		"Content-Type: application/octet-stream; name=SMIME.P7M",
		"Content-Type: application/octet-stream",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(headers) * 2; i++) {
		enum ber_length length = i % 2 ? BER_INDEFINITE : BER_DEFINITE;
		const char *header = headers[i / 2];
		struct eii_buf mail;

		eii_buf_init(&mail, MAX);
		eii_buf_add_str(&mail, HEAD);
		add_signed(&mail, header, eii_text_of(ENTITY), length);
		check(EII_CONTENT_SAFE, &mail, SHOWN, 0, header);
		eii_buf_add_str(&mail, HEAD);
		add_signed(&mail, header, eii_text_of(ENTITY), length);
		check(EII_CONTENT_VERBATIM, &mail, "", 0, header);
	}
}

static void test_smime__content_stands_where_its_part_is(void **state)
{
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	eii_buf_add_str(&mail, MIXED "--b\r\n\r\nbefore\r\n--b\r\n");
	add_signed(&mail, P7M, eii_text_of("Content-Type: text/plain\r\n\r\nsigned"), BER_DEFINITE);
	eii_buf_add_str(&mail, "--b\r\n\r\nafter\r\n--b--\r\n");
	check(EII_CONTENT_SAFE, &mail, "before<br>\nsigned<br>\nafter", 0, "mixed");
}

static void test_smime__reads_signed_mails_in_signed_mails_up_to_the_limit(void **state)
{
	(void)state;
	for (int n = EII_LIMIT_OPENED; n <= EII_LIMIT_OPENED + 1; n++) {
		struct eii_buf entity;

		eii_buf_init(&entity, MAX);
		eii_buf_add_str(&entity, ENTITY);
		for (int i = 0; i < n; i++) {
			struct eii_buf outer;

			eii_buf_init(&outer, MAX);
			add_signed(&outer, P7M, eii_buf_text(&entity), BER_INDEFINITE);
			eii_buf_clear(&entity);
			entity = outer;
		}
		if (n == EII_LIMIT_OPENED)
			check(EII_CONTENT_SAFE, &entity, SHOWN, 0, "at the limit");
		else
			check(EII_CONTENT_SAFE, &entity, "", EII_DEFECT_TOO_DEEP, "one past it");
	}
}

#define NOT_QUOTED                                                                                 \
	"<hr><blockquote><hr><blockquote><hr><blockquote><hr><p><b>Message, not quoted:</b> (no "  \
	"subject)</p></blockquote></blockquote></blockquote>"

/* A message around does not begin the count anew. */
static void test_smime__counts_through_messages(void **state)
{
	struct eii_buf entity;

	(void)state;
	eii_buf_init(&entity, MAX);
	eii_buf_add_str(&entity, ENTITY);
	for (int i = 0; i <= EII_LIMIT_OPENED; i++) {
		struct eii_buf outer;

		eii_buf_init(&outer, MAX);
		eii_buf_add_str(&outer, "Content-Type: message/rfc822\r\n\r\n");
		add_signed(&outer, P7M, eii_buf_text(&entity), BER_INDEFINITE);
		eii_buf_clear(&entity);
		entity = outer;
	}
	check(EII_CONTENT_SAFE, &entity, NOT_QUOTED, EII_DEFECT_TOO_DEEP, "messages");
}

static void test_smime__words_without_a_header_are_text(void **state)
{
	static const char *const words[] = { "signed words 192.0.2.1", "Note: signed words" };
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		eii_buf_add_str(&mail, HEAD);
		add_signed(&mail, P7M, eii_text_of(words[i]), BER_DEFINITE);
		check(EII_CONTENT_SAFE, &mail, words[i], 0, words[i]);
	}
}

static void test_smime__a_signed_file_is_a_file(void **state)
{
	static const struct {
		const char *header;
		struct eii_text content;
		const char *name;
	} cases[] = {
		{ "Content-Type: application/pkcs7-mime; name=invoice.xml.P7M",
		  { "<?xml version=\"1.0\"?><a/>", 25 },
		  "invoice.xml" },
		{ P7M, { "PK\3\4\0\0", 6 }, "" },
	};
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields;

		eii_buf_add_str(&mail, HEAD);
		add_signed(&mail, cases[i].header, cases[i].content, BER_DEFINITE);
		fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
		assert_int_equal(fields->n_attachments, 2);
		assert_int_equal(fields->content.len, 0);
		CHECK(eii_text_equal(fields->attachments[1].name, eii_text_of(cases[i].name)), "%s",
		      cases[i].header);
		CHECK(eii_text_equal(fields->attachments[1].data, cases[i].content), "%s",
		      cases[i].header);
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

static void test_smime__says_what_was_not_read(void **state)
{
	static const struct {
		const char *mail;
		uint32_t defect;
	} cases[] = {
		/* base64 of SEQUENCE { enveloped } and SEQUENCE { compressed }. */
		{ HEAD P7M BASE64 "MAsGCSqGSIb3DQEHAw==", EII_DEFECT_ENCRYPTED },
		{ HEAD P7M BASE64 "MA0GCyqGSIb3DQEJEAEJ", EII_DEFECT_ENCRYPTED },
		{ HEAD "Content-Type: application/octet-stream" BASE64 "MAsGCSqGSIb3DQEHAw==",
		  EII_DEFECT_ENCRYPTED },
		{ HEAD P7M "\r\n\r\nno CMS", EII_DEFECT_SIGNED_NOT_READ },
		{ HEAD P7M "\r\n\r\n", EII_DEFECT_SIGNED_NOT_READ },
		{ HEAD "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
		       "boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
		       "Version: 1\r\n--b--\r\n",
		  EII_DEFECT_ENCRYPTED },
		{ HEAD "Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n"
		       "-----BEGIN PGP MESSAGE-----\r\n",
		  EII_DEFECT_ENCRYPTED },
		{ HEAD "\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n", EII_DEFECT_ENCRYPTED },
		{ HEAD "Content-Type: application/x-microsoft-rpmsg-message\r\n\r\nx",
		  EII_DEFECT_ENCRYPTED },
		{ HEAD "\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n", 0 },
		{ HEAD "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx", 0 },
		{ HEAD "Content-Type: application/octet-stream\r\n\r\nx", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, eii_text_of(cases[i].mail));

		CHECK((fields->defects & INCOMPLETE) == cases[i].defect, "case %zu: defects %x", i,
		      fields->defects);
		eii_fields_free(fields);
		fields = convert(EII_CONTENT_VERBATIM, eii_text_of(cases[i].mail));
		CHECK((fields->defects & INCOMPLETE) == 0, "case %zu: defects %x", i,
		      fields->defects);
		eii_fields_free(fields);
	}
}

/* A detached signature and a bundle of certificates hold no words. */
static void test_smime__an_empty_one_is_no_defect(void **state)
{
	struct eii_buf mail;
	struct eii_buf cms;

	(void)state;
	eii_buf_init(&mail, MAX);
	eii_buf_init(&cms, MAX);
	cms_wrap(&cms, OID_SIGNED, BER_DEFINITE);
	eii_buf_add_str(&mail, HEAD P7M BASE64);
	base64_add(&mail, eii_buf_text(&cms));
	check(EII_CONTENT_SAFE, &mail, "", 0, "certificates");
	eii_buf_clear(&cms);
}

static void test_smime__shows_the_beginning_of_a_cut_one(void **state)
{
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	eii_buf_add_str(&mail, HEAD);
	add_signed(&mail, P7M, eii_text_of(ENTITY), BER_DEFINITE);
	mail.len -= 16;
	check(EII_CONTENT_SAFE, &mail, "<p>signed wo</p>", EII_DEFECT_SIGNED_NOT_READ, "cut");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smime__signed_content_is_the_mails),
		cmocka_unit_test(test_smime__content_stands_where_its_part_is),
		cmocka_unit_test(test_smime__reads_signed_mails_in_signed_mails_up_to_the_limit),
		cmocka_unit_test(test_smime__counts_through_messages),
		cmocka_unit_test(test_smime__words_without_a_header_are_text),
		cmocka_unit_test(test_smime__a_signed_file_is_a_file),
		cmocka_unit_test(test_smime__says_what_was_not_read),
		cmocka_unit_test(test_smime__an_empty_one_is_no_defect),
		cmocka_unit_test(test_smime__shows_the_beginning_of_a_cut_one),
	};

	eii_message_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
