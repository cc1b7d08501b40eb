"""A queue of 100,000 messages of one organisation beside one of 1,000: how quickly its first ones
leave, and how late another organisation's messages are beside it.

From the moment when the router is woken until the SMSC has so many. The other organisation has a
trunk of its own, and POSTs one message after the other; a delay is from the request to the submit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import pytest
from celery import Celery

from orbit.dev.stack import Stack
from orbit.dev.stack.processes import poll
from tests.benchmarks.carrier import Carrier
from tests.benchmarks.road import adapter, queued_rows, sizes
from tests.benchmarks.road.site import ProcfileSite
from tests.benchmarks.road.world import Tenant, Watch
from tests.fixtures.stack import empty, servers
from tests.reconciler.conftest import make_gateway

pytestmark = pytest.mark.stack

SHORT, LONG = 1_000, 5_000  # of a queue's first messages
QUEUES = sorted({SHORT, min(LONG, sizes.QUEUE), sizes.QUEUE})
TICK = 0.02  # seconds


class Drain:
    def __init__(self, site: ProcfileSite, carrier: Carrier, stack: Stack) -> None:
        self._site, self._carrier = site, carrier
        self._gateway = make_gateway(stack.gateways["main"])
        self._celery = Celery("bench", broker=site.redis_url, set_as_current=False)

    def tenant(self, country: str) -> Tenant:
        return Tenant(self._site.url, self._gateway, self._carrier, country)

    def wake(self, tenant: Tenant) -> None:
        self._celery.send_task(
            adapter.ROUTE_TASK, (tenant.organization.pk,), queue=adapter.QUEUE, ignore_result=True
        )

    def close(self) -> None:
        self._celery.close()

    def delays(self, tenant: Tenant) -> list[float]:
        """Seconds of messages that it POSTs one after the other."""
        found = []
        for n in range(sizes.OTHERS):
            before, began = tenant.submits(), time.time()
            assert tenant.api.post("/v1/messages/sms", tenant.body(n)).status == 202
            assert poll(
                lambda before=before: tenant.submits() > before,
                timeout=sizes.PATIENCE,
                interval=TICK,
            )
            found.append(time.time() - began)
        return found


@pytest.fixture
def drain(stack: Stack, transactional_db: None, carrier: Carrier) -> Iterator[Drain]:
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    empty(jasmin)
    site = ProcfileSite(stack)
    try:
        made = Drain(site, carrier, stack)
        site.start()
        yield made
        made.close()
    finally:
        site.stop()


def test_drain(drain: Drain) -> None:
    print("\n\nA queue of one organisation: messages/s of its first ones, and delays beside it")
    heads = (f"first {SHORT}", f"first {LONG}", "delay", "longest")
    print(f"  {'waiting':<12}" + "".join(f"{head:>14}" for head in heads))
    print_row(0, [], drain.delays(drain.tenant("ES")))
    for count in QUEUES:
        other = drain.tenant("ES")
        tenant = drain.tenant("FR")
        rates, delays = measure(drain, tenant, other, count)
        print_row(count, rates, delays)
        settle(tenant)


def measure(
    drain: Drain, tenant: Tenant, other: Tenant, count: int
) -> tuple[list[float], list[float]]:
    """Messages/s of the first ones, and the other's delays while the rest waits."""
    queued_rows.fill(tenant.organization, tenant.number(0), count)
    watch = Watch(tenant.submits, TICK)
    began = time.time()
    drain.wake(tenant)
    wanted = [each for each in (SHORT, LONG) if each <= count]
    assert poll(lambda: watch.at(wanted[-1]) is not None, timeout=sizes.PATIENCE, interval=TICK), (
        tenant.statuses()
    )
    watch.end()
    rates = [each / (watch.at(each) - began) for each in wanted]
    return rates, drain.delays(other) if count > LONG else []


def settle(tenant: Tenant) -> None:
    """Take back what still waits; all the others have to be delivered, once each."""
    queued_rows.forget_waiting(tenant.organization)
    assert poll(lambda: tenant.unfinished() == 0, timeout=sizes.PATIENCE), tenant.statuses()
    tenant.is_exact(tenant.submits())


def print_row(count: int, rates: list[float], delays: list[float]) -> None:
    cells = [f"{each:.0f}/s" for each in rates] + [""] * (2 - len(rates))
    cells += [f"{median(delays):.2f} s", f"{max(delays):.2f} s"] if delays else []
    print(f"  {count:<12}" + "".join(f"{cell:>14}" for cell in cells), flush=True)
