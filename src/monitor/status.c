/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/status.h"

#include <stdbool.h>
#include <string.h>

#include "eii/base/text.h"
#include "eii/monitor/health.h"
#include "status_private.h"

#define MS_OF_S          1000
#define HEALTH_MAX_BYTES 8192

/* ---- what both forms show ---------------------------------------------- */

static bool comes_before(const struct eii_trouble *a, const struct eii_trouble *b)
{
	if (!a->over_s != !b->over_s)
		return !a->over_s;
	return a->since_s > b->since_s;
}

static void add_trouble(struct eii_status *status, const struct eii_trouble *trouble)
{
	size_t i = status->n_troubles++;

	for (; i > 0 && comes_before(trouble, status->troubles[i - 1]); i--)
		status->troubles[i] = status->troubles[i - 1];
	status->troubles[i] = trouble;
}

static bool is_ready(const struct eii_watched *watched, struct eii_instant now)
{
	struct eii_buf lines;
	bool is_well;

	eii_buf_init(&lines, HEALTH_MAX_BYTES);
	is_well = eii_health_is_ready(watched, now, &lines);
	eii_buf_clear(&lines);
	return is_well;
}

static uint64_t not_below_0(int64_t number)
{
	return number > 0 ? (uint64_t)number : 0;
}

void eii_status_gather(const struct eii_watched *watched, struct eii_instant now,
		       struct eii_status *out)
{
	const struct eii_stats *stats = watched->stats;
	int64_t next_ms = atomic_load(&stats->next_run_ms);

	*out = (struct eii_status){
		.watched = watched,
		.now = now,
		.is_ready = is_ready(watched, now),
		.next_run_s = next_ms ? now.unix_s + (next_ms - now.monotonic_ms) / MS_OF_S : 0,
		.n_found = not_below_0(atomic_load(&stats->run_found)),
		.n_settled = not_below_0(atomic_load(&stats->run_done)),
		.queue_bytes = not_below_0(atomic_load(&stats->queue_bytes)),
	};
	eii_chronicle_read(watched->chronicle, &out->told);
	for (size_t i = 0; i < EII_TOLD_TROUBLES; i++) {
		if (out->told.troubles[i].type)
			add_trouble(out, &out->told.troubles[i]);
	}
	for (unsigned ago = 0; ago < EII_HOURS; ago++) {
		struct eii_hour hour = eii_hours_get(&out->told.hours, now.unix_s, ago);

		out->n_mails += hour.mails;
		out->n_fallbacks += hour.fallbacks;
	}
}

const char *eii_status_phase(enum eii_told_phase phase)
{
	static const char *const names[EII_TOLD_PHASES] = {
		[EII_TOLD_START] = "registering", [EII_TOLD_IDLE] = "idle",
		[EII_TOLD_LOOK] = "looking",      [EII_TOLD_FLOW] = "importing",
		[EII_TOLD_PAUSED] = "paused",     [EII_TOLD_CLOSE] = "finishing",
		[EII_TOLD_STOP] = "stopping",
	};

	return names[phase];
}

int64_t eii_status_failing_s(const struct eii_status *status, enum eii_part part)
{
	int64_t since_ms = atomic_load(&status->watched->stats->fault_since_ms[part]);

	if (!since_ms)
		return 0;
	return status->now.monotonic_ms > since_ms + MS_OF_S
		       ? (status->now.monotonic_ms - since_ms) / MS_OF_S
		       : 1;
}

/* ---- Accept ------------------------------------------------------------ */

#define QUALITY_ALL 1000 /* thousandths */

static void skip_blanks(const char **p)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
}

/* "0.75" in thousandths; what is no quality counts as 1. */
static unsigned scan_quality(const char *p)
{
	unsigned quality = *p == '0' ? 0 : QUALITY_ALL;
	unsigned digit = QUALITY_ALL / 10;

	if (quality || p[1] != '.')
		return quality;
	for (p += 2; *p >= '0' && *p <= '9' && digit; p++) {
		quality += (unsigned)(*p - '0') * digit;
		digit /= 10;
	}
	return quality;
}

/* Of one range's parameters, up to its comma. */
static unsigned quality_of(const char *p)
{
	for (; *p && *p != ','; p++) {
		if (*p != ';')
			continue;
		p++;
		skip_blanks(&p);
		if ((*p == 'q' || *p == 'Q') && p[1] == '=')
			return scan_quality(p + 2);
		if (!*p || *p == ',')
			break;
	}
	return QUALITY_ALL;
}

/* How good the type is to who asks: the most exact range that takes it in counts. */
static unsigned quality_for(const char *accept, const char *exact)
{
	const char *const ranges[] = { exact, "text/*", "*/*" };
	size_t best = 3;
	unsigned quality = 0;

	for (const char *p = accept; *p; p += strcspn(p, ","), p += *p == ',') {
		size_t len;

		skip_blanks(&p);
		len = strcspn(p, " \t;,");
		for (size_t i = 0; i < best; i++) {
			if (!eii_text_equal_nocase(eii_text(p, len), eii_text_of(ranges[i])))
				continue;
			best = i;
			quality = quality_of(p + len);
		}
	}
	return quality;
}

bool eii_status_is_preferred(const char *accept)
{
	return accept && quality_for(accept, "text/html") > quality_for(accept, "text/plain");
}
