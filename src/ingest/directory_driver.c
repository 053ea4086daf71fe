/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/directory_driver.h"

#include <stdlib.h>

#include "direct.h"
#include "eii/base/alloc.h"
#include "eii/ingest/parcel.h"
#include "message.h"

struct eii_directory_driver {
	struct eii_direct direct; /* first */
	struct eii_directory_driver_options options;
};

static enum eii_rc open_it(struct eii_direct *direct, struct eii_error *err)
{
	const struct eii_directory_driver *d = (const struct eii_directory_driver *)direct;

	return eii_directory_open(d->options.directory, d->options.registered, err);
}

static enum eii_rc put(struct eii_direct *direct, const struct eii_task *task,
		       enum eii_outcome *out, uint64_t *out_bytes, struct eii_error *err)
{
	const struct eii_directory_driver *d = (const struct eii_directory_driver *)direct;
	enum eii_rc rc = eii_message_copy(d->options.directory, d->options.lane, task, err);

	if (rc)
		return rc;
	*out = EII_OUTCOME_CONFIRMED;
	*out_bytes = eii_report_bundle_size(task->parcel->report, task->order.send.index);
	return EII_OK;
}

struct eii_directory_driver *eii_directory_driver_new(
	const struct eii_directory_driver_options *options)
{
	struct eii_directory_driver *d = EII_NEW(struct eii_directory_driver);

	d->options = *options;
	d->direct = (struct eii_direct){ .lane = options->lane,
					 .contacts = options->contacts,
					 .stats = options->stats,
					 .open = open_it,
					 .send = put };
	return d;
}

void eii_directory_driver_free(struct eii_directory_driver *d)
{
	free(d);
}

void *eii_directory_driver_run(void *arg)
{
	struct eii_directory_driver *d = arg;

	eii_direct_run(&d->direct);
	return NULL;
}
