/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an IMAP server may say: a whole session against bytes of any kind, from
 * the greeting to two groups of bodies under way. Tags count from A1.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "imap_private.h"

#define INPUT_MAX_BYTES 65536 /* fits a socket's buffer: nobody reads while we write */
#define BODY_MAX_BYTES  1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum eii_rc give_secret(void *arg, enum eii_imap_secret_need need, char **out,
			       struct eii_error *err)
{
	(void)arg;
	(void)need;
	(void)err;
	*out = eii_strdup("secret");
	return EII_OK;
}

static void take_range(void *arg, uint32_t first, uint32_t last)
{
	(void)arg;
	if (!first || first > last)
		abort();
}

/* The room is exactly as large as was announced, so that a sanitizer sees a byte too far. */
struct room {
	char *bytes;
	uint32_t uid;
};

static char *begin(void *arg, uint32_t uid, size_t len)
{
	struct room *room = arg;

	free(room->bytes);
	room->bytes = NULL;
	if (uid < 1 || uid > 4)
		abort();
	if (len <= BODY_MAX_BYTES)
		room->bytes = eii_calloc(len ? len : 1, 1);
	room->uid = uid;
	return room->bytes;
}

static void end(void *arg, uint32_t uid)
{
	struct room *room = arg;

	if (!room->bytes || room->uid != uid)
		abort();
}

static enum eii_imap_grant grant(void *arg, uint32_t uid, size_t len, char **out)
{
	*out = begin(arg, uid, len);
	if (*out)
		return EII_IMAP_GRANTED;
	return len % 2 ? EII_IMAP_UNWANTED : EII_IMAP_NO_ROOM;
}

static void told(void *arg, uint32_t uid, enum eii_imap_body what)
{
	(void)arg;
	if (uid < 1 || uid > 4 || what > EII_IMAP_BODY_LOST)
		abort();
}

/* Both kinds of takers in turn, and groups of one and of two. */
static enum eii_rc read_bodies(struct eii_imap *imap)
{
	static const uint32_t uids[] = { 1, 2, 3, 4 };
	struct room room = { 0 };
	struct eii_imap_body_taker taker = {
		.begin = begin, .end = end, .told = told, .arg = &room
	};
	struct eii_imap_body_taker granting = {
		.grant = grant, .end = end, .told = told, .arg = &room
	};
	enum eii_rc rc;

	rc = eii_imap_send_bodies(imap, uids, 2, 0, NULL);
	if (!rc)
		rc = eii_imap_send_bodies(imap, uids + 2, 2, 100, NULL);
	if (!rc)
		rc = eii_imap_read_bodies(imap, &taker, NULL);
	if (rc != EII_RETRY)
		rc = eii_imap_read_bodies(imap, &granting, NULL);
	if (rc != EII_RETRY)
		rc = eii_imap_send_headers(imap, uids + 3, 1, 100, NULL);
	if (!rc)
		rc = eii_imap_read_bodies(imap, &granting, NULL);
	free(room.bytes);
	return rc;
}

static bool find(struct eii_imap *imap)
{
	struct eii_imap_uid_taker taker = { .add = take_range };
	struct eii_imap_found found;

	return eii_imap_find_since(imap, 0, EII_IMAP_WAY_USUAL, &taker, &found, NULL) !=
		       EII_RETRY &&
	       eii_imap_find_range(imap, 1, 100, EII_IMAP_WAY_SEARCH, &taker, &found, NULL) !=
		       EII_RETRY &&
	       eii_imap_find_range(imap, 1, 100, EII_IMAP_WAY_FETCH, &taker, &found, NULL) !=
		       EII_RETRY;
}

static void use(struct eii_imap *imap)
{
	struct eii_imap_info infos[] = { { .uid = 1 }, { .uid = 2 } };
	struct eii_imap_folder folder;
	bool has_changed;

	if (eii_imap_examine(imap, "INBOX", &folder, NULL) == EII_OK && find(imap) &&
	    eii_imap_fetch_info(imap, infos, 2, NULL) != EII_RETRY &&
	    read_bodies(imap) != EII_RETRY &&
	    eii_imap_look(imap, &has_changed, &folder, NULL) == EII_OK)
		(void)!eii_imap_reexamine(imap, &folder, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_imap_options options = { .host = "fuzz",
					    .tls = EII_IMAP_TLS_NONE,
					    .user = "user",
					    .secret = give_secret,
					    .literal_max = INPUT_MAX_BYTES };
	struct eii_stream *stream;
	struct eii_imap *imap;
	int ends[2];

	if (size > INPUT_MAX_BYTES || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
		return 0;
	if (send(ends[1], data, size, MSG_NOSIGNAL) != (ssize_t)size)
		abort();
	(void)shutdown(ends[1], SHUT_WR);
	stream = eii_stream_take_fd("server", "fuzz", 143, ends[0], NULL);
	eii_stream_set_deadline(stream, eii_clock_monotonic_ms() + 1000);
	imap = eii_imap_new(stream, &options);
	if (eii_imap_begin(imap, &options, NULL) == EII_OK)
		use(imap);
	eii_imap_free(imap);
	(void)close(ends[1]);
	return 0;
}
