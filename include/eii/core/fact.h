/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core is told. A fact carries its time, names the order that it
 * answers, and changes nothing by itself. Pointers in it are borrowed during
 * eii_core_tell() only. Every order but SEND, DROP, CUT, TELL and OVER is
 * answered exactly once; an answer to an order of an earlier life (a lost
 * session, a cut call) is harmless: it is known by its number.
 *
 * Two clocks: now_ms is CLOCK_BOOTTIME and moves deadlines; unix_s is the wall
 * clock and only goes into what is stored. server_unix_s is the platform's own
 * date where an answer of it bore one (0 = none).
 */
#ifndef EII_CORE_FACT_H
#define EII_CORE_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EII_CORE_CHUNK_MAILS    250  /* of one FETCH */
#define EII_CORE_LINE_MAILS     1024 /* mails between plan and confirm */
#define EII_CORE_FIND_IDS       100  /* report ids of one question */
#define EII_CORE_PLAIN_ID_BYTES 48   /* "report--" and a UUID, terminator included */
#define EII_CORE_IDENTITY_BYTES 32
#define EII_CORE_WORDS_BYTES    256
#define EII_CORE_FOLDERS        64 /* read by one connector */

enum eii_part {
	EII_PART_MAILBOX,
	EII_PART_QUEUE,
	EII_PART_PLATFORM,
	EII_PART_CONVERTER,
	EII_PARTS,
};

/* Why something did not work, by what it means; a driver judges nothing beyond this. */
enum eii_failure_kind {
	EII_FAILURE_NONE,
	EII_FAILURE_UNREACHABLE, /* no connection, no answer in time, a lost connection */
	EII_FAILURE_PASSING,     /* refused in words that say or allow that it passes */
	EII_FAILURE_CREDENTIALS, /* sign-in refused, and the server says that it is the secret */
	EII_FAILURE_CONFIG,  /* only a setting or a person can mend it: certificate, folder, URL */
	EII_FAILURE_RIGHTS,  /* FORBIDDEN_ACCESS: a capability is missing */
	EII_FAILURE_INPUT,   /* this very request will never work */
	EII_FAILURE_STORAGE, /* the directory of reports cannot be written */
	EII_FAILURE_CUT,     /* by EII_ORDER_CUT or the stop */
};

struct eii_failure {
	enum eii_failure_kind kind;
	bool is_doubtful; /* a broken stream, or another server for a while, shows the same */
	bool is_outcome_unknown; /* the request may have been, or may yet be, carried out */
	bool lives;              /* the session or connection goes on */
	bool is_folder;          /* the server has signed us in and refuses this one folder */
	uint32_t retry_after_s;  /* the server's wish, 0 = none */
	const char *words;       /* for an operator; no secret; may be NULL */
};

struct eii_folder_view {
	uint64_t uidvalidity;
	uint32_t uidnext; /* 0 = not told */
	uint32_t n_mails; /* EXISTS */
};

/* One of the server's list. */
struct eii_folder_name {
	const char *name; /* UTF-8 */
	bool is_wanted;   /* the setting names it */
};

/* What the server says of a folder that is not open; 0 = not told. */
struct eii_glimpse {
	uint64_t uidvalidity;
	uint32_t uidnext;
};

struct eii_size_info {
	uint32_t uid;
	bool has_size, has_date;
	uint64_t size_bytes;
	int64_t internal_unix_s;
};

/* What became of one UID of a FETCH. */
enum eii_body_result {
	EII_BODY_CAME,      /* len bytes are held for the slot */
	EII_BODY_NIL,       /* NIL */
	EII_BODY_EMPTY,     /* no bytes, although its size said more */
	EII_BODY_TOO_LARGE, /* len is over what was granted; nothing is held */
	EII_BODY_NO_MEMORY, /* nothing is held */
};

/* Errors of a Work by their known codes. */
struct eii_work_errors {
	uint32_t n_mendable; /* by a right or a marking */
	uint32_t n_other;
};

enum eii_outcome {
	EII_OUTCOME_CONFIRMED,
	EII_OUTCOME_NACKED,
	EII_OUTCOME_RETURNED,  /* no queue takes it */
	EII_OUTCOME_TOO_LARGE, /* over the broker's limit (limit_bytes, 0 = not told) */
};

struct eii_rights_view {
	bool is_known; /* false: too old to tell */
	bool may_connect, may_update, may_upload, may_read;
	bool has_marking; /* may use the marking of the reports */
};

enum eii_missing_right {
	EII_MISSING_CONNECT = 1,
	EII_MISSING_UPDATE = 2,
	EII_MISSING_UPLOAD = 4,
	EII_MISSING_MARKING = 8,
};

/* Those without which reports are refused, as a set of bits. */
unsigned eii_rights_missing(const struct eii_rights_view *rights);

enum eii_fact_type {
	EII_FACT_TIME, /* only time has passed */
	EII_FACT_STOP, /* end within 10 s */
	EII_FACT_WAKE, /* a run now */
	EII_FACT_HUP,  /* secrets have changed: try at once what waits for a person */

