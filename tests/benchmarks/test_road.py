"""The whole road of a message, by every way in, to its last report: one table, Kannel beside.

A campaign over two trunks without a set pace, batch POSTs, single POSTs over 16 connections that
are kept. The site is what the Procfile starts; the SMSC, the load and PostgreSQL are on the same
machine and share its cores. Each run has an organisation of its own. Nothing is asserted of times;
each message has to be delivered, and submitted once.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from orbit.dev.stack import Stack
from orbit.dev.stack.processes import poll
from reconciler.models import Gateway
from tests.benchmarks.carrier import PASSWORD, Carrier, ask
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.kannel import Kannel
from tests.benchmarks.road import sizes
from tests.benchmarks.road.counters import Asked, Counters, load_statements
from tests.benchmarks.road.site import ProcfileSite
from tests.benchmarks.road.table import Row, print_aims, print_asked, print_head, print_row
from tests.benchmarks.road.world import LOOK, Tenant, Watch, many
from tests.benchmarks.sending_paths import KannelPath, Load
from tests.fixtures.stack import empty, servers
from tests.reconciler.conftest import make_gateway

pytestmark = pytest.mark.stack

MANY, ONE = "/v1/messages/sms/batch", "/v1/messages/sms"
IDLE = 5.0  # seconds that are watched before the first message


class Bench:
    """Measures a road: from `go` until its tenant has `count` messages, all of them reported."""

    def __init__(
        self, stack: Stack, site: ProcfileSite, gateway: Gateway, carrier: Carrier, load: Load
    ) -> None:
        self._stack, self._site, self._gateway, self._carrier = stack, site, gateway, carrier
        self.load = load
        self.has_statements = False
        self.seconds = 0.0  # of the last run

    def tenant(self) -> Tenant:
        return Tenant(self._site.url, self._gateway, self._carrier, "FR", "ES")

    def idle(self) -> Asked:
        """What is asked while there is nothing to do."""
        counters = self._counters()
        time.sleep(IDLE)
        return counters.asked()

    def measure(
        self, road: str, tenant: Tenant, count: int, go: Callable[[], tuple[float, float]]
    ) -> Row:
        """`go` returns when the first request began (Unix seconds), and CPU seconds of the load."""
        watch = Watch(tenant.submits)
        counters, cpu = self._counters(), Cpu(self._pids())
        started, load = go()
        _until(lambda: tenant.acknowledged() >= count)
        _until(lambda: tenant.unfinished() == 0)
        self.seconds = time.time() - started
        used, asked = cpu.used() | {"load": load}, counters.asked()
        watch.end()
        tenant.is_exact(count)
        each = {part: seconds * 1000 / count for part, seconds in used.items()}
        pace = median(watch.yardsticks)
        return Row(road, count, watch.rate(count), count / self.seconds, each, pace, asked)

    def post(
        self, tenant: Tenant, path: str, bodies: list[str], connections: int
    ) -> tuple[float, float]:
        order = {
            "url": f"{self._site.url}{path}",
            "connections": connections,
            "headers": {"X-API-Key": tenant.key, "Content-Type": "application/json"},
            "bodies": bodies,
        }
        said = self.load.run("http_load.py", order)
        assert said["statuses"] == {"202": len(bodies)}, said["statuses"]
        return said["started"], said["cpu"]

    def has(self, tenant: Tenant, path: str) -> bool:
        return tenant.api.post(path, {}).status != 404

    def kannel(self, kannel: Kannel, count: int) -> Row:
        account = f"k{secrets.token_hex(3)}"
        ask(self._carrier, "PUT", f"/systems/{account}", {"password": PASSWORD})
        road = KannelPath(kannel, self.load)
        road.start(account, sizes.WINDOW)
        watch = Watch(lambda: ask(self._carrier, "GET", f"/systems/{account}")["submits"])
        sink = {"SMSC": [self._carrier.pid], "sink": [self.load.sink.pid]}
        cpu = Cpu(road.pids() | sink)
        run = road.send(count)
        used = cpu.used() | {"load": run.cpu}
        watch.end()
        road.stop()
        each = {part: seconds * 1000 / count for part, seconds in used.items()}
        to_reports = count / (run.last_report - run.started)
        pace = median(watch.yardsticks)
        return Row("Kannel, sendsms", count, watch.rate(count), to_reports, each, pace)

    def _counters(self) -> Counters:
        return Counters(self._site.redis_url, has_statements=self.has_statements)

    def _pids(self) -> dict[str, list[int]]:
        servers_ = {
            "PostgreSQL": [self._stack._postgres.pid],
            "Redis": [self._stack._redis.pid],
            "jasmind": [self._stack.gateways["main"].pid],
            "SMSC": [self._carrier.pid],
        }
        return self._site.pids() | servers_


def _until(condition: Callable[[], bool]) -> None:
    assert poll(condition, timeout=sizes.PATIENCE, interval=LOOK)


@pytest.fixture
def load(stack: Stack, tmp_path: Path) -> Iterator[Load]:
    made = Load(stack, tmp_path)
    yield made
    made.sink.kill()


@pytest.fixture
def bench(stack: Stack, transactional_db: None, carrier: Carrier, load: Load) -> Iterator[Bench]:
    has_statements = load_statements(stack)
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    empty(jasmin)
    gateway = make_gateway(jasmin)
    site = ProcfileSite(stack)
    try:
        site.start()
        made = Bench(stack, site, gateway, carrier, load)
        made.has_statements = has_statements
        yield made
    finally:
        site.stop()


@pytest.fixture
def kannel(stack: Stack, carrier: Carrier, tmp_path: Path) -> Iterator[Kannel]:
    made = Kannel(stack, carrier, tmp_path, spools=True)
    yield made
    made.stop()


def test_road(bench: Bench, kannel: Kannel) -> None:
    idle = bench.idle()
    print_head()
    rows = []
    roads = {campaign: sizes.MESSAGES, batches: sizes.BATCHES, singles: sizes.SINGLES}
    for road, size in roads.items():
        row = road(bench) if size else None
        if row is not None:
            print_row(row)
            rows.append((row, bench.seconds))
    if sizes.KANNEL:
        beside = bench.kannel(kannel, sizes.KANNEL)
        print_row(beside)
        print_aims([row for row, _ in rows], beside)
    for row, seconds in rows:
        print_asked(row, idle, seconds, IDLE)


def campaign(bench: Bench) -> Row:
    """From its start; made and uploaded before."""
    tenant, count = bench.tenant(), sizes.MESSAGES
    body = {"name": "Sale", "body": "Your code is {{n}}", "sender_pool_id": tenant.pool_id}
    path = f"/v1/campaigns/{tenant.made('/v1/campaigns', body)}"
    csv = "to,n\n" + "".join(f"{tenant.number(n)},{n:06}\n" for n in range(count))
    told = tenant.api.post(
        f"{path}/recipients", csv.encode(), headers={"Content-Type": "text/csv"}, timeout=120
    )
    assert told.data["accepted"] == count, told.body[:500]

    def go() -> tuple[float, float]:
        started = time.time()
        assert tenant.api.post(f"{path}/start").status == 202
        return started, 0.0

    return bench.measure("campaign, two trunks", tenant, count, go)


def batches(bench: Bench) -> Row | None:
    tenant, count = bench.tenant(), sizes.BATCHES * sizes.BATCH
    if not bench.has(tenant, MANY):
        print(f"  POSTs of {sizes.BATCH}: skipped, POST {MANY} answers 404")
        return None
    bodies = many([tenant.body(n) for n in range(count)])
    return bench.measure(
        f"POSTs of {sizes.BATCH}, {sizes.BATCH_CONNECTIONS} connections",
        tenant,
        count,
        lambda: bench.post(tenant, MANY, bodies, sizes.BATCH_CONNECTIONS),
    )


def singles(bench: Bench) -> Row:
    tenant, count = bench.tenant(), sizes.SINGLES
    bodies = [json.dumps(tenant.body(n)) for n in range(count)]
    return bench.measure(
        f"single POSTs, {sizes.CONNECTIONS} connections",
        tenant,
        count,
        lambda: bench.post(tenant, ONE, bodies, sizes.CONNECTIONS),
    )
