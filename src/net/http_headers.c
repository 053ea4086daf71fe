/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eii/base/clock.h"
#include "eii/base/text.h"
#include "eii/base/timestamp.h"
#include "http_private.h"

#define DATE_LEN 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/*
 * RFC 9110's one form of a date that is still written; the two forms that it
 * calls obsolete count as none. Turned into IMAP's form, whose reader checks it.
 */
static bool parse_date(struct eii_text text, int64_t *out_unix_s)
{
	const char *p = text.data;
	char date[DATE_LEN + 1];
	int n;

	if (text.len != DATE_LEN || memcmp(p + 3, ", ", 2) != 0 || p[7] != ' ' || p[11] != ' ' ||
	    memcmp(p + 25, " GMT", 4) != 0)
		return false;
	n = snprintf(date, sizeof(date), "%.2s-%.3s-%.13s +0000", p + 5, p + 8, p + 12);
	return eii_timestamp_parse_imap(eii_text(date, (size_t)n), out_unix_s);
}

/* The last answer's header of this name; empty where it has none. */
static struct eii_text find_header(CURL *easy, const char *name)
{
	struct curl_header *header = NULL;

	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return eii_text(NULL, 0);
	return eii_text_trim(eii_text_of(header->value));
}

static uint32_t bounded_wait(int64_t wait_s)
{
	if (wait_s <= 0)
		return 0;
	return wait_s < EII_HTTP_RETRY_MAX_S ? (uint32_t)wait_s : EII_HTTP_RETRY_MAX_S;
}

static bool has_digits_only(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!eii_is_ascii_digit(text.data[i]))
			return false;
	}
	return text.len > 0;
}

/* Seconds, or a date, which is counted from the server's own clock where it tells it. */
static uint32_t parse_retry_after(struct eii_text text, int64_t server_unix_s)
{
	int64_t now_unix_s = server_unix_s ? server_unix_s : eii_clock_unix_s();
	uint64_t wait_s = EII_HTTP_RETRY_MAX_S;
	int64_t then_unix_s;

	if (has_digits_only(text)) {
		/* A number too large to be read is at least the most. */
		(void)eii_text_to_u64(text, INT32_MAX, &wait_s);
		return bounded_wait((int64_t)wait_s);
	}
	return parse_date(text, &then_unix_s) ? bounded_wait(then_unix_s - now_unix_s) : 0;
}

void eii_http_read_headers(CURL *easy, struct eii_http_reply *reply)
{
	reply->server_unix_s = 0;
	(void)parse_date(find_header(easy, "Date"), &reply->server_unix_s);
	reply->retry_after_s =
		parse_retry_after(find_header(easy, "Retry-After"), reply->server_unix_s);
}
