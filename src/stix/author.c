/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/author.h"

#include "bundle.h"
#include "eii/stix/report.h"

void eii_author_write(struct eii_json_writer *json, int64_t created_us, unsigned nb_deps)
{
	eii_json_object_begin(json);
	eii_bundle_member(json, "type", "identity");
	eii_bundle_member(json, "spec_version", "2.1");
	eii_bundle_member(json, "id", EII_AUTHOR_ID);
	eii_bundle_instant(json, "created", created_us);
	eii_bundle_instant(json, "modified", created_us);
	eii_bundle_member(json, "name", EII_AUTHOR_NAME);
	eii_bundle_member(json, "description", EII_AUTHOR_DESCRIPTION);
	eii_bundle_member(json, "identity_class", EII_AUTHOR_CLASS);
	eii_bundle_object_end(json, nb_deps);
}

enum eii_rc eii_author_write_bundle(const struct eii_report_settings *settings,
				    struct eii_sink *sink, struct eii_error *err)
{
	struct eii_json_writer json;
	char id[EII_ID_BYTES];

	eii_id_bundle(id);
	eii_json_writer_init(&json, sink);
	eii_bundle_begin(&json, id, NB_DEPS_ALONE);
	eii_author_write(&json, settings->created_us, NB_DEPS_ALONE);
	eii_bundle_end(&json);
	return eii_json_writer_finish(&json, err);
}
