/* SPDX-License-Identifier: Apache-2.0 */
#include "way_out.h"

#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/ingest/api_driver.h"
#include "eii/ingest/directory_driver.h"
#include "eii/ingest/dry_run.h"
#include "eii/ingest/queue_driver.h"

struct eii_way_out {
	void *(*body)(void *); /* of the one driver that is made */
	void *arg;
	struct eii_dry_queue dry;
	struct eii_queue_driver *queue;
	struct eii_api_driver *api;
	struct eii_directory_driver *files;
	struct eii_directory_settings directory_settings;
	struct eii_directory *directory; /* NULL = no files are written */
};

static void make_dry(struct eii_way_out *way, const struct eii_way_out_options *o)
{
	way->dry = (struct eii_dry_queue){ .lane = o->lane, .stream = stdout };
	way->body = eii_dry_queue_run;
	way->arg = &way->dry;
}

static void make_directory(struct eii_way_out *way, const struct eii_way_out_options *o)
{
	if (!o->config->connector.send_to_directory)
		return;
	way->directory_settings = eii_parts_directory(o->config);
	way->directory = eii_directory_new(&way->directory_settings);
	eii_directory_tidy(way->directory);
}

static void make_files(struct eii_way_out *way, const struct eii_way_out_options *o)
{
	struct eii_directory_driver_options files = { .lane = o->lane,
						      .directory = way->directory,
						      .registered = o->registered,
						      .contacts = o->contacts,
						      .stats = o->stats };

	way->files = eii_directory_driver_new(&files);
	way->body = eii_directory_driver_run;
	way->arg = way->files;
}

static enum eii_rc make_api(struct eii_way_out *way, const struct eii_way_out_options *o,
			    struct eii_error *err)
{
	enum eii_rc rc = eii_parts_make_push(o->parts, eii_lane_stop(o->lane), err);
	struct eii_api_driver_options api = { .lane = o->lane,
					      .platform = o->parts->push,
					      .registered = o->registered,
					      .report = o->report,
					      .directory = way->directory,
					      .contacts = o->contacts,
					      .stats = o->stats };

	if (rc)
		return rc;
	way->api = eii_api_driver_new(&api);
	way->body = eii_api_driver_run;
	way->arg = way->api;
	return EII_OK;
}

static void make_queue(struct eii_way_out *way, const struct eii_way_out_options *o)
{
	struct eii_queue_driver_options queue = { .lane = o->lane,
						  .settings = &o->parts->queue,
						  .registered = o->registered,
						  .report = o->report,
						  .directory = way->directory,
						  .watchdog = o->watchdog,
						  .contacts = o->contacts,
						  .stats = o->stats };

	way->queue = eii_queue_driver_new(&queue);
	way->body = eii_queue_driver_run;
	way->arg = way->queue;
}

enum eii_rc eii_way_out_new(const struct eii_way_out_options *o, struct eii_way_out **out,
			    struct eii_error *err)
{
	EII_AUTO(eii_way_out) way = EII_NEW(struct eii_way_out);
	enum eii_rc rc = EII_OK;

	if (o->mode == EII_WAY_OUT_DRY) {
		make_dry(way, o);
	} else {
		make_directory(way, o);
		if (!o->config->connector.send_to_queue)
			make_files(way, o);
		else if (o->config->connector.protocol == EII_CONFIG_PROTOCOL_API)
			rc = make_api(way, o, err);
		else
			make_queue(way, o);
	}
	if (rc)
		return rc;
	*out = EII_DETACH(way);
	return EII_OK;
}

void eii_way_out_free(struct eii_way_out *way)
{
	if (!way)
		return;
	eii_queue_driver_free(way->queue);
	eii_api_driver_free(way->api);
	eii_directory_driver_free(way->files);
	eii_directory_free(way->directory);
	free(way);
}

void *eii_way_out_run(void *arg)
{
	const struct eii_way_out *way = arg;

	return way->body(way->arg);
}
