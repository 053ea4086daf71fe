/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A way out without a connection: what a message is handed to says at once what became of it.
 * The loop, the failures and the outcomes of such a driver, which says how one is handed over.
 */
#ifndef EII_INGEST_DIRECT_H
#define EII_INGEST_DIRECT_H

#include "eii/core/fact.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/stats.h"
#include "eii/opencti/platform.h"

struct eii_direct;

/* Sees whether messages may be handed over. */
typedef enum eii_rc eii_direct_open(struct eii_direct *direct, struct eii_error *err);

/*
 * Hands the message of a SEND over, and says what became of it and, where it was taken, how many
 * bytes it had. Fails where that is unknown.
 */
typedef enum eii_rc eii_direct_send(struct eii_direct *direct, const struct eii_task *task,
				    enum eii_outcome *out, uint64_t *out_bytes,
				    struct eii_error *err);

/* The first member of a driver; all but is_open is the driver's to fill. */
struct eii_direct {
	struct eii_lane *lane;
	struct eii_platform *platform; /* that send calls; NULL = none */
	struct eii_contacts *contacts; /* NULL = nobody watches */
	struct eii_stats *stats;
	eii_direct_open *open;
	eii_direct_send *send;
	bool is_open; /* what is sent after a failure was ordered before it was known */
};

/* The thread's body; returns once the lane is closed. */
void eii_direct_run(struct eii_direct *direct);

#endif
