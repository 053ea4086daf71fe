/* SPDX-License-Identifier: Apache-2.0 */
#include "place_scene.h"

#include "support.h"

struct eii_place place;

int scene_set_up(void **state)
{
	(void)state;
	memset(&place, 0, sizeof(place));
	eii_place_init(&place);
	return 0;
}

int scene_tear_down(void **state)
{
	(void)state;
	eii_place_clear(&place);
	return 0;
}

static struct eii_size_info mail(uint32_t uid, int64_t unix_s)
{
	return (struct eii_size_info){ .uid = uid,
				       .has_size = true,
				       .has_date = unix_s != 0,
				       .size_bytes = 10,
				       .internal_unix_s = unix_s };
}

enum eii_listing scene_list(uint32_t uid, int64_t unix_s)
{
	const struct eii_size_info info = mail(uid, unix_s);

	return eii_place_list(&place, &info);
}

void scene_adopt(uint32_t cursor)
{
	const struct eii_place_state stored = { .uidvalidity = 7, .cursor = cursor };

	eii_place_adopt(&place, &stored);
}
