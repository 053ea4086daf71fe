/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the IMAP session share: its state, and how a command is
 * sent and its answer read. Functions that give EII_RETRY or EII_FATAL have
 * ended the session.
 *
 * Each file stands on those above it: reading (scan, reader, wire, fetch_answer,
 * answer), judging (judge, words), acting (command, then list, folder, glance, search,
 * fetch and sign_in, then session).
 */
#ifndef EII_IMAP_IMAP_PRIVATE_H
#define EII_IMAP_IMAP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mailutils/types.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/base/veil.h"
#include "eii/imap/session.h"
#include "eii/net/stream.h"
#include "reader.h"
#include "scan.h"

#define EII_IMAP_COMMAND_MAX     65536
#define EII_IMAP_FOLDER_NAME_MAX 1000 /* bytes of a folder's name, as it travels */
#define EII_IMAP_LIST_ALL        "LIST \"\" \"*\""

enum eii_imap_capability {
	EII_IMAP_CAN_IMAP4 = 1 << 0,
	EII_IMAP_CAN_STARTTLS = 1 << 1,
	EII_IMAP_CAN_SASL_IR = 1 << 2, /* RFC 4959 */
	EII_IMAP_CAN_PLAIN = 1 << 3,
	EII_IMAP_CAN_XOAUTH2 = 1 << 4,
	EII_IMAP_CAN_ESEARCH = 1 << 5, /* RFC 4731 */
	EII_IMAP_CAN_ID = 1 << 6,      /* RFC 2971 */
	EII_IMAP_LOGIN_DISABLED = 1 << 7,
	EII_IMAP_CAN_EXTERNAL = 1 << 8,
	EII_IMAP_CAN_OAUTHBEARER = 1 << 9,    /* RFC 7628 */
	EII_IMAP_CAN_SCRAM_SHA_256 = 1 << 10, /* RFC 7677 */
	EII_IMAP_CAN_SCRAM_SHA_256_PLUS = 1 << 11,
	EII_IMAP_CAN_IDLE = 1 << 12,          /* RFC 2177 */
	EII_IMAP_CAN_LIST_EXTENDED = 1 << 13, /* RFC 5258 */
	EII_IMAP_CAN_SPECIAL_USE = 1 << 14,   /* RFC 6154 */
	EII_IMAP_CAN_LIST_STATUS = 1 << 15,   /* RFC 5819 */
};

enum eii_imap_status { EII_IMAP_OK, EII_IMAP_NO, EII_IMAP_BAD };

/* A body that came before its group's turn. */
struct eii_imap_held {
	uint32_t uid;
	struct eii_buf bytes;
};

/*
 * Bodies asked for by one FETCH. Dovecot (2.3) puts off the tagged OK of a FETCH
 * while another one waits behind it, and answers that one first: its bodies are
 * held until the group's own turn, or given at once to a taker that grants them.
 */
struct eii_imap_group {
	unsigned tag;
	uint32_t head_bytes; /* 0 = all */
	size_t n;
	size_t hint; /* where the next UID is likely to stand */
	uint32_t uids[EII_IMAP_FETCH_MAX];
	unsigned char what[EII_IMAP_FETCH_MAX]; /* enum eii_imap_body */
	struct eii_imap_held *held;             /* owned */
	size_t n_held;
	size_t n_early;   /* bodies that came before their UID, in this group's turn */
	bool is_answered; /* its tagged answer came before its turn */
	enum eii_imap_status status;
	struct eii_imap_refusal refusal;
};

enum eii_imap_state { EII_IMAP_GREETED, EII_IMAP_SIGNED_IN, EII_IMAP_SELECTED, EII_IMAP_OVER };

enum eii_imap_idling {
	EII_IMAP_AWAKE,
	EII_IMAP_IDLING, /* the server waits for DONE */
	EII_IMAP_WOKEN,  /* it has answered by itself */
};

/* What EXAMINE or STATUS has told so far. */
struct eii_imap_told {
	uint64_t uidvalidity;
	bool has_uidvalidity; /* also where it is 0, which is none */
	uint32_t uidnext;     /* 0 = not told */
};

