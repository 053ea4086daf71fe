/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/desk.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "desk_private.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"

#define CALLS_CAPACITY 64

struct eii_desk_call *eii_desk_call_new(enum eii_desk_kind kind)
{
	struct eii_desk_call *call = EII_NEW(struct eii_desk_call);

	call->kind = kind;
	return call;
}

void eii_desk_call_free(struct eii_desk_call *call)
{
	if (!call)
		return;
	free(call->text);
	free(call->work_id);
	eii_mailbox_state_free(call->mailbox);
	free(call);
}

struct eii_desk *eii_desk_new(const struct eii_desk_options *options)
{
	struct eii_desk *desk = EII_NEW(struct eii_desk);

	desk->options = *options;
	desk->calls = eii_queue_new(CALLS_CAPACITY);
	desk->answers = eii_queue_new(CALLS_CAPACITY);
	desk->state = eii_state_new();
	atomic_init(&desk->generation, 1);
	if (pthread_mutex_init(&desk->lock, NULL))
		abort();
	return desk;
}

static void free_calls(struct eii_queue *queue)
{
	for (;;) {
		struct eii_desk_call *call = eii_queue_take(queue);

		if (!call)
			return;
		eii_desk_call_free(call);
	}
}

void eii_desk_free(struct eii_desk *desk)
{
	if (!desk)
		return;
	free_calls(desk->calls);
	free_calls(desk->answers);
	eii_queue_free(desk->calls);
	eii_queue_free(desk->answers);
	eii_state_free(desk->state);
	eii_mailbox_state_free(desk->handed_in);
	(void)pthread_mutex_destroy(&desk->lock);
	free(desk);
}

uint64_t eii_desk_generation(const struct eii_desk *desk)
{
	return atomic_load(&desk->generation);
}

struct eii_queue *eii_desk_answers(struct eii_desk *desk)
{
	return desk->answers;
}

void eii_desk_post(struct eii_desk *desk, struct eii_desk_call *call)
{
	/* publish has a few calls out at most: there is always room. */
	if (eii_queue_put(desk->calls, call, eii_clock_monotonic_ms()) != EII_OK)
		eii_desk_call_free(call);
}

void eii_desk_stop(struct eii_desk *desk)
{
	eii_queue_close(desk->calls);
}

void eii_desk_hand_in(struct eii_desk *desk, uint64_t generation,
		      const struct eii_mailbox_state *mailbox)
{
	struct eii_mailbox_state *copy = eii_mailbox_state_copy(mailbox);

	(void)pthread_mutex_lock(&desk->lock);
	eii_mailbox_state_free(desk->handed_in);
	desk->handed_in = copy;
	desk->handed_in_generation = generation;
	(void)pthread_mutex_unlock(&desk->lock);
}

void eii_desk_tell(struct eii_desk *desk, const struct eii_run_info *info)
{
	(void)pthread_mutex_lock(&desk->lock);
	desk->info = *info;
	(void)pthread_mutex_unlock(&desk->lock);
}

/* ---- the state --------------------------------------------------------- */

void eii_desk_put_place(struct eii_desk *desk, const struct eii_mailbox_state *mailbox)
{
	eii_state_put_mailbox(desk->state, desk->options.mailbox_key, mailbox);
	eii_state_catch_up(desk->state);
}

/* Puts what publish handed in into the document; true when there was something. */
static bool collect(struct eii_desk *desk)
{
	struct eii_mailbox_state *mailbox;
	uint64_t generation;

	(void)pthread_mutex_lock(&desk->lock);
	mailbox = EII_DETACH(desk->handed_in);
	generation = desk->handed_in_generation;
	(void)pthread_mutex_unlock(&desk->lock);
	if (!mailbox)
		return false;
	if (generation == eii_desk_generation(desk))
		eii_desk_put_place(desk, mailbox);
	eii_mailbox_state_free(mailbox);
	return generation == eii_desk_generation(desk);
}

static bool has_handed_in(struct eii_desk *desk)
{
	bool has;

	(void)pthread_mutex_lock(&desk->lock);
	has = desk->handed_in != NULL;
	(void)pthread_mutex_unlock(&desk->lock);
	return has;
}

/* From here on everything that was made under the older state is void. */
static void begin_anew(struct eii_desk *desk)
{
	(void)atomic_fetch_add(&desk->generation, 1);
	eii_state_free(desk->state);
	desk->state = eii_state_new();
	desk->has_shown_state = false;
}

/*
 * What the platform says that it has. Empty after a state was seen there: a
 * reset in the UI; empty once more, or after a registration that showed it: the
 * same reset. Anything else that differs from ours is a stale read of the
 * platform's search engine, and ours stays.
 */
static void heed_echo(struct eii_desk *desk, const char *echo)
{
	if (!eii_state_text_is_empty(echo)) {
		desk->has_shown_state = true;
		return;
	}
	if (!desk->has_shown_state)
		return;
	EII_LOG_PLAINLY(
		WARN, "state.reset",
		"The connector was reset in the platform: starting from the first window again");
	begin_anew(desk);
}

