/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "eii/codec/lower.h"
#include "eii/fields/file_type.h"
#include "eii/fields/limits.h"
#include "eii/stix/report.h"
#include "ending.h"

#define ELLIPSIS "\xe2\x80\xa6"

/*
 * The platform stores a file under its name in lower case, the stem cut at 200
 * characters and the ending at 10 (since 6.3.6). Bytes here: never later.
 */
#define KEY_STEM_BYTES   200
#define KEY_ENDING_BYTES 10
/* The number goes before the cut. */
#define NUMBERED_STEM_BYTES 180

/* ---- reports ----------------------------------------------------------- */

static bool is_line_break(char c)
{
	return c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

/* A run of line breaks, with the blanks behind it, is one space. */
static void add_unfolded(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_line_break(text.data[i])) {
			eii_buf_add_char(out, text.data[i]);
			continue;
		}
		while (i + 1 < text.len && (is_line_break(text.data[i + 1]) ||
					    text.data[i + 1] == ' ' || text.data[i + 1] == '\t'))
			i++;
		eii_buf_add_char(out, ' ');
	}
}

/* Characters that nobody sees: a name of nothing else is as good as none. */
static bool is_invisible(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static bool is_blank(struct eii_text text)
{
	while (text.len) {
		uint32_t c;
		size_t n = eii_utf8_decode(text.data, text.len, &c);

		if (!n || (!is_invisible(c) && eii_lower_trim(eii_text(text.data, n)).len))
			return false;
		text.data += n;
		text.len -= n;
	}
	return true;
}

bool eii_names_report(const struct eii_fields *fields, struct eii_buf *out)
{
	struct eii_text name;
	struct eii_buf whole;
	bool is_cut;

	eii_buf_init(&whole, SIZE_MAX / 2);
	if (is_blank(fields->subject)) {
		eii_buf_add_str(&whole, "<no subject> from ");
		add_unfolded(fields->sender, &whole);
	} else {
		add_unfolded(fields->subject, &whole);
	}
	name = eii_lower_trim(eii_buf_text(&whole));
	is_cut = name.len > EII_REPORT_NAME_MAX_BYTES;
	if (is_cut) {
		name.len = eii_utf8_cut(name, EII_REPORT_NAME_MAX_BYTES - strlen(ELLIPSIS));
		name = eii_lower_trim(name);
	}
	eii_buf_add_text(out, name);
	if (is_cut)
		eii_buf_add_str(out, ELLIPSIS);
	eii_buf_clear(&whole);
	return is_cut;
}

/* ---- files ------------------------------------------------------------- */

/* "C:\temp\x.pdf", "..\x.pdf", "\\host\x.pdf": elsewhere a backslash is a character. */
static bool is_windows_path(struct eii_text name)
{
	if (name.len >= 3 && eii_is_ascii_alpha(name.data[0]) && name.data[1] == ':' &&
	    name.data[2] == '\\')
		return true;
	while (name.len && name.data[0] == '.') {
		name.data++;
		name.len--;
	}
	return name.len && name.data[0] == '\\';
}

static struct eii_text base_name(struct eii_text name)
{
	bool is_windows = is_windows_path(name);

	for (size_t i = name.len; i-- > 0;) {
		if (name.data[i] == '/' || (is_windows && name.data[i] == '\\'))
			return eii_text(name.data + i + 1, name.len - i - 1);
	}
	return name;
}

/* Control characters and what turns the direction of text ("exe.pdf" for "fdp.exe"). */
static bool is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void add_clean(struct eii_text name, struct eii_buf *out)
{
	while (name.len) {
		uint32_t c;
		size_t n = eii_utf8_decode(name.data, name.len, &c);
		bool is_blank_before = out->len && out->data[out->len - 1] == ' ';

		if (!n)
			return;
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			if (!is_blank_before)
				eii_buf_add_char(out, ' ');
		} else if (!is_unfit(c)) {
			eii_buf_add(out, name.data, n);
		}
		name.data += n;
		name.len -= n;
	}
}

static bool is_dots(struct eii_text name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] != '.')
			return false;
	}
	return true;
}

