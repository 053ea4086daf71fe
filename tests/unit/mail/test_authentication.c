/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/authentication.h"

#include <stdlib.h>

#include "support.h"

#define AR   "Authentication-Results: "
#define FROM "From: News <cert@news.example.org>\r\n"
#define MX   "mx.example.net"

static enum eii_authentication look(const char *mail, const char *authority)
{
	/* Without a byte behind it, so that a read past the end is seen. */
	size_t len = strlen(mail);
	char *copy = malloc(len ? len : 1);
	enum eii_authentication result;

	assert_non_null(copy);
	memcpy(copy, mail, len);
	result = eii_authentication_of(eii_text(copy, len), eii_text_of(authority));
	free(copy);
	return result;
}

struct row {
	const char *mail;
	enum eii_authentication wanted;
};

static void check(const struct row *rows, size_t n, const char *authority)
{
	for (size_t i = 0; i < n; i++) {
		enum eii_authentication result = look(rows[i].mail, authority);

		CHECK(result == rows[i].wanted, "row %zu: %d, not %d: %s", i, result,
		      rows[i].wanted, rows[i].mail);
	}
}

static void test_authentication__reads_the_grammar(void **state)
{
	static const struct row rows[] = {
		{ AR MX "; dmarc=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_PASSED },
		{ AR MX ";dmarc=pass"
			"\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR "MX.Example.NET 1 ; DMARC = Pass\r\n" FROM "\r\n", EII_AUTHENTICATION_PASSED },
		{ AR
		  "(a (nested \\) one)) \"mx.example.net\" (b) 1 (c);\r\n"
		  "\t(d) dmarc (e) / 1 (f) = (g) pass (h) reason (i) = \"a; dmarc=fail\"\r\n" FROM
		  "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dmarc/1 = pass reason=\"a; dmarc=fail\"\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dmarc=pass (a; dmarc=fail)\r\n" FROM "\r\n", EII_AUTHENTICATION_PASSED },
		{ AR MX "; spf=fail smtp.mailfrom=a@b.example; dmarc=pass\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; none\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX ";\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc x=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc / 1=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_PASSED },
		{ AR MX "; dmarc/ 1=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_PASSED },
		{ AR MX "; dmarc\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc=\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc=passed\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; xdmarc=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc=\"pass\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; spf=pass; (dmarc=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR "\r\n" FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		{ AR "(\r\n" FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		{ AR "\"\r\n" FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		{ FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		{ FROM "\r\n" AR MX "; dmarc=pass\r\n", EII_AUTHENTICATION_NO_RESULT },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), MX);
}

static void test_authentication__counts_the_own_server_s_fields_only(void **state)
{
	static const struct row rows[] = {
		{ AR "evil.example; dmarc=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		{ AR "mx.example.net.evil.example; dmarc=pass\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_NO_RESULT },
		{ AR "mx.example.net evil; dmarc=pass x\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR "mx.example.net evil evil; dmarc=pass\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_NO_RESULT },
		{ AR "dmarc=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		/* Forged: below, above and alone; the worst of the server's name counts. */
		{ AR MX "; dmarc=fail\r\n" AR MX "; dmarc=pass\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc=pass\r\n" AR MX "; dmarc=fail\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR "evil.example; dmarc=pass\r\n" AR MX "; dmarc=fail\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR "evil.example; dmarc=fail\r\n" AR MX "; dmarc=pass\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dmarc=pass; dmarc=fail\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), MX);
}

static void test_authentication__compares_the_signer_s_domain(void **state)
{
	static const struct row rows[] = {
		{ AR MX "; dkim=pass header.d=news.example.org\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dkim=pass (2048) header . d = EXAMPLE.org. header.s=x\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dkim=pass header.i=@news.example.org header.d=example.org\r\n" FROM
			"\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dkim=fail header.d=example.org; dkim=pass header.d=example.org\r\n" FROM
			"\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR MX "; dkim=pass header.d=org\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dkim=pass header.d=ample.org\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR MX "; dkim=pass header.d=a.news.example.org\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR MX "; dkim=pass header.d=\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dkim=pass header.d=.\r\n" FROM "\r\n", EII_AUTHENTICATION_FAILED },
		{ AR MX "; dkim=fail header.d=example.org\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR MX "; spf=pass header.d=example.org\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR MX "; dkim=pass smtp.d=example.org\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), MX);
}

static void test_authentication__wants_one_sender(void **state)
{
#define PASS AR MX "; dmarc=pass\r\n"
	static const struct row rows[] = {
		{ PASS "From: a@b.example\r\n\r\n", EII_AUTHENTICATION_PASSED },
		{ PASS "from : \"x@y.example, z\" (c@d.example) <a@b.example>\r\n\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ PASS "\r\n", EII_AUTHENTICATION_NO_ONE_SENDER },
		{ PASS "From: nobody\r\n\r\n", EII_AUTHENTICATION_NO_ONE_SENDER },
		{ PASS "From: a@\r\n\r\n", EII_AUTHENTICATION_NO_ONE_SENDER },
		{ PASS "From: a@b.example, c@d.example\r\n\r\n", EII_AUTHENTICATION_NO_ONE_SENDER },
		{ PASS "From: x@y.example <a@b.example>\r\n\r\n",
		  EII_AUTHENTICATION_NO_ONE_SENDER },
		{ PASS "From: a@b.example\r\nFrom: c@d.example\r\n\r\n",
		  EII_AUTHENTICATION_NO_ONE_SENDER },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), MX);
}

/* As Exchange Online writes them, and as Gmail does. */
static void test_authentication__knows_the_providers_forms(void **state)
{
	static const struct row microsoft[] = {
		{ AR "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org;\r\n"
		     " dkim=pass (signature was verified) header.d=example.org;dmarc=pass\r\n"
		     " action=none header.from=news.example.org;compauth=pass reason=100\r\n" FROM
		     "\r\n",
		  EII_AUTHENTICATION_PASSED },
		{ AR "spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=x.example; dkim=none\r\n"
		     " (message not signed) header.d=none;dmarc=fail action=oreject\r\n"
		     " header.from=news.example.org;compauth=fail reason=000\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		/* Without compauth it is not Exchange's, and what stands below the first is
		   anyone's. */
		{ AR "spf=pass; dmarc=pass\r\n" FROM "\r\n", EII_AUTHENTICATION_NO_RESULT },
		{ AR "spf=fail; dmarc=fail;compauth=fail reason=000\r\n" AR
		     "spf=pass; dmarc=pass;compauth=pass reason=100\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_FAILED },
		{ AR MX "; dmarc=pass;compauth=pass\r\n" AR
			"spf=pass; dmarc=pass;compauth=pass reason=100\r\n" FROM "\r\n",
		  EII_AUTHENTICATION_NO_RESULT },
	};
	static const struct row gmail[] = {
		{ AR
		  "mx.google.com;\r\n"
		  "       dkim=pass header.i=@example.org header.s=s1 header.b=AbCd/12=;\r\n"
		  "       spf=pass (google.com: domain of a@example.org designates 192.0.2.1 as\r\n"
		  "       permitted sender) smtp.mailfrom=a@example.org;\r\n"
		  "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org\r\n" FROM
		  "\r\n",
		  EII_AUTHENTICATION_PASSED },
	};

	(void)state;
	check(microsoft, ARRAY_LEN(microsoft), "microsoft365");
	check(gmail, ARRAY_LEN(gmail), "mx.google.com");
}

/* However deep and long, it ends, and in linear time. */
static void test_authentication__bears_hostile_fields(void **state)
{
	static const char *const pieces[] = {
		"(", ")", "\\", "\"", ";", "=", ".", "a=b ", "/", "dkim=pass header.d=", "\r\n "
	};
	size_t len = 256u * 1024;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		size_t n = strlen(pieces[i]);
		char *mail = malloc(len + 256);
		size_t at;

		assert_non_null(mail);
		memcpy(mail, FROM AR MX "; ", sizeof(FROM AR MX "; "));
		at = strlen(mail);
		while (at + n < len) {
			memcpy(mail + at, pieces[i], n);
			at += n;
		}
		memcpy(mail + at, "\r\n\r\n", 5);
		CHECK(look(mail, MX) != EII_AUTHENTICATION_PASSED, "piece %zu", i);
		free(mail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_authentication__reads_the_grammar),
		cmocka_unit_test(test_authentication__counts_the_own_server_s_fields_only),
		cmocka_unit_test(test_authentication__compares_the_signer_s_domain),
		cmocka_unit_test(test_authentication__wants_one_sender),
		cmocka_unit_test(test_authentication__knows_the_providers_forms),
		cmocka_unit_test(test_authentication__bears_hostile_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
