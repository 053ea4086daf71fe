/* SPDX-License-Identifier: Apache-2.0 */
/* A place and what a server lists of its folder. */
#ifndef EII_TESTS_CORE_PLACE_SCENE_H
#define EII_TESTS_CORE_PLACE_SCENE_H

#include "place.h"

#define NOW_S   1790000000
#define SINCE_S 1780000000

extern struct eii_place place;

int scene_set_up(void **state);
int scene_tear_down(void **state);

/* The next UID of a list, received then; 0 = without a date. */
enum eii_listing scene_list(uint32_t uid, int64_t unix_s);

/* A stored place behind its window. */
void scene_adopt(uint32_t cursor);

#endif
