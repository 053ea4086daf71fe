/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include <stdio.h>
#include <time.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"

struct eii_platform *eii_platform_new(const struct eii_platform_options *options)
{
	struct eii_platform *platform = EII_NEW(struct eii_platform);

	platform->graphql = eii_graphql_new(&options->graphql);
	platform->connector_id = eii_strdup(options->connector_id);
	platform->connector_name = eii_strdup(options->connector_name);
	platform->connector_scope = eii_strdup(options->connector_scope);
	platform->run_and_terminate = options->run_and_terminate;
	platform->queue_threshold_mb = options->queue_threshold_mb;
	platform->features = eii_features_newest();
	return platform;
}

void eii_platform_free(struct eii_platform *platform)
{
	if (!platform)
		return;
	eii_graphql_answer_clear(&platform->answer);
	eii_graphql_free(platform->graphql);
	free(platform->connector_id);
	free(platform->connector_name);
	free(platform->connector_scope);
	free(platform->version);
	free(platform);
}

const struct eii_features *eii_platform_features(const struct eii_platform *platform)
{
	return &platform->features;
}

struct eii_platform_failure eii_platform_failure(const struct eii_platform *platform)
{
	return platform->failure;
}

int64_t eii_platform_server_unix_s(const struct eii_platform *platform)
{
	return platform->answer.server_unix_s;
}

/* ---- time -------------------------------------------------------------- */

void eii_platform_set_deadline(struct eii_platform *platform, int64_t deadline_ms)
{
	platform->deadline_ms = deadline_ms;
}

void eii_platform_end_by(struct eii_platform *platform, int64_t instant_ms)
{
	eii_graphql_end_by(platform->graphql, instant_ms);
}

void eii_platform_hold(struct eii_platform *platform)
{
	int64_t latest_ms = eii_clock_monotonic_ms() + EII_GRAPHQL_TIMEOUT_MS;

	platform->held_ms = latest_ms;
	if (platform->deadline_ms && platform->deadline_ms < latest_ms)
		platform->held_ms = platform->deadline_ms;
}

void eii_platform_release(struct eii_platform *platform)
{
	platform->held_ms = 0;
}

/* ---- calls ------------------------------------------------------------- */

void eii_variables_begin(struct eii_variables *variables)
{
	eii_buf_init(&variables->buf, EII_PLATFORM_VARIABLES_MAX);
	eii_buf_sink_init(&variables->sink, &variables->buf);
	eii_json_writer_init(&variables->json, &variables->sink.base);
	eii_json_object_begin(&variables->json);
}

void eii_variables_str(struct eii_variables *variables, const char *name, const char *value)
{
	eii_json_key(&variables->json, name);
	if (value)
		eii_json_str(&variables->json, value);
	else
		eii_json_word(&variables->json, EII_JSON_NULL);
}

void eii_variables_clear(struct eii_variables *variables)
{
	eii_buf_clear(&variables->buf);
}

enum eii_rc eii_platform_call_as(struct eii_platform *platform, struct eii_graphql_call *what,
				 struct eii_error *err)
{
	enum eii_rc rc;

	what->draft_id = platform->draft_id;
	what->deadline_ms = platform->held_ms ? platform->held_ms : platform->deadline_ms;
	rc = eii_graphql_call(platform->graphql, what, &platform->answer, err);
	platform->failure = (struct eii_platform_failure){
		.code = platform->answer.code,
		.is_outcome_unknown = platform->answer.is_outcome_unknown,
		.retry_after_s = platform->answer.retry_after_s,
		.http_status = platform->answer.http_status,
	};
	if (platform->failure.code == EII_GRAPHQL_LOCKED && !platform->failure.retry_after_s)
		platform->failure.retry_after_s = EII_PLATFORM_LOCK_S;
	return rc;
}

static enum eii_rc finish_variables(struct eii_variables *variables, const char *name,
				    struct eii_error *err)
{
	enum eii_rc rc;

	eii_json_object_end(&variables->json);
	rc = eii_json_writer_finish(&variables->json, err);
	return rc ? eii_fail_in(err, rc, "%s: its variables", name) : EII_OK;
}

