/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we are to the platform: registered or not, what its version can do, and
 * what the token's user may do there.
 */
#ifndef EII_CORE_REGISTRATION_H
#define EII_CORE_REGISTRATION_H

#include "policy.h"

#define EII_REGISTRY_RIGHTS_MS  (60 * 60 * 1000)
#define EII_REGISTRY_MISSING_MS 60000

struct eii_registry {
	bool is_live;
	bool was_live;     /* once: the state is known, a new registration changes nothing of it */
	bool was_deleted;  /* in the UI, while this process lived */
	bool is_wanted;    /* to be registered now */
	bool is_under_way; /* REGISTER */
	struct eii_attempt attempt;
	bool has_work_view, has_queue_details;
	unsigned missing; /* of enum eii_missing_right */
	bool are_rights_known;
	bool is_asking;
	struct eii_attempt ask;
	int64_t rights_ms; /* when they are looked at next */
};

void eii_registry_init(struct eii_registry *registry);
void eii_registry_registered(struct eii_registry *registry, struct eii_pulse *pulse,
			     const struct eii_fact *fact);

/* Deleted in the UI: all begins anew. */
void eii_registry_lost(struct eii_registry *registry);

/* The credentials of the queue may have changed: registered again, the state stays. */
void eii_registry_refresh(struct eii_registry *registry);

bool eii_registry_wants_register(struct eii_registry *registry, struct eii_pulse *pulse);
bool eii_registry_wants_rights(struct eii_registry *registry, struct eii_pulse *pulse);

void eii_registry_heard_rights(struct eii_registry *registry, struct eii_pulse *pulse,
			       const struct eii_rights_view *rights);

#endif
