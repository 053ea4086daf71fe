/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session against a real server, for tests from outside: prints what it sees
 * as lines of "key value".
 *
 * imap_probe HOST PORT implicit|starttls|none CA USER SECRET FOLDER [COMMAND...]
 * with the secret's kind by EII_PROBE_AUTH=xoauth2, and EII_PROBE_TIMEOUT_MS. Commands: bodies,
 * look, again (EXAMINE), tell (what becomes of each UID), head N, chunk N (mails of one FETCH),
 * groups N (under way at once). A refusal is told as its kind, code and step.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/imap/session.h"
#include "eii/net/tls.h"

#define MAILS_MAX (1024 * 1024)

struct probe {
	uint32_t *uids;
	size_t n_uids;
	uint64_t n_bytes;
	size_t n_bodies;
	uint64_t sum; /* of all bytes of all bodies: a cheap fingerprint */
	char *room;
	size_t capacity;
	size_t len;
	uint32_t head_bytes;
	size_t chunk, n_groups;
	bool tells; /* what became of each UID */
};

static enum eii_rc give_secret(void *arg, enum eii_imap_secret_need need, char **out,
			       struct eii_error *err)
{
	(void)need;
	(void)err;
	*out = eii_strdup(arg);
	return EII_OK;
}

static void add_range(void *arg, uint32_t first, uint32_t last)
{
	struct probe *probe = arg;

	for (uint64_t uid = first; uid <= last && probe->n_uids < MAILS_MAX; uid++)
		probe->uids[probe->n_uids++] = (uint32_t)uid;
}

static char *begin(void *arg, uint32_t uid, size_t len)
{
	struct probe *probe = arg;

	(void)uid;
	if (len >= probe->capacity) {
		probe->capacity = len + 1;
		probe->room = eii_realloc(probe->room, probe->capacity, 1);
	}
	probe->len = len;
	return probe->room;
}

static void end(void *arg, uint32_t uid)
{
	struct probe *probe = arg;

	for (size_t i = 0; i < probe->len; i++)
		probe->sum += (unsigned char)probe->room[i];
	probe->sum += uid;
	probe->n_bytes += probe->len;
	probe->n_bodies++;
}

static void told(void *arg, uint32_t uid, enum eii_imap_body what)
{
	static const char *const names[] = { "absent",     "whole",   "nil",       "empty",
					     "unwanted",   "no_room", "too_large", "ask_alone",
					     "unreadable", "refused", "broken",    "lost" };

	(void)arg;
	printf("uid_%u %s\n", uid, names[what]);
}

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

static enum eii_rc read_all(struct eii_imap *imap, struct probe *probe, struct eii_error *err)
{
	struct eii_imap_body_taker taker = {
		.begin = begin, .end = end, .arg = probe, .told = probe->tells ? told : NULL
	};
	size_t sent = 0, under_way = 0;
	enum eii_rc rc = EII_OK;

	while (!rc && (sent < probe->n_uids || under_way)) {
		if (sent < probe->n_uids && under_way < probe->n_groups) {
			size_t n = at_most(probe->n_uids - sent, probe->chunk);

			rc = eii_imap_send_bodies(imap, probe->uids + sent, n, probe->head_bytes,
						  err);
			sent += n;
			under_way++;
			continue;
		}
		rc = eii_imap_read_bodies(imap, &taker, err);
		under_way--;
	}
	return rc;
}

static enum eii_rc read_infos(struct eii_imap *imap, struct probe *probe, struct eii_error *err)
{
	struct eii_imap_info infos[EII_IMAP_FETCH_MAX];
	uint64_t n_bytes = 0, n_known = 0, dates = 0;

	for (size_t at = 0; at < probe->n_uids; at += EII_IMAP_FETCH_MAX) {
		size_t n = at_most(probe->n_uids - at, EII_IMAP_FETCH_MAX);
		enum eii_rc rc;

		for (size_t i = 0; i < n; i++)
			infos[i] = (struct eii_imap_info){ .uid = probe->uids[at + i] };
		rc = eii_imap_fetch_info(imap, infos, n, err);
		if (rc)
			return rc;
		for (size_t i = 0; i < n; i++) {
			n_known += infos[i].is_known;
			n_bytes += infos[i].size_bytes;
			dates += (uint64_t)infos[i].internal_unix_s;
		}
	}
	printf("known %llu\nsizes %llu\ndates %llu\n", (unsigned long long)n_known,
	       (unsigned long long)n_bytes, (unsigned long long)dates);
	return EII_OK;
}

static enum eii_rc read_bodies(struct eii_imap *imap, struct probe *probe, struct eii_error *err)
{
	int64_t start = eii_clock_monotonic_ms(), took;
	enum eii_rc rc = read_all(imap, probe, err);