enum eii_rc eii_platform_call(struct eii_platform *platform, const char *name, const char *document,
			      struct eii_variables *variables, enum eii_graphql_way way,
			      struct eii_error *err)
{
	struct eii_graphql_call what = { .name = name, .document = document, .way = way };
	enum eii_rc rc = variables ? finish_variables(variables, name, err) : EII_OK;

	eii_graphql_answer_clear(&platform->answer);
	platform->failure = (struct eii_platform_failure){ 0 };
	if (!rc) {
		if (variables)
			what.variables = eii_buf_text(&variables->buf);
		rc = eii_platform_call_as(platform, &what, err);
	}
	if (variables)
		eii_variables_clear(variables);
	return rc;
}

const struct eii_json *eii_platform_root(const struct eii_platform *platform, const char *name)
{
	const struct eii_json *root = eii_json_get(platform->answer.data, name);

	return eii_json_type(root) == EII_JSON_IS_OBJECT ? root : NULL;
}

bool eii_platform_refused_document(const struct eii_platform *platform)
{
	enum eii_graphql_code code = platform->failure.code;

	return code == EII_GRAPHQL_BAD_DOCUMENT || code == EII_GRAPHQL_BAD_INPUT ||
	       code == EII_GRAPHQL_UNSUPPORTED;
}

bool eii_platform_lacks_connector(const struct eii_platform *platform)
{
	return platform->answer.code == EII_GRAPHQL_FUNCTIONAL &&
	       strstr(platform->answer.message, "No connector found");
}

enum eii_rc eii_platform_fail_shape(struct eii_platform *platform, const char *name,
				    const char *member, struct eii_error *err)
{
	platform->failure.is_outcome_unknown = true;
	return eii_fail(err, EII_RETRY, "OpenCTI, %s: the answer lacks %s", name, member);
}

enum eii_rc eii_platform_about(struct eii_platform *platform, const char **out_version,
			       struct eii_error *err)
{
	struct eii_version version;
	const char *text;
	enum eii_rc rc = eii_platform_call(platform, "about", "query healthCheck{about{version}}",
					   NULL, EII_GRAPHQL_QUERY, err);

	if (rc)
		return rc;
	text = eii_json_get_str(eii_platform_root(platform, "about"), "version");
	if (!text)
		return eii_platform_fail_shape(platform, "about", "version", err);
	free(platform->version);
	platform->version = eii_strdup(text);
	platform->features = eii_version_parse(text, &version) ? eii_features_of(version)
							       : eii_features_newest();
	*out_version = platform->version;
	return EII_OK;
}

/* ---- ping -------------------------------------------------------------- */

static const char ping_document[] =
	"mutation PingConnector($id:ID!,$state:String){pingConnector(id:$id,state:$state)"
	"{id connector_state}}";
static const char ping_info_document[] =
	"mutation PingConnector($id:ID!,$state:String,$connectorInfo:ConnectorInfoInput)"
	"{pingConnector(id:$id,state:$state,connectorInfo:$connectorInfo){id connector_state}}";

/* A GraphQL Float without the locale's comma; below zero counts as zero. */
static void write_float(struct eii_json_writer *json, const char *name, double value)
{
	char text[48];
	uint64_t millionths = value > 0 && value < 1e12 ? (uint64_t)(value * 1e6 + 0.5) : 0;
	int n = snprintf(text, sizeof(text), "%llu.%06llu",
			 (unsigned long long)(millionths / 1000000),
			 (unsigned long long)(millionths % 1000000));

	eii_json_key(json, name);
	eii_json_raw(json, eii_text(text, (size_t)n));
}

static void write_bool(struct eii_json_writer *json, const char *name, enum eii_json_word word)
{
	eii_json_key(json, name);
	eii_json_word(json, word);
}

/* As pycti: UTC with Z, null for none. */
static void write_instant(struct eii_variables *variables, const char *name, int64_t unix_s)
{
	time_t instant = (time_t)unix_s;
	char text[40];
	struct tm parts;

	if (!unix_s || !gmtime_r(&instant, &parts) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts))
		eii_variables_str(variables, name, NULL);
	else
		eii_variables_str(variables, name, text);
}

static void write_info(const struct eii_platform *platform, const struct eii_connector_info *info,
		       struct eii_variables *variables)
{
	struct eii_json_writer *json = &variables->json;

