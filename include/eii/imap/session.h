/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One IMAP4rev1 session (RFC 3501) that only ever reads: EXAMINE, UID SEARCH,
 * UID FETCH with BODY.PEEK. Everything that the server says is hostile input:
 * lines, literals, answers and waits are bounded. One thread.
 *
 * Failures: EII_RETRY means that the session is over (free it), EII_REJECT that
 * the server refused this one command and the session goes on, EII_FATAL with
 * CREDENTIALS or CONFIG what its text says.
 */
#ifndef EII_IMAP_SESSION_H
#define EII_IMAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"

struct eii_tls_options;

#define EII_IMAP_LINE_MAX        1048576 /* 1 MiB: bytes of a line of the server's */
#define EII_IMAP_OPEN_TIMEOUT_MS 30000   /* connect, TLS, greeting, sign-in: all */
#define EII_IMAP_TIMEOUT_MS      60000   /* a command, its literals not counted */
#define EII_IMAP_LITERAL_RATE    65536   /* bytes a second that a literal may take */
#define EII_IMAP_FETCH_MAX       250     /* UIDs of one FETCH */
#define EII_IMAP_PIPELINE_MAX    4       /* groups of bodies asked for and not read */
#define EII_IMAP_FOLDERS_SHOWN   20      /* in the text about an absent folder */

enum eii_imap_tls { EII_IMAP_TLS_IMPLICIT, EII_IMAP_TLS_STARTTLS, EII_IMAP_TLS_NONE };
enum eii_imap_auth {
	EII_IMAP_AUTH_PASSWORD, /* SASL PLAIN where the server has it, else LOGIN */
	EII_IMAP_AUTH_XOAUTH2,  /* the secret is an access token */
};
enum eii_imap_secret_need {
	EII_IMAP_SECRET_ANY,
	EII_IMAP_SECRET_FRESH, /* the one given before was refused */
};

/* All borrowed during open; stop for the session's life. */
struct eii_imap_options {
	const char *host;
	uint16_t port;
	enum eii_imap_tls tls;
	const struct eii_tls_options *tls_options; /* NULL only without TLS */
	const char *user;
	enum eii_imap_auth auth;
	/* Gives the password or access token, for the callee to wipe and free(). */
	enum eii_rc (*secret)(void *arg, enum eii_imap_secret_need need, char **out,
			      struct eii_error *err);
	void *secret_arg;
	uint64_t literal_max; /* bytes; a longer one ends the session; 0 = 4 GiB */
	const struct eii_stop *stop;
	uint32_t open_timeout_ms; /* 0 = EII_IMAP_OPEN_TIMEOUT_MS */
	uint32_t timeout_ms;      /* 0 = EII_IMAP_TIMEOUT_MS */
};

struct eii_imap;

/*
 * Connects and signs in. With STARTTLS nothing is said before TLS is up, and a
 * server that offers none, or greets as signed in, is refused.
 *
 * EII_FATAL: CREDENTIALS (sign-in refused, with the server's words), CONFIG
 * (certificate, no STARTTLS, no way to sign in, greeting that is not IMAP).
 */
enum eii_rc eii_imap_open(const struct eii_imap_options *options, struct eii_imap **out,
			  struct eii_error *err) EII_MUST_CHECK;

/* Drops the connection; close says LOGOUT first and waits for at most wait_ms. */
void eii_imap_free(struct eii_imap *imap);
EII_DEFINE_AUTO(eii_imap);
void eii_imap_close(struct eii_imap *imap, int wait_ms);

/* False after a failure that ended the session. */
bool eii_imap_is_open(const struct eii_imap *imap);

struct eii_imap_folder {
	uint32_t uidvalidity;
	uint32_t uidnext; /* read by STATUS or UID FETCH where EXAMINE does not say it */
	uint32_t n_mails;
};

/*
 * Opens a folder read-only; name is UTF-8 with the server's separators.
 * EII_FATAL with CONFIG: absent; the text lists the folders that there are.
 */
enum eii_rc eii_imap_examine(struct eii_imap *imap, const char *name, struct eii_imap_folder *out,
			     struct eii_error *err) EII_MUST_CHECK;

/*
 * NOOP. *out_changed: mails came or went since the folder was last looked at;
 * then the folder is opened once more and *out is new (else *out is as known).
 */
enum eii_rc eii_imap_look(struct eii_imap *imap, bool *out_changed, struct eii_imap_folder *out,
			  struct eii_error *err) EII_MUST_CHECK;

/* Ranges of UIDs, first <= last, in any order, as the server gives them. */
struct eii_imap_uid_taker {
	void (*add)(void *arg, uint32_t first, uint32_t last);
	void *arg;
};

/*
 * UIDs of mails whose INTERNALDATE lies on the day of unix_s or later. Days are
 * the server's: ask for the day before.
 */
enum eii_rc eii_imap_search_since(struct eii_imap *imap, int64_t unix_s,
				  const struct eii_imap_uid_taker *taker,
				  struct eii_error *err) EII_MUST_CHECK;

/* UIDs from first to last that exist; nothing outside is ever given. */
enum eii_rc eii_imap_search_range(struct eii_imap *imap, uint32_t first, uint32_t last,
				  const struct eii_imap_uid_taker *taker,
				  struct eii_error *err) EII_MUST_CHECK;

struct eii_imap_info {
	uint32_t uid;
	bool is_known;           /* the answer had this UID with size and date */
	uint64_t size_bytes;     /* RFC822.SIZE */
	int64_t internal_unix_s; /* INTERNALDATE */
};

/* Fills infos[i] for each of n (1 to EII_IMAP_FETCH_MAX) by its uid. */
enum eii_rc eii_imap_fetch_info(struct eii_imap *imap, struct eii_imap_info *infos, size_t n,
				struct eii_error *err) EII_MUST_CHECK;

struct eii_imap_body_taker {
	/* Room for len bytes of this mail, the taker's own; NULL = skip them. */
	char *(*begin)(void *arg, uint32_t uid, size_t len);
	/* All bytes of the mail are there. */
	void (*end)(void *arg, uint32_t uid);
	void *arg;
};

/*
 * Asks for the bodies of n (1 to EII_IMAP_FETCH_MAX) UIDs, without waiting for
 * them; head_bytes > 0: for the first bytes of each. At most
 * EII_IMAP_PIPELINE_MAX groups are under way; no other command before all are read.
 */
enum eii_rc eii_imap_send_bodies(struct eii_imap *imap, const uint32_t *uids, size_t n,
				 uint32_t head_bytes, struct eii_error *err) EII_MUST_CHECK;

/*
 * Reads the answer to the oldest group. Only UIDs of this group are given, each
 * once; one that the taker hears nothing of was not in the answer.
 */
enum eii_rc eii_imap_read_bodies(struct eii_imap *imap, const struct eii_imap_body_taker *taker,
				 struct eii_error *err) EII_MUST_CHECK;

#endif
