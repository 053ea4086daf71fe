/* SPDX-License-Identifier: Apache-2.0 */
/* What all that is asked of the mailbox has in common. */
#include "intake_private.h"

struct eii_order *eii_intake_ask(struct eii_core *core, enum eii_order_type type, int64_t ms)
{
	struct eii_reader *reader = &core->reader;
	struct eii_order *order = eii_pulse_order(&core->pulse, type, core->pulse.now_ms + ms);

	reader->doing = type;
	reader->order = order->number;
	reader->is_cut = false;
	reader->talked_ms = core->pulse.now_ms;
	return order;
}

void eii_intake_open(struct eii_core *core)
{
	struct eii_order *order = eii_intake_ask(core, EII_ORDER_OPEN, EII_READER_OPEN_MS);

	if (!core->folders.must_list)
		order->open.folder = eii_turns_name(core);
}

void eii_intake_session_is_over(struct eii_core *core)
{
	core->reader.is_open = false;
	eii_turns_lost(core);
}

bool eii_intake_wants_session(const struct eii_core *core)
{
	return core->run.reason == EII_EVENT_NONE &&
	       (core->run.phase == EII_PHASE_LOOK || core->run.phase == EII_PHASE_FLOW);
}

void eii_intake_expunged(struct eii_core *core, const struct eii_wanted *wanted)
{
	core->n_expunged++;
	core->run.n_settled++;
	if (wanted->is_aside)
		eii_place_drop_aside(core->place, wanted->uid);
	(void)eii_place_settle(core->place, wanted->uid);
	eii_core_touch(core);
	eii_pulse_move(&core->pulse);
}

void eii_intake_narrowed(struct eii_core *core, const struct eii_failure *failure)
{
	eii_attempt_narrowed(&core->reader.attempt, &core->pulse, failure);
	eii_part_failed(core, &core->reader.attempt, failure);
}
