/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"

/* A wait of call_desk ends at this instant at the latest and is taken up again. */
#define FAR_MS 500

static void post(struct eii_publish *p, struct eii_desk_call *call)
{
	p->n_calls++;
	eii_desk_post(p->options.desk, call);
}

struct eii_desk_call *eii_publish_work_call(const struct eii_publish *p, enum eii_desk_kind kind,
					    const char *text)
{
	struct eii_desk_call *call = eii_desk_call_new(kind);

	call->work_id = eii_strdup(p->work_id);
	call->text = eii_strdup(text);
	return call;
}

static struct eii_desk_call *post_and_wait(struct eii_publish *p, struct eii_desk_call *call)
{
	int64_t cut_ms = eii_clock_monotonic_ms() + EII_PUBLISH_STOP_CALL_MS;

	p->awaited = call;
	p->is_answered = false;
	post(p, call);
	/* An answer always comes: every call of the platform ends in time. */
	while (!p->is_answered) {
		eii_publish_wait(p, eii_clock_monotonic_ms() + FAR_MS);
		if (p->is_uncut && eii_clock_left_ms(cut_ms) == 0)
			eii_stop_request(p->options.platform_cut);
	}
	/* What comes next has its time as well. */
	if (p->is_uncut && eii_clock_left_ms(cut_ms) == 0)
		eii_stop_reset(p->options.platform_cut);
	return EII_DETACH(p->awaited);
}

struct eii_desk_call *eii_publish_call(struct eii_publish *p, struct eii_desk_call *call)
{
	call = post_and_wait(p, call);
	/* A stop that came while a run was being closed cut that too: once more, uncut. */
	if (call->rc == EII_RETRY && p->is_finishing && !p->is_uncut &&
	    eii_publish_is_stopping(p)) {
		p->is_uncut = true;
		eii_stop_reset(p->options.platform_cut);
		call = post_and_wait(p, call);
	}
	return call;
}

bool eii_publish_has_credit(const struct eii_publish *p)
{
	return p->work_id && p->n_used < p->n_counted;
}

/* ---- answers that nobody waits for ------------------------------------- */

static void answer_expect(struct eii_publish *p, const struct eii_desk_call *call)
{
	p->is_counting = false;
	/* Counted under a Work that has been given up meanwhile: worth nothing. */
	if (!p->work_id || strcmp(p->work_id, call->work_id) != 0)
		return;
	/*
	 * REJECT: the outcome is unknown. Not counted twice: too few expected closes
	 * a Work early, too many never.
	 */
	if (call->rc == EII_OK || call->rc == EII_REJECT) {
		p->n_counted += call->n;
		return;
	}
	EII_LOG(WARN, "work.not_counted", "The platform did not take the number of messages",
		EII_STR("reason", call->error.text), EII_STR("next", "retry"),
		EII_I64("delay_ms", EII_PUBLISH_EXPECT_MS));
}

void eii_publish_tell(struct eii_publish *p)
{
	p->told.is_buffering = p->is_over;
	p->told.queue_bytes = (double)atomic_load(&p->options.stats->queue_bytes);
	eii_desk_tell(p->options.desk, &p->told);
}

static void answer_size(struct eii_publish *p, const struct eii_desk_call *call)
{
	int64_t now = eii_clock_monotonic_ms();
	bool is_over;

	p->is_asking_size = false;
	p->size_due_ms = now + EII_PUBLISH_THRESHOLD_MS;
	if (call->rc)
		return; /* unknown: neither over nor under */
	atomic_store(&p->options.stats->queue_bytes, (int64_t)call->bytes);
	is_over = p->options.queue_threshold_bytes > 0 &&
		  call->bytes >= p->options.queue_threshold_bytes;
	atomic_store(&p->options.stats->is_over_threshold, is_over);
	if (is_over == p->is_over)
		return;
	p->is_over = is_over;
	p->over_since_ms = now;
	eii_publish_tell(p);
	if (is_over)
		eii_budget_pause(p->options.budget);
	else
		eii_budget_resume(p->options.budget);
	EII_LOG(WARN, is_over ? "queue.over_threshold" : "queue.under_threshold",
		is_over ? "The platform's queue is over CONNECTOR_QUEUE_THRESHOLD: pausing"
			: "The platform's queue is under the threshold again: going on",
		EII_U64("queue_bytes", (uint64_t)call->bytes),
		EII_U64("threshold_bytes", (uint64_t)p->options.queue_threshold_bytes));
}

/* Somebody cleared the Work in the platform: what was sent under it is dropped there. */
static void replace_dead_work(struct eii_publish *p)
{
	EII_LOG(WARN, "work.cleared",
		"The Work was cleared in the platform, which drops what it has not imported of it; "
		"going on under a new one",
		EII_STR("work_id", p->work_id), EII_U64("uidvalidity", p->place.uidvalidity),
		EII_U64("first_uid", p->first_work_uid), EII_U64("last_uid", p->last_work_uid));
	free(EII_DETACH(p->work_id));
	p->n_demand -= p->n_used;
	p->n_used = 0;
	p->n_counted = 0;
}

