/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message on the push queue as pycti writes it (members and their order),
 * around a bundle that is streamed into base64: the body never exists in memory.
 */
#ifndef EII_OPENCTI_ENVELOPE_H
#define EII_OPENCTI_ENVELOPE_H

#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/opencti/version.h"

struct eii_envelope {
	const char *applicant_id;            /* connector_user_id; NULL = null */
	const char *work_id;                 /* NULL = no such member */
	const char *draft_id;                /* NULL = null: the main knowledge */
	uint32_t sequence;                   /* action_sequence, from 1; nobody reads it */
	const struct eii_features *features; /* what the platform's version knows */
};

/* Writes the inner bundle, the same bytes each time it is called. */
typedef enum eii_rc eii_bundle_writer(const void *arg, struct eii_sink *sink,
				      struct eii_error *err);

/* Bytes of the whole message around a bundle of bundle_bytes. */
uint64_t eii_envelope_size(const struct eii_envelope *envelope, uint64_t bundle_bytes);

/*
 * Writes it. EII_REJECT where the bundle has not the size that was announced;
 * else the writer's or the sink's failure.
 */
enum eii_rc eii_envelope_write(const struct eii_envelope *envelope, uint64_t bundle_bytes,
			       eii_bundle_writer *write, const void *arg, struct eii_sink *sink,
			       struct eii_error *err) EII_MUST_CHECK;

#endif
