/* SPDX-License-Identifier: Apache-2.0 */
/* A Work with its ledger, and the platform's answers to its calls. */
#ifndef EII_TESTS_CORE_WORK_SCENE_H
#define EII_TESTS_CORE_WORK_SCENE_H

#include "beat.h"
#include "work.h"

extern struct eii_ledger ledger;
extern struct eii_work work;
extern struct eii_pulse *pulse;

/* A fresh one of a platform that can tell its counts. */
int scene_set_up(void **state);

/* The call that is due, begun. */
enum eii_work_call scene_call(enum eii_work_use use);

/* It is there, alive, and counts so. */
struct eii_fact scene_seen(uint32_t expected, uint32_t processed);

/* A look, whether it is due or not, and what it gives. */
enum eii_work_verdict scene_see(const struct eii_fact *fact);
enum eii_work_verdict scene_see_counts(uint32_t expected, uint32_t processed);

/* The queue's size is due, asked for and heard. */
enum eii_work_verdict scene_hear_size(bool is_known, double n_messages);

void scene_open(void);

/* Opened, n sent and told, and closed. */
void scene_close(uint32_t n);

#endif
