/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marking of every report (EMAIL_INTEL_IMAP_TLP_LEVEL), under the id that
 * every platform has it by, and as the official connector sends it.
 */
#ifndef EII_STIX_TLP_H
#define EII_STIX_TLP_H

#include <stdbool.h>

#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"

struct eii_report_settings;

enum eii_tlp {
	EII_TLP_CLEAR, /* also "white" */
	EII_TLP_GREEN,
	EII_TLP_AMBER,
	EII_TLP_AMBER_STRICT,
	EII_TLP_RED,
};

/* "amber+strict" and the like, in any case; *out is written only when it returns true. */
bool eii_tlp_parse(struct eii_text text, enum eii_tlp *out);

const char *eii_tlp_id(enum eii_tlp tlp);

/* The marking alone in a bundle, as the splitter makes it. Fails as the sink does. */
enum eii_rc eii_tlp_write_bundle(const struct eii_report_settings *settings, struct eii_sink *sink,
				 struct eii_error *err) EII_MUST_CHECK;

#endif
