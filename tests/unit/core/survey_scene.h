/* SPDX-License-Identifier: Apache-2.0 */
/* A survey of a place, and what a server answers to it. */
#ifndef EII_TESTS_CORE_SURVEY_SCENE_H
#define EII_TESTS_CORE_SURVEY_SCENE_H

#include "beat.h"
#include "survey.h"

#define SINCE_S 1780000000
#define DAY_S   86400

extern struct eii_place place;
extern struct eii_survey survey;
extern struct eii_pulse *pulse;

int scene_set_up(void **state);
int scene_tear_down(void **state);

/* A stored place: behind its window, or in it. */
void scene_adopt(uint32_t cursor);
void scene_adopt_window(uint32_t cursor, uint32_t boundary);

/* Answers; nothing: OK without an answer line. */
enum eii_survey_news scene_hear_folder(uint64_t uidvalidity, uint32_t uidnext, uint32_t n_mails);
enum eii_survey_news scene_hear_search(uint32_t n, uint32_t lowest, uint32_t highest);
enum eii_survey_news scene_hear_nothing(void);
void scene_hear_newest(uint32_t uid, int64_t unix_s);

/* A UID of the list under way. */
enum eii_listing scene_list(uint32_t uid, int64_t unix_s);

/* The order of this step. */
struct eii_order scene_ask(void);

void scene_assert_step(enum eii_survey_step step);

#endif
