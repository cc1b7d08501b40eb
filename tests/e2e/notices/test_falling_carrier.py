"""A carrier that falls from 95 to 40 % under 50 messages/s stands back, and is restored.

It prints the seconds from the end of the minutes that it was judged by until the move. FALL_RATE:
another rate; FALL_WITHIN: seconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from orbit.dev.simulator import SimulatorThread
from tests.e2e.messages.conftest import CARRIERS
from tests.e2e.notices import sites
from tests.e2e.notices.faults import FALLEN, USUAL
from tests.e2e.notices.sites import OPERATORS, Night, night
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.kills]

RATE = int(os.environ.get("FALL_RATE", "50"))
WITHIN = float(os.environ.get("FALL_WITHIN", "60"))


@pytest.fixture
def world(
    make_smsc: Callable[..., SimulatorThread], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Night]:
    monkeypatch.setattr(sites, "RATE", RATE)
    with night(QUALITY_FIRST_PAUSE="30") as made:
        for name in ("falling", "other"):
            made.add_carrier(name, make_smsc(keep_log=False))
            made.faults(name, *USUAL)
        path = f"{CARRIERS}/{made.world.carriers['falling']['id']}"
        answer = made.site.api.call("PATCH", path, {"quality_mode": "enforce"})
        assert answer.status == 200, answer.body
        made.have_history()
        made.world.wait_until_bound()
        yield made


def moves(world: Night) -> list[dict[str, Any]]:
    """Newest first."""
    path = f"{CARRIERS}/{world.world.carriers['falling']['id']}/quality"
    return world.site.api.get(path).data["moves"]


def taken(world: Night, name: str) -> int:
    return len(world.smscs[name].system(name).accepted)


@pytest.mark.slow("three minutes of a carrier that delivers too little, and its way back")
def test_it_stands_back_and_is_restored(world: Night) -> None:
    with world.traffic("falling", chosen=False):
        time.sleep(90)  # a usual minute
        assert moves(world) == []
        world.faults("falling", *FALLEN)
        begun = time.time()
        (fall,) = eventually(lambda: moves(world), timeout=300)
        at = datetime.fromisoformat(fall["at"]).timestamp()
        # The first whole minute of the fall is the evidence.
        evidence = begun - begun % 60 + 120
        before = taken(world, "falling")
        others = eventually(lambda: taken(world, "other") > 100)
        world.faults("falling", *USUAL)
        back = eventually(lambda: moves(world)[1:] and moves(world)[0], timeout=600)
        restored = datetime.fromisoformat(back["at"]).timestamp()
    print(
        f"{fall['evidence']['rate']} % of {fall['evidence']['sample']}: demoted {at - begun:.0f} s "
        f"after the fall, {at - evidence:.0f} s after its first whole minute; restored "
        f"{restored - at:.0f} s later; {before} messages through it until then"
    )
    assert (fall["before"], back["after"]) == ("healthy", "healthy")
    assert fall["after"] != "healthy" and others
    assert at - evidence <= WITHIN
    assert len(moves(world)) == 2
    assert len(world.listener.opened(OPERATORS)) == 1
