/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the platform share: its inside, variables written as they
 * are needed, and members of answers read with their types checked.
 */
#ifndef EII_OPENCTI_PLATFORM_PRIVATE_H
#define EII_OPENCTI_PLATFORM_PRIVATE_H

#include "eii/base/buf.h"
#include "eii/base/json_writer.h"
#include "eii/codec/json.h"
#include "eii/opencti/platform.h"

#define EII_PLATFORM_VARIABLES_MAX ((size_t)4 * 1024 * 1024)
#define EII_PLATFORM_LOCK_S        5 /* how long a deleted connector's id stays locked */

struct eii_platform {
	struct eii_graphql *graphql;
	char *connector_id;
	char *connector_name;
	char *connector_scope;
	bool run_and_terminate;
	double queue_threshold_mb;
	char *version; /* NULL = not asked yet */
	struct eii_features features;
	struct eii_graphql_answer answer; /* of the last call */
	struct eii_platform_failure failure;
	const char *draft_id; /* borrowed: calls are made in it; NULL = in none */
	int64_t deadline_ms;  /* the caller's, 0 = none */
	int64_t held_ms;      /* of what takes several calls, 0 = nothing under way */
};

/*
 * Between these two all calls share one deadline, so that what takes several of
 * them lasts no longer than one.
 */
void eii_platform_hold(struct eii_platform *platform);
void eii_platform_release(struct eii_platform *platform);

/* The variables of a call: begin, write members by json, pass on, clear. */
struct eii_variables {
	struct eii_buf buf;
	struct eii_buf_sink sink;
	struct eii_json_writer json;
};
void eii_variables_begin(struct eii_variables *variables);
void eii_variables_str(struct eii_variables *variables, const char *name, const char *value);
void eii_variables_clear(struct eii_variables *variables);

/*
 * Makes the call with these variables (NULL = none; cleared in every case);
 * platform->answer has the data, platform->failure what went wrong.
 */
enum eii_rc eii_platform_call(struct eii_platform *platform, const char *name, const char *document,
			      struct eii_variables *variables, enum eii_graphql_way way,
			      struct eii_error *err) EII_MUST_CHECK;

/* The same with a call of the caller's own, whose deadline is set here; it has its variables. */
enum eii_rc eii_platform_call_as(struct eii_platform *platform, struct eii_graphql_call *what,
				 struct eii_error *err) EII_MUST_CHECK;

/* The value of one root member of the answer, NULL where it is null or absent. */
const struct eii_json *eii_platform_root(const struct eii_platform *platform, const char *name);

/* Whether the last call's document or filter is one that the platform does not know. */
bool eii_platform_refused_document(const struct eii_platform *platform);

/* Whether the last failure says that the platform has no such connector. */
bool eii_platform_lacks_connector(const struct eii_platform *platform);

/* The answer lacks what it must have. */
enum eii_rc eii_platform_fail_shape(struct eii_platform *platform, const char *name,
				    const char *member, struct eii_error *err);

#endif
