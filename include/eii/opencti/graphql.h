/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of the platform's GraphQL API: document and variables out, `data`
 * back, every way of failing sorted by what the caller does next. One thread.
 */
#ifndef EII_OPENCTI_GRAPHQL_H
#define EII_OPENCTI_GRAPHQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"
#include "eii/base/text.h"

struct eii_http;
struct eii_json;
struct eii_json_writer;

#define EII_GRAPHQL_RETRY_MAX_S 900   /* of a wish to wait that is passed on */
#define EII_GRAPHQL_TIMEOUT_MS  20000 /* no call lasts longer, whatever hangs */

/* The platform's error codes that change what is done next. */
enum eii_graphql_code {
	EII_GRAPHQL_NONE = 0,      /* no GraphQL error: success, or a failure of the transport */
	EII_GRAPHQL_AUTH_REQUIRED, /* token unknown, or its user may not use the API */
	EII_GRAPHQL_FORBIDDEN,     /* a capability is missing */
	EII_GRAPHQL_FUNCTIONAL,    /* FUNCTIONAL_ERROR: the text says which */
	EII_GRAPHQL_BAD_INPUT,     /* BAD_USER_INPUT */
	EII_GRAPHQL_BAD_DOCUMENT,  /* GRAPHQL_VALIDATION_FAILED, GRAPHQL_PARSE_FAILED */
	EII_GRAPHQL_LOCKED,        /* LOCK_ERROR, also inside another error's text */
	EII_GRAPHQL_WORK_NOT_ALIVE,
	EII_GRAPHQL_DRAFT_LOCKED, /* the draft that was named is validated, or gone */
	EII_GRAPHQL_UNSUPPORTED,  /* UNSUPPORTED_ERROR: a filter that a release lacks */
	EII_GRAPHQL_OTHER,
};

struct eii_graphql_options {
	const char *url; /* OPENCTI_URL; /graphql is added */
	/* Gives the token at each call, for the callee to free(). */
	enum eii_rc (*token)(void *arg, char **out, struct eii_error *err);
	void *token_arg;
	struct eii_http *http;       /* borrowed: proxies, TLS, custom headers are its */
	const struct eii_stop *stop; /* may be NULL */
	/* Told of each call: how long it took and how it ended; may be NULL. */
	void (*watch)(void *arg, int64_t ms, enum eii_rc rc, const struct eii_error *err);
	void *watch_arg;
};

enum eii_graphql_way {
	EII_GRAPHQL_QUERY,     /* harmless to repeat: a kept connection will do */
	EII_GRAPHQL_ONCE,      /* a fresh connection, so that nothing repeats it unseen */
	EII_GRAPHQL_UNSTOPPED, /* as QUERY, but a stop does not cut it (the state's ping) */
};

struct eii_graphql_call {
	const char *name; /* for error texts: "registerConnector" */
	const char *document;
	struct eii_text variables; /* a JSON object; empty = {} */
	enum eii_graphql_way way;
	int64_t deadline_ms; /* of the monotonic clock; 0 = EII_GRAPHQL_TIMEOUT_MS, never more */
	/* In the place of variables where they are large: writes the object, once. */
	void (*write_variables)(const void *arg, struct eii_json_writer *json);
	const void *write_arg;
	const char *draft_id; /* in which it is asked; NULL = the main knowledge */
	size_t max_bytes;     /* of the whole request; 0 = 8 MiB */
	int64_t timeout_ms;   /* 0 = EII_GRAPHQL_TIMEOUT_MS */
};

/* What came back; init by zero, clear after. Kept on failure too, as far as known. */
struct eii_graphql_answer {
	struct eii_json *document;   /* owned: data is of it */
	const struct eii_json *data; /* the value of `data`, an object; NULL on failure */
	enum eii_graphql_code code;
	bool is_outcome_unknown; /* the request may have been carried out all the same */
	uint32_t retry_after_s;  /* what the server asked for, 0 = nothing; 15 minutes at most */
	int http_status;         /* 503, its class is the hundreds; 0 = no answer came */
	int64_t server_unix_s;   /* the answer's Date, 0 = not told */
	char message[256];       /* the platform's own words, "" = none */
};
void eii_graphql_answer_clear(struct eii_graphql_answer *answer);

struct eii_graphql;

struct eii_graphql *eii_graphql_new(const struct eii_graphql_options *options);
void eii_graphql_free(struct eii_graphql *graphql);
EII_DEFINE_AUTO(eii_graphql);

/* eii_http_end_by() of its client: from any thread, the call under way included. */
void eii_graphql_end_by(struct eii_graphql *graphql, int64_t instant_ms);

/*
 * EII_OK: answer->data is there. EII_FATAL with CREDENTIALS (token or rights)
 * or CONFIG (certificate, wrong URL), doubtful where a server in front of the
 * platform may say it for a while; EII_REJECT: the platform refuses this very
 * input; EII_RETRY for the rest, UNREACHABLE where no platform answered.
 */
enum eii_rc eii_graphql_call(struct eii_graphql *graphql, const struct eii_graphql_call *call,
			     struct eii_graphql_answer *answer,
			     struct eii_error *err) EII_MUST_CHECK;

#endif
