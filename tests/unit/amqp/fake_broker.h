/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A broker that plays a script: one connection on loopback, in a thread, its
 * frames made by librabbitmq's own codec. A script is a function that runs
 * after the sign-in (or instead of it) and says what it expects by fb_check.
 */
#ifndef EII_TESTS_FAKE_BROKER_H
#define EII_TESTS_FAKE_BROKER_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#endif
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum fb_start { FB_SIGN_IN, FB_BARE };

struct fake_broker {
	int listen_fd;
	int fd;
	uint16_t port;
	pthread_t thread;
	enum fb_start start;
	void (*script)(struct fake_broker *broker);
	bool has_failed;
	char failure[160];
	amqp_pool_t pool;
};

/* A frame that came in; payload is valid until the next read. */
struct fb_frame {
	uint8_t type;
	uint16_t channel;
	uint32_t size;
	const uint8_t *payload;
	uint32_t method; /* of a method frame */
};

struct fb_message {
	uint64_t body_bytes; /* as the header says */
	uint64_t received;
	uint32_t n_body_frames;
	uint32_t largest_frame; /* payload bytes */
	uint8_t delivery_mode;
	uint64_t timestamp_s; /* 0: the property is not there */
	bool is_mandatory;
	char message_id[32];
	char content_encoding[16];
	unsigned char sum; /* of all body bytes */
};

void fb_start(struct fake_broker *broker, enum fb_start start,
	      void (*script)(struct fake_broker *broker));

/* Waits for the script's end; the test fails where the script found something wrong. */
void fb_finish(struct fake_broker *broker);

/* For scripts. */
void fb_check(struct fake_broker *broker, bool condition, const char *what);
bool fb_read_frame(struct fake_broker *broker, struct fb_frame *out);
/* Skips other frames (heartbeats) up to this method; false at the connection's end. */
bool fb_expect(struct fake_broker *broker, amqp_method_number_t method, struct fb_frame *out);
bool fb_read_message(struct fake_broker *broker, struct fb_message *out);
void fb_send(struct fake_broker *broker, uint16_t channel, amqp_method_number_t method,
	     void *fields);
void fb_send_raw(struct fake_broker *broker, const void *data, size_t len);
void fb_ack(struct fake_broker *broker, uint64_t tag, bool is_multiple);
void fb_nack(struct fake_broker *broker, uint64_t tag, bool is_multiple);
/* basic.return with its header and a body of n bytes in frames of frame_bytes. */
void fb_return(struct fake_broker *broker, const char *message_id, size_t n, size_t frame_bytes);
void fb_close_channel(struct fake_broker *broker, uint16_t code, const char *text);
void fb_close_connection(struct fake_broker *broker, uint16_t code, const char *text);
/* Reads and drops until the other side closes. */
void fb_drain(struct fake_broker *broker);
/* Takes no byte more until fb_finish. */
void fb_hang(struct fake_broker *broker);
/* From connection.start to confirm.select-ok. */
void fb_sign_in(struct fake_broker *broker, uint16_t heartbeat_s);
/* connection.start, as far as start-ok. */
void fb_greet(struct fake_broker *broker);

#endif
