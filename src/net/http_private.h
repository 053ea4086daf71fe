/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the HTTP client share.
 */
#ifndef EII_NET_HTTP_PRIVATE_H
#define EII_NET_HTTP_PRIVATE_H

#include <curl/curl.h>

#include "eii/net/http.h"

/* Fills in what the last answer's headers say: retry_after_s and server_unix_s. */
void eii_http_read_headers(CURL *easy, struct eii_http_reply *reply);

#endif
