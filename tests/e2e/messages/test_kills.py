"""At most once, and none lost by us: messages while everything is killed with SIGKILL.

`make kills` runs all of it; the suite only the short form of the first test.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter

import pytest

from messaging.messages.dispatch import claim
from messaging.messages.models import Message
from orbit.dev.stack import Jasmin
from tests.e2e.messages.conftest import all_over, states
from tests.e2e.messages.killing import (
    UNKNOWN,
    Killer,
    assert_at_most_once_and_told_right,
    seed,
    sending,
)
from tests.e2e.messages.points import Point
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.stack

MESSAGES = int(os.environ.get("KILLS_MESSAGES", "2000"))
KILLS = int(os.environ.get("KILLS", "20"))
SOON = "60"  # seconds: longer than the lease of a dead worker's claims (30 s)
POINTS = (
    Point("messaging.messages.dispatch.claim._claim_of", "after", 40),  # chosen, not committed
    Point("messaging.messages.dispatch.run.submit", "before", 2),  # claimed, not submitted
    Point(
        "reconciler.gateway_client.lane_trunk.LaneTrunk.submit_many", "after", 2
    ),  # taken, not written down
    Point("messaging.messages.dispatch.run.record", "before", 1),  # a whole batch of that
    # Reported, not committed.
    Point("messaging.receipts.apply.PageEffects.apply_answers", "after", 30),
    Point("messaging.receipts.apply.PageEffects.apply_receipt", "after", 30),
    Point("messaging.receipts.ingest.take", "after", 2),  # all effects, and no offset yet
)
ROUND = 150  # messages
QUICK_LEASE = "10"  # seconds that a dead worker's claims last, where only our processes die


@pytest.mark.parametrize(
    ("rounds", "each"),
    [(5, 1), pytest.param(10, 3, marks=pytest.mark.kills)],
    ids=["short", "long"],
)
@pytest.mark.slow("seven deaths of processes, each a start and a lease of 10 s")
def test_killed_at_points_of_our_code_none_is_lost(make_dying, make_world, deaths, rounds, each):
    """In rounds, since a batch that is claimed again comes as a whole and by few calls."""
    world = make_world(make_dying(*POINTS, each=each, DEATHS_LEASE=QUICK_LEASE), [])

    def left() -> dict[str, int]:
        return {folder.name: len(list(folder.iterdir())) for folder in deaths.iterdir()}

    ids: list[str] = []
    for _ in range(rounds):
        with sending(world, ROUND, first=len(ids)) as more:
            pass
        all_over(timeout=240)
        ids += more
        if not any(left().values()):
            break

    ends = assert_at_most_once_and_told_right(world, ids)
    print(f"killed {each} times at each of {list(left())}: {dict(ends)}")
    assert left() == {point.name: 0 for point in POINTS}
    lost = Message.objects.exclude(status="delivered")
    assert list(lost.values_list("attempt", "events")) == []


@pytest.mark.kills
def test_killed_at_any_moment_web_and_workers_lose_none(make_dying, make_world, jasmin: Jasmin):
    chance = seed("KILLS_SEED")
    site = make_dying()
    world, killer = make_world(site, []), Killer(site, jasmin)

    with sending(world, MESSAGES // 4) as ids:
        for moment in sorted(chance.sample(range(MESSAGES // 5), 6)):
            eventually(lambda at=moment: len(world.texts()) >= at, timeout=120)
            killer.kill(chance.choice(["web", "worker"]))
    all_over(timeout=240)

    assert_at_most_once_and_told_right(world, ids)
    print(f"killed {killer.counts()}: {dict(states())}")
    assert states() == {"delivered": MESSAGES // 4}


@pytest.mark.kills
def test_killed_at_any_moment_everything_sends_at_most_once(make_dying, make_world, jasmin: Jasmin):
    chance = seed("KILLS_SEED")
    site = make_dying(MESSAGE_OUTCOME_TIMEOUT=SOON)
    world, killer = make_world(site, ["drop-before-answer:every=120"]), Killer(site, jasmin)
    jasmin.supervised = True

    kinds = list(itertools.islice(itertools.cycle(killer.kinds), KILLS))
    chance.shuffle(kinds)
    with sending(world, MESSAGES) as ids:
        moments = sorted(chance.sample(range(MESSAGES * 3 // 4), KILLS))
        for moment, kind in zip(moments, kinds, strict=True):
            eventually(lambda at=moment: len(world.texts()) >= at, timeout=180)
            killer.kill(kind)
    all_over(timeout=300)

    ends = assert_at_most_once_and_told_right(world, ids)
    unknown = Message.objects.filter(status="submitted_no_receipt")
    taken = world.texts()
    lost = Counter(
        (killer.blame(each), each.error_code, _answered_within_the_lease(each), each.body in taken)
        for each in unknown
    )
    print(f"killed {killer.counts()}: {dict(ends)}")
    for (kinds, code, answered, was_taken), count in sorted(lost.items()):
        how = f"{'accepted' if answered else 'no answer'}, {'taken' if was_taken else 'not taken'}"
        print(f"{count:4} {code}: {kinds}; gateway: {how} by the carrier")
    assert ends["delivered", ""] > 0
    assert set(ends) <= {("delivered", ""), *UNKNOWN}


def _answered_within_the_lease(message: Message) -> bool:
    """Whether the gateway had said that it has it; past the lease it is only left to reports."""
    return bool(message.taken_at) and message.taken_at - message.claimed_at < claim.LEASE
