/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the token's user may, as the core and --check look at it. What is missing
 * would make the platform refuse each report (docs/errors.md).
 */
#ifndef EII_INGEST_RIGHTS_H
#define EII_INGEST_RIGHTS_H

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/core/fact.h"
#include "eii/opencti/platform.h"
#include "eii/stix/report.h"

/*
 * report: whose markings are looked at, each that a report can have. A TLP level that the
 * platform lacks is not missing as a right: it is made there. Another marking is never made,
 * and has to be there.
 */
enum eii_rc eii_rights_read(struct eii_platform *platform, const struct eii_report_settings *report,
			    struct eii_rights_view *out, struct eii_error *err) EII_MUST_CHECK;

/* "CONNECTORAPI, the marking": the names of EII_MISSING_ bits; nothing for none. */
void eii_rights_name(unsigned missing, struct eii_buf *out);

#endif
