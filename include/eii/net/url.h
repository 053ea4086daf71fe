/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about an address that secrets are about to be sent to.
 */
#ifndef EII_NET_URL_H
#define EII_NET_URL_H

#include <stdbool.h>

/* https, and http where the endpoint is this very machine. */
bool eii_url_is_safe(const char *url);

/* https, to this domain or a host below it, on the usual port. */
bool eii_url_is_below(const char *url, const char *domain);

#endif
