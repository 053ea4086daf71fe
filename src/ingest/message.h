/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle that a SEND is about, whatever carries it to the platform. */
#ifndef EII_INGEST_MESSAGE_H
#define EII_INGEST_MESSAGE_H

#include "eii/base/sink.h"
#include "eii/ingest/directory.h"
#include "eii/ingest/lane.h"
#include "eii/stix/report.h"

/* Both borrowed. */
struct eii_message_source {
	const struct eii_task *task; /* a SEND */
	const struct eii_report_settings *settings;
};

/* An eii_bundle_writer; source is a struct eii_message_source. Fails as the sink does. */
enum eii_rc eii_message_write(const void *source, struct eii_sink *sink,
			      struct eii_error *err) EII_MUST_CHECK;

/*
 * A report's message as a file of the directory, author and marking being in each; NULL: no
 * directory is meant. Fails as eii_directory_write().
 */
enum eii_rc eii_message_copy(struct eii_directory *directory, struct eii_lane *lane,
			     const struct eii_task *task, struct eii_error *err) EII_MUST_CHECK;

/* Bytes of it. */
uint64_t eii_message_size(const struct eii_message_source *source);

#endif
