/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of a structured header field (RFC 2045, 5.1; RFC 2231), as mails
 * have them: unquoted blanks, lost quotes, repeated and half numbered names.
 */
#include <stdint.h>

#include "eii/base/utf8.h"
#include "eii/fields/limits.h"
#include "eii/mail/charset.h"
#include "eii/mail/header_text.h"

/* One parameter as it stands: name*index*=value. */
struct param {
	struct eii_text name; /* trimmed, without the marks of RFC 2231 */
	struct eii_text value;
	int index; /* of a piece; -1 = no piece */
	bool is_extended;
	bool is_quoted; /* value is what stands between the quotes */
};

/* The pieces of one name, in the order of their numbers. */
struct pieces {
	struct param params[EII_LIMIT_PARAMETERS];
	size_t n;
};

/* Of a value up to its ';' the bytes before a parameter that stands there already. */
static size_t token_len(struct eii_text value)
{
	const char *equals = value.len ? memchr(value.data, '=', value.len) : NULL;
	size_t n = 0;

	if (!equals)
		return value.len;
	while (n < value.len && (unsigned char)value.data[n] <= ' ')
		n++;
	while (n < value.len && (unsigned char)value.data[n] > ' ' && value.data[n] != ',' &&
	       value.data[n] != '=')
		n++;
	if (value.data[n] == '=')
		return 0;
	while (n < value.len && ((unsigned char)value.data[n] <= ' ' || value.data[n] == ','))
		n++;
	return value.data + n < equals ? n : value.len;
}

void eii_header_params_init(struct eii_header_params *params, struct eii_text value)
{
	const char *mark = value.len ? memchr(value.data, ';', value.len) : NULL;
	size_t len = mark ? (size_t)(mark - value.data) : value.len;
	size_t token = token_len(eii_text(value.data, len));

	/* "attachment filename=x" and "filename=x": the first ';' was forgotten. */
	params->value = eii_text_trim(eii_text(value.data, token));
	params->label = eii_text(NULL, 0);
	params->rest = eii_text(NULL, 0);
	if (token < len)
		params->rest = eii_text(value.data + token, value.len - token);
	else if (mark)
		params->rest = eii_text(mark + 1, value.len - len - 1);
}

/* The quote that ends what begins at p (behind the first one), or NULL. */
static const char *find_quote(const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '"')
			return p;
	}
	return NULL;
}

/* The value that begins at p (white space skipped); returns where its ';' or the end is. */
static const char *scan_value(const char *p, const char *end, struct param *out)
{
	const char *closing = p < end && *p == '"' ? find_quote(p + 1, end) : NULL;
	const char *stop;

	out->is_quoted = closing != NULL;
	if (closing) {
		out->value = eii_text(p + 1, (size_t)(closing - p - 1));
		stop = memchr(closing, ';', (size_t)(end - closing));
		return stop ? stop : end;
	}
	/* A quote that is never closed is a letter like others, up to the end of the field. */
	stop = p < end && *p != '"' ? memchr(p, ';', (size_t)(end - p)) : NULL;
	if (!stop)
		stop = end;
	out->value = eii_text_trim(eii_text(p, (size_t)(stop - p)));
	return stop;
}

/* Takes "*0*" and the like off the name. */
static void scan_marks(struct param *param)
{
	struct eii_text name = param->name;
	const char *star;
	uint64_t index;

	param->index = -1;
	param->is_extended = name.len > 1 && name.data[name.len - 1] == '*';
	if (param->is_extended)
		name.len--;
	star = name.len ? memchr(name.data, '*', name.len) : NULL;
	if (star) {
		size_t before = (size_t)(star - name.data);

		if (eii_text_to_u64(eii_text(star + 1, name.len - before - 1), INT32_MAX, &index))
			param->index = (int)index;
		name.len = before;
	}
	param->name = name;
}

/* The next parameter; false at the end. */
static bool next_param(struct eii_text *rest, struct param *out)
{
	const char *p = rest->data;
	const char *end;

	if (!rest->len)
		return false;
	end = p + rest->len;
	while (p < end) {
		const char *name = p;

		while (p < end && *p != '=' && *p != ';')
			p++;
		if (p == end)
			break;
		if (*p++ == ';')
			continue; /* a name without a value, or nothing */
		out->name = eii_text_trim(eii_text(name, (size_t)(p - 1 - name)));
		while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
			p++;
		p = scan_value(p, end, out);
		scan_marks(out);
		*rest = eii_text(p, (size_t)(end - p));
		if (rest->len)
			*rest = eii_text(p + 1, rest->len - 1);
		return true;
	}
	*rest = eii_text(NULL, 0);
	return false;
}

/* The value without the backslashes that guard a quote or a backslash. */
static void add_unquoted(const struct param *param, struct eii_buf *out)
{
	struct eii_text value = param->value;

	for (size_t i = 0; i < value.len; i++) {
		if (param->is_quoted && value.data[i] == '\\' && i + 1 < value.len &&
		    (value.data[i + 1] == '"' || value.data[i + 1] == '\\'))
			i++;
		eii_buf_add_char(out, value.data[i]);
	}
}

