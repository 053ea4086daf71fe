/* SPDX-License-Identifier: Apache-2.0 */
/* How a part does, as the tries of everything that is asked of it say. */
#include "core_private.h"

void eii_part_failed(struct eii_core *core, const struct eii_attempt *attempt,
		     const struct eii_failure *failure)
{
	eii_teller_failed(&core->teller, &core->pulse, attempt, failure);
}

/* A part is well again when nothing that is asked of it fails. */
void eii_part_worked(struct eii_core *core, enum eii_part part)
{
	const struct eii_attempt *attempts[] = {
		&core->reader.attempt, &core->link.dial,        &core->link.nack,
		&core->link.ask,       &core->registry.attempt, &core->registry.ask,
		&core->store.attempt,  &core->work.attempt,     &core->schedule.size,
		&core->find,           &core->converter,
	};

	if (!core->teller.faults[part].since_ms)
		return;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (attempts[i]->part == part && attempts[i]->n)
			return;
	}
	eii_teller_worked(&core->teller, &core->pulse, part);
}

void eii_part_set_clock(struct eii_core *core, const struct eii_fact *fact)
{
	int64_t server_s = core->server_unix_s + (fact->now_ms - core->server_ms) / 1000;
	int64_t ahead_s = fact->unix_s - server_s;
	bool is_off =
		core->server_unix_s && (ahead_s > EII_CLOCK_OFF_S || ahead_s < -EII_CLOCK_OFF_S);

	core->pulse.unix_s = is_off ? server_s : fact->unix_s;
	if (is_off && !core->is_clock_told)
		eii_pulse_say(&core->pulse, EII_EVENT_CLOCK_OFF, (uint64_t)ahead_s, 0);
	core->is_clock_told = is_off;
}

void eii_part_note(struct eii_core *core, const struct eii_fact *fact)
{
	bool *has_worked = core->pulse.has_worked;

	if (fact->type == EII_FACT_MAILBOX_OPENED)
		has_worked[EII_PART_MAILBOX] = true;
	else if (fact->type == EII_FACT_QUEUE_DIALLED)
		has_worked[EII_PART_QUEUE] = true;
	else if (fact->type >= EII_FACT_REGISTERED && fact->type < EII_FACT_PLATFORM_FAILED)
		has_worked[EII_PART_PLATFORM] = true;
}
