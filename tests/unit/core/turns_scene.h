/* SPDX-License-Identifier: Apache-2.0 */
/* A core that reads several folders of the account "u@h". */
#ifndef EII_TESTS_CORE_TURNS_SCENE_H
#define EII_TESTS_CORE_TURNS_SCENE_H

#include "core_scene.h"

int turns_set_up(void **state);

/* A run begins with this list: "+" before what the setting names. */
void turns_list(const char *const *names, uint32_t n);
#define LIST(...)                                                                                  \
	turns_list((const char *const[]){ __VA_ARGS__ },                                           \
		   ARRAY_LEN(((const char *[]){ __VA_ARGS__ })))

/* NULL: it is not known. */
struct eii_folder *turns_folder(const char *name);

/* It has been read, up to this UID. */
void turns_know(const char *name, uint64_t uidvalidity, uint32_t cursor);

#endif
