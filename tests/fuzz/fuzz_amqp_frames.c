/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a broker may send once we are signed in: bytes of any kind, read by the
 * publisher's pump while three messages wait for their confirm.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "publisher_private.h"

#if __has_include(<rabbitmq-c/tcp_socket.h>)
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp_tcp_socket.h>
#endif

#define N_MESSAGES      3
#define INPUT_MAX_BYTES 65536 /* fits a socket's buffer: nobody reads while we write */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

/* The library lets itself be tuned only after something has come in. */
static void feed_protocol_header(amqp_connection_state_t connection)
{
	char header[8] = { 'A', 'M', 'Q', 'P', 0, 0, 9, 1 };
	amqp_bytes_t bytes = { .len = sizeof(header), .bytes = header };
	amqp_frame_t frame;

	require(amqp_handle_input(connection, bytes, &frame) == (int)sizeof(header));
}

static struct eii_publisher *connected(int fd)
{
	struct eii_publisher *publisher = eii_amqp_publisher_new("fuzz", NULL, NULL);

	publisher->connection = amqp_new_connection();
	amqp_tcp_socket_set_sockfd(amqp_tcp_socket_new(publisher->connection), fd);
	publisher->fd = fd;
	feed_protocol_header(publisher->connection);
	(void)amqp_tune_connection(publisher->connection, 1, 4096, 0);
	eii_amqp_use_tuning(publisher);
	return publisher;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_publish_outcome outcome;
	struct eii_publisher *publisher;
	size_t n_outcomes = 0;
	int ends[2];

	if (size > INPUT_MAX_BYTES || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
		return 0;
	publisher = connected(ends[0]);
	for (uint64_t i = 1; i <= N_MESSAGES; i++)
		require(!eii_confirms_add(publisher->confirms, i, i * 1000, NULL));
	(void)!send(ends[1], data, size, MSG_NOSIGNAL);
	(void)close(ends[1]);
	while (!eii_publisher_pump(publisher, NULL))
		;
	while (eii_publisher_next_outcome(publisher, &outcome)) {
		require(outcome.number >= 1 && outcome.number <= N_MESSAGES);
		n_outcomes++;
	}
	require(n_outcomes + eii_publisher_n_unconfirmed(publisher) == N_MESSAGES);
	eii_publisher_free(publisher);
	return 0;
}
