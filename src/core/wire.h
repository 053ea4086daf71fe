/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to the queue as the line sees it: what may be handed over, and
 * what comes back.
 */
#ifndef EII_CORE_WIRE_H
#define EII_CORE_WIRE_H

#include "core_private.h"

/* A message goes to the queue and into the book. */
void eii_wire_hand_over(struct eii_core *core, enum eii_message_kind kind, uint16_t slot,
			uint8_t index, uint64_t bytes);

/* What was handed over has come to where it goes. */
void eii_wire_works(struct eii_core *core);

/* The author's confirm shows that the connection works and the queue is there. */
void eii_wire_author_confirmed(struct eii_core *core);

/* The connection is of no use: another one, after a pause. */
void eii_wire_redial(struct eii_core *core, const char *words);

/* It is over, however: what has no outcome goes again. */
void eii_wire_is_over(struct eii_core *core);

void eii_wire_heed_dialled(struct eii_core *core, const struct eii_fact *fact);
void eii_wire_heed_failed(struct eii_core *core, const struct eii_fact *fact);
void eii_wire_heed_blocked(struct eii_core *core, const struct eii_fact *fact);
void eii_wire_tend(struct eii_core *core);

/* sending.c: reports are made and sent; not on the last way of a stop, nor in a broken run. */
bool eii_sending_is_open(const struct eii_core *core);
/* What is ready goes, in bursts. */
void eii_sending_tend(struct eii_core *core);

/* A mail before it may still come, which an earlier life has numbered first. */
bool eii_numbering_must_wait(const struct eii_core *core, const struct eii_entry *entry);
/* The same, where the mail of the UID has been taken out of the plan to be asked for. */
bool eii_numbering_waits_for(const struct eii_core *core, const struct eii_entry *entry,
			     uint32_t uid);
/*
 * What an earlier life may have sent was numbered in its turn. In careful mode it
 * does not wait for that with its bytes, as it would be converted without its name:
 * it is asked for again behind the one that did not come.
 */
bool eii_numbering_must_come_again(const struct eii_core *core, const struct eii_wanted *wanted);
/*
 * A header that stands for its mail, whose own report may be there already: it is
 * asked for by id. The other: it may be there all the same, and the header gets none.
 */
bool eii_numbering_is_doubtful(const struct eii_core *core, const struct eii_entry *entry);
bool eii_numbering_forgoes_header(const struct eii_core *core, const struct eii_entry *entry,
				  const struct eii_fact *fact);
/* The mail is converted: its report gets its milliseconds, once. */
void eii_numbering_converted(struct eii_core *core, struct eii_entry *entry,
			     const struct eii_fact *fact);

#endif
