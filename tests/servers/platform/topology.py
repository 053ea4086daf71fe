# SPDX-License-Identifier: Apache-2.0
"""Exchanges, queues and bindings as the platform makes them in RabbitMQ."""
import contextlib
import json
import threading
import urllib.error
import urllib.parse

import pika
import pika.exceptions

from ..rabbitmq import management_call

CONNECTOR_EXCHANGE = "amqp.connector.exchange"
WORKER_EXCHANGE = "amqp.worker.exchange"
PLATFORM = "platform"  # app_id of what the stand-in itself put into a queue


class Broker:
    """Where the platform's RabbitMQ is; a connection per errand, so that its end hurts nobody.

    keeps: one connection for all errands, made again after an error: where thousands of runs
    follow each other, half of the broker's time would go into connections.
    """

    def __init__(self, port, vhost, management_url, host="127.0.0.1", user="guest",
                 password="guest", keeps=False):
        self.host, self.port, self.vhost = host, port, vhost
        self.user, self.password, self.management_url = user, password, management_url
        self.keeps, self._kept, self._lock = keeps, None, threading.Lock()

    def connect(self, heartbeat=0):
        return pika.BlockingConnection(pika.ConnectionParameters(
            self.host, self.port, self.vhost, heartbeat=heartbeat, socket_timeout=10,
            blocked_connection_timeout=60,
            credentials=pika.PlainCredentials(self.user, self.password)))

    @contextlib.contextmanager
    def errand(self):
        """A channel for one errand."""
        if not self.keeps:
            with self.connect() as connection:
                yield connection.channel()
            return
        with self._lock:
            try:
                if not self._kept:
                    self._kept = self.connect().channel()
                yield self._kept
            except (pika.exceptions.AMQPError, OSError):
                self._kept = None
                raise

    def declare(self, connector):
        """As at registerConnector and again at every pingConnector."""
        with self.errand() as channel:
            for exchange, name in ((CONNECTOR_EXCHANGE, "listen"), (WORKER_EXCHANGE, "push")):
                channel.exchange_declare(exchange, "direct", durable=True)
                queue = f"{name}_{connector.id}"
                channel.queue_declare(queue, durable=True, arguments=connector.queue_arguments())
                channel.queue_bind(queue, exchange, f"{name}_routing_{connector.id}")

    def push(self, connector_id, message):
        """A message of the platform's own, not of pycti."""
        with self.errand() as channel:
            channel.basic_publish(
                WORKER_EXCHANGE, f"push_routing_{connector_id}", json.dumps(message).encode(),
                pika.BasicProperties(delivery_mode=2, app_id=PLATFORM))

    def purge(self, connector_id):
        with self.errand() as channel:
            for name in ("listen", "push"):
                channel.queue_purge(f"{name}_{connector_id}")

    def delete(self, connector_id):
        with self.errand() as channel:
            for name in ("listen", "push"):
                channel.queue_delete(f"{name}_{connector_id}")

    def delete_push(self, connector_id):
        with self.errand() as channel:
            channel.queue_delete(f"push_{connector_id}")

    def queue_size(self, connector_id):
        """Messages and bytes of the push queue; (0, 0) where the management API does not answer."""
        vhost = urllib.parse.quote(self.vhost, safe="")
        path = f"queues/{vhost}/push_{urllib.parse.quote(connector_id, safe='')}"
        try:
            queue = management_call(self.management_url, self.user, self.password, "GET", path)
        except (urllib.error.URLError, OSError):
            return 0, 0
        return queue.get("messages", 0), queue.get("message_bytes", 0)
