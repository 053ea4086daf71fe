/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's events in words: one table of name, level and message, and what
 * comes next (docs/errors.md explains each). A mail's reasons too.
 */
#ifndef EII_INGEST_WORDS_H
#define EII_INGEST_WORDS_H

#include <stdbool.h>

#include "eii/base/log.h"
#include "eii/core/event.h"

/* Writes the event as a line of the log. */
void eii_words_log(const struct eii_event *event);

/* Why a run was broken off: for a Work's message. Never NULL. */
const char *eii_words_reason(enum eii_event_type reason);

/* Of the table: its level, its stable name and its message; NULL where it is never told. */
enum eii_log_level eii_words_level(enum eii_event_type type);
const char *eii_words_name(enum eii_event_type type);
const char *eii_words_message(enum eii_event_type type);

/* Whether the event is a part's. */
bool eii_words_names_part(enum eii_event_type type);

/* "mailbox": for logs, health and metrics. */
const char *eii_words_part(enum eii_part part);

/* Why a mail is a report without its content (enum eii_mail_reason); NULL of 0. */
const char *eii_words_mail_reason(unsigned reason);

/* The same as a metric's label: "over_limit"; NULL where it is no reason. */
const char *eii_words_mail_label(unsigned reason);

#endif
