/* SPDX-License-Identifier: Apache-2.0 */
#include "careful.h"

#include "line.h"

/* Mails that may have been under way when the process ended: so many go one by one. */
#define CAREFUL_MAILS EII_CORE_LINE_MAILS

/* What an earlier life got past did not end it, but for those that are suspected. */
static uint32_t harmless_up_to(const struct eii_place_state *place)
{
	uint32_t uid = place->passed_uid > place->cursor ? place->passed_uid : place->cursor;

	if (place->n_starts >= EII_CAREFUL_STARTS_ALL)
		return place->cursor;
	for (uint16_t i = 0; i < place->n_suspects; i++) {
		if (place->suspects[i].uid > place->cursor && place->suspects[i].uid <= uid)
			uid = place->suspects[i].uid - 1;
	}
	if (place->in_hand.uid > place->cursor && place->in_hand.uid <= uid)
		uid = place->in_hand.uid - 1;
	return uid;
}

void eii_careful_begin(struct eii_careful *careful, const struct eii_place_state *place)
{
	bool is_near = place->n_starts >= EII_CAREFUL_STARTS || eii_place_has_suspect(place);

	*careful = (struct eii_careful){
		.is_suspicious = is_near || place->in_hand.uid || place->n_suspects,
		.is_near = is_near,
		.from_uid = harmless_up_to(place),
	};
}

bool eii_careful_begins_with(const struct eii_careful *careful, uint32_t uid)
{
	return careful->is_near && uid > careful->from_uid;
}

void eii_careful_enter(struct eii_careful *careful)
{
	careful->is_near = false;
	careful->n_left = CAREFUL_MAILS;
}

void eii_careful_put_down(struct eii_careful *careful, struct eii_place_state *place, uint32_t uid)
{
	if (!careful->is_named || careful->named_uid != uid)
		return;
	careful->is_named = false;
	eii_place_put_down(place, uid);
}

bool eii_careful_name(struct eii_careful *careful, struct eii_place_state *place, uint32_t uid)
{
	if (careful->is_named && careful->named_uid == uid)
		return false;
	if (careful->is_named)
		eii_careful_put_down(careful, place, careful->named_uid);
	eii_place_take_in_hand(place, uid);
	careful->is_named = true;
	careful->named_uid = uid;
	return true;
}

void eii_careful_came(struct eii_careful *careful)
{
	if (careful->n_left)
		careful->n_left--;
}
