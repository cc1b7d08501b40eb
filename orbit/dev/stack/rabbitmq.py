"""A private RabbitMQ for stock Jasmins, with a virtual host and a user for each gateway."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.files import PATH, make_folder, write_private
from orbit.dev.stack.processes import Process
from orbit.dev.stack.server import Server, listens

# The script in /usr/sbin changes the user and drops the environment.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class RabbitMQ(Server):
    """One broker. `users`: name → password; each owns the virtual host of its name.

    Jasmin's queues are not durable, so a restart empties the broker.
    """

    start_timeout = 180.0  # seconds: Erlang starts slowly on a machine that is busy

    def __init__(
        self, *args, port: int, dist_port: int, epmd_port: int, users: dict[str, str], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.host, self.port = "127.0.0.1", port
        self._dist_port, self._epmd_port = dist_port, epmd_port
        self._users = users
        self._epmd: Process | None = None

    def url(self, user: str) -> str:
        """The AMQP address of a user's virtual host."""
        return f"amqp://{user}:{self._users[user]}@{self.host}:{self.port}/{user}"

    def _spawn(self) -> Process:
        if not PROGRAM.exists():
            raise StackError("rabbitmq-server is not installed: run `make setup-stock`")
        environment = self._environment()
        # Started here, in the foreground: RabbitMQ would start a daemon that outlives it.
        if self._epmd is None or self._epmd.status() is not None:
            self._epmd = self._guard.spawn(
                ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"],
                env=environment,
                cwd=self._folder,
                log=self._log,
            )
        return self._guard.spawn([PROGRAM], env=environment, cwd=self._folder, log=self._log)

    def _is_ready(self) -> bool:
        return listens(self.port)

    def prepare(self) -> None:
        """Write the configuration and delete the data of an earlier broker."""
        folder = make_folder(self._folder)
        shutil.rmtree(folder / "mnesia", ignore_errors=True)
        definitions = {
            "users": [_user(name, password) for name, password in self._users.items()],
            "vhosts": [{"name": name} for name in self._users],
            "permissions": [
                {"user": name, "vhost": name, "configure": ".*", "write": ".*", "read": ".*"}
                for name in self._users
            ],
        }
        # Read at boot, without rabbitmqctl, which starts an Erlang machine for every call. With
        # definitions there is no default user `guest`.
        write_private(folder / "definitions.json", json.dumps(definitions))
        write_private(
            folder / "rabbitmq.conf",
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"load_definitions = {folder / 'definitions.json'}\n",
        )
        write_private(folder / "enabled_plugins", "[].\n")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": PATH,
            "HOME": str(self._folder),  # its Erlang cookie
            "RABBITMQ_NODENAME": "orbit@localhost",
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._log.parent),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Applies to every Erlang machine, also to the short-lived one that looks for epmd.
            "ERL_ZFLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The script then replaces itself by the broker instead of waiting for it, so that the
            # process that we stop is the broker.
            "detached": "true",
        }


def _user(name: str, password: str) -> dict[str, object]:
    """A user of a definitions file; the hash is base64 of salt + SHA-256(salt + password)."""
    salt = os.urandom(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }
