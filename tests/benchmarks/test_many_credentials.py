"""300, 1,000, 3,000 and 10,000 credentials on one gateway that 100 messages a second go through.

One gateway grows. At each size: the cold pass that adds what is new, until all binds are up; passes
with nothing to do; the push of a change of one credential, and of a new one until it is bound; what
the gateway's process and this one hold of memory; and how late messages were meanwhile, from the
request to the carrier's answer. Five credentials an organisation, each with a carrier, and an
access.

    MANY_SIZES=300,1000,3000,10000 MANY_RATE=100
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
import pytest

from messaging.credentials.models import Credential, CredentialStatus
from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.processes import poll
from reconciler import runs
from reconciler.models import Gateway
from reconciler.result import Ending
from tests.benchmarks import many_organizations
from tests.benchmarks.carrier import Carrier
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.stopwatch import PARTS, measured_parts
from tests.reconciler.conftest import change

pytestmark = pytest.mark.stack

SIZES = [int(each) for each in os.environ.get("MANY_SIZES", "300,1000,3000,10000").split(",")]
RATE = int(os.environ.get("MANY_RATE", "100"))
IDLE, PUSHES = 3, 5
FIRST = 5  # credentials that are there before anything is measured: one of them carries the load
ALL_UP = 600  # seconds that binds may take
LOAD = Path(__file__).with_name("steady_load.py")


@dataclass
class Row:
    """Seconds, but for `size` and `added`."""

    size: int
    added: int
    cold: float = 0.0
    gateway_cpu: float = 0.0
    all_up: float = 0.0
    idle: list[float] = field(default_factory=list)
    idle_cpu: list[float] = field(default_factory=list)  # of this process and of the gateway's
    push: list[float] = field(default_factory=list)
    to_bind: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)
    load: dict[str, float] = field(default_factory=dict)


def test_many_credentials(
    gateway: Gateway, jasmin: Jasmin, large_carrier: Carrier, stack: Stack, tmp_path: Path
) -> None:
    many_organizations.fill(gateway, large_carrier, FIRST)
    _pass(gateway)
    rows, there = [], FIRST
    for size in SIZES:
        with _load(gateway, stack, tmp_path) as said:
            rows.append(_measure(gateway, jasmin, large_carrier, there, size))
        rows[-1].load = said
        there = size + 1
        _print(rows[-1:])
    _print(rows)


def _measure(gateway: Gateway, jasmin: Jasmin, carrier: Carrier, there: int, size: int) -> Row:
    row = Row(size, size - there)
    many_organizations.fill(gateway, carrier, size, start=there)
    cpu, started = Cpu({"gateway": [jasmin.pid]}), time.perf_counter()
    _pass(gateway)
    row.cold = time.perf_counter() - started
    row.gateway_cpu = cpu.used()["gateway"]
    assert poll(lambda: carrier.live_binds() == size, timeout=ALL_UP, interval=1)
    row.all_up = time.perf_counter() - started
    _pass(gateway)  # writes down what has bound since
    for _ in range(IDLE):
        cpu = Cpu({"site": [os.getpid()], "gateway": [jasmin.pid]})
        with measured_parts() as watch:
            result = runs.run(gateway, trigger="command", diagnose=_nothing)
        assert result.ending is Ending.IN_SYNC, result
        row.idle.append(result.seconds)
        row.idle_cpu.append(sum(cpu.used().values()))
        row.parts = dict(watch.seconds)
    row.push = [_push(gateway, turn) for turn in range(PUSHES)]
    row.to_bind = _new_one(gateway, carrier, size)
    row.memory = {
        "gateway": psutil.Process(jasmin.pid).memory_info().rss / 2**20,
        "site": psutil.Process().memory_info().rss / 2**20,
    }
    return row


def _pass(gateway: Gateway) -> None:
    result = runs.run(gateway, trigger="command", diagnose=_nothing)
    assert result.ending in (Ending.APPLIED, Ending.IN_SYNC), result.error
    gateway.refresh_from_db()
    assert gateway.state == "up", gateway.state_reason


def _nothing(*_: object, **__: object) -> bool:
    """Binds that are on their way are no reason to ask the carrier."""
    return False


def _push(gateway: Gateway, turn: int) -> float:
    """Seconds until a change of one credential is in the gateway, read again and written down."""
    credential = Credential.objects.order_by("?").first()
    change(credential, throughput=100 + turn)
    return _pushed(gateway, credential)


def _pushed(gateway: Gateway, credential: Credential) -> float:
    started = time.perf_counter()
    scope = {"organization_id": credential.organization_id, "trigger": "push"}
    result = runs.run(gateway, **scope, diagnose=_nothing)
    assert result.ending is Ending.APPLIED, result
    return time.perf_counter() - started


def _new_one(gateway: Gateway, carrier: Carrier, size: int) -> float:
    """Seconds from a new organisation with one credential until that is bound."""
    many_organizations.fill(gateway, carrier, size + 1, start=size)
    credential = Credential.objects.latest("id")
    started = time.perf_counter()
    _pushed(gateway, credential)
    while CredentialStatus.objects.get(pk=credential.pk).bind_state != "bound":
        runs.run(
            gateway, organization_id=credential.organization_id, trigger="push", diagnose=_nothing
        )
    return time.perf_counter() - started


@contextmanager
def _load(gateway: Gateway, stack: Stack, folder: Path) -> Iterator[dict[str, float]]:
    """Messages through the first credential; what is yielded holds what became of them after."""
    first = Credential.objects.earliest("id")
    order = folder / "order.json"
    order.write_text(
        json.dumps(
            {
                "url": gateway.http_url,
                "user": first.gateway_key,
                "password": first.gateway_password,
                "operator": gateway.jcli_username,
                "operator_password": gateway.jcli_password,
                "to": "+33612345678",
                "rate": RATE,
            }
        )
    )
    name = f"load-{time.monotonic_ns()}"
    process = stack.spawn(name, [sys.executable, LOAD, order], env=dict(os.environ))
    said: dict[str, float] = {}
    yield said
    log = stack.root / "logs" / f"{name}.log"
    os.kill(process.pid, signal.SIGTERM)
    assert poll(lambda: log.read_text().strip().endswith("}"), timeout=60), log.read_text()
    said.update(json.loads(log.read_text().splitlines()[-1]))


def _print(rows: list[Row]) -> None:
    print(
        f"\n\n{RATE} messages/s; seconds but for MiB and counts; all of it on one machine\n"
        "    size   added    cold  a 1,000  all up  gateway CPU    idle  its CPU    push  new→bound"
        "  gateway MiB  site MiB |  given  refused  unanswered  late p50   p99   most"
    )
    for row in rows:
        load = row.load
        late = (load.get("median", 0), load.get("p99", 0), load.get("latest", 0))
        given, answered = load.get("given", 0), load.get("answered", 0)
        refused = load.get("refused", 0)
        print(
            f"{row.size:>8,}{row.added:>8,}{row.cold:8.1f}{row.cold / row.added * 1000:9.1f}"
            f"{row.all_up:8.1f}{row.gateway_cpu:13.1f}{median(row.idle):8.2f}"
            f"{median(row.idle_cpu):9.2f}{median(row.push):8.2f}{row.to_bind:11.2f}{row.memory['gateway']:13.0f}"
            f"{row.memory['site']:10.0f} |{given:7,}{refused:9,}{given - refused - answered:12,}"
            f"{late[0]:10.3f}{late[1]:6.2f}{late[2]:7.2f}"
        )
    print("  where an idle pass's time goes: " + ", ".join(_parts(rows[-1])), flush=True)


def _parts(row: Row) -> list[str]:
    return [
        f"{part} {row.parts.get(part, 0):.2f}" for part in PARTS if row.parts.get(part, 0) > 0.01
    ]