struct eii_imap {
	struct eii_stream *stream;
	mu_stream_t carrier;
	struct eii_imap_reader reader;
	struct eii_buf joined;  /* a line with its literals */
	struct eii_buf command; /* wiped after it was sent */
	struct eii_veil veil;
	enum eii_imap_state state;
	enum eii_imap_step step; /* what is under way */
	uint64_t literal_max;
	uint32_t timeout_ms;
	unsigned tag;
	unsigned capabilities; /* enum eii_imap_capability */
	bool knows_capabilities;
	struct eii_imap_refusal refusal;
	char *folder_name; /* as it travels, quoted; NULL = none yet */
	struct eii_imap_folder folder;
	struct eii_imap_told told;
	bool was_nudged; /* a command went out before the greeting: A0 */
	bool has_news;   /* EXISTS or EXPUNGE since the folder was opened */
	bool has_grown;  /* an EXISTS of more mails than before, since then */
	enum eii_imap_idling idling;
	enum eii_imap_status idle_status; /* of IDLE, where the server has ended it */
	bool has_asked_again;             /* what the server can do, once signed in */
	bool has_refused_list_status;     /* although it says that it has it */
	struct eii_imap_group groups[EII_IMAP_PIPELINE_MAX];
	size_t first_group, n_groups;
	uint64_t held_bytes; /* of all groups */
};

/* ---- wire.c: bytes out and in ------------------------------------------ */

/* A fresh clock, and how many bytes the answers may have. */
void eii_imap_start_clock(struct eii_imap *imap, uint32_t timeout_ms, uint64_t bytes_max);
/* A literal that was asked for has its own time and bytes. */
void eii_imap_allow_literal(struct eii_imap *imap, uint64_t len);

