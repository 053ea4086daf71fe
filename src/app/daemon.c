/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/daemon.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "eii/app/core_config.h"
#include "eii/app/exit_code.h"
#include "eii/app/guard.h"
#include "eii/app/monitor.h"
#include "eii/app/notify.h"
#include "eii/app/parts.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"
#include "eii/base/log.h"
#include "eii/config/secret.h"
#include "eii/ingest/dry_run.h"
#include "eii/ingest/fetch_driver.h"
#include "eii/ingest/heart.h"
#include "eii/ingest/platform_driver.h"
#include "eii/ingest/report_driver.h"
#include "way_out.h"

#define STACK_BYTES   (256u * 1024)
#define END_MS        5000 /* for the threads, once the heart has come to its end */
#define LAST_WORDS_MS 1000 /* for the log */
#define CUT_SHORT_MS  300  /* for both, when a stop takes too long */

/* Threads; the log's is the last and ends by itself. */
enum { HEART, FETCH, REPORTS, QUEUE, PLATFORM, WATCHDOG, N_THREADS };

struct thread {
	pthread_t id;
	void *(*body)(void *);
	void *arg;
	int ended; /* the daemon's */
};

struct daemon {
	const struct eii_config *config;
	enum eii_daemon_mode mode;
	int signals; /* a signalfd */
	char *mailbox_key;
	struct eii_folder_choice *choice; /* NULL = one folder */
	struct eii_stats stats;
	struct eii_queue *notes;
	struct eii_lane *mailbox_lane, *reports_lane, *queue_lane, *platform_lane;
	struct eii_watchdog *watchdog;
	struct eii_monitor *monitor; /* NULL = nothing is exposed */
	struct eii_parts *parts;
	struct eii_registered *registered;
	struct eii_report_settings report;
	struct eii_selection selection;
	char *converter_program;
	struct eii_converter *converter;
	struct eii_fetch_driver *fetch;
	struct eii_report_driver *reports;
	struct eii_way_out *way_out;
	struct eii_platform_driver *platform;
	struct eii_heart *heart;
	struct eii_guard guard;
	uint64_t secrets_stamp;
	struct thread threads[N_THREADS];
	int ended; /* an eventfd: how many of them have come to their end */
};

/* ---- making ------------------------------------------------------------ */

static enum eii_rc make_converter(struct daemon *d, struct eii_error *err)
{
	struct eii_converter_options options;
	enum eii_rc rc = eii_parts_converter(d->config, &d->converter_program, &options, err);

	if (!rc)
		d->converter = eii_converter_new(&options);
	return rc;
}

static void make_lanes(struct daemon *d)
{
	d->notes = eii_queue_new(EII_HEART_NOTES);
	d->mailbox_lane = eii_lane_new(d->notes, &d->stats.fetch_beat_ms);
	d->reports_lane = eii_lane_new(d->notes, &d->stats.reports_beat_ms);
	d->queue_lane = eii_lane_new(d->notes, &d->stats.queue_beat_ms);
	d->platform_lane = eii_lane_new(d->notes, &d->stats.platform_beat_ms);
	d->watchdog = eii_watchdog_new(eii_lane_stop(d->queue_lane));
}

static enum eii_rc make_way_out(struct daemon *d, struct eii_error *err)
{
	struct eii_way_out_options options = {
		.config = d->config,
		.mode = d->mode == EII_DAEMON_DRY_RUN ? EII_WAY_OUT_DRY : EII_WAY_OUT_REAL,
		.parts = d->parts,
		.lane = d->queue_lane,
		.registered = d->registered,
		.report = &d->report,
		.watchdog = d->watchdog,
		.contacts = eii_monitor_contacts(d->monitor),
		.stats = &d->stats,
	};

	return eii_way_out_new(&options, &d->way_out, err);
}

