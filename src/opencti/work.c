/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include "eii/base/alloc.h"

enum eii_rc eii_platform_work_add(struct eii_platform *platform, const char *friendly_name,
				  char **out_work_id, struct eii_error *err)
{
	const char *document = "mutation workAdd($connectorId:String!,$friendlyName:String)"
			       "{workAdd(connectorId:$connectorId,friendlyName:$friendlyName){id}}";
	struct eii_variables variables;
	const char *id;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "connectorId", platform->connector_id);
	eii_variables_str(&variables, "friendlyName", friendly_name);
	if (platform->features.has_multipart_work) {
		document = "mutation workAdd($connectorId:String!,$friendlyName:String,"
			   "$isMultiPartWork:Boolean){workAdd(connectorId:$connectorId,"
			   "friendlyName:$friendlyName,isMultiPartWork:$isMultiPartWork){id}}";
		eii_json_key(&variables.json, "isMultiPartWork");
		eii_json_word(&variables.json, EII_JSON_TRUE);
	}
	rc = eii_platform_call(platform, "workAdd", document, &variables, EII_GRAPHQL_ONCE, err);
	if (rc)
		return rc;
	id = eii_json_get_str(eii_platform_root(platform, "workAdd"), "id");
	if (!id || !id[0])
		return eii_platform_fail_shape(platform, "workAdd", "id", err);
	*out_work_id = eii_strdup(id);
	return EII_OK;
}

static void begin_for_work(struct eii_variables *variables, const char *work_id)
{
	eii_variables_begin(variables);
	eii_variables_str(variables, "id", work_id);
}

enum eii_rc eii_platform_add_expectations(struct eii_platform *platform, const char *work_id,
					  uint32_t n, struct eii_error *err)
{
	struct eii_variables variables;

	begin_for_work(&variables, work_id);
	eii_json_key(&variables.json, "expectations");
	eii_json_u64(&variables.json, n);
	return eii_platform_call(platform, "addExpectations",
				 "mutation addExpectations($id:ID!,$expectations:Int)"
				 "{workEdit(id:$id){addExpectations(expectations:$expectations)}}",
				 &variables, EII_GRAPHQL_ONCE, err);
}

enum eii_rc eii_platform_to_processed(struct eii_platform *platform, const char *work_id,
				      const char *message, enum eii_work_end end,
				      struct eii_error *err)
{
	struct eii_variables variables;

	begin_for_work(&variables, work_id);
	eii_variables_str(&variables, "message", message);
	eii_json_key(&variables.json, "inError");
	eii_json_word(&variables.json, end == EII_WORK_IN_ERROR ? EII_JSON_TRUE : EII_JSON_FALSE);
	return eii_platform_call(platform, "toProcessed",
				 "mutation workToProcessed($id:ID!,$message:String,$inError:"
				 "Boolean){workEdit(id:$id){toProcessed(message:$message,"
				 "inError:$inError)}}",
				 &variables, EII_GRAPHQL_QUERY, err);
}

enum eii_rc eii_platform_is_work_alive(struct eii_platform *platform, const char *work_id,
				       bool *out_is_alive, struct eii_error *err)
{
	struct eii_variables variables;
	const struct eii_json *is_alive;
	enum eii_rc rc;

	if (!platform->features.has_work_alive) {
		*out_is_alive = true;
		return EII_OK;
	}
	begin_for_work(&variables, work_id);
	rc = eii_platform_call(platform, "isWorkAlive",
			       "query WorkAliveQuery($id:ID!){isWorkAlive(id:$id)}", &variables,
			       EII_GRAPHQL_QUERY, err);
	if (rc)
		return rc;
	is_alive = eii_json_get(platform->answer.data, "isWorkAlive");
	/* Null is no "no": only a clear word makes us open another Work. */
	*out_is_alive = eii_json_as_bool(is_alive, true);
	return EII_OK;
}

static enum eii_rc has_object(struct eii_platform *platform, const char *name, const char *document,
			      const char *id, bool *out_has, struct eii_error *err)
{
	struct eii_variables variables;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "id", id);
	rc = eii_platform_call(platform, name, document, &variables, EII_GRAPHQL_QUERY, err);
	if (rc)
		return rc;
	*out_has = eii_platform_root(platform, name) != NULL;
	return EII_OK;
}

enum eii_rc eii_platform_has_identity(struct eii_platform *platform, const char *id, bool *out_has,
				      struct eii_error *err)
{
	return has_object(platform, "identity", "query($id:String!){identity(id:$id){id}}", id,
			  out_has, err);
}

enum eii_rc eii_platform_has_marking(struct eii_platform *platform, const char *id, bool *out_has,
				     struct eii_error *err)
{
	return has_object(platform, "markingDefinition",
			  "query($id:String!){markingDefinition(id:$id){id}}", id, out_has, err);
}
