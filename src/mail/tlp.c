/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/tlp.h"

#include <stdbool.h>

#include "eii/mail/look.h"

static struct eii_text behind(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

static bool begins(struct eii_text text, const char *bytes)
{
	const size_t len = strlen(bytes);

	return text.len >= len && memcmp(text.data, bytes, len) == 0;
}

/* ---- marks ------------------------------------------------------------- */

static bool is_word_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c);
}

/* Blanks, and what mail programs and people set around a word. */
static struct eii_text skip_blanks(struct eii_text text)
{
	for (;;) {
		if (begins(text, "\xc2\xa0"))
			text = behind(text, 2);
		else if (text.len && text.data[0] && strchr(" \t*[(", text.data[0]))
			text = behind(text, 1);
		else
			return text;
	}
}

static struct eii_text skip_separator(struct eii_text text)
{
	text = skip_blanks(text);
	if (begins(text, "\xef\xbc\x9a")) /* the colon of Chinese and Japanese */
		text = behind(text, 3);
	else if (text.len && text.data[0] && strchr(":-_=", text.data[0]))
		text = behind(text, 1);
	return skip_blanks(text);
}

/* Whether word stands at the beginning and ends there. */
static bool is_word(struct eii_text text, const char *word)
{
	const size_t len = strlen(word);

	return eii_text_starts_nocase(text, word) &&
	       (text.len == len || !is_word_char(text.data[len]));
}

static bool is_strict(struct eii_text behind_amber)
{
	struct eii_text text = skip_blanks(behind_amber);

	if (text.len && text.data[0] && strchr("+-_", text.data[0]))
		text = behind(text, 1);
	return is_word(skip_blanks(text), "strict");
}

static enum eii_tlp level_at(struct eii_text text)
{
	static const struct {
		const char *word;
		enum eii_tlp level;
	} words[] = {
		{ "clear", EII_TLP_CLEAR }, { "white", EII_TLP_CLEAR }, { "green", EII_TLP_GREEN },
		{ "amber", EII_TLP_AMBER }, { "red", EII_TLP_RED },
	};
	static const char amber[] = "amber";

	if (eii_text_starts_nocase(text, amber) && is_strict(behind(text, strlen(amber))))
		return EII_TLP_AMBER_STRICT;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (is_word(text, words[i].word))
			return words[i].level;
	}
	return EII_TLP_NONE;
}

enum eii_tlp eii_tlp_find(struct eii_text text)
{
	static const char name[] = "tlp";
	enum eii_tlp strictest = EII_TLP_NONE;

	for (size_t i = 0; i < text.len; i++) {
		struct eii_text rest = behind(text, i);
		struct eii_text word;
		enum eii_tlp level;

		if ((i && is_word_char(text.data[i - 1])) || !eii_text_starts_nocase(rest, name))
			continue;
		rest = behind(rest, strlen(name));
		word = skip_separator(rest);
		level = word.len < rest.len ? level_at(word) : EII_TLP_NONE;
		if (level > strictest)
			strictest = level;
	}
	return strictest;
}

/* ---- whose words ------------------------------------------------------- */

#define LINE_BYTES 998 /* a longer one is none of a mail program's own */

static struct eii_text next_line(struct eii_text *rest)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	struct eii_text line = *rest;

	if (end)
		line.len = (size_t)(end - rest->data);
	*rest = behind(*rest, line.len + (end ? 1 : 0));
	return line;
}

static bool is_blank(struct eii_text line)
{
	struct eii_look look = { .max = 1 };

	eii_look_at(line, &look);
	return look.n_visible == 0;
}

/* The next line with something in it; empty at the end. */
static struct eii_text next_words(struct eii_text *rest)
{
	while (rest->len) {
		struct eii_text line = next_line(rest);

		if (!is_blank(line))
			return eii_text_trim(line);
	}
	return eii_text(NULL, 0);
}

static bool holds(struct eii_text line, const char *words)
{
	for (size_t i = 0; i < line.len; i++) {
		if (eii_text_starts_nocase(behind(line, i), words))
			return true;
	}
	return false;
}

#define N_OF(phrases) (sizeof(phrases) / sizeof((phrases)[0]))

static bool begins_with_any(struct eii_text line, const char *const *phrases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (eii_text_starts_nocase(line, phrases[i]))
			return true;
	}
	return false;
}

static bool is_any(struct eii_text name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (eii_text_equal_nocase(name, eii_text_of(names[i])))
			return true;
	}
	return false;
}

