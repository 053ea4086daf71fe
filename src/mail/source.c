/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#define LOST_MAX 65536 /* bytes of lost lines that are looked for */

/* Is the line at p one of the boundaries around (RFC 2046, 5.1.1)? */
static bool is_boundary(const struct eii_source *source, const char *p, const char *end)
{
	const char *line_end = memchr(p, '\n', (size_t)(end - p));
	struct eii_text line = eii_text(p, (size_t)((line_end ? line_end : end) - p));

	while (line.len && (unsigned char)line.data[line.len - 1] <= ' ')
		line.len--;
	for (size_t i = 0; i < source->n_boundaries; i++) {
		struct eii_text boundary = source->boundaries[i];
		size_t rest = line.len - 2 - boundary.len;

		if (!boundary.len || line.len < 2 + boundary.len ||
		    memcmp(line.data + 2, boundary.data, boundary.len) != 0)
			continue;
		if (rest == 0 || (rest == 2 && !memcmp(line.data + line.len - 2, "--", 2)))
			return true;
	}
	return false;
}

/* From start up to the line end before the next boundary of the multiparts around. */
static struct eii_text up_to_boundary(const struct eii_source *source, size_t start)
{
	const char *begin = source->bytes.data + start;
	const char *end = source->bytes.data + source->bytes.len;
	const char *p = begin;

	while (source->n_boundaries && p < end) {
		p = memmem(p, (size_t)(end - p), "\n--", 3);
		if (!p)
			break;
		if (is_boundary(source, p + 1, end)) {
			end = p > begin && p[-1] == '\r' ? p - 1 : p;
			break;
		}
		p++;
	}
	return eii_text(begin, (size_t)(end - begin));
}

/* The offset of an object's first header field in its source, or -1. */
static gint64 first_offset(GMimeObject *object)
{
	GMimeHeaderList *list = object ? g_mime_object_get_header_list(object) : NULL;
	gint64 first = -1;

	for (int i = 0; list && i < g_mime_header_list_get_count(list); i++) {
		gint64 offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, i));

		if (offset >= 0 && (first < 0 || offset < first))
			first = offset;
	}
	return first;
}

/* The inner message as it stands; empty where it has no header field to find it by. */
struct eii_text eii_source_message(const struct eii_source *source, GMimeMessage *inner)
{
	gint64 own = inner ? first_offset(GMIME_OBJECT(inner)) : -1;
	gint64 part = inner ? first_offset(g_mime_message_get_mime_part(inner)) : -1;
	gint64 start = own < 0 || (part >= 0 && part < own) ? part : own;

	if (start < 0 || (size_t)start > source->bytes.len)
		return eii_text(NULL, 0);
	return up_to_boundary(source, (size_t)start);
}

void eii_source_read_header(GMimeObject *object, struct eii_part_header *out)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);

	*out = (struct eii_part_header){ .type = { .len = 0 } };
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);

		eii_part_header_add(out, eii_text_of(g_mime_header_get_name(header)),
				    eii_text_of(g_mime_header_get_raw_value(header)));
	}
}

/* GMime goes by the boundary's own line end, which may not be that of the line before. */
static struct eii_text fit_line_end(struct eii_text bytes, size_t start, size_t end)
{
	const char *p = bytes.data + end;

	if (end + 1 < bytes.len && p[0] != '\r' && p[0] != '\n' && p[1] == '\n')
		end++;
	else if (end > start && end < bytes.len && p[-1] == '\r' && p[0] == '\n')
		end--;
	return eii_text(bytes.data + start, end - start);
}

/* A part's content where it stands in the source. */
struct eii_text eii_source_content(const struct eii_source *source, GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeStream *stream = wrapper ? g_mime_data_wrapper_get_stream(wrapper) : NULL;
	gint64 start = stream ? stream->bound_start : 0;
	gint64 end = stream ? stream->bound_end : 0;

	if (end == -1)
		end = (gint64)source->bytes.len;
	if (!stream || start < 0 || start > end || (size_t)end > source->bytes.len)
		return eii_text(NULL, 0);
	return fit_line_end(source->bytes, (size_t)start, (size_t)end);
}

/* The start of the line before p, or begin. */
static const char *line_before(const char *p, const char *begin)
{
	const char *mark = p - begin > 1 ? memrchr(begin, '\n', (size_t)(p - begin) - 1) : NULL;

	return mark ? mark + 1 : begin;
}

struct eii_text eii_source_add_lost_lines(const struct eii_source *source, struct eii_text raw)
{
	const char *begin = source->bytes.data;
	const char *end = raw.data + raw.len;
	const char *p = raw.data;

	while (p > begin && raw.data - p < LOST_MAX) {
		const char *line = line_before(p, begin);

		if (p - line > 2 && !memcmp(line, "--", 2) && is_boundary(source, line, end))
			break;
		p = line;
	}
	if (p == begin || raw.data - p >= LOST_MAX ||
	    !eii_text_trim(eii_text(p, (size_t)(raw.data - p))).len)
		return raw;
	return eii_text(p, (size_t)(end - p));
}
