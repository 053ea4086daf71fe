/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "eii/base/base64.h"
#include "eii/base/timestamp.h"
#include "eii/codec/hash.h"
#include "eii/ingest/advice.h"
#include "eii/ingest/words.h"
#include "status_private.h"

#define BAR_STEP     15 /* of the drawing's own units, as the next */
#define BAR_WIDTH    12
#define CHART_HEIGHT 120
#define CHART_WIDTH  (EII_HOURS * BAR_STEP)
#define AXIS_HEIGHT  22
#define AXIS_HOURS   12 /* between two marks of the axis */
#define BYTES_OF_MB  1000000.0
#define MINUTE_S     60
#define DAY_S        (24 * EII_HOUR_S)

/* The page's only style: its hash is all that the policy lets in. */
static const char style[] =
	":root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--paper:#f6f7f9;--card:#fff;"
	"--line:#d9dee5;--bar:#2f6fb3;--odd:#b45309;--good:#1b7f4b;--bad:#b3261e}"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b4;--paper:#12161c;"
	"--card:#1b212a;--line:#323b48;--bar:#6aa5e6;--odd:#f0a14a;--good:#57c98a;--bad:#f2867e}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}"
	"main{max-width:60rem;margin:0 auto;padding:1.5rem}"
	"h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:0 0 .6rem}"
	"p{margin:.3rem 0}.soft{color:var(--soft);font-size:.875rem}"
	"section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;"
	"padding:1rem 1.2rem;margin-top:1rem;overflow-wrap:anywhere}"
	".grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 1rem}"
	".big{font-size:1.25rem;font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}"
	".mails-word{color:var(--bar)}.fallbacks-word{color:var(--odd)}"
	"svg{display:block;width:100%;height:auto}.mails{fill:var(--bar)}.fallbacks{fill:var(--odd)"
	"}"
	".end{text-anchor:end}.axis{stroke:var(--line)}text{fill:var(--soft);font-size:11px}"
	"table{border-collapse:collapse;width:100%}"
	"td,th{text-align:left;padding:.25rem .5rem .25rem 0;vertical-align:top;font-weight:400}"
	"code{font:.85em ui-monospace,monospace}ul{columns:16rem;margin:0;padding-left:1.2rem}";

void eii_status_csp(char out[EII_STATUS_CSP_BYTES])
{
	uint8_t hash[EII_HASH_SHA256_BYTES];
	char text[64];

	eii_sha256_of(style, sizeof(style) - 1, hash);
	eii_base64_encode(hash, sizeof(hash), text);
	(void)snprintf(out, EII_STATUS_CSP_BYTES,
		       "default-src 'none'; style-src 'sha256-%.*s'; base-uri 'none'; "
		       "form-action 'none'; frame-ancestors 'none'",
		       (int)eii_base64_size(sizeof(hash)), text);
}

/* ---- pieces ------------------------------------------------------------ */

/* Whatever the text holds, it stays text, and its direction its own. */
static void add_escaped(struct eii_buf *out, const char *text)
{
	eii_buf_add_str(out, "<bdi>");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			eii_buf_add_str(out, "&amp;");
		else if (c == '<')
			eii_buf_add_str(out, "&lt;");
		else if (c == '>')
			eii_buf_add_str(out, "&gt;");
		else if (c == '"')
			eii_buf_add_str(out, "&quot;");
		else if (c == '\'')
			eii_buf_add_str(out, "&#39;");
		else
			eii_buf_add_char(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
	}
	eii_buf_add_str(out, "</bdi>");
}

/* "2026-08-20 13:56 UTC". */
static void add_time(struct eii_buf *out, int64_t unix_s)
{
	struct eii_timestamp_civil t = eii_timestamp_to_civil(eii_timestamp_clamp(unix_s));

	eii_buf_addf(out, "%04d-%02d-%02d %02d:%02d UTC", t.year, t.month, t.day, t.hour, t.minute);
}

