/* SPDX-License-Identifier: Apache-2.0 */
#include "suspects.h"

#include <string.h>

/* Takes it out of the list, if it is there. */
static struct eii_suspect take(struct eii_place_state *place, uint32_t uid)
{
	struct eii_suspect found = { uid, 0 };

	for (uint16_t i = 0; i < place->n_suspects; i++) {
		if (place->suspects[i].uid != uid)
			continue;
		found = place->suspects[i];
		place->n_suspects--;
		memmove(&place->suspects[i], &place->suspects[i + 1],
			(place->n_suspects - i) * sizeof(*place->suspects));
		break;
	}
	return found;
}

void eii_place_add_suspect(struct eii_place_state *place, struct eii_suspect suspect)
{
	(void)take(place, suspect.uid);
	if (place->n_suspects == EII_DOCUMENT_SUSPECTS)
		(void)take(place, place->suspects[0].uid);
	place->suspects[place->n_suspects++] = suspect;
}

void eii_place_take_in_hand(struct eii_place_state *place, uint32_t uid)
{
	if (place->in_hand.uid != uid) {
		if (place->in_hand.uid)
			eii_place_add_suspect(place, place->in_hand);
		place->in_hand = take(place, uid);
	}
	if (place->in_hand.attempts < UINT32_MAX)
		place->in_hand.attempts++;
}

void eii_place_put_down(struct eii_place_state *place, uint32_t uid)
{
	if (place->in_hand.uid != uid)
		return;
	place->in_hand.attempts -= place->in_hand.attempts > 0;
	if (place->in_hand.attempts)
		eii_place_add_suspect(place, place->in_hand);
	place->in_hand = (struct eii_suspect){ 0 };
}

void eii_place_clear_suspect(struct eii_place_state *place, uint32_t uid)
{
	if (place->in_hand.uid == uid)
		place->in_hand = (struct eii_suspect){ 0 };
	(void)take(place, uid);
}

void eii_place_clear_suspects(struct eii_place_state *place)
{
	place->in_hand = (struct eii_suspect){ 0 };
	place->n_suspects = 0;
}

static bool is_aside(const struct eii_place_state *place, uint32_t uid)
{
	for (uint16_t i = 0; i < place->n_aside; i++) {
		if (place->aside[i].uid == uid)
			return true;
	}
	return false;
}

void eii_place_clear_harmless(struct eii_place_state *place)
{
	uint16_t n = 0;

	for (uint16_t i = 0; i < place->n_suspects; i++) {
		if (is_aside(place, place->suspects[i].uid))
			place->suspects[n++] = place->suspects[i];
	}
	place->n_suspects = n;
	if (!is_aside(place, place->in_hand.uid))
		place->in_hand = (struct eii_suspect){ 0 };
}

bool eii_place_has_suspect(const struct eii_place_state *place)
{
	for (uint16_t i = 0; i < place->n_suspects; i++) {
		if (place->suspects[i].uid > place->cursor)
			return true;
	}
	return place->in_hand.uid > place->cursor;
}

bool eii_place_is_killer(const struct eii_place_state *place, uint32_t uid)
{
	for (uint16_t i = 0; i < place->n_killers; i++) {
		if (place->killers[i] == uid)
			return true;
	}
	return false;
}

void eii_place_name_killer(struct eii_place_state *place, uint32_t uid)
{
	if (eii_place_is_killer(place, uid))
		return;
	if (place->n_killers == EII_DOCUMENT_KILLERS) {
		place->n_killers--;
		memmove(place->killers, place->killers + 1,
			place->n_killers * sizeof(*place->killers));
	}
	place->killers[place->n_killers++] = uid;
}
