/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every fault that the models have, by name. docs/simulation.md says of each how
 * it was seen on the real thing; one without such a source does not go in here.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdint.h>

enum sim_fault_kind {
	SIM_RATE,    /* strikes a step by chance; rates in ppm */
	SIM_INSTANT, /* happens at a few instants */
	SIM_SPELL,   /* from a few instants on, for a while */
	SIM_TRAIT,   /* the world is so; what can heal does in the end */
};

/* name, kind, lowest and highest rate (ppm) or length (seconds) */
#define SIM_FAULT_TABLE(X)                                                                         \
	/* mailbox */                                                                              \
	X(MAILBOX_SLOW, RATE, 1000, 50000)                                                         \
	X(MAILBOX_DOWN, SPELL, 1, 900)                                                             \
	X(SIGN_IN_REFUSED, SPELL, 1, 900)                                                          \
	X(FOLDER_MISSING, SPELL, 1, 900)                                                           \
	X(SESSION_LOST, RATE, 1000, 200000)                                                        \
	X(THROTTLED, SPELL, 1, 600)                                                                \
	X(REFUSED_ONCE, RATE, 1000, 100000)                                                        \
	X(UIDNEXT_ABSENT, TRAIT, 0, 0)                                                             \
	X(UIDNEXT_WRONG_ONCE, RATE, 20000, 300000)                                                 \
	X(UIDNEXT_STUCK, TRAIT, 0, 0)                                                              \
	X(SEARCH_NO_ANSWER, RATE, 5000, 300000)                                                    \
	X(SEARCH_EMPTY, RATE, 20000, 500000)                                                       \
	X(SIZE_MISSING, RATE, 5000, 200000)                                                        \
	X(DATE_MISSING, RATE, 5000, 200000)                                                        \
	X(SIZE_DEADLY, TRAIT, 0, 0)                                                                \
	X(SIZE_LIES, TRAIT, 0, 0)                                                                  \
	X(BODY_DEADLY, TRAIT, 0, 0)                                                                \
	X(BODY_REFUSED, TRAIT, 0, 0)                                                               \
	X(BODY_WITHHELD, TRAIT, 0, 0)                                                              \
	X(BODY_THEN_NO, RATE, 5000, 200000)                                                        \
	X(BODY_NIL, RATE, 5000, 200000)                                                            \
	X(BODY_EMPTY, RATE, 5000, 200000)                                                          \
	X(BODY_ABSENT, RATE, 5000, 200000)                                                         \
	X(NO_MEMORY, RATE, 5000, 200000)                                                           \
	X(NOOP_SILENT, TRAIT, 0, 0)                                                                \
	X(EXPUNGED, INSTANT, 0, 0)                                                                 \
	X(MOVED_BACK_OLD, INSTANT, 0, 0)                                                           \
	X(RENUMBERED, INSTANT, 0, 0)                                                               \
	X(RESTORED, INSTANT, 0, 0)                                                                 \
	/* broker */                                                                               \
	X(BROKER_DOWN, SPELL, 1, 900)                                                              \
	X(PASSWORD_CHANGED, INSTANT, 0, 0)                                                         \
	X(LINK_LOST, RATE, 1000, 50000)                                                            \
	X(HALF_OPEN, INSTANT, 0, 0)                                                                \
	X(CONFIRM_LATE, RATE, 5000, 200000)                                                        \
	X(CONFIRM_NEVER, RATE, 1000, 50000)                                                        \
	X(CONFIRM_DISORDER, TRAIT, 0, 0)                                                           \
	X(NACKS, SPELL, 1, 300)                                                                    \
	X(NACKS_STICK, TRAIT, 0, 0)                                                                \
	X(QUEUE_DELETED, INSTANT, 0, 0)                                                            \
	X(EXCHANGE_DELETED, INSTANT, 0, 0)                                                         \
	X(LIMIT, TRAIT, 0, 0)                                                                      \
	X(ALARM, SPELL, 1, 900)                                                                    \
	X(BACK_EMPTY, INSTANT, 0, 0)                                                               \
	/* platform */                                                                             \
	X(PLATFORM_DOWN, SPELL, 1, 900)                                                            \
	X(TOKEN_REFUSED, SPELL, 1, 900)                                                            \
	X(FORBIDDEN, SPELL, 1, 900)                                                                \
	X(CALL_SLOW, RATE, 1000, 100000)                                                           \
	X(CALL_REFUSED, RATE, 1000, 200000)                                                        \
	X(CALL_LOST_BEFORE, RATE, 1000, 200000)                                                    \
	X(CALL_LOST_AFTER, RATE, 1000, 200000)                                                     \
	X(CALL_LATE, RATE, 1000, 50000)                                                            \
	X(RETRY_AFTER, TRAIT, 0, 0)                                                                \
	X(STALE_ECHO, RATE, 1000, 100000)                                                          \
	X(RESET, INSTANT, 0, 0)                                                                    \
	X(DELETED, INSTANT, 0, 0)                                                                  \
	X(WORK_CLEARED, INSTANT, 0, 0)                                                             \
	X(REDIS_EMPTIED, INSTANT, 0, 0)                                                            \
	X(OLDER_WORKS_DROP, TRAIT, 0, 0)                                                           \
	X(OLD_PLATFORM, TRAIT, 0, 0)                                                               \
	X(NO_UPLOAD, SPELL, 60, 3600)                                                              \
	X(NO_UPDATE, SPELL, 60, 3600)                                                              \
	X(NO_MARKING, SPELL, 60, 3600)                                                             \
	X(REPORT_REFUSED, TRAIT, 0, 0)                                                             \
	X(WORKER_STOPPED, SPELL, 10, 3600)                                                         \
	X(WORKER_SLOW, TRAIT, 0, 0)                                                                \
	X(THRESHOLD, TRAIT, 0, 0)                                                                  \
	X(STATE_GARBAGE, INSTANT, 0, 0)                                                            \
	/* others */                                                                               \
	X(ANALYST_EDITS, INSTANT, 0, 0)                                                            \
	X(ANALYST_RENAMES, INSTANT, 0, 0)                                                          \
	X(OFFICIAL, INSTANT, 0, 0)                                                                 \
	X(TWIN, SPELL, 60, 600)                                                                    \
	X(FOREIGN, SPELL, 60, 1800)                                                                \
	/* converter */                                                                            \
	X(CONVERTER_FAILS, RATE, 5000, 200000)                                                     \
	X(CONVERTER_LIES, TRAIT, 0, 0)                                                             \
	X(CONVERTER_DOWN, SPELL, 1, 600)                                                           \
	/* clock and process */                                                                    \
	X(WALL_JUMP, INSTANT, 0, 0)                                                                \
	X(KILLED, RATE, 300, 20000)                                                                \
	X(KILLED_NOW, INSTANT, 0, 0)                                                               \
	X(TERMINATED, INSTANT, 0, 0)                                                               \
	X(AWAY_LONG, INSTANT, 0, 0)                                                                \
	X(SIGNALLED, INSTANT, 0, 0)                                                                \
	/* Since then: each is drawn by itself, so that no older seed makes another world. */      \
	X(MAIL_KILLS, TRAIT, 0, 0)                                                                 \
	X(LEFT_OUT, TRAIT, 0, 0)                                                                   \
	/* The mail server announces mails, and what goes wrong with that: of PUSH worlds only. */ \
	X(PUSH, TRAIT, 0, 0)                                                                       \
	X(PUSH_ABSENT, TRAIT, 0, 0)                                                                \
	X(PUSH_SILENT, TRAIT, 0, 0)                                                                \
	X(PUSH_LATE, RATE, 20000, 500000)                                                          \
	X(PUSH_EMPTY, RATE, 20000, 1000000)                                                        \
	X(PUSH_DIES, RATE, 20000, 1000000)                                                         \
	/* Several folders, and what happens to them and between them: of FOLDERS worlds only. */  \
	X(FOLDERS, TRAIT, 0, 0)                                                                    \
	X(FOLDERS_ALIKE, TRAIT, 0, 0)                                                              \
	X(FOLDER_REFUSED, SPELL, 1, 7200)                                                          \
	X(FOLDER_GONE, SPELL, 1, 7200)                                                             \
	X(FOLDER_WITHHOLDS, SPELL, 1, 7200)                                                        \
	X(FOLDER_DELETED, INSTANT, 0, 0)                                                           \
	X(FOLDER_RENAMED, INSTANT, 0, 0)                                                           \
	X(FOLDER_APPEARS, INSTANT, 0, 0)                                                           \
	X(MAIL_MOVED, INSTANT, 0, 0)                                                               \
	X(MAIL_COPIED, INSTANT, 0, 0)

enum sim_fault {
#define SIM_FAULT_NAME(name, kind, low, high) SIM_FAULT_##name,
	SIM_FAULT_TABLE(SIM_FAULT_NAME)
#undef SIM_FAULT_NAME
		SIM_FAULTS,
	SIM_FAULTS_DRAWN = SIM_FAULT_MAIL_KILLS, /* the first that is drawn by itself */
};

struct sim_fault_row {
	const char *name; /* as in the table, in small letters */
	enum sim_fault_kind kind;
	uint32_t low, high;
};

extern const struct sim_fault_row sim_faults[SIM_FAULTS];

/* SIM_FAULTS where there is none of that name. */
enum sim_fault sim_fault_find(const char *name);

#endif
