/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail on its way through the process, from its FETCH to its confirm. The
 * raw bytes stay until then: a report that the broker refuses is made again.
 */
#ifndef EII_INGEST_MAIL_H
#define EII_INGEST_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"

/* How much of the mail is there. */
enum eii_mail_form {
	EII_MAIL_WHOLE,
	EII_MAIL_HEAD,  /* its first bytes: it is over the limit, or was given up */
	EII_MAIL_FACTS, /* nothing: the server does not hand it out */
};

struct eii_mail {
	uint32_t uid;
	uint64_t size_bytes;     /* RFC822.SIZE, what the server says */
	int64_t internal_unix_s; /* INTERNALDATE */
	enum eii_mail_form form;
	bool given_up; /* the process died on it before: no conversion */
	char *raw;     /* owned; NULL where form is FACTS */
	size_t raw_len;
	size_t reserved; /* bytes of the budget */
	/* publish only: */
	struct eii_mail *next;  /* in the list it stands in */
	uint64_t number;        /* of its conversion */
	int milliseconds;       /* of its published date; -1 = not assigned yet */
	unsigned n_messages;    /* its report is sent as, once known */
	unsigned n_credits;     /* messages that were counted in the Work */
	unsigned confirmed;     /* a bit for each message */
	unsigned n_slots;       /* messages under way, without an outcome */
	bool is_sent;           /* all its messages have been handed to the connection */
	uint64_t message_limit; /* bytes, where the broker took less than the setting; or 0 */
	int64_t fetched_ms;     /* monotonic: for mail-to-confirm times */
};

struct eii_mail *eii_mail_new(uint32_t uid);
void eii_mail_free(struct eii_mail *mail);
EII_DEFINE_AUTO(eii_mail);

/* A first-in, first-out list through eii_mail.next; a zeroed struct is empty. */
struct eii_mail_list {
	struct eii_mail *first;
	struct eii_mail *last;
	size_t n;
};
void eii_mail_list_push(struct eii_mail_list *list, struct eii_mail *mail);
void eii_mail_list_push_front(struct eii_mail_list *list, struct eii_mail *mail);
struct eii_mail *eii_mail_list_pop(struct eii_mail_list *list);

/* Puts it where its UID belongs: mails are made into reports in UID order. */
void eii_mail_list_insert(struct eii_mail_list *list, struct eii_mail *mail);

#endif
