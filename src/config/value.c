/* SPDX-License-Identifier: Apache-2.0 */
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/duration.h"
#include "eii/base/utf8.h"
#include "eii/fields/type_pattern.h"

#define SHOWN_MAX_BYTES   100
#define TYPES_MAX         1000
#define MARKING_MAX_BYTES 256
#define MARKING_FORMS                                                                              \
	", or another marking like PAP:RED, or with its type in front: statement/For the CERT"
#define PATTERNS_FORMS                                                                             \
	"patterns with * and ?, commas between them, at most 500 bytes each and 1000 of them"
#define TYPES_FORMS                                                                                \
	"a list of types like text/plain, image/* or */* with commas between them, or none"

/* Where a value goes: text is the row's own copy, to be changed at will. */
struct target {
	struct eii_loaded *loaded;
	const struct eii_setting *setting;
	char *text;
};

static void *member(const struct target *target)
{
	return (char *)&target->loaded->config + target->setting->offset;
}

static void *second_member(const struct target *target)
{
	return (char *)&target->loaded->config + target->setting->second_offset;
}

static void set_text(const struct target *target, const char *text)
{
	const char **out = member(target);

	*out = text;
}

static bool is_one_line(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static bool store_text(const struct target *target)
{
	if (!is_one_line(target->text))
		return false;
	set_text(target, target->text);
	return true;
}

static bool store_url(const struct target *target)
{
	struct eii_text text = eii_text_of(target->text);
	size_t scheme = eii_text_starts_nocase(text, "https://")  ? 8
			: eii_text_starts_nocase(text, "http://") ? 7
								  : 0;

	if (!scheme || !is_one_line(target->text) || strpbrk(target->text, " ?#\\"))
		return false;
	if (!target->text[scheme] || strchr("/:@", target->text[scheme]))
		return false;
	while (text.len && text.data[text.len - 1] == '/')
		text.len--;
	target->text[text.len] = '\0';
	set_text(target, target->text);
	return true;
}

static bool store_tunnel(const struct target *target)
{
	static const char *const schemes[] = { "http://", "socks5://", "socks5h://" };
	struct eii_text text = eii_text_of(target->text);

	if (!is_one_line(target->text) || strpbrk(target->text, " \\"))
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i]);

		if (!eii_text_starts_nocase(text, schemes[i]) || text.len == len ||
		    strchr("/:", text.data[len]))
			continue;
		set_text(target, target->text);
		return true;
	}
	return false;
}

static bool store_file_or_pem(const struct target *target)
{
	bool is_pem = eii_text_find(eii_text_of(target->text), "-----BEGIN ") != NULL;

	if (!is_pem && access(target->text, R_OK) != 0)
		return false;
	set_text(target, target->text);
	return true;
}

static bool read_bool(const char *text, bool *out)
{
	static const char *const words[][2] = {
		{ "false", "true" }, { "no", "yes" }, { "0", "1" },
		{ "off", "on" },     { "f", "t" },    { "n", "y" },
	};
	struct eii_text word = eii_text_of(text);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int value = 0; value < 2; value++) {
			if (!eii_text_equal_nocase(word, eii_text_of(words[i][value])))
				continue;
			*out = value == 1;
			return true;
		}
	}
	return false;
}

static bool store_bool(const struct target *target)
{
	return read_bool(target->text, member(target));
}

static bool store_bool_or_file(const struct target *target)
{
	const char **file = second_member(target);
	bool *verify = member(target);

	if (read_bool(target->text, verify)) {
		*file = NULL;
		return true;
	}
	if (access(target->text, R_OK) != 0)
		return false;
	*verify = true;
	*file = target->text;
	return true;
}

static bool store_switch(const struct target *target)
{
	enum eii_config_switch *out = member(target);
	bool is_on;

	if (!read_bool(target->text, &is_on))
		return false;
	*out = is_on ? EII_CONFIG_ON : EII_CONFIG_OFF;
	return true;
}

/* "1_000": an underscore between two digits, which Python passes over. */
static bool is_joint(const char *text, const char *p)
{
	return *p == '_' && p > text && eii_is_ascii_digit(p[-1]) && eii_is_ascii_digit(p[1]);
}

/* Whole numbers as Python takes them: "993", "+993", "1_000", "993.0". */
static bool read_number(const struct target *target, uint64_t *out)
{
	const char *text = target->text + (*target->text == '+');
	const char *point = strchrnul(text, '.');
	char digits[24];
	size_t n = 0;

	for (const char *p = text; p < point; p++) {
		if (is_joint(text, p))
			continue;
		if (n == sizeof(digits))
			return false;
		digits[n++] = *p;
	}
	/* "993." is no number, and behind the point there is nothing but zeros. */
	if (*point && (!point[1] || point[1 + strspn(point + 1, "0")]))
		return false;
	return eii_text_to_u64(eii_text(digits, n), target->setting->max, out) &&
	       *out >= target->setting->min;
}

