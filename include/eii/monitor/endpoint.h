/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP endpoint: / and /metrics, /status (a page for a person, at / too where
 * the request prefers it) and /status.json, /health/live, /health/ready (200, or 503
 * with what is wrong), GET and HEAD. One thread, a few connections of 5 s.
 */
#ifndef EII_MONITOR_ENDPOINT_H
#define EII_MONITOR_ENDPOINT_H

#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/monitor/watched.h"

#define EII_ENDPOINT_LIVE        "/health/live"
#define EII_ENDPOINT_READY       "/health/ready"
#define EII_ENDPOINT_STATUS      "/status"
#define EII_ENDPOINT_STATUS_JSON "/status.json"

struct eii_endpoint;

/*
 * Listens on all addresses, IPv6 as well where there is any; port 0 = a free
 * one. watched is borrowed for the endpoint's life.
 *
 * EII_REJECT: the port cannot be had; the text says why.
 */
enum eii_rc eii_endpoint_start(const struct eii_watched *watched, uint16_t port,
			       struct eii_endpoint **out, struct eii_error *err) EII_MUST_CHECK;
void eii_endpoint_free(struct eii_endpoint *endpoint);
EII_DEFINE_AUTO(eii_endpoint);

uint16_t eii_endpoint_port(const struct eii_endpoint *endpoint);

#endif
