/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include "eii/base/utf8.h"

static const char document[] = "query Me{me{name capabilities{name} allowed_marking{standard_id} "
			       "effective_confidence_level{max_confidence}}}";

/* Whether one entry of a list has exactly this text as its member. */
static bool has_entry(const struct eii_json *list, const char *member, const char *wanted)
{
	const struct eii_json *entry = eii_json_first(list);

	for (; entry; entry = eii_json_next(entry)) {
		if (!strcmp(eii_json_as_str(eii_json_get(entry, member), ""), wanted))
			return true;
	}
	return false;
}

/*
 * The capability or one below it: the platform lists what is lowest alone, and
 * whoever has that passes for what is above it.
 */
static bool has_capability(const struct eii_json *me, const char *wanted)
{
	const struct eii_json *entry = eii_json_first(eii_json_get(me, "capabilities"));
	size_t len = strlen(wanted);

	for (; entry; entry = eii_json_next(entry)) {
		const char *name = eii_json_get_str(entry, "name");

		if (name && !strncmp(name, wanted, len) && (!name[len] || name[len] == '_'))
			return true;
	}
	return false;
}

static void read_name(const struct eii_json *me, char out[EII_PLATFORM_NAME_MAX])
{
	const char *name = eii_json_as_str(eii_json_get(me, "name"), "");
	size_t len = eii_utf8_cut(eii_text_of(name), EII_PLATFORM_NAME_MAX - 1);

	memcpy(out, name, len);
	out[len] = '\0';
}

static bool may_all(const struct eii_json *me)
{
	return has_entry(eii_json_get(me, "capabilities"), "name", "BYPASS");
}

/* Whoever may all may use all of them. */
static bool may_use_all(const struct eii_json *me, const char *const *ids, size_t n,
			bool *out_may_use)
{
	bool may_any = may_all(me);
	const struct eii_json *markings = eii_json_get(me, "allowed_marking");
	bool may = true;

	for (size_t i = 0; i < n; i++) {
		out_may_use[i] = may_any || has_entry(markings, "standard_id", ids[i]);
		may = may && out_may_use[i];
	}
	return may;
}

static void read_me(const struct eii_json *me, struct eii_platform_me *out)
{
	bool may_any = may_all(me);
	double confidence = eii_json_as_double(
		eii_json_get(eii_json_get(me, "effective_confidence_level"), "max_confidence"), -1);

	*out = (struct eii_platform_me){
		.is_known = true,
		.has_api_access = may_any || has_capability(me, "APIACCESS_USETOKEN"),
		.has_connector_api = may_any || has_capability(me, "CONNECTORAPI"),
		.may_read = may_any || has_capability(me, "KNOWLEDGE"),
		.may_update = may_any || has_capability(me, "KNOWLEDGE_KNUPDATE"),
		.may_upload = may_any || has_capability(me, "KNOWLEDGE_KNUPLOAD"),
		.has_max_confidence = confidence >= 0,
		.max_confidence = confidence >= 0 ? confidence : 0,
	};
	read_name(me, out->name);
}

enum eii_rc eii_platform_me(struct eii_platform *platform, const char *const *marking_ids, size_t n,
			    bool *out_may_use, struct eii_platform_me *out, struct eii_error *err)
{
	const struct eii_json *me;
	enum eii_rc rc = eii_platform_call(platform, "me", document, NULL, EII_GRAPHQL_QUERY, err);

	if (rc && !eii_platform_refused_document(platform))
		return rc;
	me = rc ? NULL : eii_platform_root(platform, "me");
	*out = (struct eii_platform_me){ .is_known = false };
	if (!me)
		return EII_OK;
	read_me(me, out);
	out->has_marking = may_use_all(me, marking_ids, n, out_may_use);
	return EII_OK;
}
