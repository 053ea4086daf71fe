/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/registered.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/die.h"
#include "eii/base/text.h"

struct eii_registered {
	pthread_mutex_t lock;
	_Atomic uint64_t number; /* of the registration; 0 = none yet */
	struct eii_registration registration;
	struct eii_features features;
};

struct eii_registered *eii_registered_new(void)
{
	struct eii_registered *registered = EII_NEW(struct eii_registered);

	if (pthread_mutex_init(&registered->lock, NULL))
		eii_die("lock", ENOMEM);
	return registered;
}

void eii_registered_free(struct eii_registered *registered)
{
	if (!registered)
		return;
	eii_registration_clear(&registered->registration);
	(void)pthread_mutex_destroy(&registered->lock);
	free(registered);
}

static bool are_equal(const char *a, const char *b)
{
	return eii_text_equal(eii_text_of(a), eii_text_of(b));
}

static bool is_same_broker(const struct eii_registration *a, const struct eii_registration *b)
{
	return are_equal(a->mq_host, b->mq_host) && are_equal(a->mq_vhost, b->mq_vhost) &&
	       are_equal(a->mq_user, b->mq_user) && are_equal(a->mq_password, b->mq_password) &&
	       a->mq_port == b->mq_port && a->mq_uses_tls == b->mq_uses_tls;
}

bool eii_registered_tells_new_broker(struct eii_registered *registered,
				     const struct eii_registration *registration)
{
	bool is_new;

	(void)pthread_mutex_lock(&registered->lock);
	is_new = registered->number > 0 && !is_same_broker(&registered->registration, registration);
	(void)pthread_mutex_unlock(&registered->lock);
	return is_new;
}

void eii_registered_put(struct eii_registered *registered, struct eii_registration *registration,
			const struct eii_features *features)
{
	(void)pthread_mutex_lock(&registered->lock);
	eii_registration_clear(&registered->registration);
	registered->registration = *registration;
	registered->features = *features;
	(void)atomic_fetch_add(&registered->number, 1);
	(void)pthread_mutex_unlock(&registered->lock);
	*registration = (struct eii_registration){ 0 };
}

static void copy_registration(const struct eii_registration *from, struct eii_registration *to)
{
	*to = (struct eii_registration){
		.state = eii_strdup(from->state),
		.connector_user_id = eii_strdup(from->connector_user_id),
		.push_queue = eii_strdup(from->push_queue),
		.push_exchange = eii_strdup(from->push_exchange),
		.push_routing = eii_strdup(from->push_routing),
		.mq_host = eii_strdup(from->mq_host),
		.mq_vhost = eii_strdup(from->mq_vhost),
		.mq_user = eii_strdup(from->mq_user),
		.mq_password = eii_strdup(from->mq_password),
		.mq_port = from->mq_port,
		.mq_uses_tls = from->mq_uses_tls,
	};
}

uint64_t eii_registered_number(struct eii_registered *registered)
{
	return atomic_load(&registered->number);
}

bool eii_registered_get(struct eii_registered *registered, struct eii_registration *out,
			struct eii_features *out_features)
{
	bool is_there;

	(void)pthread_mutex_lock(&registered->lock);
	is_there = registered->number > 0;
	if (is_there) {
		eii_registration_clear(out);
		copy_registration(&registered->registration, out);
		*out_features = registered->features;
	}
	(void)pthread_mutex_unlock(&registered->lock);
	return is_there;
}
