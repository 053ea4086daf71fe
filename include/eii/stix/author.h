/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The author of every report: the identity "Email Intel IMAP", the same as the
 * official connector's, so that both write under one name.
 */
#ifndef EII_STIX_AUTHOR_H
#define EII_STIX_AUTHOR_H

#include "eii/base/error.h"
#include "eii/base/sink.h"

struct eii_report_settings;

#define EII_AUTHOR_NAME        "Email Intel IMAP"
#define EII_AUTHOR_DESCRIPTION "Email Intel IMAP Connector"
#define EII_AUTHOR_CLASS       "organization"
#define EII_AUTHOR_ID          "identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997" /* of these two */

/* The author alone in a bundle, as the splitter makes it. Fails as the sink does. */
enum eii_rc eii_author_write_bundle(const struct eii_report_settings *settings,
				    struct eii_sink *sink, struct eii_error *err) EII_MUST_CHECK;

#endif
