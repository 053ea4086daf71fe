/* SPDX-License-Identifier: Apache-2.0 */
/* Mails that were in hand when the process ended. */
#ifndef EII_STATE_SUSPECTS_H
#define EII_STATE_SUSPECTS_H

#include "eii/state/document.h"

/* One of the same UID is replaced; of too many the oldest is forgotten. */
void eii_place_add_suspect(struct eii_place_state *place, struct eii_suspect suspect);

#endif
