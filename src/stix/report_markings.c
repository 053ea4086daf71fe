/* SPDX-License-Identifier: Apache-2.0 */
/* What a report is marked with: by the setting or its rule, and by what its mail says. */
#include <string.h>

#include "report_private.h"

static void add(struct eii_report *report, const struct eii_marking *marking)
{
	for (size_t i = 0; i < report->n_markings; i++) {
		if (strcmp(report->markings[i]->id, marking->id) == 0)
			return;
	}
	report->markings[report->n_markings++] = marking;
}

static bool may_lower(const struct eii_report_source *source)
{
	return source->shape && source->shape->is_lowered_by_mail &&
	       source->fields->authentication == EII_AUTHENTICATION_PASSED;
}

/*
 * The mail's own level stands in the place of the usual one where that is a level; the other
 * markings are meant whatever a mail says.
 */
void eii_report_mark(struct eii_report *report)
{
	const struct eii_report_shape *shape = report->source.shape;
	const struct eii_marking *usual = shape ? shape->markings : &report->settings->marking;
	const size_t n = shape ? shape->n_markings : 1;
	const enum eii_tlp level = eii_tlp_strictest(usual, n);
	const enum eii_tlp said = report->source.fields->tlp;
	size_t i = 0;

	if (said > level || (said && said != level && may_lower(&report->source))) {
		eii_marking_of_tlp(said, &report->own);
		add(report, &report->own);
		i = usual[0].tlp != EII_TLP_NONE ? 1 : 0;
	}
	for (; i < n; i++)
		add(report, &usual[i]);
}

enum eii_tlp eii_report_own_tlp(const struct eii_report *report)
{
	return report->own.tlp;
}
