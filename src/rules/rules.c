/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/rules/rules.h"

#include <stdlib.h>

void eii_rules_clear(struct eii_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		struct eii_rule *rule = &rules->items[i];

		eii_patterns_clear(&rule->from);
		eii_patterns_clear(&rule->to);
		eii_patterns_clear(&rule->subject);
		eii_patterns_clear(&rule->folder);
	}
	free(rules->items);
	*rules = (struct eii_rules){ .n = 0 };
}

void eii_filters_clear(struct eii_filters *filters)
{
	eii_patterns_clear(&filters->senders);
	eii_patterns_clear(&filters->recipients);
	eii_patterns_clear(&filters->subjects);
	*filters = (struct eii_filters){ .max_bytes = 0 };
}
