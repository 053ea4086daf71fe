/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/contacts.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"

struct eii_contacts {
	pthread_mutex_t lock; /* of servers */
	struct eii_contact servers[EII_SERVERS];
	_Atomic int64_t certificates_s[EII_SERVERS];
	_Atomic int64_t token_s;
};

struct eii_contacts *eii_contacts_new(void)
{
	struct eii_contacts *contacts = EII_NEW(struct eii_contacts);

	if (pthread_mutex_init(&contacts->lock, NULL))
		eii_die("lock", ENOMEM);
	return contacts;
}

void eii_contacts_free(struct eii_contacts *contacts)
{
	if (!contacts)
		return;
	(void)pthread_mutex_destroy(&contacts->lock);
	free(contacts);
}

static void answered(struct eii_contact *contact, int64_t now_ms)
{
	contact->answered_ms = now_ms;
	contact->failing_ms = 0;
}

static void failed(struct eii_contact *contact, int64_t now_ms, const struct eii_error *err)
{
	contact->n_failures++;
	if (!contact->failing_ms)
		contact->failing_ms = now_ms;
	(void)snprintf(contact->reason, sizeof(contact->reason), "%s", err ? err->text : "");
}

void eii_contacts_note(struct eii_contacts *contacts, enum eii_server server, enum eii_rc rc,
		       const struct eii_error *err)
{
	bool is_answer = rc == EII_OK || rc == EII_REJECT;
	int64_t now_ms = eii_clock_monotonic_ms();

	if (!contacts || (!is_answer && err && err->kind == EII_ERROR_STOPPED))
		return;
	(void)pthread_mutex_lock(&contacts->lock);
	if (is_answer)
		answered(&contacts->servers[server], now_ms);
	else
		failed(&contacts->servers[server], now_ms, err);
	(void)pthread_mutex_unlock(&contacts->lock);
}

void eii_contacts_connected(struct eii_contacts *contacts, enum eii_server server)
{
	if (!contacts)
		return;
	(void)pthread_mutex_lock(&contacts->lock);
	contacts->servers[server].n_connects++;
	(void)pthread_mutex_unlock(&contacts->lock);
}

void eii_contacts_get(struct eii_contacts *contacts, enum eii_server server,
		      struct eii_contact *out)
{
	*out = (struct eii_contact){ 0 };
	if (!contacts)
		return;
	(void)pthread_mutex_lock(&contacts->lock);
	*out = contacts->servers[server];
	(void)pthread_mutex_unlock(&contacts->lock);
	out->certificate_s = atomic_load(&contacts->certificates_s[server]);
}

_Atomic int64_t *eii_contacts_certificate(struct eii_contacts *contacts, enum eii_server server)
{
	return contacts ? &contacts->certificates_s[server] : NULL;
}

_Atomic int64_t *eii_contacts_token(struct eii_contacts *contacts)
{
	return contacts ? &contacts->token_s : NULL;
}

const char *eii_server_name(enum eii_server server)
{
	static const char *const names[EII_SERVERS] = {
		[EII_SERVER_PLATFORM] = "platform",
		[EII_SERVER_MAILBOX] = "mailbox",
		[EII_SERVER_QUEUE] = "queue",
	};

	return names[server];
}