/* "3 h 5 min", in two units at most. */
static void add_span(struct eii_buf *out, int64_t s)
{
	if (s < MINUTE_S)
		eii_buf_addf(out, "%" PRId64 " s", s > 0 ? s : 0);
	else if (s < EII_HOUR_S)
		eii_buf_addf(out, "%" PRId64 " min", s / MINUTE_S);
	else if (s < DAY_S)
		eii_buf_addf(out, "%" PRId64 " h %" PRId64 " min", s / EII_HOUR_S,
			     s % EII_HOUR_S / MINUTE_S);
	else
		eii_buf_addf(out, "%" PRId64 " d %" PRId64 " h", s / DAY_S, s % DAY_S / EII_HOUR_S);
}

static void begin_section(struct eii_buf *out, const char *title)
{
	eii_buf_addf(out, "<section><h2>%s</h2>\n", title);
}

static void end_section(struct eii_buf *out)
{
	eii_buf_add_str(out, "</section>\n");
}

/* ---- sections ---------------------------------------------------------- */

static void add_head(struct eii_buf *out, const struct eii_status *status)
{
	const struct eii_watched *watched = status->watched;

	eii_buf_addf(out,
		     "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		     "<title>Email Intel IMAP: %s</title>\n<style>",
		     eii_status_phase(status->told.phase));
	eii_buf_add_str(out, style);
	eii_buf_add_str(out, "</style></head>\n<body><main>\n<h1>");
	add_escaped(out, watched->name);
	eii_buf_add_str(out, "</h1>\n<p class=\"soft\">Email Intel IMAP ");
	add_escaped(out, watched->version);
	eii_buf_add_str(out, ", started ");
	add_time(out, watched->started_s);
	eii_buf_add_str(out, "; this page shows ");
	add_time(out, status->now.unix_s);
	eii_buf_add_str(out, "</p>\n");
	if (!watched->mailbox)
		return;
	eii_buf_add_str(out, "<p class=\"soft\">Mailbox: ");
	add_escaped(out, watched->mailbox->user);
	eii_buf_add_str(out, " at ");
	add_escaped(out, watched->mailbox->host);
	eii_buf_add_str(out, ", folder ");
	add_escaped(out, watched->mailbox->folder);
	eii_buf_add_str(out, "</p>\n");
}

static void add_state(struct eii_buf *out, const struct eii_status *status)
{
	static const char *const words[EII_TOLD_PHASES] = {
		[EII_TOLD_START] = "Registering with the platform",
		[EII_TOLD_IDLE] = "Idle",
		[EII_TOLD_LOOK] = "Looking for new mail",
		[EII_TOLD_FLOW] = "Importing",
		[EII_TOLD_PAUSED] = "Paused: the platform's queue is over its threshold",
		[EII_TOLD_CLOSE] = "Finishing a run",
		[EII_TOLD_STOP] = "Stopping",
	};
	const struct eii_told *told = &status->told;

	begin_section(out, "Now");
	eii_buf_addf(out, "<p class=\"big\">%s</p>\n", words[told->phase]);
	if (told->phase_since_s) {
		eii_buf_add_str(out, "<p>since ");
		add_time(out, told->phase_since_s);
		eii_buf_add_str(out, " (");
		add_span(out, status->now.unix_s - told->phase_since_s);
		eii_buf_add_str(out, ")</p>\n");
	}
	if (told->phase == EII_TOLD_FLOW || told->phase == EII_TOLD_PAUSED)
		eii_buf_addf(out, "<p>%" PRIu64 " of %" PRIu64 " mails</p>\n", status->n_settled,
			     status->n_found);
	eii_buf_addf(out, "<p class=\"%s\">%s</p>\n", status->is_ready ? "good" : "bad",
		     status->is_ready ? "Ready: all that is needed answers"
				      : "Not ready: see below, and /health/ready");
	end_section(out);
}

static void add_schedule(struct eii_buf *out, const struct eii_status *status)
{
	int64_t success_s = atomic_load(&status->watched->stats->last_success_s);

	begin_section(out, "Runs");
	eii_buf_add_str(out, "<p>Next run: ");
	if (!status->next_run_s) {
		eii_buf_add_str(out, "one is on</p>\n");
	} else {
		add_time(out, status->next_run_s);
		eii_buf_add_str(out, " (in ");
		add_span(out, status->next_run_s - status->now.unix_s);
		eii_buf_add_str(out, ")</p>\n");
	}
	eii_buf_add_str(out, "<p>Last run that settled all it found: ");
	if (success_s)
		add_time(out, success_s);
	else
		eii_buf_add_str(out, "none yet");
	eii_buf_add_str(out, "</p>\n");
	end_section(out);
}

