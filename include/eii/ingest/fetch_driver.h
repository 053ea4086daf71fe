/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of the mailbox: owner of the IMAP session. It only reads. A second
 * FETCH is sent while the answer to the first is still coming in.
 */
#ifndef EII_INGEST_FETCH_DRIVER_H
#define EII_INGEST_FETCH_DRIVER_H

#include "eii/base/cleanup.h"
#include "eii/imap/session.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/lane.h"

/* All borrowed. */
struct eii_fetch_driver_options {
	struct eii_lane *lane;
	const struct eii_imap_options *imap;    /* its stop is the lane's */
	const char *folder;                     /* the only one; */
	const struct eii_folder_choice *choice; /* or several, of which each order names one */
	struct eii_contacts *contacts;          /* NULL = nobody watches */
};

struct eii_fetch_driver;
struct eii_fetch_driver *eii_fetch_driver_new(const struct eii_fetch_driver_options *options);
void eii_fetch_driver_free(struct eii_fetch_driver *driver);
EII_DEFINE_AUTO(eii_fetch_driver);

/* The thread's body; returns once the lane is closed. */
void *eii_fetch_driver_run(void *driver);

#endif
