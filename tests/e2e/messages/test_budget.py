"""What a gateway has without a first report can't be paused: it is little."""

from __future__ import annotations

import pytest

from messaging.messages.models import Message, MessageStatus
from tests.e2e.messages.conftest import World, all_over, expire_claims, states
from tests.e2e.waiting import becomes, eventually

pytestmark = pytest.mark.stack

MESSAGES = 60


def under_way() -> int:
    return Message.objects.filter(status=MessageStatus.SENDING, taken_at__isnull=False).count()


@pytest.mark.parametrize(("throughput", "most"), [(5, 10), (15, 30)])
@pytest.mark.slow("60 messages at 5 and 15 a second")
def test_once_we_stop_at_most_so_many_still_leave(world: World, site, throughput: int, most: int):
    world.carrier("north", "FR", faults=["slow:1"], throughput=throughput)
    world.wait_until_bound()
    for number in range(MESSAGES):
        world.send(sender="ACME", body=f"number {number}")
    eventually(lambda: len(world.got("north")) > 2 * throughput)

    site.kill_worker()
    before = len(world.got("north"))
    becomes(under_way, 0)
    after = len(world.got("north"))

    print(f"throughput {throughput}: {after - before} of at most {most} left after the stop")
    assert after - before <= most
    assert after < MESSAGES
    expire_claims()
    site.start_beat(interval=30)
    site.start_worker()
    all_over(timeout=180)
    assert states() == {"delivered": MESSAGES}
    assert set(world.texts().values()) == {1}
