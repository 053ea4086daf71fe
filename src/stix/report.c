/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/report.h"

#include <stdlib.h>

#include "description.h"
#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/timestamp.h"
#include "eii/fields/limits.h"
#include "eii/stix/author.h"
#include "names.h"
#include "report_private.h"

/* A budget is undershot by so much, so that the next try is the last. */
#define CUT_SLACK_BYTES 128

#define SHAPE_ITEM_BYTES 64 /* of a marking's id, or around a label */

/* ---- what it is made of ------------------------------------------------ */

static int64_t published_s(const struct eii_fields *fields, int64_t internal_unix_s)
{
	return eii_timestamp_clamp(fields->date.is_known ? fields->date.unix_s : internal_unix_s);
}

void eii_report_plain_id(const struct eii_fields *fields, int64_t internal_unix_s,
			 char out[EII_ID_BYTES])
{
	char published[EII_TIMESTAMP_TEXT_BYTES];
	struct eii_buf name;

	eii_buf_init(&name, EII_REPORT_NAME_MAX_BYTES);
	(void)eii_names_report(fields, &name);
	eii_timestamp_format(published_s(fields, internal_unix_s), 0, published);
	eii_id_report(eii_buf_text(&name), published, out);
	eii_buf_clear(&name);
}

struct eii_text eii_report_reference(const struct eii_report *report)
{
	struct eii_text message_id = report->source.fields->message_id;

	return report->settings->has_reference ? eii_text_trim(message_id) : eii_text(NULL, 0);
}

/* Of the platform's request, as Python counts: what it has beyond the default. */
static uint64_t shape_cost(const struct eii_report *report)
{
	const struct eii_report_shape *shape = report->source.shape;
	uint64_t n = (report->n_markings - 1) * SHAPE_ITEM_BYTES;

	if (!shape)
		return n;
	n += eii_cost_of(shape->type).python + SHAPE_ITEM_BYTES;
	for (size_t i = 0; i < shape->n_labels; i++)
		n += eii_cost_of(shape->labels[i]).python + SHAPE_ITEM_BYTES;
	return n;
}

static void name_report(struct eii_report *report)
{
	const struct eii_report_source *source = &report->source;

	report->name_is_cut = eii_names_report(source->fields, &report->name);
	eii_timestamp_format(published_s(source->fields, source->internal_unix_s),
			     source->milliseconds, report->published);
	eii_id_report(eii_buf_text(&report->name), report->published, report->id);
	eii_id_bundle(report->bundle_id);
	report->name_cost = eii_cost_of(eii_buf_text(&report->name));
	report->reference_cost = eii_cost_of(eii_report_reference(report));
	report->shape_cost = shape_cost(report);
}

static void take_content(struct eii_report *report)
{
	const struct eii_fields *fields = report->source.fields;
	bool is_raw_html = report->settings->content == EII_CONTENT_VERBATIM &&
			   fields->content_kind == EII_CONTENT_HTML;
	enum eii_conditions conditions = is_raw_html ? EII_CONDITIONS_KEEP : EII_CONDITIONS_DISARM;

	report->whole = fields->content;
	if (eii_content_disarm(report->whole, conditions, &report->disarmed))
		report->whole = eii_buf_text(&report->disarmed);
	report->content = report->whole;
	report->content_cost = eii_cost_of(report->content);
	report->budget = report->content_cost;
}

static void add_file(struct eii_report *report, struct eii_name_set *names, struct eii_text name,
		     struct eii_text mime_type, struct eii_text data)
{
	report->files[report->n_files++] = (struct file){
		.name = eii_names_file(names, name, mime_type),
		.mime_type = mime_type,
		.data = data,
		.is_kept = true,
	};
}

/* Is the mail more than what its report shows? */
static bool is_incomplete(const struct eii_report_source *source)
{
	return source->fallback || (source->fields->defects & EII_DEFECTS_INCOMPLETE);
}

static bool wants_raw(const struct eii_report *report)
{
	switch (report->settings->attach_original) {
	case EII_ATTACH_ORIGINAL_NEVER:
		return false;
	case EII_ATTACH_ORIGINAL_ALWAYS:
		return true;
	case EII_ATTACH_ORIGINAL_FALLBACK:
		break;
	}
	return is_incomplete(&report->source);
}