/* "-----Original Message-----": words of a mail program between dashes. */
static bool is_separator(struct eii_text line)
{
	static const char *const phrases[] = {
		"original message",
		"original appointment",
		"forwarded message",
		"forwarded by",
		"urspr\xc3\xbcngliche nachricht",
		"urspr\xc3\xbcnglicher termin",
		"weitergeleitete nachricht",
		"message d'origine",
		"message original",
		"message transf\xc3\xa9r\xc3\xa9",
		"mensaje original",
		"mensaje reenviado",
		"messaggio originale",
		"messaggio inoltrato",
		"mensagem original",
		"mensagem encaminhada",
		"oorspronkelijk bericht",
		"doorgestuurd bericht",
	};

	if (!begins(line, "--"))
		return false;
	while (line.len && (line.data[0] == '-' || line.data[0] == ' '))
		line = behind(line, 1);
	return begins_with_any(line, phrases, N_OF(phrases));
}

static bool is_announcement(struct eii_text line)
{
	static const char *const phrases[] = {
		"begin forwarded message:",
		"anfang der weitergeleiteten nachricht:",
		"d\303\251but du message r\303\251exp\303\251di\303\251",
		"inicio del mensaje reenviado:",
		"inizio messaggio inoltrato:",
	};

	return begins_with_any(line, phrases, N_OF(phrases));
}

#define ATTRIBUTION_LINES 3 /* mail programs break it where it gets long */

/* "On Tuesday Ann <a@example.org>" and, perhaps below, "wrote:". */
static bool is_attribution(struct eii_text line, struct eii_text rest)
{
	static const struct {
		const char *begin, *verb;
	} forms[] = {
		{ "on ", "wrote" },
		{ "am ", "schrieb" },
		{ "le ", "\xc3\xa9"
			 "crit" },
		{ "el ", "escribi\xc3\xb3" },
		{ "il ", "ha scritto" },
		{ "em ", "escreveu" },
		{ "op ", "schreef" },
	};
	size_t i = 0;
	bool has_verb = false;

	while (i < N_OF(forms) && !eii_text_starts_nocase(line, forms[i].begin))
		i++;
	if (i == N_OF(forms))
		return false;
	for (int n = 0; n < ATTRIBUTION_LINES && line.len && line.len <= LINE_BYTES; n++) {
		has_verb = has_verb || holds(line, forms[i].verb);
		if (line.data[line.len - 1] == ':')
			return has_verb;
		line = eii_text_trim(next_line(&rest));
	}
	return false;
}

enum field { FIELD_NONE, FIELD_FROM, FIELD_OTHER };

/* "From: ", "*Sent:*", "Objet : " */
static enum field field_of(struct eii_text line)
{
	static const char *const senders[] = { "from", "von", "de", "da", "van" };
	static const char *const others[] = {
		"sent",     "date",      "to",      "cc",        "subject",
		"gesendet", "datum",     "an",      "betreff",   "envoy\xc3\xa9",
		"\xc3\xa0", "objet",     "enviado", "fecha",     "para",
		"asunto",   "inviato",   "data",    "a",         "oggetto",
		"assunto",  "verzonden", "aan",     "onderwerp", "reply-to",
	};
	const char *colon;
	struct eii_text name;

	line.len = line.len < LINE_BYTES ? line.len : LINE_BYTES;
	colon = line.len ? memchr(line.data, ':', line.len) : NULL;
	if (!colon)
		return FIELD_NONE;
	name = eii_text_trim(eii_text(line.data, (size_t)(colon - line.data)));
	while (name.len && name.data[0] == '*')
		name = behind(name, 1);
	if (name.len > 2 && memcmp(name.data + name.len - 2, "\xc2\xa0", 2) == 0)
		name.len -= 2;
	if (is_any(name, senders, N_OF(senders)))
		return FIELD_FROM;
	return is_any(name, others, N_OF(others)) ? FIELD_OTHER : FIELD_NONE;
}

/* A sender's line among those of a header, as they stand above what was answered. */
static bool is_header(struct eii_text line, struct eii_text rest)
{
	const enum field first = field_of(line);
	const enum field second = first ? field_of(next_words(&rest)) : FIELD_NONE;

	return second && (first == FIELD_FROM || second == FIELD_FROM);
}

/* Whether somebody else's message begins at the line that stands before rest. */
static bool is_end(struct eii_text line, struct eii_text rest)
{
	return is_separator(line) || is_announcement(line) || is_attribution(line, rest) ||
	       is_header(line, rest);
}

enum eii_tlp eii_tlp_find_own(struct eii_text text)
{
	enum eii_tlp strictest = EII_TLP_NONE;
	int n = 0;

	while (n < EII_TLP_OWN_LINES) {
		struct eii_text line = next_words(&text);
		enum eii_tlp level;

		if (line.len && line.data[0] == '>')
			continue;
		if (!line.len || is_end(line, text))
			break;
		n++;
		level = eii_tlp_find(line);
		if (level > strictest)
			strictest = level;
	}
	return strictest;
}
