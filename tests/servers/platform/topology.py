# SPDX-License-Identifier: Apache-2.0
"""Exchanges, queues and bindings as the platform makes them in RabbitMQ."""
import urllib.error
import urllib.parse

import pika

from ..rabbitmq import management_call

CONNECTOR_EXCHANGE = "amqp.connector.exchange"
WORKER_EXCHANGE = "amqp.worker.exchange"


class Broker:
    """Where the platform's RabbitMQ is; a connection per errand, so that its end hurts nobody."""

    def __init__(self, port, vhost, management_url, host="127.0.0.1", user="guest",
                 password="guest"):
        self.host, self.port, self.vhost = host, port, vhost
        self.user, self.password, self.management_url = user, password, management_url

    def connect(self, heartbeat=0):
        return pika.BlockingConnection(pika.ConnectionParameters(
            self.host, self.port, self.vhost, heartbeat=heartbeat, socket_timeout=10,
            blocked_connection_timeout=60,
            credentials=pika.PlainCredentials(self.user, self.password)))

    def declare(self, connector):
        """As at registerConnector and again at every pingConnector."""
        with self.connect() as connection:
            channel = connection.channel()
            for exchange, name in ((CONNECTOR_EXCHANGE, "listen"), (WORKER_EXCHANGE, "push")):
                channel.exchange_declare(exchange, "direct", durable=True)
                queue = f"{name}_{connector.id}"
                channel.queue_declare(queue, durable=True, arguments=connector.queue_arguments())
                channel.queue_bind(queue, exchange, f"{name}_routing_{connector.id}")

    def purge(self, connector_id):
        with self.connect() as connection:
            for name in ("listen", "push"):
                connection.channel().queue_purge(f"{name}_{connector_id}")

    def delete(self, connector_id):
        with self.connect() as connection:
            for name in ("listen", "push"):
                connection.channel().queue_delete(f"{name}_{connector_id}")

    def delete_push(self, connector_id):
        with self.connect() as connection:
            connection.channel().queue_delete(f"push_{connector_id}")

    def queue_size(self, connector_id):
        """Messages and bytes of the push queue; (0, 0) where the management API does not answer."""
        vhost = urllib.parse.quote(self.vhost, safe="")
        path = f"queues/{vhost}/push_{urllib.parse.quote(connector_id, safe='')}"
        try:
            queue = management_call(self.management_url, self.user, self.password, "GET", path)
        except (urllib.error.URLError, OSError):
            return 0, 0
        return queue.get("messages", 0), queue.get("message_bytes", 0)
