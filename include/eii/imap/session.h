/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One IMAP4rev1 session (RFC 3501) that only ever reads: EXAMINE, UID SEARCH,
 * UID FETCH with BODY.PEEK. Everything that the server says is hostile input:
 * lines, literals, answers and waits are bounded. What is not needed or not
 * understood is skipped to the end of that answer; the session goes on as long
 * as it is certain where the next answer begins. One thread.
 *
 * It reads and tells; what to do about it is the caller's. Nothing that was
 * sent (secrets in any form, commands) comes back in a text from here.
 *
 * Failures: EII_RETRY means that the session is over (free it) unless the
 * function says otherwise, EII_REJECT that the server refused this one command
 * and the session goes on, EII_FATAL with CREDENTIALS or CONFIG what its text
 * says. eii_imap_last_refusal() says how the server refused.
 */
#ifndef EII_IMAP_SESSION_H
#define EII_IMAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/folder_choice.h"
#include "eii/base/stop.h"
#include "eii/imap/refusal.h"

struct eii_tls_options;

#define EII_IMAP_LINE_MAX        1048576   /* 1 MiB: bytes of a line of the server's */
#define EII_IMAP_ANSWER_MAX      8388608   /* 8 MiB: of all answers to a command, bodies apart */
#define EII_IMAP_SEARCH_MAX      33554432  /* 32 MiB: of all answers to a search */
#define EII_IMAP_KEPT_MAX        2097152   /* 2 MiB: of a body that comes before its UID */
#define EII_IMAP_HELD_MAX        16777216  /* 16 MiB: of bodies that come before their turn */
#define EII_IMAP_SKIP_MAX        268435456 /* 256 MiB: of a literal that is read past */
#define EII_IMAP_OPEN_TIMEOUT_MS 30000     /* connect, TLS, greeting, sign-in: all */
#define EII_IMAP_TIMEOUT_MS      60000     /* a command, its literals not counted; any silence */
#define EII_IMAP_LOGOUT_MS       500       /* for eii_imap_close() */
#define EII_IMAP_LITERAL_RATE    65536     /* bytes a second that a literal may take */
#define EII_IMAP_FETCH_MAX       250       /* UIDs of one FETCH */
#define EII_IMAP_PIPELINE_MAX    4         /* groups of bodies asked for and not read */
#define EII_IMAP_FOLDERS_SHOWN   20        /* in the text about an absent folder */
#define EII_IMAP_GLANCE_MAX      64        /* folders of one glance */

enum eii_imap_tls { EII_IMAP_TLS_IMPLICIT, EII_IMAP_TLS_STARTTLS, EII_IMAP_TLS_NONE };
enum eii_imap_auth {
	EII_IMAP_AUTH_PASSWORD, /* SASL PLAIN where the server has it, else LOGIN */
	EII_IMAP_AUTH_XOAUTH2,  /* the secret is an access token */
	EII_IMAP_AUTH_EXTERNAL, /* the client certificate says who we are; no secret */
};
/* Which mechanism; a password's with a password, a token's with a token. */
enum eii_imap_sasl {
	EII_IMAP_SASL_AUTO,  /* PLAIN, SCRAM-SHA-256, LOGIN; XOAUTH2, OAUTHBEARER */
	EII_IMAP_SASL_PLAIN, /* PLAIN, LOGIN where there is none */
	EII_IMAP_SASL_LOGIN, /* the command */
	EII_IMAP_SASL_SCRAM_SHA_256,
	EII_IMAP_SASL_SCRAM_SHA_256_PLUS, /* bound to TLS 1.3 by its exporter */
	EII_IMAP_SASL_XOAUTH2,
	EII_IMAP_SASL_OAUTHBEARER,
};

/* The password that LOGIN was refused with: it is not tried a second time. Zeroed before. */
struct eii_imap_tried {
	bool has_hash;
	unsigned char hash[32];
};

enum eii_imap_secret_need {
	EII_IMAP_SECRET_ANY,
	EII_IMAP_SECRET_FRESH, /* the one given before was refused */
};

