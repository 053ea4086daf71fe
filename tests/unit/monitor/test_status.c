/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/status.h"

#include "eii/base/clock.h"
#include "support.h"

#define NOW_S INT64_C(1790000000) /* 2026-09-21 14:13 UTC */
#define EVIL  "\"><script>alert('1')</script>&\x01"

struct fixture {
	struct eii_stats stats;
	struct eii_contacts *contacts;
	struct eii_chronicle *chronicle;
	struct eii_core_view view;
	struct eii_watched_mailbox mailbox;
	struct eii_watched watched;
	struct eii_instant now;
	struct eii_buf out;
};

static const char *const changed[] = { "OPENCTI_URL", "EMAIL_INTEL_IMAP_HOST" };

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->contacts = eii_contacts_new();
	f->chronicle = eii_chronicle_new();
	f->mailbox = (struct eii_watched_mailbox){ EVIL "user", EVIL "host", EVIL "folder" };
	f->now = (struct eii_instant){ .monotonic_ms = 5000000, .unix_s = NOW_S };
	f->view.is_registered = true;
	f->watched = (struct eii_watched){ .stats = &f->stats,
					   .contacts = f->contacts,
					   .chronicle = f->chronicle,
					   .changed = changed,
					   .n_changed = ARRAY_LEN(changed),
					   .id = "i",
					   .name = "Mail <b>",
					   .type = "t",
					   .scope = "s",
					   .version = "1.2.3",
					   .prefix = "",
					   .started_s = NOW_S - 86400,
					   .threshold_bytes = 500000000 };
	eii_buf_init(&f->out, 262144);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	eii_contacts_free(f->contacts);
	eii_chronicle_free(f->chronicle);
	eii_buf_clear(&f->out);
	free(f);
	return 0;
}

static void see(struct fixture *f, int64_t ago_s, uint64_t n_mails, uint64_t n_fallbacks)
{
	struct eii_sight sight = {
		.view = &f->view,
		.now_ms = f->now.monotonic_ms - ago_s * 1000,
		.unix_s = NOW_S - ago_s,
		.n_mails = n_mails,
		.n_fallbacks = n_fallbacks,
	};

	eii_chronicle_see(f->chronicle, &sight);
}

static const char *page(struct fixture *f)
{
	eii_buf_reset(&f->out);
	eii_status_page_write(&f->watched, f->now, &f->out);
	assert_true(eii_buf_ok(&f->out));
	return f->out.data;
}

static const char *json(struct fixture *f)
{
	eii_buf_reset(&f->out);
	eii_status_json_write(&f->watched, f->now, &f->out);
	assert_true(eii_buf_ok(&f->out));
	return f->out.data;
}

#define ASSERT_HAS(text, part) CHECK(strstr((text), (part)), "%s is not in %s", (part), (text))

static void test_status__says_what_it_does_and_what_comes_next(void **state)
{
	struct fixture *f = *state;

	see(f, 7500, 0, 0);
	f->stats.next_run_ms = f->now.monotonic_ms + 185000;
	f->stats.queue_bytes = 12340000;
	ASSERT_HAS(page(f), "<p class=\"big\">Idle</p>");
	ASSERT_HAS(f->out.data, "since 2026-09-21 12:08 UTC (2 h 5 min)");
	ASSERT_HAS(f->out.data, "Next run: 2026-09-21 14:16 UTC (in 3 min)");
	ASSERT_HAS(f->out.data, ">12.3 MB<");
	ASSERT_HAS(f->out.data, "threshold 500 MB");
	ASSERT_HAS(f->out.data, "Nothing since the start");
	ASSERT_HAS(f->out.data, "<code>EMAIL_INTEL_IMAP_HOST</code>");
	ASSERT_HAS(json(f), "{\"schema\":1,\"name\":\"Mail <b>\",\"version\":\"1.2.3\"");
	ASSERT_HAS(f->out.data, "\"phase\":\"idle\",\"since\":\"2026-09-21T12:08:20.000Z\"");
	ASSERT_HAS(f->out.data, "\"next_run_at\":\"2026-09-21T14:16:25.000Z\"");
	ASSERT_HAS(f->out.data, "\"queue\":{\"bytes\":12340000,\"threshold_bytes\":500000000,");
	ASSERT_HAS(f->out.data, "\"settings_changed\":[\"OPENCTI_URL\",\"EMAIL_INTEL_IMAP_HOST\"]");
}

static void test_status__hours_are_bars(void **state)
{
	struct fixture *f = *state;

	see(f, 47 * 3600, 10, 0);
	see(f, 0, 50, 1);
	ASSERT_HAS(page(f),
		   ">mails</span> became reports, 1 of them <span class=\"fallbacks-word\">");
	ASSERT_HAS(f->out.data, "Highest bar: 40 in an hour");
	ASSERT_HAS(f->out.data, "<title>2026-09-19 15:00 UTC: 10 mails, 0 fallbacks</title>"
				"<rect class=\"mails\" x=\"0\" y=\"90.0\" width=\"12\" "
				"height=\"30.0\"/>");
	ASSERT_HAS(f->out.data, "<rect class=\"mails\" x=\"705\" y=\"0.0\" width=\"12\" "
				"height=\"120.0\"/>"
				"<rect class=\"fallbacks\" x=\"705\" y=\"117.0\"");
	ASSERT_HAS(f->out.data, "Counted in memory");
	ASSERT_HAS(json(f), "\"hours\":[{\"begins\":\"2026-09-19T15:00:00.000Z\",\"mails\":10,");
}

