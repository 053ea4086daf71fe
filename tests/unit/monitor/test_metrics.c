/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/metrics.h"

#include "eii/convert/converter.h"

#include "eii/base/clock.h"
#include "support.h"

#define NOW_S     INT64_C(1790000000)
#define STARTED_S INT64_C(1789990000)

struct fixture {
	struct eii_stats stats;
	struct eii_contacts *contacts;
	struct eii_watched watched;
	struct eii_buf out;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->contacts = eii_contacts_new();
	f->watched = (struct eii_watched){
		.stats = &f->stats,
		.contacts = f->contacts,
		.id = "11111111-1111-4111-8111-111111111111",
		.name = "Mail \"SOC\"",
		.type = "EXTERNAL_IMPORT",
		.scope = "email-intel-imap",
		.version = "1.2.3",
		.prefix = "",
		.started_s = STARTED_S,
		.period_s = 300,
		.threshold_bytes = 500000000,
	};
	eii_buf_init(&f->out, 256 * 1024);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	eii_contacts_free(f->contacts);
	eii_buf_clear(&f->out);
	free(f);
	return 0;
}

static void scrape(struct fixture *f)
{
	struct eii_instant now = { .monotonic_ms = eii_clock_monotonic_ms(), .unix_s = NOW_S };

	eii_buf_reset(&f->out);
	eii_metrics_write(&f->watched, now, &f->out);
	assert_true(eii_buf_ok(&f->out));
}

/* Whether the line stands there, as a whole. */
static bool has(const struct fixture *f, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = f->out.data; p && *p; p = strchr(p, '\n'), p += p != NULL) {
		if (strncmp(p, line, len) == 0 && p[len] == '\n')
			return true;
	}
	return false;
}

#define ASSERT_HAS(f, line) CHECK(has(f, line), "%s", line)

static void test_metrics__pyctis_names_and_types(void **state)
{
	struct fixture *f = *state;

	f->stats.n_published = 7;
	f->stats.n_runs = 3;
	f->stats.n_pings = 11;
	f->stats.n_failed_pings = 2;
	f->stats.n_failed_calls = 5;
	f->stats.n_failed_runs = 1;
	f->stats.n_no_report = 1;
	f->stats.n_work_errors_mendable = 4;
	f->stats.n_work_errors_other = 6;
	scrape(f);
	ASSERT_HAS(f, "# TYPE bundles_sent_total counter");
	ASSERT_HAS(f, "bundles_sent_total 7");
	ASSERT_HAS(f, "records_sent_total 7");
	ASSERT_HAS(f, "runs_total 3");
	ASSERT_HAS(f, "ping_api_total 11");
	ASSERT_HAS(f, "ping_api_errors_total 2");
	ASSERT_HAS(f, "errors_total 2");
	ASSERT_HAS(f, "client_errors_total 5");
	ASSERT_HAS(f, "# TYPE work_errors_total counter");
	ASSERT_HAS(f, "work_errors_total{kind=\"mendable\"} 4");
	ASSERT_HAS(f, "work_errors_total{kind=\"other\"} 6");
	ASSERT_HAS(f, "# TYPE bundles_sent_created gauge");
	ASSERT_HAS(f, "bundles_sent_created 1789990000");
	ASSERT_HAS(f, "identity_info{id=\"11111111-1111-4111-8111-111111111111\","
		      "name=\"Mail \\\"SOC\\\"\",type=\"EXTERNAL_IMPORT\","
		      "scope=\"email-intel-imap\"} 1");
}

static void test_metrics__the_state_is_one_of_three(void **state)
{
	static const struct {
		enum eii_activity activity;
		const char *lines[3];
	} cases[] = {
		{ EII_ACTIVITY_IDLE,
		  { "state{state=\"idle\"} 1", "state{state=\"running\"} 0",
		    "state{state=\"stopped\"} 0" } },
		{ EII_ACTIVITY_RUNNING,
		  { "state{state=\"idle\"} 0", "state{state=\"running\"} 1",
		    "state{state=\"stopped\"} 0" } },
		{ EII_ACTIVITY_STOPPED,
		  { "state{state=\"idle\"} 0", "state{state=\"running\"} 0",
		    "state{state=\"stopped\"} 1" } },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->stats.activity = (int)cases[i].activity;
		scrape(f);
		for (size_t k = 0; k < 3; k++)
			ASSERT_HAS(f, cases[i].lines[k]);
	}
}