/* All borrowed during open; stop for the session's life. */
struct eii_imap_options {
	const char *host;
	uint16_t port;
	const char *proxy; /* its URL (net/proxy.h); NULL = none */
	enum eii_imap_tls tls;
	const struct eii_tls_options *tls_options; /* NULL only without TLS */
	const char *user;
	enum eii_imap_auth auth;
	enum eii_imap_sasl sasl;
	struct eii_imap_tried *tried; /* of all sessions; NULL = nobody remembers */
	/* Gives the password or access token, for the callee to wipe and free(). */
	enum eii_rc (*secret)(void *arg, enum eii_imap_secret_need need, char **out,
			      struct eii_error *err);
	void *secret_arg;
	uint64_t literal_max; /* bytes of a body; a longer one is skipped; 0 = 4 GiB */
	const struct eii_stop *stop;
	uint32_t open_timeout_ms; /* 0 = EII_IMAP_OPEN_TIMEOUT_MS */
	uint32_t timeout_ms;      /* 0 = EII_IMAP_TIMEOUT_MS */
};

struct eii_imap;

/*
 * Connects and signs in. With STARTTLS nothing is said before TLS is up, and a
 * server that offers none, or greets as signed in, is refused. Where the server
 * has ID (RFC 2971) it is told our name.
 *
 * EII_FATAL: CREDENTIALS (sign-in refused by a server that says so, with its
 * words), CONFIG (certificate; doubtful: no STARTTLS, no way to sign in, greeting
 * that is not IMAP). EII_RETRY with CREDENTIALS: refused, without saying for how long.
 *
 * why (may be NULL) is written whenever open fails; its kind is NONE where it was
 * no refusal.
 */
