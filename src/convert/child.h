/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one converter process sends, read without waiting: its ready word and
 * its answers, each checked against what was asked for.
 */
#ifndef EII_CONVERT_CHILD_H
#define EII_CONVERT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/fields/wire.h"
#include "process.h"

#define EII_CHILD_BUFFER_BYTES ((size_t)64 * 1024)

struct eii_child {
	struct eii_process process;
	struct eii_wire_ready ready;
	bool is_ready;
	uint64_t n_answered;
	/* The answer being read: its body is allocated once its head is checked. */
	struct eii_wire_answer answer;
	char *body; /* owned; NULL = its head is awaited */
	size_t body_got;
	bool is_drained; /* the last read took all that was there: the next one waits for a poll */
	size_t in_at, in_len;
	char in[EII_CHILD_BUFFER_BYTES];
};

/* The request whose answer is due. */
struct eii_child_expected {
	uint64_t number;
	struct eii_wire_expected wire;
};

enum eii_child_event {
	EII_CHILD_WAIT,     /* nothing more can be read now */
	EII_CHILD_READY,    /* the ready word came */
	EII_CHILD_ANSWER,   /* *out_fields is the caller's */
	EII_CHILD_FAILED,   /* it says that it cannot (err has its words) */
	EII_CHILD_NONSENSE, /* err says what was wrong with it */
	EII_CHILD_ENDED,    /* it closed its end */
};

/* A fresh reader of the process, which it then owns. */
void eii_child_adopt(struct eii_child *child, struct eii_process process);

/* Ends the process, and forgets what was read. */
struct eii_process_end eii_child_finish(struct eii_child *child);

/* Up to the next event; expected is NULL where no answer is due. */
enum eii_child_event eii_child_read(struct eii_child *child,
				    const struct eii_child_expected *expected,
				    struct eii_fields **out_fields, struct eii_error *err);

#endif