static void answer_alive(struct eii_publish *p, const struct eii_desk_call *call)
{
	p->is_asking_alive = false;
	if (!call->rc && !call->yes && p->work_id && strcmp(p->work_id, call->work_id) == 0)
		replace_dead_work(p);
}

static void answer_opened(struct eii_publish *p, struct eii_desk_call *call)
{
	p->is_opening_work = false;
	p->counted_ms = 0;
	if (call->rc) {
		p->counted_ms = eii_clock_monotonic_ms();
		EII_LOG(WARN, "work.not_opened", "The platform did not open a Work",
			EII_STR("reason", call->error.text), EII_STR("next", "retry"),
			EII_I64("delay_ms", EII_PUBLISH_EXPECT_MS));
		return;
	}
	p->work_id = EII_DETACH(call->work_id);
	p->first_work_uid = 0;
	p->last_work_uid = 0;
}

static void answer_known(struct eii_publish *p, const struct eii_desk_call *call)
{
	if (call->kind == EII_DESK_HAS_IDENTITY)
		p->has_identity = p->has_identity || (!call->rc && call->yes);
	else
		p->has_marking = p->has_marking || (!call->rc && call->yes);
	p->n_asking--;
}

void eii_publish_answer(struct eii_publish *p, struct eii_desk_call *call)
{
	p->n_calls--;
	if (call == p->awaited) {
		p->is_answered = true;
		return;
	}
	switch (call->kind) {
	case EII_DESK_WORK_EXPECT:
		answer_expect(p, call);
		break;
	case EII_DESK_QUEUE_SIZE:
		answer_size(p, call);
		break;
	case EII_DESK_WORK_ALIVE:
		answer_alive(p, call);
		break;
	case EII_DESK_WORK_OPEN:
		answer_opened(p, call);
		break;
	case EII_DESK_HAS_IDENTITY:
	case EII_DESK_HAS_MARKING:
		answer_known(p, call);
		break;
	case EII_DESK_REGISTER:
	case EII_DESK_SAVE:
	case EII_DESK_WORK_REPORT:
	case EII_DESK_WORK_CLOSE:
		break;
	}
	eii_desk_call_free(call);
}

/* ---- what is due ------------------------------------------------------- */

/*
 * Tells the platform how many messages will come: what has been planned since
 * the last time, at most once a second, before the first of them goes.
 */
static void count_more(struct eii_publish *p, int64_t now)
{
	uint64_t n = p->n_demand - p->n_counted;
	struct eii_desk_call *call;

	/* The first count waits for the whole first plan: else the second one is a second late. */
	if (!p->work_id || p->is_counting || p->n_demand <= p->n_counted ||
	    (p->is_fetching && !p->has_plan))
		return;
	if (!p->counts_at_once && p->counted_ms && now < p->counted_ms + EII_PUBLISH_EXPECT_MS)
		return;
	call = eii_publish_work_call(p, EII_DESK_WORK_EXPECT, NULL);
	call->n = n > UINT16_MAX ? UINT16_MAX : (uint32_t)n;
	p->is_counting = true;
	p->counts_at_once = false;
	p->counted_ms = now;
	post(p, call);
}

static void open_work_again(struct eii_publish *p, int64_t now)
{
	struct eii_desk_call *call;

	if (!p->wants_work || p->work_id || p->is_opening_work ||
	    (p->counted_ms && now < p->counted_ms + EII_PUBLISH_EXPECT_MS))
		return;
	call = eii_desk_call_new(EII_DESK_WORK_OPEN);
	call->text = eii_strdup(p->options.work_name);
	p->is_opening_work = true;
	post(p, call);
}

static void look_at_queue(struct eii_publish *p, int64_t now)
{
	if (p->is_asking_size || now < p->size_due_ms)
		return;
	p->is_asking_size = true;
	post(p, eii_desk_call_new(EII_DESK_QUEUE_SIZE));
	if (p->traits.has_work_alive && p->work_id && !p->is_asking_alive) {
		p->is_asking_alive = true;
		post(p, eii_publish_work_call(p, EII_DESK_WORK_ALIVE, NULL));
	}
}

void eii_publish_tend_work(struct eii_publish *p)
{
	int64_t now = eii_clock_monotonic_ms();

	open_work_again(p, now);
	count_more(p, now);
	look_at_queue(p, now);
	if (p->is_over && now - p->over_since_ms >= (int64_t)p->options.period_s * 1000)
		eii_publish_trouble(p, TROUBLE_PAUSED, NULL);
}

/* One call for each expectation that nothing will meet; the platform knows no other way. */
void eii_publish_settle_leftovers(struct eii_publish *p, int64_t until_ms, const char *reason)
{
	while (p->work_id && p->n_used < p->n_counted && eii_clock_left_ms(until_ms) > 0) {
		struct eii_desk_call *call =
			eii_publish_call(p, eii_publish_work_call(p, EII_DESK_WORK_REPORT, reason));
		enum eii_rc rc = call->rc;

		eii_desk_call_free(call);
		if (rc)
			return;
		p->n_used++;
	}
}