/* The ending stays whole where it can. */
static void add_cut(struct eii_text name, struct eii_buf *out)
{
	struct eii_text stem = name, ending = { 0 };
	size_t dot = eii_file_ending_at(name);

	if (name.len > EII_LIMIT_FILE_NAME_BYTES && name.len - dot <= KEY_ENDING_BYTES + 1) {
		ending = eii_text(name.data + dot, name.len - dot);
		stem.len = dot;
	}
	stem.len = eii_utf8_cut(stem, EII_LIMIT_FILE_NAME_BYTES - ending.len);
	eii_buf_add_text(out, stem);
	eii_buf_add_text(out, ending);
}

static char *key_of(struct eii_text name)
{
	struct eii_buf lower, key;
	struct eii_text text;
	size_t dot, end;

	eii_buf_init(&lower, SIZE_MAX / 2);
	eii_buf_init(&key, SIZE_MAX / 2);
	eii_lower(name, &lower);
	text = eii_buf_text(&lower);
	dot = eii_file_ending_at(text);
	end = dot + KEY_ENDING_BYTES < text.len ? dot + KEY_ENDING_BYTES : text.len;
	eii_buf_add(&key, text.data, eii_utf8_cut(eii_text(text.data, dot), KEY_STEM_BYTES));
	eii_buf_add(&key, text.data + dot, end - dot);
	eii_buf_clear(&lower);
	return eii_buf_detach(&key);
}

/* Takes the key in unless it is there already. */
static bool is_new(struct eii_name_set *set, struct eii_text name)
{
	char *key = key_of(name);

	for (size_t i = 0; i < set->n; i++) {
		if (strcmp(set->keys[i], key) == 0) {
			free(key);
			return false;
		}
	}
	set->keys = eii_realloc(set->keys, set->n + 1, sizeof(*set->keys));
	set->keys[set->n++] = key;
	return true;
}

static void add_numbered(struct eii_text name, unsigned number, struct eii_buf *out)
{
	size_t dot = eii_file_ending_at(name);

	if (name.len - dot > KEY_ENDING_BYTES + 1)
		dot = name.len;
	eii_buf_add(out, name.data, eii_utf8_cut(eii_text(name.data, dot), NUMBERED_STEM_BYTES));
	eii_buf_addf(out, " (%u)", number);
	eii_buf_add(out, name.data + dot, name.len - dot);
}

/* What the mail gives as one name that can be opened again. */
static void add_openable(struct eii_text name, struct eii_text mime_type, struct eii_buf *out)
{
	struct eii_text usual = eii_file_ending_of(mime_type);
	struct eii_text text;
	struct eii_buf clean, mended;

	eii_buf_init(&clean, SIZE_MAX / 2);
	eii_buf_init(&mended, SIZE_MAX / 2);
	add_clean(base_name(name), &clean);
	text = eii_lower_trim(eii_buf_text(&clean));
	if (is_dots(text) || is_blank(text)) {
		eii_buf_add_str(out, "attachment.");
		eii_buf_add_text(out, usual.len ? usual : eii_text_of("bin"));
	} else {
		eii_ending_mend(text, mime_type, &mended);
		add_cut(eii_buf_text(&mended), out);
	}
	eii_buf_clear(&clean);
	eii_buf_clear(&mended);
}

char *eii_names_file(struct eii_name_set *set, struct eii_text name, struct eii_text mime_type)
{
	struct eii_buf openable, given;

	eii_buf_init(&openable, SIZE_MAX / 2);
	eii_buf_init(&given, SIZE_MAX / 2);
	add_openable(name, mime_type, &openable);
	eii_buf_add_text(&given, eii_buf_text(&openable));
	for (unsigned number = 2; !is_new(set, eii_buf_text(&given)); number++) {
		eii_buf_reset(&given);
		add_numbered(eii_buf_text(&openable), number, &given);
	}
	eii_buf_clear(&openable);
	return eii_buf_detach(&given);
}

void eii_name_set_clear(struct eii_name_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->keys[i]);
	free(set->keys);
	*set = (struct eii_name_set){ 0 };
}
