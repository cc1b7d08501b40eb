"""All processes of the demo: the servers, our own, and three simulated carriers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orbit.dev.demo import commands, environment, programs
from orbit.dev.demo.checks import Failed, wait_for
from orbit.dev.demo.http import Unreachable, send
from orbit.dev.demo.simulated_carriers import Carrier
from orbit.dev.demo.webhook_inbox import Inbox
from orbit.dev.stack import Jasmin, Stack, StackError
from orbit.dev.stack.processes import Process

START_PATIENCE = 60.0  # seconds
STOP_PATIENCE = 5.0

SERVERS = {  # as the stack names them
    "postgres": "PostgreSQL",
    "redis": "Redis",
}

CARRIERS = {"north": "North Telecom", "south": "South Mobile", "world": "World Transit"}

# Called as soon as something is ready, with its name and the seconds that it took.
Ready = Callable[[str, float], None]


class Site:
    """The whole site: `start` it once, and `stop` it in any case. Raises StackError, Failed."""

    def __init__(self, root: Path, gateways: Sequence[str] = ("main",)) -> None:
        self.stack = Stack(root, gateways=gateways, fresh=True)
        self.root = self.stack.root
        self.logs = self.root / "logs"
        self.url = f"http://127.0.0.1:{self._reserve_web_port()}"
        places = {**self.stack.environ(), "DLR_BASE_URL": self.url}
        self.environment = environment.make_environment(self.root, servers=places)
        self.admin_password = environment.admin_password(self.root)
        self.base_url = f"{self.url}/v1"
        self.carriers = {key: self._make_carrier(key, name) for key, name in CARRIERS.items()}
        self.inbox = Inbox(self.stack.reserve_port())
        self.inbox.start()
        self._processes: dict[str, Process] = {}
        self._spawned_at: dict[str, float] = {}

    @property
    def gateways(self) -> dict[str, Jasmin]:
        return self.stack.gateways

    @property
    def jasmin(self) -> Jasmin:
        return self.gateways["main"]

    def start(self, ready: Ready) -> None:
        """Start everything. Returns when the API answers, the worker listens, and the first pass
        has read Jasmin."""

        def server_is_ready(name: str, seconds: float) -> None:
            ready(SERVERS.get(name, f"Jasmin, the gateway “{name}”"), seconds)
            if name == "postgres":
                self._set_up_database(ready)

        with ThreadPoolExecutor() as pool:
            try:
                self.stack.start(ready=server_is_ready)
                for each in self.gateways.values():
                    each.supervised = True
                waits = [pool.submit(self._first_pass, ready)]
                waits += [pool.submit(self._await, *each, ready) for each in self._programs()]
                for each in waits:
                    each.result()
            except BaseException:
                self.stack.stop()  # else the pool would wait for the others
                raise

    def _set_up_database(self, ready: Ready) -> None:
        """Migrate, then start the processes that need only the database."""
        ready("tables: migrate", self.manage("migrate", "--verbosity", "0").seconds)
        for each in self.gateways.values():
            self._add_gateway(each)
        self._spawn("web", programs.web(self._web_port))
        self._spawn("worker", programs.worker())
        self._spawn("receiver", programs.receiver())
        self._spawn("beat", programs.beat())
        for carrier in self.carriers.values():
            self._spawn(carrier.key, carrier.argv(self.root / "state"))

    def _spawn(self, name: str, argv: programs.Argv) -> None:
        self._spawned_at[name] = time.monotonic()
        self._processes[name] = self.stack.spawn(name, argv, env=self.environment)

    def _add_gateway(self, jasmin: Jasmin) -> None:
        self.manage(
            "gateways", "add", jasmin.name,
            "--jcli", f"{jasmin.jcli_host}:{jasmin.jcli_port}",
            "--username", jasmin.jcli_username,
            "--http", jasmin.http_url,
            "--smpp", f"{jasmin.smpp_host}:{jasmin.smpp_port}",
            secrets={"JCLI_PASSWORD": jasmin.jcli_password},
        )  # fmt: skip

    def _first_pass(self, ready: Ready) -> None:
        """Run the first pass. It takes some seconds, since a Jasmin that has just started may still
        be loading its saved configuration: the first credential should not wait for that."""
        ready("first pass: reconcile", self.manage("reconcile").seconds)

    def _programs(self) -> list[tuple[str, str, Callable[[], bool]]]:
        def logged(name: str, words: str) -> Callable[[], bool]:
            return lambda: words in (self.logs / f"{name}.log").read_text(errors="replace")

        return [
            ("web", "web: gunicorn", self._answers),
            ("worker", "worker: Celery", logged("worker", " ready.")),
            ("receiver", "receiver of reports", logged("receiver", "receiver ready")),
            ("beat", "beat: Celery", logged("beat", "beat: Starting...")),
            *(
                (carrier.key, f"carrier: {carrier.name} (simulated)", carrier.is_ready)
                for carrier in self.carriers.values()
            ),
        ]

    def _answers(self) -> bool:
        with contextlib.suppress(Unreachable):
            return send("GET", f"{self.url}/healthz").status == 200
        return False

    def _await(self, name: str, title: str, is_ready: Callable[[], bool], ready: Ready) -> None:
        wait_for(
            lambda: self._processes[name].is_running() and is_ready(),
            lambda up: up or not self._processes[name].is_running(),
            f"the start of {name}",
            timeout=START_PATIENCE,
        )
        if not self._processes[name].is_running():
            raise Failed(f"{name} ended at its start")
        ready(title, time.monotonic() - self._spawned_at[name])

    def manage(self, *arguments: str, **options) -> commands.Output:
        """Run a command that has to succeed. Raises Failed."""
        return commands.need(self.environment, *arguments, **options)

    def ended(self) -> dict[str, int]:
        """Exit status by name, of those of our own processes that have ended by themselves.

        Raises StackError when everything has ended.
        """
        found = {name: process.status() for name, process in self._processes.items()}
        return {name: status for name, status in found.items() if status is not None}

    def stop(self) -> None:
        """Stop everything: our own processes first, the servers last."""
        with ThreadPoolExecutor() as pool, contextlib.suppress(StackError):
            for stopped in [
                pool.submit(process.stop, timeout=STOP_PATIENCE)
                for process in self._processes.values()
            ]:
                stopped.result()
        self.stack.stop()
        self.inbox.stop()

    def _reserve_web_port(self) -> int:
        self._web_port = self.stack.reserve_port()
        return self._web_port

    def _make_carrier(self, key: str, name: str) -> Carrier:
        port, control_port = self.stack.reserve_port(), self.stack.reserve_port()
        return Carrier(key, name, port=port, control_port=control_port)
