/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCTI as a connector sees it: registration, ping, state, queue, rights,
 * reports, Works (what a Work has come to: work_view.h). Each function ends
 * within EII_GRAPHQL_TIMEOUT_MS, however many calls it takes and whatever hangs;
 * a stop cuts all but a ping that carries a state. One thread, but for
 * eii_platform_end_by(). deleteConnector is never called: it would destroy the
 * queue with what waits in it.
 *
 * Failures are those of eii_graphql_call(); after one, eii_platform_failure()
 * says more.
 */
#ifndef EII_OPENCTI_PLATFORM_H
#define EII_OPENCTI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/opencti/envelope.h"
#include "eii/opencti/graphql.h"
#include "eii/opencti/version.h"

struct eii_platform_options {
	struct eii_graphql_options graphql;
	const char *connector_id;
	const char *connector_name;
	const char *connector_scope; /* CONNECTOR_SCOPE: a list with commas */
	bool run_and_terminate;      /* shown in the platform's UI */
	double queue_threshold_mb;   /* shown there too */
};

struct eii_platform;

/* Nothing is sent yet. Copies what it needs; http, token and stop stay the caller's. */
struct eii_platform *eii_platform_new(const struct eii_platform_options *options);
void eii_platform_free(struct eii_platform *platform);
EII_DEFINE_AUTO(eii_platform);

/* The instant by which each function that follows ends; 0 = EII_GRAPHQL_TIMEOUT_MS for each. */
void eii_platform_set_deadline(struct eii_platform *platform, int64_t deadline_ms);

/*
 * From any thread, but no signal handler: until it is told otherwise no function
 * lasts beyond this instant, the one under way and a ping included; 0 = no such
 * instant. Holds for the HTTP client, whoever else uses it.
 */
void eii_platform_end_by(struct eii_platform *platform, int64_t instant_ms);

/* Asks for the version and sets the features by it. Borrowed until the next call of it. */
enum eii_rc eii_platform_about(struct eii_platform *platform, const char **out_version,
			       struct eii_error *err) EII_MUST_CHECK;

/* Of the version that about or register found; of the newest before. */
const struct eii_features *eii_platform_features(const struct eii_platform *platform);

/* What registering gives. Caller's struct: zero before, clear after. */
struct eii_registration {
	char *state; /* the stored state's text, NULL = none; all texts owned */
	char *connector_user_id;
	char *push_queue, *push_exchange, *push_routing;
	char *mq_host, *mq_vhost, *mq_user, *mq_password;
	uint16_t mq_port;
	bool mq_uses_tls;
};
void eii_registration_clear(struct eii_registration *registration);

/*
 * Registers with pycti's whole input (the short one only where the platform
 * refuses it), as its version has it. A connector deleted in the last 5 s is
 * EII_RETRY. out is replaced on EII_OK only.
 */
enum eii_rc eii_platform_register(struct eii_platform *platform, struct eii_registration *out,
				  struct eii_error *err) EII_MUST_CHECK;

/*
 * What it gave when it registered last, as the platform tells it now; nothing is
 * registered. EII_REGISTRATION_NONE: the platform knows no such connector. out is
 * replaced on EII_REGISTRATION_THERE only.
 */
enum eii_registration_answer { EII_REGISTRATION_THERE, EII_REGISTRATION_NONE };
enum eii_rc eii_platform_read_registration(struct eii_platform *platform,
					   enum eii_registration_answer *out_answer,
					   struct eii_registration *out,
					   struct eii_error *err) EII_MUST_CHECK;

/* pycti's connectorInfo. */
struct eii_connector_info {
	bool is_buffering;
	double queue_bytes;
	int64_t last_run_unix_s; /* 0 = none, as the next */
	int64_t next_run_unix_s;
};

enum eii_ping_answer {
	EII_PING_OK,
	EII_PING_NO_CONNECTOR, /* deleted in the UI: register again */
};

