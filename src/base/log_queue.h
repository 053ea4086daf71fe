/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a log on their way to the one thread that writes them: who logs
 * never waits for a reader of standard error. There is one in a process.
 */
#ifndef EII_BASE_LOG_QUEUE_H
#define EII_BASE_LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"

#define EII_LOG_QUEUE_BYTES ((size_t)1024 * 1024)

void eii_log_queue_open(void);
bool eii_log_queue_is_open(void);

/* What does not fit is dropped and counted. */
void eii_log_queue_put(const char *line, size_t len);

/*
 * Waits for lines and swaps them with the empty buffer; *out_dropped is how many
 * were dropped since the last call. False: closed, and there are no more.
 */
bool eii_log_queue_take(struct eii_buf *lines, uint64_t *out_dropped);

/* The taker is told to end, and waited for; false: it had not written all in time. */
bool eii_log_queue_close(int wait_ms);

/* The taker has written all. */
void eii_log_queue_end(void);

#endif