	if (rc)
		return rc;
	took = eii_clock_monotonic_ms() - start;
	printf("bodies %zu\nbytes %llu\nsum %llu\nms %lld\nper_s %.0f\n", probe->n_bodies,
	       (unsigned long long)probe->n_bytes, (unsigned long long)probe->sum, (long long)took,
	       (double)probe->n_bodies * 1000.0 / (double)(took ? took : 1));
	return EII_OK;
}

static enum eii_rc look(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_folder folder;
	bool has_changed;
	enum eii_rc rc;

	/* Whoever runs the probe says by a line when to look. */
	(void)fflush(stdout);
	(void)!getchar();
	rc = eii_imap_look(imap, &has_changed, &folder, err);
	if (rc)
		return rc;
	printf("changed %d\nuidnext %u\n", has_changed, folder.uidnext);
	return EII_OK;
}

static enum eii_rc examine_again(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_folder folder;
	enum eii_rc rc = eii_imap_reexamine(imap, &folder, err);

	if (!rc)
		printf("again %u\n", folder.uidnext);
	return rc;
}

static void print_refusal(const struct eii_imap_refusal *refusal)
{
	if (refusal->kind)
		printf("refusal %d %d %d\nwait_ms %u\n", refusal->kind, refusal->code,
		       refusal->step, refusal->wait_ms);
}

static enum eii_rc run(struct eii_imap *imap, struct probe *probe, const char *folder_name,
		       char **commands, struct eii_error *err)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = probe };
	struct eii_imap_folder folder;
	enum eii_rc rc;

	rc = eii_imap_examine(imap, folder_name, &folder, err);
	if (rc)
		return rc;
	printf("uidvalidity %llu\nuidnext %u\nby %d\nmails %u\n",
	       (unsigned long long)folder.uidvalidity, folder.uidnext, folder.uidnext_by,
	       folder.n_mails);
	rc = eii_imap_search_since(imap, 0, &taker, err);
	if (rc)
		return rc;
	printf("since %zu\n", probe->n_uids);
	probe->n_uids = 0;
	rc = eii_imap_search_range(imap, 1, UINT32_MAX, &taker, err);
	if (rc)
		return rc;
	printf("range %zu\n", probe->n_uids);
	rc = read_infos(imap, probe, err);
	for (; !rc && *commands; commands++) {
		if (strcmp(*commands, "bodies") == 0)
			rc = read_bodies(imap, probe, err);
		else if (strcmp(*commands, "look") == 0)
			rc = look(imap, err);
		else if (strcmp(*commands, "again") == 0)
			rc = examine_again(imap, err);
		else if (strcmp(*commands, "tell") == 0)
			probe->tells = true;
		else if (strcmp(*commands, "head") == 0)
			probe->head_bytes = (uint32_t)strtoul(*++commands, NULL, 10);
		else if (strcmp(*commands, "chunk") == 0)
			probe->chunk = strtoul(*++commands, NULL, 10);
		else if (strcmp(*commands, "groups") == 0)
			probe->n_groups = strtoul(*++commands, NULL, 10);
	}
	return rc;
}

static enum eii_imap_tls tls_of(const char *word)
{
	if (strcmp(word, "implicit") == 0)
		return EII_IMAP_TLS_IMPLICIT;
	return strcmp(word, "starttls") == 0 ? EII_IMAP_TLS_STARTTLS : EII_IMAP_TLS_NONE;
}

int main(int argc, char **argv)
{
	struct probe probe = { .chunk = EII_IMAP_FETCH_MAX, .n_groups = 2 };
	struct eii_tls_options tls = { .verify = true };
	struct eii_imap_options options = { .tls_options = &tls, .secret = give_secret };
	const char *auth = getenv("EII_PROBE_AUTH");
	const char *timeout = getenv("EII_PROBE_TIMEOUT_MS");
	struct eii_imap_refusal why = { 0 };
	struct eii_error err = { 0 };
	struct eii_imap *imap = NULL;
	enum eii_rc rc;

	if (argc < 8)
		return 64;
	(void)signal(SIGPIPE, SIG_IGN);
	options.timeout_ms = timeout ? (uint32_t)strtoul(timeout, NULL, 10) : 0;
	options.host = argv[1];
	options.port = (uint16_t)strtoul(argv[2], NULL, 10);
	options.tls = tls_of(argv[3]);
	tls.ca = argv[4];
	options.user = argv[5];
	options.secret_arg = argv[6];
	if (auth && strcmp(auth, "xoauth2") == 0)
		options.auth = EII_IMAP_AUTH_XOAUTH2;
	probe.uids = eii_calloc(MAILS_MAX, sizeof(*probe.uids));
	rc = eii_imap_open_why(&options, &imap, &why, &err);
	if (rc)
		print_refusal(&why);
	else
		rc = run(imap, &probe, argv[7], argv + 8, &err);
	if (rc && imap)
		print_refusal(eii_imap_last_refusal(imap));
	if (rc)
		printf("rc %d\nkind %d\nerror %s\n", rc, err.kind, err.text);
	eii_imap_close(imap, 1000);
	free(probe.uids);
	free(probe.room);
	return rc ? 1 : 0;
}
