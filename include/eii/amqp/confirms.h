/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which messages of one channel the broker still owes an answer, and the
 * answers in the order in which they came. Confirms come in any order and in
 * groups; a return precedes the confirm of the same message and carries no tag,
 * only our number. No network here.
 */
#ifndef EII_AMQP_CONFIRMS_H
#define EII_AMQP_CONFIRMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"

#define EII_CONFIRMS_MAX_PENDING 65536 /* far over any window: the caller bounds it */

enum eii_publish_result {
	EII_PUBLISH_ACKED,     /* on the broker's disk */
	EII_PUBLISH_NACKED,    /* refused; the broker may take it later */
	EII_PUBLISH_RETURNED,  /* there is no queue (or exchange) that takes it */
	EII_PUBLISH_TOO_LARGE, /* over the broker's max_message_size */
};

struct eii_publish_outcome {
	uint64_t number; /* the caller's, as given to send */
	enum eii_publish_result result;
	uint64_t limit_bytes; /* TOO_LARGE: the broker's limit, 0 = it did not say */
};

struct eii_confirms;

struct eii_confirms *eii_confirms_new(void);
void eii_confirms_free(struct eii_confirms *confirms);
EII_DEFINE_AUTO(eii_confirms);

/*
 * The next delivery tag (1, 2, 3, ...) is this message's.
 * EII_REJECT: EII_CONFIRMS_MAX_PENDING tags are open between the oldest and this.
 */
enum eii_rc eii_confirms_add(struct eii_confirms *confirms, uint64_t number, uint64_t body_bytes,
			     struct eii_error *err) EII_MUST_CHECK;

/* Takes the newest back: it was never sent. */
void eii_confirms_undo(struct eii_confirms *confirms);

/* Whether one answer is for its tag alone or for all open ones up to it. */
enum eii_confirm_scope { EII_CONFIRM_ONE, EII_CONFIRM_UP_TO };

/*
 * A basic.ack or basic.nack; tag 0 with EII_CONFIRM_UP_TO means all. A tag that
 * was never given out is EII_RETRY (the broker is out of step: dial again); one
 * that is settled already is ignored.
 */
enum eii_rc eii_confirms_settle(struct eii_confirms *confirms, uint64_t tag,
				enum eii_confirm_scope scope, enum eii_publish_result result,
				struct eii_error *err) EII_MUST_CHECK;

/* A basic.return; its outcome comes with its confirm. False where nothing open has the number. */
bool eii_confirms_mark_returned(struct eii_confirms *confirms, uint64_t number);

/*
 * The broker closed the channel over a message of body_bytes: it is the oldest
 * open one of that size. False where there is none.
 */
bool eii_confirms_mark_too_large(struct eii_confirms *confirms, uint64_t body_bytes,
				 uint64_t limit_bytes);

/* All open ones end as result. */
void eii_confirms_settle_all(struct eii_confirms *confirms, enum eii_publish_result result);

/* The oldest answer not yet taken. */
bool eii_confirms_next(struct eii_confirms *confirms, struct eii_publish_outcome *out);

/* Open messages, and how many were acked since the beginning. */
size_t eii_confirms_n_pending(const struct eii_confirms *confirms);
uint64_t eii_confirms_n_acked(const struct eii_confirms *confirms);

#endif