static void test_metrics__a_prefix_is_before_every_name_of_ours(void **state)
{
	struct fixture *f = *state;

	f->watched.prefix = "opencti_connector_";
	scrape(f);
	/* prometheus_client names an Enum's label like its metric. */
	ASSERT_HAS(f, "opencti_connector_state{state=\"idle\",opencti_connector_state=\"idle\"} 1");
	ASSERT_HAS(f, "opencti_connector_runs_total 0");
	for (const char *p = f->out.data; *p; p = strchr(p, '\n') + 1) {
		bool ours = strncmp(p, "opencti_connector_", 18) == 0;

		CHECK(*p == '#' || ours || strncmp(p, "process_", 8) == 0, "%.40s", p);
	}
}

static void test_metrics__every_stage_reason_and_fate_has_its_number(void **state)
{
	struct fixture *f = *state;

	f->stats.n_fetched = 1;
	f->stats.n_converted = 2;
	f->stats.n_sent = 3;
	f->stats.n_confirmed = 4;
	f->stats.fetched_bytes = 5;
	f->stats.published_bytes = 6;
	f->stats.n_fallbacks[EII_FALLBACK_CRASHED] = 7;
	f->stats.n_fallbacks[EII_MAIL_REASON_KILLER] = 8;
	f->stats.n_attachments[EII_ATTACHMENT_KEPT] = 9;
	f->stats.n_attachments[EII_ATTACHMENT_TOO_MANY] = 10;
	f->stats.n_files_left_out = 11;
	f->stats.n_converter_restarts = 12;
	f->stats.n_converter_replacements = 13;
	scrape(f);
	ASSERT_HAS(f, "mails_fetched_total 1");
	ASSERT_HAS(f, "mails_converted_total 2");
	ASSERT_HAS(f, "mails_published_total 3");
	ASSERT_HAS(f, "mails_confirmed_total 4");
	ASSERT_HAS(f, "fetched_bytes_total 5");
	ASSERT_HAS(f, "published_bytes_total 6");
	ASSERT_HAS(f, "fallback_reports_total{reason=\"crashed\"} 7");
	ASSERT_HAS(f, "fallback_reports_total{reason=\"given_up\"} 8");
	ASSERT_HAS(f, "fallback_reports_total{reason=\"timed_out\"} 0");
	ASSERT_HAS(f, "attachments_kept_total 9");
	ASSERT_HAS(f, "attachments_left_out_total{reason=\"too_many\"} 10");
	ASSERT_HAS(f, "attachments_left_out_total{reason=\"message_limit\"} 11");
	ASSERT_HAS(f, "converter_restarts_total{cause=\"failure\"} 12");
	ASSERT_HAS(f, "converter_restarts_total{cause=\"planned\"} 13");
	ASSERT_HAS(f, "build_info{version=\"1.2.3\"} 1");
	ASSERT_HAS(f, "period_seconds 300");
}

static void test_metrics__the_mailbox_and_what_waits_in_it(void **state)
{
	struct fixture *f = *state;

	f->stats.last_uid = 4294967295u;
	f->stats.uidnext = 42;
	f->stats.run_found = 10;
	f->stats.run_done = 4;
	f->stats.oldest_waiting_s = NOW_S - 7200;
	f->stats.last_success_s = NOW_S - 60;
	f->stats.queue_bytes = 123;
	f->stats.is_over_threshold = 1;
	scrape(f);
	ASSERT_HAS(f, "mailbox_last_uid 4294967295");
	ASSERT_HAS(f, "mailbox_uidnext 42");
	ASSERT_HAS(f, "mails_waiting 6");
	ASSERT_HAS(f, "oldest_waiting_mail_age_seconds 7200");
	ASSERT_HAS(f, "last_success_timestamp_seconds 1789999940");
	ASSERT_HAS(f, "platform_queue_bytes 123");
	ASSERT_HAS(f, "platform_queue_over_threshold 1");
	ASSERT_HAS(f, "platform_queue_threshold_bytes 500000000");
	/* A mail that came while the run was on, and one from the future. */
	f->stats.run_done = 11;
	f->stats.oldest_waiting_s = NOW_S + 5;
	scrape(f);
	ASSERT_HAS(f, "mails_waiting 0");
	ASSERT_HAS(f, "oldest_waiting_mail_age_seconds 0");
	f->stats.oldest_waiting_s = 0;
	scrape(f);
	ASSERT_HAS(f, "oldest_waiting_mail_age_seconds 0");
}

