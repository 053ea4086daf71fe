/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange of AUTHENTICATE or LOGIN: what is sent when the server asks, and
 * what its challenges are answered by. Which one, and what then, is sign_in.c's.
 */
#ifndef EII_IMAP_AUTHENTICATE_H
#define EII_IMAP_AUTHENTICATE_H

#include "imap_private.h"
#include "scram.h"

/* Zeroed before each exchange. */
struct eii_imap_attempt {
	const char *first;             /* what the first "+" asks for; NULL = sent already */
	const char *second;            /* LOGIN's literals: what the next "+" asks for */
	const char *again;             /* sent with the command, where the server overlooks it */
	const char *on_refusal;        /* what a token's refusal is answered by; NULL = nothing */
	struct eii_scram *scram;       /* borrowed; NULL = another mechanism */
	bool is_proven;                /* SCRAM: the server knows the password */
	const char *fault;             /* SCRAM: why the server's answer is not taken */
	char blob[EII_IMAP_WORDS_MAX]; /* why a token was refused */
};

/* RFC 4959: the response in the command, where the server can take it there. */
enum eii_imap_form { EII_IMAP_WHEN_ASKED, EII_IMAP_AT_ONCE };
enum eii_imap_form eii_imap_form_of(unsigned capabilities);

/* response is base64, or "=" or "" where there is none. */
enum eii_rc eii_imap_authenticate(struct eii_imap *imap, const char *mechanism,
				  const char *response, enum eii_imap_form form,
				  struct eii_imap_attempt *attempt, enum eii_imap_status *out,
				  struct eii_error *err) EII_MUST_CHECK;

/* The LOGIN command. */
enum eii_rc eii_imap_log_in(struct eii_imap *imap, const char *user, const char *password,
			    struct eii_imap_attempt *attempt, enum eii_imap_status *out,
			    struct eii_error *err) EII_MUST_CHECK;

/* As LOGIN has it. */
void eii_imap_add_quoted(struct eii_buf *out, const char *text);

#endif