	EII_FACT_MAILBOX_OPENED,   /* OPEN: folder */
	EII_FACT_MAILBOX_LISTED,   /* LIST: folders */
	EII_FACT_MAILBOX_LOOKED,   /* LOOK: folder */
	EII_FACT_MAILBOX_SEARCHED, /* SEARCH: search */
	EII_FACT_MAILBOX_SIZES,    /* SIZES: sizes; also first of a FETCH that wants info */
	EII_FACT_MAILBOX_FOUND,    /* FIND: yes */
	EII_FACT_MAILBOX_BODY,     /* one mail of a FETCH: body */
	EII_FACT_MAILBOX_FETCHED,  /* FETCH is over; a UID without BODY was not in the answer */
	EII_FACT_MAILBOX_WATCHED,  /* WATCH: yes = more mails than before; else its time is over */
	EII_FACT_MAILBOX_GLANCED,  /* GLANCE: glance; what a server refuses is not told */
	EII_FACT_MAILBOX_CLOSED,   /* CLOSE */
	/* Any of these: failure; a FETCH may have given bodies before; SIZES: the UIDs asked for.
	 */
	EII_FACT_MAILBOX_FAILED,

	EII_FACT_QUEUE_DIALLED, /* DIAL */
	EII_FACT_QUEUE_HUNG_UP, /* HANG_UP */
	EII_FACT_QUEUE_OUTCOME, /* of the SEND that order names: outcome */
	EII_FACT_QUEUE_BLOCKED, /* the broker asks to hold back */
	EII_FACT_QUEUE_UNBLOCKED,
	EII_FACT_QUEUE_FAILED, /* DIAL failed, or the connection is lost: failure */

	EII_FACT_REGISTERED,      /* REGISTER: registered */
	EII_FACT_PONG,            /* PING: text = echo, yes = the connector is unknown */
	EII_FACT_STATE,           /* READ_STATE: text, yes = the connector is unknown */
	EII_FACT_QUEUE_SIZE,      /* QUEUE_SIZE: queue */
	EII_FACT_WORK_FOUND,      /* WORK_FIND: text = id, null = none, or it cannot say */
	EII_FACT_WORK_ADDED,      /* WORK_ADD: text = id */
	EII_FACT_WORK_TOLD,       /* WORK_TELL */
	EII_FACT_WORK_CLOSED,     /* WORK_CLOSE */
	EII_FACT_WORK_SEEN,       /* WORK_LOOK: work */
	EII_FACT_RIGHTS,          /* RIGHTS: rights */
	EII_FACT_KNOWN,           /* KNOWN: known */
	EII_FACT_REPORTS,         /* FIND_REPORTS: reports */
	EII_FACT_PLATFORM_FAILED, /* any of these: failure */

	EII_FACT_CONVERTED, /* CONVERT: converted */
	EII_FACT_MADE,      /* MAKE: made; n_messages 0 = not even its facts fit */
	/* A notice, order 0: it cannot be started: failure. What was given to it is answered later.
	 */
	EII_FACT_CONVERTER_FAILED,

	EII_FACTS,
};

struct eii_fact {
	enum eii_fact_type type;
	int64_t now_ms;
	int64_t unix_s;
	int64_t server_unix_s;
	uint64_t order; /* whose answer it is; 0 = none */
	struct eii_failure failure;
	const char *text;     /* NULL = null */
	const char *draft_id; /* WORK_FOUND, WORK_ADDED: of its draft; NULL = it has none */
	bool yes;
	union {
		struct eii_folder_view folder;
		struct {
			const struct eii_folder_name *names; /* one of them is wanted at least */
			uint32_t n;
		} folders;
		struct {
			const struct eii_glimpse *glimpses; /* of the names asked, in their order */
			uint16_t n;
		} glance;
		struct {
			bool has_answer; /* false: OK came without any SEARCH or ESEARCH line */
			uint32_t n, lowest, highest;
		} search;
		struct {
			const struct eii_size_info
				*infos; /* rising UIDs; each asked one, known or not */
			uint16_t n;
			bool is_end; /* nothing of the list is above the last one */
		} sizes;
		struct {
			uint16_t slot;
			uint32_t uid;
			enum eii_body_result result;
			uint64_t len;
		} body;
		struct {
			enum eii_outcome result;
			uint64_t limit_bytes;
		} outcome;
		struct {
			bool has_multipart_work, has_work_alive, has_work_view, has_queue_details;
			bool is_first_state; /* the platform has stored none (null) */
			bool is_broker_new; /* another than it told before, or another account there
					     */
		} registered;
		struct {
			bool is_known;
			double size_bytes, n_messages;
		} queue;
		struct {
			bool exists, is_alive, is_complete, has_counts;
			uint32_t expected, processed;
			struct eii_work_errors errors;
		} work;
		struct eii_rights_view rights;
		struct {
			bool has_author, has_marking;
			struct eii_rights_view rights; /* asked with it */
		} known;
		struct {
			bool is_known;        /* false: the platform may not be asked */
			const bool *is_there; /* of the slots asked, in their order */
			uint16_t n;
		} reports;
		struct {
			uint16_t slot;
			uint8_t reason;       /* 0 = the whole mail was converted; else why not */
			bool is_left_out;     /* no report is wanted of it: it is done */
			const char *plain_id; /* its report's over .000Z */
			const uint8_t *identity;      /* EII_CORE_IDENTITY_BYTES */
			const uint8_t *head_identity; /* that its header alone has */
		} converted;
		struct {
			uint16_t slot;
			uint8_t n_messages;
			uint64_t bytes[2]; /* of each whole message */
		} made;
	};
};

#endif
