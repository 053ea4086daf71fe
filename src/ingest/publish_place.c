/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include "eii/base/clock.h"
#include "eii/base/log.h"

#define HAND_IN_MS 500 /* the desk sends at most every EII_DESK_SAVE_MS anyway */

struct eii_mailbox_state *eii_publish_place_state(const struct eii_publish *p)
{
	struct eii_mailbox_state *state = eii_mailbox_state_new();

	state->uidvalidity = p->place.uidvalidity;
	state->cursor = p->place.cursor;
	state->has_window = p->place.has_window;
	state->window_since_s = p->place.window_since_s;
	state->window_uidnext = p->place.window_uidnext;
	state->n_starts = p->n_starts;
	state->in_hand_uid = p->in_hand_uid;
	state->in_hand_attempts = p->in_hand_attempts;
	/* Only up to the cursor: what comes again after a crash is assigned again alike. */
	eii_ring_free(state->ring);
	state->ring = eii_ring_copy_up_to(p->ring, p->place.cursor);
	return state;
}

void eii_publish_adopt_place(struct eii_publish *p, const struct eii_mailbox_state *state)
{
	p->place = (struct eii_fetch_place){ 0 };
	p->n_starts = 0;
	p->in_hand_uid = 0;
	p->in_hand_attempts = 0;
	eii_ring_free(p->ring);
	p->ring = state && state->ring ? eii_ring_copy(state->ring) : eii_ring_new();
	if (state) {
		p->place.has_cursor = true;
		p->place.uidvalidity = state->uidvalidity;
		p->place.cursor = state->cursor;
		p->place.has_window = state->has_window;
		p->place.window_since_s = state->window_since_s;
		p->place.window_uidnext = state->window_uidnext;
		p->n_starts = state->n_starts;
		p->in_hand_uid = state->in_hand_uid;
		p->in_hand_attempts = state->in_hand_attempts;
	}
	eii_cursor_reset(p->cursor, p->place.cursor);
}

void eii_publish_place_moved(struct eii_publish *p)
{
	uint32_t value = eii_cursor_value(p->cursor);

	if (value <= p->place.cursor)
		return;
	p->place.cursor = value;
	p->n_starts = 0;
	p->place_moved = true;
	atomic_store(&p->options.stats->last_uid, value);
}

void eii_publish_tend_place(struct eii_publish *p)
{
	int64_t now = eii_clock_monotonic_ms();
	struct eii_mailbox_state *state;

	if (!p->place_moved || now < p->handed_in_ms + HAND_IN_MS)
		return;
	state = eii_publish_place_state(p);
	eii_desk_hand_in(p->options.desk, p->generation, state);
	eii_mailbox_state_free(state);
	p->handed_in_ms = now;
	p->place_moved = false;
}

static enum eii_rc save_once(struct eii_publish *p, enum eii_save what, struct eii_error *err)
{
	struct eii_desk_call *call = eii_desk_call_new(EII_DESK_SAVE);
	enum eii_rc rc;

	call->mailbox = eii_publish_place_state(p);
	call->generation = p->generation;
	call->settled_all = what == EII_SAVE_SETTLED_ALL;
	call->ingestion_s = p->last_ingestion_s;
	atomic_store(&p->options.stats->last_uid, p->place.cursor);
	call = eii_publish_call(p, call);
	rc = call->rc;
	if (rc && err)
		*err = call->error;
	eii_desk_call_free(call);
	if (rc == EII_OK)
		p->place_moved = false;
	return rc;
}

enum eii_rc eii_publish_save(struct eii_publish *p, enum eii_save what, struct eii_error *err)
{
	struct eii_backoff backoff = { .first_ms = p->options.first_wait_ms,
				       .max_ms = p->options.max_wait_ms };
	unsigned n_tries = 0;

	for (;;) {
		enum eii_rc rc = save_once(p, what, err);
		uint32_t wait;

		if (rc != EII_RETRY)
			return rc;
		if (eii_publish_is_stopping(p) || p->trouble != TROUBLE_NONE ||
		    (p->options.mode == EII_PUBLISH_ONCE && ++n_tries >= p->options.max_tries))
			return rc;
		wait = eii_backoff_next(&backoff);
		EII_LOG(WARN, "state.not_saved", "The platform does not take the state",
			EII_STR("reason", err->text), EII_STR("next", "retry"),
			EII_U64("delay_ms", wait));
		if (!eii_publish_sleep(p, wait))
			return rc;
	}
}
