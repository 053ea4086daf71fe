/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "file.h"

#define WHY_BYTES 512

/* A text being read; rule is the last one of out, or NULL before the first. */
struct reading {
	const char *where;
	size_t line; /* from 1 */
	struct eii_rules *out;
	struct eii_rule *rule;
	uint32_t keys;   /* of the table, that the rule has */
	bool is_skipped; /* the lines of a section that is wrong */
	struct eii_problems *problems;
};

static void complain(const struct reading *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void complain(const struct reading *r, const char *format, ...)
{
	char why[WHY_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	eii_problems_add(r->problems, EII_PROBLEM_WRONG,
			 "EMAIL_INTEL_IMAP_RULES (%s, line %zu): %s", r->where, r->line, why);
}

/* ---- values ------------------------------------------------------------ */

/* Where a value goes: one key of one rule; why it cannot is written to why. */
struct target {
	struct eii_rule *rule;
	struct eii_text value; /* trimmed, not empty */
	char *why;
};

static bool refuse(const struct target *t, const char *why)
{
	(void)snprintf(t->why, WHY_BYTES, "%s", why);
	return false;
}

static bool put_patterns(const struct target *t, struct eii_patterns *out)
{
	struct eii_error err;

	if (eii_patterns_parse(t->value, out, &err))
		return refuse(t, err.text);
	return true;
}

static bool put_from(const struct target *t)
{
	return put_patterns(t, &t->rule->from);
}

static bool put_to(const struct target *t)
{
	return put_patterns(t, &t->rule->to);
}

static bool put_subject(const struct target *t)
{
	return put_patterns(t, &t->rule->subject);
}

static bool put_folder(const struct target *t)
{
	return put_patterns(t, &t->rule->folder);
}

static bool is_yes(struct eii_text value)
{
	return eii_text_equal_nocase(value, eii_text_of("yes")) ||
	       eii_text_equal_nocase(value, eii_text_of("true"));
}

static bool is_no(struct eii_text value)
{
	return eii_text_equal_nocase(value, eii_text_of("no")) ||
	       eii_text_equal_nocase(value, eii_text_of("false"));
}

static bool put_authenticated(const struct target *t)
{
	if (!is_yes(t->value) && !is_no(t->value))
		return refuse(t, "it is neither yes nor no");
	t->rule->authenticated = is_yes(t->value) ? EII_RULE_ASKED_YES : EII_RULE_ASKED_NO;
	return true;
}

static bool put_import(const struct target *t)
{
	if (!is_yes(t->value) && !is_no(t->value))
		return refuse(t, "it is neither yes nor no");
	t->rule->is_import_refused = is_no(t->value);
	return true;
}

static bool put_name(const struct target *t, struct eii_text *out)
{
	if (t->value.len > EII_RULE_VALUE_MAX_BYTES)
		return refuse(t, "it is longer than 250 bytes");
	*out = t->value;
	return true;
}

static bool put_report_type(const struct target *t)
{
	return put_name(t, &t->rule->report_type);
}

static bool put_author(const struct target *t)
{
	if (t->value.len < 2)
		return refuse(t, "the platform takes no name of one character");
	return put_name(t, &t->rule->author);
}

static bool put_tlp(const struct target *t)
{
	static const char *const levels[] = { "white", "clear",        "green",
					      "amber", "amber+strict", "red" };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!eii_text_equal_nocase(t->value, eii_text_of(levels[i])))
			continue;
		t->rule->tlp = t->value;
		return true;
	}
	return refuse(t, "it is not one of white, clear, green, amber, amber+strict, red");
}

static bool put_tlp_from_mail(const struct target *t)
{
	if (!eii_text_equal_nocase(t->value, eii_text_of("any")))
		return refuse(t, "it is not any: a level that is only raised needs no rule");
	t->rule->is_tlp_from_mail_any = true;
	return true;
}

static bool put_confidence(const struct target *t)
{
	uint64_t n;

	if (!eii_text_to_u64(t->value, 100, &n))
		return refuse(t, "it is not a whole number within 0 and 100");
	t->rule->has_confidence = true;
	t->rule->confidence = (uint8_t)n;
	return true;
}

/* The items of a list with commas; false where there are none, or one is not taken. */
static bool put_list(const struct target *t, struct eii_text *out, size_t max, size_t *out_n,
		     bool (*is_good)(struct eii_text item))
{
	struct eii_text rest = t->value;
	size_t n = 0;

	while (rest.len) {
		const char *comma = memchr(rest.data, ',', rest.len);
		size_t len = comma ? (size_t)(comma - rest.data) : rest.len;
		struct eii_text item = eii_text_trim(eii_text(rest.data, len));

		len += comma ? 1 : 0;
		rest = eii_text(rest.data + len, rest.len - len);
		if (!item.len)
			continue;
		if (n == max)
			return refuse(t, "there are too many in it");
		if (!is_good(item))
			return refuse(t, "one of them is none, or longer than 250 bytes");
		out[n++] = item;
	}
	*out_n = n;
	return n ? true : refuse(t, "there is none in it");
}

static bool is_label(struct eii_text item)
{
	return item.len <= EII_RULE_VALUE_MAX_BYTES;
}

static bool put_labels(const struct target *t)
{
	return put_list(t, t->rule->labels, EII_RULE_LABELS_MAX, &t->rule->n_labels, is_label);
}

