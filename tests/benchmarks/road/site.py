"""The site as the Procfile starts it, each line a process tree of its own, logs as in production.

The tests' database, a Redis database of its own. Rate limits are out of the way, or as shipped.
"""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import orbit.limits
from orbit.dev.stack import Stack
from orbit.dev.stack.files import make_folder
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import Process, poll
from tests.fixtures import front
from tests.fixtures.site import environment

REDIS_DATABASE = 3
READY = 180.0  # seconds until all heartbeats are there, on a busy machine
LIMITS = {"API_RATE_LIMIT": "10000000/60", "MESSAGE_RATE_LIMIT": "10000000/60"}
LAST_WORDS = 3000  # characters


def procfile() -> dict[str, str]:
    """The command of each process; `release` is none."""
    lines = re.findall(r"^(\w+): (.+)$", (PROJECT / "Procfile").read_text(), re.MULTILINE)
    return {name: command for name, command in lines if name != "release"}


def _bounds(name: str) -> bool:
    return hasattr(orbit.limits, name)


class ProcfileSite:
    """`start` returns when the site's health is ok. `more`: further variables.

    `as_shipped`: with the limits that it has where nobody sets them, and behind nginx.
    """

    def __init__(
        self, stack: Stack, *, as_shipped: bool = False, more: Mapping[str, str] | None = None
    ) -> None:
        self._stack = stack
        self._port, self._uploads = stack.reserve_port(), stack.reserve_port()
        self._behind = stack.reserve_port() if as_shipped else None
        own = f"http://127.0.0.1:{self._port}"
        self.url = f"http://127.0.0.1:{self._behind}" if as_shipped else own
        environ = environment(stack, "road") | LIMITS
        if as_shipped:
            environ = {name: each for name, each in environ.items() if not _bounds(name)}
        redis, _, _ = environ["REDIS_URL"].rpartition("/")
        self.redis_url = f"{redis}/{REDIS_DATABASE}"
        self._environ = environ | {
            "PATH": f"{Path(sys.executable).parent}:{environ['PATH']}",
            "REDIS_URL": self.redis_url,
            "DLR_BASE_URL": own,
            "SITE_BIND": f"127.0.0.1:{self._port}",
            "UPLOADS_BIND": f"127.0.0.1:{self._uploads}",
            "LOG_LEVEL": "INFO",
            "TRUSTED_PROXIES": "127.0.0.1" if as_shipped else "",
            **(more or {}),
        }  # fmt: skip
        self.processes: dict[str, Process] = {}

    def start(self) -> None:
        for name, command in procfile().items():
            self._spawn(name, ["/bin/bash", "-c", f"exec {command}"])
        if self._behind:
            folder = make_folder(self._stack.root / "road-nginx")
            ports = {"port": self._behind, "web": self._port, "uploads": self._uploads}
            self._spawn("nginx", front.command(folder, **ports))
        assert poll(self._is_well, timeout=READY, interval=0.5), self._readyz()

    def _spawn(self, name: str, argv: list[str]) -> None:
        self.processes[name] = self._stack.spawn(f"road-{name}", argv, env=self._environ)

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()

    def pids(self) -> dict[str, list[int]]:
        return {name: [process.pid] for name, process in self.processes.items()}

    def _is_well(self) -> bool:
        for name, process in self.processes.items():
            status = process.status()
            log = self._stack.root / "logs" / f"road-{name}.log"
            assert status is None, f"{name} has ended: {log.read_text()[-LAST_WORDS:]}"
        return '"status": "ok"' in self._readyz()

    def _readyz(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        token = {"Authorization": f"Bearer {self._environ['METRICS_TOKEN']}"}
        try:
            connection.request("GET", "/readyz", headers=token)
            return connection.getresponse().read().decode()
        except OSError as error:
            return str(error)
        finally:
            connection.close()
