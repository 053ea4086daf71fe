/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What converter.c (mails in, results out) and failure.c (who is to blame, and
 * what then) share.
 */
#ifndef EII_CONVERT_CONVERTER_PRIVATE_H
#define EII_CONVERT_CONVERTER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "eii/base/error.h"
#include "eii/convert/converter.h"
#include "eii/fields/wire.h"
#include "jobs.h"

struct eii_converter {
	struct eii_converter_options options;
	char *program; /* owned */
	struct eii_jobs jobs;
	struct eii_child *child;  /* owned; its process may be none */
	struct eii_process spare; /* started ahead of a planned replacement */
	bool is_wanted;           /* start() was called: there shall be a child */
	bool is_retiring;         /* nothing more goes to this child */
	bool has_ready;
	struct eii_wire_ready ready; /* of the last child that was */
	unsigned n_failed_starts;    /* in a row */
	int64_t start_due_ms;        /* not before; or until when the ready word is awaited */
	int64_t begun_ms;            /* when the child was started */
	int64_t polled_ms;           /* since when the child's wall clock runs; -1 = it does not */
	int64_t wall_ms;             /* of the head, while we read */
	bool has_mark;               /* the child's clock has been read for the head */
	int64_t mark_ms;             /* when: as the head began, or 0.1 s later */
	int64_t mark_cpu_us;         /* what it said */
	int64_t look_ms;             /* when its clock is looked at; INT64_MAX = nothing is due */
	uint64_t n_restarts;
	uint64_t n_replacements;
};

static inline bool eii_converter_has_child(const struct eii_converter *conv)
{
	return conv->child->process.pid != 0;
}

/* Writes the request's head for what the job's mode is now. */
void eii_converter_write_head(struct eii_converter *conv, struct eii_job *job);

/* The head has its result; takes fields. */
void eii_converter_finish_head(struct eii_converter *conv, struct eii_fields *fields);

/* A failed start: the next one waits. Returns EII_RETRY, and completes its text. */
enum eii_rc eii_failure_of_start(struct eii_converter *conv, int64_t now_ms,
				 struct eii_error *err) EII_MUST_CHECK;

/*
 * The child is to go: it closed its end by itself; or we have found something,
 * whatever its state. The head goes one step down the chain. EII_RETRY: it
 * failed before any mail, as a failed start.
 */
enum eii_rc eii_failure_ended(struct eii_converter *conv, int64_t now_ms,
			      struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_failure_found(struct eii_converter *conv, enum eii_fallback reason,
			      const struct eii_error *why, int64_t now_ms,
			      struct eii_error *err) EII_MUST_CHECK;

/* The head's time begins, if one is with the child and has not begun. */
void eii_failure_start_clock(struct eii_converter *conv, int64_t now_ms);

/* Whether the head, or the start, has had its time. As eii_failure_found(). */
enum eii_rc eii_failure_check_clock(struct eii_converter *conv, int64_t now_ms,
				    struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_failure_check_start(struct eii_converter *conv, int64_t now_ms,
				    struct eii_error *err) EII_MUST_CHECK;

#define EII_CONVERTER_START_TIMEOUT_MS 20000 /* for the ready word; 8 ms where nothing is wrong */

#endif
