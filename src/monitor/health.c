/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/health.h"

#include <inttypes.h>

#define MS_OF_S 1000

/* ---- alive ------------------------------------------------------------- */

struct thread {
	const char *name;
	int64_t beat_ms;
};

#define N_THREADS 5
static void read_threads(const struct eii_stats *stats, struct thread out[N_THREADS])
{
	out[0] = (struct thread){ "heart", atomic_load(&stats->heart_beat_ms) };
	out[1] = (struct thread){ "fetch", atomic_load(&stats->fetch_beat_ms) };
	out[2] = (struct thread){ "queue", atomic_load(&stats->queue_beat_ms) };
	out[3] = (struct thread){ "platform", atomic_load(&stats->platform_beat_ms) };
	out[4] = (struct thread){ "reports", atomic_load(&stats->reports_beat_ms) };
}

static int64_t age_s(int64_t now_ms, int64_t then_ms)
{
	return now_ms > then_ms ? (now_ms - then_ms) / MS_OF_S : 0;
}

const char *eii_health_stuck(const struct eii_stats *stats, int64_t now_ms)
{
	struct thread threads[N_THREADS];

	read_threads(stats, threads);
	for (size_t i = 0; i < N_THREADS; i++) {
		if (age_s(now_ms, threads[i].beat_ms) >= EII_HEALTH_STUCK_S)
			return threads[i].name;
	}
	return NULL;
}

static bool judge_threads(const struct eii_stats *stats, int64_t now_ms, struct eii_buf *out)
{
	struct thread threads[N_THREADS];
	bool is_well = true;

	read_threads(stats, threads);
	for (size_t i = 0; i < N_THREADS; i++) {
		int64_t silent_s = age_s(now_ms, threads[i].beat_ms);
		bool beats = silent_s < EII_HEALTH_BEAT_S;

		eii_buf_addf(out, "%s thread: %s, last sign of life %" PRId64 " s ago\n",
			     threads[i].name, beats ? "ok" : "STANDS STILL", silent_s);
		is_well = is_well && beats;
	}
	return is_well;
}

static bool judge_schedule(const struct eii_stats *stats, int64_t now_ms, struct eii_buf *out)
{
	int64_t next_ms = atomic_load(&stats->next_run_ms);
	int64_t late_s = age_s(now_ms, next_ms);

	if (!next_ms) {
		eii_buf_add_str(out, "schedule: ok, a run is on\n");
		return true;
	}
	if (late_s < EII_HEALTH_LATE_S) {
		eii_buf_addf(out, "schedule: ok, next run in %" PRId64 " s\n",
			     age_s(next_ms, now_ms));
		return true;
	}
	eii_buf_addf(out, "schedule: LATE, a run was due %" PRId64 " s ago\n", late_s);
	return false;
}

bool eii_health_is_live(const struct eii_watched *watched, struct eii_instant now,
			struct eii_buf *out)
{
	bool beats = judge_threads(watched->stats, now.monotonic_ms, out);
	bool is_on_time = judge_schedule(watched->stats, now.monotonic_ms, out);

	return beats && is_on_time;
}

/* ---- ready ------------------------------------------------------------- */

/* Seconds without an answer that are no fault as long as nothing fails; 0 = any. */
static int64_t silence_limit_s(const struct eii_watched *watched, enum eii_server server)
{
	switch (server) {
	case EII_SERVER_PLATFORM:
		return EII_HEALTH_PLATFORM_SILENT_S;
	case EII_SERVER_MAILBOX:
		return EII_HEALTH_MAILBOX_SILENT_S(watched->period_s);
	case EII_SERVER_QUEUE: /* there is a connection only while there are mails */
	case EII_SERVERS:
		break;
	}
	return 0;
}

static bool judge_server(const struct eii_watched *watched, enum eii_server server, int64_t now_ms,
			 struct eii_buf *out)
{
	int64_t limit_s = silence_limit_s(watched, server);
	struct eii_contact contact;
	int64_t silent_s;

