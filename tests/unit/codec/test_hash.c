/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/hash.h"

#include "support.h"

/* FIPS 180-2: SHA-256 of "abc". */
static const uint8_t of_abc[EII_HASH_SHA256_BYTES] = {
	0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

static void test_hash__at_once_and_in_pieces_agree(void **state)
{
	(void)state;
	uint8_t out[EII_HASH_SHA256_BYTES];
	struct eii_sha256 *hash = eii_sha256_new();

	eii_sha256_of("abc", 3, out);
	assert_memory_equal(out, of_abc, sizeof(out));
	memset(out, 0, sizeof(out));
	eii_sha256_add(hash, "a", 1);
	eii_sha256_add(hash, NULL, 0);
	eii_sha256_add(hash, "bc", 2);
	eii_sha256_finish(hash, out);
	assert_memory_equal(out, of_abc, sizeof(out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash__at_once_and_in_pieces_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
