"""Twelve faults of real parts: each is told once to each recipient, names its cause, and ends.

It prints the seconds from the fault to its notice, and those from its end to the notice of that.
NOTICES_WITHIN: how many seconds after its condition each has to be told: what is promised, but for
a machine that is busy.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from orbit.dev.simulator import SimulatorThread
from tests.e2e.notices.faults import CALM_SECONDS, USUAL, Fault, one_by_one, pair, side_by_side
from tests.e2e.notices.listener import Told
from tests.e2e.notices.sites import ACME, OPERATORS, Night, night
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.kills]

WITHIN = float(os.environ.get("NOTICES_WITHIN", "90"))
PATIENCE = 4 * WITHIN  # until the test gives up
TRAFFIC = ("throttling", "slow", "mute", "falling")


@pytest.fixture
def world(make_smsc: Callable[..., SimulatorThread]) -> Iterator[Night]:
    """Each carrier has a host of its own."""
    with night() as made:
        for name in ("gone", "locked", *TRAFFIC):
            made.add_carrier(name, make_smsc(keep_log=False))
        made.add_certified(make_smsc(keep_log=False), **pair(days=300))
        body = {"url": f"http://{made.listener.place}/hook", "events": ["campaign.started"]}
        assert made.site.api.post("/v1/webhooks", body).status == 201
        made.faults("falling", *USUAL)
        made.have_history()
        made.world.wait_until_bound()
        yield made


def notices(world: Night, fault: Fault, whom: str, *, is_over: bool) -> list[Told]:
    said = world.listener.over(whom) if is_over else world.listener.opened(whom)
    return [each for each in said if fault.is_told_by(each.title)]


def wait_for(world: Night, faults: Sequence[Fault], *, is_over: bool) -> dict[str, float]:
    """When operators were told of each, by the monotonic clock."""
    for each in faults:
        eventually(lambda of=each: notices(world, of, OPERATORS, is_over=is_over), timeout=PATIENCE)
    return {each.name: notices(world, each, OPERATORS, is_over=is_over)[0].at for each in faults}


def endure(world: Night, faults: Sequence[Fault]) -> None:
    """Begin these faults, wait until all are told, end them, wait until that is told."""
    begun: dict[str, float] = {}
    for each in faults:
        each.begin()
        begun[each.name] = time.monotonic()
    told = wait_for(world, faults, is_over=False)
    ended: dict[str, float] = {}
    for each in faults:
        each.end()
        ended[each.name] = time.monotonic()
    over = wait_for(world, faults, is_over=True)
    late = []
    for each in faults:
        seconds = told[each.name] - begun[each.name]
        after = over[each.name] - ended[each.name]
        print(
            f"{each.name:<26} told after {seconds:5.1f} s (it has to last {each.age:3.0f} s), its "
            f"end after {after:5.1f} s"
        )
        if seconds - each.age > WITHIN:
            late.append(each.name)
    assert late == []


def assert_told_once(world: Night, faults: Sequence[Fault]) -> None:
    for each in faults:
        whom = [OPERATORS] if each.for_operators else [OPERATORS, ACME]
        for one in whom:
            (opened,) = notices(world, each, one, is_over=False)
            (_,) = notices(world, each, one, is_over=True)
            if one == OPERATORS:
                assert "Why: " in opened.text, opened
    said = [each for whom in (OPERATORS, ACME) for each in world.listener.opened(whom)]
    strange = [each for each in said if not any(one.is_told_by(each.title) for one in faults)]
    assert strange == []


def assert_cause_is_named(world: Night, faults: Sequence[Fault]) -> None:
    for each in faults:
        (opened,) = notices(world, each, OPERATORS, is_over=False)
        assert re.search(each.cause, opened.text), (each.name, opened.text)


@pytest.mark.slow("twelve faults, of which each lasts until it is told and over")
def test_each_of_twelve_faults_is_told_once_and_ends(world: Night) -> None:
    faults = side_by_side(world)
    with world.traffic(*TRAFFIC):
        time.sleep(CALM_SECONDS)  # receipts of a usual minute
        assert world.listener.told == []
        endure(world, faults)
        for each in one_by_one(world):
            endure(world, [each])
            faults.append(each)
    assert len(faults) == 12
    assert_cause_is_named(world, faults)
    assert_told_once(world, faults)