static bool store_port(const struct target *target)
{
	uint16_t *out = member(target);
	uint64_t n;

	if (!read_number(target, &n))
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool store_u32(const struct target *target)
{
	uint32_t *out = member(target);
	uint64_t n;

	if (!read_number(target, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool store_u64(const struct target *target)
{
	uint64_t *out = member(target);
	uint64_t n;

	if (!read_number(target, &n))
		return false;
	*out = n;
	return true;
}

static bool store_duration(const struct target *target)
{
	return eii_duration_parse(target->text, member(target), NULL) == EII_OK;
}

static const struct eii_choice *find_choice(const struct target *target)
{
	const struct eii_choice *choice = target->setting->choices;
	struct eii_text text = eii_text_of(target->text);

	while (choice->word && !eii_text_equal_nocase(text, eii_text_of(choice->word)))
		choice++;
	return choice->word ? choice : NULL;
}

static bool store_choice(const struct target *target)
{
	const struct eii_choice *choice = find_choice(target);

	if (choice)
		memcpy(member(target), &choice->value, sizeof(choice->value));
	return choice != NULL;
}

static bool store_word(const struct target *target)
{
	const struct eii_choice *choice = find_choice(target);

	if (choice)
		set_text(target, choice->word);
	return choice != NULL;
}

/* "PAP:RED" is of the type PAP; "statement/For the CERT" has its type in front of it. */
static bool is_marking(const char *text)
{
	const char *slash = strchr(text, '/');
	const char *end = slash ? slash : strchr(text, ':');

	return end && end != text && end[1] && strlen(text) <= MARKING_MAX_BYTES &&
	       is_one_line(text) && eii_utf8_is_valid(eii_text_of(text));
}

static bool store_marking(const struct target *target)
{
	if (store_word(target))
		return true;
	if (!is_marking(target->text))
		return false;
	set_text(target, target->text);
	return true;
}

/* What no type holds: "a/b, c/d", "a/b;c/d" and ["a/b", "c/d"] are the same list. */
#define BETWEEN_TYPES " ,;[]\"'"

/* False where entries are given of which none can match; "none" and "," have none. */
static bool split_types(char *text, struct eii_text *types, size_t *out_n)
{
	bool can_match = false;

	*out_n = 0;
	for (char *p = text; *p; p++)
		*p = eii_ascii_lower(*p);
	if (strcmp(text, "none") == 0)
		return true;
	for (const char *p = text + strspn(text, BETWEEN_TYPES); *p && *out_n < TYPES_MAX;) {
		struct eii_text type = eii_text(p, strcspn(p, BETWEEN_TYPES));

		types[(*out_n)++] = type;
		can_match = can_match || eii_type_pattern_can_match(type);
		p += type.len;
		p += strspn(p, BETWEEN_TYPES);
	}
	return can_match || *out_n == 0;
}

static bool store_types(const struct target *target)
{
	const struct eii_text **out = member(target);
	size_t *out_n = second_member(target);
	struct eii_text *types = eii_calloc(TYPES_MAX, sizeof(*types));
	size_t n;

	if (!is_one_line(target->text) || !split_types(target->text, types, &n)) {
		free(types);
		return false;
	}
	free(target->loaded->types);
	target->loaded->types = types;
	*out = types;
	*out_n = n;
	return true;
}

static bool store_patterns(const struct target *target)
{
	struct eii_patterns *out = member(target);
	struct eii_patterns patterns;

	if (!is_one_line(target->text) ||
	    eii_patterns_parse(eii_text_of(target->text), &patterns, NULL))
		return false;
	eii_patterns_clear(out);
	*out = patterns;
	return true;
}

static bool store_nothing(const struct target *target)
{
	(void)target;
	return true;
}

bool eii_value_store(struct eii_loaded *loaded, size_t row, const char *text)
{
	static bool (*const stores[EII_TYPE_COUNT])(const struct target *target) = {
		[EII_TYPE_TEXT] = store_text,
		[EII_TYPE_URL] = store_url,
		[EII_TYPE_PROXY] = store_text,
		[EII_TYPE_TUNNEL] = store_tunnel,
		[EII_TYPE_FILE_OR_PEM] = store_file_or_pem,
		[EII_TYPE_BOOL] = store_bool,
		[EII_TYPE_BOOL_OR_FILE] = store_bool_or_file,
		[EII_TYPE_SWITCH] = store_switch,
		[EII_TYPE_PORT] = store_port,
		[EII_TYPE_U32] = store_u32,
		[EII_TYPE_U64] = store_u64,
		[EII_TYPE_DURATION] = store_duration,
		[EII_TYPE_CHOICE] = store_choice,
		[EII_TYPE_WORD] = store_word,
		[EII_TYPE_MARKING] = store_marking,
		[EII_TYPE_TYPES] = store_types,
		[EII_TYPE_PATTERNS] = store_patterns,
		[EII_TYPE_RULES] = store_nothing,
		[EII_TYPE_SECRET] = store_nothing,
	};
	struct eii_text trimmed = eii_text_trim(eii_text_of(text));
	struct target target = {
		.loaded = loaded,
		.setting = &eii_table[row],
		.text = eii_strndup(trimmed.data ? trimmed.data : "", trimmed.len),
	};

	if (!stores[target.setting->type](&target)) {
		free(target.text);
		return false;
	}
	free(loaded->texts[row]);
	loaded->texts[row] = target.text;
	return true;
}

char *eii_value_shown(const struct eii_setting *setting, const char *text)
{
	const char *at = setting->type == EII_TYPE_URL || setting->type == EII_TYPE_PROXY ||
					 setting->type == EII_TYPE_TUNNEL
				 ? strrchr(text, '@')
				 : NULL;
	const char *scheme = strstr(text, "://");
	size_t kept = at && scheme && scheme < at ? (size_t)(scheme + 3 - text) : 0;
	struct eii_text rest = eii_text_of(at ? at : text);
	size_t len = eii_utf8_cut(rest, SHOWN_MAX_BYTES);

	return eii_asprintf("%.*s%s%.*s%s", (int)kept, text, at ? "***" : "", (int)len, rest.data,
			    len < rest.len ? "..." : "");
}

static void accepted_words(const struct eii_setting *setting, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "one of");

	for (const struct eii_choice *c = setting->choices; c->word && used < size; c++)
		used += (size_t)snprintf(out + used, size - used, "%s %s",
					 c == setting->choices ? "" : ",", c->word);
	if (setting->type == EII_TYPE_MARKING && used < size)
		(void)snprintf(out + used, size - used, "%s", MARKING_FORMS);
}

void eii_setting_accepted(const struct eii_setting *setting, char *out, size_t size)
{
	static const char *const words[EII_TYPE_COUNT] = {
		[EII_TYPE_TEXT] = "a text on one line",
		[EII_TYPE_URL] = "an address like https://opencti.example",
		[EII_TYPE_TUNNEL] = "an address of http://, socks5:// or socks5h://",
		[EII_TYPE_PROXY] = "an address like http://proxy.example:3128",
		[EII_TYPE_FILE_OR_PEM] = "a file that can be read, or PEM text",
		[EII_TYPE_BOOL] = "true or false",
		[EII_TYPE_BOOL_OR_FILE] = "true, false, or a file that can be read",
		[EII_TYPE_SWITCH] = "true or false",
		[EII_TYPE_DURATION] = EII_DURATION_FORMS,
		[EII_TYPE_TYPES] = TYPES_FORMS,
		[EII_TYPE_PATTERNS] = PATTERNS_FORMS,
		[EII_TYPE_RULES] = "sections [rule NAME] with lines of key = value",
		[EII_TYPE_SECRET] = "a text",
	};

	if (setting->choices)
		accepted_words(setting, out, size);
	else if (words[setting->type])
		(void)snprintf(out, size, "%s", words[setting->type]);
	else
		(void)snprintf(out, size, "a whole number within %llu and %llu",
			       (unsigned long long)setting->min, (unsigned long long)setting->max);
}

bool eii_value_is_quoted(const char *text)
{
	size_t len = strlen(text);

	return len >= 2 && (*text == '"' || *text == '\'') && text[len - 1] == *text;
}

/* 5.24288e+07: what helm and other YAML tools make of 52428800. */
static bool is_rewritten_number(const char *text)
{
	size_t len = strspn(text, "0123456789.");

	return len > 0 && (text[len] == 'e' || text[len] == 'E') && text[len + 1] == '+' &&
	       text[len + 2] && !text[len + 2 + strspn(text + len + 2, "0123456789")];
}

const char *eii_value_hint(const char *text)
{
	if (eii_value_is_quoted(text))
		return "; the quotation marks are part of the value here: leave them away";
	if (strncmp(text, "tcp://", 6) == 0)
		return "; Kubernetes sets it so for a Service of that name: enableServiceLinks: "
		       "false in the pod";
	if (is_rewritten_number(text))
		return "; a YAML tool has rewritten the number: put it in quotation marks there";
	return "";
}
