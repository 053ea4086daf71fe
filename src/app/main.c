/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/app/check.h"
#include "eii/app/convert_files.h"
#include "eii/app/daemon.h"
#include "eii/app/exit_code.h"
#include "eii/app/health.h"
#include "eii/app/login.h"
#include "eii/app/options.h"
#include "eii/app/parts.h"
#include "eii/app/settings_files.h"
#include "eii/base/die.h"
#include "eii/base/log.h"
#include "eii/net/http.h"

#define PROGRAM "email-intel-imap"

extern char **environ;

static enum eii_config_purpose purpose_of(enum eii_action action)
{
	switch (action) {
	case EII_ACTION_CONVERT:
		return EII_CONFIG_TO_CONVERT;
	case EII_ACTION_HEALTH:
		return EII_CONFIG_TO_ASK;
	case EII_ACTION_LOGIN:
		return EII_CONFIG_TO_LOG_IN;
	case EII_ACTION_RUN:
	case EII_ACTION_DRY_RUN:
	case EII_ACTION_CHECK:
	case EII_ACTION_PRINT:
	case EII_ACTION_HELP:
	case EII_ACTION_VERSION:
		break;
	}
	return EII_CONFIG_TO_RUN;
}

/*
 * Wrong settings are for whoever starts the program: plain lines, all of them, and what
 * is said at any level, which may be the reason.
 */
static void print_wrong(const struct eii_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		if (problems->items[i].level != EII_PROBLEM_WARNING)
			(void)fprintf(stderr, PROGRAM ": %s\n", problems->items[i].text);
	}
}

/* Who asks about the settings hears of doubts at any log level, as plain lines too. */
static void print_doubtful(const struct eii_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++)
		(void)fprintf(stderr, PROGRAM ": warning: %s\n", problems->items[i].text);
}

static void log_doubtful(const struct eii_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		if (problems->items[i].level == EII_PROBLEM_UNSAFE)
			EII_LOG_PLAINLY(ERROR, "config.unsafe", problems->items[i].text);
		else if (problems->items[i].level == EII_PROBLEM_WARNING)
			EII_LOG_PLAINLY(WARN, "config.doubtful", problems->items[i].text);
	}
}

/* A person reads lines, what collects them JSON. */
static enum eii_log_format log_format(enum eii_config_switch is_json)
{
	if (is_json == EII_CONFIG_NOT_GIVEN)
		return isatty(STDERR_FILENO) ? EII_LOG_PLAIN : EII_LOG_JSON;
	return is_json == EII_CONFIG_ON ? EII_LOG_JSON : EII_LOG_PLAIN;
}

/* NULL: something is wrong, and stands in problems. */
static struct eii_config *load(const struct eii_options *options, struct eii_problems *problems)
{
	struct eii_settings_files files;
	struct eii_config_sources sources = {
		.environment = (const char *const *)environ,
		.purpose = purpose_of(options->action),
	};
	struct eii_config *config = NULL;
	struct eii_error err = { 0 };

	eii_settings_files_find(options->config_path, EII_SETTINGS_FILES_IMAGE, &files, problems);
	sources.file_path = files.file;
	sources.env_path = files.env;
	if (!eii_config_load(&sources, &config, problems, &err))
		eii_log_init(config->connector.log_level, log_format(config->opencti.json_logging),
			     config->connector.name);
	eii_settings_files_clear(&files);
	return config;
}

static void say_problems(const struct eii_options *options, const struct eii_problems *problems)
{
	if (options->action == EII_ACTION_CHECK)
		return; /* they are part of what it prints */
	if (problems->n_wrong)
		print_wrong(problems);
	else if (options->action == EII_ACTION_PRINT)
		print_doubtful(problems);
	else
		log_doubtful(problems);
}

