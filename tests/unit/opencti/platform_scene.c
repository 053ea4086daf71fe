/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_scene.h"

#include "eii/base/alloc.h"
#include "eii/net/http.h"
#include "support.h"

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup("t");
	return EII_OK;
}

void begin(struct fixture *f, const struct fake_reply *replies, int n)
{
	struct eii_http_options http_options = { .tls = { .verify = true } };
	struct eii_platform_options options = { .connector_id = ID,
						.connector_name = "Email \"Intel\" IMAP",
						.connector_scope = " email-intel-imap, ,b",
						.queue_threshold_mb = 500 };
	char url[64];

	memset(f, 0, sizeof(*f));
	fake_http_start(&f->server, replies, n);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->server.port);
	f->http = eii_http_new(&http_options);
	options.graphql =
		(struct eii_graphql_options){ .url = url, .token = give_token, .http = f->http };
	f->platform = eii_platform_new(&options);
}

void end(struct fixture *f)
{
	eii_platform_free(f->platform);
	eii_http_free(f->http);
	fake_http_stop(&f->server);
	fake_http_clear(&f->server);
}

static const char *variables_of(const struct fake_http *server, int i)
{
	const char *at = strstr(fake_http_body(server, i), "\"variables\":");

	assert_non_null(at);
	return at + 12;
}

void expect_variables(const struct fake_http *server, int i, const char *text)
{
	const char *variables = variables_of(server, i);

	CHECK(strlen(variables) == strlen(text) + 1 && !strncmp(variables, text, strlen(text)),
	      "request %d has %s", i, variables);
}
