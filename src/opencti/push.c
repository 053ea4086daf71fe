/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include <stdlib.h>

#define DOCUMENT                                                                                   \
	"mutation stixBundlePush($connectorId:String!,$bundle:String!,$work_id:String)"            \
	"{stixBundlePush(connectorId:$connectorId,bundle:$bundle,work_id:$work_id)}"

#define HTTP_TOO_LARGE 413

/* A bundle's bytes as pieces of a JSON string. */
struct string_sink {
	struct eii_sink base; /* first */
	struct eii_json_writer *json;
};

static enum eii_rc add_to_string(struct eii_sink *self, const void *data, size_t len,
				 struct eii_error *err)
{
	struct string_sink *sink = (struct string_sink *)self;

	(void)err; /* the writer keeps its first failure */
	eii_json_string_add(sink->json, (struct eii_text){ data, len });
	return EII_OK;
}

struct push {
	const char *connector_id, *work_id;
	eii_bundle_writer *write;
	const void *arg;
};

static void write_variables(const void *arg, struct eii_json_writer *json)
{
	const struct push *push = arg;
	struct string_sink sink = { .base = { .write = add_to_string }, .json = json };

	eii_json_object_begin(json);
	eii_json_key(json, "connectorId");
	eii_json_str(json, push->connector_id);
	eii_json_key(json, "bundle");
	eii_json_string_begin(json);
	/* A report can always be written; what the sink lacks room for the JSON writer tells. */
	if (push->write(push->arg, &sink.base, NULL))
		abort();
	eii_json_string_end(json);
	eii_json_key(json, "work_id");
	if (push->work_id)
		eii_json_str(json, push->work_id);
	else
		eii_json_word(json, EII_JSON_NULL);
	eii_json_object_end(json);
}

/* By the platform's word, or by our own bound: then nothing was sent, and nobody answered. */
static bool is_too_large(const struct eii_platform_failure *failure)
{
	return failure->http_status == HTTP_TOO_LARGE ||
	       (!failure->http_status && !failure->is_outcome_unknown);
}

enum eii_rc eii_platform_push(struct eii_platform *platform, const char *work_id,
			      eii_bundle_writer *write, const void *arg,
			      enum eii_push_answer *out_answer, struct eii_error *err)
{
	const struct push push = { platform->connector_id, work_id, write, arg };
	struct eii_graphql_call what = {
		.name = "stixBundlePush",
		.document = DOCUMENT,
		.way = EII_GRAPHQL_QUERY,
		.write_variables = write_variables,
		.write_arg = &push,
		.max_bytes = EII_PLATFORM_PUSH_MAX_BYTES,
		.timeout_ms = EII_PLATFORM_PUSH_TIMEOUT_MS,
	};
	enum eii_rc rc = eii_platform_call_as(platform, &what, err);

	*out_answer = EII_PUSH_TAKEN;
	if (rc != EII_REJECT || !is_too_large(&platform->failure))
		return rc;
	*out_answer = EII_PUSH_TOO_LARGE;
	return EII_OK;
}