static void test_status__troubles_that_stand_come_first(void **state)
{
	struct fixture *f = *state;
	const char *mailbox, *twin;

	f->view.fault_since_ms[EII_PART_MAILBOX] = f->now.monotonic_ms - 3600000;
	f->view.waits_for_person[EII_PART_MAILBOX] = true;
	f->view.fault_kind[EII_PART_MAILBOX] = EII_FAILURE_CREDENTIALS;
	f->stats.fault_since_ms[EII_PART_MAILBOX] = f->now.monotonic_ms - 3600000;
	see(f, 0, 0, 0);
	/* A server's words are not among what is kept, whatever they are. */
	eii_chronicle_hear(f->chronicle,
			   &(struct eii_event){ .type = EII_EVENT_OVER_THRESHOLD, .words = EVIL },
			   NOW_S - 60);
	eii_chronicle_hear(f->chronicle,
			   &(struct eii_event){ .type = EII_EVENT_UNDER_THRESHOLD, .words = EVIL },
			   NOW_S - 30);
	mailbox = strstr(page(f), "The sign-in to the mailbox is refused");
	twin = strstr(f->out.data, "<code>queue.over_threshold</code>, 2026-09-21 14:12 UTC; over "
				   "since 2026-09-21 14:12 UTC");
	assert_non_null(mailbox);
	assert_non_null(twin);
	assert_true(mailbox < twin);
	ASSERT_HAS(f->out.data, "has not worked for 1 h 0 min");
	assert_null(strstr(f->out.data, "alert"));
	ASSERT_HAS(json(f), "{\"code\":\"part.waits_for_person\",\"part\":\"mailbox\",\"since\":"
			    "\"2026-09-21T13:13:20.000Z\",\"over_at\":null,");
	assert_null(strstr(f->out.data, "alert"));
}

static void test_status__the_mailbox_is_named_only_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;

	see(f, 0, 0, 0);
	assert_null(strstr(page(f), "folder"));
	assert_null(strstr(json(f), "\"mailbox\":{"));
	f->watched.mailbox = &f->mailbox;
	ASSERT_HAS(page(f), "folder <bdi>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"
			    "&amp; folder</bdi>");
	assert_null(strstr(f->out.data, "<script"));
	ASSERT_HAS(f->out.data, "<h1><bdi>Mail &lt;b&gt;</bdi></h1>");
	ASSERT_HAS(json(f), "\"mailbox\":{\"user\":\"\\\"><script>");
	ASSERT_HAS(f->out.data, "&\\u0001folder\"}}\n");
}

static void test_status__nothing_in_the_page_asks_or_runs(void **state)
{
	static const char *const never[] = { "<script", "href=",   "src=",   "url(",
					     " style=", "http:",   "https:", "@import",
					     "<form",   "<iframe", "onload" };
	struct fixture *f = *state;
	char csp[EII_STATUS_CSP_BYTES];

	see(f, 0, 5, 5);
	(void)page(f);
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		CHECK(!strstr(f->out.data, never[i]), "%s", never[i]);
	eii_status_csp(csp);
	assert_int_equal(strncmp(csp, "default-src 'none'; style-src 'sha256-", 38), 0);
	ASSERT_HAS(csp, "='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

static void test_status__a_page_is_for_who_prefers_it(void **state)
{
	static const struct {
		const char *accept;
		bool is_preferred;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/html", true },
		{ "TEXT/HTML", true },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true },
		{ "text/html, */*", false },
		{ "text/html;q=0", false },
		{ "text/html;q=0.9,text/plain;q=0.8", true },
		{ "text/html;q=0.8,text/plain;q=0.9", false },
		{ "text/html;level=1;q=0.5, text/*;q=0.4", true },
		{ "text/html;q=0.001", true },
		{ "text/plain;q=0.001, text/html ; q=0.002", true },
		{ "text/*", false },
		{ "application/json", false },
		{ "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,"
		  "*/*;q=0.1",
		  false },
		{ ",,;;q=,text/html", true },
		{ "text/html;", true },
		{ "text/html;q=", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_status_is_preferred(cases[i].accept) == cases[i].is_preferred, "%s",
		      cases[i].accept ? cases[i].accept : "(none)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_status__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_what_it_does_and_what_comes_next),
		TEST(hours_are_bars),
		TEST(troubles_that_stand_come_first),
		TEST(the_mailbox_is_named_only_where_it_is_wanted),
		TEST(nothing_in_the_page_asks_or_runs),
		TEST(a_page_is_for_who_prefers_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
