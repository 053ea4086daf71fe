/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EII_INGEST_DESK_PRIVATE_H
#define EII_INGEST_DESK_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "eii/ingest/desk.h"

struct eii_desk {
	struct eii_desk_options options;
	struct eii_queue *calls;
	struct eii_queue *answers;
	_Atomic uint64_t generation;

	pthread_mutex_t lock;
	struct eii_mailbox_state *handed_in; /* owned; NULL = nothing new */
	uint64_t handed_in_generation;
	struct eii_run_info info;

	/* The thread's own. */
	struct eii_state *state;
	struct eii_platform_traits traits;
	bool is_registered;
	bool has_shown_state; /* its last answer held a state: an empty one is news, a reset */
	bool is_echo_lost;    /* the last ping's outcome is unknown */
	unsigned n_failed_pings;
	int64_t next_ping_ms, next_save_ms;
};

/* Carries the state, always: the platform stores null at a ping without one (measured). */
enum eii_rc eii_desk_ping(struct eii_desk *desk, struct eii_error *err) EII_MUST_CHECK;

/* The mailbox's place, made with what the registration showed in view. */
void eii_desk_put_place(struct eii_desk *desk, const struct eii_mailbox_state *mailbox);

/* The platform no longer knows the connector. */
void eii_desk_lose_connector(struct eii_desk *desk);

/* desk_calls.c: carries a call out and writes its answer into it. */
void eii_desk_answer(struct eii_desk *desk, struct eii_desk_call *call);

#endif
