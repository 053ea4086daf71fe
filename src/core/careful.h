/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Careful mode: a mail that ends the process is found out, although nothing of the
 * process is left but the state. After starts without progress mails go one by one,
 * each named in the state before its FETCH; one that was named in so many lives is
 * known for it, and of it the header alone is read.
 */
#ifndef EII_CORE_CAREFUL_H
#define EII_CORE_CAREFUL_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/state/document.h"

/* After so many starts without progress mails go one by one, */
#define EII_CAREFUL_STARTS 2
/* and after so many all of them, those too that an earlier life got past. */
#define EII_CAREFUL_STARTS_ALL 6
#define EII_CAREFUL_ATTEMPTS   3

struct eii_careful {
	bool is_suspicious; /* an earlier life may have ended by a mail */
	bool is_near;       /* it begins with the mail behind from_uid */
	uint32_t from_uid;
	uint16_t n_left; /* mails left to go one by one; 0 = it is not on */
	bool is_named;   /* one of them, in the state */
	uint32_t named_uid;
};

/* A run begins; place is as it was stored, with this start counted. */
void eii_careful_begin(struct eii_careful *careful, const struct eii_place_state *place);

/* Whether it begins with this mail: nothing may be under way with it. */
bool eii_careful_begins_with(const struct eii_careful *careful, uint32_t uid);
void eii_careful_enter(struct eii_careful *careful);

/*
 * Names the mail that is asked for next. False: it is the one that is named already.
 * Else the place has changed, and is stored before the mail is asked for.
 */
bool eii_careful_name(struct eii_careful *careful, struct eii_place_state *place, uint32_t uid);

/* The named one is not in hand any more, and has not come to its end. */
void eii_careful_put_down(struct eii_careful *careful, struct eii_place_state *place, uint32_t uid);

/* A mail came. */
void eii_careful_came(struct eii_careful *careful);

#endif
