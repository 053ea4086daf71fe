/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Style attributes, declaration by declaration: a property of the list with a value
 * made of known tokens is written anew, anything else is not written. There is no
 * token for url(), var(), expression(), an escape or a comment, no property that
 * takes text out of its place, and no size that hides text or the page around it.
 */
#include "html_private.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/text.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_TOKENS 24 /* of one value */
#define NAME_BYTES 24 /* longer than every property's name */

enum token {
	TOKEN_NONE = 0, /* no token begins here */
	TOKEN_WORD = 1,
	TOKEN_LENGTH = 2, /* with a unit, or 0 */
	TOKEN_NUMBER = 4,
	TOKEN_PERCENT = 8,
	TOKEN_COLOR = 16, /* #hex, rgb(), rgba(), hsl(), hsla() */
	TOKEN_STRING = 32,
	TOKEN_COMMA = 64,
};

struct property {
	const char *name;
	const char *as;
	unsigned tokens;
	int min_px; /* of a length */
	int max_px;
	int min_percent;
	int max_percent;
};

#define COLOR(name, as)                                                                            \
	{                                                                                          \
		name, as, TOKEN_WORD | TOKEN_COLOR, 0, 0, 0, 0                                     \
	}
#define WORDS(name)                                                                                \
	{                                                                                          \
		name, name, TOKEN_WORD, 0, 0, 0, 0                                                 \
	}
#define SPACE(name)                                                                                \
	{                                                                                          \
		name, name, TOKEN_WORD | TOKEN_LENGTH | TOKEN_PERCENT, 0, 200, 0, 50               \
	}
#define SIZE(name)                                                                                 \
	{                                                                                          \
		name, name, TOKEN_WORD | TOKEN_LENGTH | TOKEN_PERCENT, 0, 3000, 0, 100             \
	}
#define BORDER(name)                                                                               \
	{                                                                                          \
		name, name, TOKEN_WORD | TOKEN_LENGTH | TOKEN_COLOR, 0, 100, 0, 0                  \
	}

/* Sorted by name. */
static const struct property properties[] = {
	COLOR("background", "background-color"),
	COLOR("background-color", "background-color"),
	BORDER("border"),
	BORDER("border-bottom"),
	WORDS("border-collapse"),
	COLOR("border-color", "border-color"),
	BORDER("border-left"),
	SPACE("border-radius"),
	BORDER("border-right"),
	SPACE("border-spacing"),
	WORDS("border-style"),
	BORDER("border-top"),
	BORDER("border-width"),
	WORDS("clear"),
	COLOR("color", "color"),
	WORDS("float"),
	{ "font-family", "font-family", TOKEN_WORD | TOKEN_STRING | TOKEN_COMMA, 0, 0, 0, 0 },
	{ "font-size", "font-size", TOKEN_WORD | TOKEN_LENGTH | TOKEN_PERCENT, 6, 100, 50, 400 },
	WORDS("font-style"),
	{ "font-weight", "font-weight", TOKEN_WORD | TOKEN_NUMBER, 0, 0, 0, 0 },
	SIZE("height"),
	{ "letter-spacing", "letter-spacing", TOKEN_WORD | TOKEN_LENGTH, 0, 20, 0, 0 },
	{ "line-height", "line-height", TOKEN_WORD | TOKEN_LENGTH | TOKEN_NUMBER | TOKEN_PERCENT, 8,
	  200, 80, 400 },
	WORDS("list-style-type"),
	SPACE("margin"),
	SPACE("margin-bottom"),
	SPACE("margin-left"),
	SPACE("margin-right"),
	SPACE("margin-top"),
	{ "max-width", "max-width", TOKEN_WORD | TOKEN_LENGTH | TOKEN_PERCENT, 50, 3000, 20, 100 },
	WORDS("overflow-wrap"),
	SPACE("padding"),
	SPACE("padding-bottom"),
	SPACE("padding-left"),
	SPACE("padding-right"),
	SPACE("padding-top"),
	WORDS("table-layout"),
	WORDS("text-align"),
	WORDS("text-decoration"),
	SPACE("text-indent"),
	WORDS("text-transform"),
	WORDS("vertical-align"),
	WORDS("white-space"),
	SIZE("width"),
	WORDS("word-break"),
	WORDS("word-wrap"),
};

static const struct {
	const char *name;
	int px_thousandths; /* of one unit, roughly: for the limits only */
} units[] = {
	{ "px", 1000 }, { "pt", 1333 },  { "em", 16000 }, { "rem", 16000 }, { "ex", 8000 },
	{ "ch", 8000 }, { "cm", 37800 }, { "mm", 3780 },  { "in", 96000 },  { "pc", 16000 },
};

/* A text with the token's kind, and a number's size for the limits. */
struct value {
	struct eii_text text;
	enum token token;
	int64_t thousandths; /* px, percent, or the number itself */
};

