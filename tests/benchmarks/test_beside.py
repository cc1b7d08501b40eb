"""An organisation's work alone, beside a tenant that takes what it can get, and beside other work.

The site is what the Procfile starts, with its limits as shipped, behind the nginx that is shipped
but without TLS. The work is a campaign at a pace, single POSTs at another, and now and then a new
credential, which is timed until its bind is up. The tenant (tests/e2e/hostile_tenant.py) is a
process of its own with another address. It begins with all of its limits untouched, at the moment
when the work does; what it takes of this machine, and what the work itself does, is shown below
what the site takes. Nothing is asserted of times: beside should be within 20 % of alone. What it
has and what waits for it has to have an end.

The other work has nothing to do with the site, and takes as much of the processors as all that the
tenant causes: what that costs, no limit of the site's can spare anybody.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import pytest
from django.db import connection

from messaging.credentials.models import CredentialStatus
from orbit.dev.stack import Stack
from orbit.dev.stack.processes import poll
from reconciler.models import Gateway
from tests.benchmarks.carrier import PASSWORD, Carrier, system_ids
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.road import sizes
from tests.benchmarks.road.cpu_yardstick import yardstick
from tests.benchmarks.road.site import ProcfileSite
from tests.benchmarks.road.world import Tenant
from tests.e2e import hostile_tenant
from tests.e2e.api import Api
from tests.e2e.hostile_bounds import has_failed, is_bounded
from tests.factories import make_api_key
from tests.fixtures.stack import empty, servers
from tests.reconciler.conftest import make_gateway, make_tenant

pytestmark = pytest.mark.stack

HERE = Path(__file__).parent
LOOK = 0.01  # seconds between two looks at a bind
SLOWEST = 60.0  # seconds, of a bind
CSV = {"Content-Type": "text/csv"}


@dataclass
class Seen:
    """Seconds of POSTs, from when they were due, and of pushes; messages/s that the carrier had;
    CPU seconds a second by process; CPU ms of a fixed piece of Python meanwhile."""

    posts: list[float] = field(default_factory=list)
    pushes: list[float] = field(default_factory=list)
    rate: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    yardsticks: list[float] = field(default_factory=list)


class World:
    def __init__(
        self, stack: Stack, site: ProcfileSite, gateway: Gateway, carrier: Carrier
    ) -> None:
        self._stack, self._site, self._gateway, self._carrier = stack, site, gateway, carrier
        self._names = iter(system_ids(1000))
        self._loads: dict[str, list[int]] = {}
        self._go: Path | None = None
        self.hostile_answers: dict[str, dict[str, int]] = {}

    def work(self) -> Seen:
        """Of an organisation that is new, for `sizes.BESIDE` seconds."""
        tenant, seen = Tenant(self._site.url, self._gateway, self._carrier, "FR", "ES"), Seen()
        self._start_campaign(tenant)
        if self._go:
            self._go.touch()
        cpu, had, own = Cpu(self._pids()), tenant.submits(), time.process_time()
        began = time.monotonic()
        until = began + sizes.BESIDE
        works = (self._post, self._add, self._measure)
        threads = [threading.Thread(target=each, args=(tenant, seen, until)) for each in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lasted = time.monotonic() - began
        seen.rate = (tenant.submits() - had) / lasted
        used = cpu.used() | {"(the work)": time.process_time() - own}
        seen.cpu = {name: seconds / lasted for name, seconds in used.items()}
        tenant.api.post(f"/v1/campaigns/{self._campaign}/cancel")
        return seen

    @contextmanager
    def hostile(self, folder: Path) -> Iterator[None]:
        """Until the block ends; it begins with the next work."""
        order, said, go = folder / "order.json", folder / "said.json", folder / "go"
        organization = make_tenant(self._gateway)
        key = make_api_key(organization).secret
        wanted = {"url": self._site.url, "key": key, "carrier": self._carrier.port}
        wanted |= {"pause": sizes.HOSTILE_PAUSE / 1000, "said": str(said), "go": str(go)}
        wanted["nice"] = 0  # others on this machine must not hold it back
        order.write_text(json.dumps(wanted))
        argv = [sys.executable, hostile_tenant.__file__, order]
        process = self._stack.spawn("hostile", argv, env=dict(os.environ))

        def answers() -> dict[str, dict[str, int]]:
            return json.loads(said.read_text()) if said.exists() else {}

        self._loads = {"(the tenant)": [process.pid]}
        assert poll(said.exists, timeout=sizes.PATIENCE)
        time.sleep(sizes.BESIDE_REST)
        self._go = go
        try:
            yield
            assert len(answers()) == len(hostile_tenant.WAYS), answers()
            is_bounded(organization, self._site.redis_url)
        finally:
            self.hostile_answers = answers()
            process.kill()

    @contextmanager
    def other_work(self, cores: float) -> Iterator[None]:
        """Two programs beside the site take so much of the processors until the block ends."""
        argv = [sys.executable, HERE / "other_work.py", str(cores / 2)]
        both = [self._stack.spawn(f"other-{n}", argv, env=dict(os.environ)) for n in range(2)]
        self._loads, self._go = {"(other work)": [each.pid for each in both]}, None
        try:
            yield
        finally:
            for each in both:
                each.kill()

    def _start_campaign(self, tenant: Tenant) -> None:
        body = {"name": "Sale", "body": "Your code is {{n}}", "sender_pool_id": tenant.pool_id}
        self._campaign = tenant.made("/v1/campaigns", body | {"throughput": sizes.BESIDE_PACE})
        path, count = f"/v1/campaigns/{self._campaign}", sizes.BESIDE_PACE * (sizes.BESIDE + 60)
        csv = "to,n\n" + "".join(f"{tenant.number(n)},{n:06}\n" for n in range(count))
        answer = tenant.api.post(f"{path}/recipients", csv.encode(), headers=CSV, timeout=120)
        assert answer.data["accepted"] == count, answer.body[:500]
        assert tenant.api.post(f"{path}/start").status == 202
        assert poll(lambda: tenant.submits() > 0, timeout=sizes.PATIENCE)

    def _post(self, tenant: Tenant, seen: Seen, until: float) -> None:
        address = urlsplit(self._site.url)
        headers = {"X-API-Key": tenant.key, "Content-Type": "application/json"}
        site = http.client.HTTPConnection(address.hostname, address.port, timeout=SLOWEST)
        for due in _paced(1 / sizes.BESIDE_POSTS, until):
            body = json.dumps(tenant.body(len(seen.posts)))
            site.request("POST", "/v1/messages/sms", body, headers)
            answer = site.getresponse()
            answer.read()
            assert answer.status == 202, answer.status
            seen.posts.append(time.monotonic() - due)
        site.close()

    def _add(self, tenant: Tenant, seen: Seen, until: float) -> None:
        """A key of its own, so that POSTs of messages keep theirs."""
        api = Api(self._site.url, make_api_key(tenant.organization).secret)
        for _ in _paced(sizes.BESIDE_PUSH, until):
            began = time.monotonic()
            made = api.add(port=self._carrier.port, system_id=next(self._names), password=PASSWORD)
            bound = CredentialStatus.objects.filter(pk=made["id"], bind_state="bound")
            assert poll(bound.exists, timeout=SLOWEST, interval=LOOK), api.read(made["id"])
            seen.pushes.append(time.monotonic() - began)
        connection.close()

    def _measure(self, tenant: Tenant, seen: Seen, until: float) -> None:
        for _ in _paced(1.0, until):
            seen.yardsticks.append(yardstick())

    def _pids(self) -> dict[str, list[int]]:
        own = {
            "PostgreSQL": [self._stack._postgres.pid],
            "Redis": [self._stack._redis.pid],
            "jasmind": [self._stack.gateways["main"].pid],
        }
        return self._site.pids() | own | self._loads


def _paced(pause: float, until: float) -> Iterator[float]:
    """Moments when something is due, by the monotonic clock; one that is late is not left out."""
    due = time.monotonic()
    while due < until:
        time.sleep(max(0.0, due - time.monotonic()))
        yield due
        due += pause


@pytest.fixture
def world(stack: Stack, transactional_db: None, carrier: Carrier) -> Iterator[World]:
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    empty(jasmin)
    gateway = make_gateway(jasmin)
    more = {"PYTHONPATH": str(HERE / "dead_names"), **sizes.BESIDE_LIMITS}
    more["GATEWAY_TRUSTED_NETWORKS"] = "127.0.0.1/32"  # not the tenant's
    site = ProcfileSite(stack, as_shipped=True, more=more)
    try:
        site.start()
        yield World(stack, site, gateway, carrier)
    finally:
        site.stop()


def test_beside(world: World, tmp_path: Path) -> None:
    alone = world.work()
    with world.hostile(tmp_path):
        beside = world.work()
    with world.other_work(sum(beside.cpu.values()) - sum(alone.cpu.values())):
        other = world.work()
    print_table(alone, beside, other, world.hostile_answers)
    assert not has_failed(world.hostile_answers)


def print_table(alone: Seen, beside: Seen, other: Seen, answers: dict[str, dict[str, int]]) -> None:
    print(f"\n\nAlone, beside a hostile tenant, beside other work, {sizes.BESIDE} s each")
    print(f"  {'':<16}{'alone':>10}{'beside':>10}{'ratio':>8}{'other':>10}{'ratio':>8}")
    rows: dict[str, Callable[[Seen], float]] = {
        "POST p50, ms": lambda seen: 1000 * median(seen.posts),
        "POST p95, ms": lambda seen: 1000 * _p95(seen.posts),
        "push p50, ms": lambda seen: 1000 * median(seen.pushes),
        "push p95, ms": lambda seen: 1000 * _p95(seen.pushes),
        "messages/s": lambda seen: seen.rate,
        "yardstick, ms": lambda seen: median(seen.yardsticks),
    }
    for name, of in rows.items():
        first = of(alone)
        found = (f"{of(seen):>10.1f}{of(seen) / first:>8.2f}" for seen in (beside, other))
        print(f"  {name:<16}{first:>10.1f}{''.join(found)}")
    print("  CPU, % of a core")
    for name in beside.cpu | other.cpu:
        used, third = (100 * seen.cpu.get(name, 0) for seen in (beside, other))
        print(f"    {name:<14}{100 * alone.cpu.get(name, 0):>10.0f}{used:>10.0f}{third:>18.0f}")
    print("  The hostile tenant's answers, by way and status")
    for way, counts in answers.items():
        said = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
        print(f"    {way:<18}{said}")


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1]
