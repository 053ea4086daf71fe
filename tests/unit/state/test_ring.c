/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/ring.h"

#include "support.h"

#define ID_A "report--7c7a5d61-f17c-5d74-ae12-d9e7c467333c"
#define ID_B "report--db6aa9e9-4b8b-56c0-95ef-f36ea2b1556f"

struct identity {
	uint8_t bytes[EII_RING_IDENTITY_BYTES];
};

/* Different for each number, in the part that is kept and the part that is hashed. */
static struct identity identity_of(uint32_t number)
{
	struct identity identity = { { 0 } };

	memcpy(identity.bytes, &number, sizeof(number));
	number *= 2654435761u;
	memcpy(identity.bytes + 8, &number, sizeof(number));
	return identity;
}

static unsigned assign(struct eii_ring *ring, const char *id, uint32_t number, uint32_t uid)
{
	struct identity identity = identity_of(number);
	size_t n = eii_ring_count(ring);
	bool is_known;
	unsigned ms =
		eii_ring_assign(ring, EII_RING_COMPATIBLE, id, identity.bytes, uid, &is_known);

	/* What is known is not entered again. */
	assert_true(is_known ? eii_ring_count(ring) == n
			     : eii_ring_count(ring) > n || n == EII_RING_ENTRIES);
	return ms;
}

static void test_ring__keeps_what_a_header_was_assigned(void **state)
{
	EII_AUTO(eii_ring) ring = eii_ring_new();
	struct identity whole = identity_of(2);
	size_t n;
	unsigned ms, found = 0;

	(void)state;
	(void)assign(ring, ID_A, 9, 1); /* has .000 */
	ms = assign(ring, ID_A, 1, 2);
	eii_ring_keep(ring, ID_A, whole.bytes, 2, ms);
	n = eii_ring_count(ring);
	assert_int_equal(assign(ring, ID_A, 2, 2), ms);
	assert_int_equal(assign(ring, ID_A, 1, 2), ms);
	assert_true(eii_ring_find(ring, ID_A, whole.bytes, &found) && found == ms);
	assert_false(eii_ring_find(ring, ID_B, whole.bytes, &found));
	/* Known already; no milliseconds at all. */
	eii_ring_keep(ring, ID_A, whole.bytes, 2, 7);
	assert_int_equal(assign(ring, ID_A, 2, 2), ms);
	eii_ring_keep(ring, ID_B, whole.bytes, 2, 1000);
	assert_int_equal(eii_ring_count(ring), n);
	eii_ring_keep(ring, ID_B, whole.bytes, 2, 999);
	assert_int_equal(eii_ring_count(ring), n + 1);
}

static void test_ring__tells_what_it_knows(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	struct identity one = identity_of(1), other = identity_of(2);
	bool is_known = true;

	(void)eii_ring_assign(ring, EII_RING_DISTINCT, ID_A, one.bytes, 1, &is_known);
	assert_false(is_known);
	(void)eii_ring_assign(ring, EII_RING_DISTINCT, ID_A, other.bytes, 2, &is_known);
	assert_false(is_known);
	(void)eii_ring_assign(ring, EII_RING_DISTINCT, ID_B, one.bytes, 3, &is_known);
	assert_false(is_known);
	(void)eii_ring_assign(ring, EII_RING_DISTINCT, ID_A, one.bytes, 4, &is_known);
	assert_true(is_known);
}

static void test_ring__only_a_second_mail_of_an_id_gets_milliseconds(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	unsigned second, third;

	assert_int_equal(assign(ring, ID_A, 1, 1), 0);
	assert_int_equal(assign(ring, ID_B, 2, 2), 0);
	second = assign(ring, ID_A, 3, 3);
	third = assign(ring, ID_A, 4, 4);
	assert_in_range(second, 1, 999);
	assert_in_range(third, 1, 999);
	assert_int_not_equal(second, third);
}

static void test_ring__the_same_mail_is_the_same_report(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	unsigned second;

	assert_int_equal(assign(ring, ID_A, 1, 1), 0);
	second = assign(ring, ID_A, 2, 2);
	assert_int_equal(assign(ring, ID_A, 1, 7), 0);
	assert_int_equal(assign(ring, ID_A, 2, 8), second);
	assert_int_equal(eii_ring_count(ring), 2);
}

static void test_ring__distinct_is_from_the_identity_alone(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) one = eii_ring_new();
	EII_AUTO(eii_ring) other = eii_ring_new();
	struct identity identity = identity_of(5);
	bool is_known;
	unsigned ms = eii_ring_assign(one, EII_RING_DISTINCT, ID_A, identity.bytes, 1, &is_known);

	assert_in_range(ms, 1, 999);
	(void)assign(other, ID_B, 9, 1);
	assert_int_equal(
		eii_ring_assign(other, EII_RING_DISTINCT, ID_A, identity.bytes, 2, &is_known), ms);
}

