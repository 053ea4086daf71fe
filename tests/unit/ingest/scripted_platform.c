/* SPDX-License-Identifier: Apache-2.0 */
#include "scripted_platform.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"

static struct scripted_platform *lock_of(struct eii_platform_port *self)
{
	struct scripted_platform *platform = (struct scripted_platform *)self;

	(void)pthread_mutex_lock(&platform->lock);
	return platform;
}

static void unlock(struct scripted_platform *platform)
{
	(void)pthread_mutex_unlock(&platform->lock);
}

static void store(struct scripted_platform *platform, const char *state)
{
	char *copy = eii_strdup(state);

	free(platform->state);
	platform->state = copy;
}

static enum eii_rc do_register(struct eii_platform_port *self, char **out_state,
			       struct eii_platform_traits *out_traits, struct eii_error *err)
{
	struct scripted_platform *platform = lock_of(self);
	enum eii_rc rc = EII_OK;

	platform->n_registers++;
	if (platform->register_failures) {
		platform->register_failures--;
		rc = eii_fail(err, platform->register_rc, "scripted failure");
	} else {
		platform->is_deleted = false;
		*out_state = eii_strdup(platform->state);
		*out_traits = (struct eii_platform_traits){ .has_work_alive = true };
	}
	unlock(platform);
	return rc;
}

/*
 * Measured: the first ping after a reset is thrown away and answers "", once;
 * any other is stored, also none at all.
 */
static void take_state(struct scripted_platform *platform, const char *state)
{
	if (platform->is_reset) {
		platform->is_reset = false;
		return;
	}
	store(platform, state);
}

static enum eii_rc ping(struct eii_platform_port *self, const char *state,
			const struct eii_run_info *info, enum eii_ping_result *out_result,
			char **out_state, struct eii_error *err)
{
	struct scripted_platform *platform = lock_of(self);
	enum eii_rc rc = EII_OK;

	(void)info;
	platform->n_pings++;
	platform->n_bare_pings += state == NULL;
	*out_result = EII_PING_ANSWERED;
	if (platform->is_deleted) {
		*out_result = EII_PING_UNKNOWN_CONNECTOR;
		unlock(platform);
		return EII_OK;
	}
	take_state(platform, state);
	if (platform->lose_echoes) {
		platform->lose_echoes--;
		rc = eii_fail(err, EII_RETRY, "the answer was lost");
	} else {
		*out_state = eii_strdup(platform->state);
	}
	unlock(platform);
	return rc;
}

static enum eii_rc read_state(struct eii_platform_port *self, char **out_state,
			      struct eii_error *err)
{
	struct scripted_platform *platform = lock_of(self);

	(void)err;
	platform->n_reads++;
	*out_state = eii_strdup(platform->state);
	unlock(platform);
	return EII_OK;
}

static enum eii_rc queue_size(struct eii_platform_port *self, double *out_bytes,
			      struct eii_error *err)
{
	(void)self;
	(void)err;
	*out_bytes = 4711;
	return EII_OK;
}

static enum eii_rc work_open(struct eii_platform_port *self, const char *name, char **out_work_id,
			     struct eii_error *err)
{
	(void)self;
	(void)err;
	*out_work_id = eii_asprintf("work of %s", name);
	return EII_OK;
}

void scripted_platform_init(struct scripted_platform *platform, const char *state)
{
	memset(platform, 0, sizeof(*platform));
	platform->base = (struct eii_platform_port){
		.do_register = do_register,
		.ping = ping,
		.read_state = read_state,
		.queue_size = queue_size,
		.work_open = work_open,
	};
	platform->register_rc = EII_RETRY;
	platform->state = eii_strdup(state);
	(void)pthread_mutex_init(&platform->lock, NULL);
}

void scripted_platform_clear(struct scripted_platform *platform)
{
	free(platform->state);
	(void)pthread_mutex_destroy(&platform->lock);
}

void scripted_platform_reset(struct scripted_platform *platform)
{
	(void)pthread_mutex_lock(&platform->lock);
	store(platform, "");
	platform->is_reset = true;
	(void)pthread_mutex_unlock(&platform->lock);
}

void scripted_platform_delete(struct scripted_platform *platform)
{
	(void)pthread_mutex_lock(&platform->lock);
	store(platform, NULL);
	platform->is_deleted = true;
	(void)pthread_mutex_unlock(&platform->lock);
}

char *scripted_platform_state(struct scripted_platform *platform)
{
	char *copy;

	(void)pthread_mutex_lock(&platform->lock);
	copy = eii_strdup(platform->state);
	(void)pthread_mutex_unlock(&platform->lock);
	return copy;
}
