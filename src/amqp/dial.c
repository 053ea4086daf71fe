/* SPDX-License-Identifier: Apache-2.0 */
#include "publisher_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#if __has_include(<rabbitmq-c/tcp_socket.h>)
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/utf8.h"
#include "eii/net/dial.h"
#include "eii/net/tls.h"

/* A broker that no longer takes our bytes (ms); above an alarm's usual length. */
#define TCP_GIVE_UP_MS 60000
/*
 * TCP and TLS together (ms): nothing can cut the library in this, so it ends
 * well within the time that a stop leaves.
 */
#define DIAL_MS        5000
#define FRAME_MIN      4096 /* AMQP 0-9-1, connection.tune; no frame before it may be larger */
#define NAME_MAX_BYTES 255

static void set_socket_options(int fd)
{
	int on = 1, give_up_ms = TCP_GIVE_UP_MS;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up_ms, sizeof(give_up_ms));
}

/* Certificates are checked inside the handshake: the library's own checks know no IP address. */
static enum eii_rc make_tls_socket(struct eii_publisher *publisher,
				   const struct eii_publisher_options *options, amqp_socket_t **out,
				   struct eii_error *err)
{
	amqp_socket_t *socket = amqp_ssl_socket_new(publisher->connection);

	if (!socket)
		return eii_fail(err, EII_RETRY, "RabbitMQ at %s: out of memory", publisher->where);
	amqp_ssl_socket_set_verify_peer(socket, 0);
	amqp_ssl_socket_set_verify_hostname(socket, 0);
	*out = socket;
	return eii_tls_setup(amqp_ssl_socket_get_context(socket), options->tls, options->host,
			     &publisher->verdict, err);
}

static enum eii_rc make_socket(struct eii_publisher *publisher,
			       const struct eii_publisher_options *options, amqp_socket_t **out,
			       struct eii_error *err)
{
	publisher->connection = amqp_new_connection();
	publisher->is_tls = options->tls != NULL;
	if (publisher->connection && options->tls)
		return make_tls_socket(publisher, options, out, err);
	*out = publisher->connection ? amqp_tcp_socket_new(publisher->connection) : NULL;
	if (!*out)
		return eii_fail(err, EII_RETRY, "RabbitMQ at %s: out of memory", publisher->where);
	return EII_OK;
}

static enum eii_rc fail_handshake(struct eii_publisher *publisher, struct eii_error *err)
{
	EII_AUTO_STR where = eii_asprintf("RabbitMQ at %s", publisher->where);

	publisher->is_dead = true;
	return eii_tls_fail(&publisher->verdict, where, err);
}

/*
 * The library looks the name up once more, without a limit but the resolver's:
 * what answered just now answers again.
 */
static enum eii_rc look_up(struct eii_publisher *publisher,
			   const struct eii_publisher_options *options, int64_t deadline_ms,
			   struct eii_error *err)
{
	EII_AUTO_STR where = eii_asprintf("RabbitMQ at %s", publisher->where);

	return eii_dial_look_up(where, options->host, options->port, deadline_ms, options->stop,
				err);
}

enum eii_rc eii_amqp_dial(struct eii_publisher *publisher,
			  const struct eii_publisher_options *options, int64_t deadline_ms,
			  struct eii_error *err)
{
	amqp_socket_t *socket = NULL;
	struct timeval left;
	int left_ms, status;
	enum eii_rc rc = look_up(publisher, options, deadline_ms, err);

	if (!rc)
		rc = make_socket(publisher, options, &socket, err);
	if (rc)
		return rc;
	left_ms = eii_clock_left_ms(deadline_ms);
	left = eii_amqp_timeval(left_ms < DIAL_MS ? left_ms : DIAL_MS);
	errno = 0;
	status = amqp_socket_open_noblock(socket, options->host, options->port, &left);
	if (options->tls &&
	    (status == AMQP_STATUS_SSL_CONNECTION_FAILED || status == AMQP_STATUS_SSL_ERROR))
		return fail_handshake(publisher, err);
	if (status != AMQP_STATUS_OK)
		return eii_amqp_fail_status(publisher, status, "connect", err);
	publisher->fd = amqp_get_sockfd(publisher->connection);
	set_socket_options(publisher->fd);
	return EII_OK;
}

static amqp_table_entry_t true_entry(const char *key)
{
	return (amqp_table_entry_t){
		.key = amqp_cstring_bytes(key),
		.value = { .kind = AMQP_FIELD_KIND_BOOLEAN, .value = { .boolean = 1 } },
	};
}

