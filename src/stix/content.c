/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <pthread.h>

#include "eii/base/utf8.h"

#define ENTITY_MAX    16   /* bytes of an entity that may have been cut */
#define TAG_MAX       4096 /* of a tag */
#define CONDITION_MAX 1024 /* of a conditional comment's bracket, of CDATA up to its end */

/* ---- cost -------------------------------------------------------------- */

/* Per byte: JSON's cost below, Python's above bit 8; a sequence is paid by its first byte. */
static uint16_t costs[256];
static pthread_once_t costs_once = PTHREAD_ONCE_INIT;

static unsigned ascii_cost(unsigned c)
{
	if (c == '"' || c == '\\' || c == '\b' || c == '\t' || c == '\n' || c == '\f' || c == '\r')
		return 2;
	return c < 0x20 ? 6 : 1;
}

static void fill_costs(void)
{
	for (unsigned c = 0; c < 256; c++) {
		unsigned json = c < 0x80 ? ascii_cost(c) : 1;
		unsigned python = c < 0x80 ? json : c < 0xc0 ? 0 : c < 0xf0 ? 6 : 12;

		costs[c] = (uint16_t)(json | python << 8);
	}
}

/* Eight bytes of ASCII that no JSON writer escapes: the most of most mails. */
static bool is_plain_word(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t w, quote, slash;

	memcpy(&w, p, sizeof(w));
	quote = w ^ ones * '"';
	slash = w ^ ones * '\\';
	return !((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high);
}

struct eii_cost eii_cost_of(struct eii_text text)
{
	struct eii_cost cost = { 0 };

	(void)pthread_once(&costs_once, fill_costs);
	for (size_t i = 0; i < text.len; i++) {
		unsigned both;

		for (; i + 8 <= text.len && is_plain_word(text.data + i); i += 8) {
			cost.json += 8;
			cost.python += 8;
		}
		if (i == text.len)
			break;
		both = costs[(unsigned char)text.data[i]];

		cost.json += both & 0xff;
		cost.python += both >> 8;
	}
	return cost;
}

/* ---- `![` beside `data:` ----------------------------------------------- */

static bool begins(struct eii_text text, const char *prefix)
{
	return text.len >= strlen(prefix) && memcmp(text.data, prefix, strlen(prefix)) == 0;
}

/*
 * `<![if …]>`, `<![endif]…`, `<![CDATA[…]]>`, unless what is in the brackets could
 * still be read as an image's text: another bracket, or `](`.
 */
static bool is_condition(struct eii_text rest)
{
	bool is_cdata = begins(rest, "![CDATA[");
	size_t max = rest.len < CONDITION_MAX ? rest.len : CONDITION_MAX;

	if (!is_cdata && !begins(rest, "![if") && !begins(rest, "![endif]"))
		return false;
	for (size_t i = is_cdata ? 8 : 2; i + 1 < max; i++) {
		if (rest.data[i] == '[')
			return false;
		if (rest.data[i] == ']')
			return rest.data[i + 1] == (is_cdata ? ']' : '>') ||
			       begins(eii_text(rest.data + i, rest.len - i), "]--");
	}
	return false;
}

/* By the rarer character of the two: memmem() is ten times slower on so short a needle. */
static const char *find_image(struct eii_text text)
{
	const char *p = text.data, *end = text.data + text.len;

	while (p < end) {
		p = memchr(p, '!', (size_t)(end - p));
		if (!p || p + 1 == end)
			return NULL;
		if (p[1] == '[')
			return p;
		p++;
	}
	return NULL;
}

bool eii_content_disarm(struct eii_text text, enum eii_conditions conditions, struct eii_buf *out)
{
	struct eii_text rest = text;
	const char *at = find_image(text);
	unsigned n_conditions = 0;

	if (!at || !eii_text_find(text, "data:"))
		return false;
	while (at) {
		size_t before = (size_t)(at - rest.data);
		struct eii_text image = eii_text(at, rest.len - before);

		eii_buf_add(out, rest.data, before);
		if (conditions == EII_CONDITIONS_KEEP && at > text.data && at[-1] == '<' &&
		    n_conditions < EII_CONTENT_MAX_CONDITIONS && is_condition(image)) {
			n_conditions++;
			eii_buf_add_str(out, "![");
		} else {
			eii_buf_add_str(out, "&#33;[");
		}
		rest = eii_text(at + 2, image.len - 2);
		at = find_image(rest);
	}
	eii_buf_add_text(out, rest);
	return true;
}

/* ---- cutting ----------------------------------------------------------- */

static size_t affordable(struct eii_text text, struct eii_cost budget)
{
	struct eii_cost spent = { 0 };
	size_t i = 0;

	(void)pthread_once(&costs_once, fill_costs);
	for (; i < text.len; i++) {
		unsigned both = costs[(unsigned char)text.data[i]];

		spent.json += both & 0xff;
		spent.python += both >> 8;
		if (spent.json > budget.json || spent.python > budget.python)
			break;
	}
	return eii_utf8_cut(text, i);
}

/* Back to `begin` where it is within max of the end and no `end` comes after it. */
static size_t before_open(struct eii_text text, char begin, char end, size_t max)
{
	for (size_t i = text.len; i-- > 0 && text.len - i <= max;) {
		if (text.data[i] == end)
			return text.len;
		if (text.data[i] == begin)
			return i;
	}
	return text.len;
}

void eii_content_cut(struct eii_text text, enum eii_content_kind kind, struct eii_cost budget,
		     struct eii_buf *out)
{
	const char *note =
		kind == EII_CONTENT_HTML
			? "<p>[The rest did not fit into a message and was left out.]</p>"
			: "\n\n[The rest did not fit into a message and was left out.]";
	struct eii_cost cost = eii_cost_of(eii_text_of(note));

	budget.json -= cost.json < budget.json ? cost.json : budget.json;
	budget.python -= cost.python < budget.python ? cost.python : budget.python;
	text.len = affordable(text, budget);
	if (kind == EII_CONTENT_HTML) {
		text.len = before_open(text, '&', ';', ENTITY_MAX);
		text.len = before_open(text, '<', '>', TAG_MAX);
	}
	eii_buf_add_text(out, text);
	eii_buf_add_str(out, note);
}
