/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/version.h"

#include <stddef.h>

#include "eii/base/text.h"

/* First releases are those of the platform's tags; names as in its schema. */
static const struct eii_version content_read = { 6, 2, 2 };
static const struct eii_version file_version_optional = { 6, 0, 3 };
static const struct eii_version files_lost_from = { 6, 9, 7 };
static const struct eii_version files_lost_until = { 6, 9, 12 };
static const struct eii_version multipart_work = { 7, 260422, 0 };
static const struct eii_version work_alive = { 6, 8, 7 };
static const struct eii_version connector_info = { 6, 2, 12 };
static const struct eii_version queue_details = { 6, 1, 12 };
static const struct eii_version callback_uri = { 6, 5, 7 };
static const struct eii_version resolution = { 6, 8, 9 };
static const struct eii_version bundle_type = { 6, 0, 10 };
static const struct eii_version draft_id = { 6, 4, 0 };
static const struct eii_version draft_context = { 6, 5, 0 };
static const struct eii_version no_split = { 7, 260227, 0 };

/* Digits from *cursor on; moves it behind them. */
static bool scan_number(const char **cursor, uint32_t *out)
{
	const char *p = *cursor;
	uint64_t n = 0;

	for (; eii_is_ascii_digit(*p); p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > UINT32_MAX)
			return false;
	}
	if (p == *cursor)
		return false;
	*cursor = p;
	*out = (uint32_t)n;
	return true;
}

bool eii_version_parse(const char *text, struct eii_version *out)
{
	struct eii_version version = { 0, 0, 0 };
	const char *p = text;

	if (!scan_number(&p, &version.major) || *p++ != '.' || !scan_number(&p, &version.minor) ||
	    *p++ != '.' || !scan_number(&p, &version.patch))
		return false;
	*out = version;
	return true;
}

static int compare(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

int eii_version_compare(struct eii_version a, struct eii_version b)
{
	int order = compare(a.major, b.major);

	if (!order)
		order = compare(a.minor, b.minor);
	return order ? order : compare(a.patch, b.patch);
}

struct eii_features eii_features_of(struct eii_version version)
{
#define SINCE(first) (eii_version_compare(version, first) >= 0)
	return (struct eii_features){
		.needs_content_member = !SINCE(content_read),
		.needs_file_version = !SINCE(file_version_optional),
		.sends_files_first = SINCE(files_lost_from) &&
				     eii_version_compare(version, files_lost_until) <= 0,
		.has_multipart_work = SINCE(multipart_work),
		.has_work_alive = SINCE(work_alive),
		.has_connector_info = SINCE(connector_info),
		.has_queue_details = SINCE(queue_details),
		.has_callback_uri = SINCE(callback_uri),
		.has_resolution = SINCE(resolution),
		.has_bundle_type = SINCE(bundle_type),
		.has_draft_id = SINCE(draft_id),
		.has_draft_context = SINCE(draft_context),
		.has_no_split = SINCE(no_split),
	};
#undef SINCE
}

struct eii_features eii_features_newest(void)
{
	return eii_features_of((struct eii_version){ UINT32_MAX, 0, 0 });
}
