/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/api_driver.h"

#include <stdlib.h>

#include "direct.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "message.h"

struct eii_api_driver {
	struct eii_direct direct; /* first */
	struct eii_api_driver_options options;
};

static void end_calls(void *arg)
{
	eii_platform_end_by(arg, eii_clock_monotonic_ms());
}

static enum eii_rc open_it(struct eii_direct *direct, struct eii_error *err)
{
	const struct eii_api_driver *d = (const struct eii_api_driver *)direct;

	if (!eii_registered_number(d->options.registered))
		return eii_fail(err, EII_RETRY, "the connector is not registered yet");
	return eii_directory_open(d->options.directory, d->options.registered, err);
}

static enum eii_rc push(struct eii_direct *direct, const struct eii_task *task,
			enum eii_outcome *out, uint64_t *out_bytes, struct eii_error *err)
{
	const struct eii_api_driver *d = (const struct eii_api_driver *)direct;
	const struct eii_message_source source = { task, d->options.report };
	enum eii_push_answer answer;
	enum eii_rc rc = eii_message_copy(d->options.directory, d->options.lane, task, err);

	if (rc)
		return rc;
	eii_lane_beat(d->options.lane, eii_clock_monotonic_ms() + EII_PLATFORM_PUSH_TIMEOUT_MS);
	rc = eii_platform_push(d->options.platform, task->order.send.work_id, eii_message_write,
			       &source, &answer, err);
	eii_lane_beat(d->options.lane, 0);
	if (rc)
		return rc;
	*out = answer == EII_PUSH_TAKEN ? EII_OUTCOME_CONFIRMED : EII_OUTCOME_TOO_LARGE;
	*out_bytes = answer == EII_PUSH_TAKEN ? eii_message_size(&source) : 0;
	return EII_OK;
}

struct eii_api_driver *eii_api_driver_new(const struct eii_api_driver_options *options)
{
	struct eii_api_driver *d = EII_NEW(struct eii_api_driver);

	d->options = *options;
	d->direct = (struct eii_direct){ .lane = options->lane,
					 .platform = options->platform,
					 .contacts = options->contacts,
					 .stats = options->stats,
					 .open = open_it,
					 .send = push };
	eii_lane_on_cut(options->lane, end_calls, options->platform);
	return d;
}

void eii_api_driver_free(struct eii_api_driver *d)
{
	free(d);
}

void *eii_api_driver_run(void *arg)
{
	struct eii_api_driver *d = arg;

	eii_direct_run(&d->direct);
	return NULL;
}