	eii_json_key(json, "connectorInfo");
	eii_json_object_begin(json);
	write_bool(json, "run_and_terminate",
		   platform->run_and_terminate ? EII_JSON_TRUE : EII_JSON_FALSE);
	write_bool(json, "buffering", info->is_buffering ? EII_JSON_TRUE : EII_JSON_FALSE);
	write_float(json, "queue_threshold", platform->queue_threshold_mb);
	/* pycti shows megabytes here, though the platform counts bytes. */
	write_float(json, "queue_messages_size", info->queue_bytes / 1e6);
	write_instant(variables, "next_run_datetime", info->next_run_unix_s);
	write_instant(variables, "last_run_datetime", info->last_run_unix_s);
	eii_json_object_end(json);
}

static char *state_of(const struct eii_json *connector)
{
	return eii_strdup(eii_json_get_str(connector, "connector_state"));
}

enum eii_rc eii_platform_ping(struct eii_platform *platform, const char *state,
			      const struct eii_connector_info *info,
			      enum eii_ping_answer *out_answer, char **out_echo,
			      struct eii_error *err)
{
	const char *document = ping_document;
	struct eii_variables variables;
	const struct eii_json *connector;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "id", platform->connector_id);
	if (state)
		eii_variables_str(&variables, "state", state);
	if (info && platform->features.has_connector_info) {
		document = ping_info_document;
		write_info(platform, info, &variables);
	}
	rc = eii_platform_call(platform, "pingConnector", document, &variables,
			       state ? EII_GRAPHQL_UNSTOPPED : EII_GRAPHQL_QUERY, err);
	if (rc && eii_platform_lacks_connector(platform)) {
		*out_answer = EII_PING_NO_CONNECTOR;
		*out_echo = NULL;
		return EII_OK;
	}
	if (rc)
		return rc;
	connector = eii_platform_root(platform, "pingConnector");
	if (!connector)
		return eii_platform_fail_shape(platform, "pingConnector", "pingConnector", err);
	*out_answer = EII_PING_OK;
	*out_echo = state_of(connector);
	return EII_OK;
}

/* ---- the connector as the platform has it ------------------------------ */

static enum eii_rc ask_connector(struct eii_platform *platform, const char *document,
				 struct eii_error *err)
{
	struct eii_variables variables;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "id", platform->connector_id);
	return eii_platform_call(platform, "connector", document, &variables, EII_GRAPHQL_QUERY,
				 err);
}

enum eii_rc eii_platform_read_state(struct eii_platform *platform, enum eii_ping_answer *out_answer,
				    char **out_state, struct eii_error *err)
{
	const struct eii_json *connector;
	enum eii_rc rc = ask_connector(
		platform, "query GetConnector($id:String!){connector(id:$id){id connector_state}}",
		err);

	if (rc && !eii_platform_lacks_connector(platform))
		return rc;
	connector = rc ? NULL : eii_platform_root(platform, "connector");
	if (!connector) {
		*out_answer = EII_PING_NO_CONNECTOR;
		*out_state = NULL;
		return EII_OK;
	}
	*out_answer = EII_PING_OK;
	*out_state = state_of(connector);
	return EII_OK;
}

static bool read_queue(const struct eii_json *connector, struct eii_queue_details *out)
{
	const struct eii_json *details = eii_json_get(connector, "connector_queue_details");
	double n_messages = eii_json_as_double(eii_json_get(details, "messages_number"), -1);
	double size_bytes = eii_json_as_double(eii_json_get(details, "messages_size"), -1);

	if (n_messages < 0 || size_bytes < 0)
		return false;
	*out = (struct eii_queue_details){ .is_known = true,
					   .n_messages = n_messages,
					   .size_bytes = size_bytes };
	return true;
}

enum eii_rc eii_platform_queue(struct eii_platform *platform, struct eii_queue_details *out,
			       struct eii_error *err)
{
	enum eii_rc rc;

	if (!platform->features.has_queue_details) {
		*out = (struct eii_queue_details){ .is_known = false };
		return EII_OK;
	}
	rc = ask_connector(platform,
			   "query GetConnector($id:String!){connector(id:$id){id "
			   "connector_queue_details{messages_number messages_size}}}",
			   err);
	if (rc)
		return rc;
	if (!read_queue(eii_platform_root(platform, "connector"), out))
		return eii_platform_fail_shape(platform, "connector", "connector_queue_details",
					       err);
	return EII_OK;
}
