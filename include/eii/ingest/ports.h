/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outside as ingest sees it: a mailbox, a platform and a queue, each a
 * small table of callbacks. app puts the real ones in place; tests put scripted
 * ones. Every call is bounded in time by whoever stands behind the table, and
 * is made from one thread only: the mailbox's from fetch, the platform's from
 * the desk, the queue's from publish.
 */
#ifndef EII_INGEST_PORTS_H
#define EII_INGEST_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/stop.h"
#include "eii/base/text.h"
#include "eii/ingest/uid_set.h"

/* ---- the mailbox ------------------------------------------------------- */

struct eii_folder {
	uint32_t uidvalidity;
	uint32_t uidnext;
};

struct eii_mail_info {
	uint32_t uid;
	bool is_known;           /* the server's answer had this UID */
	uint64_t size_bytes;     /* RFC822.SIZE */
	int64_t internal_unix_s; /* INTERNALDATE */
};

/* Where the bytes of asked bodies go; called for each mail that the server sends. */
struct eii_body_taker {
	/* Room for len bytes of this mail, owned by the taker; NULL = skip them. */
	char *(*begin)(void *arg, uint32_t uid, size_t len);
	/* All bytes of the mail are there. */
	void (*end)(void *arg, uint32_t uid);
	void *arg;
};

struct eii_mailbox_port {
	/* Connects, signs in and opens the folder read-only. FATAL by kind: see error.h. */
	enum eii_rc (*open)(struct eii_mailbox_port *self, struct eii_folder *out,
			    struct eii_error *err);
	bool (*is_open)(struct eii_mailbox_port *self);
	/* Looks by NOOP: *out_changed says whether there may be new mail (then UIDNEXT is new). */
	enum eii_rc (*look)(struct eii_mailbox_port *self, bool *out_changed,
			    struct eii_folder *out, struct eii_error *err);
	/* UIDs of mails whose INTERNALDATE lies on the day of unix_s or later. */
	enum eii_rc (*search_since)(struct eii_mailbox_port *self, int64_t unix_s,
				    struct eii_uid_set *out, struct eii_error *err);
	/* UIDs from first to last that exist. */
	enum eii_rc (*search_range)(struct eii_mailbox_port *self, uint32_t first, uint32_t last,
				    struct eii_uid_set *out, struct eii_error *err);
	/* Fills infos[i] for each of n infos by its uid. */
	enum eii_rc (*fetch_info)(struct eii_mailbox_port *self, struct eii_mail_info *infos,
				  size_t n, struct eii_error *err);
	/*
	 * Asks for bodies without waiting; head_bytes > 0: only the first bytes of each.
	 * Each send is answered by one read, in order.
	 */
	enum eii_rc (*send_bodies)(struct eii_mailbox_port *self, const uint32_t *uids, size_t n,
				   uint32_t head_bytes, struct eii_error *err);
	/* EII_REJECT: the server refused this group; the session goes on. */
	enum eii_rc (*read_bodies)(struct eii_mailbox_port *self,
				   const struct eii_body_taker *taker, struct eii_error *err);
	/*
	 * Ends the session; safe when there is none. A server that owes no answer is told,
	 * for half a second at most; not where the session's waits are cut.
	 */
	void (*close)(struct eii_mailbox_port *self);
	/* "user@host/folder": the key of this mailbox in the state. */
	const char *name;
};

/* ---- the platform ------------------------------------------------------ */

/* What older platforms need: docs of opencti/platform.h. */
struct eii_platform_traits {
	bool has_multipart_work;
	bool has_work_alive;
	bool content_member; /* also send the content as `content` */
	bool file_version;   /* each file needs a version date */
	bool files_first;    /* a split report sends its files first */
};

/* pycti's connectorInfo. Times are Unix seconds, 0 = none. */
struct eii_run_info {
	bool is_buffering;
	double queue_bytes;
	int64_t last_run_s;
	int64_t next_run_s;
};

enum eii_work_result { EII_WORK_GOOD, EII_WORK_BAD };

enum eii_ping_result {
	EII_PING_ANSWERED,
	EII_PING_UNKNOWN_CONNECTOR, /* deleted in the UI: register again */
};

