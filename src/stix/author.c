/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/author.h"

#include "bundle.h"
#include "eii/stix/report.h"

size_t eii_author_count(const struct eii_report_settings *settings)
{
	return 1 + settings->n_authors;
}

const char *eii_author_id_at(const struct eii_report_settings *settings, size_t index)
{
	return index ? settings->authors[index - 1].id : EII_AUTHOR_ID;
}

void eii_author_of(struct eii_text name, struct eii_author *out)
{
	*out = (struct eii_author){ .name = name };
	eii_id_identity(name, EII_AUTHOR_CLASS, out->id);
}

/* Another author's description is whatever the platform has: an upsert would write over it. */
void eii_author_write(struct eii_json_writer *json, const struct eii_author *author,
		      int64_t created_us, unsigned nb_deps)
{
	eii_json_object_begin(json);
	eii_bundle_member(json, "type", "identity");
	eii_bundle_member(json, "spec_version", "2.1");
	eii_bundle_member(json, "id", author ? author->id : EII_AUTHOR_ID);
	eii_bundle_instant(json, "created", created_us);
	eii_bundle_instant(json, "modified", created_us);
	eii_json_key(json, "name");
	eii_json_text(json, author ? author->name : eii_text_of(EII_AUTHOR_NAME));
	if (!author)
		eii_bundle_member(json, "description", EII_AUTHOR_DESCRIPTION);
	eii_bundle_member(json, "identity_class", EII_AUTHOR_CLASS);
	eii_bundle_object_end(json, nb_deps);
}

enum eii_rc eii_author_write_bundle(const struct eii_report_settings *settings, size_t index,
				    struct eii_sink *sink, struct eii_error *err)
{
	const struct eii_author *author = index ? &settings->authors[index - 1] : NULL;
	struct eii_json_writer json;
	char id[EII_ID_BYTES];

	eii_id_bundle(id);
	eii_json_writer_init(&json, sink);
	eii_bundle_begin(&json, id, NB_DEPS_ALONE);
	eii_author_write(&json, author, settings->created_us, NB_DEPS_ALONE);
	eii_bundle_end(&json);
	return eii_json_writer_finish(&json, err);
}
