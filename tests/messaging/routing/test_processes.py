"""Choices from 4 processes at once, over the real Redis and PostgreSQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

import pytest

from messaging.pools.engine.values import State
from messaging.pools.models import StickySender
from messaging.routing.senders import look
from tests.factories import make_organization
from tests.messaging.pools.conftest import AMERICA, FRANCE, Api, members, roster, take_sender
from tests.messaging.routing.processes import Chosen, choose_at_once

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

CHOICES, MANY = 800, 2_000
SENDERS = [f"+3370000000{number}" for number in range(7)]
GERMANY = "+4915123456789"
EVERYWHERE = (FRANCE, GERMANY, AMERICA)
WEIGHTS = (1, 2, 3, 5, 8, 13, 20)  # 52 turns


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other processes have to see them."""
    return make_organization()


@pytest.fixture
def run(api: Api, stack) -> Callable[..., list[Chosen]]:
    def choose(pool_id: str, destinations=EVERYWHERE, count: int = CHOICES) -> list[Chosen]:
        chosen = choose_at_once(stack, pool_id, count, destinations)
        assert len(chosen) == count
        return chosen

    return choose


def spread(counts: Counter) -> int:
    return max(counts.values()) - min(counts.values())


def in_turn(chosen: list[Chosen]) -> list[str]:
    """Senders in the order of their turns, of which none was lost or given twice."""
    chosen = sorted(chosen, key=lambda each: each.turn)
    turns_taken = [each.turn for each in chosen]
    assert turns_taken == list(range(turns_taken[0], turns_taken[0] + len(chosen)))
    return [each.sender for each in chosen]


def test_round_robin_is_even(api, run):
    pool_id = api.add(*SENDERS)
    named = look(roster(pool_id), FRANCE, count=100)
    chosen = run(pool_id)

    counts = Counter(each.sender for each in chosen)
    assert len(counts) == len(SENDERS)
    assert spread(counts) <= 1
    assert in_turn(chosen)[:100] == [choice.member.sender for choice in named]
    assert_goes_on(api, pool_id)


def test_weights_are_exact_in_every_full_cycle(api, run):
    weighted = dict(zip(SENDERS, WEIGHTS, strict=True))
    pool_id = api.add(
        *({"sender": sender, "weight": weight} for sender, weight in weighted.items()),
        strategy="weighted",
    )
    chosen = run(pool_id, count=MANY)

    taken, whole = in_turn(chosen), sum(WEIGHTS)
    for start in range(0, MANY - whole, whole):
        assert Counter(taken[start : start + whole]) == weighted
    for sender, weight in weighted.items():
        assert abs(taken.count(sender) - MANY * weight / whole) <= 1
    assert_goes_on(api, pool_id)


def test_random_goes_by_the_seed_and_loses_no_turn(api, run):
    pool_id = api.add(*SENDERS, strategy="random")
    pool = roster(pool_id)
    group = pool.shortlist(FRANCE).group
    chosen = run(pool_id)

    expected = [group.next(State(turn=turn)).sender for turn in range(CHOICES)]
    assert in_turn(chosen) == expected
    assert_goes_on(api, pool_id)


def test_the_least_recently_used_takes_turns(api, run):
    pool_id = api.add(*SENDERS, strategy="least_recently_used")
    chosen = run(pool_id)
    assert spread(Counter(each.sender for each in chosen)) <= 1
    assert_goes_on(api, pool_id)


def assert_goes_on(api: Api, pool_id: str) -> None:
    """After the rush, what is previewed is what comes."""
    pool = roster(pool_id)
    named = [choice.member.sender for choice in look(pool, GERMANY, count=20)]
    assert [take_sender(pool, GERMANY).member.sender for _ in range(20)] == named


def test_each_eligible_set_has_its_own_cycle(api, run):
    """Two of seven may not send to France: five take turns there, seven elsewhere."""
    abroad = [{"sender": sender, "countries": ["DE", "US"]} for sender in SENDERS[:2]]
    pool_id = api.add(*abroad, *SENDERS[2:])
    by_country = defaultdict(Counter)
    for each in run(pool_id):
        by_country[each.destination == FRANCE][each.sender] += 1
    assert [len(by_country[key]) for key in (True, False)] == [5, 7]
    assert [spread(by_country[key]) <= 1 for key in (True, False)] == [True, True]


@pytest.mark.slow("three rounds of four processes")
def test_sticky_never_moves_while_its_member_may_send_and_then_once(api, run):
    numbers = [f"+336399{number:05}" for number in range(100)]
    pool_id = api.add(*SENDERS, sticky=True)

    first = senders_by_destination(run(pool_id, numbers))
    assert {len(found) for found in first.values()} == {1}
    counts = Counter(sender for found in first.values() for sender in found)
    assert len(counts) == len(SENDERS)

    gone = SENDERS[0]
    off = {"sender": gone, "enabled": False}
    api.patch(f"/{pool_id}", {"members": [off, *members(*SENDERS[1:])]})
    second = senders_by_destination(run(pool_id, numbers))
    assert {len(found) for found in second.values()} == {1}
    moved = {number for number in numbers if second[number] != first[number]}
    assert moved == {number for number in numbers if first[number] == {gone}}
    assert not any(found == {gone} for found in second.values())
    assert StickySender.objects.count() == len(numbers)

    api.patch(f"/{pool_id}", {"members": members(*SENDERS)})
    assert senders_by_destination(run(pool_id, numbers, count=400)) == second


def senders_by_destination(chosen: list[Chosen]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for each in chosen:
        found[each.destination].add(each.sender)
    return found


def test_members_that_come_and_go_do_not_start_the_cycle_anew(api, run):
    """Choices, one more member, choices, one member less, choices."""
    lists = [SENDERS[:5], SENDERS[:6], SENDERS[1:6]]
    pool_id = api.add(*lists[0])
    counts = Counter()
    for number, senders in enumerate(lists):
        if number:
            api.patch(f"/{pool_id}", {"members": members(*senders)})
        named = look(roster(pool_id), FRANCE)[0].member.sender
        chosen = run(pool_id, count=403)
        assert in_turn(chosen)[0] == named
        found = Counter(each.sender for each in chosen)
        assert set(found) == set(senders)
        assert spread(found) <= 1
        counts += found
    # Members that stayed all the time, over all three processes: none began twice.
    assert spread(Counter({sender: counts[sender] for sender in SENDERS[1:5]})) <= 1
