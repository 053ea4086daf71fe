/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/sink.h"

#include <string.h>

#include "eii/base/base64.h"

static enum eii_rc count_write(struct eii_sink *self, const void *data, size_t len,
			       struct eii_error *err)
{
	(void)data;
	(void)err;
	((struct eii_count_sink *)self)->n_bytes += len;
	return EII_OK;
}

void eii_count_sink_init(struct eii_count_sink *sink)
{
	*sink = (struct eii_count_sink){ .base = { .write = count_write } };
}

static enum eii_rc buf_write(struct eii_sink *self, const void *data, size_t len,
			     struct eii_error *err)
{
	struct eii_buf *buf = ((struct eii_buf_sink *)self)->buf;

	eii_buf_add(buf, data, len);
	if (!eii_buf_ok(buf))
		return eii_fail(err, EII_REJECT, "more than %zu bytes", buf->max);
	return EII_OK;
}

void eii_buf_sink_init(struct eii_buf_sink *sink, struct eii_buf *buf)
{
	*sink = (struct eii_buf_sink){ .base = { .write = buf_write }, .buf = buf };
}

static enum eii_rc encode_on(struct eii_base64_sink *sink, const unsigned char *data, size_t len,
			     struct eii_error *err)
{
	char out[EII_BASE64_SINK_CHUNK / 3 * 4];

	eii_base64_encode(data, len, out);
	return eii_sink_write(sink->next, out, eii_base64_size(len), err);
}

static enum eii_rc base64_write(struct eii_sink *self, const void *data, size_t len,
				struct eii_error *err)
{
	struct eii_base64_sink *sink = (struct eii_base64_sink *)self;
	const unsigned char *p = data;

	while (len > 0) {
		size_t room = sizeof(sink->held) - sink->n_held;
		size_t n = len < room ? len : room;
		const unsigned char *whole = sink->held;
		enum eii_rc rc;

		/* A whole chunk needs no copy. */
		if (n == sizeof(sink->held)) {
			whole = p;
		} else {
			memcpy(sink->held + sink->n_held, p, n);
			sink->n_held += n;
		}
		p += n;
		len -= n;
		if (n != sizeof(sink->held) && sink->n_held < sizeof(sink->held))
			continue;
		rc = encode_on(sink, whole, sizeof(sink->held), err);
		if (rc)
			return rc;
		sink->n_held = 0;
	}
	return EII_OK;
}

void eii_base64_sink_init(struct eii_base64_sink *sink, struct eii_sink *next)
{
	sink->base.write = base64_write;
	sink->next = next;
	sink->n_held = 0;
}

enum eii_rc eii_base64_sink_finish(struct eii_base64_sink *sink, struct eii_error *err)
{
	size_t n = sink->n_held;

	sink->n_held = 0;
	return n ? encode_on(sink, sink->held, n, err) : EII_OK;
}