static void take_files(struct eii_report *report)
{
	const struct eii_report_source *source = &report->source;
	const struct eii_fields *fields = source->fields;
	struct eii_name_set names = { 0 };

	report->files = eii_calloc(fields->n_attachments + 1, sizeof(*report->files));
	report->file_of = eii_calloc(fields->n_attachments + 1, sizeof(*report->file_of));
	for (size_t i = 0; i < fields->n_attachments; i++) {
		const struct eii_attachment *attachment = &fields->attachments[i];

		report->file_of[i] = NO_FILE;
		if (attachment->fate != EII_ATTACHMENT_KEPT)
			continue;
		report->file_of[i] = report->n_files;
		add_file(report, &names, attachment->name,
			 eii_file_type_judge(attachment->mime_type, attachment->name,
					     attachment->kind),
			 attachment->data);
	}
	report->has_raw = wants_raw(report) && source->raw.len > 0;
	if (report->has_raw)
		add_file(report, &names,
			 eii_text_of(source->raw_is_partial ? "mail-beginning.eml" : "mail.eml"),
			 eii_text_of("message/rfc822"), source->raw);
	eii_name_set_clear(&names);
}

static enum eii_raw_fate raw_fate(const struct eii_report *report)
{
	if (!wants_raw(report))
		return is_incomplete(&report->source) ? EII_RAW_NOT_WANTED : EII_RAW_NOT_NEEDED;
	if (!report->has_raw)
		return EII_RAW_NOT_THERE;
	return report->files[report->n_files - 1].is_kept ? EII_RAW_KEPT : EII_RAW_LEFT_OUT;
}

static void describe(struct eii_report *report)
{
	size_t n = report->source.fields->n_attachments;
	const char **file_names = eii_calloc(n, sizeof(*file_names));
	struct eii_description what = {
		.source = &report->source,
		.name = eii_buf_text(&report->name),
		.name_is_cut = report->name_is_cut,
		.file_names = file_names,
		.raw = raw_fate(report),
		.raw_name = report->has_raw ? report->files[report->n_files - 1].name : NULL,
		.content_is_cut = report->content_is_cut,
		.is_terse = report->is_terse,
		.without_hashes = report->settings->without_hashes,
		.authority = report->settings->authority,
	};

	for (size_t i = 0; i < n; i++) {
		size_t file = report->file_of[i];

		if (file != NO_FILE && report->files[file].is_kept)
			file_names[i] = report->files[file].name;
	}
	eii_buf_reset(&report->description);
	eii_description_write(&what, &report->description);
	report->description_cost = eii_cost_of(eii_buf_text(&report->description));
	free(file_names);
}

/* ---- does it fit? ------------------------------------------------------ */

size_t eii_report_n_files(const struct eii_report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_files; i++)
		n += report->files[i].is_kept;
	return n;
}

size_t eii_report_n_left_out(const struct eii_report *report)
{
	return report->n_files - eii_report_n_files(report);
}

/* The platform's request without the files' bytes, as real-platform measurements count. */
static uint64_t request_bytes(const struct eii_report *report, enum part parts)
{
	uint64_t n = EII_REPORT_REQUEST_MARGIN_BYTES + report->name_cost.python +
		     report->reference_cost.python + report->shape_cost +
		     report->description_cost.python;

	if (parts & PART_CONTENT)
		n += report->content_cost.python;
	if (parts & PART_FILES)
		n += (EII_REPORT_REQUEST_PER_FILE_BYTES +
		      (report->n_markings - 1) * SHAPE_ITEM_BYTES) *
		     eii_report_n_files(report);
	return n;
}

static void plan(struct eii_report *report)
{
	bool is_split = eii_report_n_files(report) && report->content.len &&
			request_bytes(report, PART_ALL) > EII_REPORT_REQUEST_WITH_FILES_BYTES;
	bool files_first = report->source.platform.files_first;

	report->n_messages = is_split ? 2 : 1;
	report->parts[0] = !is_split ? PART_ALL : files_first ? PART_FILES : PART_CONTENT;
	report->parts[1] = files_first ? PART_CONTENT : PART_FILES;
	for (unsigned i = 0; i < report->n_messages; i++)
		report->sizes[i] = eii_report_measure(report, report->parts[i]);
}

/* Bytes of a bundle that a message may hold. */
static uint64_t max_bundle_bytes(const struct eii_report *report)
{
	const struct eii_report_source *source = &report->source;
	uint64_t limit = source->max_message_bytes ? source->max_message_bytes
						   : report->settings->max_message_bytes;

	if (!limit)
		return UINT64_MAX;
	if (limit <= source->envelope_bytes)
		return 0;
	return (limit - source->envelope_bytes) / 4 * 3;
}

/* By how much a message is over the broker's limit and over the platform's. */
static struct eii_cost excess(const struct eii_report *report, unsigned index)
{
	bool has_files = (report->parts[index] & PART_FILES) && eii_report_n_files(report);
	uint64_t max = max_bundle_bytes(report);
	uint64_t request = request_bytes(report, report->parts[index]);
	uint64_t max_request =
		has_files ? EII_REPORT_REQUEST_WITH_FILES_BYTES : EII_REPORT_REQUEST_BYTES;

