/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publisher on a line: reads commands, prints what comes of them, so that
 * test_real_broker.py can play with a real RabbitMQ behind its back.
 *
 *   open PORT VHOST USER PASSWORD   "ok", or "failed RC KIND TEXT" (as for every command)
 *   tls HOST CA VERIFY CERT KEY     for the opens to come: "ok" (CA, CERT, KEY: files or -;
 *                                   VERIFY: yes or no; passphrase: EII_PROBE_PASSPHRASE)
 *   heartbeat S                     for the opens to come, 60 before: "ok"
 *   send NUMBER BYTES EXCHANGE KEY  "ok"
 *   settle                          pumps until nothing is open: "outcome NUMBER RESULT LIMIT"
 *                                   for each, then "ok" or "failed ..."
 *   rate N BYTES WINDOW KEY         sends N messages: "rate PER_SECOND"
 *   blocked MS                      pumps so long; "blocked REASON" or "free"
 *   close                           "ok"
 */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/amqp/publisher.h"
#include "eii/amqp/watchdog.h"
#include "eii/base/clock.h"
#include "eii/net/tls.h"

#define PATIENCE_MS 60000

static struct eii_publisher *publisher;
static struct eii_tls_options tls;
static char tls_texts[4][256]; /* host, CA, certificate, key */
static bool uses_tls;
static uint16_t heartbeat_s = 60; /* long: between commands none is sent */

static void say_failed(enum eii_rc rc, const struct eii_error *err)
{
	(void)printf("failed %d %d %s\n", (int)rc, (int)err->kind, err->text);
}

static enum eii_rc write_body(void *arg, struct eii_sink *sink, struct eii_error *err)
{
	static const char bytes[65536];
	uint64_t left = *(const uint64_t *)arg;
	enum eii_rc rc = EII_OK;

	while (!rc && left > 0) {
		size_t n = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);

		rc = eii_sink_write(sink, bytes, n, err);
		left -= n;
	}
	return rc;
}

static enum eii_rc send_one(uint64_t number, uint64_t n_bytes, const char *exchange,
			    const char *key, struct eii_error *err)
{
	struct eii_publication publication = { .exchange = exchange,
					       .routing_key = key,
					       .number = number,
					       .body_bytes = n_bytes,
					       .write = write_body,
					       .arg = &n_bytes };

	return eii_publisher_send(publisher, &publication, err);
}

static enum eii_rc pump_once(int64_t deadline_ms, struct eii_error *err)
{
	struct pollfd fd = { .fd = eii_publisher_fd(publisher), .events = POLLIN };
	int64_t due_ms = eii_publisher_pump_due_ms(publisher);

	(void)poll(&fd, 1, eii_clock_left_ms(due_ms < deadline_ms ? due_ms : deadline_ms));
	return eii_publisher_pump(publisher, err);
}

static void say_outcomes(void)
{
	static const char *const names[] = { "acked", "nacked", "returned", "too-large" };
	struct eii_publish_outcome outcome;

	while (eii_publisher_next_outcome(publisher, &outcome))
		(void)printf("outcome %" PRIu64 " %s %" PRIu64 "\n", outcome.number,
			     names[outcome.result], outcome.limit_bytes);
}

static enum eii_rc settle(struct eii_error *err)
{
	int64_t deadline_ms = eii_clock_monotonic_ms() + PATIENCE_MS;
	enum eii_rc rc = EII_OK;

	while (!rc && eii_publisher_n_unconfirmed(publisher) > 0) {
		if (eii_clock_monotonic_ms() >= deadline_ms)
			rc = eii_fail(err, EII_RETRY, "no answer");
		else
			rc = pump_once(deadline_ms, err);
		say_outcomes();
	}
	return rc;
}

static enum eii_rc rate(uint64_t n, uint64_t n_bytes, size_t window, const char *key,
			struct eii_error *err)
{
	int64_t began_ms = eii_clock_monotonic_ms();
	struct eii_publish_outcome outcome;
	enum eii_rc rc = EII_OK;

