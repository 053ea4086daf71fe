/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status page: what a person without Prometheus wants to know, as a page without
 * script or outside request, and the same as JSON. Counts, times and codes; the
 * mailbox's user, host and folder only where the watched has them to name.
 */
#ifndef EII_MONITOR_STATUS_H
#define EII_MONITOR_STATUS_H

#include "eii/base/buf.h"
#include "eii/monitor/watched.h"

#define EII_STATUS_SCHEMA    1 /* members may be added to it */
#define EII_STATUS_CSP_BYTES 256

void eii_status_page_write(const struct eii_watched *watched, struct eii_instant now,
			   struct eii_buf *out);
void eii_status_json_write(const struct eii_watched *watched, struct eii_instant now,
			   struct eii_buf *out);

/* The page's Content-Security-Policy, by the hash of its style. */
void eii_status_csp(char out[EII_STATUS_CSP_BYTES]);

/*
 * Whether a request's Accept (NULL = none) prefers a page to the metrics' plain text,
 * by the qualities that it gives (RFC 9110, 12.5.1). Equal ones prefer none.
 */
bool eii_status_is_preferred(const char *accept);

#endif
