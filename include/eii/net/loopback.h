/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a browser on this machine is redirected to (RFC 8252, section 7.3): a listener on
 * 127.0.0.1 that reads the first line of a request and answers it by a short page.
 * Connections on which nothing comes, as browsers open them ahead, hold up nobody.
 */
#ifndef EII_NET_LOOPBACK_H
#define EII_NET_LOOPBACK_H

#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_LOOPBACK_LINE_MAX 8192 /* bytes of a request's first line */
#define EII_LOOPBACK_OPEN_MAX 8    /* connections; a further one takes the oldest's place */

struct eii_loopback;

/* On a port that is free. EII_RETRY: the system gives none. */
enum eii_rc eii_loopback_new(struct eii_loopback **out, struct eii_error *err) EII_MUST_CHECK;
void eii_loopback_free(struct eii_loopback *loopback);
EII_DEFINE_AUTO(eii_loopback);

uint16_t eii_loopback_port(const struct eii_loopback *loopback);

enum eii_loopback_event {
	EII_LOOPBACK_REQUEST, /* a GET came, and waits for its answer */
	EII_LOOPBACK_INPUT,   /* the caller's own descriptor can be read */
	EII_LOOPBACK_TIMEOUT,
};

/*
 * Waits for a GET, or for input_fd (-1 = none). *out_target is written with REQUEST: the
 * request's target, borrowed until the next call. What is no GET is refused here.
 */
enum eii_loopback_event eii_loopback_wait(struct eii_loopback *loopback, int input_fd,
					  int64_t deadline_ms, struct eii_text *out_target);

/* Answers the request that wait() gave: status is "200 OK", words plain text for a person. */
void eii_loopback_answer(struct eii_loopback *loopback, const char *status, const char *words);

#endif
