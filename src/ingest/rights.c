/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/rights.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

/*
 * A TLP level that is not there is nobody's to use, and no right is missing for that.
 * One that has come in between the two questions is asked for once more.
 */
static enum eii_rc heed_absent_marking(struct eii_platform *platform,
				       const struct eii_marking *marking, bool *may_use,
				       struct eii_error *err)
{
	const char *id = marking->id;
	struct eii_platform_me me = { 0 };
	bool exists = true;
	enum eii_rc rc;

	if (*may_use || marking->tlp == EII_TLP_NONE)
		return EII_OK;
	rc = eii_platform_has_marking(platform, id, &exists, err);
	if (!rc && exists)
		rc = eii_platform_me(platform, &id, 1, may_use, &me, err);
	*may_use = !exists || *may_use;
	return rc;
}

/* Whether each marking of the reports may be used; may_use: what `me` said of each. */
static enum eii_rc heed_absent_markings(struct eii_platform *platform,
					const struct eii_report_settings *report, bool *may_use,
					bool *out_may_all, struct eii_error *err)
{
	*out_may_all = true;
	for (size_t i = 0; i < eii_marking_count(report); i++) {
		enum eii_rc rc =
			heed_absent_marking(platform, eii_marking_at(report, i), &may_use[i], err);

		if (rc)
			return rc;
		*out_may_all = *out_may_all && may_use[i];
	}
	return EII_OK;
}

static enum eii_rc ask(struct eii_platform *platform, const struct eii_report_settings *report,
		       bool *may_use, struct eii_platform_me *out, struct eii_error *err)
{
	size_t n = eii_marking_count(report);
	const char **ids = eii_calloc(n, sizeof(*ids));
	enum eii_rc rc;

	for (size_t i = 0; i < n; i++)
		ids[i] = eii_marking_at(report, i)->id;
	rc = eii_platform_me(platform, ids, n, may_use, out, err);
	free(ids);
	return rc;
}

enum eii_rc eii_rights_read(struct eii_platform *platform, const struct eii_report_settings *report,
			    struct eii_rights_view *out, struct eii_error *err)
{
	bool *may_use = eii_calloc(eii_marking_count(report), sizeof(*may_use));
	struct eii_platform_me me = { 0 };
	enum eii_rc rc = ask(platform, report, may_use, &me, err);

	if (!rc) {
		*out = (struct eii_rights_view){
			.is_known = me.is_known,
			.may_connect = me.has_api_access && me.has_connector_api,
			.may_update = me.may_update,
			.may_upload = me.may_upload,
			.may_read = me.may_read,
			.has_marking = me.has_marking,
		};
		if (me.is_known)
			rc = heed_absent_markings(platform, report, may_use, &out->has_marking,
						  err);
	}
	free(may_use);
	return rc;
}

void eii_rights_name(unsigned missing, struct eii_buf *out)
{
	static const struct {
		unsigned bit;
		const char *name;
	} rights[] = {
		{ EII_MISSING_CONNECT, "CONNECTORAPI" },
		{ EII_MISSING_UPDATE, "KNOWLEDGE_KNUPDATE" },
		{ EII_MISSING_UPLOAD, "KNOWLEDGE_KNUPLOAD" },
		{ EII_MISSING_MARKING, "the marking" },
	};

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (missing & rights[i].bit)
			eii_buf_addf(out, "%s%s", out->len ? ", " : "", rights[i].name);
	}
}