static int convert(const struct eii_config *config, const struct eii_options *options)
{
	struct eii_report_settings report;
	const struct eii_selection selection = eii_parts_selection(config);
	struct eii_converter_options converter;
	EII_AUTO_STR program = NULL;
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_parts_converter(config, &program, &converter, &err);
	struct eii_convert_how how = { .converter = &converter,
				       .report = &report,
				       .selection = &selection,
				       .folder = config->mail.mailbox };
	int code;

	if (rc) {
		(void)fprintf(stderr, PROGRAM ": %s\n", err.text);
		return eii_exit_code(rc, &err);
	}
	report = eii_parts_report(config);
	code = eii_convert_files(&how, (const char *const *)options->files, options->n_files);
	eii_parts_report_clear(&report);
	return code;
}

static int print_config(const struct eii_config *config)
{
	eii_config_print(config, stdout);
	if (!fflush(stdout) && !ferror(stdout))
		return EX_OK;
	(void)fprintf(stderr, PROGRAM ": standard output: cannot be written\n");
	return EX_IOERR;
}

/* config is NULL for --check alone, where something is wrong with it. */
static int run(const struct eii_config *config, const struct eii_options *options,
	       const struct eii_problems *problems)
{
	switch (options->action) {
	case EII_ACTION_CONVERT:
		return convert(config, options);
	case EII_ACTION_CHECK:
		return eii_check_run(config, problems,
				     options->is_json ? EII_CHECK_JSON : EII_CHECK_LINES,
				     options->is_register ? EII_CHECK_REGISTER : EII_CHECK_ASK);
	case EII_ACTION_DRY_RUN:
		return eii_daemon_run(config, EII_DAEMON_DRY_RUN);
	case EII_ACTION_RUN:
		return eii_daemon_run(config,
				      options->is_once || config->connector.run_and_terminate
					      ? EII_DAEMON_ONCE
					      : EII_DAEMON_STAY);
	case EII_ACTION_HEALTH:
		return eii_health_ask(config, stdout);
	case EII_ACTION_PRINT:
		return print_config(config);
	case EII_ACTION_LOGIN:
		return eii_login_run(config, &options->login);
	case EII_ACTION_HELP:
	case EII_ACTION_VERSION:
		break;
	}
	return EX_USAGE;
}

static bool needs_servers(enum eii_action action)
{
	return action != EII_ACTION_CONVERT && action != EII_ACTION_HEALTH &&
	       action != EII_ACTION_PRINT;
}

static int work(const struct eii_config *config, const struct eii_options *options,
		const struct eii_problems *problems)
{
	int code;

	if (needs_servers(options->action))
		eii_http_global_init();
	code = run(config, options, problems);
	if (needs_servers(options->action))
		eii_http_global_clear();
	return code;
}

/* Secrets lie in memory: no core file, and no debugger of the same user. */
static void forbid_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none))
		eii_die("no core files", errno);
#ifndef EII_SANITIZED /* a sanitizer looks at its own process as a debugger does */
	if (prctl(PR_SET_DUMPABLE, 0))
		eii_die("no dumps", errno);
#endif
}

int main(int argc, char **argv)
{
	struct eii_options options;
	EII_AUTO(eii_config) config = NULL;
	struct eii_problems problems;
	struct eii_error err = { 0 };
	int code;

	eii_surroundings_init();
	forbid_dumps();
	if (eii_options_parse(argc, argv, &options, &err)) {
		(void)fprintf(stderr, PROGRAM ": %s\n", err.text);
		return EX_USAGE;
	}
	if (options.action == EII_ACTION_HELP) {
		eii_options_print_help(stdout);
		return EX_OK;
	}
	if (options.action == EII_ACTION_VERSION) {
		(void)printf(PROGRAM " %s\n", EII_VERSION);
		return EX_OK;
	}
	eii_problems_init(&problems);
	config = load(&options, &problems);
	say_problems(&options, &problems);
	if (!config && options.action != EII_ACTION_CHECK)
		code = EX_CONFIG;
	else
		code = work(config, &options, &problems);
	eii_problems_clear(&problems);
	return code;
}