/*
 * state is never NULL: the platform would store null instead of what it has.
 * info may be NULL. On EII_OK with EII_PING_OK *out_echo is the state that the
 * platform sent back (NULL = null), for the caller to free(); NULL with
 * EII_PING_NO_CONNECTOR.
 */
enum eii_rc eii_platform_ping(struct eii_platform *platform, const char *state,
			      const struct eii_connector_info *info,
			      enum eii_ping_answer *out_answer, char **out_echo,
			      struct eii_error *err) EII_MUST_CHECK;

/* The stored state; EII_PING_NO_CONNECTOR where the platform knows no such connector. */
enum eii_rc eii_platform_read_state(struct eii_platform *platform, enum eii_ping_answer *out_answer,
				    char **out_state, struct eii_error *err) EII_MUST_CHECK;

/* What waits in the queue; zeros where the platform cannot say (is_known false: too old). */
struct eii_queue_details {
	bool is_known;
	double n_messages;
	double size_bytes;
};
enum eii_rc eii_platform_queue(struct eii_platform *platform, struct eii_queue_details *out,
			       struct eii_error *err) EII_MUST_CHECK;

#define EII_PLATFORM_NAME_MAX 128

/* Who the token's user is and what it may; each yes, whatever its roles, where it may all. */
struct eii_platform_me {
	bool is_known;                    /* false: too old to say, nothing below is meant */
	char name[EII_PLATFORM_NAME_MAX]; /* UTF-8, cut */
	bool has_api_access;              /* APIACCESS_USETOKEN */
	bool has_connector_api;           /* CONNECTORAPI: register, ping, Works */
	bool may_read;                    /* KNOWLEDGE, by itself or any below it */
	bool may_update;                  /* any KNOWLEDGE_KNUPDATE: reports are created */
	bool may_upload;                  /* KNOWLEDGE_KNUPLOAD: reports with files are */
	bool has_marking;                 /* may use each marking that was asked for */
	bool has_max_confidence;
	double max_confidence; /* what a report's confidence is cut to */
};
/*
 * marking_ids: n STIX ids; out_may_use[i] belongs to the one of that index, and is written where
 * the answer is known.
 */
enum eii_rc eii_platform_me(struct eii_platform *platform, const char *const *marking_ids, size_t n,
			    bool *out_may_use, struct eii_platform_me *out,
			    struct eii_error *err) EII_MUST_CHECK;

#define EII_PLATFORM_REPORTS_MAX 100

enum eii_reports_answer {
	EII_REPORTS_TOLD,
	EII_REPORTS_UNKNOWN, /* the user may not read, or the platform is too old to say */
};

enum eii_reports_kind {
	EII_REPORTS_ANY,
	EII_REPORTS_WITH_TEXT, /* one without content counts as absent */
};

/*
 * Which of n reports the platform has: out_found[i] belongs to ids[i], a STIX id,
 * found also where another report has taken it over. What the user's markings hide
 * and what an analyst has renamed counts as absent. out_found is written only with
 * EII_REPORTS_TOLD; n is at most EII_PLATFORM_REPORTS_MAX, with 0 nothing is asked.
 */
enum eii_rc eii_platform_find_reports(struct eii_platform *platform, const char *const *ids,
				      size_t n, enum eii_reports_kind kind,
				      enum eii_reports_answer *out_answer, bool *out_found,
				      struct eii_error *err) EII_MUST_CHECK;

/*
 * Opens a Work, multi-part where the version has it. Not idempotent, never
 * repeated here: see is_outcome_unknown. *out_work_id is the caller's to free().
 */
enum eii_rc eii_platform_work_add(struct eii_platform *platform, const char *friendly_name,
				  char **out_work_id, struct eii_error *err) EII_MUST_CHECK;

#define EII_PLATFORM_DRAFT_BYTES 128 /* of a draft's id, terminator included */

