/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/graphql.h"

#include <stdio.h>

#include "answer.h"
#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/clock.h"
#include "eii/base/json_writer.h"
#include "eii/net/http.h"

#define DRAFT_HEADER_BYTES 256 /* with an id of EII_PLATFORM_DRAFT_BYTES */
#define REQUEST_MAX_BYTES                                                                          \
	((size_t)8 * 1024 * 1024) /* a state of 1 MB, escaped, many times over                     \
				   */

/*
 * Sent with each call. Our own name, not pycti's: a log should tell who called.
 * Letters, '/' and digits with dots only, the form that the platform's own
 * client demands of what follows its name.
 */
#define USER_AGENT "EmailIntelImap/" EII_VERSION

struct eii_graphql {
	struct eii_graphql_options options;
	char *url;
	struct eii_http_reply reply;
};

struct eii_graphql *eii_graphql_new(const struct eii_graphql_options *options)
{
	struct eii_graphql *graphql = EII_NEW(struct eii_graphql);
	size_t len = strlen(options->url);

	while (len > 0 && options->url[len - 1] == '/')
		len--;
	graphql->options = *options;
	graphql->url = eii_asprintf("%.*s/graphql", (int)len, options->url);
	graphql->options.url = graphql->url;
	eii_http_reply_init(&graphql->reply);
	return graphql;
}

void eii_graphql_free(struct eii_graphql *graphql)
{
	if (!graphql)
		return;
	eii_http_reply_clear(&graphql->reply);
	free(graphql->url);
	free(graphql);
}

void eii_graphql_end_by(struct eii_graphql *graphql, int64_t instant_ms)
{
	eii_http_end_by(graphql->options.http, instant_ms);
}

static int64_t deadline_of(const struct eii_graphql_call *call)
{
	int64_t latest_ms = eii_clock_monotonic_ms() +
			    (call->timeout_ms ? call->timeout_ms : EII_GRAPHQL_TIMEOUT_MS);

	return call->deadline_ms && call->deadline_ms < latest_ms ? call->deadline_ms : latest_ms;
}

static enum eii_rc make_body(const struct eii_graphql_call *call, struct eii_buf *body,
			     struct eii_error *err)
{
	struct eii_buf_sink sink;
	struct eii_json_writer json;
	enum eii_rc rc;

	eii_buf_sink_init(&sink, body);
	eii_json_writer_init(&json, &sink.base);
	eii_json_object_begin(&json);
	eii_json_key(&json, "query");
	eii_json_str(&json, call->document);
	eii_json_key(&json, "variables");
	if (call->write_variables)
		call->write_variables(call->write_arg, &json);
	else
		eii_json_raw(&json, call->variables.len ? call->variables : eii_text_of("{}"));
	eii_json_object_end(&json);
	rc = eii_json_writer_finish(&json, err);
	return rc ? eii_fail_in(err, rc, "%s: the request is too large", call->name) : EII_OK;
}

static enum eii_rc post(struct eii_graphql *graphql, const struct eii_graphql_call *call,
			const char *token, struct eii_text body, struct eii_error *err)
{
	char draft[DRAFT_HEADER_BYTES];
	const char *const headers[] = { draft, NULL };
	struct eii_http_request request = {
		.url = graphql->url,
		.headers = call->draft_id ? headers : NULL,
		.bearer = token,
		.user_agent = USER_AGENT,
		.body = body,
		.deadline_ms = deadline_of(call),
		.stop = call->way == EII_GRAPHQL_UNSTOPPED ? NULL : graphql->options.stop,
		.connection = call->way == EII_GRAPHQL_ONCE ? EII_HTTP_FRESH : EII_HTTP_KEPT,
	};

	(void)snprintf(draft, sizeof(draft), "opencti-draft-id: %s",
		       call->draft_id ? call->draft_id : "");
	return eii_http_post(graphql->options.http, &request, &graphql->reply, err);
}

static enum eii_rc exchange(struct eii_graphql *graphql, const struct eii_graphql_call *call,
			    struct eii_text body, struct eii_graphql_answer *answer,
			    struct eii_error *err)
{
	char *token = NULL;
	enum eii_rc rc = graphql->options.token(graphql->options.token_arg, &token, err);

	if (rc)
		return rc;
	rc = post(graphql, call, token, body, err);
	if (rc) {
		answer->is_outcome_unknown = graphql->reply.is_sent;
		rc = eii_fail_in(err, rc, "OpenCTI, %s", call->name);
	} else {
		rc = eii_answer_read(call->name, &graphql->reply, eii_text_of(token), answer, err);
	}
	eii_free_secret(token);
	return rc;
}

enum eii_rc eii_graphql_call(struct eii_graphql *graphql, const struct eii_graphql_call *call,
			     struct eii_graphql_answer *answer, struct eii_error *err)
{
	int64_t begun_ms = eii_clock_monotonic_ms();
	struct eii_buf body;
	enum eii_rc rc;

	eii_graphql_answer_clear(answer);
	eii_buf_init(&body, call->max_bytes ? call->max_bytes : REQUEST_MAX_BYTES);
	rc = make_body(call, &body, err);
	if (!rc)
		rc = exchange(graphql, call, eii_buf_text(&body), answer, err);
	eii_buf_clear(&body);
	if (graphql->options.watch)
		graphql->options.watch(graphql->options.watch_arg,
				       eii_clock_monotonic_ms() - begun_ms, rc, err);
	return rc;
}
