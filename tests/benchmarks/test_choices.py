"""Choosing senders: choices a second, and how long a preview takes over HTTP.

A choice is all that `senders.take` does for a message of a pool that is not sticky: the number's
country, which senders may send there, which is next. Destinations are spread over four countries;
half of the members may send anywhere, the others to two of the countries. In process the turns are
counted in memory; through Redis each turn is one round trip on loopback. One thread.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from statistics import median, quantiles

import pytest

from messaging.pools import counters
from messaging.pools.counters import InMemoryCounters
from messaging.pools.engine.choice import Pool
from messaging.pools.engine.values import Strategy
from messaging.pools.engine.weighted_round_robin import cycle
from messaging.pools.models import PoolMember, SenderPool
from messaging.routing import senders
from orbit.accounts.models import Organization
from tests.e2e.api import Api
from tests.factories import make_api_key, make_organization
from tests.fixtures.site import Site
from tests.messaging.pools.conftest import roster, take_sender

pytestmark = pytest.mark.stack

SIZES = (1, 100, 1000)
AIM = 20_000  # choices a second in process, 100 members
SECONDS = 0.25  # of each round
ROUNDS = 9
PREVIEWS = 60
DESTINATIONS = [
    f"+{start}{number:04}"
    for number in range(2500)  # more than are remembered (places.place_of)
    for start in ("1415555", "1416555", "3363998", "491512345")
]


def make_pool(
    organization: Organization, size: int, strategy: str = Strategy.ROUND_ROBIN, **fields: object
) -> SenderPool:
    """Long codes of San Francisco and of Toronto in turn, weights from 1 to 100."""
    pool = SenderPool.objects.create(
        organization=organization, name="Benchmark", strategy=strategy, **fields
    )
    PoolMember.objects.bulk_create(
        PoolMember(
            pool=pool,
            sender=f"+1{(415, 416)[number % 2]}556{number:04}",
            type="long_code",
            weight=number % 100 + 1,
            countries=[] if number % 4 < 2 else ["US", "FR"],
            position=number,
        )
        for number in range(size)
    )
    return pool


def rate(pool: Pool) -> float:
    """Choices a second in the fastest of some rounds: on a machine that does other things too it is
    the least disturbed one. The first hundred choices are not counted."""
    numbers = itertools.cycle(DESTINATIONS)
    for number in itertools.islice(numbers, 100):
        take_sender(pool, number)
    return max(_round(pool, numbers) for _ in range(ROUNDS))


def _round(pool: Pool, numbers: Iterator[str]) -> float:
    count, started = 0, time.perf_counter()
    while (took := time.perf_counter() - started) < SECONDS:
        for number in itertools.islice(numbers, 100):
            take_sender(pool, number)
        count += 100
    return count / took


@pytest.mark.parametrize("where", ["in process", "through Redis"])
def test_choices_a_second(transactional_db, monkeypatch, where: str) -> None:
    if where == "in process":
        local = InMemoryCounters()
        monkeypatch.setattr(senders, "turn_counters", lambda: local)
    organization = make_organization()
    cases: dict[str, dict[str, object]] = {each.value: {"strategy": each} for each in Strategy}
    cases["geo_match"] = {"geo_match": True}

    print(f"\n\nChoices a second, {where}, by members of the pool (microseconds each)")
    print(f"  {'':<22}" + "".join(f"{size:>18,}" for size in SIZES) + "   a member more")
    for name, fields in cases.items():
        rates = [rate(roster(make_pool(organization, size, **fields).pk)) for size in SIZES]
        costs = [1_000_000 / each for each in rates]
        shown = "".join(
            f"{each:>10,.0f} ({cost:5.1f})" for each, cost in zip(rates, costs, strict=True)
        )
        more = (costs[-1] - costs[0]) / (SIZES[-1] - SIZES[0])
        print(f"  {name:<22}{shown}   {max(0, more):.4f} us")
    if where == "in process":
        print(f"  (aim: over {AIM:,} with 100 members)")


def test_the_first_choice(transactional_db) -> None:
    """What a process pays once after a pool was written: reading it and working out its cycle."""
    organization = make_organization()
    print("\n\nThe first choice of a process after a write, through Redis")
    for strategy in (Strategy.ROUND_ROBIN, Strategy.WEIGHTED):
        for size in SIZES:
            pool = make_pool(organization, size, strategy)
            cycle.cache_clear()
            first = _timed(lambda pool=pool: take_sender(roster(pool.pk), DESTINATIONS[0]))
            print(f"  {strategy:<22}{size:>6,} members{first * 1000:>10.1f} ms")
    assert counters.turn_counters().shared


def test_preview_over_http(site: Site) -> None:
    organization = make_organization()
    api = Api(site.base_url, make_api_key(organization).secret)
    print("\n\nGET …/preview over HTTP, milliseconds")
    for count in (1, 100):
        medians = []
        for size in SIZES:
            pool = make_pool(organization, size, Strategy.WEIGHTED)
            seconds = _previews(api, pool, count)
            medians.append(median(seconds) * 1000)
            p95 = quantiles(seconds, n=20, method="inclusive")[-1] * 1000
            print(
                f"  count={count:<4}{size:>6,} members   p50 {medians[-1]:6.1f}   p95 {p95:6.1f}"
                f"   longest {max(seconds) * 1000:6.1f}"
            )
        more = (medians[-1] - medians[0]) / (SIZES[-1] - SIZES[0]) * 1000
        print(f"  count={count:<4}{'a member more':>14}   {more:.1f} us")


def _previews(api: Api, pool: SenderPool, count: int) -> list[float]:
    """The first ones, in which the processes read the pool, count as well."""

    def preview(number: str) -> None:
        params = {"destination": number, "count": count}
        answer = api.get(f"/v1/messaging/sender-pools/{pool.pk}/preview", params=params)
        assert answer.status == 200, answer.body

    return [_timed(lambda number=number: preview(number)) for number in DESTINATIONS[:PREVIEWS]]


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
