/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/envelope.h"

#include "eii/base/base64.h"
#include "eii/base/buf.h"
#include "eii/base/json_writer.h"

/* Two ids of the platform's and the members; a longer id is no id. */
#define FRAME_MAX_BYTES 8192

/* All but the content: its base64 stands between the two parts of text. */
struct frame {
	struct eii_buf text;
	size_t n_before;
};

static void write_id(struct eii_json_writer *json, const char *id)
{
	if (id)
		eii_json_str(json, id);
	else
		eii_json_word(json, EII_JSON_NULL);
}

static void write_head(struct eii_json_writer *json, const struct eii_envelope *envelope)
{
	eii_json_object_begin(json);
	if (envelope->features->has_bundle_type) {
		eii_json_key(json, "bundle_type");
		eii_json_str(json, "QUEUE_BUNDLE");
	} else {
		eii_json_key(json, "type");
		eii_json_str(json, "bundle");
	}
	eii_json_key(json, "applicant_id");
	write_id(json, envelope->applicant_id);
	eii_json_key(json, "action_sequence");
	eii_json_u64(json, envelope->sequence);
	eii_json_key(json, "entities_types");
	eii_json_array_begin(json);
	eii_json_array_end(json);
	eii_json_key(json, "content");
	eii_json_string_begin(json);
}

static void write_tail(struct eii_json_writer *json, const struct eii_envelope *envelope)
{
	eii_json_string_end(json);
	eii_json_key(json, "update");
	eii_json_word(json, EII_JSON_FALSE);
	if (envelope->features->has_draft_id) {
		eii_json_key(json, "draft_id");
		write_id(json, envelope->draft_id);
	}
	if (envelope->features->has_no_split) {
		eii_json_key(json, "no_split");
		eii_json_word(json, EII_JSON_FALSE);
	}
	if (envelope->work_id) {
		eii_json_key(json, "work_id");
		eii_json_str(json, envelope->work_id);
	}
	eii_json_object_end(json);
}

static enum eii_rc make_frame(const struct eii_envelope *envelope, struct frame *frame,
			      struct eii_error *err)
{
	struct eii_buf_sink sink;
	struct eii_json_writer json;
	enum eii_rc rc;

	eii_buf_init(&frame->text, FRAME_MAX_BYTES);
	eii_buf_sink_init(&sink, &frame->text);
	eii_json_writer_init(&json, &sink.base);
	write_head(&json, envelope);
	rc = eii_json_writer_finish(&json, err);
	frame->n_before = frame->text.len;
	write_tail(&json, envelope);
	if (!rc)
		rc = eii_json_writer_finish(&json, err);
	if (rc)
		rc = eii_fail_in(err, rc, "the ids that the platform gave are too long");
	return rc;
}

uint64_t eii_envelope_size(const struct eii_envelope *envelope, uint64_t bundle_bytes)
{
	struct frame frame;
	uint64_t size = 0;

	/* Where it fails here, writing fails too, and says why. */
	if (!make_frame(envelope, &frame, NULL))
		size = frame.text.len;
	eii_buf_clear(&frame.text);
	return size + (bundle_bytes + 2) / 3 * 4;
}

/* Passes on what it counts, and stops a bundle that is longer than announced. */
struct bounded_sink {
	struct eii_sink base;
	struct eii_sink *next;
	uint64_t n_left;
};

static enum eii_rc bounded_write(struct eii_sink *self, const void *data, size_t len,
				 struct eii_error *err)
{
	struct bounded_sink *sink = (struct bounded_sink *)self;

	if (len > sink->n_left)
		return eii_fail(err, EII_REJECT, "the bundle is longer than announced");
	sink->n_left -= len;
	return eii_sink_write(sink->next, data, len, err);
}

static enum eii_rc write_content(uint64_t bundle_bytes, eii_bundle_writer *write, const void *arg,
				 struct eii_sink *sink, struct eii_error *err)
{
	struct eii_base64_sink base64;
	struct bounded_sink bounded = { .base = { .write = bounded_write },
					.next = &base64.base,
					.n_left = bundle_bytes };
	enum eii_rc rc;

	eii_base64_sink_init(&base64, sink);
	rc = write(arg, &bounded.base, err);
	if (rc)
		return rc;
	if (bounded.n_left > 0)
		return eii_fail(err, EII_REJECT, "the bundle is shorter than announced");
	return eii_base64_sink_finish(&base64, err);
}

static enum eii_rc write_all(const struct frame *frame, uint64_t bundle_bytes,
			     eii_bundle_writer *write, const void *arg, struct eii_sink *sink,
			     struct eii_error *err)
{
	enum eii_rc rc = eii_sink_write(sink, frame->text.data, frame->n_before, err);

	if (!rc)
		rc = write_content(bundle_bytes, write, arg, sink, err);
	if (!rc)
		rc = eii_sink_write(sink, frame->text.data + frame->n_before,
				    frame->text.len - frame->n_before, err);
	return rc;
}

enum eii_rc eii_envelope_write(const struct eii_envelope *envelope, uint64_t bundle_bytes,
			       eii_bundle_writer *write, const void *arg, struct eii_sink *sink,
			       struct eii_error *err)
{
	struct frame frame;
	enum eii_rc rc = make_frame(envelope, &frame, err);

	if (!rc)
		rc = write_all(&frame, bundle_bytes, write, arg, sink, err);
	eii_buf_clear(&frame.text);
	return rc;
}