static size_t run_of(struct eii_text text, bool (*is)(char))
{
	size_t n = 0;

	while (n < text.len && is(text.data[n]))
		n++;
	return n;
}

static bool is_ident_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '-';
}

static bool is_hex_char(char c)
{
	c = eii_ascii_lower(c);
	return eii_is_ascii_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_color_argument(char c)
{
	return eii_is_ascii_digit(c) || c == '.' || c == ',' || c == '%' || c == ' ';
}

static bool is_string_char(char c)
{
	return is_ident_char(c) || c == ' ';
}

static struct eii_text from(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

static struct eii_text upto(struct eii_text text, size_t n)
{
	return eii_text(text.data, n);
}

/* "12", "1.5", ".5": thousandths, at most four digits before the dot. */
static size_t scan_number(struct eii_text text, int64_t *out)
{
	size_t whole = run_of(text, eii_is_ascii_digit);
	size_t n = whole;
	int64_t number = 0;
	int64_t weight = 100;

	if (whole > 4)
		return 0;
	for (size_t i = 0; i < whole; i++)
		number = number * 10 + (text.data[i] - '0');
	number *= 1000;
	if (n + 1 < text.len && text.data[n] == '.' && eii_is_ascii_digit(text.data[n + 1])) {
		for (n++; n < text.len && eii_is_ascii_digit(text.data[n]); n++) {
			number += weight * (text.data[n] - '0');
			weight /= 10;
		}
	}
	*out = number;
	return n;
}

static size_t scan_dimension(struct eii_text text, struct value *out)
{
	size_t n = scan_number(text, &out->thousandths);
	size_t n_unit;
	struct eii_text unit;

	if (n == 0)
		return 0;
	if (n < text.len && text.data[n] == '%') {
		out->token = TOKEN_PERCENT;
		return n + 1;
	}
	n_unit = run_of(from(text, n), eii_is_ascii_alpha);
	unit = upto(from(text, n), n_unit);
	if (n_unit == 0) {
		out->token = TOKEN_NUMBER;
		return n;
	}
	for (size_t i = 0; i < LEN(units); i++) {
		if (eii_text_equal_nocase(unit, eii_text_of(units[i].name))) {
			out->token = TOKEN_LENGTH;
			out->thousandths = out->thousandths * units[i].px_thousandths / 1000;
			return n + n_unit;
		}
	}
	return 0;
}

/* A word, or one of the color functions with plain numbers in it. */
static size_t scan_word(struct eii_text text, struct value *out)
{
	static const char *const functions[] = { "rgb", "rgba", "hsl", "hsla" };
	size_t n = run_of(text, is_ident_char);
	size_t n_inside;

	out->token = TOKEN_WORD;
	if (n == text.len || text.data[n] != '(')
		return n <= 32 ? n : 0;
	out->token = TOKEN_COLOR;
	n_inside = run_of(from(text, n + 1), is_color_argument);
	if (n_inside == 0 || n_inside > 40 || n + 1 + n_inside >= text.len ||
	    text.data[n + 1 + n_inside] != ')')
		return 0;
	for (size_t i = 0; i < LEN(functions); i++) {
		if (eii_text_equal_nocase(upto(text, n), eii_text_of(functions[i])))
			return n + n_inside + 2;
	}
	return 0;
}

static size_t scan_string(struct eii_text text, struct value *out)
{
	size_t n = run_of(from(text, 1), is_string_char);

	out->token = TOKEN_STRING;
	if (n == 0 || n > 64 || n + 1 >= text.len || text.data[n + 1] != text.data[0])
		return 0;
	return n + 2;
}

static size_t scan_hex(struct eii_text text, struct value *out)
{
	size_t n = run_of(from(text, 1), is_hex_char);

	out->token = TOKEN_COLOR;
	return n >= 3 && n <= 8 ? n + 1 : 0;
}

/* Bytes of the token at text (not empty), or 0 where none begins. */
static size_t scan_token(struct eii_text text, struct value *out)
{
	const char c = text.data[0];
	size_t n = 0;

	if (c == ',') {
		out->token = TOKEN_COMMA;
		n = 1;
	} else if (c == '#') {
		n = scan_hex(text, out);
	} else if (c == '"' || c == '\'') {
		n = scan_string(text, out);
	} else if (eii_is_ascii_alpha(c)) {
		n = scan_word(text, out);
	} else {
		n = scan_dimension(text, out);
	}
	out->text = upto(text, n);
	return n;
}

static bool within(int64_t thousandths, int min, int max)
{
	return thousandths >= min * INT64_C(1000) && thousandths <= max * INT64_C(1000);
}

#define FAINT_THOUSANDTHS 100 /* of an alpha: below it a colour is next to none */

static bool is_alpha_faint(struct eii_text alpha)
{
	struct value value = { .token = TOKEN_NONE };

	if (scan_dimension(alpha, &value) != alpha.len)
		return true;
	return value.thousandths <
	       (value.token == TOKEN_PERCENT ? FAINT_THOUSANDTHS * 100 : FAINT_THOUSANDTHS);
}

/* The fourth argument of a colour function, wherever it may stand; empty: none. */
static struct eii_text alpha_of(struct eii_text function)
{
	const char *open = memchr(function.data, '(', function.len);
	struct eii_text rest = from(function, (size_t)(open - function.data) + 1);
	struct eii_text argument = { 0 };

	for (unsigned n = 0; n < 4; n++) {
		while (rest.len && strchr(" ,/", *rest.data))
			rest = from(rest, 1);
		argument = rest;
		while (rest.len && !strchr(" ,/)", *rest.data))
			rest = from(rest, 1);
		argument.len -= rest.len;
	}
	return argument;
}

/* Text of such a colour cannot be read. */
static bool is_transparent(const struct value *value)
{
	const struct eii_text text = value->text;
	struct eii_text alpha;

	if (value->token == TOKEN_WORD)
		return eii_text_equal_nocase(text, eii_text_of("transparent"));
	if (value->token != TOKEN_COLOR)
		return false;
	if (*text.data == '#') /* #rgba, #rrggbbaa: an eighth at most */
		return (text.len == 5 && strchr("01", text.data[4])) ||
		       (text.len == 9 && strchr("01", text.data[7]));
	alpha = alpha_of(text);
	return alpha.len && is_alpha_faint(alpha);
}

static bool fits(const struct property *property, struct value *value)
{
	/* A bare 0 is a length; other bare numbers are for line-height and font-weight. */
	if (value->token == TOKEN_NUMBER && !(property->tokens & TOKEN_NUMBER) &&
	    value->thousandths == 0)
		value->token = TOKEN_LENGTH;
	if (!(property->tokens & (unsigned)value->token))
		return false;
	if (value->token == TOKEN_LENGTH)
		return within(value->thousandths, property->min_px, property->max_px);
	if (value->token == TOKEN_PERCENT)
		return within(value->thousandths, property->min_percent, property->max_percent);
	if (value->token == TOKEN_NUMBER && property->max_percent)
		return within(value->thousandths * 100, property->min_percent,
			      property->max_percent);
	return strcmp(property->name, "color") != 0 || !is_transparent(value);
}

static struct eii_text without_important(struct eii_text value)
{
	static const char important[] = "!important";
	const size_t n = sizeof(important) - 1;

	if (value.len >= n &&
	    eii_text_equal_nocase(from(value, value.len - n), eii_text(important, n)))
		return eii_text_trim(upto(value, value.len - n));
	return value;
}

/* Adds the value; false (and out to be cut back by the caller) for one not wanted. */
static bool add_value(const struct property *property, struct eii_text text, struct eii_buf *out)
{
	size_t n_tokens = 0;

	text = without_important(text);
	while (text.len) {
		struct value value = { .token = TOKEN_NONE };
		size_t n = scan_token(text, &value);

		if (n == 0 || ++n_tokens > MAX_TOKENS || !fits(property, &value))
			return false;
		if (n_tokens > 1 && value.token != TOKEN_COMMA)
			eii_buf_add_char(out, ' ');
		eii_html_escape(value.text, EII_HTML_QUOTES_DOUBLE, out);
		text = eii_text_trim(from(text, n));
	}
	return n_tokens > 0;
}

static int compare_property(const void *name, const void *property)
{
	return strcmp(name, ((const struct property *)property)->name);
}

static const struct property *find_property(struct eii_text name)
{
	char lower[NAME_BYTES + 1];

	if (name.len > NAME_BYTES)
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = eii_ascii_lower(name.data[i]);
	lower[name.len] = '\0';
	return bsearch(lower, properties, LEN(properties), sizeof(properties[0]), compare_property);
}

static void add_declaration(struct eii_text declaration, size_t start, struct eii_buf *out)
{
	const char *colon = memchr(declaration.data, ':', declaration.len);
	const struct property *property;
	const size_t mark = out->len;
	size_t n;

	if (!colon)
		return;
	n = (size_t)(colon - declaration.data);
	property = find_property(eii_text_trim(upto(declaration, n)));
	if (!property)
		return;
	if (out->len > start)
		eii_buf_add_char(out, ';');
	eii_buf_add_str(out, property->as);
	eii_buf_add_char(out, ':');
	if (!add_value(property, eii_text_trim(from(declaration, n + 1)), out))
		eii_html_take_back(out, mark);
}

void eii_html_style(struct eii_text css, struct eii_buf *out)
{
	const size_t start = out->len;

	while (css.len) {
		const char *end = memchr(css.data, ';', css.len);
		size_t n = end ? (size_t)(end - css.data) : css.len;

		add_declaration(upto(css, n), start, out);
		css = from(css, end ? n + 1 : n);
	}
}
