/* SPDX-License-Identifier: Apache-2.0 */
#include "survey_scene.h"

#include "support.h"

struct eii_place place;
struct eii_survey survey;
struct eii_pulse *pulse;

int scene_set_up(void **state)
{
	(void)state;
	memset(&place, 0, sizeof(place));
	memset(&survey, 0, sizeof(survey));
	eii_place_init(&place);
	place.since_s = SINCE_S;
	pulse = beat_new();
	eii_survey_begin(&survey);
	return 0;
}

int scene_tear_down(void **state)
{
	(void)state;
	eii_place_clear(&place);
	return 0;
}

void scene_adopt(uint32_t cursor)
{
	const struct eii_place_state stored = { .uidvalidity = 7, .cursor = cursor };

	eii_place_adopt(&place, &stored);
}

void scene_adopt_window(uint32_t cursor, uint32_t boundary)
{
	const struct eii_place_state stored = { .uidvalidity = 7,
						.cursor = cursor,
						.has_window = true,
						.window_since_s = SINCE_S,
						.window_uidnext = boundary };

	eii_place_adopt(&place, &stored);
}

enum eii_survey_news scene_hear_folder(uint64_t uidvalidity, uint32_t uidnext, uint32_t n_mails)
{
	const struct eii_folder_view folder = { uidvalidity, uidnext, n_mails };

	return eii_survey_folder(&survey, &place, pulse, &folder, EII_PHASE_LOOK);
}

enum eii_survey_news scene_hear_search(uint32_t n, uint32_t lowest, uint32_t highest)
{
	const struct eii_fact fact = { .search = { true, n, lowest, highest } };

	return eii_survey_searched(&survey, &place, &fact);
}

enum eii_survey_news scene_hear_nothing(void)
{
	const struct eii_fact fact = { .search = { .has_answer = false } };

	return eii_survey_searched(&survey, &place, &fact);
}

void scene_hear_newest(uint32_t uid, int64_t unix_s)
{
	const struct eii_size_info info = { .uid = uid,
					    .has_date = unix_s != 0,
					    .internal_unix_s = unix_s };
	const struct eii_fact fact = { .sizes = { .infos = &info, .n = 1, .is_end = true } };

	eii_survey_newest(&survey, &place, &fact);
}

enum eii_listing scene_list(uint32_t uid, int64_t unix_s)
{
	const struct eii_size_info info = { .uid = uid,
					    .has_date = true,
					    .internal_unix_s = unix_s };

	return eii_place_list(&place, &info);
}

struct eii_order scene_ask(void)
{
	struct eii_order order = { .type = eii_survey_next(&survey) };

	eii_survey_fill(&survey, &place, pulse, &order);
	return order;
}

void scene_assert_step(enum eii_survey_step step)
{
	assert_int_equal(survey.step, step);
}
