/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

static unsigned char inbox[1 << 18];

void fb_check(struct fake_broker *broker, bool condition, const char *what)
{
	if (condition || broker->has_failed)
		return;
	broker->has_failed = true;
	(void)snprintf(broker->failure, sizeof(broker->failure), "%s", what);
}

static bool read_all(struct fake_broker *broker, void *data, size_t len)
{
	char *p = data;

	while (len > 0) {
		ssize_t n = recv(broker->fd, p, len, 0);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

void fb_send_raw(struct fake_broker *broker, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = send(broker->fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static void put32(unsigned char *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static uint32_t get32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return ntohl(v);
}

static void send_frame(struct fake_broker *broker, uint8_t type, uint16_t channel,
		       const void *payload, size_t len)
{
	unsigned char frame[1 << 17];

	frame[0] = type;
	frame[1] = (unsigned char)(channel >> 8);
	frame[2] = (unsigned char)channel;
	put32(frame + 3, (uint32_t)len);
	memcpy(frame + 7, payload, len);
	frame[7 + len] = 0xce;
	fb_send_raw(broker, frame, len + 8);
}

bool fb_read_frame(struct fake_broker *broker, struct fb_frame *out)
{
	unsigned char head[7], end;

	if (!read_all(broker, head, sizeof(head)))
		return false;
	out->type = head[0];
	out->channel = (uint16_t)(head[1] << 8 | head[2]);
	out->size = get32(head + 3);
	if (out->size > sizeof(inbox) || !read_all(broker, inbox, out->size) ||
	    !read_all(broker, &end, 1))
		return false;
	fb_check(broker, end == 0xce, "frame without its end mark");
	out->payload = inbox;
	out->method = out->type == AMQP_FRAME_METHOD ? get32(inbox) : 0;
	return true;
}

bool fb_expect(struct fake_broker *broker, amqp_method_number_t method, struct fb_frame *out)
{
	struct fb_frame frame;

	while (fb_read_frame(broker, &frame)) {
		if (frame.type == AMQP_FRAME_METHOD && frame.method == method) {
			if (out)
				*out = frame;
			return true;
		}
		fb_check(broker, frame.type == AMQP_FRAME_HEARTBEAT, "another method came");
	}
	return false;
}

static void copy_bytes(char *out, size_t size, amqp_bytes_t bytes)
{
	size_t n = bytes.len < size - 1 ? bytes.len : size - 1;

	if (n)
		memcpy(out, bytes.bytes, n);
	out[n] = '\0';
}

static bool read_header(struct fake_broker *broker, struct fb_message *out)
{
	struct fb_frame frame;
	void *decoded = NULL;
	const amqp_basic_properties_t *properties;
	amqp_bytes_t encoded;

	if (!fb_read_frame(broker, &frame))
		return false;
	fb_check(broker, frame.type == AMQP_FRAME_HEADER, "no header after basic.publish");
	out->body_bytes = (uint64_t)get32(frame.payload + 4) << 32 | get32(frame.payload + 8);
	encoded.bytes = inbox + 12;
	encoded.len = frame.size - 12;
	if (amqp_decode_properties(AMQP_BASIC_CLASS, &broker->pool, encoded, &decoded) < 0)
		return false;
	properties = decoded;
	out->delivery_mode = properties->delivery_mode;
	if (properties->_flags & AMQP_BASIC_TIMESTAMP_FLAG)
		out->timestamp_s = properties->timestamp;
	copy_bytes(out->message_id, sizeof(out->message_id), properties->message_id);
	copy_bytes(out->content_encoding, sizeof(out->content_encoding),
		   properties->content_encoding);
	return true;
}

bool fb_read_message(struct fake_broker *broker, struct fb_message *out)
{
	struct fb_frame frame;

	memset(out, 0, sizeof(*out));
	if (!fb_expect(broker, AMQP_BASIC_PUBLISH_METHOD, &frame))
		return false;
	out->is_mandatory = frame.payload[frame.size - 1] & 1;
	if (!read_header(broker, out))
		return false;
	while (out->received < out->body_bytes) {
		if (!fb_read_frame(broker, &frame))
			return false;
		if (frame.type == AMQP_FRAME_HEARTBEAT)
			continue;
		fb_check(broker, frame.type == AMQP_FRAME_BODY, "no body frame");
		out->received += frame.size;
		out->n_body_frames++;
		if (frame.size > out->largest_frame)
			out->largest_frame = frame.size;
		for (uint32_t i = 0; i < frame.size; i++)
			out->sum = (unsigned char)(out->sum + frame.payload[i]);
	}
	return true;
}

void fb_send(struct fake_broker *broker, uint16_t channel, amqp_method_number_t method,
	     void *fields)
{
	unsigned char payload[4096];
	amqp_bytes_t rest = { .len = sizeof(payload) - 4, .bytes = payload + 4 };
	int n = amqp_encode_method(method, fields, rest);

	fb_check(broker, n >= 0, "a method that cannot be encoded");
	put32(payload, method);
	send_frame(broker, AMQP_FRAME_METHOD, channel, payload, 4 + (size_t)(n < 0 ? 0 : n));
}

void fb_hang(struct fake_broker *broker)
{
	struct pollfd fd = { .fd = broker->listen_fd, .events = POLLIN };

	(void)poll(&fd, 1, 60000);
}

void fb_ack(struct fake_broker *broker, uint64_t tag, bool is_multiple)
{
	amqp_basic_ack_t ack = { .delivery_tag = tag, .multiple = is_multiple };

	fb_send(broker, 1, AMQP_BASIC_ACK_METHOD, &ack);
}

void fb_nack(struct fake_broker *broker, uint64_t tag, bool is_multiple)
{
	amqp_basic_nack_t nack = { .delivery_tag = tag, .multiple = is_multiple };

	fb_send(broker, 1, AMQP_BASIC_NACK_METHOD, &nack);
}

void fb_return(struct fake_broker *broker, const char *message_id, size_t n, size_t frame_bytes)
{
	static const unsigned char zeros[1 << 16];
	unsigned char header[256] = { 0, 60 }; /* class basic, weight 0 */
	size_t id_len = strlen(message_id);
	amqp_basic_return_t method = { .reply_code = AMQP_NO_ROUTE,
				       .reply_text = amqp_cstring_bytes("NO_ROUTE"),
				       .exchange = amqp_cstring_bytes("x"),
				       .routing_key = amqp_cstring_bytes("k") };

	fb_send(broker, 1, AMQP_BASIC_RETURN_METHOD, &method);
	put32(header + 4, 0);
	put32(header + 8, (uint32_t)n);
	header[12] = AMQP_BASIC_MESSAGE_ID_FLAG >> 8;
	header[13] = AMQP_BASIC_MESSAGE_ID_FLAG & 0xff;
	header[14] = (unsigned char)id_len;
	memcpy(header + 15, message_id, id_len);
	send_frame(broker, AMQP_FRAME_HEADER, 1, header, 15 + id_len);
	for (; n > 0; n -= n < frame_bytes ? n : frame_bytes)
		send_frame(broker, AMQP_FRAME_BODY, 1, zeros, n < frame_bytes ? n : frame_bytes);
}

void fb_close_channel(struct fake_broker *broker, uint16_t code, const char *text)
{
	amqp_channel_close_t close = { .reply_code = code,
				       .reply_text = amqp_cstring_bytes(text),
				       .class_id = 60,
				       .method_id = 40 };

	fb_send(broker, 1, AMQP_CHANNEL_CLOSE_METHOD, &close);
}

void fb_close_connection(struct fake_broker *broker, uint16_t code, const char *text)
{
	amqp_connection_close_t close = { .reply_code = code,
					  .reply_text = amqp_cstring_bytes(text) };

	fb_send(broker, 0, AMQP_CONNECTION_CLOSE_METHOD, &close);
}

void fb_drain(struct fake_broker *broker)
{
	char bytes[4096];

	while (recv(broker->fd, bytes, sizeof(bytes), 0) > 0)
		;
}

void fb_greet(struct fake_broker *broker)
{
	amqp_connection_start_t start = { .version_minor = 9,
					  .mechanisms = amqp_cstring_bytes("PLAIN AMQPLAIN"),
					  .locales = amqp_cstring_bytes("en_US") };
	struct fb_frame frame = { 0 };
	char header[8];

	fb_check(broker, read_all(broker, header, 8) && !memcmp(header, "AMQP", 4),
		 "no protocol header");
	fb_send(broker, 0, AMQP_CONNECTION_START_METHOD, &start);
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_START_OK_METHOD, &frame), "no start-ok");
	/* A broker hangs up where a frame is larger before both have agreed on a size. */
	fb_check(broker, frame.size <= 4096 - 8, "start-ok is too large");
}

void fb_sign_in(struct fake_broker *broker, uint16_t heartbeat_s)
{
	amqp_connection_tune_t tune = { .channel_max = 100,
					.frame_max = 131072,
					.heartbeat = heartbeat_s };
	amqp_connection_open_ok_t open_ok = { 0 };
	amqp_channel_open_ok_t channel_ok = { 0 };
	amqp_confirm_select_ok_t select_ok = { 0 };

	fb_greet(broker);
	fb_send(broker, 0, AMQP_CONNECTION_TUNE_METHOD, &tune);
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_TUNE_OK_METHOD, NULL), "no tune-ok");
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_OPEN_METHOD, NULL), "no open");
	fb_send(broker, 0, AMQP_CONNECTION_OPEN_OK_METHOD, &open_ok);
	fb_check(broker, fb_expect(broker, AMQP_CHANNEL_OPEN_METHOD, NULL), "no channel.open");
	fb_send(broker, 1, AMQP_CHANNEL_OPEN_OK_METHOD, &channel_ok);
	fb_check(broker, fb_expect(broker, AMQP_CONFIRM_SELECT_METHOD, NULL), "no confirm.select");
	fb_send(broker, 1, AMQP_CONFIRM_SELECT_OK_METHOD, &select_ok);
}

