"""A site of its own, with who is told, a small disk, and carriers that have been well for hours."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack.jasmin import PROJECT
from tests.e2e.messages.conftest import MESSAGES, World
from tests.e2e.notices.listener import Listener
from tests.e2e.own_site import OwnSite, running
from tests.fixtures.forkserver.programs import run

OPERATORS, ACME = "ops", "acme"
# Ages after which what lasts is a condition; shorter than those that are shipped.
QUEUE_AGE, WEBHOOK_AGE = 100, 30
RATE = 4  # messages/s of each carrier that has traffic
NUMBER = "+336399800{:02}"
_HISTORY = """
from datetime import timedelta
from django.utils import timezone
from messaging.carriers.models import Carrier
from messaging.quality.models import QualityCount
start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
for carrier in Carrier.objects.all():
    for outcome, count, code in (("delivered", 950, ""), ("undelivered", 50, "UNDELIV 069")):
        QualityCount.objects.create(
            span=3600, start=start, organization_id=carrier.organization_id, country="FR",
            carrier_id=carrier.pk, sender_type="alphanumeric", outcome=outcome, code=code,
            bucket=4, count=count,
        )
"""


@contextmanager
def small_disk(size: str = "24m") -> Iterator[Path]:
    """A folder on a disk of its own. Needs root, as the tests of namespaces do."""
    folder = Path("/run") / f"orbit-small-disk-{time.monotonic_ns()}"
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
        subprocess.run(mount, check=True)
        (folder / "static").mkdir()
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
        folder.rmdir()


@dataclass
class Night:
    """`smscs`: a carrier's host by the name of its only account."""

    site: OwnSite
    listener: Listener
    world: World
    disk: Path
    smscs: dict[str, SimulatorThread] = field(default_factory=dict)

    def add_recipients(self, organization_id: str) -> None:
        for whom, more in ((OPERATORS, []), (ACME, ["--organization", organization_id])):
            done = run(
                [sys.executable, "manage.py", "notices", "add", whom, *more],
                input=f"json://{self.listener.place}/{whom}\n",
                cwd=PROJECT,
                env=self.site.environ,
                text=True,
                timeout=180,
            )
            assert done.returncode == 0, done.stdout + done.stderr

    def add_carrier(self, name: str, smsc: SimulatorThread, **credential: object) -> None:
        self.smscs[name] = self.world.smsc = smsc
        self.world.carrier(name, "FR", throughput=None, **credential)

    def add_certified(self, smsc: SimulatorThread, **pair: str) -> None:
        """A credential that shows a certificate of its own; no carrier uses it."""
        smsc.add_system("certified", "secret")
        tls = {"tls": True, "tls_verify": "none", "port": smsc.tls_port}
        made = self.site.api.add(system_id="certified", name="certified", **tls, **pair)
        self.world.credentials["certified"] = made["id"]

    def faults(self, name: str, *faults: str) -> None:
        self.smscs[name].system(name).faults = list(faults)

    def have_history(self) -> None:
        done = self.site.manage("shell", "-c", _HISTORY)
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def traffic(self, *names: str, chosen: bool = True) -> Iterator[None]:
        """RATE messages/s through each of these carriers; not `chosen`: through whichever the site
        takes."""
        over = threading.Event()
        thread = threading.Thread(target=self._send, args=(names, over, chosen), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(60)

    def _send(self, names: tuple[str, ...], over: threading.Event, chosen: bool) -> None:
        number, due = 0, time.monotonic()
        while not over.is_set():
            number += 1
            batch = [
                {
                    "to": NUMBER.format((number * RATE + each) % 100),
                    "from": "ACME",
                    "body": f"{name} {number} {each}",
                }
                | ({"carrier_id": self.world.carriers[name]["id"]} if chosen else {})
                for name in names
                for each in range(RATE)
            ]
            answer = self.site.api.post(f"{MESSAGES}/sms/batch", {"messages": batch})
            assert answer.status in (202, 207, 503), answer.body
            due = max(due + 1, time.monotonic() - 5)
            over.wait(max(0.0, due - time.monotonic()))


@contextmanager
def night(**settings: str) -> Iterator[Night]:
    listener = Listener()
    try:
        with (
            small_disk() as disk,
            running(
                STATE_DIR=str(disk),
                NOTICE_QUEUE_AGE=str(QUEUE_AGE),
                NOTICE_WEBHOOK_AGE=str(WEBHOOK_AGE),
                **settings,
            ) as site,
        ):
            made = Night(site, listener, World(site.api, None), disk)
            made.add_recipients(site.organization_id)
            yield made
    finally:
        listener.close()