static int hex_digit(char c)
{
	if (eii_is_ascii_digit(c))
		return c - '0';
	c = eii_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_percent(struct eii_text value, struct eii_buf *out)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];
		bool escaped = c == '%' && i + 2 < value.len;
		int high = escaped ? hex_digit(value.data[i + 1]) : -1;
		int low = escaped ? hex_digit(value.data[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		eii_buf_add_char(out, c);
	}
}

/* Takes "charset'language'" off an extended value; gives the charset, or an empty text. */
static struct eii_text take_charset(struct eii_text *value)
{
	const char *end = value->data + value->len;
	const char *first = value->len ? memchr(value->data, '\'', value->len) : NULL;
	const char *second = first ? memchr(first + 1, '\'', (size_t)(end - first - 1)) : NULL;
	struct eii_text label = eii_text(NULL, 0);

	if (!second)
		return label;
	label = eii_text(value->data, (size_t)(first - value->data));
	*value = eii_text(second + 1, (size_t)(end - second - 1));
	return label;
}

/* Folds and tabs as spaces; NUL as U+FFFD. */
static void add_clean(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '\r')
			continue;
		if (!c)
			eii_utf8_add(out, 0xfffd);
		else
			eii_buf_add_char(out, (char)(c == '\n' || c == '\t' ? ' ' : c));
	}
}

/* A plain value: encoded words have no business there, but mails have them. */
static void add_plain(struct eii_text value, struct eii_text label, struct eii_buf *out)
{
	struct eii_buf text;

	eii_buf_init(&text, value.len * 4 + 64);
	eii_header_text_decode_as(value, label, &text);
	add_clean(eii_buf_text(&text), out);
	eii_buf_clear(&text);
}

/* raw: the label of pieces that are not extended. */
static void add_pieces(struct pieces *pieces, struct eii_text raw, struct eii_buf *out)
{
	struct eii_text label = eii_text(NULL, 0);
	bool is_extended = false;
	struct eii_buf bytes;
	struct eii_buf text;

	eii_buf_init(&bytes, EII_LIMIT_HEADER_BYTES);
	eii_buf_init(&text, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	for (size_t i = 0; i < pieces->n; i++) {
		struct param *param = &pieces->params[i];

		if (!param->is_extended) {
			add_unquoted(param, &bytes);
			continue;
		}
		if (!is_extended && i == 0)
			label = take_charset(&param->value);
		is_extended = true;
		add_percent(param->value, &bytes);
	}
	if (is_extended) {
		eii_charset_decode(eii_buf_text(&bytes), label, &text);
		add_clean(eii_buf_text(&text), out);
	} else {
		add_plain(eii_buf_text(&bytes), raw, out);
	}
	eii_buf_clear(&text);
	eii_buf_clear(&bytes);
}

/* Puts a piece where its number belongs; of two with one number the first stays. */
static void add_piece(struct pieces *pieces, const struct param *param)
{
	size_t at = pieces->n;

	while (at && pieces->params[at - 1].index > param->index)
		at--;
	if (at && pieces->params[at - 1].index == param->index)
		return;
	memmove(&pieces->params[at + 1], &pieces->params[at],
		(pieces->n - at) * sizeof(pieces->params[0]));
	pieces->params[at] = *param;
	pieces->n++;
}

bool eii_header_params_find(const struct eii_header_params *params, const char *name,
			    struct eii_buf *out)
{
	struct eii_text rest = params->rest;
	struct eii_text wanted = eii_text_of(name);
	struct pieces pieces;
	struct param param;

	pieces.n = 0;
	for (size_t i = 0; i < EII_LIMIT_PARAMETERS && next_param(&rest, &param); i++) {
		if (!eii_text_equal_nocase(param.name, wanted))
			continue;
		if (param.index < 0 && !param.is_extended) {
			struct eii_buf bytes;

			eii_buf_init(&bytes, param.value.len);
			add_unquoted(&param, &bytes);
			add_plain(eii_buf_text(&bytes), params->label, out);
			eii_buf_clear(&bytes);
			return true;
		}
		add_piece(&pieces, &param);
	}
	if (!pieces.n)
		return false;
	/* "name*=" alone, or pieces: never both in one value. */
	if (pieces.params[0].index < 0)
		pieces.n = 1;
	add_pieces(&pieces, params->label, out);
	return true;
}

bool eii_header_params_raw(const struct eii_header_params *params, const char *name,
			   struct eii_buf *out)
{
	struct eii_text rest = params->rest;
	struct eii_text wanted = eii_text_of(name);
	struct param param;

	for (size_t i = 0; i < EII_LIMIT_PARAMETERS && next_param(&rest, &param); i++) {
		if (param.index >= 0 || param.is_extended ||
		    !eii_text_equal_nocase(param.name, wanted))
			continue;
		add_unquoted(&param, out);
		return true;
	}
	return false;
}
