/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform in memory behind ingest's table: it stores a state, announces a
 * reset once, and loses answers as a test tells it to. It is called from the
 * desk's thread while the test looks: every member is read and written under
 * the lock.
 */
#ifndef EII_TESTS_SCRIPTED_PLATFORM_H
#define EII_TESTS_SCRIPTED_PLATFORM_H

#include <pthread.h>

#include "eii/ingest/ports.h"

struct scripted_platform {
	struct eii_platform_port base; /* first */
	pthread_mutex_t lock;
	char *state;          /* as stored; NULL = null */
	bool is_reset;        /* the next ping's state is thrown away, its echo is "" */
	bool is_deleted;      /* it knows no such connector */
	unsigned lose_echoes; /* so many pings are carried out, but their answers are lost */
	unsigned n_registers, n_pings, n_bare_pings, n_reads;
	unsigned register_failures;
	enum eii_rc register_rc;
};

void scripted_platform_init(struct scripted_platform *platform, const char *state);
void scripted_platform_clear(struct scripted_platform *platform);

/* What an administrator does in the UI. */
void scripted_platform_reset(struct scripted_platform *platform);
void scripted_platform_delete(struct scripted_platform *platform);

/* A copy of the stored state, for the caller to free(); NULL = null. */
char *scripted_platform_state(struct scripted_platform *platform);

#endif
