/* SPDX-License-Identifier: Apache-2.0 */
/* A whole core, told by hand: what several of its objects decide together. */
#ifndef EII_TESTS_CORE_CORE_SCENE_H
#define EII_TESTS_CORE_CORE_SCENE_H

#include "core_private.h"

#define START_MS     1000000
#define START_UNIX_S INT64_C(1790000000)
#define PERIOD_S     3600

extern struct eii_core *core;

int core_set_up(void **state);
int core_tear_down(void **state);

/* A fact that has no more to say. */
void tell(enum eii_fact_type type, int64_t now_ms);

/* The next order of the type; those before it are dropped. */
bool take_order(enum eii_order_type type, struct eii_order *out);

/* The next event of the type, the same way. */
bool take_event(enum eii_event_type type, struct eii_event *out);

/* A mail of UID 7 in the line, at this stage. */
struct eii_entry *take_mail(enum eii_stage stage);

#endif
