"""Nothing lost, nothing twice: under 300 messages/s with receipts and texts of phones.

Each test prints what it counted. LOSSES_SEED: the moments of the one before again.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orbit.accounts.models import Organization
from orbit.dev.simulator import systems
from orbit.dev.stack import Jasmin, Stack
from tests.e2e.gate import Gate
from tests.e2e.messages.conftest import World
from tests.e2e.messages.dying_site import DyingSite
from tests.e2e.messages.harming import Clock, SmallDisk, cut_inside, small_disk
from tests.e2e.messages.killing import seed
from tests.e2e.messages.loading import (
    Acknowledged,
    acknowledged,
    assert_none_lost_none_twice,
    loaded,
)
from tests.e2e.waiting import eventually
from tests.fixtures.site import Site, environment
from tests.fixtures.stack import servers

pytestmark = [pytest.mark.stack, pytest.mark.kills]

WINDOW = 10
KILLS = int(os.environ.get("KILLS", "100"))
RECEIVER_KILLS = int(os.environ.get("RECEIVER_KILLS", "20"))
RATE = int(os.environ.get("LOSSES_RATE", "300"))
CUTS = int(os.environ.get("CUTS", "4"))
AWAY = float(os.environ.get("AWAY", "60"))  # seconds
PATIENT = {"MESSAGE_RECEIPT_TIMEOUT_HOURS": "0.1"}


@pytest.fixture(autouse=True)
def _all_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator remembers all that came: on a busy machine more comes than it would keep."""
    monkeypatch.setattr(systems, "KEEP_SUBMITS", 1_000_000)


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


def at_random(world: World, chance: random.Random, longest: int) -> None:
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


def test_the_database_is_away_for_a_minute(
    seen: Acknowledged,
    organization: Organization,
    site: Site,
    stack: Stack,
    make_dying: Callable[..., DyingSite],
    make_world: Callable,
) -> None:
    """For the site; the messages of the load come to it all the same, to be sent afterwards."""
    url, _, name = environment(stack, "dying")["DATABASE_URL"].rpartition("/")
    before, _, port = url.rpartition(":")
    gate = Gate(int(port))
    world = make_world(make_dying(DATABASE_URL=f"{before}:{gate.port}/{name}", **PATIENT), [])
    with loaded(world, organization, rate=RATE) as load:
        eventually(lambda: len(world.got("north")) > 3 * RATE, timeout=60)
        gate.shut()
        taken = len(world.got("north"))
        time.sleep(AWAY)
        print(f"{len(world.got('north')) - taken} more at the carrier meanwhile")
        gate.open()
        eventually(lambda: len(world.got("north")) > taken + 3 * RATE, timeout=120)
    assert_none_lost_none_twice(world, load, seen, unknown=0)


@pytest.fixture
def disk(jasmin: Jasmin) -> Iterator[SmallDisk]:
    if os.geteuid():
        pytest.fail("run as root: it mounts a tmpfs")
    servers.clean.discard(jasmin)
    with small_disk(jasmin) as made:
        yield made


def test_the_disk_of_the_store_is_full_for_a_while(
    disk: SmallDisk, bound: World, seen: Acknowledged, organization: Organization
) -> None:
    north = bound.smsc.system("north")

    def postponed() -> int:
        return north.receipts["postponed"] + north.texts["postponed"]

    with loaded(bound, organization, rate=RATE) as load:
        eventually(lambda: postponed() > 50, timeout=120)
        taken, until = len(bound.got("north")), load.messages + 10 * RATE
        eventually(lambda: load.messages > until)
        print(f"full: {len(bound.got('north')) - taken} more at the carrier meanwhile")
        disk.free()
        eventually(lambda: len(bound.got("north")) > taken + 3 * RATE, timeout=120)
    print(f"{postponed()} receipts and texts were left with the carrier")
    assert_none_lost_none_twice(bound, load, seen, unknown=0)


@pytest.fixture
def clock(jasmin: Jasmin, tmp_path: Path) -> Iterator[Clock]:
    """Of jasmind."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    made = Clock(tmp_path)
    servers.clean.discard(jasmin)
    jasmin.settings = made.environ
    jasmin.restart()
    yield made
    jasmin.settings = {}
    jasmin.restart()


def test_the_clock_of_the_gateway_is_set_an_hour_on_and_back(
    clock: Clock, seen: Acknowledged, organization, make_dying, make_world
) -> None:
    world = make_world(make_dying(**PATIENT), [])
    with loaded(world, organization, rate=RATE) as load:
        for hours in (1, 0, -1, 0):
            clock.set(hours)
            until = load.messages + 10 * RATE
            eventually(lambda until=until: load.messages > until)
            print(f"{hours:+d} h: {len(world.got('north'))} of {load.messages} at the carrier")
    assert_none_lost_none_twice(world, load, seen, unknown=0)


def test_the_clock_of_the_site_is_set_an_hour_on_and_back(
    clock: Clock, seen: Acknowledged, organization, make_dying, make_world
) -> None:
    """That of all its processes and of the gateway: a machine's clock is one."""
    patient = {"MESSAGE_RECEIPT_TIMEOUT_HOURS": "3", "MESSAGE_OUTCOME_TIMEOUT": "8000"}
    world = make_world(make_dying(**patient, **clock.environ), [])
    with loaded(world, organization, rate=RATE) as load:
        for hours in (1, 0, -1, 0):
            clock.set(hours)
            until = load.messages + 10 * RATE
            eventually(lambda until=until: load.messages > until)
            print(f"{hours:+d} h: {len(world.got('north'))} of {load.messages} at the carrier")
    assert_none_lost_none_twice(world, load, seen, unknown=0)


def test_the_carriers_connection_ends_inside_a_pdu(
    bound: World, seen: Acknowledged, organization: Organization
) -> None:
    """Inside a deliver_sm and inside an answer, in turn."""
    chance, north = seed("LOSSES_SEED"), bound.smsc.system("north")
    with loaded(bound, organization, rate=RATE) as load:
        for number in range(CUTS):
            at_random(bound, chance, RATE)
            attempts = north.bind_attempts
            if number % 2:
                cut_inside(bound.smsc, "north", number)
            else:
                north.faults = ["drop-mid-pdu:on=submit:first=1"]
            eventually(lambda at=attempts: north.bind_attempts > at, timeout=60)
            north.faults = []
            eventually(lambda: is_bound(bound), timeout=60)
    assert_none_lost_none_twice(bound, load, seen, unknown=CUTS * WINDOW)
