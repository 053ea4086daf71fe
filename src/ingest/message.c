/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdlib.h>

#include "eii/base/clock.h"
#include "eii/ingest/parcel.h"
#include "eii/stix/author.h"
#include "eii/stix/marking.h"

enum eii_rc eii_message_write(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const struct eii_message_source *source = arg;
	const struct eii_order *order = &source->task->order;

	switch (order->send.kind) {
	case EII_MESSAGE_AUTHOR:
		return eii_author_write_bundle(source->settings, order->send.index, sink, err);
	case EII_MESSAGE_MARKING:
		return eii_marking_write_bundle(source->settings, order->send.index, sink, err);
	case EII_MESSAGE_REPORT:
		break;
	}
	return eii_report_write_bundle(source->task->parcel->report, order->send.index, sink, err);
}

enum eii_rc eii_message_copy(struct eii_directory *directory, struct eii_lane *lane,
			     const struct eii_task *task, struct eii_error *err)
{
	enum eii_rc rc;

	if (!directory || task->order.send.kind != EII_MESSAGE_REPORT)
		return EII_OK;
	eii_lane_beat(lane, eii_clock_monotonic_ms() + EII_DIRECTORY_WRITE_MS);
	rc = eii_directory_write(directory, task->parcel->report, task->order.send.index, err);
	eii_lane_beat(lane, 0);
	return rc;
}

uint64_t eii_message_size(const struct eii_message_source *source)
{
	const struct eii_order *order = &source->task->order;
	struct eii_count_sink count;

	if (order->send.kind == EII_MESSAGE_REPORT)
		return eii_report_bundle_size(source->task->parcel->report, order->send.index);
	eii_count_sink_init(&count);
	/* A counting sink takes everything. */
	if (eii_message_write(source, &count.base, NULL))
		abort();
	return count.n_bytes;
}