/* PLAIN with what the broker must know of us: that we understand blocked, nack and confirms. */
static amqp_rpc_reply_t log_in(struct eii_publisher *publisher,
			       const struct eii_publisher_options *options)
{
	const char *vhost = options->vhost && options->vhost[0] ? options->vhost : "/";
	const char *name = options->connection_name ? options->connection_name : "email-intel-imap";
	int heartbeat_s = options->heartbeat_s ? options->heartbeat_s : EII_PUBLISHER_HEARTBEAT_S;
	amqp_table_entry_t capabilities[] = { true_entry("connection.blocked"),
					      true_entry("publisher_confirms"),
					      true_entry("basic.nack") };
	amqp_table_entry_t entries[2];
	amqp_table_t properties = { .num_entries = 2, .entries = entries };

	entries[0].key = amqp_cstring_bytes("capabilities");
	entries[0].value.kind = AMQP_FIELD_KIND_TABLE;
	entries[0].value.value.table = (amqp_table_t){ .num_entries = 3, .entries = capabilities };
	entries[1].key = amqp_cstring_bytes("connection_name");
	entries[1].value.kind = AMQP_FIELD_KIND_UTF8;
	entries[1].value.value.bytes = amqp_cstring_bytes(name);
	entries[1].value.value.bytes.len = eii_utf8_cut(eii_text_of(name), NAME_MAX_BYTES);
	return amqp_login_with_properties(publisher->connection, vhost, 0, EII_AMQP_FRAME_MAX,
					  heartbeat_s, &properties, AMQP_SASL_METHOD_PLAIN,
					  options->user, options->password);
}

void eii_amqp_use_tuning(struct eii_publisher *publisher)
{
	int frame_max = amqp_get_frame_max(publisher->connection);

	if (frame_max < FRAME_MIN)
		frame_max = FRAME_MIN;
	publisher->body_capacity = (size_t)frame_max - EII_AMQP_FRAME_EXTRA;
	free(publisher->body);
	publisher->body = eii_calloc(1, publisher->body_capacity);
	publisher->heartbeat_s = amqp_get_heartbeat(publisher->connection);
	eii_amqp_note_pump(publisher);
}

static enum eii_rc open_channel(struct eii_publisher *publisher, struct eii_error *err)
{
	amqp_channel_open_t open = { 0 };
	amqp_confirm_select_t select = { 0 };
	amqp_method_number_t opened[] = { AMQP_CHANNEL_OPEN_OK_METHOD, 0 };
	amqp_method_number_t selected[] = { AMQP_CONFIRM_SELECT_OK_METHOD, 0 };
	amqp_rpc_reply_t reply;

	errno = 0;
	reply = amqp_simple_rpc(publisher->connection, EII_AMQP_CHANNEL, AMQP_CHANNEL_OPEN_METHOD,
				opened, &open);
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return eii_amqp_fail_reply(publisher, reply, "channel.open", err);
	reply = amqp_simple_rpc(publisher->connection, EII_AMQP_CHANNEL, AMQP_CONFIRM_SELECT_METHOD,
				selected, &select);
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return eii_amqp_fail_reply(publisher, reply, "confirm.select", err);
	return EII_OK;
}

static enum eii_rc sign_in(struct eii_publisher *publisher,
			   const struct eii_publisher_options *options, struct eii_error *err)
{
	amqp_rpc_reply_t reply;

	errno = 0;
	reply = log_in(publisher, options);
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return eii_amqp_fail_reply(publisher, reply, "sign-in", err);
	eii_amqp_use_tuning(publisher);
	return open_channel(publisher, err);
}

enum eii_rc eii_amqp_sign_in(struct eii_publisher *publisher,
			     const struct eii_publisher_options *options, int64_t deadline_ms,
			     struct eii_error *err)
{
	struct timeval left = eii_amqp_timeval(eii_clock_left_ms(deadline_ms));
	enum eii_rc rc;

	(void)amqp_set_handshake_timeout(publisher->connection, &left);
	(void)amqp_set_rpc_timeout(publisher->connection, &left);
	eii_watchdog_arm(publisher->watchdog, publisher->fd, deadline_ms, 0);
	rc = sign_in(publisher, options, err);
	(void)eii_watchdog_disarm(publisher->watchdog);
	amqp_maybe_release_buffers(publisher->connection);
	return rc;
}
