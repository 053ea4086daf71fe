/* SPDX-License-Identifier: Apache-2.0 */
#include "registration.h"

void eii_registry_init(struct eii_registry *registry)
{
	registry->is_wanted = true;
	registry->attempt.part = EII_PART_PLATFORM;
	registry->ask.part = EII_PART_PLATFORM;
}

void eii_registry_registered(struct eii_registry *registry, struct eii_pulse *pulse,
			     const struct eii_fact *fact)
{
	registry->is_under_way = false;
	registry->is_wanted = false;
	registry->is_live = true;
	registry->was_live = true;
	registry->has_work_view = fact->registered.has_work_view && fact->registered.has_work_alive;
	registry->has_queue_details = fact->registered.has_queue_details;
	registry->rights_ms = pulse->now_ms + 1000;
	eii_attempt_worked(&registry->attempt);
	eii_pulse_say(pulse, EII_EVENT_REGISTERED, 0, 0);
	eii_pulse_move(pulse);
}

void eii_registry_lost(struct eii_registry *registry)
{
	registry->is_live = false;
	registry->was_live = false;
	registry->was_deleted = true;
	registry->is_wanted = true;
}

void eii_registry_refresh(struct eii_registry *registry)
{
	registry->is_wanted = true;
}

bool eii_registry_wants_register(struct eii_registry *registry, struct eii_pulse *pulse)
{
	return registry->is_wanted && !registry->is_under_way && !eii_pulse_is_stopping(pulse) &&
	       eii_attempt_is_due(&registry->attempt, pulse);
}

bool eii_registry_wants_rights(struct eii_registry *registry, struct eii_pulse *pulse)
{
	return registry->is_live && !registry->is_asking && !eii_pulse_is_stopping(pulse) &&
	       eii_pulse_is_due(pulse, registry->rights_ms) &&
	       eii_attempt_is_due(&registry->ask, pulse);
}

unsigned eii_rights_missing(const struct eii_rights_view *rights)
{
	unsigned missing = 0;

	if (!rights->is_known)
		return 0;
	missing |= rights->may_connect ? 0 : EII_MISSING_CONNECT;
	missing |= rights->may_update ? 0 : EII_MISSING_UPDATE;
	missing |= rights->may_upload ? 0 : EII_MISSING_UPLOAD;
	missing |= rights->has_marking ? 0 : EII_MISSING_MARKING;
	return missing;
}

void eii_registry_heard_rights(struct eii_registry *registry, struct eii_pulse *pulse,
			       const struct eii_rights_view *rights)
{
	unsigned missing = eii_rights_missing(rights);

	registry->is_asking = false;
	registry->are_rights_known = rights->is_known;
	eii_attempt_worked(&registry->ask);
	registry->rights_ms =
		pulse->now_ms + (missing ? EII_REGISTRY_MISSING_MS : EII_REGISTRY_RIGHTS_MS);
	if (missing && missing != registry->missing)
		eii_pulse_say(pulse, EII_EVENT_RIGHTS_MISSING, missing, 0);
	if (!missing && registry->missing)
		eii_pulse_say(pulse, EII_EVENT_RIGHTS_THERE, 0, 0);
	registry->missing = missing;
	eii_pulse_move(pulse);
}
