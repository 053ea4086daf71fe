/* SPDX-License-Identifier: Apache-2.0 */
/* A store, and a platform that is played by hand. */
#ifndef EII_TESTS_CORE_STORE_SCENE_H
#define EII_TESTS_CORE_STORE_SCENE_H

#include "store.h"

#define KEY   "u@h/INBOX"
#define OTHER "v@h/INBOX"

extern struct eii_store store;
extern struct eii_pulse *pulse;

int scene_set_up(void **state);
int scene_tear_down(void **state);

/* A state of one mailbox, written by the process of that number; the caller's to free. */
char *scene_state(const char *key, uint32_t cursor, uint64_t instance);

/* Our place, put. */
void scene_put(uint32_t cursor);

/* The call that is due, begun; a ping's text. */
const char *scene_begin(enum eii_store_call call);

/* A ping that is due, echoed as it was sent. */
void scene_ping(void);

/* A read that is due, and what stands there. */
enum eii_store_news scene_read(const char *text);

void scene_adopt_and_ping(void);

/* The call under way fails, its outcome unknown; then the pause passes. */
void scene_fail(enum eii_failure_kind kind);
void scene_pass_pause(void);

#endif
