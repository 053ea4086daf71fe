/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the platform's driver and its dry run share: how an order is carried out.
 */
#ifndef EII_INGEST_PLATFORM_PRIVATE_H
#define EII_INGEST_PLATFORM_PRIVATE_H

#include "eii/ingest/platform_driver.h"

/*
 * Each carries one order out: with EII_OK the note, whose type is set, is the
 * answer.
 */
typedef enum eii_rc eii_platform_carrier(struct eii_platform_driver *driver,
					 const struct eii_task *task, struct eii_note *note,
					 struct eii_error *err);

struct eii_platform_driver {
	struct eii_platform_driver_options options;
	eii_platform_carrier *const *carriers; /* EII_ORDERS of them */
	/* Of the reports' authors and markings, those that were found; 0 = begin anew. */
	size_t n_known_authors, n_known_markings;
	bool has_lost_work; /* the call that failed has opened a Work */
	/* The dry run's. */
	char *state; /* as it would be stored */
	uint32_t n_told;
};

struct eii_platform_driver *eii_platform_driver_with(
	const struct eii_platform_driver_options *options, eii_platform_carrier *const *carriers);

eii_platform_carrier eii_platform_do_find_reports;

#endif
