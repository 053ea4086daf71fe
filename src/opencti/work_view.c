/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/work_view.h"

#include "platform_private.h"

#define COUNT_MAX (UINT64_C(1) << 53)
#define WORDS_MAX 4096 /* of an error's text: the platform's own stand at its head */

static const char document[] =
	"query Work($id:ID!){work(id:$id){id status tracking{import_expected_number "
	"import_processed_number} errors{message}}}";

/* ---- kinds of errors --------------------------------------------------- */

struct rule {
	const char *text;
	enum eii_work_error error;
};

/* What the platform calls an error. */
static const struct rule codes[] = {
	{ "MISSING_REFERENCE_ERROR", EII_WORK_ERROR_MISSING_REFERENCE },
	{ "FORBIDDEN_ACCESS", EII_WORK_ERROR_FORBIDDEN },
	{ "ACCESS", EII_WORK_ERROR_FORBIDDEN },
	{ "AUTH_REQUIRED", EII_WORK_ERROR_AUTH_REQUIRED },
	{ "AUTH_FAILURE", EII_WORK_ERROR_AUTH_REQUIRED },
	{ "BAD_USER_INPUT", EII_WORK_ERROR_VALIDATION },
	{ "VALIDATION", EII_WORK_ERROR_VALIDATION },
	{ "VALIDATION_ERROR", EII_WORK_ERROR_VALIDATION },
	{ "GRAPHQL_VALIDATION_FAILED", EII_WORK_ERROR_VALIDATION },
	{ "PAYLOAD_TOO_LARGE", EII_WORK_ERROR_TOO_LARGE },
	{ "LOCK_ERROR", EII_WORK_ERROR_LOCK },
	{ "DRAFT_LOCKED", EII_WORK_ERROR_DRAFT },
};

/* What it says where no code stands in front: codes too, and the words of its errors. */
static const struct rule words[] = {
	{ "MISSING_REFERENCE_ERROR", EII_WORK_ERROR_MISSING_REFERENCE },
	{ "Element(s) not found", EII_WORK_ERROR_MISSING_REFERENCE },
	{ "FORBIDDEN_ACCESS", EII_WORK_ERROR_FORBIDDEN },
	{ "You are not allowed to do this", EII_WORK_ERROR_FORBIDDEN },
	{ "AUTH_REQUIRED", EII_WORK_ERROR_AUTH_REQUIRED },
	{ "You must be logged in", EII_WORK_ERROR_AUTH_REQUIRED },
	{ "BAD_USER_INPUT", EII_WORK_ERROR_VALIDATION },
	{ "Variable \"$", EII_WORK_ERROR_VALIDATION },
	{ "Variable \\\"$", EII_WORK_ERROR_VALIDATION }, /* the same inside JSON */
	{ "GRAPHQL_VALIDATION_FAILED", EII_WORK_ERROR_VALIDATION },
	{ "VALIDATION_ERROR", EII_WORK_ERROR_VALIDATION },
	{ "Validation against schema failed", EII_WORK_ERROR_VALIDATION },
	{ "Bundle too large", EII_WORK_ERROR_TOO_LARGE },
	{ "Too large element in bundle", EII_WORK_ERROR_TOO_LARGE },
	{ "multipart field value exceeds", EII_WORK_ERROR_TOO_LARGE },
	{ "request entity too large", EII_WORK_ERROR_TOO_LARGE },
	{ "PAYLOAD_TOO_LARGE", EII_WORK_ERROR_TOO_LARGE },
	{ "LOCK_ERROR", EII_WORK_ERROR_LOCK },
	{ "DRAFT_LOCKED", EII_WORK_ERROR_DRAFT },
};

bool eii_work_error_is_mendable(enum eii_work_error error)
{
	return error == EII_WORK_ERROR_MISSING_REFERENCE || error == EII_WORK_ERROR_FORBIDDEN ||
	       error == EII_WORK_ERROR_AUTH_REQUIRED || error == EII_WORK_ERROR_DRAFT;
}

/* The worker writes Python's form of a dictionary whose first member is the code. */
static struct eii_text find_code(struct eii_text message)
{
	static const char *const openings[] = { "{'name': '", "{\"name\": \"", "{\"name\":\"" };
	size_t len = 0;

	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		size_t skip = strlen(openings[i]);

