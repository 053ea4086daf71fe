/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include <string.h>

#include "eii/base/alloc.h"

/* The platform's own page asks for the Works in progress by the same two keys. */
static const char document[] =
	"query Works($connector:Any!){works(first:50,orderBy:timestamp,orderMode:desc,filters:{"
	"mode:and,filters:[{key:[\"connector_id\"],values:[$connector]},{key:[\"status\"],"
	"values:[\"progress\"]}],filterGroups:[]}){edges{node{id name processed_time "
	"errors{message} tracking{import_expected_number import_processed_number}}}}}";

static bool is_null(const struct eii_json *value)
{
	return !value || eii_json_type(value) == EII_JSON_IS_NULL;
}

/* Nothing was counted or reported under it, and nobody has closed it. */
static bool is_empty(const struct eii_json *work)
{
	const struct eii_json *tracking = eii_json_get(work, "tracking");

	return is_null(eii_json_get(work, "processed_time")) &&
	       !eii_json_first(eii_json_get(work, "errors")) &&
	       is_null(eii_json_get(tracking, "import_expected_number")) &&
	       is_null(eii_json_get(tracking, "import_processed_number"));
}

static char *first_empty(const struct eii_json *works, const char *name)
{
	const struct eii_json *edge = eii_json_first(eii_json_get(works, "edges"));

	for (; edge; edge = eii_json_next(edge)) {
		const struct eii_json *work = eii_json_get(edge, "node");
		const char *id = eii_json_get_str(work, "id");

		if (id && id[0] && is_empty(work) &&
		    !strcmp(eii_json_as_str(eii_json_get(work, "name"), ""), name))
			return eii_strdup(id);
	}
	return NULL;
}

enum eii_rc eii_platform_find_work(struct eii_platform *platform, const char *friendly_name,
				   char **out_work_id, struct eii_error *err)
{
	struct eii_variables variables;
	EII_AUTO_STR id = NULL;
	bool is_alive = false;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "connector", platform->connector_id);
	rc = eii_platform_call(platform, "works", document, &variables, EII_GRAPHQL_QUERY, err);
	if (rc && (platform->failure.code == EII_GRAPHQL_FORBIDDEN ||
		   eii_platform_refused_document(platform))) {
		*out_work_id = NULL;
		return EII_OK;
	}
	if (rc)
		return rc;
	id = first_empty(eii_platform_root(platform, "works"), friendly_name);
	if (id)
		rc = eii_platform_is_work_alive(platform, id, &is_alive, err);
	if (rc)
		return rc;
	*out_work_id = is_alive ? EII_DETACH(id) : NULL;
	return EII_OK;
}
