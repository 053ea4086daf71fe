/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox's session: what it is asked for under which order, the mails that
 * are listed and not asked for yet, and the groups of a FETCH under way.
 */
#ifndef EII_CORE_READER_H
#define EII_CORE_READER_H

#include "judge.h"
#include "line.h"
#include "policy.h"
#include "survey.h"

#define EII_READER_PLAN        4096
#define EII_READER_GROUPS      2
#define EII_READER_GROUP_BYTES (1024u * 1024)  /* of one FETCH; a larger mail travels alone */
#define EII_READER_IDLE_MS     (4 * 60 * 1000) /* a held session is asked for a sign of life */
#define EII_READER_OPEN_MS     60000
#define EII_READER_CALL_MS     60000
#define EII_READER_CLOSE_MS    1000
#define EII_READER_BYTES_A_MS  32 /* what a slow line brings at least */

/* One FETCH under way; what has not come of it stands here. */
struct eii_group {
	uint64_t order;
	uint16_t n, n_came;
	bool is_head;
	struct eii_fetch_item items[EII_CORE_CHUNK_MAILS];
	struct eii_wanted wanted[EII_CORE_CHUNK_MAILS];
	bool is_done[EII_CORE_CHUNK_MAILS];
	bool is_empty[EII_CORE_CHUNK_MAILS]; /* it came without bytes, or there was no memory */
};

struct eii_reader {
	bool is_open;
	bool is_cut;
	enum eii_order_type doing; /* but a FETCH; NONE = nothing */
	uint64_t order;
	struct eii_wanted finding; /* of FIND under way */
	struct eii_attempt attempt;
	int64_t talked_ms;
	uint16_t group_limit, sizes_limit;
	uint32_t sizeless_uid; /* SIZES failed on it alone */
	uint16_t n_sizeless;   /* of these in a row, nothing having come in between */
	uint32_t larger_uid;   /* a mail that turned out to be larger than it was said to be */
	uint64_t larger_bytes;
	bool is_filling;                            /* more is listed before more is fetched */
	struct eii_size_info plan[EII_READER_PLAN]; /* a ring, rising UIDs */
	uint16_t plan_first, n_plan;
	struct eii_group groups[EII_READER_GROUPS]; /* a ring: a group stays where it is */
	uint16_t first_group, n_groups;
	struct eii_wanted missing[EII_READER_GROUPS * EII_CORE_CHUNK_MAILS];
	uint16_t n_missing;
	struct eii_judge judge;
	uint64_t bodies_then;      /* that had come when nothing came last */
	bool is_withheld;          /* what failed is one mail, the server says: not a command */
	struct eii_survey *survey; /* of the folder at work */
};

void eii_reader_init(struct eii_reader *reader);

bool eii_reader_is_quiet(const struct eii_reader *reader); /* nothing is under way */

void eii_reader_plan(struct eii_reader *reader, const struct eii_size_info *info);
/* What was taken, to its place among the others. */
void eii_reader_plan_again(struct eii_reader *reader, const struct eii_wanted *wanted);
const struct eii_size_info *eii_reader_next(const struct eii_reader *reader); /* NULL = none */
void eii_reader_take(struct eii_reader *reader, struct eii_wanted *out);

/* Nothing is planned, troubled or missing any more. */
void eii_reader_forget(struct eii_reader *reader);

/* The lowest UID that is wanted and not under way; UINT32_MAX = none. Those set aside do not count.
 */
uint32_t eii_reader_lowest(const struct eii_reader *reader);

/* Mails are wanted that have not been asked for. */
bool eii_reader_has_work(const struct eii_reader *reader);

/* Bytes that a FETCH grants to the mail. */
uint64_t eii_reader_grant(const struct eii_wanted *wanted, const struct eii_core_config *config,
			  enum eii_form form);

/* Of those under way, oldest first; the one behind the last is free. */
struct eii_group *eii_reader_group_at(struct eii_reader *reader, uint16_t i);

/* The group that the order names, NULL = none; and the item of a slot, -1 = none open. */
struct eii_group *eii_reader_group(struct eii_reader *reader, uint64_t order);
int eii_reader_item(const struct eii_group *group, uint16_t slot);

/* The oldest group is over. */
void eii_reader_drop_group(struct eii_reader *reader);

/* After a refusal or a lost session half as many are asked for at once; twice after a success. */
void eii_reader_shrink(uint16_t *limit, uint16_t n);
void eii_reader_grow(uint16_t *limit);
/* A group was refused: fewer at once, and the judge hears which of its mails have not come. */
void eii_reader_narrow(struct eii_reader *reader, const struct eii_group *group);

#endif
