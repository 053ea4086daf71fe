/* SPDX-License-Identifier: Apache-2.0 */
#include "scan.h"

#include <string.h>

bool eii_imap_scan_char(struct eii_imap_scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

bool eii_imap_scan_blanks(struct eii_imap_scan *scan)
{
	if (!eii_imap_scan_char(scan, ' '))
		return false;
	while (eii_imap_scan_char(scan, ' '))
		;
	return true;
}

static bool ends_word(const struct eii_imap_scan *scan)
{
	return scan->at == scan->end || strchr(" ()[]", *scan->at);
}

bool eii_imap_scan_word(struct eii_imap_scan *scan, const char *word)
{
	struct eii_imap_scan ahead = *scan;

	if (!eii_text_starts_nocase(eii_imap_scan_rest(scan), word))
		return false;
	ahead.at += strlen(word);
	if (!ends_word(&ahead))
		return false;
	*scan = ahead;
	return true;
}

bool eii_imap_scan_atom(struct eii_imap_scan *scan, struct eii_text *out)
{
	const char *start = scan->at;

	while (scan->at < scan->end && !strchr(" ()[]\"", *scan->at))
		scan->at++;
	*out = eii_text(start, (size_t)(scan->at - start));
	return out->len > 0;
}

bool eii_imap_scan_number(struct eii_imap_scan *scan, uint64_t max, uint64_t *out)
{
	const char *p = scan->at;
	uint64_t n = 0;

	for (; p < scan->end && eii_is_ascii_digit(*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (p == scan->at || n > max)
		return false;
	scan->at = p;
	*out = n;
	return true;
}

bool eii_imap_scan_u32(struct eii_imap_scan *scan, uint32_t *out)
{
	uint64_t n;

	if (!eii_imap_scan_number(scan, UINT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

bool eii_imap_scan_quoted(struct eii_imap_scan *scan, struct eii_buf *out)
{
	const char *p = scan->at;
	size_t before = out->len;

	if (p == scan->end || *p != '"')
		return false;
	for (p++; p < scan->end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < scan->end)
			p++;
		eii_buf_add_char(out, *p);
	}
	if (p == scan->end) {
		out->len = before;
		return false;
	}
	scan->at = p + 1;
	return true;
}

bool eii_imap_scan_literal(struct eii_imap_scan *scan, uint64_t *out_len)
{
	struct eii_imap_scan ahead = *scan;
	uint64_t len;

	(void)eii_imap_scan_char(&ahead, '~');
	if (!eii_imap_scan_char(&ahead, '{') || !eii_imap_scan_number(&ahead, INT64_MAX, &len) ||
	    !eii_imap_scan_char(&ahead, '}') || !eii_imap_scan_is_done(&ahead))
		return false;
	*scan = ahead;
	*out_len = len;
	return true;
}

bool eii_imap_scan_ends_in_literal(struct eii_text line, uint64_t *out_len, size_t *out_start)
{
	const char *brace = line.len ? memrchr(line.data, '{', line.len) : NULL;
	struct eii_imap_scan scan;

	if (!brace)
		return false;
	if (brace > line.data && brace[-1] == '~')
		brace--;
	/* A value begins behind a blank or a bracket; else it is the end of a word. */
	if (brace > line.data && brace[-1] != ' ' && brace[-1] != '(')
		return false;
	scan = (struct eii_imap_scan){ .at = brace, .end = line.data + line.len };
	if (!eii_imap_scan_literal(&scan, out_len))
		return false;
	*out_start = (size_t)(brace - line.data);
	return true;
}

bool eii_imap_scan_item(struct eii_imap_scan *scan, struct eii_text *out)
{
	const char *start = scan->at;
	int depth = 0;

	for (; scan->at < scan->end; scan->at++) {
		char c = *scan->at;

		if (c == '[')
			depth++;
		else if (c == ']' && depth)
			depth--;
		else if (!depth && strchr(" ()\"{", c))
			break;
	}
	*out = eii_text(start, (size_t)(scan->at - start));
	if (out->len && !depth)
		return true;
	scan->at = start;
	return false;
}

bool eii_imap_scan_range(struct eii_imap_scan *scan, uint32_t *out_first, uint32_t *out_last)
{
	struct eii_imap_scan ahead = *scan;
	uint32_t first, last;

	if (!eii_imap_scan_u32(&ahead, &first))
		return false;
	last = first;
	if (eii_imap_scan_char(&ahead, ':') && !eii_imap_scan_u32(&ahead, &last))
		return false;
	*out_first = first < last ? first : last;
	*out_last = first < last ? last : first;
	*scan = ahead;
	return true;
}

bool eii_imap_scan_code(struct eii_imap_scan *scan, struct eii_imap_scan *out_inside)
{
	struct eii_text rest = eii_imap_scan_rest(scan);
	const char *end;

	if (!rest.len || rest.data[0] != '[')
		return false;
	end = memchr(rest.data, ']', rest.len);
	if (!end)
		return false;
	*out_inside = (struct eii_imap_scan){ .at = rest.data + 1, .end = end };
	scan->at = end + 1;
	return true;
}
