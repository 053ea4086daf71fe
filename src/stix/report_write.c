/* SPDX-License-Identifier: Apache-2.0 */
#include "report_private.h"

#include "bundle.h"
#include "eii/base/base64.h"
#include "eii/base/json_writer.h"
#include "eii/base/timestamp.h"
#include "eii/stix/author.h"

/*
 * One function writes and measures: while measuring, large values are written
 * empty and what they would have taken is added up beside.
 */
struct writing {
	struct eii_json_writer *json;
	bool is_measuring;
	uint64_t left_out;
};

static void write_large(struct writing *w, struct eii_text text, struct eii_cost cost)
{
	if (w->is_measuring) {
		eii_json_str(w->json, "");
		w->left_out += cost.json;
	} else {
		eii_json_text(w->json, text);
	}
}

static void write_data(struct writing *w, struct eii_text data)
{
	if (w->is_measuring) {
		eii_json_str(w->json, "");
		w->left_out += eii_base64_size(data.len);
	} else {
		eii_json_base64(w->json, data.data, data.len);
	}
}

static void write_texts(struct eii_json_writer *json, const char *key, const struct eii_text *texts,
			size_t n)
{
	eii_json_key(json, key);
	eii_json_array_begin(json);
	for (size_t i = 0; i < n; i++)
		eii_json_text(json, texts[i]);
	eii_json_array_end(json);
}

static void write_markings(struct eii_json_writer *json, const struct eii_report *report)
{
	struct eii_text ids[EII_REPORT_MARKINGS];

	for (size_t i = 0; i < report->n_markings; i++)
		ids[i] = eii_text_of(report->markings[i]->id);
	write_texts(json, "object_marking_refs", ids, report->n_markings);
}

static void write_file(struct writing *w, const struct eii_report *report, const struct file *file)
{
	eii_json_object_begin(w->json);
	eii_bundle_member(w->json, "name", file->name);
	eii_json_key(w->json, "mime_type");
	eii_json_text(w->json, file->mime_type);
	eii_json_key(w->json, "data");
	write_data(w, file->data);
	write_markings(w->json, report);
	if (report->source.platform.file_version)
		eii_bundle_instant(w->json, "version", report->source.now_us);
	eii_json_object_end(w->json);
}

static void write_files(struct writing *w, const struct eii_report *report)
{
	eii_json_key(w->json, "x_opencti_files");
	eii_json_array_begin(w->json);
	for (size_t i = 0; i < report->n_files; i++) {
		if (report->files[i].is_kept)
			write_file(w, report, &report->files[i]);
	}
	eii_json_array_end(w->json);
}

static void write_content(struct writing *w, const struct eii_report *report)
{
	eii_json_key(w->json, "x_opencti_content");
	write_large(w, report->content, report->content_cost);
	if (!report->source.platform.content_member)
		return;
	eii_json_key(w->json, "content");
	write_large(w, report->content, report->content_cost);
}

/* Both names are needed: a reference without an address is dropped without them. */
static void write_reference(struct eii_json_writer *json, struct eii_text message_id)
{
	eii_json_key(json, "external_references");
	eii_json_array_begin(json);
	eii_json_object_begin(json);
	eii_bundle_member(json, "source_name", EII_REPORT_REFERENCE_SOURCE);
	eii_json_key(json, "external_id");
	eii_json_text(json, message_id);
	eii_json_object_end(json);
	eii_json_array_end(json);
}

/* NULL = the default one. */
static const struct eii_author *author_of(const struct eii_report *report)
{
	const struct eii_report_shape *shape = report->source.shape;

	return shape && *shape->author.id ? &shape->author : NULL;
}

/* What a rule says, and nobody else does. */
static void write_shape(struct eii_json_writer *json, const struct eii_report_shape *shape)
{
	if (shape->n_labels)
		write_texts(json, "labels", shape->labels, shape->n_labels);
	if (shape->has_confidence) {
		eii_json_key(json, "confidence");
		eii_json_u64(json, shape->confidence);
	}
}

