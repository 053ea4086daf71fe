/* SPDX-License-Identifier: Apache-2.0 */
#include "expansion.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"

/* What stands between the braces. */
struct reference {
	struct eii_text name;
	struct eii_text fallback;
	bool has_fallback;
	bool counts_empty; /* ":-": an empty value is none */
};

void eii_expansion_begin(struct eii_expansion *expansion)
{
	expansion->n_replaced = 0;
	free(expansion->undefined);
	expansion->undefined = NULL;
}

static size_t name_length(struct eii_text text)
{
	size_t len = 0;

	while (len < text.len && (eii_is_ascii_alpha(text.data[len]) || text.data[len] == '_' ||
				  (len && eii_is_ascii_digit(text.data[len]))))
		len++;
	return len;
}

static const char *read_reference(struct eii_text text, struct reference *out)
{
	size_t len = name_length(text);
	struct eii_text rest = eii_text(text.data + len, text.len - len);

	*out = (struct reference){ .name = eii_text(text.data, len) };
	if (len && !rest.len)
		return NULL;
	out->counts_empty = rest.len > 1 && *rest.data == ':';
	if (out->counts_empty)
		rest = eii_text(rest.data + 1, rest.len - 1);
	if (!len || *rest.data != '-')
		return "only ${NAME}, ${NAME:-default} and ${NAME-default} are replaced; in single "
		       "quotes a value stays as it is";
	out->fallback = eii_text(rest.data + 1, rest.len - 1);
	out->has_fallback = true;
	if (memmem(out->fallback.data, out->fallback.len, "${", 2))
		return "the default of a ${NAME:-default} holds another one";
	return NULL;
}

static bool is_name(struct eii_text name, const char *text)
{
	return strncmp(text, name.data, name.len) == 0 && !text[name.len];
}

/* NULL = not defined. */
static const char *find(const struct eii_expansion *expansion, struct eii_text name)
{
	for (const char *const *e = expansion->environment; e && *e; e++) {
		if (strncmp(*e, name.data, name.len) == 0 && (*e)[name.len] == '=')
			return *e + name.len + 1;
	}
	for (size_t i = expansion->n_kept; i; i--) {
		if (is_name(name, expansion->kept[i - 1].name))
			return expansion->kept[i - 1].value;
	}
	return NULL;
}

const char *eii_expansion_add(struct eii_expansion *expansion, struct eii_text text,
			      struct eii_buf *out, size_t *out_len)
{
	const char *end = memchr(text.data, '}', text.len);
	struct reference reference;
	const char *value, *wrong;

	if (!end) {
		eii_buf_add_text(out, text);
		*out_len = text.len;
		return NULL;
	}
	*out_len = (size_t)(end + 1 - text.data);
	wrong = read_reference(eii_text(text.data + 2, *out_len - 3), &reference);
	if (wrong)
		return wrong;
	value = find(expansion, reference.name);
	expansion->n_replaced++;
	if (reference.has_fallback && (!value || (reference.counts_empty && !*value)))
		eii_buf_add_text(out, reference.fallback);
	else if (value)
		eii_buf_add_str(out, value);
	else if (!expansion->undefined)
		expansion->undefined = eii_strndup(reference.name.data, reference.name.len);
	return NULL;
}

const char *eii_expansion_keep(struct eii_expansion *expansion, const char *name, const char *value)
{
	size_t bytes = strlen(name) + strlen(value);

	if (bytes > EII_EXPANSION_KEPT_MAX - expansion->kept_bytes)
		return "with what is replaced in them the values become too long";
	expansion->kept_bytes += bytes;
	expansion->kept =
		eii_realloc(expansion->kept, expansion->n_kept + 1, sizeof(expansion->kept[0]));
	expansion->kept[expansion->n_kept++] = (struct eii_kept_variable){
		.name = eii_strdup(name),
		.value = eii_strdup(value),
	};
	return NULL;
}

void eii_expansion_clear(struct eii_expansion *expansion)
{
	for (size_t i = 0; i < expansion->n_kept; i++) {
		free(expansion->kept[i].name);
		eii_free_secret(expansion->kept[i].value);
	}
	free(expansion->kept);
	free(expansion->undefined);
	*expansion = (struct eii_expansion){ .environment = NULL };
}