static void *play(void *arg)
{
	struct fake_broker *broker = arg;

	broker->fd = accept(broker->listen_fd, NULL, NULL);
	if (broker->fd < 0)
		return NULL;
	if (broker->start == FB_SIGN_IN)
		fb_sign_in(broker, 0);
	if (broker->script)
		broker->script(broker);
	(void)close(broker->fd);
	return NULL;
}

void fb_start(struct fake_broker *broker, enum fb_start start,
	      void (*script)(struct fake_broker *broker))
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	memset(broker, 0, sizeof(*broker));
	broker->start = start;
	broker->script = script;
	init_amqp_pool(&broker->pool, 4096);
	broker->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(broker->listen_fd >= 0);
	assert_int_equal(bind(broker->listen_fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(broker->listen_fd, 4), 0);
	assert_int_equal(getsockname(broker->listen_fd, (struct sockaddr *)&address, &len), 0);
	broker->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&broker->thread, NULL, play, broker), 0);
}

void fb_finish(struct fake_broker *broker)
{
	(void)shutdown(broker->listen_fd, SHUT_RDWR);
	(void)pthread_join(broker->thread, NULL);
	(void)close(broker->listen_fd);
	empty_amqp_pool(&broker->pool);
	CHECK(!broker->has_failed, "broker's script: %s", broker->failure);
}
