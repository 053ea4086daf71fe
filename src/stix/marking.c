/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/marking.h"

#include <stdio.h>
#include <string.h>

#include "bundle.h"
#include "eii/stix/report.h"

/* Ids of the STIX 2.1 constants, and of the platform's own AMBER+STRICT. */
static const struct {
	const char *id;
	const char *tlp;  /* the level as a setting and in `definition` */
	const char *name; /* the official connector says WHITE for clear too */
} levels[] = {
	[EII_TLP_CLEAR] = { "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "white",
			    "TLP:WHITE" },
	[EII_TLP_GREEN] = { "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "green",
			    "TLP:GREEN" },
	[EII_TLP_AMBER] = { "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "amber",
			    "TLP:AMBER" },
	[EII_TLP_AMBER_STRICT] = { "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37",
				   "amber+strict", "TLP:AMBER+STRICT" },
	[EII_TLP_RED] = { "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red",
			  "TLP:RED" },
};

const char *eii_tlp_name(enum eii_tlp tlp)
{
	return tlp == EII_TLP_CLEAR ? "TLP:CLEAR" : levels[tlp].name;
}

static bool parse_level(struct eii_text text, enum eii_tlp *out)
{
	if (eii_text_equal_nocase(text, eii_text_of("clear"))) {
		*out = EII_TLP_CLEAR;
		return true;
	}
	for (size_t i = EII_TLP_CLEAR; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!eii_text_equal_nocase(text, eii_text_of(levels[i].tlp)))
			continue;
		*out = (enum eii_tlp)i;
		return true;
	}
	return false;
}

enum eii_tlp eii_tlp_strictest(const struct eii_marking *markings, size_t n)
{
	enum eii_tlp level = EII_TLP_NONE;

	for (size_t i = 0; i < n; i++) {
		if (markings[i].tlp > level)
			level = markings[i].tlp;
	}
	return level;
}

void eii_marking_of_tlp(enum eii_tlp tlp, struct eii_marking *out)
{
	*out = (struct eii_marking){ .tlp = tlp };
	(void)snprintf(out->id, sizeof(out->id), "%s", levels[tlp].id);
}

/* The type up to the slash, which is no part of the name, or up to the colon, which is. */
static bool split(struct eii_text text, struct eii_marking *out)
{
	const char *slash = memchr(text.data, '/', text.len);
	const char *end = slash ? slash : memchr(text.data, ':', text.len);
	size_t len = end ? (size_t)(end - text.data) : 0;

	if (!len || len + 1 == text.len)
		return false;
	out->type = eii_text(text.data, len);
	out->name = slash ? eii_text(end + 1, text.len - len - 1) : text;
	return true;
}

#define ID_PREFIX "marking-definition--"

/* An id, in any case, which may be a TLP level's. */
static bool parse_id(struct eii_text text, struct eii_marking *out)
{
	if (!eii_text_starts_nocase(text, ID_PREFIX) ||
	    text.len != strlen(levels[EII_TLP_CLEAR].id))
		return false;
	for (size_t i = EII_TLP_CLEAR; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!eii_text_equal_nocase(text, eii_text_of(levels[i].id)))
			continue;
		eii_marking_of_tlp((enum eii_tlp)i, out);
		return true;
	}
	*out = (struct eii_marking){ .tlp = EII_TLP_NONE };
	for (size_t i = 0; i < text.len; i++)
		out->id[i] = eii_ascii_lower(text.data[i]);
	return true;
}

bool eii_marking_parse(struct eii_text text, struct eii_marking *out)
{
	struct eii_marking marking = { .tlp = EII_TLP_NONE };
	bool has_prefix = eii_text_starts_nocase(text, "TLP:");
	enum eii_tlp tlp;

	if (parse_level(has_prefix ? eii_text(text.data + 4, text.len - 4) : text, &tlp)) {
		eii_marking_of_tlp(tlp, out);
		return true;
	}
	if (parse_id(text, out))
		return true;
	if (!text.len || !split(text, &marking))
		return false;
	eii_id_marking(marking.type, marking.name, marking.id);
	*out = marking;
	return true;
}

size_t eii_marking_count(const struct eii_report_settings *settings)
{
	return 1 + settings->n_markings;
}

const struct eii_marking *eii_marking_at(const struct eii_report_settings *settings, size_t index)
{
	return index ? &settings->markings[index - 1] : &settings->marking;
}

const char *eii_marking_id_at(const struct eii_report_settings *settings, size_t index)
{
	return eii_marking_at(settings, index)->id;
}

static void write_definition(struct eii_json_writer *json, const char *key, struct eii_text value)
{
	eii_json_key(json, "definition");
	eii_json_object_begin(json);
	eii_json_key(json, key);
	eii_json_text(json, value);
	eii_json_object_end(json);
}

/* No constant of STIX 2.1: a statement, with the platform's own members. */
static void write_statement(struct eii_json_writer *json, const char *name)
{
	eii_bundle_member(json, "definition_type", "statement");
	write_definition(json, "statement", eii_text_of("custom"));
	eii_bundle_member(json, "x_opencti_definition", name);
	eii_bundle_member(json, "x_opencti_definition_type", "TLP");
}

void eii_marking_write(struct eii_json_writer *json, const struct eii_marking *marking,
		       int64_t created_us, unsigned nb_deps)
{
	enum eii_tlp tlp = marking->tlp;

	eii_json_object_begin(json);
	eii_bundle_member(json, "type", "marking-definition");
	eii_bundle_member(json, "spec_version", "2.1");
	eii_bundle_member(json, "id", marking->id);
	if (tlp != EII_TLP_AMBER_STRICT) {
		eii_bundle_member(json, "created", "2017-01-20T00:00:00.000Z");
		eii_bundle_member(json, "definition_type", "tlp");
		eii_bundle_member(json, "name", levels[tlp].name);
		write_definition(json, "tlp", eii_text_of(levels[tlp].tlp));
	} else {
		eii_bundle_instant(json, "created", created_us);
		write_statement(json, levels[tlp].name);
	}
	eii_bundle_object_end(json, nb_deps);
}

enum eii_rc eii_marking_write_bundle(const struct eii_report_settings *settings, size_t index,
				     struct eii_sink *sink, struct eii_error *err)
{
	const struct eii_marking *marking = eii_marking_at(settings, index);
	struct eii_json_writer json;
	char id[EII_ID_BYTES];

	if (marking->tlp == EII_TLP_NONE)
		return eii_fail(err, EII_REJECT, "the platform's own marking is not made by us");
	eii_id_bundle(id);
	eii_json_writer_init(&json, sink);
	eii_bundle_begin(&json, id, NB_DEPS_ALONE);
	eii_marking_write(&json, marking, settings->created_us, NB_DEPS_ALONE);
	eii_bundle_end(&json);
	return eii_json_writer_finish(&json, err);
}
