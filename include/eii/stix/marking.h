/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marking of reports (EMAIL_INTEL_IMAP_TLP_LEVEL, or a rule's): a TLP level, under the
 * id that every platform has it by, and as the official connector sends it; or
 * another marking of the platform, by its type and name.
 */
#ifndef EII_STIX_MARKING_H
#define EII_STIX_MARKING_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"
#include "eii/fields/tlp.h"
#include "eii/stix/id.h"

struct eii_report_settings;

struct eii_marking {
	enum eii_tlp tlp; /* EII_TLP_NONE: another marking, whose type and name these are */
	struct eii_text type, name; /* borrowed; empty where it is named by its id */
	char id[EII_ID_BYTES];      /* as the platform computes it */
};

/* "TLP:AMBER+STRICT"; not of EII_TLP_NONE. */
const char *eii_tlp_name(enum eii_tlp tlp);

/* Of some; EII_TLP_NONE: none is among them. */
enum eii_tlp eii_tlp_strictest(const struct eii_marking *markings, size_t n);

/* Not of EII_TLP_NONE. */
void eii_marking_of_tlp(enum eii_tlp tlp, struct eii_marking *out);

/*
 * "amber+strict" or "TLP:AMBER+STRICT", in any case; "PAP:RED", whose type is what
 * stands before the colon; "statement/For the CERT", with its type; or an id. The name of
 * another marking is taken as it stands. *out is written only when it returns true.
 */
bool eii_marking_parse(struct eii_text text, struct eii_marking *out);

/* All that reports can have; the default one has index 0. */
size_t eii_marking_count(const struct eii_report_settings *settings);
const struct eii_marking *eii_marking_at(const struct eii_report_settings *settings, size_t index);
const char *eii_marking_id_at(const struct eii_report_settings *settings, size_t index);

/*
 * One of the markings that reports can have alone in a bundle, as
 * the splitter makes it. Fails as the sink does, and with EII_REJECT where it is no TLP level:
 * another one is the platform's own.
 */
enum eii_rc eii_marking_write_bundle(const struct eii_report_settings *settings, size_t index,
				     struct eii_sink *sink, struct eii_error *err) EII_MUST_CHECK;

#endif
