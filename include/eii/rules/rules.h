/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mails become reports, and which of the operator's rules says more of one: plain data
 * that config fills and judge() reads.
 */
#ifndef EII_RULES_RULES_H
#define EII_RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/text.h"
#include "eii/rules/pattern.h"

#define EII_RULES_MAX            100
#define EII_RULE_NAME_MAX_BYTES  64
#define EII_RULE_LABELS_MAX      50 /* of one rule, as the next */
#define EII_RULE_MARKINGS_MAX    8
#define EII_RULE_VALUE_MAX_BYTES 250 /* of a name: of type, label, author, marking */

enum eii_rule_asked { EII_RULE_NOT_ASKED, EII_RULE_ASKED_NO, EII_RULE_ASKED_YES };

/* Texts borrow from what the rules were read from; NULL and 0 = not said. */
struct eii_rule {
	struct eii_text name;
	/* What it takes: all that is said has to match. */
	struct eii_patterns from, to, subject, folder;
	enum eii_rule_asked authenticated;
	/* What becomes of such a mail. */
	bool is_import_refused;
	bool is_tlp_from_mail_any; /* the mail's own level may lower that of its report */
	struct eii_text report_type, author, tlp;
	struct eii_text labels[EII_RULE_LABELS_MAX];
	size_t n_labels;
	struct eii_text markings[EII_RULE_MARKINGS_MAX];
	size_t n_markings;
	bool has_confidence;
	uint8_t confidence; /* 0 to 100 */
};

/* What a mail has to be to become a report, whatever the rules; 0 and NULL = not asked. */
struct eii_filters {
	struct eii_patterns senders, recipients, subjects;
	uint64_t max_bytes; /* as the server says its size */
	uint32_t max_age_s; /* by the server's date of its arrival */
};

struct eii_rules {
	struct eii_rule *items; /* owned, with their patterns */
	size_t n;
};

void eii_rules_clear(struct eii_rules *rules);
void eii_filters_clear(struct eii_filters *filters);

#endif