/* Sends imap->command behind a new tag (imap->tag) and wipes it. */
enum eii_rc eii_imap_send(struct eii_imap *imap, struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_write(struct eii_imap *imap, const char *data, size_t len,
			   struct eii_error *err) EII_MUST_CHECK;

/* Ends the session: what the server said makes no sense, or came with rc. */
enum eii_rc eii_imap_fail(struct eii_imap *imap, const char *what, struct eii_error *err);
enum eii_rc eii_imap_end(struct eii_imap *imap, enum eii_rc rc);

/* EII_RETRY where the session is over or has not got so far, or bodies are still to be read. */
enum eii_rc eii_imap_need(struct eii_imap *imap, enum eii_imap_state state,
			  struct eii_error *err) EII_MUST_CHECK;

/* The answer goes on in the next line, or the next piece of it. */
enum eii_rc eii_imap_next_line(struct eii_imap *imap, struct eii_imap_scan *scan,
			       struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_skip_literal(struct eii_imap *imap, uint64_t len,
				  struct eii_error *err) EII_MUST_CHECK;

/* From wherever scan stands to the end of its answer, literals counted. */
enum eii_rc eii_imap_skip_answer(struct eii_imap *imap, struct eii_imap_scan *scan,
				 struct eii_error *err) EII_MUST_CHECK;

/* ---- status.c: OK, NO, BAD, BYE and what stands in their brackets ------- */

void eii_imap_take_capabilities(struct eii_imap *imap, struct eii_imap_scan *scan);

/* What follows OK: codes that tell something are heeded. */
void eii_imap_take_code(struct eii_imap *imap, struct eii_imap_scan *scan);

/*
 * Servers have been seen that write more than the 32 bits of RFC 3501. What does
 * not fit in 64 either is told apart by a hash of its digits (FNV-1a), never 0.
 */
bool eii_imap_scan_uidvalidity(struct eii_imap_scan *scan, uint64_t *out);

/* What follows NO, BAD or BYE, judged. */
void eii_imap_take_refusal(struct eii_imap *imap, enum eii_imap_refusal_form form,
			   struct eii_imap_scan *scan, struct eii_imap_refusal *out);

/* ---- fetch_answer.c ---------------------------------------------------- */

/* Who wants what of FETCH answers: the members of one kind, or none. */
struct eii_imap_fetch {
	struct eii_imap_group *group; /* bodies: whose turn it is */
	const struct eii_imap_body_taker *taker;
	struct eii_imap_info *infos; /* size and date */
	size_t n_infos;
	size_t hint;
	void (*uid)(void *arg, uint32_t uid); /* every UID that was told; may be NULL */
	void *arg;
};

/* Gives what came before the group's turn, or drops it where there is no taker. */
void eii_imap_give_held(struct eii_imap *imap, struct eii_imap_group *group,
			const struct eii_imap_body_taker *taker);

/* "(...)" of "* n FETCH (...)", with its literals; fetch may be NULL: all is skipped. */
enum eii_rc eii_imap_take_fetch(struct eii_imap *imap, struct eii_imap_scan *scan,
				struct eii_imap_fetch *fetch, struct eii_error *err) EII_MUST_CHECK;

/* ---- answer.c ---------------------------------------------------------- */

/* What a command does with the lines before its tagged answer; members may be NULL. */
struct eii_imap_handler {
	/*
	 * "* WORD ..." that is not the session's own business; scan stands at WORD. With
	 * joins, literals have become quoted strings; what it leaves is skipped.
	 */
	enum eii_rc (*untagged)(struct eii_imap *imap, struct eii_imap_scan *scan, void *arg,
				struct eii_error *err);
	bool joins;
	/* "+ ...": says something and reads on. */
	enum eii_rc (*go_on)(struct eii_imap *imap, struct eii_text text, void *arg,
			     struct eii_error *err);
	void *arg;
	struct eii_imap_fetch *fetch; /* who takes "* n FETCH (...)" */
};

/* Reads up to the tagged answer of tag. A refusal stands in imap->refusal then. */
enum eii_rc eii_imap_read_answer(struct eii_imap *imap, unsigned tag,
				 const struct eii_imap_handler *handler, enum eii_imap_status *out,
				 struct eii_error *err) EII_MUST_CHECK;

/* The next line of it; *is_done: it was the tagged answer. */
enum eii_rc eii_imap_read_line(struct eii_imap *imap, unsigned tag,
			       const struct eii_imap_handler *handler, enum eii_imap_status *out,
			       bool *is_done, struct eii_error *err) EII_MUST_CHECK;

/* The server ends the session: scan stands behind BYE. */
enum eii_rc eii_imap_take_bye(struct eii_imap *imap, struct eii_imap_scan *scan,
			      struct eii_error *err) EII_MUST_CHECK;

/* ---- command.c --------------------------------------------------------- */

/* Sends imap->command as step and reads its answer, on the clock that runs. */
enum eii_rc eii_imap_exchange(struct eii_imap *imap, enum eii_imap_step step,
			      const struct eii_imap_handler *handler, enum eii_imap_status *out,
			      struct eii_error *err) EII_MUST_CHECK;

/* The same for a command of printf's form, on a fresh clock. */
enum eii_rc eii_imap_run(struct eii_imap *imap, enum eii_imap_step step,
			 const struct eii_imap_handler *handler, enum eii_imap_status *out,
			 struct eii_error *err, const char *format, ...)
	EII_PRINTF(6, 7) EII_MUST_CHECK;

enum eii_rc eii_imap_ask_capabilities(struct eii_imap *imap, struct eii_error *err) EII_MUST_CHECK;

/* Tells who we are, where the server can hear it. */
enum eii_rc eii_imap_say_id(struct eii_imap *imap, struct eii_error *err) EII_MUST_CHECK;

/* ---- fetch.c ----------------------------------------------------------- */

/* Adds n UIDs as a set: "1:4,9". */
void eii_imap_add_uid_set(struct eii_buf *out, const uint32_t *uids, size_t n);

/* ---- list.c ------------------------------------------------------------ */

/* A folder's name, quoted or bare, to the end of scan: added as UTF-8. */
bool eii_imap_scan_folder_name(struct eii_imap_scan *scan, struct eii_buf *out);

/* The command's LIST answers, each to the taker; a refusal is left to the caller. */
enum eii_rc eii_imap_run_list(struct eii_imap *imap, const char *command,
			      struct eii_imap_folder_taker *taker, enum eii_imap_status *out,
			      struct eii_error *err) EII_MUST_CHECK;

/* ---- folder.c ---------------------------------------------------------- */

/* Adds the name as it travels, quoted; false: it is not UTF-8, or too long. */
bool eii_imap_add_folder_name(struct eii_buf *out, const char *name);

/* Behind "STATUS": the name's text, and the items of "name (UIDNEXT 12 UIDVALIDITY 7)". */
bool eii_imap_scan_status(struct eii_imap_scan *scan, struct eii_imap_scan *out_name,
			  struct eii_imap_told *out);

/* ---- sign_in.c --------------------------------------------------------- */

enum eii_rc eii_imap_sign_in(struct eii_imap *imap, const struct eii_imap_options *options,
			     struct eii_error *err) EII_MUST_CHECK;

/* Has the token made before a server waits for it: those it takes long for hang up. */
enum eii_rc eii_imap_warm_up(const struct eii_imap_options *options,
			     struct eii_error *err) EII_MUST_CHECK;

/* ---- greeting.c: from the connect to TLS -------------------------------- */

enum eii_rc eii_imap_greet(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err) EII_MUST_CHECK;

/* ---- session.c --------------------------------------------------------- */

/* A session on a connected stream, which it owns; nothing is read yet. */
struct eii_imap *eii_imap_new(struct eii_stream *stream, const struct eii_imap_options *options);

/* Everything after the connect: TLS, greeting, sign-in, ID. */
enum eii_rc eii_imap_begin(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err) EII_MUST_CHECK;

#endif
