/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/tlp.h"

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

bool eii_tlp_parse(struct eii_text text, enum eii_tlp *out)
{
	if (eii_text_equal_nocase(text, eii_text_of("clear"))) {
		*out = EII_TLP_CLEAR;
		return true;
	}
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!eii_text_equal_nocase(text, eii_text_of(levels[i].tlp)))
			continue;
		*out = (enum eii_tlp)i;
		return true;
	}
	return false;
}

const char *eii_tlp_id(enum eii_tlp tlp)
{
	return levels[tlp].id;
}

static void write_definition(struct eii_json_writer *json, const char *key, const char *value)
{
	eii_json_key(json, "definition");
	eii_json_object_begin(json);
	eii_bundle_member(json, key, value);
	eii_json_object_end(json);
}

static void write_marking(struct eii_json_writer *json, enum eii_tlp tlp, int64_t created_us)
{
	eii_json_object_begin(json);
	eii_bundle_member(json, "type", "marking-definition");
	eii_bundle_member(json, "spec_version", "2.1");
	eii_bundle_member(json, "id", levels[tlp].id);
	if (tlp == EII_TLP_AMBER_STRICT) {
		/* No constant of STIX 2.1: a statement, with the platform's own members. */
		eii_bundle_instant(json, "created", created_us);
		eii_bundle_member(json, "definition_type", "statement");
		write_definition(json, "statement", "custom");
		eii_bundle_member(json, "x_opencti_definition", levels[tlp].name);
		eii_bundle_member(json, "x_opencti_definition_type", "TLP");
	} else {
		eii_bundle_member(json, "created", "2017-01-20T00:00:00.000Z");
		eii_bundle_member(json, "definition_type", "tlp");
		eii_bundle_member(json, "name", levels[tlp].name);
		write_definition(json, "tlp", levels[tlp].tlp);
	}
	eii_json_key(json, "nb_deps");
	eii_json_u64(json, NB_DEPS_ALONE);
	eii_json_object_end(json);
}

enum eii_rc eii_tlp_write_bundle(const struct eii_report_settings *settings, struct eii_sink *sink,
				 struct eii_error *err)
{
	struct eii_json_writer json;
	char id[EII_ID_BYTES];

	eii_id_bundle(id);
	eii_json_writer_init(&json, sink);
	eii_bundle_begin(&json, id, NB_DEPS_ALONE);
	write_marking(&json, settings->tlp, settings->created_us);
	eii_bundle_end(&json);
	return eii_json_writer_finish(&json, err);
}
