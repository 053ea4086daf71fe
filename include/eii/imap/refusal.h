/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a server says no: what was asked, the response code (RFC 5530 and what
 * else is in use), and which kind of no that is by the code and by the words
 * that providers are known to write. It is a reading, not a decision: history
 * and consequences are the caller's. What is not clearly final is never said to
 * be final.
 */
#ifndef EII_IMAP_REFUSAL_H
#define EII_IMAP_REFUSAL_H

#include <stdint.h>

#define EII_IMAP_WORDS_MAX 200 /* bytes of a server's words with their NUL */

enum eii_imap_refusal_kind {
	EII_IMAP_REFUSAL_NONE = 0,          /* nothing was refused */
	EII_IMAP_REFUSAL_PASSING,           /* says that time heals it */
	EII_IMAP_REFUSAL_FINAL_CREDENTIALS, /* says that this sign-in will not do */
	EII_IMAP_REFUSAL_FINAL_NO_FOLDER,   /* says that the folder is not there */
	EII_IMAP_REFUSAL_UNCLEAR,           /* says nothing that could be relied on */
};

enum eii_imap_refusal_form {
	EII_IMAP_BY_NO,
	EII_IMAP_BY_BAD,
	EII_IMAP_BY_BYE, /* the session ended with it */
};

/* What was under way. */
enum eii_imap_step {
	EII_IMAP_STEP_GREETING,
	EII_IMAP_STEP_STARTTLS,
	EII_IMAP_STEP_CAPABILITY,
	EII_IMAP_STEP_SIGN_IN,
	EII_IMAP_STEP_ID,
	EII_IMAP_STEP_EXAMINE,
	EII_IMAP_STEP_STATUS,
	EII_IMAP_STEP_LIST,
	EII_IMAP_STEP_SEARCH,
	EII_IMAP_STEP_FETCH_INFO,
	EII_IMAP_STEP_FETCH_BODIES,
	EII_IMAP_STEP_NOOP,
	EII_IMAP_STEP_IDLE,
	EII_IMAP_STEP_LOGOUT,
};

enum eii_imap_code {
	EII_IMAP_CODE_NONE = 0,
	EII_IMAP_CODE_OTHER, /* one that is not in this list */
	EII_IMAP_CODE_ALERT,
	EII_IMAP_CODE_AUTHENTICATIONFAILED,
	EII_IMAP_CODE_AUTHORIZATIONFAILED,
	EII_IMAP_CODE_CANNOT,
	EII_IMAP_CODE_CLIENTBUG,
	EII_IMAP_CODE_CONTACTADMIN,
	EII_IMAP_CODE_CORRUPTION,
	EII_IMAP_CODE_EXPIRED,
	EII_IMAP_CODE_EXPUNGEISSUED,
	EII_IMAP_CODE_INUSE,
	EII_IMAP_CODE_LIMIT,
	EII_IMAP_CODE_NONEXISTENT,
	EII_IMAP_CODE_NOPERM,
	EII_IMAP_CODE_OVERQUOTA,
	EII_IMAP_CODE_PRIVACYREQUIRED,
	EII_IMAP_CODE_SERVERBUG,
	EII_IMAP_CODE_THROTTLED,
	EII_IMAP_CODE_UNAVAILABLE,
	EII_IMAP_CODE_WEBALERT,
};

struct eii_imap_refusal {
	enum eii_imap_refusal_kind kind;
	enum eii_imap_refusal_form form;
	enum eii_imap_step step;
	enum eii_imap_code code;
	uint32_t wait_ms;               /* how long the server wants us to wait; 0 = not said */
	char words[EII_IMAP_WORDS_MAX]; /* UTF-8 of one line; nothing that we sent is in it */
};

#endif
