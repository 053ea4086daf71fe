/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world: one core (or none, between two lives), the models around it and the
 * oracle, over virtual time. One of it is played again and again; all of it but
 * the texts of pings is inside this struct.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "agenda.h"
#include "chance.h"
#include "eii/core/core.h"
#include "plan.h"

#define SIM_ACCOUNT     "user@mail.example/" /* a folder's key in the state, but for its name */
#define SIM_INBOX       "INBOX"
#define SIM_FOREIGN_KEY "other@mail.example/INBOX"
#define SIM_SLOTS       EII_CORE_LINE_MAILS
#define SIM_FOLDERS     6 /* that an account ever has */
#define SIM_KEY_BYTES   48
#define SIM_WORKS       1024
#define SIM_REPORTS     2048
#define SIM_MESSAGES    8192
#define SIM_CALLS       16
#define SIM_NONE        UINT16_MAX

#define SIM_UNIX_START INT64_C(1790000000) /* true time at virtual time 0 */

/* ---- mails and the mail server ----------------------------------------- */

struct sim_mail {
	uint32_t uid; /* 0 = not in the folder */
	uint32_t last_uid;
	uint8_t folder; /* that it is in, or was */
	uint16_t group; /* the same mail delivered twice is one group: its first's number */
	uint16_t plain; /* mails of one name and second share it */
	uint64_t size, told_size, lied_size; /* lied: told at any time */
	int64_t date_s;                      /* INTERNALDATE */
	int64_t came_ms;
	bool is_reused; /* its UID was another one's: shows when UIDNEXT is looked at */
	bool is_date_told;
	bool had_trouble;      /* the server did not hand it out once, on its own account */
	bool is_only_his;      /* the official connector has imported it before ours did */
	bool has_come, is_old; /* old: before the first window */
	bool is_moved;         /* came with a date of long before */
	bool is_listed;        /* a list of sizes has named it */
	bool is_deadly_size, is_deadly_body, is_withheld, gives_header;
	bool is_poison;  /* the converter dies of it, each time */
	bool is_deadly;  /* and of this one the whole process */
	bool is_refused; /* the platform's worker refuses its report */
	int64_t refused_until_ms;
	/* what came of it: the oracle's */
	bool gave_whole;   /* the server handed it out, once at least */
	bool is_lossy;     /* converter, limit or size took its content: by name */
	bool is_confirmed; /* each message of its report, by the broker */
	bool is_found;     /* the platform said that it has its report */
	bool is_aside;     /* told as set aside, or given up */
	bool is_passed;    /* may be passed over, by a name that was told */
	bool was_in_window;
	bool is_killer;            /* told as such: its header alone goes, under another id */
	bool no_report;            /* not even its facts fit */
	bool is_left_out;          /* no report is wanted of what the converter makes of it */
	bool facts_only;           /* a report of bare facts went */
	bool is_his;               /* imported by the official connector */
	uint8_t n_alone;           /* starts that found it named as in hand */
	uint8_t n_parts_confirmed; /* bits */
	int64_t asked_ms;          /* first; 0 = never */
	uint64_t n_bodies_then;    /* that had come */
	/* its number among mails of its name and second */
	uint32_t numbered_life, numbered_uid, cursor_then;
	uint64_t pings_then;
	int64_t numbered_ms;
	bool is_sent_early; /* before a state that has the number was stored */
};

struct sim_pending {
	struct eii_order order;
	uint16_t n, next; /* items of a FETCH, and how many are done */
	uint32_t turn;
	/* of a WATCH: when its session dies, or says that more has come; 0 = never */
	int64_t dies_ms, lies_ms;
	bool is_mute; /* dead, and nobody says so */
	struct eii_fetch_item items[EII_CORE_CHUNK_MAILS];
};

/* What the oracle knows of a folder's place in the state. */
struct sim_place {
	uint32_t cursor; /* in the life's last ping, or stored before */
	uint64_t cursor_validity;
	uint64_t known_validity; /* whose first place has gone out */
	bool is_renumbering;     /* and the core has not said so yet */
	int64_t renumbered_s;
};

struct sim_folder {
	bool exists;
	char key[SIM_KEY_BYTES]; /* in the state, the name behind the account */
	uint64_t uidvalidity;
	uint32_t uidnext, n;
	uint32_t highest;          /* UID ever given in this numbering */
	uint16_t mails[SIM_MAILS]; /* by UID */
	bool is_back;              /* restored, and nobody was told a UIDNEXT since */
	int64_t looked_s;          /* it was, last; 0 = never */
	struct sim_place place;
};