struct eii_platform_port {
	/*
	 * Registers and keeps what the queue port needs. *out_state: the stored state's
	 * text or NULL, for the caller to free().
	 */
	enum eii_rc (*do_register)(struct eii_platform_port *self, char **out_state,
				   struct eii_platform_traits *out_traits, struct eii_error *err);
	/* state: never NULL, {} for none. *out_state as above. */
	enum eii_rc (*ping)(struct eii_platform_port *self, const char *state,
			    const struct eii_run_info *info, enum eii_ping_result *out_result,
			    char **out_state, struct eii_error *err);
	enum eii_rc (*read_state)(struct eii_platform_port *self, char **out_state,
				  struct eii_error *err);
	enum eii_rc (*queue_size)(struct eii_platform_port *self, double *out_bytes,
				  struct eii_error *err);
	enum eii_rc (*work_open)(struct eii_platform_port *self, const char *name,
				 char **out_work_id, struct eii_error *err);
	enum eii_rc (*work_expect)(struct eii_platform_port *self, const char *work_id, uint32_t n,
				   struct eii_error *err);
	/* Settles one expectation that will not be met. */
	enum eii_rc (*work_report)(struct eii_platform_port *self, const char *work_id,
				   const char *reason, struct eii_error *err);
	enum eii_rc (*work_close)(struct eii_platform_port *self, const char *work_id,
				  const char *message, enum eii_work_result result,
				  struct eii_error *err);
	enum eii_rc (*work_alive)(struct eii_platform_port *self, const char *work_id,
				  bool *out_alive, struct eii_error *err);
	enum eii_rc (*has_identity)(struct eii_platform_port *self, const char *id, bool *out_has,
				    struct eii_error *err);
	enum eii_rc (*has_marking)(struct eii_platform_port *self, const char *id, bool *out_has,
				   struct eii_error *err);
};

/* ---- the queue --------------------------------------------------------- */

struct eii_report;

/* One message to send: an inner bundle of a known size. */
struct eii_outgoing {
	uint64_t number; /* comes back in its outcome */
	const char *work_id;
	uint64_t bundle_bytes;
	enum eii_rc (*write_bundle)(const void *arg, struct eii_sink *sink, struct eii_error *err);
	const void *arg;
	const struct eii_report *report; /* whose message it is; NULL for author and marking */
	unsigned index;                  /* of the report's messages */
};

enum eii_send_result {
	EII_SEND_CONFIRMED,
	EII_SEND_NACKED,    /* the broker refused it; it may take it later */
	EII_SEND_RETURNED,  /* there is no queue to take it */
	EII_SEND_TOO_LARGE, /* over the broker's limit, limit_bytes where it told it */
};

struct eii_send_outcome {
	uint64_t number;
	enum eii_send_result result;
	uint64_t limit_bytes; /* 0 = not told */
};

struct eii_queue_port {
	/* Connects with what the last registration and the settings say. */
	enum eii_rc (*open)(struct eii_queue_port *self, struct eii_error *err);
	bool (*is_open)(struct eii_queue_port *self);
	/* For poll(): readable when pump has something to do; -1 where there is none. */
	int (*fd)(struct eii_queue_port *self);
	/* Reads what is there without waiting. RETRY: the connection is lost. */
	enum eii_rc (*pump)(struct eii_queue_port *self, struct eii_error *err);
	bool (*next_outcome)(struct eii_queue_port *self, struct eii_send_outcome *out);
	/* The broker asked to hold back (an alarm). */
	bool (*is_blocked)(struct eii_queue_port *self);
	/* Bytes of the whole message, for the broker's limit. */
	uint64_t (*message_bytes)(struct eii_queue_port *self, const char *work_id,
				  uint64_t bundle_bytes);
	/* EII_OK: handed to the connection, no more. RETRY: the connection is lost. */
	enum eii_rc (*send)(struct eii_queue_port *self, const struct eii_outgoing *outgoing,
			    struct eii_error *err);
	void (*close)(struct eii_queue_port *self);
};

#endif
