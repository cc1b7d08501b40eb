"""Carriers that say "later": we come later, each message is taken once, and the others go on."""

from __future__ import annotations

import pytest

from tests.e2e.messages.conftest import AMERICA, FRANCE, World, all_over, states
from tests.e2e.waiting import becomes

pytestmark = pytest.mark.stack

LATER = ["throttled:every=4", "throttled:first=25", "refuse:ESME_RMSGQFUL:first=10"]


@pytest.mark.parametrize("fault", LATER)
@pytest.mark.slow("the launcher pauses a throttled connector")
def test_what_is_throttled_is_taken_once_in_the_end(world: World, site, fault: str):
    site.start_beat(interval=30)
    world.carrier("north", "FR", faults=[fault])
    world.carrier("south", "US")
    world.wait_until_bound()

    for number in range(40):
        world.send(to=FRANCE, sender="ACME", body=f"north {number}")
    others = [world.send(to=AMERICA, sender="+14155550001", body=f"south {n}") for n in range(20)]
    for message in others:
        becomes(lambda of=message: world.read(of)["status"], "delivered")
    all_over(timeout=120)

    assert states() == {"delivered": 60}
    assert set(world.texts().values()) == {1}
    assert len(world.texts()) == 60
    refused = [each for each in world.got("north") if not each.accepted]
    print(f"{fault}: {len(refused)} refusals, none shown failed")
    assert refused
