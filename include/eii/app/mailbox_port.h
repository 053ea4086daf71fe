/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IMAP session behind ingest's table: opened, held, dropped and opened again
 * as the fetch thread asks for it, with the secret read anew at each sign-in.
 */
#ifndef EII_APP_MAILBOX_PORT_H
#define EII_APP_MAILBOX_PORT_H

#include "eii/base/cleanup.h"
#include "eii/imap/session.h"
#include "eii/ingest/ports.h"
#include "eii/monitor/contacts.h"

/* All borrowed for the port's life; contacts may be NULL. */
struct eii_mailbox_port *eii_mailbox_port_new(const struct eii_imap_options *options,
					      const char *folder, struct eii_contacts *contacts);

/* Closes the session, as the table's close does. */
void eii_mailbox_port_free(struct eii_mailbox_port *port);
EII_DEFINE_AUTO(eii_mailbox_port);

#endif
