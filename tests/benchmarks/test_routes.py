"""1,000 carriers of 200 organisations as routes: to compile them, and to change one of them.

Every organisation has its access on, five credentials, a carrier for each: for one country, for
two, for five, for twenty, each with those of the one before among them, and for any.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median

import pytest

from messaging import countries
from messaging.carriers.models import Carrier
from orbit.accounts.models import Organization
from orbit.dev.stack.processes import poll
from reconciler import desired
from reconciler.jasmin import route_compiler
from reconciler.loop import reconcile
from reconciler.models import Gateway, Placement
from reconciler.result import Ending, Result
from reconciler.state import Kind
from tests.benchmarks.carrier import PASSWORD, system_ids
from tests.benchmarks.carrier import Carrier as Simulated
from tests.benchmarks.stopwatch import Stopwatch, measured_parts, print_parts
from tests.factories import make_organization
from tests.reconciler.conftest import make_credential
from tests.reconciler.routes.rows import give_access, make_carrier

pytestmark = pytest.mark.stack

ORGANIZATIONS, EACH = 200, 5
AIM = 1.0  # seconds
ROUNDS = 7
WITH_NUMBERS = sorted(filter(countries.pattern_of, countries.COUNTRIES))


@pytest.fixture
def organizations(gateway: Gateway, carrier: Simulated) -> list[Organization]:
    chance, names = random.Random(1), iter(system_ids(ORGANIZATIONS * EACH))
    made = []
    for _ in range(ORGANIZATIONS):
        organization = make_organization()
        Placement.objects.create(organization=organization, gateway=gateway)
        give_access(organization)
        served = chance.sample(WITH_NUMBERS, 20)
        for place, count in enumerate((1, 2, 5, 20, 0), start=1):
            credential = make_credential(
                organization, port=carrier.port, system_id=next(names), password=PASSWORD
            )
            make_carrier(credential, served[:count] or ["*"], fallback_order=place)
        made.append(organization)
    return made


def test_compiling(gateway: Gateway, organizations: list[Organization], monkeypatch) -> None:
    snapshot = desired.take_snapshot(gateway)
    compiled: list[float] = []
    watched = timed(route_compiler.compile_routes, compiled)
    monkeypatch.setattr(desired, "compile_routes", watched)
    for cache in (countries.pattern_of, countries._region_pattern, countries._national):
        cache.cache_clear()
    whole: list[float] = []
    for _ in range(ROUNDS):
        state = timed(desired.build, whole)(snapshot).state

    assert len(state.of(Kind.ROUTE)) > ORGANIZATIONS * (EACH + 2)
    first, *others = compiled
    print(f"\n\n{ORGANIZATIONS * EACH} carriers of {ORGANIZATIONS} organisations: ", end="")
    print(f"{len(state.routes)} routes, {len(state.users)} users")
    print(f"  compiled in {first:.3f} s at first, {median(others):.3f} s then ", end="")
    print(f"(aim: under {AIM:g} s)")
    print(f"  all that is wanted, names and addresses included: {median(whole):.2f} s")


def timed(function: Callable, seconds: list[float]) -> Callable:
    def run(*args: object, **kwargs: object) -> object:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - started)

    return run


def test_one_changed_fallback_order(
    gateway: Gateway, carrier: Simulated, organizations: list[Organization]
) -> None:
    started = time.perf_counter()
    assert reconcile(gateway, trigger="command").ending is Ending.APPLIED
    cold = time.perf_counter() - started
    count = ORGANIZATIONS * EACH
    assert poll(lambda: carrier.live_binds() == count, timeout=60), carrier.live_binds()
    assert reconcile(gateway, trigger="command").ending is Ending.IN_SYNC

    scopes = {"all organisations": "", "the one (a push)": organizations[0].pk}
    for name, organization_id in scopes.items():
        results, watches = [], []
        for _ in range(ROUNDS):
            first = Carrier.objects.filter(organization=organizations[0]).earliest("id")
            first.fallback_order = 100 - first.fallback_order  # behind the others, or before
            first.save()
            with measured_parts() as watch:
                results.append(
                    reconcile(gateway, trigger="command", organization_id=organization_id)
                )
            watches.append(watch)
        _print(name, results, watches)
    print(f"  the first pass, which made all of it: {cold:.1f} s")


def _print(name: str, results: list[Result], watches: list[Stopwatch]) -> None:
    for result in results:
        assert result.ending is Ending.APPLIED, result
        assert {entry["kind"] for entry in result.changes} == {"route"}
    written = {len(result.changes) for result in results}
    assert written == {1}  # the route of the one country, of one organisation
    seconds = [result.seconds for result in results]
    print(f"\n\none changed fallback_order, a pass over {name}, median of {ROUNDS}")
    print(f"  {median(seconds):.2f} s, and one route written")
    print_parts(watches, seconds)
