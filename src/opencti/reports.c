/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_private.h"

#include <assert.h>

#include "eii/base/alloc.h"

/*
 * More than one report may answer to an id: one has it as its own, others have
 * taken it over. A page of this size holds the answers to any usual question, and
 * what it does not hold comes with the next one.
 */
#define PAGE_SIZE (5 * EII_PLATFORM_REPORTS_MAX)
#define PAGES_MAX 20

#define DOCUMENT(more)                                                                             \
	"query Reports($filters:FilterGroup,$first:Int,$after:ID){reports(filters:$filters,"       \
	"first:$first,after:$after){edges{node{standard_id x_opencti_stix_ids" more "}}"           \
	"pageInfo{hasNextPage endCursor}}}"

static const char *const documents[] = {
	[EII_REPORTS_ANY] = DOCUMENT(""),
	[EII_REPORTS_WITH_TEXT] = DOCUMENT(" content"),
};

/* What is asked for, and what is known so far. */
struct question {
	const char *const *ids;
	size_t n;
	enum eii_reports_kind kind;
	bool found[EII_PLATFORM_REPORTS_MAX];
	char *after; /* the cursor of the next page, NULL = the first one */
	bool is_over;
};

/* The one form that was seen to be right for every mix of present and absent ids. */
static void write_filters(const struct question *question, struct eii_json_writer *json)
{
	eii_json_key(json, "filters");
	eii_json_object_begin(json);
	eii_json_key(json, "mode");
	eii_json_str(json, "and");
	eii_json_key(json, "filters");
	eii_json_array_begin(json);
	eii_json_object_begin(json);
	eii_json_key(json, "key");
	eii_json_str(json, "ids");
	eii_json_key(json, "values");
	eii_json_array_begin(json);
	for (size_t i = 0; i < question->n; i++)
		eii_json_str(json, question->ids[i]);
	eii_json_array_end(json);
	eii_json_key(json, "mode");
	eii_json_str(json, "or");
	eii_json_object_end(json);
	eii_json_array_end(json);
	eii_json_key(json, "filterGroups");
	eii_json_array_begin(json);
	eii_json_array_end(json);
	eii_json_object_end(json);
}

static enum eii_rc ask_page(struct eii_platform *platform, const struct question *question,
			    struct eii_error *err)
{
	struct eii_variables variables;

	eii_variables_begin(&variables);
	write_filters(question, &variables.json);
	eii_json_key(&variables.json, "first");
	eii_json_u64(&variables.json, PAGE_SIZE);
	if (question->after)
		eii_variables_str(&variables, "after", question->after);
	return eii_platform_call(platform, "reports", documents[question->kind], &variables,
				 EII_GRAPHQL_QUERY, err);
}

static void mark_found(struct question *question, const char *id)
{
	for (size_t i = 0; id && i < question->n; i++)
		question->found[i] |= !strcmp(question->ids[i], id);
}

static void read_report(struct question *question, const struct eii_json *node)
{
	const struct eii_json *id = eii_json_first(eii_json_get(node, "x_opencti_stix_ids"));
	const char *content = eii_json_get_str(node, "content");

	if (question->kind == EII_REPORTS_WITH_TEXT && (!content || !content[0]))
		return;
	mark_found(question, eii_json_get_str(node, "standard_id"));
	for (; id; id = eii_json_next(id))
		mark_found(question, eii_json_as_str(id, NULL));
}

static bool has_all(const struct question *question)
{
	for (size_t i = 0; i < question->n; i++) {
		if (!question->found[i])
			return false;
	}
	return true;
}

/* False where the answer does not say whether there is more, or where it goes on. */
static bool read_page(struct question *question, const struct eii_json *reports)
{
	const struct eii_json *edges = eii_json_get(reports, "edges");
	const struct eii_json *info = eii_json_get(reports, "pageInfo");
	const struct eii_json *has_next = eii_json_get(info, "hasNextPage");
	const char *cursor = eii_json_get_str(info, "endCursor");
	const struct eii_json *edge = eii_json_first(edges);

	if (eii_json_type(edges) != EII_JSON_IS_ARRAY ||
	    eii_json_type(has_next) != EII_JSON_IS_BOOL)
		return false;
	for (; edge; edge = eii_json_next(edge))
		read_report(question, eii_json_get(edge, "node"));
	question->is_over = !eii_json_as_bool(has_next, false) || has_all(question);
	if (question->is_over)
		return true;
	free(question->after);
	question->after = eii_strdup(cursor);
	return cursor != NULL;
}

static enum eii_rc ask_all(struct eii_platform *platform, struct question *question,
			   struct eii_error *err)
{
	for (int i = 0; i < PAGES_MAX && !question->is_over; i++) {
		enum eii_rc rc = ask_page(platform, question, err);

		if (rc)
			return rc;
		if (!read_page(question, eii_platform_root(platform, "reports")))
			return eii_platform_fail_shape(platform, "reports", "edges or pageInfo",
						       err);
	}
	if (!question->is_over)
		return eii_fail(err, EII_RETRY, "OpenCTI, reports: more than %d pages", PAGES_MAX);
	return EII_OK;
}

enum eii_rc eii_platform_find_reports(struct eii_platform *platform, const char *const *ids,
				      size_t n, enum eii_reports_kind kind,
				      enum eii_reports_answer *out_answer, bool *out_found,
				      struct eii_error *err)
{
	struct question question = { .ids = ids, .n = n, .kind = kind, .is_over = n == 0 };
	enum eii_rc rc;

	assert(n <= EII_PLATFORM_REPORTS_MAX);
	eii_platform_hold(platform);
	rc = ask_all(platform, &question, err);
	eii_platform_release(platform);
	free(question.after);
	if (rc && (platform->failure.code == EII_GRAPHQL_FORBIDDEN ||
		   eii_platform_refused_document(platform))) {
		*out_answer = EII_REPORTS_UNKNOWN;
		return EII_OK;
	}
	if (rc)
		return rc;
	*out_answer = EII_REPORTS_TOLD;
	memcpy(out_found, question.found, n * sizeof(*out_found));
	return EII_OK;
}
