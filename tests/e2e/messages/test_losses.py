"""Nothing lost, nothing twice: under 300 messages/s with receipts and texts of phones.

Each test prints what it counted. LOSSES_SEED: the moments of the one before again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from orbit.accounts.models import Organization
from orbit.stack import Jasmin
from tests.e2e.messages.conftest import World
from tests.e2e.messages.dying_site import DyingSite
from tests.e2e.messages.killing import seed
from tests.e2e.messages.loading import (
    Acknowledged,
    acknowledged,
    assert_none_lost_none_twice,
    loaded,
)
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.kills]

WINDOW = 10
KILLS = int(os.environ.get("KILLS", "100"))
RECEIVER_KILLS = int(os.environ.get("RECEIVER_KILLS", "20"))
RATE = int(os.environ.get("LOSSES_RATE", "300"))
PATIENT = {"MESSAGE_RECEIPT_TIMEOUT_HOURS": "0.1"}


@pytest.fixture
def seen() -> Iterator[Acknowledged]:
    with acknowledged() as found:
        yield found


@pytest.fixture
def dying(make_dying: Callable[..., DyingSite]) -> DyingSite:
    return make_dying(**PATIENT)


@pytest.fixture
def bound(dying: DyingSite, make_world: Callable, seen: Acknowledged) -> World:
    """Three carriers, of which one gets all that goes to France."""
    return make_world(dying, [])


def is_bound(world: World) -> bool:
    return world.smsc.system("north").live_binds > 0


def at_random(world: World, chance: object, longest: int) -> None:
    """A moment in which up to `longest` further messages reach the carrier."""
    until = len(world.got("north")) + chance.randrange(longest)
    eventually(lambda: len(world.got("north")) >= until, timeout=60)


def test_jasmind_is_killed_a_hundred_times(
    bound: World, seen: Acknowledged, organization: Organization, jasmin: Jasmin
) -> None:
    chance = seed("LOSSES_SEED")
    with loaded(bound, organization, rate=RATE) as load:
        for _ in range(KILLS):
            at_random(bound, chance, RATE // 2)
            jasmin.kill()
            jasmin.start()
            eventually(lambda: is_bound(bound), timeout=60)
    assert_none_lost_none_twice(bound, load, seen, unknown=KILLS * WINDOW)


def test_the_receiver_is_killed_twenty_times(
    bound: World, seen: Acknowledged, organization: Organization, dying: DyingSite
) -> None:
    chance = seed("LOSSES_SEED")
    with loaded(bound, organization, rate=RATE) as load:
        for _ in range(RECEIVER_KILLS):
            at_random(bound, chance, 2 * RATE)
            dying.kill_receiver()
    assert_none_lost_none_twice(bound, load, seen, unknown=0)
