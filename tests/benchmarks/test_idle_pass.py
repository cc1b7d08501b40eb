"""A pass with nothing to do, over bound connectors: what every 30 s costs."""

from __future__ import annotations

from statistics import median

import pytest

from orbit.dev.stack.processes import poll
from reconciler.loop import reconcile
from reconciler.models import Gateway
from reconciler.result import Ending
from tests.benchmarks.carrier import Carrier, fill
from tests.benchmarks.stopwatch import measured_parts, print_parts

pytestmark = pytest.mark.stack

AIMS = {300: 1.0, 1000: 2.0}  # credentials: seconds
ROUNDS = 7


def test_idle_pass(gateway: Gateway, carrier: Carrier) -> None:
    before = 0
    for count, aim in AIMS.items():
        fill(gateway, carrier, count, start=before)
        before = count
        _bring_up(gateway, carrier, count)
        _measure(gateway, count, aim)


def _bring_up(gateway: Gateway, carrier: Carrier, count: int) -> None:
    assert reconcile(gateway, trigger="command").ending is Ending.APPLIED
    assert poll(lambda: carrier.live_binds() == count, timeout=60), carrier.live_binds()
    assert reconcile(gateway, trigger="command").ending is Ending.IN_SYNC


def _measure(gateway: Gateway, count: int, aim: float) -> None:
    results, watches = [], []
    for _ in range(ROUNDS):
        with measured_parts() as watch:
            results.append(reconcile(gateway, trigger="command"))
        watches.append(watch)
    assert {result.ending for result in results} == {Ending.IN_SYNC}

    seconds = [result.seconds for result in results]
    share = median(result.gateway_seconds / result.seconds for result in results)
    print(f"\n\n{count} credentials, nothing to do, median of {ROUNDS}")
    print(f"  the pass: {median(seconds):.2f} s (aim: under {aim:g} s)", end="")
    print(f"   fastest {min(seconds):.2f}, longest {max(seconds):.2f}")
    print(f"  of it waiting for Jasmin's console: {share:.0%}")
    print_parts(watches, seconds)
