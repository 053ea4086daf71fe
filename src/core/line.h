/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every mail under way, from its FETCH to its last confirm, and the bytes that
 * are reserved for it. An entry stands in one list, that of its state, by UID.
 *
 *   fetching ─ raw ─ converting ─ converted ─ making ─ asking ─ ready ─ sent ─ settled
 *                ▲                                                        │
 *                └── nacked, returned, too large, unknown: converted again┘
 */
#ifndef EII_CORE_LINE_H
#define EII_CORE_LINE_H

#include "pulse.h"

#define EII_LINE_OVERHEAD_BYTES 1024 /* of a mail beside its bytes */
#define EII_LINE_NO_MS          UINT16_MAX

enum eii_stage {
	EII_STAGE_FREE,
	EII_STAGE_FETCHING,
	EII_STAGE_RAW,        /* its bytes are held; to be converted */
	EII_STAGE_CONVERTING, /* in the converter */
	EII_STAGE_CONVERTED,  /* its fields are held; its report is to be made */
	EII_STAGE_MAKING,
	EII_STAGE_ASKING, /* made; the platform may have it already */
	EII_STAGE_READY,  /* to be sent */
	EII_STAGE_SENT,   /* all messages handed over, not all confirmed */
	EII_STAGES,
};

enum eii_form { EII_FORM_WHOLE, EII_FORM_HEAD, EII_FORM_FACTS };

struct eii_entry {
	enum eii_stage stage;
	uint32_t uid;
	enum eii_form form;
	bool has_date;
	int64_t internal_unix_s;
	uint64_t size_bytes;     /* as the server says it, 0 = not told */
	uint64_t reserved_bytes; /* of the budget, overhead included */
	uint64_t order;          /* that it waits for an answer of; 0 = none */
	uint64_t limit_bytes;    /* of a message, learnt from the broker; 0 = the setting */
	uint64_t order_number;   /* of the state that has to be stored before it goes */
	uint16_t milliseconds;   /* EII_LINE_NO_MS = not assigned */
	uint8_t reason;          /* why it is a fallback */
	uint8_t converter_reason;
	uint8_t n_messages, n_sent, n_open; /* made; handed over; without outcome */
	uint8_t confirmed;                  /* a bit for each */
	bool is_unknown;                    /* the first was handed over and has no outcome */
	uint64_t bytes[2];
	bool must_ask;
	bool was_absent;  /* asked for before it went, and not there */
	bool is_refused;  /* the broker has taken nothing of it, for sure: it goes again unasked */
	bool is_given_up; /* the process ended on it before: no conversion */
	bool is_repair;   /* the report of its header alone may be there: it gets its content */
	bool is_aside;    /* it was set aside: no part of the cursor's way */
	int16_t previous, next; /* in its stage's list; -1 = end */
};

struct eii_line_list {
	int16_t first, last;
	uint16_t n;
};

struct eii_line {
	struct eii_entry entries[EII_CORE_LINE_MAILS];
	struct eii_line_list lists[EII_STAGES];
	uint64_t held_bytes; /* reserved */
	uint64_t converting_bytes;
	uint16_t slots[EII_CORE_FIND_IDS]; /* of the question under way */
	uint16_t n_slots;
	uint64_t ask_order; /* 0 = none */
	bool waits_for_room;
};

void eii_line_init(struct eii_line *line);

/* Whether bytes of one more mail may be reserved now. */
bool eii_line_has_room(struct eii_line *line, const struct eii_pulse *pulse, uint64_t bytes);

/* A free entry becomes this UID's, fetching; there is room. Returns its slot. */
uint16_t eii_line_take(struct eii_line *line, uint32_t uid, uint64_t bytes);

/* The mail came with other bytes than were reserved: never more than granted. */
void eii_line_correct(struct eii_line *line, uint16_t slot, uint64_t bytes);

void eii_line_move(struct eii_line *line, uint16_t slot, enum eii_stage stage);

/* Frees the entry and what is reserved for it. */
void eii_line_free(struct eii_line *line, uint16_t slot);

/* From its raw bytes again: nothing of it is under way. */
void eii_line_again(struct eii_line *line, uint16_t slot);

static inline struct eii_entry *eii_line_at(struct eii_line *line, uint16_t slot)
{
	return &line->entries[slot];
}

/* Slot of the first of a stage, -1 where it is empty; then the next one. */
static inline int eii_line_first(const struct eii_line *line, enum eii_stage stage)
{
	return line->lists[stage].first;
}

static inline uint16_t eii_line_n(const struct eii_line *line, enum eii_stage stage)
{
	return line->lists[stage].n;
}

/* Entries in use. */
uint16_t eii_line_count(const struct eii_line *line);

/* Whether the mail is under way. */
bool eii_line_has_uid(const struct eii_line *line, uint32_t uid);

/* The entry in whose stage an answer to the order is waited for, or -1. */
int eii_line_find(const struct eii_line *line, uint16_t slot, enum eii_stage stage, uint64_t order);

#endif
