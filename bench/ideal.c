/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The servers' own limit: fetches every mail of a folder over TLS and publishes
 * a body of the size that its report would have, with pipelined FETCHes and
 * confirms and nothing in between. No conversion, no state, no platform.
 *
 *   ideal IMAP_HOST IMAP_PORT USER PASSWORD CA_FILE MQ_HOST MQ_PORT VHOST ROUTING_KEY
 *
 * Prints "MAILS SECONDS".
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/amqp/publisher.h"
#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/clock.h"
#include "eii/imap/session.h"
#include "eii/net/tls.h"

#define WINDOW    256
#define EXCHANGE  "amqp.worker.exchange"
#define MAX_BODY  (64 * 1024 * 1024)
#define ANSWER_MS 60000

struct ideal {
	struct eii_publisher *publisher;
	const char *routing_key;
	struct eii_buf body;
	uint64_t n_mails, n_acked;
	const char *password;
};

static void check(enum eii_rc rc, const struct eii_error *err)
{
	if (!rc)
		return;
	(void)fprintf(stderr, "ideal: %s\n", err->text);
	exit(1);
}

static enum eii_rc give_password(void *arg, enum eii_imap_secret_need need, char **out,
				 struct eii_error *err)
{
	(void)need;
	(void)err;
	*out = eii_strdup(((struct ideal *)arg)->password);
	return EII_OK;
}

/* A report's message is some 16/9 of the mail: the bytes stand for it. */
static enum eii_rc write_body(void *arg, struct eii_sink *sink, struct eii_error *err)
{
	struct ideal *ideal = arg;
	size_t left = ideal->body.len * 16 / 9;

	while (left) {
		size_t n = left < ideal->body.len ? left : ideal->body.len;
		enum eii_rc rc = eii_sink_write(sink, ideal->body.data, n, err);

		if (rc)
			return rc;
		left -= n;
	}
	return EII_OK;
}

static void take_outcomes(struct ideal *ideal, int wait_ms)
{
	struct pollfd fd = { .fd = eii_publisher_fd(ideal->publisher), .events = POLLIN };
	struct eii_publish_outcome outcome;
	struct eii_error err;

	if (wait_ms)
		(void)poll(&fd, 1, wait_ms);
	check(eii_publisher_pump(ideal->publisher, &err), &err);
	while (eii_publisher_next_outcome(ideal->publisher, &outcome))
		ideal->n_acked += outcome.result == EII_PUBLISH_ACKED;
}

static char *begin(void *arg, uint32_t uid, size_t len)
{
	struct ideal *ideal = arg;
	char *room;

	(void)uid;
	eii_buf_reset(&ideal->body);
	room = eii_buf_reserve(&ideal->body, len);
	ideal->body.len = room ? len : 0;
	return room;
}

static void end(void *arg, uint32_t uid)
{
	struct ideal *ideal = arg;
	struct eii_publication publication = {
		.exchange = EXCHANGE,
		.routing_key = ideal->routing_key,
		.number = uid,
		.body_bytes = ideal->body.len * 16 / 9,
		.write = write_body,
		.arg = ideal,
	};
	struct eii_error err;

	while (eii_publisher_n_unconfirmed(ideal->publisher) >= WINDOW ||
	       !eii_publisher_can_send(ideal->publisher, publication.body_bytes))
		take_outcomes(ideal, ANSWER_MS);
	check(eii_publisher_send(ideal->publisher, &publication, &err), &err);
	ideal->n_mails++;
	take_outcomes(ideal, 0);
}

static void fetch_all(struct ideal *ideal, struct eii_imap *imap, uint32_t uidnext)
{
	struct eii_imap_body_taker taker = { .begin = begin, .end = end, .arg = ideal };
	uint32_t next = 1;
	size_t n_asked = 0;
	struct eii_error err;

	while (next < uidnext || n_asked) {
		uint32_t uids[EII_IMAP_FETCH_MAX];
		size_t n = 0;

		while (n_asked < 2 && next < uidnext) {
			for (n = 0; n < EII_IMAP_FETCH_MAX && next < uidnext; n++)
				uids[n] = next++;
			check(eii_imap_send_bodies(imap, uids, n, 0, &err), &err);
			n_asked++;
		}
		check(eii_imap_read_bodies(imap, &taker, &err), &err);
		n_asked--;
	}
	while (eii_publisher_n_unconfirmed(ideal->publisher))
		take_outcomes(ideal, ANSWER_MS);
}

int main(int argc, char **argv)
{
	struct eii_trust *trust = NULL;
	struct ideal ideal = { 0 };
	struct eii_tls_options tls = { .verify = true };
	struct eii_imap_options options = { .tls = EII_IMAP_TLS_IMPLICIT, .tls_options = &tls };
	struct eii_publisher_options mq = { .user = "guest", .password = "guest" };
	struct eii_imap *imap = NULL;
	struct eii_imap_folder folder;
	struct eii_error err;
	int64_t started;

	if (argc != 10)
		return 64;
	check(eii_trust_new(NULL, &trust, &err), &err);
	tls.trust = trust;
	tls.ca = argv[5];
	options.host = argv[1];
	options.port = (uint16_t)strtoul(argv[2], NULL, 10);
	options.user = argv[3];
	options.secret = give_password;
	options.secret_arg = &ideal;
	ideal.password = argv[4];
	ideal.routing_key = argv[9];
	mq.host = argv[6];
	mq.port = (uint16_t)strtoul(argv[7], NULL, 10);
	mq.vhost = argv[8];
	eii_buf_init(&ideal.body, MAX_BODY);
	started = eii_clock_monotonic_ms();
	check(eii_publisher_open(&mq, &ideal.publisher, &err), &err);
	check(eii_imap_open(&options, &imap, &err), &err);
	check(eii_imap_examine(imap, "INBOX", &folder, &err), &err);
	fetch_all(&ideal, imap, folder.uidnext);
	(void)printf("%llu %.3f\n", (unsigned long long)ideal.n_acked,
		     (double)(eii_clock_monotonic_ms() - started) / 1000.0);
	eii_publisher_close(ideal.publisher, 1000);
	eii_imap_free(imap);
	eii_trust_free(trust);
	eii_buf_clear(&ideal.body);
	return 0;
}