	for (uint64_t i = 1; !rc && i <= n; i++) {
		while (!rc && eii_publisher_n_unconfirmed(publisher) >= window)
			rc = pump_once(INT64_MAX, err);
		while (eii_publisher_next_outcome(publisher, &outcome))
			;
		if (!rc)
			rc = send_one(i, n_bytes, "", key, err);
	}
	while (!rc && eii_publisher_n_unconfirmed(publisher) > 0)
		rc = pump_once(INT64_MAX, err);
	while (eii_publisher_next_outcome(publisher, &outcome))
		;
	if (!rc)
		(void)printf("rate %" PRIu64 "\n",
			     n * 1000 / (uint64_t)(eii_clock_monotonic_ms() - began_ms + 1));
	return rc;
}

static enum eii_rc open_publisher(char **words, struct eii_watchdog *dog, struct eii_error *err)
{
	struct eii_publisher_options options = { .host = uses_tls ? tls_texts[0] : "127.0.0.1",
						 .port = (uint16_t)strtoul(words[1], NULL, 10),
						 .vhost = words[2],
						 .user = words[3],
						 .password = words[4],
						 .heartbeat_s = heartbeat_s,
						 .tls = uses_tls ? &tls : NULL,
						 .watchdog = dog };

	eii_publisher_free(publisher);
	publisher = NULL;
	return eii_publisher_open(&options, &publisher, err);
}

static void set_tls(char **words)
{
	static const int from[] = { 1, 2, 4, 5 };

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		(void)snprintf(tls_texts[i], sizeof(tls_texts[i]), "%s", words[from[i]]);
	tls.ca = tls_texts[1];
	tls.verify = !strcmp(words[3], "yes");
	tls.cert = tls_texts[2];
	tls.key = tls_texts[3];
	tls.passphrase = getenv("EII_PROBE_PASSPHRASE");
	uses_tls = true;
}

static enum eii_rc look_blocked(int64_t for_ms, struct eii_error *err)
{
	int64_t end_ms = eii_clock_monotonic_ms() + for_ms;
	enum eii_rc rc = EII_OK;

	while (!rc && eii_clock_monotonic_ms() < end_ms && !eii_publisher_is_blocked(publisher))
		rc = pump_once(end_ms, err);
	if (!rc && eii_publisher_is_blocked(publisher))
		(void)printf("blocked %s\n", eii_publisher_block_reason(publisher));
	else if (!rc)
		(void)printf("free\n");
	return rc;
}

static enum eii_rc run(char **words, struct eii_watchdog *dog, struct eii_error *err)
{
	uint64_t numbers[2] = { 0, 0 };

	for (int i = 0; i < 2 && words[i + 1]; i++)
		numbers[i] = strtoull(words[i + 1], NULL, 10);
	if (!strcmp(words[0], "open"))
		return open_publisher(words, dog, err);
	if (!strcmp(words[0], "send"))
		return send_one(numbers[0], numbers[1], words[3], words[4], err);
	if (!strcmp(words[0], "settle"))
		return settle(err);
	if (!strcmp(words[0], "rate"))
		return rate(numbers[0], numbers[1], strtoul(words[3], NULL, 10), words[4], err);
	if (!strcmp(words[0], "heartbeat")) {
		heartbeat_s = (uint16_t)numbers[0];
		return EII_OK;
	}
	if (!strcmp(words[0], "blocked"))
		return look_blocked((int64_t)numbers[0], err);
	if (!strcmp(words[0], "tls")) {
		set_tls(words);
		return EII_OK;
	}
	eii_publisher_close(publisher, 1000);
	publisher = NULL;
	return EII_OK;
}

int main(void)
{
	struct eii_watchdog *dog = eii_watchdog_new(NULL);
	char line[512];
	pthread_t thread;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)pthread_create(&thread, NULL, eii_watchdog_run, dog);
	while (fgets(line, sizeof(line), stdin)) {
		char *words[8] = { 0 };
		char *rest = line, *word;
		struct eii_error err = { 0 };
		enum eii_rc rc;

		for (size_t n = 0; n < 7; n++) {
			word = strsep(&rest, " \n");
			if (!word || !*word)
				break;
			words[n] = !strcmp(word, "-") ? word + 1 : word; /* "-" = empty */
		}
		rc = run(words, dog, &err);
		if (rc)
			say_failed(rc, &err);
		else
			(void)printf("ok\n");
		(void)fflush(stdout);
	}
	eii_publisher_free(publisher);
	eii_watchdog_quit(dog);
	(void)pthread_join(thread, NULL);
	eii_watchdog_free(dog);
	return 0;
}
