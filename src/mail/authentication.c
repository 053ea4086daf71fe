/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/authentication.h"

#include "eii/mail/scan.h"

#define MICROSOFT "microsoft365"

/* ---- words ------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct eii_text *text, size_t n)
{
	text->data += n;
	text->len -= n;
}

/* A comment, nested ones and quoted characters in it (RFC 5322, 3.2.2); text begins with '('. */
static void skip_comment(struct eii_text *text)
{
	size_t depth = 0;
	size_t i = 0;

	for (; i < text->len; i++) {
		char c = text->data[i];

		if (c == '\\' && i + 1 < text->len)
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			break;
	}
	skip(text, i < text->len ? i + 1 : i);
}

static void skip_blank(struct eii_text *text)
{
	while (text->len && (is_space(text->data[0]) || text->data[0] == '(')) {
		if (text->data[0] == '(')
			skip_comment(text);
		else
			skip(text, 1);
	}
}

/* True, and it is passed over with the blanks behind it, where text begins with it. */
static bool take_char(struct eii_text *text, char c)
{
	if (!text->len || text->data[0] != c)
		return false;
	skip(text, 1);
	skip_blank(text);
	return true;
}

/* A quoted string's inside, escapes left as they are; text begins with '"'. */
static struct eii_text take_quoted(struct eii_text *text)
{
	const char *begin = text->data + 1;
	size_t i = 1;

	while (i < text->len && text->data[i] != '"')
		i += text->data[i] == '\\' && i + 1 < text->len ? 2 : 1;
	skip(text, i < text->len ? i + 1 : text->len);
	return eii_text(begin, i - 1);
}

/* A token, a quoted string, or an address; empty where there is none. Blanks behind it go too. */
static struct eii_text take_word(struct eii_text *text)
{
	struct eii_text word = eii_text(text->data, 0);

	if (text->len && text->data[0] == '"') {
		word = take_quoted(text);
	} else {
		while (word.len < text->len && !is_space(word.data[word.len]) &&
		       !memchr("();=\"", word.data[word.len], 5))
			word.len++;
		skip(text, word.len);
	}
	skip_blank(text);
	return word;
}

static bool is(struct eii_text word, const char *name)
{
	return eii_text_equal_nocase(word, eii_text_of(name));
}

/* ---- one field --------------------------------------------------------- */

struct verdict {
	bool has_compauth;
	bool is_dmarc_passed, is_dmarc_failed;
	bool is_dkim_passed; /* for the sender's domain */
};

/* header.d is the domain itself, or a parent of it that is more than a top-level one. */
static bool is_domain_or_parent(struct eii_text parent, struct eii_text domain)
{
	struct eii_text tail;

	if (parent.len && parent.data[parent.len - 1] == '.')
		parent.len--;
	if (eii_text_equal_nocase(parent, domain))
		return true;
	if (domain.len <= parent.len + 1 || !parent.len || !memchr(parent.data, '.', parent.len))
		return false;
	tail = eii_text(domain.data + (domain.len - parent.len), parent.len);
	return tail.data[-1] == '.' && eii_text_equal_nocase(parent, tail);
}

/* "ptype.property", blanks around the dot allowed (RFC 8601, 2.2). */
struct property {
	struct eii_text type, name, value;
};

static bool take_property(struct eii_text *text, struct property *out)
{
	struct eii_text word = take_word(text);
	const char *dot = word.len ? memchr(word.data, '.', word.len) : NULL;
	size_t type_len = dot ? (size_t)(dot - word.data) : word.len;

	*out = (struct property){ .type = eii_text(word.data, type_len) };
	if (dot)
		out->name = eii_text(dot + 1, word.len - type_len - 1);
	else if (text->len && text->data[0] == '.')
		out->name = take_word(text);
	if (out->name.len && out->name.data[0] == '.')
		skip(&out->name, 1);
	if (!out->name.len && text->len && text->data[0] != '=')
		out->name = take_word(text);
	if (!word.len || !take_char(text, '='))
		return false;
	out->value = take_word(text);
	return true;
}

static bool is_signed_by(const struct property *property, struct eii_text domain)
{
	return is(property->type, "header") && is(property->name, "d") &&
	       is_domain_or_parent(property->value, domain);
}

/* A method's name; "dkim/1" is one with its version, blanks around the slash allowed. */
static struct eii_text take_method(struct eii_text *text)
{
	struct eii_text word = take_word(text);
	const char *slash = word.len ? memchr(word.data, '/', word.len) : NULL;
	struct eii_text method =
		eii_text(word.data, slash ? (size_t)(slash - word.data) : word.len);

	if (!slash && text->len && text->data[0] == '/') {
		word = take_word(text);
		slash = word.data;
	}
	if (slash && slash + 1 == word.data + word.len)
		(void)take_word(text);
	return method;
}