static void add_queue(struct eii_buf *out, const struct eii_status *status)
{
	bool is_over = atomic_load(&status->watched->stats->is_over_threshold);
	double threshold = (double)status->watched->threshold_bytes;

	begin_section(out, "The platform's queue");
	eii_buf_addf(out, "<p class=\"big\">%.1f MB</p>\n",
		     (double)status->queue_bytes / BYTES_OF_MB);
	if (threshold > 0)
		eii_buf_addf(out, "<p%s>threshold %.0f MB%s</p>\n", is_over ? " class=\"bad\"" : "",
			     threshold / BYTES_OF_MB, is_over ? ": the import pauses" : "");
	else
		eii_buf_add_str(out, "<p>no threshold</p>\n");
	end_section(out);
}

/* A bar keeps a sign of its hour, however little came. */
static double height_of(uint64_t n, uint64_t most)
{
	double height = most ? (double)n / (double)most * CHART_HEIGHT : 0;

	return n && height < 1 ? 1 : height;
}

static void add_bar(struct eii_buf *out, const char *class, unsigned place, double height)
{
	if (height > 0)
		eii_buf_addf(out,
			     "<rect class=\"%s\" x=\"%u\" y=\"%.1f\" width=\"%d\" "
			     "height=\"%.1f\"/>",
			     class, place * BAR_STEP, CHART_HEIGHT - height, BAR_WIDTH, height);
}

static void add_hour(struct eii_buf *out, const struct eii_hour *hour, unsigned place,
		     uint64_t most)
{
	struct eii_timestamp_civil t = eii_timestamp_to_civil(hour->hour * EII_HOUR_S);
	bool is_last = place + AXIS_HOURS / 2 > EII_HOURS; /* its words would go over the edge */

	if (t.hour % AXIS_HOURS == 0)
		eii_buf_addf(out, "<text%s x=\"%u\" y=\"%d\">%02d-%02d %02d:00</text>",
			     is_last ? " class=\"end\"" : "",
			     place * BAR_STEP + (is_last ? BAR_WIDTH : 0),
			     CHART_HEIGHT + AXIS_HEIGHT - 6, t.month, t.day, t.hour);
	if (!hour->mails && !hour->fallbacks)
		return;
	eii_buf_add_str(out, "<g><title>");
	add_time(out, hour->hour * EII_HOUR_S);
	eii_buf_addf(out, ": %" PRIu64 " mails, %" PRIu64 " fallbacks</title>", hour->mails,
		     hour->fallbacks);
	add_bar(out, "mails", place, height_of(hour->mails, most));
	add_bar(out, "fallbacks", place, height_of(hour->fallbacks, most));
	eii_buf_add_str(out, "</g>\n");
}

static void add_bars(struct eii_buf *out, const struct eii_status *status)
{
	struct eii_hour hours[EII_HOURS];
	uint64_t most = 0;

	for (unsigned i = 0; i < EII_HOURS; i++) {
		hours[i] =
			eii_hours_get(&status->told.hours, status->now.unix_s, EII_HOURS - 1 - i);
		most = hours[i].mails > most ? hours[i].mails : most;
		most = hours[i].fallbacks > most ? hours[i].fallbacks : most;
	}
	eii_buf_addf(out,
		     "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Mails and fallbacks of "
		     "the last %d hours\">\n",
		     CHART_WIDTH, CHART_HEIGHT + AXIS_HEIGHT, EII_HOURS);
	for (unsigned i = 0; i < EII_HOURS; i++)
		add_hour(out, &hours[i], i, most);
	eii_buf_addf(out, "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/></svg>\n",
		     CHART_WIDTH, CHART_HEIGHT, CHART_HEIGHT);
	eii_buf_addf(out, "<p class=\"soft\">Highest bar: %" PRIu64 " in an hour. ", most);
}

