/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The servers' own limit: fetches every mail of a folder over TLS by one command
 * and publishes a body of the size that its report would have, with confirms and
 * nothing in between. It has nothing of the connector's code, so that it does not
 * get faster with what it measures.
 *
 *   ideal IMAP_PORT USER PASSWORD MQ_PORT plain|tls VHOST ROUTING_KEY
 *
 * Both servers on loopback, their certificates not verified. Prints "MAILS SECONDS".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EXCHANGE  "amqp.worker.exchange"
#define WINDOW    256          /* messages without a confirm */
#define GATHERED  (256 * 1024) /* bytes that go to the broker in one write */
#define READ_STEP (64 * 1024)  /* of the mail server */
#define MAX_BODY  (64 * 1024 * 1024)
#define FRAME     (128 * 1024 - 8) /* payload of one: the broker's frame_max is 131,072 */

enum frame { FRAME_METHOD = 1, FRAME_HEADER = 2, FRAME_BODY = 3, FRAME_END = 0xce };
enum method { /* class and id (AMQP 0-9-1) */
	      CONNECTION_START = 10 << 16 | 10,
	      CONNECTION_START_OK = 10 << 16 | 11,
	      CONNECTION_TUNE = 10 << 16 | 30,
	      CONNECTION_TUNE_OK = 10 << 16 | 31,
	      CONNECTION_OPEN = 10 << 16 | 40,
	      CONNECTION_OPEN_OK = 10 << 16 | 41,
	      CHANNEL_OPEN = 20 << 16 | 10,
	      CHANNEL_OPEN_OK = 20 << 16 | 11,
	      BASIC_PUBLISH = 60 << 16 | 40,
	      BASIC_ACK = 60 << 16 | 80,
	      CONFIRM_SELECT = 85 << 16 | 10,
	      CONFIRM_SELECT_OK = 85 << 16 | 11,
};

struct peer {
	int fd;
	SSL *ssl; /* NULL: plain */
	unsigned char *in;
	size_t n_in, at, capacity;
};

struct broker {
	struct peer peer;
	unsigned char *out; /* gathered */
	size_t n_out, capacity;
	uint64_t n_sent, n_acked;
	const char *routing_key;
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "ideal: %s\n", what);
	exit(1);
}

/* ---- bytes ------------------------------------------------------------- */

static void dial(struct peer *peer, const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;

	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&address, sizeof(address)))
		fail("cannot connect");
	(void)setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void begin_tls(struct peer *peer, SSL_CTX *context)
{
	peer->ssl = SSL_new(context);
	if (!peer->ssl || SSL_set_fd(peer->ssl, peer->fd) != 1 || SSL_connect(peer->ssl) != 1)
		fail("no TLS");
}

static void write_all(struct peer *peer, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len) {
		size_t step = len < INT32_MAX ? len : INT32_MAX;
		ssize_t n = peer->ssl ? SSL_write(peer->ssl, p, (int)step)
				      : send(peer->fd, p, step, MSG_NOSIGNAL);

		if (n <= 0)
			fail("a server took no more");
		p += n;
		len -= (size_t)n;
	}
}

static void make_room(struct peer *peer, size_t len)
{
	memmove(peer->in, peer->in + peer->at, peer->n_in - peer->at);
	peer->n_in -= peer->at;
	peer->at = 0;
	if (peer->capacity - peer->n_in >= len)
		return;
	peer->capacity = peer->n_in + len;
	peer->in = realloc(peer->in, peer->capacity);
	if (!peer->in)
		fail("no memory");
}

