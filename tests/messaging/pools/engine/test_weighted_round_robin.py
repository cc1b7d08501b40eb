"""Smooth weighted round robin: exact, even, and handed on."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.pools.engine.weighted_round_robin import cycle, follow

weights = st.lists(st.integers(1, 20), min_size=1, max_size=12).map(tuple)
orders = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 9)),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[0],
)


def turns(order: list[tuple[str, int]]) -> list[str]:
    return [order[place][0] for place in cycle(tuple(weight for _, weight in order))]


def by_the_book(of: tuple[int, ...]) -> list[int]:
    """The usual way of writing it, member by member."""
    credits, taken = [0] * len(of), []
    for _ in range(sum(of)):
        credits = [credit + weight for credit, weight in zip(credits, of, strict=True)]
        best = credits.index(max(credits))
        credits[best] -= sum(of)
        taken.append(best)
    return taken


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ((1,), [0]),
        ((1, 1, 1), [0, 1, 2]),
        ((7, 7), [0, 1]),
        ((5, 1, 1), [0, 0, 1, 0, 2, 0, 0]),
        ((2, 2, 4), [2, 0, 1, 2]),
    ],
)
def test_known_cycles(of, expected):
    assert list(cycle(of)) == expected


@given(of=weights)
def test_each_has_its_weight_in_turns(of):
    divisor = math.gcd(*of)
    assert Counter(cycle(of)) == {place: weight // divisor for place, weight in enumerate(of)}


@given(of=st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True).map(tuple))
def test_different_weights_take_turns_as_by_the_book(of):
    divisor = math.gcd(*of)
    assert list(cycle(of)) == by_the_book(tuple(weight // divisor for weight in of))


@given(of=weights, start=st.integers(0, 500))
def test_any_window_as_long_as_a_cycle_is_exact(of, start):
    once = cycle(of)
    window = [once[turn % len(once)] for turn in range(start, start + len(once))]
    assert Counter(window) == Counter(once)


@given(of=weights)
def test_nobody_waits_for_the_end_of_the_cycle(of):
    """At every turn, each member has had its share of the turns so far, give or take few."""
    once, total = cycle(of), sum(of)
    served = Counter()
    for turn, place in enumerate(once, start=1):
        served[place] += 1
        for each, weight in enumerate(of):
            assert abs(served[each] - turn * weight / total) < 1 + math.log(len(of))


class TestFollow:
    """Another group takes the place of one that has taken some turns."""

    @given(order=orders, turn=st.integers(0, 1000))
    def test_the_same_goes_on(self, order, turn):
        once = turns(order)
        assert follow(order, turn, order) == turn % len(once)

    @given(before=orders, after=orders, turn=st.integers(0, 1000))
    def test_the_next_who_stays_is_next(self, before, after, turn):
        old, new = turns(before), turns(after)
        start = follow(before, turn, after)
        staying = set(old) & set(new)
        if not staying:
            assert start == 0
            return
        expected = next(
            old[at % len(old)] for at in range(turn, turn + len(old)) if old[at % len(old)] in new
        )
        assert new[start] == expected

    def test_a_new_one_comes_last(self):
        before, after = [("a", 1), ("b", 1)], [("a", 1), ("b", 1), ("c", 1)]
        assert [turns(after)[follow(before, turn, after)] for turn in (0, 1, 2)] == ["a", "b", "a"]

    def test_one_that_goes_is_passed_over(self):
        before, after = [("a", 1), ("b", 1), ("c", 1)], [("a", 1), ("c", 1)]
        assert turns(after)[follow(before, 1, after)] == "c"

    def test_who_was_served_stays_served(self):
        """Three of a's five turns are over: with weight 10 it is six of ten."""
        before, after = [("a", 5), ("b", 1)], [("a", 10), ("b", 1)]
        assert turns(before) == ["a", "a", "a", "b", "a", "a"]
        start = follow(before, 4, after)
        assert turns(after)[:start].count("a") == 6

    @given(changes=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40))
    def test_nobody_starves_while_members_come_and_go(self, changes):
        """After each turn a member comes or goes; those that stay have about their share."""
        present, turn, order = {"x", "y"}, 0, [("x", 1), ("y", 1)]
        served = Counter()
        for change in changes:
            once = turns(order)
            served[once[turn % len(once)]] += 1
            present ^= {change}
            after = [(each, 1) for each in sorted(present)]
            turn, order = follow(order, turn + 1, after), after
        assert abs(served["x"] - served["y"]) <= 1 + len(changes) // 8
