/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/rights.h"

/*
 * A TLP level that is not there is nobody's to use, and no right is missing for that.
 * One that has come in between the two questions is asked for once more.
 */
static enum eii_rc heed_absent_marking(struct eii_platform *platform,
				       const struct eii_marking *marking,
				       struct eii_rights_view *view, struct eii_error *err)
{
	struct eii_platform_me me = { 0 };
	bool exists = true;
	enum eii_rc rc;

	if (!view->is_known || view->has_marking || marking->tlp == EII_TLP_NONE)
		return EII_OK;
	rc = eii_platform_has_marking(platform, marking->id, &exists, err);
	if (!rc && exists)
		rc = eii_platform_me(platform, marking->id, &me, err);
	view->has_marking = !exists || me.has_marking;
	return rc;
}

enum eii_rc eii_rights_read(struct eii_platform *platform, const struct eii_marking *marking,
			    struct eii_rights_view *out, struct eii_error *err)
{
	struct eii_platform_me me = { 0 };
	enum eii_rc rc = eii_platform_me(platform, marking->id, &me, err);

	if (rc)
		return rc;
	*out = (struct eii_rights_view){
		.is_known = me.is_known,
		.may_connect = me.has_api_access && me.has_connector_api,
		.may_update = me.may_update,
		.may_upload = me.may_upload,
		.may_read = me.may_read,
		.has_marking = me.has_marking,
	};
	return heed_absent_marking(platform, marking, out, err);
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