static bool has_more(const struct peer *peer)
{
	char probe;

	return (peer->ssl && SSL_pending(peer->ssl)) ||
	       recv(peer->fd, &probe, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void read_more(struct peer *peer)
{
	ssize_t n;

	make_room(peer, READ_STEP);
	n = peer->ssl ? SSL_read(peer->ssl, peer->in + peer->n_in, READ_STEP)
		      : recv(peer->fd, peer->in + peer->n_in, READ_STEP, 0);
	if (n <= 0)
		fail("a server has hung up");
	peer->n_in += (size_t)n;
}

static const unsigned char *want(struct peer *peer, size_t len)
{
	while (peer->n_in - peer->at < len)
		read_more(peer);
	return peer->in + peer->at;
}

/* ---- AMQP -------------------------------------------------------------- */

static unsigned char *room(struct broker *broker, size_t len)
{
	if (broker->capacity - broker->n_out < len) {
		broker->capacity = broker->n_out + len + GATHERED;
		broker->out = realloc(broker->out, broker->capacity);
		if (!broker->out)
			fail("no memory");
	}
	broker->n_out += len;
	return broker->out + broker->n_out - len;
}

static void put(struct broker *broker, const void *data, size_t len)
{
	memcpy(room(broker, len), data, len);
}

static void put_number(struct broker *broker, uint64_t number, size_t bytes)
{
	unsigned char *p = room(broker, bytes);

	while (bytes--)
		*p++ = (unsigned char)(number >> 8 * bytes);
}

static void put_short(struct broker *broker, const char *text)
{
	put_number(broker, strlen(text), 1);
	put(broker, text, strlen(text));
}

static void begin_frame(struct broker *broker, enum frame type, unsigned channel, size_t len)
{
	put_number(broker, type, 1);
	put_number(broker, channel, 2);
	put_number(broker, len, 4);
}

static void end_frame(struct broker *broker)
{
	put_number(broker, FRAME_END, 1);
}

/* A method whose arguments are these bytes. */
static void put_method(struct broker *broker, unsigned channel, enum method method,
		       const void *arguments, size_t len)
{
	begin_frame(broker, FRAME_METHOD, channel, 4 + len);
	put_number(broker, method, 4);
	put(broker, arguments, len);
	end_frame(broker);
}

static void flush(struct broker *broker)
{
	write_all(&broker->peer, broker->out, broker->n_out);
	broker->n_out = 0;
}

static uint64_t number_at(const unsigned char *p, size_t bytes)
{
	uint64_t number = 0;

	while (bytes--)
		number = number << 8 | *p++;
	return number;
}

/* The next frame's method, its arguments left at *arguments until the next call; 0: no method. */
static uint32_t next_method(struct broker *broker, const unsigned char **arguments)
{
	struct peer *peer = &broker->peer;
	size_t len = number_at(want(peer, 7) + 3, 4);
	const unsigned char *frame = want(peer, 7 + len + 1);

	peer->at += 7 + len + 1;
	*arguments = frame + 7 + 4;
	return frame[0] == FRAME_METHOD ? (uint32_t)number_at(frame + 7, 4) : 0;
}

static void expect(struct broker *broker, enum method method)
{
	const unsigned char *arguments;

	flush(broker);
	if (next_method(broker, &arguments) != (uint32_t)method)
		fail("the broker says something else");
}

static void sign_in(struct broker *broker, const char *vhost)
{
	static const unsigned char start_ok[] = "\0\0\0\0\5PLAIN\0\0\0\14\0guest\0guest\5en_US";
	static const unsigned char tune_ok[] = "\0\1\0\2\0\0\0\0"; /* 1 channel, 131,072 bytes */
	static const unsigned char nothing[1];
	char open[300];
	size_t len = strlen(vhost);

	if (len > 255)
		fail("a vhost's name is too long");
	put(broker, "AMQP\0\0\11\1", 8);
	expect(broker, CONNECTION_START);
	put_method(broker, 0, CONNECTION_START_OK, start_ok, sizeof(start_ok) - 1);
	expect(broker, CONNECTION_TUNE);
	put_method(broker, 0, CONNECTION_TUNE_OK, tune_ok, sizeof(tune_ok) - 1);
	open[0] = (char)len;
	memcpy(open + 1, vhost, len);
	memset(open + 1 + len, 0, 2);
	put_method(broker, 0, CONNECTION_OPEN, open, len + 3);
	expect(broker, CONNECTION_OPEN_OK);
	put_method(broker, 1, CHANNEL_OPEN, nothing, 1);
	expect(broker, CHANNEL_OPEN_OK);
	put_method(broker, 1, CONFIRM_SELECT, nothing, 1);
	expect(broker, CONFIRM_SELECT_OK);
}

static void wait_for_confirms(struct broker *broker)
{
	const unsigned char *arguments;

	read_more(&broker->peer);
	while (broker->peer.n_in > broker->peer.at) {
		if (next_method(broker, &arguments) != BASIC_ACK)
			continue;
		broker->n_acked = arguments[8] ? number_at(arguments, 8) : broker->n_acked + 1;
	}
}

/* What is gathered goes, and what has come is taken. */
static void pass_on(struct broker *broker)
{
	flush(broker);
	if (has_more(&broker->peer))
		wait_for_confirms(broker);
}

/* A report's message is some 16/9 of its mail: the mail's bytes stand for it. */
static void put_body(struct broker *broker, const unsigned char *mail, size_t len)
{
	size_t left = len * 16 / 9;

	while (left) {
		size_t n = left < FRAME ? left : FRAME;

		n = n < len ? n : len;
		begin_frame(broker, FRAME_BODY, 1, n);
		put(broker, mail, n);
		end_frame(broker);
		left -= n;
	}
}

static void publish(struct broker *broker, const unsigned char *mail, size_t len)
{
	size_t names = 1 + strlen(EXCHANGE) + 1 + strlen(broker->routing_key);

	while (broker->n_sent - broker->n_acked >= WINDOW) {
		flush(broker);
		wait_for_confirms(broker);
	}
	begin_frame(broker, FRAME_METHOD, 1, 4 + 2 + names + 1);
	put_number(broker, BASIC_PUBLISH, 4);
	put_number(broker, 0, 2);
	put_short(broker, EXCHANGE);
	put_short(broker, broker->routing_key);
	put_number(broker, 0, 1);
	end_frame(broker);
	begin_frame(broker, FRAME_HEADER, 1, 2 + 2 + 8 + 2 + 1);
	put_number(broker, BASIC_PUBLISH >> 16, 2);
	put_number(broker, 0, 2);
	put_number(broker, len * 16 / 9, 8);
	put_number(broker, 1 << 12, 2); /* delivery-mode */
	put_number(broker, 2, 1);
	end_frame(broker);
	put_body(broker, mail, len);
	broker->n_sent++;
	if (broker->n_out >= GATHERED)
		pass_on(broker);
}

/* ---- IMAP -------------------------------------------------------------- */

/* A line without its end, NUL there; valid until the next call. */
static char *next_line(struct peer *peer)
{
	size_t len = 0;

	for (;;) {
		const unsigned char *at = want(peer, len + 1);

		if (at[len] == '\n')
			break;
		len++;
	}
	peer->in[peer->at + len] = '\0';
	peer->at += len + 1;
	return (char *)peer->in + peer->at - len - 1;
}

static void command(struct peer *peer, const char *text)
{
	const char *line;

	write_all(peer, text, strlen(text));
	do
		line = next_line(peer);
	while (strncmp(line, "a ", 2) != 0);
	if (strncmp(line, "a OK", 4) != 0)
		fail("the mail server refuses");
}

static size_t literal_of(const char *line)
{
	const char *open = strrchr(line, '{');
	size_t len = open ? strtoul(open + 1, NULL, 10) : 0;

	if (len > MAX_BODY)
		fail("a mail is too large");
	return len;
}

static void pass_mail(struct peer *mailbox, struct broker *broker, size_t len)
{
	publish(broker, want(mailbox, len), len);
	mailbox->at += len;
	/* Before more is waited for. */
	if (mailbox->at == mailbox->n_in && !has_more(mailbox))
		pass_on(broker);
}

static void pass_all(struct peer *mailbox, struct broker *broker)
{
	static const char fetch[] = "b UID FETCH 1:* (UID BODY.PEEK[])\r\n";
	const char *line;

	write_all(mailbox, fetch, sizeof(fetch) - 1);
	for (line = next_line(mailbox); strncmp(line, "b ", 2) != 0; line = next_line(mailbox)) {
		size_t len = literal_of(line);

		if (len)
			pass_mail(mailbox, broker, len);
	}
	flush(broker);
	while (broker->n_acked < broker->n_sent)
		wait_for_confirms(broker);
}

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct peer mailbox = { 0 };
	struct broker broker = { 0 };
	char login[512];
	double started;

	if (argc != 8 || !context)
		return 64;
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_read_buffer_len(context, READ_STEP);
	broker.routing_key = argv[7];
	started = now_s();
	dial(&broker.peer, argv[4]);
	if (strcmp(argv[5], "tls") == 0)
		begin_tls(&broker.peer, context);
	sign_in(&broker, argv[6]);
	dial(&mailbox, argv[1]);
	begin_tls(&mailbox, context);
	(void)next_line(&mailbox);
	(void)snprintf(login, sizeof(login), "a LOGIN %s %s\r\n", argv[2], argv[3]);
	command(&mailbox, login);
	command(&mailbox, "a EXAMINE INBOX\r\n");
	pass_all(&mailbox, &broker);
	(void)printf("%llu %.3f\n", (unsigned long long)broker.n_acked, now_s() - started);
	free(broker.out);
	free(broker.peer.in);
	free(mailbox.in);
	SSL_free(broker.peer.ssl);
	SSL_free(mailbox.ssl);
	SSL_CTX_free(context);
	return 0;
}
