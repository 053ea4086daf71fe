/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the publish thread's files share:
 *   publish.c       the thread and its schedule
 *   publish_run.c   one run, from look to flow
 *   publish_end.c   its end: what is still under way, the place, the Work
 *   publish_wait.c  the one poll that everything waits in
 *   publish_line.c  mail -> fields -> report -> message
 *   publish_queue.c the connection: author first, confirms, what is lost with it
 *   publish_work.c  calls to the desk: the Work and what it expects
 *   publish_place.c the place in the mailbox and its saving
 */
#ifndef EII_INGEST_PUBLISH_PRIVATE_H
#define EII_INGEST_PUBLISH_PRIVATE_H

#include "eii/base/backoff.h"
#include "eii/ingest/publish.h"
#include "eii/state/cursor.h"
#include "eii/state/ring.h"
#include "eii/stix/report.h"

/* Messages between the oldest unconfirmed one and the newest: a ring of them. */
#define MAX_SLOTS 4096

/* Why the run in hand cannot go on. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_STOPPED,
	TROUBLE_RESET,    /* the generation was raised */
	TROUBLE_RETURNED, /* the queue is gone with what was in it */
	TROUBLE_FETCH,    /* the fetch thread gave up */
	TROUBLE_RENUMBERED,
	TROUBLE_PAUSED,   /* over the threshold for a whole period */
	TROUBLE_PLATFORM, /* the platform refuses something that the run needs */
	TROUBLE_GAVE_UP,  /* ONCE mode: one part has had all its tries within the run */
	TROUBLE_FATAL,
};

enum run_result {
	RUN_DONE,
	RUN_AGAIN,  /* at once */
	RUN_FAILED, /* again after a backoff */
	RUN_STOPPED,
	RUN_FATAL,
};

/* One message under way; the author's and the marking's have no mail. */
struct slot {
	uint64_t number; /* 0 = free */
	struct eii_mail *mail;
	unsigned index; /* of the report's messages */
	int64_t sent_ms;
};

enum link {
	LINK_DOWN,     /* dial at link_due_ms */
	LINK_COUNTING, /* the author's message is being counted */
	LINK_AUTHOR,   /* it is sent; its confirm is waited for */
	LINK_UP,
};

/* Whether the platform has author and marking. */
enum known { KNOWN_NO, KNOWN_ASKING, KNOWN_YES };

struct eii_publish {
	struct eii_publish_options options;
	int done_fd;
	int wake_fd;
	bool is_idle; /* between two runs */
	enum eii_rc result;
	struct eii_error result_error;

	/* Registration. */
	bool is_registered;  /* under generation */
	bool was_registered; /* once: a refused token is no longer fatal */
	uint64_t generation;
	struct eii_platform_traits traits;
	int64_t last_ingestion_s;

	/* The place in the mailbox. */
	struct eii_fetch_place place;
	uint32_t n_starts; /* without progress */
	uint32_t in_hand_uid, in_hand_attempts;
	uint32_t asked_uid; /* careful mode: the fetch waits for a permit; 0 = it does not */
	struct eii_cursor *cursor;
	struct eii_ring *ring; /* as of every report made so far */
	int64_t handed_in_ms;
	bool place_moved;

	/* The run in hand. */
	enum trouble trouble;
	struct eii_error trouble_error;
	struct eii_fetch_place run_place; /* where it began */
	struct eii_ring *run_ring;
	int64_t run_started_s;
	struct eii_fetch_found found;
	bool is_looking, is_fetching;
	enum eii_rc look_rc, fetch_rc;
	struct eii_error fetch_error;
	uint64_t n_found, n_settled, n_reports, n_run_fallbacks;
	int64_t flow_started_ms, progress_ms;

	/* The Work. */
	char *work_id;
	bool wants_work; /* the run needs one */
	bool is_opening_work;
	uint64_t n_demand;   /* messages that the Work has to expect */
	uint64_t n_counted;  /* of these told to the platform */
	uint64_t n_used;     /* of these sent */
	uint32_t n_counting; /* in the call under way */
	bool is_counting;
	bool has_plan; /* the first sizes are in: bodies follow */
	bool counts_at_once;
	int64_t counted_ms;
	uint32_t first_work_uid, last_work_uid; /* sent under this Work */
	struct eii_desk_call *awaited;          /* the one that call_desk waits for */
	bool is_answered;
	size_t n_calls;    /* under way */
	bool is_finishing; /* the run is being closed */
	bool is_uncut;     /* the stop's cut has been taken back for that */

