/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/jail/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/alloc.h"

#define BUFFER_BYTES ((size_t)64 * 1024) /* one read or write for each small mail */
#define DIRECT_BYTES ((size_t)16 * 1024) /* from here on a copy costs more than a call */

struct eii_channel {
	struct eii_sink sink; /* first: the sink's self is the channel */
	int fd;
	size_t in_at, in_len;
	size_t n_out;
	struct eii_buf mail; /* only its memory is used: mails beyond the buffer */
	char *words_data;
	struct eii_text *words;
	char in[BUFFER_BYTES];
	char out[BUFFER_BYTES];
};

static enum eii_rc write_all(int fd, const char *data, size_t len, struct eii_error *err)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return eii_fail(err, EII_RETRY, "write to the connector: %s",
					strerror(errno));
		data += n;
		len -= (size_t)n;
	}
	return EII_OK;
}

enum eii_rc eii_channel_flush(struct eii_channel *channel, struct eii_error *err)
{
	size_t n = channel->n_out;

	channel->n_out = 0;
	return write_all(channel->fd, channel->out, n, err);
}

static enum eii_rc write_out(struct eii_sink *self, const void *data, size_t len,
			     struct eii_error *err)
{
	struct eii_channel *channel = (struct eii_channel *)self;

	if (len > BUFFER_BYTES - channel->n_out || len >= DIRECT_BYTES) {
		enum eii_rc rc = eii_channel_flush(channel, err);

		if (rc)
			return rc;
	}
	if (len >= DIRECT_BYTES)
		return write_all(channel->fd, data, len, err);
	memcpy(channel->out + channel->n_out, data, len);
	channel->n_out += len;
	return EII_OK;
}

struct eii_channel *eii_channel_new(int fd)
{
	struct eii_channel *channel = EII_NEW(struct eii_channel);

	channel->sink.write = write_out;
	channel->fd = fd;
	eii_buf_init(&channel->mail, EII_LIMIT_MAIL_BYTES_MAX);
	return channel;
}

void eii_channel_free(struct eii_channel *channel)
{
	if (!channel)
		return;
	eii_buf_clear(&channel->mail);
	free(channel->words_data);
	free(channel->words);
	free(channel);
}

struct eii_sink *eii_channel_sink(struct eii_channel *channel)
{
	return &channel->sink;
}

/* One read(2); 0 bytes = the other end is closed. */
static enum eii_rc read_some(struct eii_channel *channel, char *data, size_t len, size_t *out,
			     struct eii_error *err)
{
	ssize_t n;

	do {
		n = read(channel->fd, data, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return eii_fail(err, EII_RETRY, "read from the connector: %s", strerror(errno));
	*out = (size_t)n;
	return EII_OK;
}

static size_t take_buffered(struct eii_channel *channel, char *data, size_t len)
{
	size_t n = channel->in_len - channel->in_at;

	if (n > len)
		n = len;
	memcpy(data, channel->in + channel->in_at, n);
	channel->in_at += n;
	return n;
}

/* Makes the buffer hold at least n unread bytes (n <= its size), or finds the end. */
static enum eii_rc fill_buffer(struct eii_channel *channel, size_t n, bool *out_ended,
			       struct eii_error *err)
{
	size_t unread = channel->in_len - channel->in_at;

	if (unread >= n)
		return EII_OK;
	memmove(channel->in, channel->in + channel->in_at, unread);
	channel->in_at = 0;
	channel->in_len = unread;
	while (channel->in_len < n) {
		size_t got = 0;
		enum eii_rc rc = read_some(channel, channel->in + channel->in_len,
					   BUFFER_BYTES - channel->in_len, &got, err);

		if (rc)
			return rc;
		if (got == 0 && channel->in_len == 0) {
			*out_ended = true;
			return EII_OK;
		}
		if (got == 0)
			return eii_fail(err, EII_REJECT, "the connector's request is cut");
		channel->in_len += got;
	}
	return EII_OK;
}

/* Past the buffer, straight into data. */
static enum eii_rc read_all(struct eii_channel *channel, char *data, size_t len,
			    struct eii_error *err)
{
	size_t done = take_buffered(channel, data, len);

	while (done < len) {
		size_t got = 0;
		enum eii_rc rc = read_some(channel, data + done, len - done, &got, err);

		if (rc)
			return rc;
		if (got == 0)
			return eii_fail(err, EII_REJECT, "the connector's request is cut");
		done += got;
	}
	return EII_OK;
}

static enum eii_rc read_words(struct eii_channel *channel, struct eii_wire_request *request,
			      struct eii_error *err)
{
	struct eii_text *words = NULL;
	enum eii_rc rc;

	channel->words_data = eii_realloc(channel->words_data, request->words_bytes, 1);
	rc = read_all(channel, channel->words_data, request->words_bytes, err);
	if (!rc)
		rc = eii_wire_request_words(
			request, eii_text(channel->words_data, request->words_bytes), &words, err);
	if (rc)
		return rc;
	free(channel->words);
	channel->words = words;
	return EII_OK;
}

/* A mail that the buffer can hold is left there, a larger one goes into memory of its own. */
static enum eii_rc read_mail(struct eii_channel *channel, size_t len, struct eii_text *out,
			     struct eii_error *err)
{
	bool ended = false;
	enum eii_rc rc;
	char *room;

	if (len <= BUFFER_BYTES) {
		rc = fill_buffer(channel, len, &ended, err);
		if (rc)
			return rc;
		if (ended && len)
			return eii_fail(err, EII_REJECT, "the connector's request is cut");
		*out = eii_text(channel->in + channel->in_at, len);
		channel->in_at += len;
		return EII_OK;
	}
	eii_buf_reset(&channel->mail);
	room = eii_buf_reserve(&channel->mail, len);
	if (!room)
		return eii_fail(err, EII_REJECT, "no memory for a mail of %zu bytes", len);
	*out = eii_text(room, len);
	return read_all(channel, room, len, err);
}

enum eii_rc eii_channel_read(struct eii_channel *channel, struct eii_channel_request *out,
			     bool *out_ended, struct eii_error *err)
{
	unsigned char head[EII_WIRE_REQUEST_HEAD_BYTES];
	struct eii_channel_request request = { 0 };
	bool ended = false;
	enum eii_rc rc;

	rc = fill_buffer(channel, sizeof(head), &ended, err);
	if (rc)
		return rc;
	*out_ended = ended;
	if (ended)
		return EII_OK;
	memcpy(head, channel->in + channel->in_at, sizeof(head));
	channel->in_at += sizeof(head);
	rc = eii_wire_request_decode(head, &request.wire, err);
	if (rc)
		return rc;
	rc = read_words(channel, &request.wire, err);
	if (rc)
		return rc;
	rc = read_mail(channel, (size_t)request.wire.mail_bytes, &request.mail, err);
	if (rc)
		return rc;
	*out = request;
	return EII_OK;
}

void eii_channel_shrink(struct eii_channel *channel)
{
	eii_buf_shrink(&channel->mail, EII_CHANNEL_KEEP_BYTES);
}
