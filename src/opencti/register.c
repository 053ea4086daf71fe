/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include "eii/base/alloc.h"

#define WHAT_IT_GIVES                                                                              \
	"id connector_state connector_user_id config{connection{host vhost use_ssl port user "     \
	"pass}"                                                                                    \
	"push push_routing push_exchange}"

static const char document[] =
	"mutation RegisterConnector($input:RegisterConnectorInput){registerConnector(input:$input)"
	"{" WHAT_IT_GIVES "}}";

static const char reading_document[] =
	"query GetConnector($id:String!){connector(id:$id){" WHAT_IT_GIVES "}}";

void eii_registration_clear(struct eii_registration *registration)
{
	free(registration->state);
	free(registration->connector_user_id);
	free(registration->push_queue);
	free(registration->push_exchange);
	free(registration->push_routing);
	free(registration->mq_host);
	free(registration->mq_vhost);
	free(registration->mq_user);
	eii_free_secret(registration->mq_password);
	*registration = (struct eii_registration){ 0 };
}

/* The platform refuses what pycti's own split would give with blanks around it. */
static void write_scope(struct eii_json_writer *json, const char *scope)
{
	size_t n_written = 0;

	eii_json_key(json, "scope");
	eii_json_array_begin(json);
	while (scope && *scope) {
		size_t len = strcspn(scope, ",");
		struct eii_text part = eii_text_trim(eii_text(scope, len));

		if (part.len) {
			eii_json_text(json, part);
			n_written++;
		}
		scope += len + (scope[len] == ',');
	}
	if (!n_written)
		eii_json_str(json, "not-applicable"); /* pycti's default; empty is refused */
	eii_json_array_end(json);
}

enum input_form { INPUT_WHOLE, INPUT_SHORT };

static void write_false(struct eii_json_writer *json, const char *name)
{
	eii_json_key(json, name);
	eii_json_word(json, EII_JSON_FALSE);
}

/*
 * pycti's members in its order, less those newer than the platform. Once a
 * connector has an enrichment_resolution, 7.x refuses an input without it.
 */
static void write_input(const struct eii_platform *platform, enum input_form form,
			struct eii_variables *variables)
{
	struct eii_json_writer *json = &variables->json;
	bool has_resolution = form == INPUT_WHOLE && platform->features.has_resolution;

	eii_json_key(json, "input");
	eii_json_object_begin(json);
	eii_variables_str(variables, "id", platform->connector_id);
	eii_variables_str(variables, "name", platform->connector_name);
	eii_variables_str(variables, "type", "EXTERNAL_IMPORT");
	write_scope(json, platform->connector_scope);
	write_false(json, "auto");
	if (has_resolution) {
		write_false(json, "auto_update");
		eii_variables_str(variables, "enrichment_resolution", "none");
	}
	write_false(json, "only_contextual");
	write_false(json, "playbook_compatible");
	if (form == INPUT_WHOLE && platform->features.has_callback_uri)
		eii_variables_str(variables, "listen_callback_uri", NULL);
	eii_json_object_end(json);
}

static enum eii_rc send_input(struct eii_platform *platform, enum input_form form,
			      struct eii_error *err)
{
	struct eii_variables variables;

	eii_variables_begin(&variables);
	write_input(platform, form, &variables);
	return eii_platform_call(platform, "registerConnector", document, &variables,
				 EII_GRAPHQL_QUERY, err);
}

static bool is_input_unknown(const struct eii_platform *platform)
{
	return platform->failure.code == EII_GRAPHQL_BAD_INPUT ||
	       platform->failure.code == EII_GRAPHQL_BAD_DOCUMENT;
}

/* A copy of a member that must be a text of some length; NULL where it is not. */
static char *text_member(const struct eii_json *object, const char *name)
{
	const char *text = eii_json_get_str(object, name);

	return text && text[0] ? eii_strdup(text) : NULL;
}

/* The name of the first member that is missing, NULL when all are there. */
static const char *read_registration(const struct eii_json *connector, struct eii_registration *out)
{
	const struct eii_json *config = eii_json_get(connector, "config");
	const struct eii_json *connection = eii_json_get(config, "connection");
	uint64_t port = 0;
	const struct {
		const char *name;
		const struct eii_json *object;
		char **out;
	} members[] = {
		{ "connection.host", connection, &out->mq_host },
		{ "connection.vhost", connection, &out->mq_vhost },
		{ "connection.user", connection, &out->mq_user },
		{ "connection.pass", connection, &out->mq_password },
		{ "config.push", config, &out->push_queue },
		{ "config.push_exchange", config, &out->push_exchange },
		{ "config.push_routing", config, &out->push_routing },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		*members[i].out = text_member(members[i].object, strchr(members[i].name, '.') + 1);
		if (!*members[i].out)
			return members[i].name;
	}
	if (!eii_json_as_u64(eii_json_get(connection, "port"), UINT16_MAX, &port) || !port)
		return "connection.port";
	out->mq_port = (uint16_t)port;
	out->mq_uses_tls = eii_json_as_bool(eii_json_get(connection, "use_ssl"), false);
	out->connector_user_id = text_member(connector, "connector_user_id");
	out->state = eii_strdup(eii_json_get_str(connector, "connector_state"));
	return NULL;
}

static enum eii_rc send_registration(struct eii_platform *platform, struct eii_error *err)
{
	const char *version;
	enum eii_rc rc = eii_platform_about(platform, &version, err);

	if (rc)
		return rc;
	rc = send_input(platform, INPUT_WHOLE, err);
	if (rc && is_input_unknown(platform))
		rc = send_input(platform, INPUT_SHORT, err);
	return rc;
}

/* From the answer's root of this name, which is there. */
static enum eii_rc take_registration(struct eii_platform *platform, const char *root,
				     struct eii_registration *out, struct eii_error *err)
{
	struct eii_registration registration = { 0 };
	const char *missing = read_registration(eii_platform_root(platform, root), &registration);

	/* The answer holds the broker's password. */
	eii_json_free(platform->answer.document);
	platform->answer.document = NULL;
	platform->answer.data = NULL;
	if (missing) {
		eii_registration_clear(&registration);
		return eii_platform_fail_shape(platform, root, missing, err);
	}
	eii_registration_clear(out);
	*out = registration;
	return EII_OK;
}

enum eii_rc eii_platform_register(struct eii_platform *platform, struct eii_registration *out,
				  struct eii_error *err)
{
	enum eii_rc rc;

	eii_platform_hold(platform);
	rc = send_registration(platform, err);
	eii_platform_release(platform);
	return rc ? rc : take_registration(platform, "registerConnector", out, err);
}

enum eii_rc eii_platform_read_registration(struct eii_platform *platform,
					   enum eii_registration_answer *out_answer,
					   struct eii_registration *out, struct eii_error *err)
{
	struct eii_variables variables;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "id", platform->connector_id);
	rc = eii_platform_call(platform, "connector", reading_document, &variables,
			       EII_GRAPHQL_QUERY, err);
	if (rc && !eii_platform_lacks_connector(platform))
		return rc;
	if (rc || !eii_platform_root(platform, "connector")) {
		*out_answer = EII_REGISTRATION_NONE;
		return EII_OK;
	}
	rc = take_registration(platform, "connector", out, err);
	if (!rc)
		*out_answer = EII_REGISTRATION_THERE;
	return rc;
}
