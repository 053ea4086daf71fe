/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox's driver in its thread, with a server that follows a script. */
#ifndef EII_TESTS_INGEST_FETCH_SCENE_H
#define EII_TESTS_INGEST_FETCH_SCENE_H

#include "../imap/script.h"
#include "eii/ingest/fetch_driver.h"
#include "scene.h"

#define FETCH_SCENE_HELLO "<* PREAUTH [CAPABILITY IMAP4rev1] hi"
#define FETCH_SCENE_EXAMINE                                                                        \
	">A1 EXAMINE \"INBOX\"", "<* 3 EXISTS", "<* OK [UIDVALIDITY 7] ok",                        \
		"<* OK [UIDNEXT 12] ok", "<A1 OK [READ-ONLY] done"
#define FETCH_SCENE_GOODBYE(tag) ">" tag " LOGOUT", "<* BYE so long", "<" tag " OK x"

struct fetch_scene {
	struct scene scene;
	struct script *script;
	struct eii_imap_options imap;
	struct eii_fetch_driver *driver;
};

/* A driver that is yet to be started. */
void fetch_scene_prepare(struct fetch_scene *f, const char *const *steps);

/* Its session opens as FETCH_SCENE_EXAMINE says. */
void fetch_scene_expect_open(struct fetch_scene *f, uint64_t order);

/* A driver whose session is open: the script begins with FETCH_SCENE_HELLO and _EXAMINE. */
void fetch_scene_begin(struct fetch_scene *f, const char *const *steps);

/* All of the script was followed. */
void fetch_scene_end(struct fetch_scene *f);

/* Posts a FETCH; gives its number. */
uint64_t fetch_scene_fetch(struct fetch_scene *f, const struct eii_fetch_item *items, uint16_t n);

/* bytes: NULL = none came with it. */
void fetch_scene_expect_body(struct fetch_scene *f, uint64_t order, uint32_t uid, uint16_t slot,
			     enum eii_body_result result, const char *bytes);

#endif
