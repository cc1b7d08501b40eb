"""From the POST of a credential until the API says that its bind is up.

Over HTTP against the product as it runs (gunicorn, one Celery worker with two processes, no beat,
logs at DEBUG), with the push after the commit. The clock starts when the request is sent and stops
when a GET says `bound`; it looks every 20 ms.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import pytest

from reconciler.loop import reconcile
from reconciler.models import Gateway, Placement
from reconciler.result import Ending
from tests.benchmarks.carrier import PASSWORD, Carrier, system_ids
from tests.e2e.api import CREDENTIALS, Api
from tests.e2e.waiting import LONG
from tests.factories import make_api_key, make_organization
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

COUNT = 20
AIM = 1.0  # seconds, p95


@pytest.fixture
def api(kind: str, site: Site, gateway: Gateway) -> Api:
    """A caller of an organisation on a gateway that a pass has seen before."""
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=gateway)
    assert reconcile(gateway, trigger="command").ending is Ending.APPLIED
    return Api(site.base_url, make_api_key(organization).secret)


def test_one_after_another(kind: str, api: Api, carrier: Carrier) -> None:
    seconds = []
    for system_id in system_ids(COUNT):
        started = time.perf_counter()
        added = api.add(port=carrier.port, system_id=system_id, password=PASSWORD)
        bound = _watch(api, {added["id"]})
        seconds.append(bound[added["id"]] - started)

    _print(f"{COUNT} credentials one after another, {kind}", seconds)


def test_all_at_once(kind: str, api: Api, carrier: Carrier) -> None:
    def add(system_id: str) -> tuple[str, float]:
        started = time.perf_counter()
        added = api.add(port=carrier.port, system_id=system_id, password=PASSWORD)
        return added["id"], started

    with ThreadPoolExecutor(COUNT) as pool:
        started = dict(pool.map(add, system_ids(COUNT)))
    bound = _watch(api, started.keys())

    _print(
        f"{COUNT} credentials at once, {kind}", [bound[each] - started[each] for each in started]
    )


def _watch(api: Api, ids: set[str]) -> dict[str, float]:
    """When each was first seen bound."""
    seen: dict[str, float] = {}
    deadline = time.monotonic() + LONG
    while len(seen) < len(ids):
        rows = api.get(CREDENTIALS, params={"limit": 100}).data
        now = time.perf_counter()
        for row in rows:
            if row["id"] in ids and row["bind"]["state"] == "bound":
                seen.setdefault(row["id"], now)
        assert time.monotonic() < deadline, [(row["sync"], row["bind"]) for row in rows]
        time.sleep(0.02)
    return seen


def _print(title: str, seconds: list[float]) -> None:
    p95 = quantiles(seconds, n=20, method="inclusive")[-1]
    print(f"\n\n{title}: from POST to BOUND")
    print(f"  p50 {median(seconds):.2f} s   p95 {p95:.2f} s (aim: under {AIM:g} s)", end="")
    print(f"   longest {max(seconds):.2f} s")