static void test_metrics__servers_by_their_last_contact(void **state)
{
	struct eii_error err = { .text = "connect: refused" };
	struct fixture *f = *state;

	scrape(f);
	assert_null(strstr(f->out.data, "last_contact_age_seconds{"));
	assert_null(strstr(f->out.data, "certificate_expiry_timestamp_seconds{"));
	assert_null(strstr(f->out.data, "\nmailbox_token_expiry_timestamp_seconds "));
	eii_contacts_note(f->contacts, EII_SERVER_MAILBOX, EII_OK, NULL);
	eii_contacts_connected(f->contacts, EII_SERVER_MAILBOX);
	eii_contacts_note(f->contacts, EII_SERVER_QUEUE, EII_RETRY, &err);
	atomic_store(eii_contacts_certificate(f->contacts, EII_SERVER_PLATFORM), 1800000000);
	atomic_store(eii_contacts_token(f->contacts), 1790003600);
	scrape(f);
	ASSERT_HAS(f, "last_contact_age_seconds{server=\"mailbox\"} 0");
	ASSERT_HAS(f, "server_connects_total{server=\"mailbox\"} 1");
	ASSERT_HAS(f, "server_connects_total{server=\"queue\"} 0");
	ASSERT_HAS(f, "server_failing{server=\"queue\"} 1");
	ASSERT_HAS(f, "server_failing{server=\"mailbox\"} 0");
	ASSERT_HAS(f, "server_failures_total{server=\"queue\"} 1");
	ASSERT_HAS(f, "certificate_expiry_timestamp_seconds{server=\"platform\"} 1800000000");
	ASSERT_HAS(f, "mailbox_token_expiry_timestamp_seconds 1790003600");
	/* A reason may hold anything a server says: it is for the health page only. */
	assert_null(strstr(f->out.data, "connect: refused"));
}

static void test_metrics__times_are_histograms_in_seconds(void **state)
{
	struct fixture *f = *state;

	eii_times_add(&f->stats.mail_times, 40);
	eii_times_add(&f->stats.mail_times, 90000);
	eii_times_add(&f->stats.mail_times, INT64_C(8000000));
	scrape(f);
	ASSERT_HAS(f, "# TYPE mail_to_confirm_duration_seconds histogram");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_bucket{le=\"0.025\"} 0");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_bucket{le=\"0.05\"} 1");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_bucket{le=\"300\"} 2");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_bucket{le=\"7200\"} 2");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_bucket{le=\"+Inf\"} 3");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_sum 8090.04");
	ASSERT_HAS(f, "mail_to_confirm_duration_seconds_count 3");
	ASSERT_HAS(f, "confirm_duration_seconds_count 0");
	ASSERT_HAS(f, "graphql_duration_seconds_count 0");
}

static void test_metrics__the_process_is_measured(void **state)
{
	struct fixture *f = *state;

	scrape(f);
	ASSERT_HAS(f, "# TYPE process_resident_memory_bytes gauge");
	ASSERT_HAS(f, "# TYPE process_cpu_seconds_total counter");
	ASSERT_HAS(f, "process_start_time_seconds 1789990000");
	assert_non_null(strstr(f->out.data, "\nprocess_open_fds "));
	assert_null(strstr(f->out.data, "\nprocess_resident_memory_bytes 0\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_metrics__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pyctis_names_and_types),
		TEST(the_state_is_one_of_three),
		TEST(a_prefix_is_before_every_name_of_ours),
		TEST(every_stage_reason_and_fate_has_its_number),
		TEST(the_mailbox_and_what_waits_in_it),
		TEST(servers_by_their_last_contact),
		TEST(times_are_histograms_in_seconds),
		TEST(the_process_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
