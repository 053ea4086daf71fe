/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/url.h"

#include <string.h>
#include <strings.h>

#include <curl/curl.h>

struct parts {
	char *scheme, *host, *port;
};

static void clear_parts(struct parts *parts)
{
	curl_free(parts->scheme);
	curl_free(parts->host);
	curl_free(parts->port);
}

static bool split(const char *url, struct parts *out)
{
	CURLU *curlu = curl_url();
	bool is_split;

	is_split = curlu && curl_url_set(curlu, CURLUPART_URL, url, 0) == CURLUE_OK &&
		   curl_url_get(curlu, CURLUPART_SCHEME, &out->scheme, 0) == CURLUE_OK &&
		   curl_url_get(curlu, CURLUPART_HOST, &out->host, 0) == CURLUE_OK &&
		   curl_url_get(curlu, CURLUPART_PORT, &out->port, CURLU_DEFAULT_PORT) == CURLUE_OK;
	curl_url_cleanup(curlu);
	return is_split;
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
	       strcmp(host, "[::1]") == 0;
}

bool eii_url_is_safe(const char *url)
{
	struct parts parts = { 0 };
	bool is_safe = split(url, &parts) &&
		       (strcmp(parts.scheme, "https") == 0 ||
			(strcmp(parts.scheme, "http") == 0 && is_loopback(parts.host)));

	clear_parts(&parts);
	return is_safe;
}

static bool is_below(const char *host, const char *domain)
{
	size_t host_len = strlen(host), len = strlen(domain);

	if (host_len < len || strcasecmp(host + host_len - len, domain) != 0)
		return false;
	return host_len == len || host[host_len - len - 1] == '.';
}

bool eii_url_is_below(const char *url, const char *domain)
{
	struct parts parts = { 0 };
	bool is_there = split(url, &parts) && strcmp(parts.scheme, "https") == 0 &&
			strcmp(parts.port, "443") == 0 && is_below(parts.host, domain);

	clear_parts(&parts);
	return is_there;
}
