/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/hours.h"

/* A clock before 1970 is not set yet: it counts as then. */
static int64_t hour_of(int64_t unix_s)
{
	return unix_s > 0 ? unix_s / EII_HOUR_S : 0;
}

void eii_hours_add(struct eii_hours *hours, int64_t unix_s, uint64_t mails, uint64_t fallbacks)
{
	int64_t hour = hour_of(unix_s);
	struct eii_hour *slot = &hours->slots[hour % EII_HOURS];

	if (slot->hour != hour)
		*slot = (struct eii_hour){ .hour = hour };
	slot->mails += mails;
	slot->fallbacks += fallbacks;
}

struct eii_hour eii_hours_get(const struct eii_hours *hours, int64_t unix_s, unsigned ago)
{
	struct eii_hour out = { .hour = hour_of(unix_s) - (int64_t)ago };
	const struct eii_hour *slot;

	if (out.hour < 0)
		return out;
	slot = &hours->slots[out.hour % EII_HOURS];
	return slot->hour == out.hour ? *slot : out;
}
