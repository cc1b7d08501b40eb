"""Three gateways, and a site whose processes run on two hosts, each on its own in the network.

site-1 has the beat, a worker of passes, a sender and a receiver; site-2 a second sender and a
second receiver, whose clock is its own. The web server and the databases stay with the tests.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import Process
from reconciler import lock
from reconciler.models import Gateway
from tests.e2e.fleet.network import Host, Network
from tests.e2e.gate import Gate
from tests.e2e.messages.harming import Clock
from tests.fixtures.forkserver.programs import run
from tests.fixtures.site import READY, Site

SITES, GATEWAYS = ("site-1", "site-2"), ("oslo", "lima", "cairo")
WITH_A_CLOCK = ("lima", "site-2")
PATIENCE = 180  # seconds that a gateway may take to start, on a machine with other things to do
PASSES = "pushes,celery,diagnosis,carrier_tests,webhooks"
# What runs, in the order of its start; its last word names its host.
PROCESSES = ("beat-1", "worker-1", "sender-1", "receiver-1", "sender-2", "receiver-2")
SETTINGS = {
    "GATEWAY_TRUSTED_NETWORKS": "127.0.0.0/8,10.77.0.0/24",
    "SMPP_ALLOWED_NETWORKS": "127.0.0.0/8,10.78.0.0/24",
    "RECONCILE_INTERVAL": "15",
    "LOG_LEVEL": "INFO",
    # Longer than a gateway is away in the tests: until then its log is waited for.
    "MESSAGE_OUTCOME_TIMEOUT": "500",
    "MESSAGE_RECEIPT_TIMEOUT_HOURS": "0.2",
}


class Door:
    """The ways to a gateway that the site knows: `http` and `jcli`, each a gate on its host."""

    def __init__(self, jasmin: Jasmin, host: Host) -> None:
        self.http: Gate = host.gate(jasmin.http_port)
        self.jcli: Gate = host.gate(jasmin.jcli_port)

    def slow_down(self, seconds: float) -> None:
        self.http.delay = self.jcli.delay = seconds


class Fleet:
    """`stack`: of the gateways; `site`: the web server. `clocks` by gateway and site's host."""

    def __init__(
        self, stack: Stack, network: Network, site: Site, clocks: dict[str, Clock]
    ) -> None:
        self.network, self.site, self.clocks = network, site, clocks
        self._stack = stack
        self.gateways = stack.gateways
        self.doors: dict[str, Door] = {}
        self.processes: dict[str, Process] = {}
        carriers = network.carriers
        self.smsc = carriers.run(
            lambda: SimulatorThread(host=carriers.outside, tls=False, keep_log=False)
        )
        self.carriers_at = network.reach_carriers(self.smsc.port)

    def start(self) -> None:
        for name, jasmin in self.gateways.items():
            host = self.network.gateways[name]
            jasmin.host, jasmin.runner = host.address, host.runner
            jasmin.settings = self.clocks[name].environ if name in self.clocks else {}
            self.network.know(host, lambda of=jasmin: of.pid)
            self.doors[name] = Door(jasmin, host)
        with ThreadPoolExecutor(len(self.gateways)) as starters:
            list(starters.map(self.start_gateway, self.gateways))
        for host in self.network.sites.values():
            for url in (self.site.environ["DATABASE_URL"], self.site.environ["REDIS_URL"]):
                host.bring(urlsplit(url).port)
        self.site.start_web()
        for name in PROCESSES:
            self.run(name)

    def start_gateway(self, name: str) -> None:
        start = partial(self.gateways[name].start, timeout=PATIENCE)
        self.network.gateways[name].run(start)

    def run(self, name: str) -> None:
        """Start one of PROCESSES."""
        kind, _, number = name.partition("-")
        where = f"site-{number}"
        environ = dict(self.site.environ)
        if where in self.clocks:
            environ |= self.clocks[where].environ
        argv = [*self.network.sites[where].runner, *_argv(kind, name)]
        self.processes[name] = self._stack.spawn(name, argv, env=environ)

    def kill(self, *names: str) -> None:
        for name in names:
            self.processes[name].kill()

    def cut_off(self, gateway: str) -> None:
        """Its whole host, from all sides."""
        for side in ("site", "carriers"):
            self.network.cut(self.network.gateways[gateway], side)

    def reconnect(self, gateway: str) -> None:
        for side in ("site", "carriers"):
            self.network.mend(self.network.gateways[gateway], side)

    def add_rows(self) -> dict[str, Gateway]:
        """A row for each gateway, as `gateways add` makes it."""
        return {name: self._row(jasmin) for name, jasmin in self.gateways.items()}

    def manage(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """`manage.py` on site-1."""
        argv = [*self.network.sites["site-1"].runner, sys.executable, "manage.py", *arguments]
        return run(argv, cwd=PROJECT, env=self.site.environ, text=True, timeout=timeout)

    def settle(self) -> None:
        """End what runs, so that the tables can be emptied, and undo what a test has done."""
        for name in self.gateways:
            self.reconnect(name)
            self.doors[name].slow_down(0)
        for clock in self.clocks.values():
            clock.set(0)
        gateways = list(Gateway.objects.values_list("pk", flat=True))
        Gateway.objects.update(enabled=False)
        self.site.celery.control.purge()
        for gateway in gateways:
            with lock.held(f"gateway-{gateway}", wait=READY) as ours:
                assert ours, "a pass never ended"

    def stop(self) -> None:
        self.site.stop()
        self.smsc.close()
        self._stack.stop()

    def last_words(self, lines: int = 40) -> str:
        """Of each log, for a test that failed."""
        files: Sequence[Path] = sorted((self._stack.root / "logs").glob("*.log"))
        return "\n".join(
            f"--- {each.stem}\n" + "\n".join(each.read_text(errors="replace").splitlines()[-lines:])
            for each in files
        )

    def _row(self, jasmin: Jasmin) -> Gateway:
        door = self.doors[jasmin.name]
        return Gateway.objects.create(
            name=jasmin.name,
            jcli_host=jasmin.host,
            jcli_port=door.jcli.port,
            jcli_username=jasmin.jcli_username,
            jcli_password=jasmin.jcli_password,
            http_url=f"http://{jasmin.host}:{door.http.port}",
        )


def _argv(kind: str, name: str) -> list[str]:
    celery = [sys.executable, "-m", "celery", "-A", "orbit"]
    if kind == "receiver":
        return [sys.executable, "manage.py", "receive", "--name", f"{name}@fleet"]
    if kind == "beat":
        return [*celery, "beat", "--loglevel", "INFO"]
    queues = PASSES if kind == "worker" else "messages"
    return [
        *celery, "worker", "--hostname", f"{name}@%h", "--queues", queues, "--concurrency", "2",
        "--without-mingle", "--without-gossip", "--loglevel", "INFO",
    ]  # fmt: skip