/* One "; method=result ..." up to the next ';'. */
static void read_result(struct eii_text *text, struct eii_text domain, struct verdict *out)
{
	struct eii_text method = take_method(text);
	struct property property;
	struct eii_text result;

	if (!take_char(text, '='))
		return;
	result = take_word(text);
	if (is(method, "compauth"))
		out->has_compauth = true;
	if (is(method, "dmarc") && is(result, "pass"))
		out->is_dmarc_passed = true;
	else if (is(method, "dmarc"))
		out->is_dmarc_failed = true;
	while (take_property(text, &property)) {
		if (is(method, "dkim") && is(result, "pass") && is_signed_by(&property, domain))
			out->is_dkim_passed = true;
	}
}

static void skip_to_next_result(struct eii_text *text)
{
	while (text->len && text->data[0] != ';') {
		if (text->data[0] == '"')
			(void)take_quoted(text);
		else if (text->data[0] == '(')
			skip_comment(text);
		else
			skip(text, 1);
	}
}

static void read_results(struct eii_text text, struct eii_text domain, struct verdict *out)
{
	while (text.len) {
		read_result(&text, domain, out);
		skip_to_next_result(&text);
		(void)take_char(&text, ';');
	}
}

/* Whether the field is the authority's; *text is then what stands behind its name. */
static bool is_of(struct eii_text *text, struct eii_text authority)
{
	struct eii_text rest = *text;
	struct eii_text id;

	skip_blank(&rest);
	id = take_word(&rest);
	if (is(authority, MICROSOFT))
		return id.len && rest.len && rest.data[0] == '=';
	if (!id.len || !eii_text_equal_nocase(id, authority))
		return false;
	(void)take_word(&rest); /* the version */
	if (rest.len && rest.data[0] != ';')
		return false;
	(void)take_char(&rest, ';');
	*text = rest;
	return true;
}

static enum eii_authentication judge(struct eii_text field, struct eii_text authority,
				     struct eii_text domain)
{
	struct verdict verdict = { .has_compauth = false };
	struct eii_text text = field;

	if (!is_of(&text, authority))
		return EII_AUTHENTICATION_NO_RESULT;
	skip_blank(&text);
	read_results(text, domain, &verdict);
	if (is(authority, MICROSOFT) && !verdict.has_compauth)
		return EII_AUTHENTICATION_NO_RESULT;
	if ((verdict.is_dmarc_passed && !verdict.is_dmarc_failed) || verdict.is_dkim_passed)
		return EII_AUTHENTICATION_PASSED;
	return EII_AUTHENTICATION_FAILED;
}

/* ---- the mail ---------------------------------------------------------- */

/*
 * The domain of the only address; empty where there are more, or none. What is quoted or a
 * comment is no address, whatever it holds.
 */
static struct eii_text domain_of(struct eii_text value)
{
	struct eii_text domain = eii_text(NULL, 0);
	size_t n = 0;

	while (value.len) {
		char c = value.data[0];

		if (c == '"') {
			(void)take_quoted(&value);
		} else if (c == '(') {
			skip_comment(&value);
		} else if (c == '@') {
			skip(&value, 1);
			domain = eii_text(value.data, 0);
			while (domain.len < value.len && !is_space(value.data[domain.len]) &&
			       !memchr("<>(),;:\"@", value.data[domain.len], 9))
				domain.len++;
			skip(&value, domain.len);
			n++;
		} else {
			n += c == ',';
			skip(&value, 1);
		}
	}
	if (domain.len && domain.data[domain.len - 1] == '.')
		domain.len--;
	return n == 1 ? domain : eii_text(NULL, 0);
}

static struct eii_text sender_domain(struct eii_text mail)
{
	struct eii_header_walk walk;
	struct eii_header header;
	struct eii_text domain = eii_text(NULL, 0);
	size_t n = 0;

	eii_header_walk_init(&walk, mail);
	while (eii_header_walk_next(&walk, &header)) {
		if (!is(header.name, "From"))
			continue;
		domain = domain_of(header.value);
		n++;
	}
	return n == 1 ? domain : eii_text(NULL, 0);
}

enum eii_authentication eii_authentication_of(struct eii_text mail, struct eii_text authority)
{
	struct eii_text domain = sender_domain(mail);
	enum eii_authentication worst = EII_AUTHENTICATION_NO_RESULT;
	struct eii_header_walk walk;
	struct eii_header header;

	if (!domain.len)
		return EII_AUTHENTICATION_NO_ONE_SENDER;
	eii_header_walk_init(&walk, mail);
	while (worst != EII_AUTHENTICATION_FAILED && eii_header_walk_next(&walk, &header)) {
		enum eii_authentication one;

		if (!is(header.name, "Authentication-Results"))
			continue;
		one = judge(header.value, authority, domain);
		if (one != EII_AUTHENTICATION_NO_RESULT)
			worst = one;
		if (is(authority, MICROSOFT))
			break;
	}
	return worst;
}
