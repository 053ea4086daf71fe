# SPDX-License-Identifier: Apache-2.0
"""A private RabbitMQ of Debian's package on free loopback ports.

Own node name, cookie, epmd and data directory: nothing is shared with a system service, and
several run side by side. A start takes 7 to 15 s, so one broker serves a whole test run and
each test gets a virtual host (40 ms). What changes the whole broker (alarms, kill) belongs to
tests that have a broker of their own.
"""
import base64
import glob
import json
import os
import secrets
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from .process import (ServerError, accepts_connections, alive, end_pid, free_ports, read_text,
                      signal_pid, wait_until)

USER = "guest"
PASSWORD = "guest"
START_TIMEOUT_S = 120.0

_GUARD = 'cat; kill -9 "$1"; sleep 1; epmd -port "$2" -kill'


def _scripts():
    """Debian's commands change user and environment; the scripts behind them do not."""
    found = sorted(glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"))
    if not found:
        raise ServerError("rabbitmq-server is not installed: apt-get install rabbitmq-server")
    return found[-1]


class Rabbitmq:
    """tls: a Pki and the name of the server certificate; client_cert asks clients for one."""

    def __init__(self, directory, tls=None, certificate="good", client_cert=False, extra=""):
        self.directory = str(directory)
        self.tls, self.certificate, self.client_cert = tls, certificate, client_cert
        self.extra = extra
        self.port, self.tls_port, self.management_port, self._epmd, self._dist = free_ports(5)
        self.host, self.user, self.password = "127.0.0.1", USER, PASSWORD
        self._cookie = "t" + secrets.token_hex(12)
        self._node = f"eii{self.port}@localhost"
        self._launcher = self._guard = None
        self.pid = None

    # Life

    def start(self):
        for name in ("home", "mnesia", "log", "conf", "plugins"):
            os.makedirs(self._path(name), exist_ok=True)
        self._write("enabled_plugins", "[rabbitmq_management].")
        self._write("conf/env.conf", "")
        self._write("conf/rabbitmq.conf", self._configuration())
        return self.again()

    def again(self):
        """Starts on the data that is there: after start, stop or kill."""
        for log in glob.glob(self._path("log/*.log")):
            os.unlink(log)
        with open(self._path("out"), "wb") as out:
            self._launcher = subprocess.Popen(
                [os.path.join(_scripts(), "rabbitmq-server")], env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True, cwd=self.directory)
        wait_until(self._started, "RabbitMQ starts", START_TIMEOUT_S, 0.1)
        self.pid = int(read_text(self._path("pid")).strip())
        self._guard = self._new_guard()
        return self

    def _new_guard(self):
        """Ends the broker when its pipe from us breaks: no broker outlives a killed test."""
        return subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", str(self.pid), str(self._epmd)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

    def _end_guard(self):
        if self._guard:
            self._guard.kill()
            self._guard.stdin.close()
            self._guard.wait(10)
            self._guard = None

    def stop(self):
        if self.pid is not None:
            end_pid(self.pid, "RabbitMQ")
            self._forget()
        # epmd outlives the node and refuses to go while one is registered.
        wait_until(self._end_epmd, "epmd ends", 10, 0.1)

    def kill(self):
        """As a power failure: no word of farewell, data stays."""
        signal_pid(self.pid, signal.SIGKILL)
        wait_until(lambda: not alive(self.pid), "RabbitMQ is killed", 10)
        self._forget()

    def discard(self):
        """The quick end, for who needs the data no more."""
        if self.pid is not None:
            self.kill()
        self.stop()

    def freeze(self):
        signal_pid(self.pid, signal.SIGSTOP)

    def thaw(self):
        signal_pid(self.pid, signal.SIGCONT)

    def _forget(self):
        self._end_guard()
        if self._launcher:
            self._launcher.wait(15)
            self._launcher = None
        self.pid = None  # last: another thread may wait for it

    def _started(self):
        if self._launcher.poll() is not None:
            raise ServerError(f"RabbitMQ ended at start: {read_text(self._path('out'))[-2000:]}")
        logs = glob.glob(self._path("log/*.log"))
        return (any("Server startup complete" in read_text(log) for log in logs)
                and accepts_connections(self.port)
                and accepts_connections(self.management_port))

    def _end_epmd(self):
        if not accepts_connections(self._epmd):
            return True
        subprocess.run(["epmd", "-port", str(self._epmd), "-kill"], capture_output=True,
                       env=self._environment(), check=False)
        return not accepts_connections(self._epmd)

    def save(self):
        """Leaves word in its directory, so that another process can attach; it lives on."""
        self._end_guard()
        told = {name: value for name, value in vars(self).items()
                if isinstance(value, (str, int)) and name != "extra"}
        self._write("broker.json", json.dumps(told))

    @classmethod
    def attach(cls, directory):
        """A broker that another process started and saved."""
        broker = cls.__new__(cls)
        broker.tls, broker._launcher, broker._guard = None, None, None
        with open(os.path.join(directory, "broker.json"), encoding="utf-8") as file:
            vars(broker).update(json.load(file))
        return broker

    # Configuration

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def _configuration(self):
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self.port}",
            f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self.management_port}",
            "log.file.level = info\nlog.console = false",
            "vm_memory_high_watermark.absolute = 1GB\ndisk_free_limit.absolute = 50MB",
        ]
        if self.tls:
            lines += [
                f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}",
                f"ssl_options.cacertfile = {self.tls.ca}",
                f"ssl_options.certfile = {self.tls.cert(self.certificate)}",
                f"ssl_options.keyfile = {self.tls.key(self.certificate)}",
                f"ssl_options.verify = {'verify_peer' if self.client_cert else 'verify_none'}",
                f"ssl_options.fail_if_no_peer_cert = {str(self.client_cert).lower()}",
            ]
        return "\n".join(lines) + "\n" + self.extra

    def _environment(self):
        path = self._path
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
            "HOME": path("home"), "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": path("conf/env.conf"),
            "RABBITMQ_CONFIG_FILE": path("conf/rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": path("conf/advanced"),
            "RABBITMQ_GENERATED_CONFIG_DIR": path("conf/generated"),
            "RABBITMQ_NODENAME": self._node, "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            # The default is the node's port + 20000, which may lie beyond the last port.
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_MNESIA_BASE": path("mnesia"), "RABBITMQ_LOG_BASE": path("log"),
            "RABBITMQ_PLUGINS_EXPAND_DIR": path("plugins"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": path("enabled_plugins"),
            "RABBITMQ_PID_FILE": path("pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                f"-setcookie {self._cookie} -kernel inet_dist_use_interface {{127,0,0,1}}",
            "RABBITMQ_CTL_ERL_ARGS": f"-setcookie {self._cookie}",
        }

    def ctl(self, *args):
        """rabbitmqctl; about a second a call."""
        done = subprocess.run(
            [os.path.join(_scripts(), "rabbitmqctl"), "-q", "-n", self._node, *args],
            env=self._environment(), cwd=self.directory, capture_output=True, text=True,
            timeout=180, check=False)
        if done.returncode:
            raise ServerError(f"rabbitmqctl {args[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def sync_definitions(self):
        """Virtual hosts and queues as told so far outlive a kill: Mnesia's log holds what it is
        told back for up to two seconds."""
        self.ctl("eval", "mnesia:sync_log().")

    # The whole broker's limits and alarms

    def set_max_message_size(self, size):
        """Holds for channels opened from now on."""
        # RabbitMQ 4 reads the second one, which it makes of the first when it starts.
        self.ctl("eval", f"application:set_env(rabbit,max_message_size,{int(size)}), "
                         f"persistent_term:put(max_message_size,{int(size)}).")

    def memory_alarm_on(self):
        self.ctl("set_vm_memory_high_watermark", "absolute", "1MB")

    def memory_alarm_off(self):
        self.ctl("set_vm_memory_high_watermark", "absolute", "1GB")

    # Virtual hosts and queues, by the management API

    def new_vhost(self, name):
        self._api("PUT", f"vhosts/{_quoted(name)}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._api("PUT", f"permissions/{_quoted(name)}/{USER}", everything)
        return name

    def delete_vhost(self, name):
        self._api("DELETE", f"vhosts/{_quoted(name)}")

    def queues(self, vhost):
        return [queue["name"] for queue in self._api("GET", f"queues/{_quoted(vhost)}")]

    def count(self, vhost, queue):
        """Messages in a queue, None where there is no such queue."""
        # The list knows exact totals; the page of one queue only its statistics, seconds old.
        answer = self._api("GET", f"queues/{_quoted(vhost)}"
                                  "?disable_stats=true&enable_queue_totals=true")
        return next((entry.get("messages", 0) for entry in answer if entry["name"] == queue), None)

    def purge(self, vhost, queue):
        self._api("DELETE", f"queues/{_quoted(vhost)}/{_quoted(queue)}/contents")

    def delete_queue(self, vhost, queue):
        self._api("DELETE", f"queues/{_quoted(vhost)}/{_quoted(queue)}")

    def delete_exchange(self, vhost, exchange):
        self._api("DELETE", f"exchanges/{_quoted(vhost)}/{_quoted(exchange)}")

    def limit_queue(self, vhost, pattern, messages):
        """From so many messages on, the broker nacks what is published."""
        definition = {"max-length": messages, "overflow": "reject-publish"}
        self._api("PUT", f"policies/{_quoted(vhost)}/limit",
                  {"pattern": pattern, "definition": definition, "apply-to": "queues"})

    def unlimit_queue(self, vhost):
        self._api("DELETE", f"policies/{_quoted(vhost)}/limit")

    def management_url(self):
        return f"http://127.0.0.1:{self.management_port}/api/"

    def _api(self, method, path, body=None):
        return management_call(self.management_url(), self.user, self.password, method, path, body)


def management_call(base_url, user, password, method, path, body=None):
    """One call of RabbitMQ's management API; returns the parsed answer or None."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(
        base_url + path, method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _quoted(name):
    return urllib.parse.quote(name, safe="")
