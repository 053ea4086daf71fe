/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came in each of the last 48 hours of the wall clock. Each slot names its hour,
 * so that nothing has to be moved when the clock does: after a step back, counts go to
 * the hour that the clock then shows, and what it had shown ahead is not seen until then.
 */
#ifndef EII_INGEST_HOURS_H
#define EII_INGEST_HOURS_H

#include <stdint.h>

#define EII_HOURS  48
#define EII_HOUR_S 3600

struct eii_hour {
	int64_t hour;              /* Unix seconds / 3600 */
	uint64_t mails, fallbacks; /* confirmed reports; those without their mail's content */
};

/* Zeroed before. Plain data. */
struct eii_hours {
	struct eii_hour slots[EII_HOURS];
};

void eii_hours_add(struct eii_hours *hours, int64_t unix_s, uint64_t mails, uint64_t fallbacks);

/* The hour that lies so many hours (0 to EII_HOURS - 1) before that of unix_s. */
struct eii_hour eii_hours_get(const struct eii_hours *hours, int64_t unix_s, unsigned ago);

#endif
