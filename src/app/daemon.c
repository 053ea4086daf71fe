/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/daemon.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/app/dry_run.h"
#include "eii/app/exit_code.h"
#include "eii/app/guard.h"
#include "eii/app/mailbox_port.h"
#include "eii/app/monitor.h"
#include "eii/app/notify.h"
#include "eii/app/parts.h"
#include "eii/app/version.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"

/* Mail bytes in the process at once: what keeps a SOC's pod at a few MiB. */
#define BUDGET_BYTES  (8u * 1024 * 1024)
#define BUDGET_MAILS  1000
#define FIRST_WAIT_MS 1000
#define MAX_WAIT_MS   60000
#define MAX_TRIES     5
#define STACK_BYTES   (256u * 1024)

struct daemon {
	const struct eii_config *config;
	enum eii_daemon_mode mode;
	int signals; /* a signalfd */
	struct eii_stop *stop, *platform_cut;
	struct eii_watchdog *watchdog;
	struct eii_parts *parts;
	struct eii_registered *registered;
	struct eii_mailbox_port *mailbox;
	struct eii_platform_port *platform;
	struct eii_queue_port *queue;
	char *converter_program;
	struct eii_converter *converter;
	struct eii_report_settings report;
	struct eii_stats stats;
	struct eii_monitor *monitor; /* NULL = nothing is exposed */
	struct eii_guard guard;
	struct eii_budget *budget;
	struct eii_fetcher *fetcher;
	struct eii_desk *desk;
	struct eii_publish *publish;
	pthread_t fetch_thread, desk_thread, publish_thread, watchdog_thread;
};

/* ---- making ------------------------------------------------------------ */

static void make_ports(struct daemon *d)
{
	struct eii_parts *parts = d->parts;

	d->registered = eii_registered_new();
	d->mailbox = eii_mailbox_port_new(&parts->imap, d->config->mail.mailbox,
					  eii_monitor_contacts(d->monitor));
	if (d->mode == EII_DAEMON_DRY_RUN) {
		d->platform = eii_dry_platform_new(parts->platform);
		d->queue = eii_dry_queue_new(stdout);
		return;
	}
	parts->queue.registered = d->registered;
	parts->queue.watchdog = d->watchdog;
	parts->queue.stop = d->stop;
	d->platform = eii_platform_port_new(parts->platform, d->registered);
	d->queue = eii_queue_port_new(&parts->queue);
}

static enum eii_rc make_converter(struct daemon *d, struct eii_error *err)
{
	struct eii_converter_options options;
	enum eii_rc rc = eii_parts_converter(d->config, &d->converter_program, &options, err);

	if (rc)
		return rc;
	options.stop = d->stop;
	d->converter = eii_converter_new(&options);
	return EII_OK;
}

static void make_fetcher(struct daemon *d)
{
	struct eii_fetcher_options options = {
		.mailbox = d->mailbox,
		.max_mail_bytes = d->config->mail.max_mail_bytes,
		.first_wait_ms = FIRST_WAIT_MS,
		.max_wait_ms = MAX_WAIT_MS,
	};

	d->budget = eii_budget_new(BUDGET_BYTES, BUDGET_MAILS);
	options.budget = d->budget;
	d->fetcher = eii_fetcher_new(&options);
	/* An aborted fetch cuts its session's waits, and a token's refresh with them. */
	d->parts->imap.stop = eii_fetcher_cut(d->fetcher);
}

static void make_publish(struct daemon *d)
{
	const struct eii_config_connector *connector = &d->config->connector;
	bool once = d->mode != EII_DAEMON_STAY;
	struct eii_publish_options options = {
		.fetcher = d->fetcher,
		.desk = d->desk,
		.queue = d->queue,
		.converter = d->converter,
		.budget = d->budget,
		.stats = &d->stats,
		.stop = d->stop,
		.platform_cut = d->platform_cut,
		.report = &d->report,
		.ring_mode = eii_parts_ring_mode(d->config),
		.work_name = connector->name,
		.mode = once ? EII_PUBLISH_ONCE : EII_PUBLISH_DAEMON,
		.period_s = connector->period_s,
		.start_period_s = d->config->mail.start_period_s,
		.queue_threshold_bytes = connector->queue_threshold_mb * 1e6,
		.first_wait_ms = FIRST_WAIT_MS,
		.max_wait_ms = MAX_WAIT_MS,
		.max_tries = MAX_TRIES,
		.progress_fd = once && isatty(STDERR_FILENO) ? STDERR_FILENO : -1,
	};

	d->publish = eii_publish_new(&options);
}

static enum eii_rc make_all(struct daemon *d, struct eii_error *err)
{
	struct eii_desk_options desk = { .stats = &d->stats };
	struct eii_watch watch = { .stats = &d->stats };
	enum eii_rc rc;

	d->stop = eii_stop_new();
	d->platform_cut = eii_stop_new();
	d->watchdog = eii_watchdog_new(d->stop);
	if (d->mode != EII_DAEMON_DRY_RUN)
		d->monitor = eii_monitor_new(d->config, &d->stats);
	watch.contacts = eii_monitor_contacts(d->monitor);
	rc = eii_parts_new(d->config, d->platform_cut, &watch, &d->parts, err);
	if (rc)
		return rc;
	rc = make_converter(d, err);
	if (rc)
		return rc;
	d->report = eii_parts_report(d->config);
	make_ports(d);
	make_fetcher(d);
	desk.platform = d->platform;
	desk.mailbox_key = d->mailbox->name;
	d->desk = eii_desk_new(&desk);
	make_publish(d);
	return EII_OK;
}

