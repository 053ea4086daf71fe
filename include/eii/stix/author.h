/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The author of reports: the identity "Email Intel IMAP", the same as the official
 * connector's, so that both write under one name; or another one where a rule says so.
 */
#ifndef EII_STIX_AUTHOR_H
#define EII_STIX_AUTHOR_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"
#include "eii/stix/id.h"

struct eii_report_settings;

#define EII_AUTHOR_NAME        "Email Intel IMAP"
#define EII_AUTHOR_DESCRIPTION "Email Intel IMAP Connector"
#define EII_AUTHOR_CLASS       "organization"
#define EII_AUTHOR_ID          "identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997" /* of these two */

/* Another author that the operator names: an organization. */
struct eii_author {
	struct eii_text name; /* borrowed */
	char id[EII_ID_BYTES];
};

/* name has two characters or more: the platform takes no shorter one. */
void eii_author_of(struct eii_text name, struct eii_author *out);

/* All that reports can have; the default one has index 0. */
size_t eii_author_count(const struct eii_report_settings *settings);
const char *eii_author_id_at(const struct eii_report_settings *settings, size_t index);

/*
 * One of the authors that reports can have alone in a bundle, as the
 * splitter makes it. Fails as the sink does.
 */
enum eii_rc eii_author_write_bundle(const struct eii_report_settings *settings, size_t index,
				    struct eii_sink *sink, struct eii_error *err) EII_MUST_CHECK;

#endif
