/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform object before a scripted HTTP server, and the answers that the
 * scripts are made of.
 */
#ifndef EII_TESTS_PLATFORM_SCENE_H
#define EII_TESTS_PLATFORM_SCENE_H

#include "eii/opencti/platform.h"
#include "fake_http.h"

#define ID "2f3a1c1e-7a33-4a69-9d0f-0d2f1c6b8a10"

#define OK(json)                                                                                   \
	{                                                                                          \
		.status = 200, .body = "{\"data\":" json "}"                                       \
	}
#define ABOUT(version) OK("{\"about\":{\"version\":\"" version "\"}}")
#define REFUSED(code, message)                                                                     \
	{                                                                                          \
		.status = 200, .body = "{\"errors\":[{\"message\":\"" message                      \
				       "\",\"extensions\":{\"code\":\"" code                       \
				       "\"}}],\"data\":null}"                                      \
	}
struct fixture {
	struct fake_http server;
	struct eii_http *http;
	struct eii_platform *platform;
	struct eii_error err;
};

void begin(struct fixture *f, const struct fake_reply *replies, int n);
void end(struct fixture *f);

/* The request's variables are exactly these. */
void expect_variables(const struct fake_http *server, int i, const char *text);

#endif
