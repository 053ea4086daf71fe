# SPDX-License-Identifier: Apache-2.0
"""Proxies as Debian has them: tinyproxy (HTTP) and microsocks (SOCKS 5)."""
import os
import shutil
import subprocess

from .process import accepts_connections, die_with_parent, free_ports, wait_until


class _Program:
    def __init__(self, command, port):
        self.port = port
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                         preexec_fn=die_with_parent)
        wait_until(lambda: accepts_connections(port), f"{command[0]} starts", 10)

    def stop(self):
        self._process.kill()
        self._process.wait(10)


def is_there():
    return bool(shutil.which("tinyproxy") and shutil.which("microsocks"))


def tinyproxy(directory, allowed_ports, user=None, password=None):
    """allowed_ports: where CONNECT may lead."""
    port = free_ports(1)[0]
    path = os.path.join(directory, f"tinyproxy-{port}.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n")
        file.writelines(f"ConnectPort {allowed}\n" for allowed in allowed_ports)
        if user:
            file.write(f"BasicAuth {user} {password}\n")
    return _Program(["tinyproxy", "-d", "-c", path], port)


def microsocks(user=None, password=None):
    port = free_ports(1)[0]
    who = ["-u", user, "-P", password] if user else []
    return _Program(["microsocks", "-i", "127.0.0.1", "-p", str(port), *who], port)
