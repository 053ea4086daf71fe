/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP server that gives canned answers, one after the other, whatever is
 * asked, and keeps what was asked. Connections are kept open between answers
 * until the client closes them.
 */
#ifndef EII_TESTS_FAKE_HTTP_H
#define EII_TESTS_FAKE_HTTP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define FAKE_HTTP_MAX 8

enum fake_way {
	FAKE_ANSWER,
	FAKE_CUT,  /* the request is read, the connection closed */
	FAKE_HANG, /* the request is read, nothing comes until the client goes */
};

struct fake_reply {
	enum fake_way way;
	int status;
	const char *headers; /* "Name: value\r\n" ..., NULL = none */
	const char *body;
};

struct fake_http {
	int listen_fd;
	int request_fd; /* eventfd: a request has come */
	uint16_t port;
	pthread_t thread;
	const struct fake_reply *replies;
	int n_replies;
	int n_requests;
	int n_connections;
	char *requests[FAKE_HTTP_MAX]; /* head and body as they came */
};

void fake_http_start(struct fake_http *server, const struct fake_reply *replies, int n_replies);

/* Ends it; the requests are there until clear. */
void fake_http_stop(struct fake_http *server);
void fake_http_clear(struct fake_http *server);

/* From another thread: waits, for 20 s at most, until the first request has come. */
void fake_http_wait_for_request(struct fake_http *server);

/* The JSON of a request. */
const char *fake_http_body(const struct fake_http *server, int i);

#endif