static void add_hours(struct eii_buf *out, const struct eii_status *status)
{
	begin_section(out, "The last 48 hours");
	eii_buf_addf(out,
		     "<p>%" PRIu64
		     " <span class=\"mails-word\">mails</span> became reports, %" PRIu64
		     " of them <span class=\"fallbacks-word\">fallbacks</span>, without their "
		     "mail's content</p>\n",
		     status->n_mails, status->n_fallbacks);
	add_bars(out, status);
	eii_buf_add_str(out, "Counted in memory, by the hour of UTC: a restart begins anew, and "
			     "this process runs since ");
	add_time(out, status->watched->started_s);
	eii_buf_add_str(out, ".</p>\n");
	end_section(out);
}

static void add_parts(struct eii_buf *out, const struct eii_status *status)
{
	begin_section(out, "Parts");
	eii_buf_add_str(out, "<table>\n");
	for (enum eii_part part = 0; part < EII_PARTS; part++) {
		int64_t failing_s = eii_status_failing_s(status, part);

		eii_buf_addf(out, "<tr><th scope=\"row\">%s</th><td class=\"%s\">%s",
			     eii_words_part(part), failing_s ? "bad" : "good",
			     failing_s ? "has not worked for " : "no fault");
		if (failing_s)
			add_span(out, failing_s);
		eii_buf_add_str(out, "</td></tr>\n");
	}
	eii_buf_add_str(out, "</table>\n");
	end_section(out);
}

static void add_trouble(struct eii_buf *out, const struct eii_trouble *trouble)
{
	bool is_part = eii_words_names_part(trouble->type);

	eii_buf_addf(out, "<p%s>", is_part && !trouble->over_s ? " class=\"bad\"" : "");
	add_escaped(out, eii_advice_words(trouble));
	eii_buf_add_str(out, "</p>\n<p>To do: ");
	add_escaped(out, eii_advice_do(trouble));
	eii_buf_addf(out, "</p>\n<p class=\"soft\"><code>%s</code>", eii_words_name(trouble->type));
	if (is_part)
		eii_buf_addf(out, ", %s", eii_words_part(trouble->part));
	eii_buf_add_str(out, ", ");
	add_time(out, trouble->since_s);
	if (trouble->over_s) {
		eii_buf_add_str(out, "; over since ");
		add_time(out, trouble->over_s);
	}
	eii_buf_add_str(out, "</p>\n");
}

static void add_troubles(struct eii_buf *out, const struct eii_status *status)
{
	begin_section(out, "What went wrong last");
	if (!status->n_troubles)
		eii_buf_add_str(out, "<p class=\"good\">Nothing since the start</p>\n");
	for (size_t i = 0; i < status->n_troubles; i++)
		add_trouble(out, status->troubles[i]);
	end_section(out);
}

static void add_settings(struct eii_buf *out, const struct eii_watched *watched)
{
	begin_section(out, "Settings other than the default");
	eii_buf_add_str(out, "<ul>\n");
	for (size_t i = 0; i < watched->n_changed; i++)
		eii_buf_addf(out, "<li><code>%s</code></li>\n", watched->changed[i]);
	eii_buf_add_str(out, "</ul>\n<p class=\"soft\">Their names; the values: email-intel-imap "
			     "--print-config</p>\n");
	end_section(out);
}

void eii_status_page_write(const struct eii_watched *watched, struct eii_instant now,
			   struct eii_buf *out)
{
	struct eii_status status;

	eii_status_gather(watched, now, &status);
	add_head(out, &status);
	eii_buf_add_str(out, "<div class=\"grid\">\n");
	add_state(out, &status);
	add_schedule(out, &status);
	add_queue(out, &status);
	add_parts(out, &status);
	eii_buf_add_str(out, "</div>\n");
	add_troubles(out, &status);
	add_hours(out, &status);
	add_settings(out, watched);
	eii_buf_add_str(out, "<p class=\"soft\">The same as JSON: /status.json. Metrics: /metrics. "
			     "Health: /health/ready.</p>\n</main></body></html>\n");
}
