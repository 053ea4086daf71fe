/* SPDX-License-Identifier: Apache-2.0 */
#include "heard.h"

#include "support.h"

char *heard_begin(void *arg, uint32_t uid, size_t len)
{
	struct heard *heard = arg;

	heard->n_asked++;
	if ((heard->skips_5 && uid == 5) || len > sizeof(heard->room))
		return NULL;
	heard->len = len;
	return heard->room;
}

void heard_end(void *arg, uint32_t uid)
{
	struct heard *heard = arg;

	eii_buf_addf(&heard->text, "%u=%.*s;", uid, (int)heard->len, heard->room);
}

void heard_told(void *arg, uint32_t uid, enum eii_imap_body what)
{
	static const char *const names[] = { "absent",     "whole",   "nil",       "empty",
					     "unwanted",   "no room", "too large", "ask alone",
					     "unreadable", "refused", "broken",    "lost" };
	struct heard *heard = arg;

	eii_buf_addf(&heard->told, "%s%u:%s", heard->told.len ? " " : "", uid, names[what]);
}

enum eii_imap_grant heard_grant(void *arg, uint32_t uid, size_t len, char **out)
{
	if (uid == 4)
		return EII_IMAP_NO_ROOM;
	*out = heard_begin(arg, uid, len);
	return *out ? EII_IMAP_GRANTED : EII_IMAP_UNWANTED;
}

void heard_init(struct heard *heard)
{
	eii_buf_init(&heard->text, 65536);
	eii_buf_init(&heard->told, 65536);
}

void heard_clear(struct heard *heard)
{
	eii_buf_clear(&heard->text);
	eii_buf_clear(&heard->told);
}

struct eii_imap_body_taker heard_taker(struct heard *heard)
{
	return (struct eii_imap_body_taker){
		.begin = heard_begin, .end = heard_end, .told = heard_told, .arg = heard
	};
}

struct eii_imap_body_taker heard_granting_taker(struct heard *heard)
{
	return (struct eii_imap_body_taker){
		.grant = heard_grant, .end = heard_end, .told = heard_told, .arg = heard
	};
}

enum eii_rc heard_read_three(struct eii_imap *imap, const struct eii_imap_body_taker *taker,
			     struct eii_error *err)
{
	const uint32_t uids[] = { 3, 4, 5 };
	enum eii_rc rc = eii_imap_send_bodies(imap, uids, 3, 0, err);

	CHECK(rc == EII_OK, "%s", err->text);
	return eii_imap_read_bodies(imap, taker, err);
}
