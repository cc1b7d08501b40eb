"""Every part of a site is killed in turn: the same true reason everywhere, and nothing is lost.

OUTAGES_WITHIN is how many seconds each may take until it is said, and until it is unsaid: what is
promised, but for a machine that is busy.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack.errors import StackError
from tests.e2e.messages.conftest import FRANCE, World
from tests.e2e.own_site import OwnSite, Way, running, ways
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.kills]

WITHIN = float(os.environ.get("OUTAGES_WITHIN", "15"))


@pytest.fixture
def own_site() -> Iterator[OwnSite]:
    with running() as site:
        yield site


def says(text: str, way: Way) -> list[bool]:
    return [bool(re.search(reason, text)) for reason in way.reasons]


def seconds_until(condition: Callable[[], bool]) -> float:
    started = time.monotonic()
    eventually(condition, timeout=WITHIN)
    return time.monotonic() - started


def post(world: World, text: str) -> str | None:
    """The id of a message, None for 503."""
    answer = world.api.post("/v1/messages/sms", {"to": FRANCE, "from": "ACME", "body": text})
    if answer.status == 503:
        assert (answer.code, answer.headers["Retry-After"]) == ("SERVICE_UNAVAILABLE", "5")
        return None
    assert answer.status == 202, answer.body
    return answer.data["id"]


def endure(site: OwnSite, world: World, name: str, way: Way) -> list[str]:
    """Kill one part and bring it back; the messages that were taken before and meanwhile."""
    taken = [post(world, f"before {name}")]
    way.kill()
    taken.append(post(world, f"without {name}"))
    said = seconds_until(lambda: all(says(site.readyz(), way)))
    assert all(all(says(text, way)) for text in site.said().values())
    way.come_back()
    unsaid = seconds_until(lambda: not any(says(site.readyz(), way)))
    well = unsaid + seconds_until(site.is_well)
    assert not any(any(says(text, way)) for text in site.said().values())
    print(f"{name:<12} said after {said:4.1f} s, unsaid {unsaid:4.1f} s, all well {well:4.1f} s")
    return [each for each in taken if each]


@pytest.mark.slow("a stack and a site of its own, and seven outages that are named and pass")
def test_each_part_is_killed_in_turn(
    own_site: OwnSite, make_smsc: Callable[..., SimulatorThread]
) -> None:
    world = World(own_site.api, make_smsc())
    world.carrier("north", "FR")
    world.wait_until_bound()
    taken = []
    for name, way in ways(own_site).items():
        try:
            taken += endure(own_site, world, name, way)
        except (AssertionError, StackError) as error:
            said = {**own_site.said(), **own_site.ended()}
            places = "\n".join(f"--- {k}\n{v[-6000:]}" for k, v in said.items())
            raise AssertionError(f"{name}: {error}\n{places}") from error

    def ends() -> set[str]:
        return {world.read(each)["status"] for each in taken}

    eventually(lambda: ends() <= {"delivered", "submitted_no_receipt"}, timeout=120)
    assert len(taken) == len(ways(own_site)) * 2 - 1  # all but that for which there was no database
    got = world.texts()
    assert set(got.values()) == {1}
    assert len(got) == len(taken)