static void make_drivers(struct daemon *d)
{
	struct eii_contacts *contacts = eii_monitor_contacts(d->monitor);
	struct eii_fetch_driver_options fetch = { .lane = d->mailbox_lane,
						  .imap = &d->parts->imap,
						  .folder = d->config->mail.mailbox,
						  .choice = d->choice,
						  .contacts = contacts };
	struct eii_report_driver_options reports = { .lane = d->reports_lane,
						     .converter = d->converter,
						     .registered = d->registered,
						     .report = &d->report,
						     .selection = &d->selection,
						     .folder = d->config->mail.mailbox,
						     .stats = &d->stats };
	struct eii_platform_driver_options platform = {
		.lane = d->platform_lane,
		.platform = d->parts->platform,
		.registered = d->registered,
		.report = &d->report,
		.work_name = d->config->connector.name,
		.wants_draft = d->config->connector.validate && d->config->connector.send_to_queue,
		.stats = &d->stats
	};

	/* An order that is cut cuts a token's refresh with its session. */
	d->parts->imap.stop = eii_lane_stop(d->mailbox_lane);
	d->fetch = eii_fetch_driver_new(&fetch);
	d->reports = eii_report_driver_new(&reports);
	d->platform = d->mode == EII_DAEMON_DRY_RUN ? eii_dry_platform_new(&platform)
						    : eii_platform_driver_new(&platform);
}

static void make_heart(struct daemon *d)
{
	bool is_once = d->mode != EII_DAEMON_STAY;
	struct eii_heart_options options = {
		.core = eii_core_config_of(d->config, is_once ? EII_CORE_ONCE : EII_CORE_STAY,
					   d->mailbox_key, &d->report),
		.notes = d->notes,
		.mailbox = d->mailbox_lane,
		.reports = d->reports_lane,
		.queue = d->queue_lane,
		.platform = d->platform_lane,
		.stats = &d->stats,
		.chronicle = eii_monitor_chronicle(d->monitor),
		.is_dry_run = d->mode == EII_DAEMON_DRY_RUN,
		.progress =
			is_once && isatty(STDERR_FILENO) ? EII_PROGRESS_TERMINAL : EII_PROGRESS_LOG,
	};

	d->heart = eii_heart_new(&options);
}

static enum eii_rc make_all(struct daemon *d, struct eii_error *err)
{
	const struct eii_config_mail *mail = &d->config->mail;
	struct eii_watch watch = { .stats = &d->stats };
	enum eii_rc rc;

	if (!eii_folder_choice_is_name(mail->mailbox)) {
		rc = eii_folder_choice_parse(mail->mailbox, &d->choice, err);
		if (rc)
			return rc;
	}
	d->mailbox_key = eii_parts_mailbox_key(d->config);
	d->secrets_stamp = eii_secret_stamp(d->config);
	make_lanes(d);
	if (d->mode != EII_DAEMON_DRY_RUN)
		d->monitor = eii_monitor_new(d->config, &d->stats);
	watch.contacts = eii_monitor_contacts(d->monitor);
	rc = eii_parts_new(d->config, eii_lane_stop(d->platform_lane), &watch, &d->parts, err);
	if (!rc)
		rc = make_converter(d, err);
	if (rc)
		return rc;
	d->report = eii_parts_report(d->config);
	d->selection = eii_parts_selection(d->config);
	d->registered = eii_registered_new();
	rc = make_way_out(d, err);
	if (rc)
		return rc;
	make_drivers(d);
	make_heart(d);
	return EII_OK;
}

static void free_all(struct daemon *d)
{
	eii_heart_free(d->heart);
	eii_fetch_driver_free(d->fetch);
	eii_report_driver_free(d->reports);
	eii_way_out_free(d->way_out);
	eii_platform_driver_free(d->platform);
	eii_converter_free(d->converter);
	free(d->converter_program);
	eii_registered_free(d->registered);
	eii_parts_free(d->parts);
	eii_parts_report_clear(&d->report);
	eii_monitor_free(d->monitor);
	eii_watchdog_free(d->watchdog);
	eii_lane_free(d->mailbox_lane);
	eii_lane_free(d->reports_lane);
	eii_lane_free(d->queue_lane);
	eii_lane_free(d->platform_lane);
	for (;;) {
		struct eii_note *note = eii_queue_take(d->notes);

		if (!note)
			break;
		eii_note_free(note);
	}
	eii_queue_free(d->notes);
	free(d->mailbox_key);
	eii_folder_choice_free(d->choice);
	if (d->signals >= 0)
		(void)close(d->signals);
	if (d->ended >= 0)
		(void)close(d->ended);
}