	/* The platform's queue. */
	bool is_asking_size, is_over;
	int64_t size_due_ms, over_since_ms;
	struct eii_run_info told; /* what pings say of the schedule */
	bool is_asking_alive;

	/* The connection. */
	enum link link;
	int64_t link_due_ms;
	struct eii_backoff link_backoff;
	unsigned n_link_failures;
	uint64_t author_number;
	bool marking_sent;
	enum known known;
	bool has_identity, has_marking;
	unsigned n_asking;
	int64_t known_due_ms, known_until_ms, known_wait_ms;
	int64_t nack_until_ms;
	struct eii_backoff nack_backoff;
	uint64_t next_number;
	struct slot slots[MAX_SLOTS];
	uint64_t oldest; /* number below which no slot is in use */
	size_t n_unconfirmed;

	/* The line. */
	struct eii_mail_list waiting;    /* to be converted, by UID */
	struct eii_mail_list converting; /* in the converter, in its order */
	struct eii_mail *held;           /* converted; its report waits to be sent */
	struct eii_fields *held_fields;
	struct eii_report *held_report;
	unsigned held_index; /* of its messages, the next to send */
	uint64_t next_conversion;
	unsigned n_converter_failures; /* to start, in a row */
	int64_t converter_due_ms;      /* not before, after it could not be started */
};

/* publish_wait.c */

/* Waits once, at most until the instant, and deals with all that has come. */
void eii_publish_wait(struct eii_publish *p, int64_t until_ms);
/* The run is over for the reason; the first one stands. */
void eii_publish_trouble(struct eii_publish *p, enum trouble trouble, const struct eii_error *err);
bool eii_publish_is_stopping(const struct eii_publish *p);
/* Waits for ms or until a stop or trouble; false then. */
bool eii_publish_sleep(struct eii_publish *p, int64_t ms);

/* publish_run.c */
enum run_result eii_publish_one_run(struct eii_publish *p);
void eii_publish_fetch_event(struct eii_publish *p, struct eii_fetch_event *event);
void eii_publish_progress(struct eii_publish *p);
/* Brings the gauges of the run in hand up to date. */
void eii_publish_show(struct eii_publish *p);

/* publish_end.c */
void eii_publish_finish(struct eii_publish *p);
void eii_publish_save_at_end(struct eii_publish *p);
void eii_publish_log_end(struct eii_publish *p);
enum run_result eii_publish_result_of(const struct eii_publish *p);

/* publish_line.c */
void eii_publish_line(struct eii_publish *p);
void eii_publish_drop_line(struct eii_publish *p);
bool eii_publish_line_is_empty(const struct eii_publish *p);
void eii_publish_settle(struct eii_publish *p, struct eii_mail *mail);

/* publish_queue.c */
void eii_publish_tend_link(struct eii_publish *p);
void eii_publish_outcomes(struct eii_publish *p);
void eii_publish_close_link(struct eii_publish *p);
bool eii_publish_can_send(struct eii_publish *p);
/* EII_OK: under way as a numbered message. RETRY: the connection went down. */
enum eii_rc eii_publish_send_report(struct eii_publish *p, struct eii_mail *mail,
				    const struct eii_report *report, unsigned index,
				    struct eii_error *err) EII_MUST_CHECK;
int64_t eii_publish_link_due(const struct eii_publish *p);

/* publish_work.c */

/* A call and its answer, everything else going on meanwhile; NULL on trouble. */
struct eii_desk_call *eii_publish_call(struct eii_publish *p, struct eii_desk_call *call);
void eii_publish_answer(struct eii_publish *p, struct eii_desk_call *call);
void eii_publish_tend_work(struct eii_publish *p);
/* Lets the next pings say what is known of schedule and queue. */
void eii_publish_tell(struct eii_publish *p);
void eii_publish_settle_leftovers(struct eii_publish *p, int64_t until_ms, const char *reason);
bool eii_publish_has_credit(const struct eii_publish *p);
struct eii_desk_call *eii_publish_work_call(const struct eii_publish *p, enum eii_desk_kind kind,
					    const char *text);

/* publish_place.c */
struct eii_mailbox_state *eii_publish_place_state(const struct eii_publish *p);
void eii_publish_adopt_place(struct eii_publish *p, const struct eii_mailbox_state *state);
void eii_publish_place_moved(struct eii_publish *p);
void eii_publish_tend_place(struct eii_publish *p);
enum eii_save { EII_SAVE_PLACE, EII_SAVE_SETTLED_ALL };
/* Saves by a ping and waits for it, trying again until a stop. */
enum eii_rc eii_publish_save(struct eii_publish *p, enum eii_save what,
			     struct eii_error *err) EII_MUST_CHECK;

#endif
