/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/chronicle.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/die.h"
#include "eii/ingest/words.h"

#define MS_OF_S 1000

struct eii_chronicle {
	pthread_mutex_t lock; /* of told */
	struct eii_told told;
	uint64_t n_mails, n_fallbacks; /* the heart's, as of its last look */
};

struct eii_chronicle *eii_chronicle_new(void)
{
	struct eii_chronicle *chronicle = EII_NEW(struct eii_chronicle);

	if (pthread_mutex_init(&chronicle->lock, NULL))
		eii_die("lock", ENOMEM);
	return chronicle;
}

void eii_chronicle_free(struct eii_chronicle *chronicle)
{
	if (!chronicle)
		return;
	(void)pthread_mutex_destroy(&chronicle->lock);
	free(chronicle);
}

static enum eii_told_phase phase_of(const struct eii_core_view *view)
{
	switch (view->phase) {
	case EII_PHASE_STOP:
		return EII_TOLD_STOP;
	case EII_PHASE_LOOK:
		return EII_TOLD_LOOK;
	case EII_PHASE_FLOW:
		return view->is_paused ? EII_TOLD_PAUSED : EII_TOLD_FLOW;
	case EII_PHASE_CLOSE:
		return EII_TOLD_CLOSE;
	case EII_PHASE_IDLE:
		break;
	}
	return view->is_registered ? EII_TOLD_IDLE : EII_TOLD_START;
}

static void see_phase(struct eii_told *told, const struct eii_sight *sight)
{
	enum eii_told_phase phase = phase_of(sight->view);

	if (phase == told->phase && told->phase_since_s)
		return;
	told->phase = phase;
	told->phase_since_s = sight->unix_s;
}

static void see_part(struct eii_trouble *trouble, enum eii_part part, const struct eii_sight *sight)
{
	const struct eii_core_view *view = sight->view;
	int64_t since_ms = view->fault_since_ms[part];
	bool is_on = trouble->type && !trouble->over_s;

	if (!since_ms) {
		if (is_on)
			trouble->over_s = sight->unix_s;
		return;
	}
	*trouble = (struct eii_trouble){
		.type = view->waits_for_person[part] ? EII_EVENT_WAITS_PERSON : EII_EVENT_FAULT,
		.part = part,
		.kind = view->fault_kind[part],
		.since_s = is_on ? trouble->since_s
				 : sight->unix_s - (sight->now_ms - since_ms) / MS_OF_S,
	};
}

void eii_chronicle_see(struct eii_chronicle *chronicle, const struct eii_sight *sight)
{
	struct eii_told *told;

	if (!chronicle)
		return;
	told = &chronicle->told;
	(void)pthread_mutex_lock(&chronicle->lock);
	see_phase(told, sight);
	for (enum eii_part part = 0; part < EII_PARTS; part++)
		see_part(&told->troubles[part], part, sight);
	eii_hours_add(&told->hours, sight->unix_s, sight->n_mails - chronicle->n_mails,
		      sight->n_fallbacks - chronicle->n_fallbacks);
	(void)pthread_mutex_unlock(&chronicle->lock);
	chronicle->n_mails = sight->n_mails;
	chronicle->n_fallbacks = sight->n_fallbacks;
}

/* What an event says is over; EII_EVENT_NONE where it ends nothing. */
static enum eii_event_type ended_by(enum eii_event_type type)
{
	switch ((int)type) {
	case EII_EVENT_UNDER_THRESHOLD:
		return EII_EVENT_OVER_THRESHOLD;
	case EII_EVENT_RIGHTS_THERE:
		return EII_EVENT_RIGHTS_MISSING;
	case EII_EVENT_UNBLOCKED:
		return EII_EVENT_BLOCKED;
	case EII_EVENT_REGISTERED:
		return EII_EVENT_DELETED;
	default:
		return EII_EVENT_NONE;
	}
}

/* Faults of parts are seen, not heard. */
static bool is_trouble(const struct eii_event *event)
{
	return !eii_words_names_part(event->type) && event->type != EII_EVENT_UNDER_THRESHOLD &&
	       eii_words_level(event->type) >= EII_LOG_WARN;
}

void eii_chronicle_hear(struct eii_chronicle *chronicle, const struct eii_event *event,
			int64_t unix_s)
{
	enum eii_event_type ended = ended_by(event->type);
	struct eii_trouble *trouble;

	if (!chronicle)
		return;
	trouble = &chronicle->told.troubles[EII_PARTS];
	(void)pthread_mutex_lock(&chronicle->lock);
	if (is_trouble(event))
		*trouble = (struct eii_trouble){
			.type = event->type,
			.reason = event->reason,
			.since_s = unix_s,
		};
	else if (ended && trouble->type == ended && !trouble->over_s)
		trouble->over_s = unix_s;
	(void)pthread_mutex_unlock(&chronicle->lock);
}

void eii_chronicle_read(struct eii_chronicle *chronicle, struct eii_told *out)
{
	(void)pthread_mutex_lock(&chronicle->lock);
	*out = chronicle->told;
	(void)pthread_mutex_unlock(&chronicle->lock);
}