struct sim_mailbox {
	struct sim_folder folders[SIM_FOLDERS];
	uint32_t n_folders;
	struct sim_folder *open;   /* in the session; NULL = none */
	struct sim_folder *worked; /* was it last */
	/* While the spell of it is on. */
	struct sim_folder *refused, *withholding, *gone;
	uint32_t n_names;   /* that were given to folders */
	uint32_t next_mail; /* the first that has not come */
	bool has_session;
	uint32_t n_honest;           /* searches that are to be honest */
	struct eii_folder_view seen; /* of the session: what it was told last */
	uint32_t n_come;             /* mails since then */
	uint32_t n_list;
	uint32_t list[SIM_MAILS]; /* UIDs of the last SEARCH */
	uint32_t n_pending, turn;
	struct sim_pending pending[2];
};

/* ---- process ----------------------------------------------------------- */

struct sim_slot {
	bool is_used; /* from its FETCH to its DROP */
	bool is_held, is_whole, is_head, is_converted, has_content;
	uint16_t mail;
	uint32_t uid;
	uint64_t granted, held;
	uint8_t reason;
	uint16_t plain; /* of the report */
	/* made */
	uint16_t ms, work;
	uint8_t n_messages;
	uint64_t bytes[2];
	/* asked */
	bool was_asked, was_there;
};

enum sim_running { SIM_DOWN, SIM_UP, SIM_STOPPING };

struct sim_process {
	enum sim_running running;
	uint32_t life; /* counts starts */
	struct eii_core *core;
	int64_t stopped_ms; /* when STOP was told */
	int64_t wall_off_s;
	bool is_doomed; /* dies before the next fact */
	uint32_t n_kills;
	uint32_t n_times; /* TIME facts at one instant in a row */
	uint32_t n_facts_now;
	int64_t facts_ms;
	struct sim_slot slots[SIM_SLOTS];
	uint64_t held_bytes;
};

struct sim_converter {
	uint32_t turn, n, first;
	struct eii_order queue[SIM_SLOTS * 2];
};

/* ---- broker, queue, worker --------------------------------------------- */

struct sim_message {
	uint64_t order;
	enum eii_message_kind kind;
	uint16_t mail, group, plain, ms, work;
	uint8_t index, n_messages;
	bool has_content, is_facts;
	uint64_t bytes;
};

enum sim_flight_state { SIM_FREE, SIM_SENT, SIM_TAKEN };

struct sim_flight {
	enum sim_flight_state state;
	uint32_t turn;
	enum eii_outcome outcome;
	struct sim_message message;
};

struct sim_broker {
	bool is_up, is_half_open, was_nacked; /* the link */
	bool is_blocked_told;
	uint32_t link; /* counts links */
	uint32_t dial_turn;
	struct eii_order dial; /* under way; number 0 = none */
	bool has_queue, has_exchange;
	uint32_t password, known_password;
	int64_t next_take_ms;
	uint32_t n_flights, turn, first_free;
	struct sim_flight flights[SIM_SLOTS * 4];
	uint32_t q_first, q_n;
	uint64_t q_bytes;
	struct sim_message queue[SIM_MESSAGES];
	bool is_worker_due;
};

/* ---- platform ---------------------------------------------------------- */

struct sim_work {
	bool exists, is_alive, is_complete, is_forced, is_closed; /* closed: by us */
	bool has_counts, had_report;
	bool is_stored;    /* its id was in a stored state: the oracle's */
	bool is_ours_open; /* in the core's eyes: added, and not accounted for */
	bool is_solid;     /* the platform accounted for it, and our state says so */
	uint32_t expected, processed, n_mendable, n_other;
	uint32_t n_lost; /* messages that were dropped under it */
	uint32_t n_cleared;
	int64_t added_ms, completed_ms;
};

struct sim_report {
	uint16_t plain, ms, mail, group, work;
	bool has_content, is_facts, has_all; /* all: both of two messages */
	bool is_edited, is_renamed, is_his;
	int64_t changed_ms;
};

enum sim_fate { SIM_FATE_FINE, SIM_FATE_REFUSED, SIM_FATE_LOST_BEFORE, SIM_FATE_LOST_AFTER };

struct sim_call {
	bool is_used, is_answered, has_acted;
	uint32_t turn, life;
	enum sim_fate fate;
	struct eii_failure failure;
	enum eii_order_type type;
	uint64_t number;
	uint16_t work;
	uint32_t n;
	char *text; /* of a ping, then of the answer; kept from world to world */
	size_t text_bytes;
	bool has_text; /* the answer's is not null */
	uint64_t ping; /* which of the life's pings */
	struct eii_fact answer;
	char work_id[32];
	uint16_t plain[EII_CORE_FIND_IDS], ms[EII_CORE_FIND_IDS], slots[EII_CORE_FIND_IDS];
	bool is_there[EII_CORE_FIND_IDS], must_have_text;
};

