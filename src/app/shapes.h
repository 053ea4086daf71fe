/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reports say by the operator's rules: one shape for each, and all authors and markings
 * that can come out.
 */
#ifndef EII_APP_SHAPES_H
#define EII_APP_SHAPES_H

#include "eii/rules/rules.h"
#include "eii/stix/report.h"

/* settings has its marking already, and whether mails name one; it borrows from rules;
 * eii_shapes_clear() it. */
void eii_shapes_fill(const struct eii_rules *rules, struct eii_report_settings *settings);
void eii_shapes_clear(struct eii_report_settings *settings);

#endif