/* ---- threads ----------------------------------------------------------- */

static void start_thread(pthread_t *thread, void *(*body)(void *), void *arg)
{
	pthread_attr_t attr;
	int error = pthread_attr_init(&attr);

	if (!error)
		error = pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (!error)
		error = pthread_create(thread, &attr, body, arg);
	if (error)
		eii_die("a thread", error);
	(void)pthread_attr_destroy(&attr);
}

/* From here on nobody waits for a reader of standard error. */
static void start_log(void)
{
	pthread_t thread;

	eii_log_defer();
	start_thread(&thread, eii_log_run, NULL);
	(void)pthread_detach(thread);
}

static void *run_thread(void *arg)
{
	const struct thread *thread = arg;

	(void)thread->body(thread->arg);
	(void)eventfd_write(thread->ended, 1);
	return NULL;
}

static void start(struct daemon *d, int which, void *(*body)(void *), void *arg)
{
	struct thread *thread = &d->threads[which];

	*thread = (struct thread){ .body = body, .arg = arg, .ended = d->ended };
	start_thread(&thread->id, run_thread, thread);
}

static void start_threads(struct daemon *d)
{
	EII_BEAT(&d->stats, heart_beat_ms);
	d->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->ended < 0)
		eii_die("an event for the threads", errno);
	start(d, WATCHDOG, eii_watchdog_run, d->watchdog);
	start(d, PLATFORM, eii_platform_driver_run, d->platform);
	start(d, FETCH, eii_fetch_driver_run, d->fetch);
	start(d, REPORTS, eii_report_driver_run, d->reports);
	start(d, QUEUE, eii_way_out_run, d->way_out);
	start(d, HEART, eii_heart_run, d->heart);
}

/* False: a thread hangs in what nothing can cut. */
static bool have_ended(const struct daemon *d, int64_t deadline_ms)
{
	struct pollfd fd = { .fd = d->ended, .events = POLLIN };
	eventfd_t n_ended = 0;

	while (n_ended < N_THREADS) {
		eventfd_t n = 0;
		int left_ms = eii_clock_left_ms(deadline_ms);

		(void)poll(&fd, 1, left_ms);
		if (!eventfd_read(d->ended, &n))
			n_ended += n;
		else if (!left_ms)
			return false;
	}
	return true;
}

/* The heart has come to its end. */
static bool end_threads(struct daemon *d, int64_t deadline_ms)
{
	eii_queue_close(d->notes);
	eii_lane_close(d->mailbox_lane);
	eii_lane_close(d->reports_lane);
	eii_lane_close(d->queue_lane);
	eii_lane_close(d->platform_lane);
	eii_watchdog_quit(d->watchdog);
	if (!have_ended(d, deadline_ms))
		return false;
	for (int i = 0; i < N_THREADS; i++)
		(void)pthread_join(d->threads[i].id, NULL);
	return true;
}

/* ---- signals ----------------------------------------------------------- */

static void block_signals(struct daemon *d)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals < 0)
		eii_die("a descriptor for signals", errno);
}

/* True when the process is to end. */
static bool heed_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	switch (info.ssi_signo) {
	case SIGUSR1:
		eii_heart_post(d->heart, EII_FACT_WAKE);
		return false;
	case SIGHUP:
		EII_LOG_PLAINLY(INFO, "app.hup",
				"Secrets from files are read anew at the next sign-in");
		eii_heart_post(d->heart, EII_FACT_HUP);
		return false;
	default:
		return true;
	}
}

/* What waits for a person is tried at once when a secret's file has changed. */
static void heed_secrets(struct daemon *d)
{
	uint64_t stamp = eii_secret_stamp(d->config);

	if (stamp == d->secrets_stamp)
		return;
	d->secrets_stamp = stamp;
	eii_heart_post(d->heart, EII_FACT_HUP);
}

/* Until the deadline, the guard's next check, or systemd's watchdog wants a sign of life. */
static int wait_ms(int64_t deadline_ms, int watchdog_ms)
{
	int left_ms = eii_clock_left_ms(deadline_ms);

	if (left_ms > EII_GUARD_CHECK_MS)
		left_ms = EII_GUARD_CHECK_MS;
	return watchdog_ms && watchdog_ms < left_ms ? watchdog_ms : left_ms;
}

