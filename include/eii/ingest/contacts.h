/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the three servers: when each last answered, since when it
 * does not, why, and when its certificate ends. Written by the thread that
 * speaks with the server, read by whoever watches. Every function accepts NULL
 * (nobody watches).
 */
#ifndef EII_INGEST_CONTACTS_H
#define EII_INGEST_CONTACTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"

enum eii_server { EII_SERVER_PLATFORM, EII_SERVER_MAILBOX, EII_SERVER_QUEUE, EII_SERVERS };

struct eii_contact {
	int64_t answered_ms;   /* of its last answer, monotonic; 0 = none yet */
	int64_t failing_ms;    /* since when nothing works, monotonic; 0 = the last attempt did */
	uint64_t n_failures;   /* attempts */
	uint64_t n_connects;   /* sign-ins; not counted for the platform */
	int64_t certificate_s; /* Unix; the earliest end in its chain; 0 = no TLS, not verified */
	char reason[EII_ERROR_TEXT_MAX]; /* of the last failure */
};

struct eii_contacts;
struct eii_contacts *eii_contacts_new(void);
void eii_contacts_free(struct eii_contacts *contacts);
EII_DEFINE_AUTO(eii_contacts);

/*
 * How an attempt ended. EII_OK and EII_REJECT (it refuses this one input) are
 * answers; a wait that was cut by a stop says nothing. err is not read on EII_OK.
 */
void eii_contacts_note(struct eii_contacts *contacts, enum eii_server server, enum eii_rc rc,
		       const struct eii_error *err);

/* A sign-in worked. */
void eii_contacts_connected(struct eii_contacts *contacts, enum eii_server server);

/* Zeros of contacts that are NULL. */
void eii_contacts_get(struct eii_contacts *contacts, enum eii_server server,
		      struct eii_contact *out);

/* Where a handshake and a refresh write an end (Unix seconds); NULL of NULL. */
_Atomic int64_t *eii_contacts_certificate(struct eii_contacts *contacts, enum eii_server server);
_Atomic int64_t *eii_contacts_token(struct eii_contacts *contacts);

/* "platform", "mailbox", "queue": for labels and texts. */
const char *eii_server_name(enum eii_server server);

#endif