static void free_all(struct daemon *d)
{
	eii_publish_free(d->publish);
	eii_desk_free(d->desk);
	eii_fetcher_free(d->fetcher);
	eii_budget_free(d->budget);
	eii_converter_free(d->converter);
	free(d->converter_program);
	eii_mailbox_port_free(d->mailbox);
	if (d->mode == EII_DAEMON_DRY_RUN) {
		eii_dry_platform_free(d->platform);
		free(d->queue);
	} else {
		free(d->platform);
		eii_queue_port_free(d->queue);
	}
	eii_registered_free(d->registered);
	eii_parts_free(d->parts);
	eii_monitor_free(d->monitor);
	eii_watchdog_free(d->watchdog);
	eii_stop_free(d->platform_cut);
	eii_stop_free(d->stop);
	if (d->signals >= 0)
		(void)close(d->signals);
}

/* ---- running ----------------------------------------------------------- */

static void start_thread(pthread_t *thread, void *(*body)(void *), void *arg)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK_BYTES) ||
	    pthread_create(thread, &attr, body, arg))
		abort();
	(void)pthread_attr_destroy(&attr);
}

static void start_threads(struct daemon *d)
{
	EII_BEAT(&d->stats, publish_beat_ms);
	EII_BEAT(&d->stats, desk_beat_ms);
	start_thread(&d->watchdog_thread, eii_watchdog_run, d->watchdog);
	start_thread(&d->desk_thread, eii_desk_run, d->desk);
	start_thread(&d->fetch_thread, eii_fetcher_run, d->fetcher);
	start_thread(&d->publish_thread, eii_publish_run, d->publish);
}

/* In the order in which they need each other. */
static void join_threads(struct daemon *d)
{
	(void)pthread_join(d->publish_thread, NULL);
	eii_fetcher_stop(d->fetcher);
	(void)pthread_join(d->fetch_thread, NULL);
	eii_desk_stop(d->desk);
	(void)pthread_join(d->desk_thread, NULL);
	eii_watchdog_quit(d->watchdog);
	(void)pthread_join(d->watchdog_thread, NULL);
}

static void block_signals(struct daemon *d)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals < 0)
		abort();
}

/* True when the process is to end. */
static bool heed_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	switch (info.ssi_signo) {
	case SIGUSR1:
		eii_publish_wake(d->publish);
		return false;
	case SIGHUP:
		EII_LOG_PLAINLY(INFO, "app.hup",
				"Secrets from files are read anew at the next sign-in");
		return false;
	default:
		return true;
	}
}

/* Until the deadline, the guard's next check, or systemd's watchdog wants a sign of life. */
static int wait_ms(int64_t deadline_ms, int watchdog_ms)
{
	int left_ms = eii_clock_left_ms(deadline_ms);

	if (left_ms > EII_GUARD_CHECK_MS)
		left_ms = EII_GUARD_CHECK_MS;
	return watchdog_ms && watchdog_ms < left_ms ? watchdog_ms : left_ms;
}

/* Waits for a signal or for the publish thread's end; true: it is asked to end. */
static bool wait_for_end(struct daemon *d, int64_t deadline_ms)
{
	int watchdog_ms = eii_notify_watchdog_ms();

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = d->signals, .events = POLLIN },
			{ .fd = eii_publish_done_fd(d->publish), .events = POLLIN },
		};

		(void)poll(fds, 2, wait_ms(deadline_ms, watchdog_ms));
		eii_guard_check(&d->guard, &d->stats, eii_clock_monotonic_ms());
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

static void stop_all(struct daemon *d)
{
	EII_LOG_PLAINLY(INFO, "app.stopping", "Stopping");
	eii_notify(EII_NOTIFY_STOPPING);
	eii_stop_request(d->stop);
	eii_stop_request(d->platform_cut);
	/* Held back until now: the last confirms; beyond this Kubernetes would kill anyway. */
	if (wait_for_end(d, eii_clock_monotonic_ms() + EII_DAEMON_STOP_MS)) {
		EII_LOG_PLAINLY(
			WARN, "app.cut_short",
			"Ending without the last answers: mails may be sent again, with the "
			"same ids");
		_exit(EX_OK);
	}
}

static int finish(struct daemon *d)
{
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_publish_result(d->publish, &err);

	if (rc)
		EII_LOG(ERROR, "app.failed", rc == EII_RETRY ? "Gave up" : "Cannot work",
			EII_STR("reason", err.text), EII_STR("next", "exit"),
			EII_I64("exit_code", eii_exit_code(rc, &err)));
	return eii_exit_code(rc, &err);
}

int eii_daemon_run(const struct eii_config *config, enum eii_daemon_mode mode)
{
	struct daemon d = { .config = config, .mode = mode, .signals = -1 };
	struct eii_error err = { 0 };
	enum eii_rc rc;
	int code;

	block_signals(&d);
	rc = make_all(&d, &err);
	if (rc) {
		EII_LOG(ERROR, "app.failed", "Cannot start", EII_STR("reason", err.text),
			EII_STR("next", "exit"), EII_I64("exit_code", eii_exit_code(rc, &err)));
		free_all(&d);
		return eii_exit_code(rc, &err);
	}
	EII_LOG(INFO, "app.started", "Connector started", EII_STR("version", EII_VERSION),
		EII_STR("mailbox", d.mailbox->name));
	start_threads(&d);
	eii_monitor_start(d.monitor);
	eii_notify(EII_NOTIFY_READY);
	if (wait_for_end(&d, INT64_MAX))
		stop_all(&d);
	join_threads(&d);
	code = finish(&d);
	free_all(&d);
	return code;
}
