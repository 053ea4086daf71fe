/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/platform_port.h"

#include <pthread.h>
#include <stdlib.h>

#include "eii/base/alloc.h"

/* ---- the registration, between two threads ----------------------------- */

struct eii_registered {
	pthread_mutex_t lock;
	bool is_there;
	struct eii_registration registration;
	struct eii_features features;
};

struct eii_registered *eii_registered_new(void)
{
	struct eii_registered *registered = EII_NEW(struct eii_registered);

	if (pthread_mutex_init(&registered->lock, NULL))
		abort();
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

void eii_registered_put(struct eii_registered *registered, struct eii_registration *registration,
			const struct eii_features *features)
{
	(void)pthread_mutex_lock(&registered->lock);
	eii_registration_clear(&registered->registration);
	registered->registration = *registration;
	registered->features = *features;
	registered->is_there = true;
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

bool eii_registered_get(struct eii_registered *registered, struct eii_registration *out,
			struct eii_features *out_features)
{
	bool is_there;

	(void)pthread_mutex_lock(&registered->lock);
	is_there = registered->is_there;
	if (is_there) {
		copy_registration(&registered->registration, out);
		*out_features = registered->features;
	}
	(void)pthread_mutex_unlock(&registered->lock);
	return is_there;
}

/* ---- the port ---------------------------------------------------------- */

struct port {
	struct eii_platform_port base; /* first */
	struct eii_platform *platform;
	struct eii_registered *registered;
};

static struct eii_platform *platform_of(struct eii_platform_port *self)
{
	return ((struct port *)self)->platform;
}

static enum eii_rc port_register(struct eii_platform_port *self, char **out_state,
				 struct eii_platform_traits *out_traits, struct eii_error *err)
{
	struct port *port = (struct port *)self;
	struct eii_registration registration = { 0 };
	const struct eii_features *features;
	enum eii_rc rc;

	rc = eii_platform_register(port->platform, &registration, err);
	if (rc)
		return rc;
	features = eii_platform_features(port->platform);
	*out_state = eii_strdup(registration.state);
	*out_traits = (struct eii_platform_traits){
		.has_multipart_work = features->has_multipart_work,
		.has_work_alive = features->has_work_alive,
		.content_member = features->needs_content_member,
		.file_version = features->needs_file_version,
		.files_first = features->sends_files_first,
	};
	eii_registered_put(port->registered, &registration, features);
	return EII_OK;
}

static enum eii_rc port_ping(struct eii_platform_port *self, const char *state,
			     const struct eii_run_info *info, enum eii_ping_result *out_result,
			     char **out_state, struct eii_error *err)
{
	struct eii_connector_info connector_info = {
		.is_buffering = info->is_buffering,
		.queue_bytes = info->queue_bytes,
		.last_run_unix_s = info->last_run_s,
		.next_run_unix_s = info->next_run_s,
	};
	enum eii_ping_answer answer;
	enum eii_rc rc;

	rc = eii_platform_ping(platform_of(self), state, &connector_info, &answer, out_state, err);
	if (rc)
		return rc;
	*out_result = answer == EII_PING_OK ? EII_PING_ANSWERED : EII_PING_UNKNOWN_CONNECTOR;
	return EII_OK;
}

static enum eii_rc port_read_state(struct eii_platform_port *self, char **out_state,
				   struct eii_error *err)
{
	enum eii_ping_answer answer;

	/* A connector that is gone has no state either; the next ping tells it apart. */
	return eii_platform_read_state(platform_of(self), &answer, out_state, err);
}

static enum eii_rc port_queue_size(struct eii_platform_port *self, double *out_bytes,
				   struct eii_error *err)
{
	struct eii_queue_details details;
	enum eii_rc rc = eii_platform_queue(platform_of(self), &details, err);

	if (rc)
		return rc;
	*out_bytes = details.is_known ? details.size_bytes : 0;
	return EII_OK;
}

static enum eii_rc port_work_open(struct eii_platform_port *self, const char *name,
				  char **out_work_id, struct eii_error *err)
{
	return eii_platform_work_add(platform_of(self), name, out_work_id, err);
}

static enum eii_rc port_work_expect(struct eii_platform_port *self, const char *work_id, uint32_t n,
				    struct eii_error *err)
{
	struct eii_platform *platform = platform_of(self);
	enum eii_rc rc = eii_platform_add_expectations(platform, work_id, n, err);

	if (rc == EII_RETRY && eii_platform_failure(platform).is_outcome_unknown)
		return EII_REJECT;
	return rc == EII_OK ? EII_OK : EII_RETRY;
}

static enum eii_rc port_work_report(struct eii_platform_port *self, const char *work_id,
				    const char *reason, struct eii_error *err)
{
	return eii_platform_report_expectation(platform_of(self), work_id, reason, NULL, err);
}

static enum eii_rc port_work_close(struct eii_platform_port *self, const char *work_id,
				   const char *message, enum eii_work_result result,
				   struct eii_error *err)
{
	return eii_platform_to_processed(platform_of(self), work_id, message,
					 result == EII_WORK_BAD ? EII_WORK_IN_ERROR : EII_WORK_DONE,
					 err);
}

static enum eii_rc port_work_alive(struct eii_platform_port *self, const char *work_id,
				   bool *out_alive, struct eii_error *err)
{
	return eii_platform_is_work_alive(platform_of(self), work_id, out_alive, err);
}

static enum eii_rc port_has_identity(struct eii_platform_port *self, const char *id, bool *out_has,
				     struct eii_error *err)
{
	return eii_platform_has_identity(platform_of(self), id, out_has, err);
}

static enum eii_rc port_has_marking(struct eii_platform_port *self, const char *id, bool *out_has,
				    struct eii_error *err)
{
	return eii_platform_has_marking(platform_of(self), id, out_has, err);
}

struct eii_platform_port *eii_platform_port_new(struct eii_platform *platform,
						struct eii_registered *registered)
{
	struct port *port = EII_NEW(struct port);

	port->platform = platform;
	port->registered = registered;
	port->base = (struct eii_platform_port){
		.do_register = port_register,
		.ping = port_ping,
		.read_state = port_read_state,
		.queue_size = port_queue_size,
		.work_open = port_work_open,
		.work_expect = port_work_expect,
		.work_report = port_work_report,
		.work_close = port_work_close,
		.work_alive = port_work_alive,
		.has_identity = port_has_identity,
		.has_marking = port_has_marking,
	};
	return &port->base;
}
