/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/file_type.h"

#include "eii/base/utf8.h"

#include "file_type_table.h"

#define ENDING_MAX 16

/* ---- words of a list --------------------------------------------------------- */

/* Whether a word is in a list with blanks between words, all in lower case. */
static bool is_in_words(const char *words, struct eii_text word)
{
	for (const char *p = words; *p;) {
		const size_t len = strcspn(p, " ");

		if (eii_text_equal_nocase(eii_text(p, len), word))
			return true;
		p += len;
		p += strspn(p, " ");
	}
	return false;
}

static struct eii_text first_word(const char *words)
{
	return eii_text(words, strcspn(words, " "));
}

/* ---- rows -------------------------------------------------------------------- */

static const struct eii_file_type *find_type(struct eii_text type)
{
	for (const struct eii_file_type *row = eii_file_types; row->type; row++) {
		if (eii_text_equal_nocase(type, eii_text_of(row->type)) ||
		    (row->aliases && is_in_words(row->aliases, type)))
			return row;
	}
	return NULL;
}

size_t eii_file_ending_at(struct eii_text name)
{
	for (size_t i = name.len; i-- > 1;) {
		if (name.data[i] == '.')
			return i;
	}
	return name.len;
}

static struct eii_text ending_of(struct eii_text name)
{
	const size_t at = eii_file_ending_at(name);

	return at == name.len ? eii_text(NULL, 0) : eii_text(name.data + at + 1, name.len - at - 1);
}

static const struct eii_file_type *find_ending(struct eii_text ending)
{
	if (!ending.len || ending.len > ENDING_MAX)
		return NULL;
	for (const struct eii_file_type *row = eii_file_types; row->type; row++) {
		if (is_in_words(row->endings, ending))
			return row;
	}
	return NULL;
}

/* ---- kinds ------------------------------------------------------------------- */

static bool is_text_kind(enum eii_file_kind kind)
{
	return kind == EII_FILE_TEXT || kind == EII_FILE_HTML || kind == EII_FILE_XML;
}

static bool is_program_kind(enum eii_file_kind kind)
{
	return kind == EII_FILE_WINDOWS_PROGRAM || kind == EII_FILE_UNIX_PROGRAM ||
	       kind == EII_FILE_SHORTCUT;
}

/* Can a file of this type begin so? */
static bool can_begin(const struct eii_file_type *row, enum eii_file_kind kind)
{
	if (kind == EII_FILE_NOT_SEEN || kind == row->kind)
		return true;
	if (row->kind == EII_FILE_NOT_SEEN) /* a type without a signature */
		return !is_program_kind(kind);
	if (is_text_kind(row->kind))
		return is_text_kind(kind);
	/* One program opens both forms; with a password the new one is in the old one. */
	return row->is_office && (kind == EII_FILE_OLE || kind == EII_FILE_ZIP);
}

const char *eii_file_type_of_kind(enum eii_file_kind kind)
{
	return eii_file_kind_types[kind];
}

const char *eii_file_type_of_name(struct eii_text name)
{
	const struct eii_file_type *row = find_ending(ending_of(name));

	return row ? row->type : NULL;
}

/* ---- the three together ------------------------------------------------------ */

bool eii_file_type_says_nothing(struct eii_text declared)
{
	return is_in_words(eii_file_types_of_anything, declared);
}

/* Mail programs on Windows call a CSV what opens it. */
static bool is_csv_as_workbook(const struct eii_file_type *declared,
			       const struct eii_file_type *named, enum eii_file_kind kind)
{
	return declared && named && kind == EII_FILE_TEXT &&
	       strcmp(declared->type, "application/vnd.ms-excel") == 0 && is_text_kind(named->kind);
}

struct eii_text eii_file_type_judge(struct eii_text declared, struct eii_text name,
				    enum eii_file_kind kind)
{
	const struct eii_file_type *by_type = find_type(declared);
	const struct eii_file_type *by_name = find_ending(ending_of(name));
	const char *by_bytes = eii_file_type_of_kind(kind);

	if (!eii_file_type_says_nothing(declared) && !is_csv_as_workbook(by_type, by_name, kind))
		return by_type ? eii_text_of(by_type->type) : declared;
	if (by_name && can_begin(by_name, kind))
		return eii_text_of(by_name->type);
	return by_bytes ? eii_text_of(by_bytes) : declared;
}

/* Types that may stand for each other: of one name, or both plain text. */
static bool can_be_both(const struct eii_file_type *a, const struct eii_file_type *b)
{
	if (a == b || strcmp(a->type, b->type) == 0)
		return true;
	/* A page or a picture that can hold scripts is more than the text it is written in. */
	if (is_text_kind(a->kind) && is_text_kind(b->kind))
		return (a->kind == EII_FILE_HTML) == (b->kind == EII_FILE_HTML);
	/* Of types without a signature nothing is known. */
	return a->kind == EII_FILE_NOT_SEEN || b->kind == EII_FILE_NOT_SEEN ||
	       (a->is_office && b->is_office);
}

bool eii_file_type_agrees(struct eii_text declared, struct eii_text name, enum eii_file_kind kind)
{
	const struct eii_file_type *by_type = find_type(declared);
	const struct eii_file_type *by_name = find_ending(ending_of(name));

	if (is_csv_as_workbook(by_type, by_name, kind))
		return true;
	if (by_type && by_name && !can_be_both(by_type, by_name))
		return false;
	if (by_type && !can_begin(by_type, kind))
		return false;
	if (by_name && !can_begin(by_name, kind))
		return false;
	/* Of a type that is not known, the bytes tell a program at least. */
	return by_type || by_name || eii_file_type_says_nothing(declared) || !is_program_kind(kind);
}

/* ---- endings ----------------------------------------------------------------- */

bool eii_file_ending_is_known(struct eii_text ending)
{
	return find_ending(ending) || (ending.len && ending.len <= ENDING_MAX &&
				       is_in_words(eii_file_other_endings, ending));
}

bool eii_file_ending_is_of(struct eii_text ending, struct eii_text type)
{
	const struct eii_file_type *row = find_type(type);

	return row && is_in_words(row->endings, ending);
}

struct eii_text eii_file_ending_of(struct eii_text type)
{
	const struct eii_file_type *row = find_type(type);

	return row ? first_word(row->endings) : eii_text(NULL, 0);
}

bool eii_file_name_turns(struct eii_text name)
{
	while (name.len) {
		uint32_t c;
		const size_t n = eii_utf8_decode(name.data, name.len, &c);

		if (!n)
			return false;
		if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
			return true;
		name = eii_text(name.data + n, name.len - n);
	}
	return false;
}