struct sim_platform {
	bool exists, is_reset, has_state;
	char *state, *old_state;
	size_t state_bytes, old_bytes;
	int64_t deleted_ms;
	bool has_author, has_marking;
	uint32_t n_works, latest;         /* latest: with a report */
	struct sim_work works[SIM_WORKS]; /* 0 is none */
	uint32_t n_reports;
	struct sim_report reports[SIM_REPORTS];
	struct sim_call calls[SIM_CALLS];
	uint32_t pending, turn; /* pending: the call under way, SIM_CALLS = none */
	uint64_t foreign_cursor, twin;
	bool was_foreign; /* another mailbox is run under the id, until the end */
	uint64_t n_pings;
};

/* ---- oracle ------------------------------------------------------------ */

struct sim_told {
	uint32_t n;
	int64_t last_ms;
	struct eii_event last;
};

struct sim_row_of_failures {
	int64_t since_ms, last_ms;
	uint32_t n; /* 0 = the last answer was good */
};

struct sim_oracle {
	struct sim_told told[EII_EVENTS];
	struct sim_row_of_failures failures[EII_ORDERS];
	int64_t calls_ms[256]; /* of the last calls beside pings */
	uint32_t n_calls;
	uint8_t types[4096];     /* of orders, by number */
	int64_t nacked_until_ms; /* the pause that was told; 0 = none, or confirmed since */
	uint32_t may_go_back; /* pings that may have a lower cursor, for a reason that was told */
	uint64_t newest_ping, stored_ping;
	int64_t stored_ms;
	uint64_t foreign_kept;  /* another mailbox's cursor in our last ping */
	uint64_t foreign_seen;  /* the newest one in a state that we read */
	uint32_t n_state_looks; /* since the world is healed */
	int64_t blocked_ms;
	int64_t healed_ms, life_ms;
	uint32_t n_settled; /* looks in a row */
	enum { SIM_CHAOS, SIM_HEALING, SIM_ENDING, SIM_RESTARTED } act;
	int64_t act_ms;
	uint32_t n_sent_before;
	uint64_t n_sent;                   /* reports */
	uint64_t n_bodies;                 /* that came */
	int64_t store_ms;                  /* a ping, or a look at the state, was ordered last */
	int64_t confirmed_ms;              /* a message was last */
	int64_t rights_by_ms, store_by_ms; /* to be tried by then; 0 = nothing of the kind */
	uint32_t n_store_failed;           /* in a row, so that a person has to mend it */
	bool is_told_of[EII_PARTS];        /* a fault of it stands, and has been told */
	const char *waits_for;
	uint32_t waits_mail;
	bool is_registered;                 /* in this life */
	uint32_t sign_ins_life, n_sign_ins; /* between runs, since */
	int64_t sign_ins_ms;
	uint64_t woken_run; /* that a signal asked for; 0 = none */
	int waiting_part;   /* a person has to mend it, as a fact just said; plus one, 0 = none */
	bool is_late;       /* the last life began with what a late older ping has left */
	bool was_late;      /* a call took effect when it was given up */
	bool was_reset, was_twin, was_taken_over, was_renumbered, was_lossy;
	bool was_behind;    /* a start was shown an older state than was sent: a late ping */
	int64_t official_s; /* what the official connector wrote last */
};

/* ---- all --------------------------------------------------------------- */

struct sim_world {
	struct sim_plan plan;
	int64_t now_ms;
	bool is_healed, is_over;
	char failed[48]; /* the invariant that does not hold; "" = none */
	char why[400];
	uint32_t spells[SIM_FAULTS]; /* that are on */
	uint64_t struck[SIM_FAULTS];
	struct sim_chance chance, per_fault[SIM_FAULTS];
	struct sim_agenda agenda;
	struct sim_mail mails[SIM_MAILS];
	struct sim_mailbox mailbox;
	struct sim_process process;
	struct sim_converter converter;
	struct sim_broker broker;
	struct sim_platform platform;
	struct sim_oracle oracle;
	uint64_t n_facts, n_orders;
};

/* Plays the world of a seed to its end; failed[0] says how it ended. */
void sim_world_play(struct sim_world *world, uint64_t seed, const struct sim_cuts *cuts);

/* The invariant of that name does not hold: the world ends. The first one counts. */
__attribute__((format(printf, 3, 4))) void sim_fail(struct sim_world *world, const char *invariant,
						    const char *format, ...);

/* True where a fault of a rate strikes now. */
bool sim_strikes(struct sim_world *world, enum sim_fault fault);
/* A spell is on, or the world has that trait and is not healed. */
bool sim_is_on(const struct sim_world *world, enum sim_fault fault);
/* It had an effect: for the books. */
void sim_struck(struct sim_world *world, enum sim_fault fault);

void sim_later(struct sim_world *world, int64_t ms, enum sim_happening what, uint32_t a,
	       uint32_t b);
/* About usual_ms: mostly a little more or less, now and then a lot. */
int64_t sim_pace(struct sim_world *world, int64_t usual_ms);

/* True time, and that on the process's wall clock. */
int64_t sim_unix_s(const struct sim_world *world);

#endif