bool eii_rules_text_is_marking(struct eii_text text)
{
	static const char id[] = "marking-definition--";
	const char *slash = text.len ? memchr(text.data, '/', text.len) : NULL;
	const char *end = slash || !text.len ? slash : memchr(text.data, ':', text.len);

	if (text.len > EII_RULE_VALUE_MAX_BYTES)
		return false;
	if (eii_text_starts_nocase(text, id))
		return text.len == strlen(id) + 36;
	return end && end != text.data && end + 1 != text.data + text.len;
}

static bool put_markings(const struct target *t)
{
	return put_list(t, t->rule->markings, EII_RULE_MARKINGS_MAX, &t->rule->n_markings,
			eii_rules_text_is_marking);
}

static const struct {
	const char *name;
	bool (*put)(const struct target *target);
} keys[] = {
	{ "from", put_from },
	{ "to", put_to },
	{ "subject", put_subject },
	{ "folder", put_folder },
	{ "authenticated", put_authenticated },
	{ "import", put_import },
	{ "report_type", put_report_type },
	{ "labels", put_labels },
	{ "confidence", put_confidence },
	{ "author", put_author },
	{ "tlp", put_tlp },
	{ "tlp_from_mail", put_tlp_from_mail },
	{ "markings", put_markings },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* ---- lines ------------------------------------------------------------- */

static bool is_name_taken(const struct eii_rules *rules, struct eii_text name)
{
	for (size_t i = 0; i < rules->n; i++) {
		if (eii_text_equal_nocase(rules->items[i].name, name))
			return true;
	}
	return false;
}

/* "[rule NAME]": the name, or empty. */
static struct eii_text section_name(struct eii_text line)
{
	static const char word[] = "[rule ";

	if (!eii_text_starts_nocase(line, word) || line.data[line.len - 1] != ']')
		return eii_text(NULL, 0);
	return eii_text_trim(eii_text(line.data + strlen(word), line.len - strlen(word) - 1));
}

static void begin_rule(struct reading *r, struct eii_text line)
{
	struct eii_text name = section_name(line);

	r->keys = 0;
	r->rule = NULL;
	r->is_skipped = true;
	if (!name.len) {
		complain(r, "'%.*s' is not a section like [rule advisories]",
			 (int)(line.len < 60 ? line.len : 60), line.data);
	} else if (name.len > EII_RULE_NAME_MAX_BYTES) {
		complain(r, "a rule's name takes at most %d bytes", EII_RULE_NAME_MAX_BYTES);
	} else if (is_name_taken(r->out, name)) {
		complain(r, "there is a rule '%.*s' already", EII_TEXT_ARGS(name));
	} else if (r->out->n == EII_RULES_MAX) {
		complain(r, "there are more than %d rules", EII_RULES_MAX);
	} else {
		r->rule = &r->out->items[r->out->n++];
		*r->rule = (struct eii_rule){ .name = name };
		r->is_skipped = false;
	}
}

static size_t find_key(struct eii_text key)
{
	size_t i = 0;

	while (i < N_KEYS && !eii_text_equal_nocase(key, eii_text_of(keys[i].name)))
		i++;
	return i;
}

static void put(struct reading *r, struct eii_text key, struct eii_text value)
{
	size_t i = find_key(key);
	char why[WHY_BYTES] = "";
	const struct target target = { .rule = r->rule, .value = value, .why = why };

	if (i == N_KEYS) {
		complain(r,
			 "unknown key '%.*s': a rule has from, to, subject, folder, authenticated; "
			 "import, report_type, labels, confidence, author, tlp, tlp_from_mail, "
			 "markings",
			 (int)(key.len < 30 ? key.len : 30), key.data);
		return;
	}
	if (r->keys & (UINT32_C(1) << i)) {
		complain(r, "%s stands twice in this rule", keys[i].name);
		return;
	}
	r->keys |= UINT32_C(1) << i;
	if (!value.len)
		complain(r, "%s is empty: take the line away", keys[i].name);
	else if (!keys[i].put(&target))
		complain(r, "%s: %s", keys[i].name, why);
}

static bool is_printable(struct eii_text line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (((unsigned char)line.data[i] < 0x20 && line.data[i] != '\t') ||
		    line.data[i] == 0x7f)
			return false;
	}
	return eii_utf8_is_valid(line);
}

static void take_line(struct reading *r, struct eii_text line)
{
	const char *equals;

	line = eii_text_trim(line);
	if (!line.len || *line.data == ';' || *line.data == '#')
		return;
	if (!is_printable(line)) {
		complain(r, "not UTF-8 text");
		return;
	}
	if (*line.data == '[') {
		begin_rule(r, line);
		return;
	}
	equals = memchr(line.data, '=', line.len);
	if (!equals) {
		complain(r, "neither a [rule NAME], nor key = value, nor a comment");
	} else if (r->rule) {
		size_t at = (size_t)(equals - line.data);

		put(r, eii_text_trim(eii_text(line.data, at)),
		    eii_text_trim(eii_text(equals + 1, line.len - at - 1)));
	} else if (!r->is_skipped) {
		complain(r, "a key stands before the first [rule NAME]");
	}
}

void eii_rules_text_read(struct eii_text text, const char *where, struct eii_rules *out,
			 struct eii_problems *problems)
{
	struct reading r = { .where = where, .out = out, .problems = problems };
	struct eii_text rest = eii_file_without_bom(text);
	struct eii_text line;

	eii_rules_clear(out);
	out->items = eii_calloc(EII_RULES_MAX, sizeof(*out->items));
	while (eii_file_next_line(&rest, &line)) {
		r.line++;
		take_line(&r, line);
	}
	if (!out->n && !problems->n_wrong) {
		r.line = 1;
		complain(&r, "there is no [rule NAME] in it");
	}
}
