/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as the URL standard reads them, as far as that says where they lead: what
 * is stripped, backslashes, missing slashes, relative to a base.
 */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"

#define SCHEME_BYTES 32

/* The URL standard strips these from both ends, */
static bool is_outer(char c)
{
	return (unsigned char)c <= ' ';
}

/* and these from anywhere. */
static bool is_dropped(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static struct eii_text from(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

static struct eii_text upto(struct eii_text text, size_t n)
{
	return eii_text(text.data, n);
}

static struct eii_text trim_url(struct eii_text url)
{
	while (url.len && is_outer(url.data[0]))
		url = from(url, 1);
	while (url.len && is_outer(url.data[url.len - 1]))
		url.len--;
	return url;
}

/* Bytes of "scheme:", or 0. */
static size_t scheme_length(struct eii_text url)
{
	size_t n = 0;

	if (url.len == 0 || !eii_is_ascii_alpha(url.data[0]))
		return 0;
	while (n < url.len && (eii_is_ascii_alpha(url.data[n]) || eii_is_ascii_digit(url.data[n]) ||
			       strchr("+-.", url.data[n]) != NULL))
		n++;
	return n < url.len && url.data[n] == ':' ? n + 1 : 0;
}

static bool is_web(struct eii_text scheme)
{
	return eii_text_equal_nocase(scheme, eii_text_of("http:")) ||
	       eii_text_equal_nocase(scheme, eii_text_of("https:"));
}

/* Where query or fragment begin: backslashes are slashes before that only. */
static size_t path_end(struct eii_text url)
{
	size_t n = 0;

	while (n < url.len && url.data[n] != '?' && url.data[n] != '#')
		n++;
	return n;
}

static void add_with_slashes(struct eii_text url, struct eii_buf *out)
{
	const size_t end = path_end(url);
	const size_t start = out->len;

	eii_buf_add_text(out, url);
	if (!eii_buf_ok(out))
		return;
	for (size_t i = 0; i < end; i++) {
		if (out->data[start + i] == '\\')
			out->data[start + i] = '/';
	}
}

static size_t count_slashes(struct eii_text url)
{
	size_t n = 0;

	while (n < url.len && is_slash(url.data[n]))
		n++;
	return n;
}

/* Is there nothing in front of the path that no host may have? */
static bool can_be_host(struct eii_text rest)
{
	size_t n = 0;

	while (n < rest.len && !strchr("/\\?# <>^|\"", rest.data[n]))
		n++;
	return n > 0 && rest.data[0] != ':' &&
	       (n == rest.len || strchr("/\\?#", rest.data[n]) != NULL);
}

/* Behind "scheme:" and any slashes: host and the rest. */
static enum eii_html_target add_absolute(struct eii_text scheme, struct eii_text rest,
					 struct eii_buf *out)
{
	const struct eii_text as_written = eii_text(scheme.data, scheme.len + rest.len);
	const bool is_relative = rest.data != scheme.data + scheme.len;

	rest = from(rest, count_slashes(rest));
	if (!is_relative && !can_be_host(rest)) {
		eii_buf_add_text(out, as_written);
		return EII_HTML_TARGET_TEXT;
	}
	eii_buf_add_text(out, scheme);
	eii_buf_add_str(out, "//");
	add_with_slashes(rest, out);
	if (rest.len == 0 || strchr("?#", rest.data[0]))
		return EII_HTML_TARGET_TEXT;
	return EII_HTML_TARGET_LIVE;
}

/* Takes "." and ".." out of a path that begins with a slash. */
static void add_path(struct eii_text path, struct eii_buf *out)
{
	const size_t root = out->len;

	while (path.len && eii_buf_ok(out)) {
		size_t n = 1;
		struct eii_text segment;

		while (n < path.len && path.data[n] != '/')
			n++;
		segment = upto(path, n);
		path = from(path, n);
		if (eii_text_equal(segment, eii_text_of("/.."))) {
			while (out->len > root && out->data[out->len - 1] != '/')
				out->len--;
			if (out->len > root)
				out->len--;
			segment.len = path.len ? 0 : 1;
		} else if (eii_text_equal(segment, eii_text_of("/."))) {
			segment.len = path.len ? 0 : 1;
		}
		eii_buf_add_text(out, segment);
	}
}

/* "scheme://host" of an absolute address: its length. */
static size_t origin_length(struct eii_text base)
{
	size_t n = scheme_length(base) + 2;

	while (n < base.len && !is_slash(base.data[n]) && base.data[n] != '?' &&
	       base.data[n] != '#')
		n++;
	return n;
}

/* A url without scheme, not empty, against an absolute base. */
static enum eii_html_target add_relative(struct eii_text url, struct eii_text base,
					 struct eii_buf *out)
{
	const size_t origin = origin_length(base);
	const size_t path = path_end(base);
	const size_t end = path_end(url);
	struct eii_buf whole;

	if (count_slashes(url) >= 2)
		return add_absolute(upto(base, scheme_length(base)), url, out);
	if (end == 0) {
		eii_buf_add_text(out, upto(base, path));
		if (path == origin)
			eii_buf_add_char(out, '/');
		eii_buf_add_text(out, url);
		return EII_HTML_TARGET_LIVE;
	}
	eii_buf_init(&whole, base.len + url.len + 1);
	if (!is_slash(url.data[0])) {
		size_t directory = path;

		while (directory > origin && base.data[directory - 1] != '/')
			directory--;
		eii_buf_add_text(&whole, from(upto(base, directory), origin));
		if (directory == origin)
			eii_buf_add_char(&whole, '/');
	}
	add_with_slashes(upto(url, end), &whole);
	eii_buf_add_text(out, upto(base, origin));
	add_path(eii_buf_text(&whole), out);
	eii_buf_add_text(out, from(url, end));
	eii_buf_clear(&whole);
	return EII_HTML_TARGET_LIVE;
}

static enum eii_html_target add_web(struct eii_text url, size_t scheme, struct eii_text base,
				    struct eii_buf *out)
{
	const struct eii_text own = upto(url, scheme);
	const struct eii_text rest = from(url, scheme);

	/* "http:x" is relative to a base of the same scheme. */
	if (count_slashes(rest) < 2 && rest.len && base.len &&
	    eii_text_equal_nocase(own, upto(base, scheme_length(base))))
		return add_relative(rest, base, out);
	return add_absolute(own, rest, out);
}

static enum eii_html_target resolve(struct eii_text url, struct eii_text base, struct eii_buf *out)
{
	const size_t scheme = scheme_length(url);

	if (url.len == 0 || url.data[0] == '#' || eii_text_starts_nocase(url, "cid:") ||
	    eii_text_equal_nocase(url, eii_text_of("about:blank")))
		return EII_HTML_TARGET_NONE;
	if (scheme && is_web(upto(url, scheme)))
		return add_web(url, scheme, base, out);
	if (!scheme && base.len)
		return add_relative(url, base, out);
	eii_buf_add_text(out, url);
	return eii_text_starts_nocase(url, "mailto:") ? EII_HTML_TARGET_LIVE : EII_HTML_TARGET_TEXT;
}

static struct eii_text without_dropped(struct eii_text url, struct eii_buf *copy)
{
	for (size_t i = 0; i < url.len; i++) {
		size_t start = i;

		while (i < url.len && !is_dropped(url.data[i]))
			i++;
		eii_buf_add(copy, url.data + start, i - start);
	}
	return eii_buf_text(copy);
}

static bool has_dropped(struct eii_text url)
{
	return memchr(url.data, '\n', url.len) || memchr(url.data, '\t', url.len) ||
	       memchr(url.data, '\r', url.len);
}

/* As nearly all are: "http://" or "https://", a host, nothing to be changed. */
static bool is_simple(struct eii_text url)
{
	size_t n = 7;

	if (url.len < 9 || url.len > EII_HTML_URL_BYTES || memcmp(url.data, "http", 4) != 0)
		return false;
	n += url.data[4] == 's';
	if (memcmp(url.data + n - 3, "://", 3) != 0 || strchr("/\\?#", url.data[n]))
		return false;
	return !memchr(url.data, '\\', url.len) && !has_dropped(url);
}

enum eii_html_target eii_html_resolve(struct eii_text url, struct eii_text base,
				      struct eii_buf *out)
{
	const size_t mark = out->len;
	enum eii_html_target target;
	struct eii_buf copy;

	url = trim_url(url);
	if (is_simple(url)) {
		eii_html_put_text(out, url);
		return EII_HTML_TARGET_LIVE;
	}
	eii_buf_init(&copy, url.len);
	if (url.len && has_dropped(url))
		url = without_dropped(url, &copy);
	target = resolve(url, base, out);
	if (target == EII_HTML_TARGET_LIVE && out->len - mark > EII_HTML_URL_BYTES)
		target = EII_HTML_TARGET_TEXT;
	eii_buf_clear(&copy);
	return target;
}

struct eii_text eii_html_host_of(struct eii_text address)
{
	const size_t scheme = scheme_length(address);
	struct eii_text host = from(address, scheme);
	const char *at;
	size_t n = 0;

	if (scheme && is_web(upto(address, scheme)))
		host = upto(from(address, scheme + 2), origin_length(address) - scheme - 2);
	else
		host = upto(host, path_end(host));
	at = memrchr(host.data, '@', host.len);
	if (at)
		host = from(host, (size_t)(at + 1 - host.data));
	else if (!is_web(upto(address, scheme)))
		return eii_text(NULL, 0);
	while (n < host.len && host.data[n] != ':')
		n++;
	return upto(host, n);
}
