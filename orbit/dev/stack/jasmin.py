"""A private Jasmin, through our launcher."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import urllib.request
from pathlib import Path

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.files import PATH, Passwords, make_folder
from orbit.dev.stack.ports import Ports
from orbit.dev.stack.processes import Process
from orbit.dev.stack.rabbitmq import RabbitMQ
from orbit.dev.stack.redis import Redis
from orbit.dev.stack.server import Server, listens

PROJECT = Path(__file__).resolve().parents[3]
LAUNCHER = PROJECT / "reconciler" / "launcher" / "run.py"
VENV = PROJECT / ".local" / "jasmin-venv"
SPEC = "lib/python3*/site-packages/txamqp/specs/standard/amqp0-9-1.stripped.xml"
LOOPBACK = "127.0.0.1"
STOCK = ("--stock", "--enable-dlr-lookup", "--enable-dlr-thrower")


class Jasmin(Server):
    """One gateway. Addresses and passwords stay the same over restarts.

    - `supervised`: the stack starts it again when it has ended (supervisor.py), unless `stop`
      stopped it.
    - `stock`, from the next start on: Jasmin without our launcher's changes. It needs a RabbitMQ
      and a Redis, which are started with it.
    - `settings`, from the next start on: further environment variables; `without`: names of
      variables to leave out.
    - `host`, from the next start on: where it listens and is reached; `runner`: the program with
      its arguments that runs it, as `nsenter` does in another network namespace.
    """

    def __init__(
        self, *args, ports: Ports, passwords: Passwords, rabbitmq: RabbitMQ, redis: Redis, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rabbitmq, self.redis = rabbitmq, redis
        self.store, self.logs = self._folder / "store", self._folder / "logs"
        self.host = LOOPBACK
        self.runner: tuple[str, ...] = ()
        self.jcli_port, self.smpp_port, self.http_port = (ports.reserve() for _ in range(3))
        self._pb_ports = [ports.reserve() for _ in range(3)]
        self._passwords = passwords
        self.jcli_username = "jcliadmin"
        self.jcli_password = passwords[f"{self.name}.jcli"]
        self.supervised = False
        self.stock = False
        self.settings: dict[str, str] = {}
        self.without: tuple[str, ...] = ()
        self.wanted = False

    @property
    def jcli_host(self) -> str:
        return self.host

    @property
    def smpp_host(self) -> str:
        return self.host

    @property
    def http_url(self) -> str:
        return f"http://{self.host}:{self.http_port}"

    @property
    def amqp_url(self) -> str:
        """The address of its RabbitMQ; "" if it needs none."""
        return self.rabbitmq.url(self.name) if self.stock else ""

    def start(self, timeout: float = 60) -> None:
        """Start it. Returns when the console greets, HTTP answers /ping and the SMPP port is open.

        Its saved configuration may still be loading then: connectors appear a little later.
        """
        with self.lock:
            self.wanted = True
            if self.stock:
                self.redis.start()
                self.rabbitmq.start()
            super().start(timeout)

    def stop(self) -> None:
        """Stop it in order; returns when it is gone. Jasmin saves nothing by itself."""
        with self.lock:
            self.wanted = False
            super().stop()

    def _spawn(self) -> Process:
        python = VENV / "bin" / "python"
        if not python.exists():
            raise StackError("Jasmin's own environment is missing: run `make setup`")
        for folder in (self._folder, self.store, self.logs):
            make_folder(folder)
        environment = self._environment() | (self._broker() if self.stock else {})
        return self._guard.spawn(
            [*self.runner, python, LAUNCHER, *(STOCK if self.stock else ())],
            env={k: v for k, v in environment.items() if k not in self.without} | self.settings,
            cwd=self._folder,
            log=self._log,
        )

    def _environment(self) -> dict[str, str]:
        """The whole environment: ours is not passed on, since Jasmin reads any variable named
        SECTION_OPTION, and a REDIS_URL would break it."""
        password = self._passwords
        router, clients, server = self._pb_ports
        return {
            "PATH": PATH,
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "ROOT_PATH": str(self._folder),
            "CONFIG_PATH": str(self._folder),
            "STORE_PATH": str(self.store),
            "LOG_PATH": str(self.logs),
            "JCLI_BIND": self.jcli_host,
            "JCLI_PORT": str(self.jcli_port),
            "JCLI_ADMIN_USERNAME": self.jcli_username,
            "JCLI_ADMIN_PASSWORD": _md5(self.jcli_password),
            # The same in plain text: without it the saved configuration is not loaded at boot.
            "JCLI_USERNAME": self.jcli_username,
            "JCLI_PASSWORD": self.jcli_password,
            "HTTP_API_BIND": self.host,
            "HTTP_API_PORT": str(self.http_port),
            "HTTP_API_LOG_PRIVACY": "yes",
            "SMPP_SERVER_BIND": self.smpp_host,
            "SMPP_SERVER_PORT": str(self.smpp_port),
            "SMPP_SERVER_LOG_PRIVACY": "yes",
            # These ports unpickle what any client with the password sends: no default passwords.
            "ROUTER_BIND": LOOPBACK,
            "ROUTER_PORT": str(router),
            "ROUTER_ADMIN_PASSWORD": _md5(password[f"{self.name}.router"]),
            "CLIENT_MANAGEMENT_BIND": LOOPBACK,
            "CLIENT_MANAGEMENT_PORT": str(clients),
            "CLIENT_MANAGEMENT_ADMIN_PASSWORD": _md5(password[f"{self.name}.clients"]),
            "SMPP_SERVER_PB_BIND": LOOPBACK,
            "SMPP_SERVER_PB_PORT": str(server),
            "SMPP_SERVER_PB_ADMIN_PASSWORD": _md5(password[f"{self.name}.smpps"]),
            "SMPP_SERVER_PB_CLIENT_PORT": str(server),
            "SMPP_SERVER_PB_CLIENT_PASSWORD": password[f"{self.name}.smpps"],
        }

    def _broker(self) -> dict[str, str]:
        """Further variables of a stock Jasmin: its broker and its Redis."""
        return {
            "AMQP_BROKER_SPEC": str(next(VENV.glob(SPEC))),
            "AMQP_BROKER_HOST": self.rabbitmq.host,
            "AMQP_BROKER_PORT": str(self.rabbitmq.port),
            "AMQP_BROKER_VHOST": self.name,
            "AMQP_BROKER_USERNAME": self.name,
            "AMQP_BROKER_PASSWORD": self._passwords[f"{self.name}.amqp"],
            "REDIS_CLIENT_HOST": self.redis.host,
            "REDIS_CLIENT_PORT": str(self.redis.port),
            "REDIS_CLIENT_PASSWORD": self.redis.password,
            "SM_LISTENER_LOG_PRIVACY": "yes",
            # Not /dev/null: Jasmin rotates the file after a megabyte, and root would rename the
            # device. Not in the folder of logs: its lines hold whole URLs, with `password=`.
            "HTTP_API_ACCESS_LOG": str(self._folder / "http-access"),
        }

    def _is_ready(self) -> bool:
        return self._answers_http() and self._greets() and listens(self.smpp_port, self.smpp_host)

    def _answers_http(self) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(  # nosec B310  # of loopback, http
                f"{self.http_url}/ping", timeout=2
            ) as answer,
        ):
            return answer.read() == b"Jasmin/PONG"
        return False

    def _greets(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection((self.jcli_host, self.jcli_port), timeout=2) as console,
        ):
            greeting = b""
            while data := console.recv(4096):
                greeting += data
                if b"Authentication required." in greeting:
                    return True
        return False


def _md5(password: str) -> str:
    """The form in which Jasmin's configuration has passwords."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
