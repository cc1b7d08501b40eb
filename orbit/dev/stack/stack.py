"""The stack: all servers together, under one folder."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from orbit.dev.stack.files import Passwords, lock_folder, make_folder
from orbit.dev.stack.jasmin import PROJECT, Jasmin
from orbit.dev.stack.ports import Ports
from orbit.dev.stack.postgres import Postgres
from orbit.dev.stack.processes import Guard, Process
from orbit.dev.stack.rabbitmq import RabbitMQ
from orbit.dev.stack.redis import Redis
from orbit.dev.stack.server import Server
from orbit.dev.stack.supervisor import Supervisor


def _ignore(_name: str, _seconds: float) -> None:
    """The default of `Stack.start`'s `ready`."""


class Stack:
    """Redis, PostgreSQL and the named gateways, on 127.0.0.1, on ports of their own; a RabbitMQ and
    another Redis for a gateway that is a stock Jasmin.

    - The constructor locks `root` (data, logs, passwords: modes 0700 and 0600) and reserves the
      ports, so that `environ` is known. `start`, or `with`, runs the servers; `stop`, or the end of
      `with`, stops them. A stopped stack can't be started again: make a new one.
    - A later stack with the same `root` finds PostgreSQL's data, Jasmin's store, the passwords and
      the logs. Its ports are others, and Redis and RabbitMQ start empty.
    - `fresh` deletes all of these but the passwords. `keep=False` removes `root` at the end.
    - `fast` is for tests: a crash of the machine may lose the database.
    - The servers end with this process, however it ends (guard.py).

    Raises StackError.
    """

    def __init__(
        self,
        root: Path,
        *,
        gateways: Sequence[str] = ("main",),
        postgres: bool = True,
        fast: bool = False,
        fresh: bool = False,
        keep: bool = True,
        guard: type[Guard] = Guard,
    ) -> None:
        self.root = make_folder(root.absolute())
        if os.geteuid() == 0:
            self.root.chmod(0o711)  # PostgreSQL's account may pass through, and read nothing
        lock = lock_folder(self.root)
        if fresh:
            self._forget()
        self._guard = guard(self.root, keep_open=lock)
        os.close(lock)
        if not keep:
            self._guard.remove_at_end(self.root)
        self._ports = Ports()
        self._passwords = Passwords(self.root / "passwords.json")
        self._redis = self._make_redis("redis")
        self._postgres = self._make_postgres(fast=fast) if postgres else None
        self._rabbitmq = self._make_rabbitmq(gateways) if gateways else None
        self.gateways = {name: self._make_gateway(name) for name in gateways}
        self._supervisor = Supervisor(self.gateways.values())

    @property
    def database_url(self) -> str:
        """`postgres://…`; empty without PostgreSQL."""
        return self._postgres.url if self._postgres else ""

    @property
    def redis_url(self) -> str:
        """Django's Redis."""
        return self._redis.url

    def environ(self) -> dict[str, str]:
        """Environment variables that point Django at this stack."""
        urls = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        return {name: url for name, url in urls.items() if url}

    def start(
        self, *, gateways: bool = True, ready: Callable[[str, float], None] = _ignore
    ) -> None:
        """Start all servers at once, or all but the gateways; returns when they are ready.

        `ready(name, seconds)` is called as soon as a server is ready, in a thread of its own. An
        exception from it stops everything.
        """
        servers = self._servers(gateways=gateways)
        with ThreadPoolExecutor(len(servers)) as pool:
            starts = [pool.submit(_start, server, ready) for server in servers]
            try:
                wait(starts, return_when=FIRST_EXCEPTION)
                failed = [start for start in starts if start.done() and start.exception()]
            except BaseException:
                self.stop()
                raise
            if failed:
                self.stop()
                failed[0].result()
        self._supervisor.start()

    def stop(self) -> None:
        """Stop everything; returns when it is gone. A second call does nothing."""
        self._supervisor.stop()
        self._guard.stop()
        self._supervisor.join()
        self._ports.close()

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def spawn(self, name: str, argv: Sequence[str | Path], *, env: Mapping[str, str]) -> Process:
        """Run a program that has to end with the stack, such as a web server or a worker.

        `env` is its whole environment; its output goes to `logs/NAME.log`.
        """
        return self._guard.spawn(argv, env=env, cwd=PROJECT, log=self._places(name)["log"])

    def reserve_port(self) -> int:
        """Reserve a port on 127.0.0.1 for such a program, which has to set SO_REUSEADDR."""
        return self._ports.reserve()

    def remove_at_end(self, path: Path) -> None:
        """Remove a file or folder when everything has stopped, however this process ends."""
        self._guard.remove_at_end(path)

    def _forget(self) -> None:
        for entry in self.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)

    def _servers(self, *, gateways: bool) -> list[Server]:
        servers = [self._postgres, self._redis]
        if gateways:
            servers += self.gateways.values()
        return [server for server in servers if server]

    def _places(self, name: str) -> dict[str, Path]:
        logs = make_folder(self.root / "logs")
        return {"folder": self.root / name, "log": logs / f"{name}.log"}

    def _make_redis(self, name: str) -> Redis:
        return Redis(
            self._guard,
            name,
            port=self._ports.reserve(),
            password=self._passwords[name],
            **self._places(name),
        )

    def _make_postgres(self, *, fast: bool) -> Postgres:
        return Postgres(
            self._guard,
            "postgres",
            port=self._ports.reserve(),
            password=self._passwords["postgres"],
            fast=fast,
            **self._places("postgres"),
        )

    def _make_rabbitmq(self, gateways: Sequence[str]) -> RabbitMQ:
        rabbitmq = RabbitMQ(
            self._guard,
            "rabbitmq",
            port=self._ports.reserve(),
            dist_port=self._ports.reserve(),
            epmd_port=self._ports.reserve(),
            users={name: self._passwords[f"{name}.amqp"] for name in gateways},
            **self._places("rabbitmq"),
        )
        rabbitmq.prepare()
        return rabbitmq

    def _make_gateway(self, name: str) -> Jasmin:
        return Jasmin(
            self._guard,
            name,
            ports=self._ports,
            passwords=self._passwords,
            rabbitmq=self._rabbitmq,
            redis=self._make_redis(f"redis-{name}"),
            folder=self.root / f"jasmin-{name}",
            log=self._places(f"jasmin-{name}")["log"],
        )


def _start(server: Server, ready: Callable[[str, float], None]) -> None:
    begun = time.monotonic()
    server.start()
    ready(server.name, time.monotonic() - begun)