	return (struct eii_cost){
		.json = report->sizes[index] > max ? report->sizes[index] - max : 0,
		.python = request > max_request ? request - max_request : 0,
	};
}

/* ---- making it fit ----------------------------------------------------- */

static bool drop_largest_file(struct eii_report *report)
{
	struct file *largest = NULL;

	for (size_t i = 0; i < report->n_files; i++) {
		struct file *file = &report->files[i];

		if (file->is_kept && (!largest || file->data.len > largest->data.len))
			largest = file;
	}
	if (!largest)
		return false;
	largest->is_kept = false;
	return true;
}

static uint64_t less(uint64_t from, uint64_t by)
{
	return from > by ? from - by : 0;
}

static bool cut_content(struct eii_report *report, struct eii_cost over)
{
	uint64_t copies = report->source.platform.content_member ? 2 : 1;
	uint64_t before = report->content_cost.json;
	struct eii_cost budget = report->content_cost;

	if (!report->whole.len || (report->content_is_cut && !report->budget.json))
		return false;
	if (over.json)
		budget.json = less(budget.json, over.json / copies + CUT_SLACK_BYTES);
	if (over.python)
		budget.python = less(budget.python, over.python + CUT_SLACK_BYTES);
	report->budget = budget;
	report->content_is_cut = true;
	eii_buf_reset(&report->cut);
	eii_content_cut(report->whole, report->source.fields->content_kind, budget, &report->cut);
	report->content = eii_buf_text(&report->cut);
	report->content_cost = eii_cost_of(report->content);
	return report->content_cost.json < before;
}

static bool shrink(struct eii_report *report, unsigned index, struct eii_cost over)
{
	enum part parts = report->parts[index];

	if ((parts & PART_FILES) && drop_largest_file(report))
		return true;
	if ((parts & PART_CONTENT) && cut_content(report, over))
		return true;
	if (report->is_terse)
		return false;
	report->is_terse = true;
	return true;
}

/* The first message that does not fit, or n_messages. */
static unsigned find_excess(const struct eii_report *report, struct eii_cost *out)
{
	for (unsigned i = 0; i < report->n_messages; i++) {
		*out = excess(report, i);
		if (out->json || out->python)
			return i;
	}
	return report->n_messages;
}

static enum eii_rc fit(struct eii_report *report, struct eii_error *err)
{
	for (;;) {
		struct eii_cost over;
		unsigned index;

		describe(report);
		plan(report);
		index = find_excess(report, &over);
		if (index == report->n_messages)
			return EII_OK;
		if (!shrink(report, index, over))
			return eii_fail(err, EII_REJECT,
					"a report without content and files is still %llu bytes "
					"over MQ_MAX_MESSAGE_BYTES",
					(unsigned long long)over.json);
	}
}

/* ---- the object -------------------------------------------------------- */

enum eii_rc eii_report_new(const struct eii_report_settings *settings,
			   const struct eii_report_source *source, struct eii_report **out,
			   struct eii_error *err)
{
	EII_AUTO(eii_report) report = EII_NEW(struct eii_report);
	enum eii_rc rc;

	report->settings = settings;
	report->source = *source;
	/* Their sizes follow from those of the mail, which have their ceilings. */
	eii_buf_init(&report->name, EII_REPORT_NAME_MAX_BYTES);
	eii_buf_init(&report->description, SIZE_MAX / 2);
	eii_buf_init(&report->disarmed, SIZE_MAX / 2);
	eii_buf_init(&report->cut, SIZE_MAX / 2);
	eii_report_mark(report);
	name_report(report);
	take_content(report);
	take_files(report);
	if (!eii_buf_ok(&report->disarmed))
		return eii_fail(err, EII_RETRY, "no memory for a report's content");
	rc = fit(report, err);
	if (rc)
		return rc;
	*out = EII_DETACH(report);
	return EII_OK;
}

void eii_report_free(struct eii_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->n_files; i++)
		free(report->files[i].name);
	free(report->files);
	free(report->file_of);
	eii_buf_clear(&report->name);
	eii_buf_clear(&report->description);
	eii_buf_clear(&report->disarmed);
	eii_buf_clear(&report->cut);
	free(report);
}

struct eii_text eii_report_name(const struct eii_report *report)
{
	return eii_buf_text(&report->name);
}

const char *eii_report_id(const struct eii_report *report)
{
	return report->id;
}

const char *eii_report_published(const struct eii_report *report)
{
	return report->published;
}

unsigned eii_report_n_messages(const struct eii_report *report)
{
	return report->n_messages;
}