enum eii_rc eii_imap_open_why(const struct eii_imap_options *options, struct eii_imap **out,
			      struct eii_imap_refusal *why, struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_open(const struct eii_imap_options *options, struct eii_imap **out,
			  struct eii_error *err) EII_MUST_CHECK;

/*
 * Drops the connection; close says LOGOUT first, even after a stop, and waits for
 * at most wait_ms (not at all where bodies are still under way).
 */
void eii_imap_free(struct eii_imap *imap);
EII_DEFINE_AUTO(eii_imap);
void eii_imap_close(struct eii_imap *imap, int wait_ms);

/* False after a failure that ended the session. */
bool eii_imap_is_open(const struct eii_imap *imap);

/* The extensions that are used here and the server has, as "ESEARCH, ID"; "" = none. */
#define EII_IMAP_EXTENSIONS_BYTES 64
void eii_imap_extensions(const struct eii_imap *imap, char out[EII_IMAP_EXTENSIONS_BYTES]);

/* How the last command that was refused was; kind NONE where the last one was not. */
const struct eii_imap_refusal *eii_imap_last_refusal(const struct eii_imap *imap);

enum eii_imap_uidnext {
	EII_IMAP_UIDNEXT_TOLD,      /* by EXAMINE */
	EII_IMAP_UIDNEXT_BY_STATUS, /* by STATUS, where EXAMINE does not say it */
	EII_IMAP_UIDNEXT_DERIVED,   /* from the last mail's UID; 1 without mails */
};

struct eii_imap_folder {
	uint64_t uidvalidity; /* not 0; of more than 64 bits: a hash of its digits */
	uint32_t uidnext;     /* how it is known: uidnext_by */
	uint32_t n_mails;     /* EXISTS; 0 also where has_mails is false */
	bool has_mails;       /* EXISTS was told */
	bool has_uidnext;     /* EXAMINE told UIDNEXT: uidnext_by is TOLD */
	enum eii_imap_uidnext uidnext_by;
};

/* Each folder of the server's list; its name holds during the call. */
struct eii_imap_folder_taker {
	void (*add)(void *arg, const struct eii_listed_folder *folder);
	void *arg;
};

/*
 * All folders that there are, those that cannot be opened too, in the server's
 * order, which may name one twice. EII_REJECT: the server refuses the list.
 */
enum eii_rc eii_imap_list(struct eii_imap *imap, const struct eii_imap_folder_taker *taker,
			  struct eii_error *err) EII_MUST_CHECK;

/*
 * Opens a folder read-only; name is UTF-8 with the server's separators.
 * EII_FATAL with CONFIG: absent, by the server's own word (NONEXISTENT) or by its
 * list; the text lists the folders that there are. All other refusals: EII_RETRY.
 */
enum eii_rc eii_imap_examine(struct eii_imap *imap, const char *name, struct eii_imap_folder *out,
			     struct eii_error *err) EII_MUST_CHECK;

/* EXAMINE of the open folder once more, whatever the server has told since. */
enum eii_rc eii_imap_reexamine(struct eii_imap *imap, struct eii_imap_folder *out,
			       struct eii_error *err) EII_MUST_CHECK;

/*
 * NOOP. *out_changed: mails came or went since the folder was last looked at;
 * then the folder is opened once more and *out is new (else *out is as known).
 */
enum eii_rc eii_imap_look(struct eii_imap *imap, bool *out_changed, struct eii_imap_folder *out,
			  struct eii_error *err) EII_MUST_CHECK;

/* What the server says of a folder that is not open; 0 = not told. */
struct eii_imap_glimpse {
	uint64_t uidvalidity;
	uint32_t uidnext;
};

/*
 * UIDNEXT and UIDVALIDITY of n folders (1 to EII_IMAP_GLANCE_MAX) by their names, of
 * which none is the open one, into out[n]: in one command where the server has
 * LIST-STATUS (RFC 5819), by STATUS of each one that it has not told of. What is
 * refused is not told, and costs the other folders nothing.
 */
enum eii_rc eii_imap_glance(struct eii_imap *imap, const char *const *names, size_t n,
			    struct eii_imap_glimpse *out, struct eii_error *err) EII_MUST_CHECK;

/*
 * IDLE (RFC 2177). It begins; then waits until an instant for more mails than there
 * were when the folder was last opened, or for the server to end it, as often as the
 * caller likes; then DONE, within wait_ms. Nothing else is asked for in between.
 *
 * begin: EII_REJECT where the server has none or refuses it, last_refusal() says how
 * (NONE: it has none). wait: a stop (EII_RETRY with STOPPED) ends neither IDLE nor
 * session, which eii_imap_close() takes leave of. *out_grown: more mails have come,
 * now or before; *out_ended: the server has ended IDLE.
 */
enum eii_rc eii_imap_idle_begin(struct eii_imap *imap, struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_idle_wait(struct eii_imap *imap, int64_t until_ms, bool *out_grown,
			       bool *out_ended, struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_idle_end(struct eii_imap *imap, uint32_t wait_ms,
			      struct eii_error *err) EII_MUST_CHECK;

/* Ranges of UIDs, first <= last, in any order, as the server gives them. */
struct eii_imap_uid_taker {
	void (*add)(void *arg, uint32_t first, uint32_t last);
	void *arg;
};

/* How UIDs are asked for. */
enum eii_imap_way {
	EII_IMAP_WAY_USUAL,  /* SEARCH in the shortest form that the server has (RFC 4731) */
	EII_IMAP_WAY_SEARCH, /* plain SEARCH */
	EII_IMAP_WAY_FETCH,  /* UID FETCH first:last,* (UID); for ranges */
};

/* What the answer to a search was made of: no part of it is to be trusted alone. */
struct eii_imap_found {
	bool has_answer; /* a SEARCH, ESEARCH or FETCH answer came, not OK alone */
	bool has_all;    /* ESEARCH with ALL; without it an ESEARCH says "none" */
	bool is_esearch;
	bool is_readable; /* every answer was understood, and none contradicts itself or EXISTS */
	uint64_t n_uids;  /* as told, within the range asked for; repeats counted */
};

/*
 * UIDs of mails whose INTERNALDATE lies on the day of unix_s or later (days are
 * the server's: ask for the day before), and UIDs from first to last that exist;
 * nothing outside is ever given. *out is written on EII_OK and EII_REJECT; EII_OK
 * with has_answer or is_readable false is no answer at all, and the session goes
 * on. WAY_FETCH asks for the last mail as well, so that "none" is not OK alone.
 */
enum eii_rc eii_imap_find_since(struct eii_imap *imap, int64_t unix_s, enum eii_imap_way way,
				const struct eii_imap_uid_taker *taker, struct eii_imap_found *out,
				struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_find_range(struct eii_imap *imap, uint32_t first, uint32_t last,
				enum eii_imap_way way, const struct eii_imap_uid_taker *taker,
				struct eii_imap_found *out, struct eii_error *err) EII_MUST_CHECK;

/*
 * The same in the usual way. No answer, or none that can be read, is EII_RETRY
 * and does not end the session.
 */
enum eii_rc eii_imap_search_since(struct eii_imap *imap, int64_t unix_s,
				  const struct eii_imap_uid_taker *taker,
				  struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_search_range(struct eii_imap *imap, uint32_t first, uint32_t last,
				  const struct eii_imap_uid_taker *taker,
				  struct eii_error *err) EII_MUST_CHECK;

struct eii_imap_info {
	uint32_t uid;
	bool is_known; /* the answer had this UID */
	bool has_size, has_date;
	uint64_t size_bytes;     /* RFC822.SIZE, where has_size */
	int64_t internal_unix_s; /* INTERNALDATE, where has_date */
};

/*
 * Fills infos[i] for each of n (1 to EII_IMAP_FETCH_MAX) by its uid. A size or a
 * date that is no such thing is not there.
 */
enum eii_rc eii_imap_fetch_info(struct eii_imap *imap, struct eii_imap_info *infos, size_t n,
				struct eii_error *err) EII_MUST_CHECK;

enum eii_imap_grant {
	EII_IMAP_GRANTED,
	EII_IMAP_UNWANTED, /* skip it */
	EII_IMAP_NO_ROOM,  /* skip it: no memory for it now */
};

/* What happened to one UID that a body was asked for. */
enum eii_imap_body {
	EII_IMAP_BODY_ABSENT = 0, /* answered OK without it */
	EII_IMAP_BODY_WHOLE,      /* end() was called, whatever the server said after it */
	EII_IMAP_BODY_NIL,        /* it came as NIL */
	EII_IMAP_BODY_EMPTY,      /* it came as {0} or "": without a single byte */
	EII_IMAP_BODY_UNWANTED,   /* it came, and the taker did not want it */
	EII_IMAP_BODY_NO_ROOM,    /* it came, and the taker had no room */
	EII_IMAP_BODY_TOO_LARGE,  /* it came, and is over literal_max */
	EII_IMAP_BODY_ASK_ALONE, /* came before its UID, over EII_IMAP_KEPT_MAX: ask for it alone */
	EII_IMAP_BODY_UNREADABLE, /* it was answered, in a form that cannot be read */
	EII_IMAP_BODY_REFUSED,    /* the command was answered NO or BAD, and it did not come */
	EII_IMAP_BODY_BROKEN,     /* the session ended within it */
	EII_IMAP_BODY_LOST,       /* the session ended before it came */
};

struct eii_imap_body_taker {
	/*
	 * Room for len bytes of this mail, the taker's own; NULL = skip them. Asked again
	 * for a mail whose end() did not come: the room before is void then.
	 */
	char *(*begin)(void *arg, uint32_t uid, size_t len);
	/* All bytes of the mail are there. */
	void (*end)(void *arg, uint32_t uid);
	void *arg;
	/*
	 * Instead of begin where it is not NULL: says why there is no room. It is
	 * asked for mails of any group under way, in whatever order they come; begin
	 * for those of the group that is read only: what comes too early waits for its
	 * turn, up to EII_IMAP_HELD_MAX. len is what comes, whatever was announced.
	 */
	enum eii_imap_grant (*grant)(void *arg, uint32_t uid, size_t len, char **out_room);
	/*
	 * May be NULL. Called for each UID of the group, in the order asked, when its
	 * answer is over; when the session ended, for all groups under way. After WHOLE
	 * of a group that was not read yet, end() has been called before.
	 */
	void (*told)(void *arg, uint32_t uid, enum eii_imap_body what);
};

/*
 * Asks for the bodies of n (1 to EII_IMAP_FETCH_MAX) UIDs, without waiting for
 * them; head_bytes > 0: for the first bytes of each. At most
 * EII_IMAP_PIPELINE_MAX groups are under way; no other command before all are read.
 */
enum eii_rc eii_imap_send_bodies(struct eii_imap *imap, const uint32_t *uids, size_t n,
				 uint32_t head_bytes, struct eii_error *err) EII_MUST_CHECK;

/* The same for the header alone (BODY.PEEK[HEADER]), its first max_bytes. */
enum eii_rc eii_imap_send_headers(struct eii_imap *imap, const uint32_t *uids, size_t n,
				  uint32_t max_bytes, struct eii_error *err) EII_MUST_CHECK;

/*
 * Reads the answer to the oldest group. Each UID is given once; a body without
 * a byte is not given. EII_REJECT: the group was refused; what came before that
 * was given.
 */
enum eii_rc eii_imap_read_bodies(struct eii_imap *imap, const struct eii_imap_body_taker *taker,
				 struct eii_error *err) EII_MUST_CHECK;

#endif