void eii_desk_lose_connector(struct eii_desk *desk)
{
	EII_LOG_PLAINLY(WARN, "platform.deleted",
			"The connector was deleted in the platform: registering it again");
	desk->is_registered = false;
	begin_anew(desk);
}

/* ---- pings ------------------------------------------------------------- */

/* After a ping of unknown outcome: did it eat the one echo that announces a reset? */
static enum eii_rc ask_for_state(struct eii_desk *desk, struct eii_error *err)
{
	struct eii_platform_port *platform = desk->options.platform;
	EII_AUTO_STR stored = NULL;
	enum eii_rc rc = platform->read_state(platform, &stored, err);

	if (rc)
		return rc;
	desk->is_echo_lost = false;
	heed_echo(desk, stored);
	return EII_OK;
}

static void count_ping(const struct eii_desk *desk, enum eii_rc rc)
{
	if (!desk->options.stats)
		return;
	EII_COUNT(desk->options.stats, n_pings);
	if (rc)
		EII_COUNT(desk->options.stats, n_failed_pings);
}

enum eii_rc eii_desk_ping(struct eii_desk *desk, struct eii_error *err)
{
	struct eii_platform_port *platform = desk->options.platform;
	enum eii_ping_result result = EII_PING_ANSWERED;
	EII_AUTO_STR echo = NULL;
	EII_AUTO_STR state = NULL;
	struct eii_run_info info;
	enum eii_rc rc;

	if (desk->is_echo_lost) {
		rc = ask_for_state(desk, err);
		if (rc)
			return rc;
	}
	(void)pthread_mutex_lock(&desk->lock);
	info = desk->info;
	(void)pthread_mutex_unlock(&desk->lock);
	state = eii_state_format(desk->state);
	rc = platform->ping(platform, state, &info, &result, &echo, err);
	count_ping(desk, rc);
	if (rc) {
		desk->is_echo_lost = true;
		return rc;
	}
	if (result == EII_PING_UNKNOWN_CONNECTOR)
		eii_desk_lose_connector(desk);
	else
		heed_echo(desk, echo);
	return EII_OK;
}

static void ping_when_due(struct eii_desk *desk)
{
	struct eii_error err;

	(void)collect(desk);
	desk->next_ping_ms = eii_clock_monotonic_ms() + EII_DESK_PING_MS;
	desk->next_save_ms = eii_clock_monotonic_ms() + EII_DESK_SAVE_MS;
	if (eii_desk_ping(desk, &err) == EII_OK) {
		desk->n_failed_pings = 0;
		return;
	}
	/* Said once for each outage; what was handed in stays in the document. */
	if (desk->n_failed_pings++ == 0)
		EII_LOG(WARN, "platform.ping_failed", "The platform does not answer the ping",
			EII_STR("reason", err.text), EII_STR("next", "retry"),
			EII_I64("delay_ms", EII_DESK_SAVE_MS * 5));
	desk->next_ping_ms = eii_clock_monotonic_ms() + (int64_t)EII_DESK_SAVE_MS * 5;
}

/* ---- the thread -------------------------------------------------------- */

static int64_t next_due(struct eii_desk *desk)
{
	int64_t due = desk->next_ping_ms;

	if (!desk->is_registered)
		return eii_clock_monotonic_ms() + EII_DESK_PING_MS;
	if (desk->n_failed_pings == 0 && has_handed_in(desk) && desk->next_save_ms < due)
		due = desk->next_save_ms;
	return due;
}

/* hand_in wakes nobody: a place is saved within EII_DESK_SAVE_MS of the last ping anyway. */
static int wait_ms(struct eii_desk *desk)
{
	int left = eii_clock_left_ms(next_due(desk));

	return left < EII_DESK_SAVE_MS / 2 ? left : EII_DESK_SAVE_MS / 2;
}

void *eii_desk_run(void *arg)
{
	struct eii_desk *desk = arg;

	for (;;) {
		struct pollfd fd = { .fd = eii_queue_fd(desk->calls), .events = POLLIN };
		struct eii_desk_call *call;

		if (desk->options.stats)
			EII_BEAT(desk->options.stats, desk_beat_ms);
		(void)poll(&fd, 1, wait_ms(desk));
		call = eii_queue_take(desk->calls);
		if (call) {
			eii_desk_answer(desk, call);
			if (eii_queue_put(desk->answers, call,
					  eii_clock_monotonic_ms() + EII_DESK_PING_MS))
				eii_desk_call_free(call);
			continue;
		}
		if (eii_queue_is_closed(desk->calls))
			return NULL;
		if (desk->is_registered && eii_clock_left_ms(next_due(desk)) == 0)
			ping_when_due(desk);
	}
}