/* EII_FATAL with CONFIG: the platform's version (asked for already) has no drafts. */
enum eii_rc eii_platform_needs_drafts(const struct eii_platform *platform,
				      struct eii_error *err) EII_MUST_CHECK;

/*
 * Makes a draft of this name and ties it to the Work, where the version can. Not
 * idempotent. *out_draft_id is the caller's to free().
 */
enum eii_rc eii_platform_draft_add(struct eii_platform *platform, const char *name,
				   const char *work_id, char **out_draft_id,
				   struct eii_error *err) EII_MUST_CHECK;

/*
 * Calls from now on are made in this draft: they see what it holds beside the main knowledge.
 * NULL = in none. Borrowed until the next.
 */
void eii_platform_enter_draft(struct eii_platform *platform, const char *draft_id);

/*
 * The newest Work of this connector that is open and empty, alive, and of that name:
 * one whose id was lost on its way here. NULL: there is none, or the user may not
 * look, or the platform is too old. *out_work_id is the caller's to free().
 */
enum eii_rc eii_platform_find_work(struct eii_platform *platform, const char *friendly_name,
				   char **out_work_id, struct eii_error *err) EII_MUST_CHECK;

/* Bytes of a request: above what any platform takes (its own limit is 50 MB at first). */
#define EII_PLATFORM_PUSH_MAX_BYTES  ((size_t)256 * 1024 * 1024)
#define EII_PLATFORM_PUSH_TIMEOUT_MS 50000

/*
 * Gives the platform a bundle of one object for the connector's queue (stixBundlePush, from
 * 6.5.7 on with a Work); the platform counts nothing for it where a Work is named
 * (opencti-graphql/src/domain/stix.js). With the same bytes it is harmless to repeat. Lasts
 * EII_PLATFORM_PUSH_TIMEOUT_MS at most.
 * EII_PUSH_TOO_LARGE: the platform, or a server in front of it, takes no request of that size.
 */
enum eii_push_answer { EII_PUSH_TAKEN, EII_PUSH_TOO_LARGE };
enum eii_rc eii_platform_push(struct eii_platform *platform, const char *work_id,
			      eii_bundle_writer *write, const void *arg,
			      enum eii_push_answer *out_answer,
			      struct eii_error *err) EII_MUST_CHECK;

/* Adds n to what the Work expects. Not idempotent, never repeated here. */
enum eii_rc eii_platform_add_expectations(struct eii_platform *platform, const char *work_id,
					  uint32_t n, struct eii_error *err) EII_MUST_CHECK;

enum eii_work_end { EII_WORK_DONE, EII_WORK_IN_ERROR };
enum eii_rc eii_platform_to_processed(struct eii_platform *platform, const char *work_id,
				      const char *message, enum eii_work_end end,
				      struct eii_error *err) EII_MUST_CHECK;

/* True also where the platform is too old to say. */
enum eii_rc eii_platform_is_work_alive(struct eii_platform *platform, const char *work_id,
				       bool *out_is_alive, struct eii_error *err) EII_MUST_CHECK;

/* Whether the platform has the object of this STIX id. */
enum eii_rc eii_platform_has_identity(struct eii_platform *platform, const char *id, bool *out_has,
				      struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_platform_has_marking(struct eii_platform *platform, const char *id, bool *out_has,
				     struct eii_error *err) EII_MUST_CHECK;

/* Of the last call. */
struct eii_platform_failure {
	enum eii_graphql_code code;
	bool is_outcome_unknown; /* it may have been carried out all the same */
	uint32_t retry_after_s;  /* wait at least so long, 15 minutes at most; 0 = not said */
	int http_status;         /* 503, its class is the hundreds; 0 = no answer came */
};
struct eii_platform_failure eii_platform_failure(const struct eii_platform *platform);

/* The clock of the server by the last call's answer; 0 = not told. */
int64_t eii_platform_server_unix_s(const struct eii_platform *platform);

#endif
