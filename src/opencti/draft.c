/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include <string.h>

#include "eii/base/alloc.h"

enum eii_rc eii_platform_needs_drafts(const struct eii_platform *platform, struct eii_error *err)
{
	if (platform->features.has_draft_id)
		return EII_OK;
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
			     "OpenCTI %s has no drafts that a connector can fill: "
			     "CONNECTOR_VALIDATE_BEFORE_IMPORT=true needs 6.4.0 or later",
			     platform->version ? platform->version : "of an unknown version");
}

static enum eii_rc add(struct eii_platform *platform, const char *name, char **out_draft_id,
		       struct eii_error *err)
{
	struct eii_variables variables;
	const char *id;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_json_key(&variables.json, "input");
	eii_json_object_begin(&variables.json);
	eii_variables_str(&variables, "name", name);
	eii_json_object_end(&variables.json);
	rc = eii_platform_call(platform, "draftWorkspaceAdd",
			       "mutation draftWorkspaceAdd($input:DraftWorkspaceAddInput!)"
			       "{draftWorkspaceAdd(input:$input){id}}",
			       &variables, EII_GRAPHQL_ONCE, err);
	if (rc)
		return rc;
	id = eii_json_get_str(eii_platform_root(platform, "draftWorkspaceAdd"), "id");
	if (!id || !id[0] || strlen(id) >= EII_PLATFORM_DRAFT_BYTES)
		return eii_platform_fail_shape(platform, "draftWorkspaceAdd", "id", err);
	*out_draft_id = eii_strdup(id);
	return EII_OK;
}

/* Only for who looks at the Work in the platform. */
static enum eii_rc tie(struct eii_platform *platform, const char *work_id, const char *draft_id,
		       struct eii_error *err)
{
	struct eii_variables variables;

	if (!platform->features.has_draft_context)
		return EII_OK;
	eii_variables_begin(&variables);
	eii_variables_str(&variables, "id", work_id);
	eii_variables_str(&variables, "draftContext", draft_id);
	return eii_platform_call(platform, "addDraftContext",
				 "mutation addDraftContext($id:ID!,$draftContext:String)"
				 "{workEdit(id:$id){addDraftContext(draftContext:$draftContext)}}",
				 &variables, EII_GRAPHQL_ONCE, err);
}

enum eii_rc eii_platform_draft_add(struct eii_platform *platform, const char *name,
				   const char *work_id, char **out_draft_id, struct eii_error *err)
{
	EII_AUTO_STR id = NULL;
	enum eii_rc rc = add(platform, name, &id, err);

	if (!rc)
		rc = tie(platform, work_id, id, err);
	if (rc)
		return rc;
	*out_draft_id = EII_DETACH(id);
	return EII_OK;
}

void eii_platform_enter_draft(struct eii_platform *platform, const char *draft_id)
{
	platform->draft_id = draft_id;
}