/* As many as the ring holds, all of one id and one hash: each its own milliseconds. */
static void test_ring__probes_for_a_free_one(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	bool is_taken[1000] = { false };

	for (uint32_t i = 0; i < EII_RING_ENTRIES; i++) {
		struct identity identity = { { 0 } };
		unsigned ms;
		bool is_known;

		memcpy(identity.bytes, &i, sizeof(i));
		/* From 998 on it has to come round. */
		identity.bytes[10] = 997 >> 8;
		identity.bytes[11] = 997 & 0xff;
		ms = eii_ring_assign(ring, EII_RING_COMPATIBLE, ID_A, identity.bytes, i + 1,
				     &is_known);
		CHECK(ms < 1000 && !is_taken[ms], "mail %u got %u", i, ms);
		is_taken[ms] = true;
	}
	assert_true(is_taken[0] && is_taken[998] && is_taken[999] && is_taken[1]);
}

static void test_ring__forgets_the_oldest_of_513(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	char id[32];

	for (uint32_t i = 0; i < EII_RING_ENTRIES; i++) {
		(void)snprintf(id, sizeof(id), "report--%u", i);
		assert_int_equal(assign(ring, id, i, i + 1), 0);
	}
	assert_int_not_equal(assign(ring, "report--0", 9999, 600), 0); /* drops entry 0 */
	assert_int_equal(eii_ring_count(ring), EII_RING_ENTRIES);
	assert_int_not_equal(assign(ring, "report--511", 9998, 601), 0);
	assert_int_equal(assign(ring, "report--1", 9997, 602), 0);
}

/* After a crash the mails above the cursor come again and get the same. */
static void test_ring__assigns_the_same_again_from_the_cursor_on(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	EII_AUTO(eii_ring) saved = NULL;
	unsigned before[3];

	(void)assign(ring, ID_A, 1, 1);
	for (uint32_t i = 0; i < 3; i++)
		before[i] = assign(ring, ID_A, i + 2, i + 2);
	saved = eii_ring_copy_up_to(ring, 2);
	assert_int_equal(eii_ring_count(saved), 2);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(assign(saved, ID_A, i + 2, i + 2), before[i]);
}

static void test_ring__aged_entries_are_below_every_cursor(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	EII_AUTO(eii_ring) copy = NULL;

	(void)assign(ring, ID_A, 1, 700);
	eii_ring_age(ring);
	(void)assign(ring, ID_B, 2, 5);
	copy = eii_ring_copy_up_to(ring, 0);
	assert_int_equal(eii_ring_count(copy), 1);
	assert_int_equal(assign(copy, ID_A, 1, 9), 0);
}

static void test_ring__comes_back_from_its_text(void **state)
{
	(void)state;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	EII_AUTO(eii_ring) back = NULL;
	struct eii_buf text;
	unsigned second;

	eii_buf_init(&text, 65536);
	for (uint32_t i = 0; i < EII_RING_ENTRIES - 2; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "report--%u", i);
		(void)assign(ring, id, i, i + 1);
	}
	(void)assign(ring, ID_A, 7001, 600);
	second = assign(ring, ID_A, 7002, 601);
	eii_ring_format(ring, &text);
	assert_true(eii_buf_ok(&text));
	assert_in_range(text.len, 1, 11 * 1024);
	back = eii_ring_parse(eii_buf_text(&text));
	assert_non_null(back);
	assert_int_equal(eii_ring_count(back), EII_RING_ENTRIES);
	assert_int_equal(assign(back, ID_A, 7002, 900), second);
	assert_int_equal(assign(back, ID_A, 7001, 901), 0);
	eii_buf_clear(&text);
}

static void test_ring__other_texts_are_none(void **state)
{
	(void)state;
	/* One entry is 16 bytes, its last two the milliseconds: 999 is the last good one. */
	static const char *const wrong[] = { "x", "AAAA", "AAAAAAAAAAAAAAAAAAAD6A==", "====" };
	EII_AUTO(eii_ring) good = eii_ring_parse(eii_text_of("AAAAAAAAAAAAAAAAAAAD5w=="));
	EII_AUTO(eii_ring) empty = eii_ring_parse(eii_text_of(""));

	assert_non_null(good);
	assert_int_equal(eii_ring_count(good), 1);
	assert_non_null(empty);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!eii_ring_parse(eii_text_of(wrong[i])), "%s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring__only_a_second_mail_of_an_id_gets_milliseconds),
		cmocka_unit_test(test_ring__the_same_mail_is_the_same_report),
		cmocka_unit_test(test_ring__tells_what_it_knows),
		cmocka_unit_test(test_ring__keeps_what_a_header_was_assigned),
		cmocka_unit_test(test_ring__distinct_is_from_the_identity_alone),
		cmocka_unit_test(test_ring__probes_for_a_free_one),
		cmocka_unit_test(test_ring__forgets_the_oldest_of_513),
		cmocka_unit_test(test_ring__assigns_the_same_again_from_the_cursor_on),
		cmocka_unit_test(test_ring__aged_entries_are_below_every_cursor),
		cmocka_unit_test(test_ring__comes_back_from_its_text),
		cmocka_unit_test(test_ring__other_texts_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
