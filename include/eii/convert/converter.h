/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector's side of the jailed converter: mails in, fields out, in the
 * order of submission, one result for each mail whatever happens to the child.
 *
 * A child that dies, runs out of time or answers nonsense is replaced. The mail
 * that it worked on (the oldest without answer) is tried once more as the first
 * mail of a fresh child if it was not that already (an earlier mail may have
 * spoilt the child) or if the child was killed from outside; else a fresh child
 * reads its headers only; if that fails too, the result has no fields but the
 * defect EII_DEFECT_BODY_NOT_READ. Other mails in flight go to the fresh child.
 * A child is also replaced after so many mails, when it has grown, and after a
 * mail that took long.
 *
 * One thread uses it, and must live as long as the process (the kernel kills a
 * child when the thread that started it ends). Nothing here waits, but for
 * eii_converter_start(), eii_converter_convert_one() and the end of a killed
 * child (begin() leaves the start to advance()):
 *
 *   while (eii_converter_has_room(conv, len))
 *           eii_converter_submit(conv, number, mail, EII_SUBMIT_FULL);
 *   eii_converter_poll(conv, &fds[i], &deadline_ms);
 *   poll(fds, ...);
 *   rc = eii_converter_advance(conv, eii_clock_monotonic_ms(), &err);
 *   while (eii_converter_next(conv, &conversion))
 *           ...
 */
#ifndef EII_CONVERT_CONVERTER_H
#define EII_CONVERT_CONVERTER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"
#include "eii/fields/request.h"

/* Defaults of the options below that are 0. */
#define EII_CONVERTER_WINDOW_MAILS  32u
#define EII_CONVERTER_WINDOW_BYTES  ((uint64_t)4 * 1024 * 1024)
#define EII_CONVERTER_REPLACE_AFTER 1000u

struct eii_converter;

struct eii_converter_options {
	const char *program;                  /* path of the converter program; copied */
	struct eii_convert_settings settings; /* its types are borrowed for the life */
	uint64_t max_mail_bytes;      /* a larger mail becomes a header scan; 0 = no limit */
	uint64_t address_space_bytes; /* 0 = EII_LIMIT_ADDRESS_SPACE_BYTES */
	uint32_t cpu_s;               /* of one mail; 0 = EII_LIMIT_CPU_S */
	uint32_t window_mails;        /* in flight or not taken yet */
	uint64_t window_bytes;        /* of these; a larger mail goes alone */
	uint32_t replace_after;       /* mails */
	const struct eii_stop *stop;  /* cuts the waits; may be NULL */
};

struct eii_converter *eii_converter_new(const struct eii_converter_options *options);
void eii_converter_free(struct eii_converter *conv);
EII_DEFINE_AUTO(eii_converter);

/*
 * From now on eii_converter_advance() keeps a child, without waiting for it.
 * EII_FATAL: the settings cannot be sent.
 */
enum eii_rc eii_converter_begin(struct eii_converter *conv, struct eii_error *err) EII_MUST_CHECK;

/*
 * Begins and waits for the child's ready word (some 8 ms; at most 20 s);
 * nothing if it runs. EII_RETRY: it cannot be started, the text says why;
 * EII_FATAL: the settings cannot be sent.
 */
enum eii_rc eii_converter_start(struct eii_converter *conv, struct eii_error *err) EII_MUST_CHECK;

enum eii_submit {
	EII_SUBMIT_FULL,
	EII_SUBMIT_FALLBACK_ONLY, /* the header scan only, of the mail's first 64 KiB */
};

/* Whether a mail of this size may be submitted now; always true when nothing is in hand. */
bool eii_converter_has_room(const struct eii_converter *conv, size_t mail_bytes);

/*
 * There is room, and eii_converter_begin() or start() has been called once. The mail is
 * borrowed until its result is taken or dropped.
 */
void eii_converter_submit(struct eii_converter *conv, uint64_t number, struct eii_text mail,
			  enum eii_submit mode);

/*
 * What to wait for: out->fd is -1 while there is no child; *out_deadline_ms is
 * an instant of the monotonic clock, INT64_MAX = none. The child's wall clock
 * runs from this call to the next eii_converter_advance(): ask right before the
 * poll, so that time spent elsewhere is not the child's.
 */
void eii_converter_poll(struct eii_converter *conv, struct pollfd *out, int64_t *out_deadline_ms);

/*
 * Reads and writes what is there without waiting, and looks at the deadlines.
 * EII_RETRY: the child cannot be started; the mails stay in hand, and a later
 * call tries again (not before the deadline of eii_converter_poll()).
 */
enum eii_rc eii_converter_advance(struct eii_converter *conv, int64_t now_ms,
				  struct eii_error *err) EII_MUST_CHECK;

/* Why a result is not the conversion of the whole mail. */
enum eii_fallback {
	EII_FALLBACK_NONE,
	EII_FALLBACK_ASKED,     /* EII_SUBMIT_FALLBACK_ONLY */
	EII_FALLBACK_TOO_LARGE, /* over max_mail_bytes */
	EII_FALLBACK_CRASHED,
	EII_FALLBACK_TIMED_OUT,
	EII_FALLBACK_MEMORY,
	EII_FALLBACK_NONSENSE, /* an answer that is none, or is another mail's */
	EII_FALLBACKS,         /* how many there are */
};

#define EII_CONVERSION_DETAIL_MAX 256

struct eii_conversion {
	uint64_t number;
	struct eii_fields *fields; /* the caller's, never NULL */
	enum eii_fallback reason;
	bool has_headers; /* false: even the header scan failed, the fields are empty */
	char detail[EII_CONVERSION_DETAIL_MAX]; /* what happened, for the log; "" = all went well */
};

/* The next result in the order of submission; false: none yet. */
bool eii_converter_next(struct eii_converter *conv, struct eii_conversion *out);

/* Words for a report: "the converter crashed on it"; "" for NONE. Never NULL. */
const char *eii_fallback_text(enum eii_fallback reason);

/* Mails in hand: submitted, result not taken. */
size_t eii_converter_in_hand(const struct eii_converter *conv);

/* Forgets all mails in hand and their results; a child that works on one is killed. */
void eii_converter_drop(struct eii_converter *conv);

/*
 * Converts one mail and waits for it; nothing else is in hand before and after.
 * EII_RETRY: the child cannot be started, or stop was requested.
 */
enum eii_rc eii_converter_convert_one(struct eii_converter *conv, struct eii_text mail,
				      struct eii_conversion *out,
				      struct eii_error *err) EII_MUST_CHECK;

struct eii_converter_info {
	bool is_relaxed;
	uint32_t landlock_abi; /* 0 = none */
	uint32_t missing_charsets;
};

/* What the last child said when it was ready; false: none has been yet. */
bool eii_converter_info(const struct eii_converter *conv, struct eii_converter_info *out);

/* Children replaced because of a failure, and by plan. */
uint64_t eii_converter_restarts(const struct eii_converter *conv);
uint64_t eii_converter_replacements(const struct eii_converter *conv);

/* Process id of the child, or 0: for measurements and tests. */
int eii_converter_pid(const struct eii_converter *conv);

#endif