/* Members and their order as the official connector sends them. */
static void write_members(struct writing *w, const struct eii_report *report, enum part parts)
{
	const struct eii_report_shape *shape = report->source.shape;
	const struct eii_author *author = author_of(report);
	struct eii_text type = eii_text_of("threat-report");
	struct eii_json_writer *json = w->json;

	if (shape && shape->type.len)
		type = shape->type;

	eii_bundle_member(json, "type", "report");
	eii_bundle_member(json, "spec_version", "2.1");
	eii_bundle_member(json, "id", report->id);
	eii_bundle_member(json, "created_by_ref", author ? author->id : EII_AUTHOR_ID);
	eii_bundle_instant(json, "created", report->source.now_us);
	eii_bundle_instant(json, "modified", report->source.now_us);
	eii_json_key(json, "name");
	eii_json_text(json, eii_buf_text(&report->name));
	eii_json_key(json, "description");
	write_large(w, eii_buf_text(&report->description), report->description_cost);
	write_texts(json, "report_types", &type, 1);
	eii_bundle_member(json, "published", report->published);
	write_markings(json, report);
	if (shape)
		write_shape(json, shape);
	if (eii_report_reference(report).len)
		write_reference(json, eii_report_reference(report));
	if (parts & PART_CONTENT)
		write_content(w, report);
	if ((parts & PART_FILES) && eii_report_n_files(report))
		write_files(w, report);
}

static void write_bundle(struct writing *w, const struct eii_report *report, enum part parts)
{
	unsigned nb_deps = NB_DEPS_REPORT - 1 + (unsigned)report->n_markings;

	eii_bundle_begin(w->json, report->bundle_id, nb_deps);
	eii_json_object_begin(w->json);
	write_members(w, report, parts);
	eii_bundle_object_end(w->json, nb_deps);
	eii_bundle_end(w->json);
}

uint64_t eii_report_measure(const struct eii_report *report, enum part parts)
{
	struct eii_json_writer json;
	struct eii_count_sink sink;
	struct writing w = { .json = &json, .is_measuring = true };

	eii_count_sink_init(&sink);
	eii_json_writer_init(&json, &sink.base);
	write_bundle(&w, report, parts);
	/* Counting cannot fail. */
	if (eii_json_writer_finish(&json, NULL))
		return UINT64_MAX;
	return sink.n_bytes + w.left_out;
}

uint64_t eii_report_bundle_size(const struct eii_report *report, unsigned index)
{
	return report->sizes[index];
}

enum eii_rc eii_report_write_bundle(const struct eii_report *report, unsigned index,
				    struct eii_sink *sink, struct eii_error *err)
{
	struct eii_json_writer json;
	struct writing w = { .json = &json };

	eii_json_writer_init(&json, sink);
	write_bundle(&w, report, report->parts[index]);
	return eii_json_writer_finish(&json, err);
}

enum eii_rc eii_report_write_whole(const struct eii_report *report, unsigned index,
				   struct eii_sink *sink, struct eii_error *err)
{
	const struct eii_report_settings *settings = report->settings;
	struct eii_json_writer json;
	struct writing w = { .json = &json };

	eii_json_writer_init(&json, sink);
	eii_bundle_begin(&json, report->bundle_id, NB_DEPS_NONE);
	eii_author_write(&json, author_of(report), settings->created_us, NB_DEPS_NONE);
	for (size_t i = 0; i < report->n_markings; i++) {
		const struct eii_marking *marking = report->markings[i];

		if (marking->tlp != EII_TLP_NONE)
			eii_marking_write(&json, marking, settings->created_us, NB_DEPS_NONE);
	}
	eii_json_object_begin(&json);
	write_members(&w, report, report->parts[index]);
	eii_bundle_object_end(&json, NB_DEPS_NONE);
	eii_bundle_end(&json);
	return eii_json_writer_finish(&json, err);
}

enum eii_rc eii_report_write_object(const struct eii_report *report, struct eii_sink *sink,
				    struct eii_error *err)
{
	struct eii_json_writer json;
	struct writing w = { .json = &json };

	eii_json_writer_init(&json, sink);
	eii_json_object_begin(&json);
	write_members(&w, report, PART_ALL);
	eii_json_object_end(&json);
	return eii_json_writer_finish(&json, err);
}
