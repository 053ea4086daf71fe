/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mails in hand: a ring in the order of submission. Answers come in that
 * order too, so the finished ones are a prefix, and so are those sent.
 */
#ifndef EII_CONVERT_JOBS_H
#define EII_CONVERT_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/convert/converter.h"
#include "eii/fields/request.h"

struct eii_job {
	uint64_t number;
	struct eii_text mail; /* borrowed; what is sent of it */
	size_t counted;       /* bytes of the window */
	enum eii_convert_mode mode;
	enum eii_fallback reason;
	char detail[EII_CONVERSION_DETAIL_MAX];
	bool was_retried;          /* in this mode */
	struct eii_buf head;       /* of the request; its memory is used again */
	size_t sent;               /* bytes of head and mail */
	struct eii_fields *fields; /* the result's, once there */
	bool has_headers;
};

struct eii_jobs {
	struct eii_job *ring;
	size_t capacity;
	size_t first;
	size_t n;
	size_t n_done; /* the first ones: their result is there */
	size_t n_sent; /* the first ones: their request is with the child, done ones included */
	uint64_t bytes;
};

void eii_jobs_init(struct eii_jobs *jobs, size_t capacity);
void eii_jobs_clear(struct eii_jobs *jobs);

/* The i-th in hand, 0 = the oldest. */
struct eii_job *eii_jobs_at(const struct eii_jobs *jobs, size_t i);

/* The oldest without a result, or NULL. */
struct eii_job *eii_jobs_head(const struct eii_jobs *jobs);

/* A blank one at the end; there is room (n < capacity). */
struct eii_job *eii_jobs_add(struct eii_jobs *jobs);

/* Forgets the oldest; its fields are the caller's. */
void eii_jobs_pop(struct eii_jobs *jobs);

/* All without a result are to be sent (again). */
void eii_jobs_unsend(struct eii_jobs *jobs);

/* Sends what the descriptor takes now; false: the other end is gone. */
bool eii_jobs_send(struct eii_jobs *jobs, int fd);

#endif
