/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's calls on a line, for test_standin.py: a command and its words,
 * parted by tabs, gives one line, "ok ..." or "failed RC KIND CODE UNKNOWN TEXT".
 *
 *   open URL TOKEN ID    register    ping STATE    state    queue    work NAME    find NAME
 *   expect WORK N    processed WORK MESSAGE    alive WORK
 *   identity ID    marking ID    view WORK
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/net/http.h"
#include "eii/opencti/platform.h"
#include "eii/opencti/work_view.h"

static struct eii_platform *platform;
static char token[256];

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup(token);
	return EII_OK;
}

static enum eii_rc run_open(char **words, struct eii_http *http)
{
	struct eii_platform_options options = {
		.graphql = { .url = words[1], .token = give_token, .http = http },
		.connector_id = words[3],
		.connector_name = "Email Intel IMAP",
		.connector_scope = "email-intel-imap",
		.queue_threshold_mb = 500
	};

	(void)snprintf(token, sizeof(token), "%s", words[2]);
	eii_platform_free(platform);
	platform = eii_platform_new(&options);
	(void)printf("ok\n");
	return EII_OK;
}

static enum eii_rc run_register(struct eii_error *err)
{
	struct eii_registration registration = { 0 };
	enum eii_rc rc = eii_platform_register(platform, &registration, err);

	if (!rc)
		(void)printf("ok %s %u %s %s %s\n", registration.mq_host, registration.mq_port,
			     registration.push_exchange, registration.push_routing,
			     registration.state ? registration.state : "-");
	eii_registration_clear(&registration);
	return rc;
}

static void say_state(enum eii_ping_answer answer, char *state)
{
	if (answer == EII_PING_NO_CONNECTOR)
		(void)printf("ok gone\n");
	else
		(void)printf("ok state %s\n", state ? state : "-");
	free(state);
}

static enum eii_rc run_ping(const char *state, struct eii_error *err)
{
	struct eii_connector_info info = { .queue_bytes = 1000, .last_run_unix_s = 1787234160 };
	enum eii_ping_answer answer;
	char *echo = NULL;
	enum eii_rc rc;

	rc = eii_platform_ping(platform, state, &info, &answer, &echo, err);
	if (!rc)
		say_state(answer, echo);
	return rc;
}

static enum eii_rc run_state(struct eii_error *err)
{
	enum eii_ping_answer answer;
	char *state = NULL;
	enum eii_rc rc = eii_platform_read_state(platform, &answer, &state, err);

	if (!rc)
		say_state(answer, state);
	return rc;
}

static enum eii_rc run_queue(struct eii_error *err)
{
	struct eii_queue_details queue;
	enum eii_rc rc = eii_platform_queue(platform, &queue, err);

	if (!rc)
		(void)printf("ok %s %.0f\n", queue.is_known ? "known" : "unknown",
			     queue.n_messages);
	return rc;
}

static enum eii_rc run_work(const char *name, struct eii_error *err)
{
	char *id = NULL;
	enum eii_rc rc = eii_platform_work_add(platform, name, &id, err);

	if (!rc)
		(void)printf("ok %s\n", id);
	free(id);
	return rc;
}

static enum eii_rc run_find(const char *name, struct eii_error *err)
{
	char *id = NULL;
	enum eii_rc rc = eii_platform_find_work(platform, name, &id, err);

	if (!rc)
		(void)printf("ok %s\n", id ? id : "none");
	free(id);
	return rc;
}

static enum eii_rc run_view(const char *id, struct eii_error *err)
{
	struct eii_work_view view;
	enum eii_rc rc = eii_platform_work(platform, id, &view, err);

	if (!rc && !view.exists)
		(void)printf("ok gone\n");
	else if (!rc)
		(void)printf("ok %s %d %llu %llu %u\n", view.is_complete ? "complete" : "open",
			     view.has_counts, (unsigned long long)view.n_expected,
			     (unsigned long long)view.n_processed, view.n_errors);
	return rc;
}

static enum eii_rc say_yes(enum eii_rc rc, const bool *yes)
{
	if (!rc)
		(void)printf("ok %s\n", !yes ? "" : *yes ? "yes" : "no");
	return rc;
}

static enum eii_rc run(char **words, struct eii_http *http, struct eii_error *err)
{
	const char *what = words[0];
	bool yes = false;

	if (!strcmp(what, "open"))
		return run_open(words, http);
	if (!strcmp(what, "register"))
		return run_register(err);
	if (!strcmp(what, "ping"))
		return run_ping(words[1], err);
	if (!strcmp(what, "state"))
		return run_state(err);
	if (!strcmp(what, "queue"))
		return run_queue(err);
	if (!strcmp(what, "work"))
		return run_work(words[1], err);
	if (!strcmp(what, "find"))
		return run_find(words[1], err);
	if (!strcmp(what, "view"))
		return run_view(words[1], err);
	if (!strcmp(what, "expect"))
		return say_yes(eii_platform_add_expectations(platform, words[1],
							     (uint32_t)strtoul(words[2], NULL, 10),
							     err),
			       NULL);
	if (!strcmp(what, "processed"))
		return say_yes(
			eii_platform_to_processed(platform, words[1], words[2], EII_WORK_DONE, err),
			NULL);
	if (!strcmp(what, "alive"))
		return say_yes(eii_platform_is_work_alive(platform, words[1], &yes, err), &yes);
	if (!strcmp(what, "identity"))
		return say_yes(eii_platform_has_identity(platform, words[1], &yes, err), &yes);
	return say_yes(eii_platform_has_marking(platform, words[1], &yes, err), &yes);
}

int main(void)
{
	struct eii_http_options options = { .tls = { .verify = true } };
	struct eii_http *http;
	char line[1024];

	eii_http_global_init();
	http = eii_http_new(&options);
	while (fgets(line, sizeof(line), stdin)) {
		char *words[8] = { 0 };
		char *rest = line;
		struct eii_error err = { 0 };
		enum eii_rc rc;

		for (size_t n = 0; n < 7 && rest; n++)
			words[n] = strsep(&rest, "\t\n");
		rc = run(words, http, &err);
		if (rc) {
			struct eii_platform_failure failure = eii_platform_failure(platform);

			(void)printf("failed %d %d %d %d %s\n", (int)rc, (int)err.kind,
				     (int)failure.code, failure.is_outcome_unknown, err.text);
		}
		(void)fflush(stdout);
	}
	eii_platform_free(platform);
	eii_http_free(http);
	eii_http_global_clear();
	return 0;
}