/* Waits for a signal or for the heart's end; true: it is asked to end. */
static bool wait_for_end(struct daemon *d, int64_t deadline_ms)
{
	int watchdog_ms = eii_notify_watchdog_ms();

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = d->signals, .events = POLLIN },
			{ .fd = eii_heart_done_fd(d->heart), .events = POLLIN },
		};

		(void)poll(fds, 2, wait_ms(deadline_ms, watchdog_ms));
		eii_guard_check(&d->guard, &d->stats, eii_clock_monotonic_ms());
		heed_secrets(d);
		if (watchdog_ms)
			eii_notify(EII_NOTIFY_WATCHDOG);
		if (fds[1].revents)
			return false;
		if (fds[0].revents && heed_signal(d))
			return true;
		if (eii_clock_left_ms(deadline_ms) == 0)
			return true;
	}
}

/* ---- the end ----------------------------------------------------------- */

/* A thread that hangs is left to the kernel. */
static void end_at_once(struct daemon *d, int code)
{
	for (int i = 0; i < N_THREADS; i++)
		(void)pthread_tryjoin_np(d->threads[i].id, NULL);
	(void)eii_log_finish(CUT_SHORT_MS);
	_exit(code);
}

/* Held back until deadline_ms: beyond it Kubernetes would kill anyway. */
static void stop(struct daemon *d, int64_t deadline_ms)
{
	EII_LOG_PLAINLY(INFO, "app.stopping", "Stopping");
	eii_notify(EII_NOTIFY_STOPPING);
	eii_heart_post(d->heart, EII_FACT_STOP);
	if (!wait_for_end(d, deadline_ms - CUT_SHORT_MS))
		return;
	EII_LOG_PLAINLY(WARN, "app.cut_short",
			"Ending without the last answers: mails may be sent again, with the same "
			"ids");
	end_at_once(d, EX_OK);
}

static int tell_end(const struct daemon *d)
{
	enum eii_over_code over = eii_heart_code(d->heart);
	int code = eii_exit_code_of_over(over);

	if (d->mode == EII_DAEMON_DRY_RUN)
		eii_dry_platform_tell_place(d->platform, d->mailbox_key);
	if (code != EX_OK)
		EII_LOG(ERROR, "app.failed", over == EII_OVER_GAVE_UP ? "Gave up" : "Cannot work",
			EII_STR("reason", eii_heart_words(d->heart)), EII_STR("next", "exit"),
			EII_I64("exit_code", code));
	return code;
}

static int run(struct daemon *d)
{
	int64_t end_ms = 0;
	int code;

	start_log();
	EII_LOG(INFO, "app.started", "Connector started", EII_STR("version", EII_VERSION),
		EII_STR("mailbox", d->mailbox_key));
	start_threads(d);
	eii_monitor_start(d->monitor);
	eii_notify(EII_NOTIFY_READY);
	if (wait_for_end(d, INT64_MAX)) {
		end_ms = eii_clock_monotonic_ms() + EII_DAEMON_STOP_MS;
		stop(d, end_ms);
	}
	if (!end_ms)
		end_ms = eii_clock_monotonic_ms() + END_MS;
	if (!end_threads(d, end_ms))
		end_at_once(d, tell_end(d));
	code = tell_end(d);
	(void)eii_log_finish(LAST_WORDS_MS);
	return code;
}

int eii_daemon_run(const struct eii_config *config, enum eii_daemon_mode mode)
{
	struct daemon d = { .config = config, .mode = mode, .signals = -1, .ended = -1 };
	struct eii_error err = { 0 };
	int code;

	block_signals(&d);
	if (make_all(&d, &err)) {
		code = eii_exit_code(EII_FATAL, &err);
		EII_LOG(ERROR, "app.failed", "Cannot start", EII_STR("reason", err.text),
			EII_STR("next", "exit"), EII_I64("exit_code", code));
	} else {
		code = run(&d);
	}
	free_all(&d);
	return code;
}
