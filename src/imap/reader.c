/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include <mailutils/stream.h>

#include "carrier.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/imap/session.h"
#include "eii/net/stream.h"

#define DIRECT_MIN 16384 /* from here on, bytes go to their place without the buffer */

void eii_imap_reader_init(struct eii_imap_reader *reader, mu_stream_t carrier,
			  struct eii_stream *stream)
{
	*reader = (struct eii_imap_reader){ .carrier = carrier,
					    .stream = stream,
					    .where = eii_stream_where(stream) };
	reader->data = eii_calloc(EII_IMAP_READ_BYTES, 1);
	eii_buf_init(&reader->line, EII_IMAP_LINE_MAX);
}

void eii_imap_reader_clear(struct eii_imap_reader *reader)
{
	free(reader->data);
	eii_buf_clear(&reader->line);
}

/* A command has its time, and within that a silence has its own. */
static void set_deadline(const struct eii_imap_reader *reader)
{
	int64_t silence_end_ms;

	if (!reader->deadline_ms)
		return;
	silence_end_ms = eii_clock_monotonic_ms() + reader->idle_ms;
	eii_stream_set_deadline(reader->stream, silence_end_ms < reader->deadline_ms
							? silence_end_ms
							: reader->deadline_ms);
}

static enum eii_rc count(struct eii_imap_reader *reader, size_t n, struct eii_error *err)
{
	if (!reader->bytes_max)
		return EII_OK;
	if (n > reader->bytes_left)
		return eii_fail(err, EII_RETRY, "%s: its answer is over %llu bytes", reader->where,
				(unsigned long long)reader->bytes_max);
	reader->bytes_left -= n;
	return EII_OK;
}

static enum eii_rc receive(struct eii_imap_reader *reader, char *data, size_t capacity,
			   size_t *out_len, struct eii_error *err)
{
	size_t n = 0;
	int code;

	set_deadline(reader);
	code = mu_stream_read(reader->carrier, data, capacity, &n);
	if (code)
		return eii_carrier_fail(reader->carrier, code, err);
	if (!n)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "%s: the server closed the connection", reader->where);
	*out_len = n;
	return count(reader, n, err);
}

/* Makes room at the end of the buffer and reads into it. */
static enum eii_rc fill(struct eii_imap_reader *reader, struct eii_error *err)
{
	size_t n = 0;
	enum eii_rc rc;

	if (reader->at) {
		memmove(reader->data, reader->data + reader->at, reader->len - reader->at);
		reader->len -= reader->at;
		reader->at = 0;
	}
	rc = receive(reader, reader->data + reader->len, EII_IMAP_READ_BYTES - reader->len, &n,
		     err);
	if (rc)
		return rc;
	reader->len += n;
	return EII_OK;
}

static enum eii_rc fail_over(const struct eii_imap_reader *reader, struct eii_error *err)
{
	return eii_fail(err, EII_RETRY, "%s: a line of its answer is over %d bytes", reader->where,
			EII_IMAP_LINE_MAX);
}

static struct eii_text line_of(char *data, size_t len)
{
	if (len && data[len - 1] == '\r')
		len--;
	for (size_t i = 0; i < len; i++) {
		char *nul = memchr(data + i, '\0', len - i);

		if (!nul)
			break;
		*nul = '?';
		i = (size_t)(nul - data);
	}
	return eii_text(data, len);
}

/* A full buffer without a line's end: gives all up to the last blank or comma. */
static bool cut_piece(struct eii_imap_reader *reader, struct eii_text *out)
{
	size_t end = reader->len;

	while (end > reader->at && reader->data[end - 1] != ' ' && reader->data[end - 1] != ',')
		end--;
	if (end == reader->at)
		return false;
	*out = eii_text(reader->data + reader->at, end - reader->at);
	reader->at = end;
	reader->is_cut = true;
	return true;
}

static bool is_full(const struct eii_imap_reader *reader)
{
	return reader->len - reader->at == EII_IMAP_READ_BYTES;
}

/* Moves what the buffer holds to the line's own. */
static bool set_aside(struct eii_imap_reader *reader, size_t len)
{
	eii_buf_add(&reader->line, reader->data + reader->at, len);
	reader->at += len;
	return eii_buf_ok(&reader->line);
}

enum eii_rc eii_imap_reader_line(struct eii_imap_reader *reader, struct eii_text *out,
				 struct eii_error *err)
{
	size_t searched = 0;

	eii_buf_shrink(&reader->line, EII_IMAP_READ_BYTES);
	eii_buf_reset(&reader->line);
	reader->is_cut = false;
	for (;;) {
		const char *start = reader->data + reader->at + searched;
		size_t held = reader->len - reader->at;
		const char *end = memchr(start, '\n', held - searched);
		enum eii_rc rc;

		if (end) {
			size_t len = (size_t)(end - (reader->data + reader->at));
			char *line = reader->data + reader->at;

			reader->at += len + 1;
			if (reader->line.len) {
				eii_buf_add(&reader->line, line, len);
				line = reader->line.data;
				len = reader->line.len;
			}
			if (!eii_buf_ok(&reader->line))
				return fail_over(reader, err);
			*out = line_of(line, len);
			return EII_OK;
		}
		searched = held;
		if (is_full(reader) && reader->may_cut && cut_piece(reader, out))
			return EII_OK;
		if (is_full(reader)) {
			searched = 0;
			if (!set_aside(reader, held))
				return fail_over(reader, err);
		}
		rc = fill(reader, err);
		if (rc)
			return rc;
	}
}

static size_t take_held(struct eii_imap_reader *reader, char *data, size_t len)
{
	size_t n = reader->len - reader->at;

	if (n > len)
		n = len;
	if (data && n)
		memcpy(data, reader->data + reader->at, n);
	reader->at += n;
	return n;
}

enum eii_rc eii_imap_reader_bytes(struct eii_imap_reader *reader, char *data, size_t len,
				  struct eii_error *err)
{
	size_t done = take_held(reader, data, len);

	while (done < len) {
		size_t n = 0;
		enum eii_rc rc;

		if (len - done >= DIRECT_MIN) {
			rc = receive(reader, data + done, len - done, &n, err);
		} else {
			rc = fill(reader, err);
			if (!rc)
				n = take_held(reader, data + done, len - done);
		}
		if (rc)
			return rc;
		done += n;
	}
	return EII_OK;
}

static size_t at_most(uint64_t len, size_t max)
{
	return len < max ? (size_t)len : max;
}

enum eii_rc eii_imap_reader_skip(struct eii_imap_reader *reader, uint64_t len,
				 struct eii_error *err)
{
	while (len) {
		enum eii_rc rc = EII_OK;

		if (!eii_imap_reader_has_rest(reader))
			rc = fill(reader, err);
		if (rc)
			return rc;
		len -= take_held(reader, NULL, at_most(len, EII_IMAP_READ_BYTES));
	}
	return EII_OK;
}

enum eii_rc eii_imap_reader_add(struct eii_imap_reader *reader, uint64_t len, struct eii_buf *out,
				struct eii_error *err)
{
	bool fits = len <= out->max - out->len;

	while (fits && len) {
		size_t n = at_most(len, EII_IMAP_READ_BYTES);
		char *room = eii_buf_reserve(out, n);
		enum eii_rc rc;

		if (!room)
			break;
		rc = eii_imap_reader_bytes(reader, room, n, err);
		if (rc)
			return rc;
		out->len += n;
		len -= n;
	}
	if (len)
		return eii_fail(err, EII_RETRY, "%s: a literal of its answer is over %zu bytes",
				reader->where, out->max);
	return EII_OK;
}