	eii_contacts_get(watched->contacts, server, &contact);
	silent_s = age_s(now_ms, contact.answered_ms);
	eii_buf_addf(out, "%s: ", eii_server_name(server));
	if (contact.failing_ms) {
		int64_t failing_s = age_s(now_ms, contact.failing_ms);
		bool is_short = failing_s < EII_HEALTH_FAILING_S && contact.answered_ms;

		eii_buf_addf(out, "%s for %" PRId64 " s: %s\n", is_short ? "ok, failing" : "FAILS",
			     failing_s, contact.reason);
		return is_short;
	}
	if (!contact.answered_ms) {
		eii_buf_add_str(out, limit_s ? "NO ANSWER yet\n" : "ok, not needed yet\n");
		return limit_s == 0;
	}
	if (limit_s && silent_s >= limit_s) {
		eii_buf_addf(out, "SILENT for %" PRId64 " s, the limit is %" PRId64 " s\n",
			     silent_s, limit_s);
		return false;
	}
	eii_buf_addf(out, "ok, last answer %" PRId64 " s ago\n", silent_s);
	return true;
}

static bool judge_process(const struct eii_stats *stats, struct eii_buf *out)
{
	if (atomic_load(&stats->activity) == EII_ACTIVITY_STOPPED) {
		eii_buf_add_str(out, "connector: STOPPING\n");
		return false;
	}
	if (!atomic_load(&stats->is_registered)) {
		eii_buf_add_str(out, "connector: NOT REGISTERED\n");
		return false;
	}
	eii_buf_add_str(out, "connector: ok, registered\n");
	return true;
}

/* What the core says of a part, whatever its server answers. */
static bool judge_part(const struct eii_stats *stats, enum eii_part part, const char *name,
		       int64_t now_ms, struct eii_buf *out)
{
	int64_t since_ms = atomic_load(&stats->fault_since_ms[part]);
	int64_t failing_s = since_ms ? age_s(now_ms, since_ms) : 0;

	if (failing_s < EII_HEALTH_FAULT_S)
		return true;
	eii_buf_addf(out, "%s: HAS NOT WORKED for %" PRId64 " s\n", name, failing_s);
	return false;
}

static bool judge_parts(const struct eii_stats *stats, int64_t now_ms, struct eii_buf *out)
{
	static const char *const names[EII_PARTS] = {
		[EII_PART_MAILBOX] = "import from the mailbox",
		[EII_PART_QUEUE] = "sending to the queue",
		[EII_PART_PLATFORM] = "calls of the platform",
		[EII_PART_CONVERTER] = "converter",
	};
	bool is_well = true;

	for (enum eii_part part = 0; part < EII_PARTS; part++)
		is_well = judge_part(stats, part, names[part], now_ms, out) && is_well;
	return is_well;
}

/* What only a person mends. */
static bool judge_state(const struct eii_stats *stats, struct eii_buf *out)
{
	uint32_t n_aside = atomic_load(&stats->n_aside);
	size_t before = out->len;

	if (atomic_load(&stats->needs_rights))
		eii_buf_add_str(out, "rights: MISSING, see the log\n");
	if (atomic_load(&stats->has_twin))
		eii_buf_add_str(out, "mailbox: RUN BY ANOTHER PROCESS as well\n");
	if (atomic_load(&stats->has_foreign))
		eii_buf_add_str(out, "connector: its id is USED BY ANOTHER MAILBOX\n");
	if (n_aside)
		eii_buf_addf(out, "mails: %u SET ASIDE, the server withholds them\n", n_aside);
	return out->len == before;
}

bool eii_health_is_ready(const struct eii_watched *watched, struct eii_instant now,
			 struct eii_buf *out)
{
	bool is_ready = judge_process(watched->stats, out);

	is_ready = judge_parts(watched->stats, now.monotonic_ms, out) && is_ready;
	is_ready = judge_state(watched->stats, out) && is_ready;

	for (enum eii_server server = 0; server < EII_SERVERS; server++) {
		bool is_well = judge_server(watched, server, now.monotonic_ms, out);

		is_ready = is_ready && is_well;
	}
	return is_ready;
}
