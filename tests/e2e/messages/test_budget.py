"""What a gateway has without a first report can't be paused: it is little."""

from __future__ import annotations

import pytest

from messaging.messages.models import Message, MessageStatus
from tests.e2e.messages.conftest import World, all_over, expire_claims, states
from tests.e2e.waiting import becomes, eventually

pytestmark = pytest.mark.stack

SECONDS = 8  # that all of them take the carrier: enough that some are left after a late stop


def under_way() -> int:
    return Message.objects.filter(status=MessageStatus.SENDING, taken_at__isnull=False).count()


@pytest.mark.parametrize(("throughput", "most"), [(5, 10), (15, 30)])
@pytest.mark.slow("8 seconds of messages, and an answer to each after a second")
def test_once_we_stop_at_most_so_many_still_leave(world: World, site, throughput: int, most: int):
    world.carrier("north", "FR", faults=["slow:1"], throughput=throughput)
    world.wait_until_bound()
    messages = SECONDS * throughput
    for number in range(messages):
        world.send(sender="ACME", body=f"number {number}")
    eventually(lambda: len(world.got("north")) > 2 * throughput)

    site.kill_worker()
    before = len(world.got("north"))
    becomes(under_way, 0)
    after = len(world.got("north"))

    print(f"throughput {throughput}: {after - before} of at most {most} left after the stop")
    assert after - before <= most
    assert after < messages
    expire_claims()
    site.start_beat(interval=30)
    site.start_worker()
    all_over(timeout=180)
    assert states() == {"delivered": messages}
    assert set(world.texts().values()) == {1}
