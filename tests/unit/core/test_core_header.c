/* SPDX-License-Identifier: Apache-2.0 */
/* The header's report of a mail that was set aside, whose own report may be there already. */
#include <string.h>

#include "core_scene.h"
#include "support.h"

#define PLAIN_ID "report--00000007-5ee1-5000-8000-000000000007"

static const uint8_t identity[EII_CORE_IDENTITY_BYTES] = { 1 };
static const uint8_t other[EII_CORE_IDENTITY_BYTES] = { 2 };

/* UID 7 was set aside in a life that does not know what an earlier one has sent. */
static struct eii_entry *convert_header(void)
{
	static const struct eii_place_state stored = { .uidvalidity = 1, .cursor = 6 };
	struct eii_entry *entry;

	eii_place_adopt(core->place, &stored);
	eii_place_doubt(core->place);
	assert_true(eii_place_set_aside(core->place, 7, START_UNIX_S));
	entry = take_mail(EII_STAGE_CONVERTING);
	entry->form = EII_FORM_HEAD;
	entry->reason = EII_MAIL_REASON_WITHHELD;
	entry->is_aside = entry->must_ask = true;
	entry->order = 3;
	return entry;
}

static void tell_converted(const struct eii_entry *entry)
{
	const struct eii_fact fact = { .type = EII_FACT_CONVERTED,
				       .order = 3,
				       .converted = {
					       .slot = (uint16_t)(entry - core->line.entries),
					       .plain_id = PLAIN_ID,
					       .identity = identity,
					       .head_identity = identity } };

	eii_outlet_heed(core, &fact);
}

static uint16_t aside_ms(void)
{
	return eii_place_find_aside(core->place, 7)->milliseconds;
}

static void test_core_header__is_made_where_its_mails_report_can_be_asked_for(void **state)
{
	struct eii_entry *entry = convert_header();

	(void)state;
	tell_converted(entry);
	assert_int_equal(eii_line_n(&core->line, EII_STAGE_CONVERTED), 1);
	assert_int_equal(entry->milliseconds, 0);
	assert_true(entry->must_ask);
	assert_int_equal(aside_ms(), EII_ASIDE_ASK_FIRST);
}

static void assert_forgone(void)
{
	assert_int_equal(eii_line_count(&core->line), 0);
	assert_int_equal(aside_ms(), EII_ASIDE_NO_HEADER);
	assert_int_equal(core->place->s.n_aside, 1); /* the mail itself is tried on */
}

static void test_core_header__is_forgone_where_that_may_have_other_milliseconds(void **state)
{
	struct eii_entry *entry = convert_header();
	bool is_known;

	(void)state;
	(void)eii_ring_assign(core->ring, EII_RING_COMPATIBLE, PLAIN_ID, other, 1, &is_known);
	tell_converted(entry);
	assert_forgone();
}

static void test_core_header__is_forgone_where_each_mail_has_its_own(void **state)
{
	struct eii_entry *entry = convert_header();

	(void)state;
	core->pulse.config.ring_mode = EII_RING_DISTINCT;
	tell_converted(entry);
	assert_forgone();
}

static void test_core_header__is_forgone_where_nobody_can_be_asked(void **state)
{
	struct eii_entry *entry = convert_header();

	(void)state;
	core->has_told_cannot_ask = true;
	tell_converted(entry);
	assert_forgone();
}

static void test_core_header__is_forgone_where_that_shows_with_the_question(void **state)
{
	struct eii_entry *entry = convert_header();
	struct eii_fact fact = { .type = EII_FACT_REPORTS, .order = 9 };

	(void)state;
	tell_converted(entry);
	eii_line_move(&core->line, (uint16_t)(entry - core->line.entries), EII_STAGE_ASKING);
	core->line.slots[0] = (uint16_t)(entry - core->line.entries);
	core->line.n_slots = 1;
	core->line.ask_order = fact.order;
	core->calls.doing = EII_ORDER_FIND_REPORTS;
	core->calls.order = fact.order;
	eii_bureau_heed(core, &fact);
	assert_forgone();
}

#define HEADER_TEST(test) cmocka_unit_test_setup_teardown(test, core_set_up, core_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HEADER_TEST(test_core_header__is_made_where_its_mails_report_can_be_asked_for),
		HEADER_TEST(test_core_header__is_forgone_where_that_may_have_other_milliseconds),
		HEADER_TEST(test_core_header__is_forgone_where_each_mail_has_its_own),
		HEADER_TEST(test_core_header__is_forgone_where_nobody_can_be_asked),
		HEADER_TEST(test_core_header__is_forgone_where_that_shows_with_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
