/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status page's endpoint on a free port, with hours, troubles and a mailbox as a
 * hostile world would have them. Prints the port; ends when standard input does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/clock.h"
#include "eii/monitor/endpoint.h"

#define EVIL   "<script>document.title='ran'</script><img src=http://evil.test/x onerror=alert(1)>"
#define HOUR_S 3600

static const char *const changed[] = {
	"OPENCTI_URL",
	"OPENCTI_TOKEN",
	"CONNECTOR_ID",
	"CONNECTOR_EXPOSE_METRICS",
	"CONNECTOR_QUEUE_THRESHOLD",
	"EMAIL_INTEL_IMAP_HOST",
	"EMAIL_INTEL_IMAP_USERNAME",
	"EMAIL_INTEL_IMAP_PASSWORD",
};

/* Two days of a working mailbox, up to now. */
static void live(struct eii_chronicle *chronicle, struct eii_core_view *view, int64_t now_s)
{
	uint64_t n_mails = 0, n_fallbacks = 0;

	for (int ago = 47; ago >= 0; ago--) {
		struct eii_sight sight = { .view = view, .now_ms = eii_clock_monotonic_ms() };

		n_mails += (uint64_t)(40 + ago * 37 % 60 + (ago % 24 < 9 ? 60 : 0));
		n_fallbacks += ago % 11 == 0 ? 6 : 0;
		sight.unix_s = now_s - ago * HOUR_S;
		sight.n_mails = n_mails;
		sight.n_fallbacks = n_fallbacks;
		eii_chronicle_see(chronicle, &sight);
	}
}

static void fail(struct eii_chronicle *chronicle, struct eii_core_view *view,
		 struct eii_stats *stats, int64_t now_s)
{
	struct eii_event refused = { .type = EII_EVENT_WORK_ERRORS, .a = 1, .words = EVIL };
	int64_t now_ms = eii_clock_monotonic_ms();
	struct eii_sight sight = { .view = view, .now_ms = now_ms, .unix_s = now_s };

	eii_chronicle_hear(chronicle, &refused, now_s - 5 * HOUR_S);
	view->fault_since_ms[EII_PART_MAILBOX] = now_ms;
	view->fault_kind[EII_PART_MAILBOX] = EII_FAILURE_CREDENTIALS;
	view->waits_for_person[EII_PART_MAILBOX] = true;
	atomic_store(&stats->fault_since_ms[EII_PART_MAILBOX], now_ms);
	eii_chronicle_see(chronicle, &sight);
}

/* argument: "evil", or a mailbox's folder to be shown. */
int main(int argc, char **argv)
{
	static struct eii_stats stats;
	bool is_evil = argc > 1 && strcmp(argv[1], "evil") == 0;
	int64_t now_s = eii_clock_unix_s();
	struct eii_core_view view = { .is_registered = true };
	struct eii_chronicle *chronicle = eii_chronicle_new();
	struct eii_contacts *contacts = eii_contacts_new();
	struct eii_watched_mailbox mailbox = { EVIL, EVIL, EVIL };
	struct eii_watched watched = {
		.stats = &stats,
		.contacts = contacts,
		.chronicle = chronicle,
		.mailbox = is_evil ? &mailbox : NULL,
		.changed = changed,
		.n_changed = sizeof(changed) / sizeof(changed[0]),
		.id = "soc",
		.name = is_evil ? EVIL : "Mail of the SOC",
		.type = "EXTERNAL_IMPORT",
		.scope = "email-intel-imap",
		.version = EII_VERSION,
		.prefix = "",
		.started_s = now_s - 5 * 24 * HOUR_S,
		.threshold_bytes = 500000000,
	};
	struct eii_endpoint *endpoint = NULL;
	struct eii_error err;
	char byte;

	atomic_store(&stats.is_registered, 1);
	atomic_store(&stats.next_run_ms, eii_clock_monotonic_ms() + 240000);
	atomic_store(&stats.last_success_s, now_s - 60);
	atomic_store(&stats.queue_bytes, 12400000);
	eii_contacts_note(contacts, EII_SERVER_PLATFORM, EII_OK, NULL);
	eii_contacts_note(contacts, EII_SERVER_MAILBOX, EII_OK, NULL);
	live(chronicle, &view, now_s);
	if (is_evil)
		fail(chronicle, &view, &stats, now_s);
	if (eii_endpoint_start(&watched, 0, &endpoint, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	(void)printf("%u\n", eii_endpoint_port(endpoint));
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	eii_endpoint_free(endpoint);
	eii_contacts_free(contacts);
	eii_chronicle_free(chronicle);
	return EXIT_SUCCESS;
}
