/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core gives to be done. An order has a number that its answer names
 * and, where it may take time, an instant at which its driver ends it whatever
 * happens (and answers with a failure). Pointers in it are the core's and hold
 * until the order is answered; a Work's id and words only until the next
 * eii_core_tell(): who takes an order copies them.
 *
 * At most one order is under way at mailbox and platform each, but for a second
 * FETCH, which a driver sends before it reads the answer of the first. SENDs go
 * to the queue as long as the link is up.
 */
#ifndef EII_CORE_ORDER_H
#define EII_CORE_ORDER_H

#include "eii/core/event.h"
#include "eii/core/fact.h"

#define EII_ORDER_SEARCH_ALL INT64_MIN

enum eii_order_type {
	EII_ORDER_NONE,
	/* mailbox */
	EII_ORDER_OPEN, /* open: connect, sign in, EXAMINE; ends a session that is still there */
	EII_ORDER_LIST, /* which folders there are, and which of them the setting names */
	EII_ORDER_LOOK, /* look.is_fresh: a new EXAMINE; else NOOP, with EXAMINE behind a change */
	EII_ORDER_SEARCH, /* search: UIDs from first on become the list that SIZES walks */
	EII_ORDER_SIZES,  /* sizes: size and date of the list's next UIDs above after */
	EII_ORDER_FIND,   /* find: does the UID exist? */
	EII_ORDER_FETCH,  /* fetch */
	/*
	 * watch: IDLE until then, DONE at the latest then. INPUT says that the server has
	 * none. Mails that came since the folder was looked at count as news.
	 */
	EII_ORDER_WATCH,
	/* glance: UIDNEXT and UIDVALIDITY of folders that are not open; none is opened */
	EII_ORDER_GLANCE,
	EII_ORDER_CLOSE, /* LOGOUT; the session is over in any case */
	/* queue */
	EII_ORDER_DIAL,
	EII_ORDER_SEND, /* send; its outcome is a fact, or the link's end */
	EII_ORDER_HANG_UP,
	/* platform */
	EII_ORDER_REGISTER,
	EII_ORDER_PING, /* ping: stores the state */
	EII_ORDER_READ_STATE,
	EII_ORDER_QUEUE_SIZE,
	EII_ORDER_WORK_FIND, /* one of ours that is open, and empty */
	EII_ORDER_WORK_ADD,
	EII_ORDER_WORK_TELL,  /* work: n more are expected (addExpectations) */
	EII_ORDER_WORK_CLOSE, /* work: toProcessed with counts and reason */
	EII_ORDER_WORK_LOOK,  /* work: isWorkAlive and work(id) */
	EII_ORDER_RIGHTS,
	EII_ORDER_KNOWN, /* has the platform author and marking, and what may we do there? */
	EII_ORDER_FIND_REPORTS,
	/* converter and what makes reports */
	EII_ORDER_CONVERT, /* convert */
	EII_ORDER_MAKE,    /* make: the report of what was converted, with its final id */
	EII_ORDER_DROP,    /* drop: all that is held for the slot goes */
	/* any */
	EII_ORDER_CUT,  /* cut: what the part is doing ends at once, and says so */
	EII_ORDER_TELL, /* tell: for the log */
	EII_ORDER_OVER, /* over: the core has come to its end */

	EII_ORDERS,
};

struct eii_fetch_item {
	uint32_t uid;
	uint16_t slot;
	uint64_t granted_bytes; /* a longer body is skipped and told as too large */
};

enum eii_message_kind { EII_MESSAGE_AUTHOR, EII_MESSAGE_MARKING, EII_MESSAGE_REPORT };

/* How the process is to end; app knows the exit codes. */
enum eii_over_code {
	EII_OVER_OK,
	EII_OVER_GAVE_UP,     /* 75: something was refused, lost or not stored */
	EII_OVER_CREDENTIALS, /* 77 */
	EII_OVER_CONFIG,      /* 78 */
};

struct eii_order {
	enum eii_order_type type;
	uint64_t number;
	int64_t deadline_ms; /* INT64_MAX = none */
	/* SEND, MAKE, KNOWN, FIND_REPORTS: of which draft; NULL = the main knowledge. As send's id.
	 */
	const char *draft_id;
	union {
		struct {
			const char *folder; /* NULL: the setting's; where that names several, none
					     */
		} open;
		struct {
			bool is_fresh;
			const char *folder; /* of an EXAMINE; NULL: the setting's */
		} look;
		struct {
			uint32_t first;
			int64_t since_unix_s; /* INTERNALDATE of this day or later, or SEARCH_ALL */
		} search;
		struct {
			uint32_t after;
			uint16_t max; /* 1 to EII_CORE_CHUNK_MAILS */
		} sizes;
		struct {
			uint32_t uid;
		} find;
		struct {
			const struct eii_fetch_item *items;
			uint16_t n;          /* 1 to EII_CORE_CHUNK_MAILS */
			uint32_t head_bytes; /* > 0: only so many first bytes */
			bool is_header;      /* head_bytes of the header alone */
			bool wants_info;     /* size and date of the one item, as far as told */
		} fetch;
		struct {
			int64_t until_ms;
		} watch;
		struct {
			const char *const *names;
			uint16_t n; /* 1 to EII_CORE_FOLDERS */
		} glance;
		struct {
			enum eii_message_kind kind;
			uint16_t slot;
			uint8_t index; /* of the report's messages; of the authors or markings */
			const char *work_id; /* copied by who takes the order */
		} send;
		struct {
			const char *state; /* the document; never NULL */
			bool is_buffering;
			int64_t last_run_unix_s, next_run_unix_s; /* 0 = none */
			double queue_bytes;
		} ping;
		struct {
			const char *id; /* as of send */
			uint32_t n;
			enum eii_event_type reason; /* CLOSE: EII_EVENT_NONE = all went well */
			bool wants_draft;           /* FIND, ADD: it gets one */
			bool is_left; /* CLOSE: in error; nothing goes under it any more */
			uint64_t n_found, n_reports, n_fallbacks;
		} work;
		struct {
			const uint16_t *slots;
			uint16_t n;          /* 1 to EII_CORE_FIND_IDS */
			bool must_have_text; /* one without content counts as not there */
		} find_reports;
		struct {
			uint16_t slot;
			bool is_head_only; /* the header scan, no conversion */
			/* What the server says of it; a mail of facts alone has no bytes held. */
			uint32_t uid;
			uint64_t uidvalidity;
			const char *folder;      /* of several; NULL = of one */
			int64_t internal_unix_s; /* 0 = not told */
			uint64_t size_bytes;     /* 0 = not told */
		} convert;
		struct {
			uint16_t slot;
			uint16_t milliseconds;
			uint64_t limit_bytes; /* 0 = the setting */
			uint64_t uidvalidity;
			uint8_t reason; /* why it is a fallback, by enum eii_mail_reason; 0 = it is
					   none */
			const char *work_id; /* as of send */
		} make;
		struct {
			uint16_t slot;
		} drop;
		struct {
			enum eii_part part;
		} cut;
		struct eii_event tell;
		struct {
			enum eii_over_code code;
		} over;
	};
};

#endif