		if (message.len <= skip || memcmp(message.data, openings[i], skip) != 0)
			continue;
		message = eii_text(message.data + skip, message.len - skip);
		while (len < message.len &&
		       ((message.data[len] >= 'A' && message.data[len] <= 'Z') ||
			message.data[len] == '_'))
			len++;
		if (len < message.len && (message.data[len] == '\'' || message.data[len] == '"'))
			return eii_text(message.data, len);
		break;
	}
	return eii_text(NULL, 0);
}

static enum eii_work_error error_of_code(struct eii_text code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (eii_text_equal(code, eii_text_of(codes[i].text)))
			return codes[i].error;
	}
	return EII_WORK_ERROR_OTHER;
}

/* Where needle begins, letters of either case; message.len where it does not. */
static size_t find_words(struct eii_text message, const char *needle)
{
	for (size_t i = 0; i < message.len; i++) {
		if (eii_text_starts_nocase(eii_text(message.data + i, message.len - i), needle))
			return i;
	}
	return message.len;
}

/* The platform's own words come first, what it quotes of a mail behind them. */
static enum eii_work_error error_of_words(struct eii_text message)
{
	enum eii_work_error error = EII_WORK_ERROR_OTHER;

	if (message.len > WORDS_MAX)
		message.len = WORDS_MAX;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t at = find_words(message, words[i].text);

		if (at < message.len) {
			error = words[i].error;
			message.len = at;
		}
	}
	return error;
}

enum eii_work_error eii_work_error_of(struct eii_text message)
{
	struct eii_text code = find_code(message);

	if (!code.len)
		return error_of_words(message);
	/* A lock that could not be had is printed into an error without a name. */
	if (eii_text_equal(code, eii_text_of("INTERNAL_SERVER_ERROR")))
		return eii_text_find(message, "LOCK_ERROR") ? EII_WORK_ERROR_LOCK
							    : EII_WORK_ERROR_OTHER;
	return error_of_code(code);
}

/* ---- the Work ---------------------------------------------------------- */

static void read_errors(const struct eii_json *errors, struct eii_work_view *view)
{
	const struct eii_json *entry = eii_json_first(errors);

	for (; entry; entry = eii_json_next(entry)) {
		const char *message = eii_json_get_str(entry, "message");
		enum eii_work_error error = eii_work_error_of(eii_text_of(message));

		view->n_errors++;
		view->n_by_kind[error]++;
	}
}

static void read_work(const struct eii_json *work, struct eii_work_view *out)
{
	const struct eii_json *tracking = eii_json_get(work, "tracking");
	struct eii_work_view view = { .exists = true };
	uint64_t n_expected, n_processed;

	view.is_complete = !strcmp(eii_json_as_str(eii_json_get(work, "status"), ""), "complete");
	view.has_counts = eii_json_as_u64(eii_json_get(tracking, "import_expected_number"),
					  COUNT_MAX, &n_expected) &&
			  eii_json_as_u64(eii_json_get(tracking, "import_processed_number"),
					  COUNT_MAX, &n_processed);
	if (view.has_counts) {
		view.n_expected = n_expected;
		view.n_processed = n_processed;
	}
	read_errors(eii_json_get(work, "errors"), &view);
	*out = view;
}

enum eii_rc eii_platform_work(struct eii_platform *platform, const char *work_id,
			      struct eii_work_view *out, struct eii_error *err)
{
	struct eii_variables variables;
	enum eii_json_type type;
	enum eii_rc rc;

	eii_variables_begin(&variables);
	eii_variables_str(&variables, "id", work_id);
	rc = eii_platform_call(platform, "work", document, &variables, EII_GRAPHQL_QUERY, err);
	if (rc)
		return rc;
	/* Only a clear null is "gone": it makes the caller send mails again. */
	type = eii_json_type(eii_json_get(platform->answer.data, "work"));
	if (type != EII_JSON_IS_NULL && type != EII_JSON_IS_OBJECT)
		return eii_platform_fail_shape(platform, "work", "work", err);
	if (type == EII_JSON_IS_OBJECT)
		read_work(eii_platform_root(platform, "work"), out);
	else
		*out = (struct eii_work_view){ .exists = false };
	return EII_OK;
}
