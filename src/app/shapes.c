/* SPDX-License-Identifier: Apache-2.0 */
#include "shapes.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"

_Static_assert(EII_REPORT_SHAPE_MARKINGS > EII_RULE_MARKINGS_MAX, "a level and those of a rule");

/* Lists in the making, with room for what every rule and every level may add. */
struct making {
	struct eii_report_settings *settings;
	struct eii_report_shape *shapes;
	struct eii_author *authors;
	struct eii_marking *markings;
};

/* ---- what can come out ------------------------------------------------- */

static bool has_author(const struct eii_report_settings *settings, const char *id)
{
	for (size_t i = 0; i < eii_author_count(settings); i++) {
		if (strcmp(eii_author_id_at(settings, i), id) == 0)
			return true;
	}
	return false;
}

static void declare_author(struct making *m, const struct eii_author *author)
{
	if (*author->id && !has_author(m->settings, author->id))
		m->authors[m->settings->n_authors++] = *author;
}

static bool has_marking(const struct eii_report_settings *settings, const char *id)
{
	for (size_t i = 0; i < eii_marking_count(settings); i++) {
		if (strcmp(eii_marking_id_at(settings, i), id) == 0)
			return true;
	}
	return false;
}

static bool is_level(const struct eii_marking *marking)
{
	return marking->tlp != EII_TLP_NONE;
}

static bool is_own(const struct eii_marking *marking)
{
	return marking->tlp == EII_TLP_NONE;
}

/* Those of one kind that are not declared yet. */
static void declare_markings(struct making *m, bool (*is_kind)(const struct eii_marking *marking))
{
	for (size_t i = 0; i < m->settings->n_shapes; i++) {
		const struct eii_report_shape *shape = &m->shapes[i];

		for (size_t k = 0; k < shape->n_markings; k++) {
			const struct eii_marking *marking = &shape->markings[k];

			if (is_kind(marking) && !has_marking(m->settings, marking->id))
				m->markings[m->settings->n_markings++] = *marking;
		}
	}
}

static void declare_level(struct making *m, enum eii_tlp level)
{
	struct eii_marking *marking = &m->markings[m->settings->n_markings];

	eii_marking_of_tlp(level, marking);
	if (!has_marking(m->settings, marking->id))
		m->settings->n_markings++;
}

/* Levels that a mail can name itself. */
static void declare_above(struct making *m, enum eii_tlp level)
{
	for (int i = (int)level + 1; i <= EII_TLP_RED; i++)
		declare_level(m, (enum eii_tlp)i);
}

static void declare_own(struct making *m, const struct eii_rules *rules)
{
	declare_above(m, m->settings->marking.tlp);
	for (size_t i = 0; i < rules->n; i++) {
		const struct eii_report_shape *shape = &m->shapes[i];

		if (shape->is_lowered_by_mail)
			declare_above(m, EII_TLP_NONE);
		else if (!rules->items[i].is_import_refused)
			declare_above(m, eii_tlp_strictest(shape->markings, shape->n_markings));
	}
}

/* ---- one rule's -------------------------------------------------------- */

static void add_marking(struct eii_report_shape *shape, const struct eii_marking *marking)
{
	for (size_t i = 0; i < shape->n_markings; i++) {
		if (strcmp(shape->markings[i].id, marking->id) == 0)
			return;
	}
	shape->markings[shape->n_markings++] = *marking;
}

/* config accepts no marking that stix does not know. */
static void parse_marking(struct eii_text text, struct eii_marking *out)
{
	if (!eii_marking_parse(text, out))
		abort();
}

static void shape_of(const struct eii_rule *rule, const struct eii_marking *usual,
		     struct eii_report_shape *out)
{
	struct eii_marking marking = *usual;

	*out = (struct eii_report_shape){ .type = rule->report_type,
					  .labels = rule->labels,
					  .n_labels = rule->n_labels,
					  .is_lowered_by_mail = rule->is_tlp_from_mail_any,
					  .has_confidence = rule->has_confidence,
					  .confidence = rule->confidence };
	if (rule->author.len)
		eii_author_of(rule->author, &out->author);
	if (rule->tlp.len)
		parse_marking(rule->tlp, &marking);
	add_marking(out, &marking);
	for (size_t i = 0; i < rule->n_markings; i++) {
		parse_marking(rule->markings[i], &marking);
		add_marking(out, &marking);
	}
}

/* ---- all --------------------------------------------------------------- */

void eii_shapes_fill(const struct eii_rules *rules, struct eii_report_settings *settings)
{
	struct making m = {
		.settings = settings,
		.shapes = eii_calloc(rules->n, sizeof(*m.shapes)),
		.authors = eii_calloc(rules->n, sizeof(*m.authors)),
		.markings = eii_calloc(rules->n * EII_REPORT_SHAPE_MARKINGS + EII_TLP_RED,
				       sizeof(*m.markings)),
	};

	settings->shapes = m.shapes;
	settings->authors = m.authors;
	settings->markings = m.markings;
	settings->n_shapes = rules->n;
	for (size_t i = 0; i < rules->n; i++) {
		if (rules->items[i].is_import_refused)
			continue;
		shape_of(&rules->items[i], &settings->marking, &m.shapes[i]);
		declare_author(&m, &m.shapes[i].author);
	}
	/* Levels are sent by their index: they stand before what is only asked for. */
	declare_markings(&m, is_level);
	if (settings->has_own_tlp)
		declare_own(&m, rules);
	declare_markings(&m, is_own);
}

void eii_shapes_clear(struct eii_report_settings *settings)
{
	free((void *)(uintptr_t)settings->shapes);
	free((void *)(uintptr_t)settings->authors);
	free((void *)(uintptr_t)settings->markings);
	settings->shapes = NULL;
	settings->authors = NULL;
	settings->markings = NULL;
	settings->n_shapes = settings->n_authors = settings->n_markings = 0;
}
