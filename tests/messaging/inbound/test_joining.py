"""Which parts make a text: never of two texts one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.inbound.joining import SETTLE, Gathered, Piece, Waiting, gather, in_order

START = datetime(2026, 1, 1, tzinfo=UTC)
WAIT = timedelta(minutes=15)


def piece(
    octets: str, number: int, of: int = 2, at: float = 0, text: str | None = None, coding: int = 0
) -> Piece:
    return Piece(number, of, (octets, coding), START + timedelta(seconds=at), WAIT, text)


def said(texts: list[Gathered]) -> list[str]:
    return ["".join(each.content[0] for each in text.pieces) for text in texts]


def after_settling(waiting: Waiting) -> list[str]:
    return said([*waiting.whole, *waiting.settled()])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_parts_join_in_any_order(order):
    parts = [piece("abc"[place], place + 1, 3, at) for at, place in enumerate(order)]

    waiting = gather(parts)

    assert (said(waiting.whole), waiting.texts, waiting.spare) == (["abc"], [], [])


@pytest.mark.parametrize("again", range(3))
@pytest.mark.parametrize("before", range(4))
def test_a_part_that_is_repeated_changes_nothing(again, before):
    parts = [piece("abc"[place], place + 1, 3, place) for place in range(3)]
    repeated = piece("abc"[again], again + 1, 3, 2)
    if before > again:
        parts.insert(before, repeated)
    else:
        parts.append(repeated)

    waiting = gather(parts)

    assert said(waiting.whole) == ["abc"]
    assert (waiting.texts, said([*waiting.settled()])) == ([], [])
    assert [each.content[0] for each in waiting.spare] == ["abc"[again]]


def test_a_repetition_of_a_text_that_was_told_is_no_text():
    waiting = gather(
        [piece("a", 1, text="msg_1"), piece("b", 2, text="msg_1"), piece("b", 2, at=5)]
    )

    assert (said(waiting.whole), waiting.texts, waiting.settled()) == ([], [], [])


def test_a_reference_that_is_used_again_begins_another_text():
    """The rest of the first one is lost: the second is whole once nothing else has come."""
    waiting = gather([piece("A1", 1), piece("B1", 1, at=1), piece("B2", 2, at=2)])

    assert said(waiting.whole) == []
    assert waiting.is_unsettled
    assert after_settling(waiting) == ["B1B2"]
    assert said(waiting.given_up()) == ["A1"]


def test_the_rest_of_the_first_text_may_come_late():
    first = piece("A1", 1)
    gather([first, piece("B1", 1, at=1), piece("B2", 2, at=2)]).settled()

    told = [piece("B1", 1, at=1, text="msg_1"), piece("B2", 2, at=2, text="msg_1")]
    waiting = gather(in_order([first, *told, piece("A2", 2, at=SETTLE.total_seconds() + 9)]))

    assert said(waiting.whole) == ["A1A2"]


def test_texts_that_follow_each_other_with_one_reference_are_told_at_once():
    parts = [piece(f"{name}{n}", n, at=at) for at, (name, n) in enumerate(
        [("A", 1), ("A", 2), ("B", 2), ("B", 1), ("C", 1), ("C", 2)]
    )]  # fmt: skip

    assert said(gather(parts).whole) == ["A1A2", "B1B2", "C1C2"]


def test_texts_that_came_mixed_are_not_joined():
    waiting = gather(
        [piece("A1", 1), piece("B1", 1, at=1), piece("X2", 2, at=2), piece("Y2", 2, at=3)]
    )

    assert after_settling(waiting) == ["A1", "B1", "X2", "Y2"]


def test_a_part_that_may_be_of_either_text_is_given_up_by_itself():
    waiting = gather(
        [piece("A1", 1, 3), piece("A3", 3, 3), piece("B1", 1, 3, 1), piece("?2", 2, 3, 2)]
    )

    assert after_settling(waiting) == []
    assert said(waiting.given_up()) == ["A1A3", "B1", "?2"]


def test_after_the_time_that_parts_wait_it_is_another_text():
    waiting = gather([piece("A1", 1), piece("B2", 2, at=901)])

    assert said(waiting.whole) == []
    assert said(waiting.given_up()) == ["A1", "B2"]


def test_another_alphabet_is_another_text_unless_it_follows_at_once():
    """Some carriers write each part in the alphabet that it needs."""
    assert said(gather([piece("a", 1), piece("b", 2, at=59, coding=8)]).whole) == ["ab"]
    assert said(gather([piece("a", 1), piece("b", 2, at=61, coding=8)]).whole) == []


def test_two_texts_that_begin_alike_are_two():
    """A phone that never changes its reference: the part that repeats one fills the gap."""
    told = [piece("alarm", 1, text="msg_1"), piece("door", 2, text="msg_1")]
    waiting = gather([*told, piece("alarm", 1, at=100), piece("window", 2, at=101)])

    assert said(waiting.whole) == []
    assert after_settling(waiting) == ["alarmwindow"]


def test_a_repetition_from_long_before_fills_no_gap():
    told = [piece("A1", 1, text="msg_1"), piece("A2", 2, text="msg_1")]
    waiting = gather([*told, piece("A2", 2, at=1), piece("B1", 1, at=120)])

    assert after_settling(waiting) == []
    assert said(waiting.given_up()) == ["B1"]


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 3), st.integers(0, 2000)),
        max_size=12,
        unique_by=lambda each: each[:2],
    )
)
def test_each_part_is_told_once_or_waits(parts):
    """Whatever comes, in whatever order, none is lost and none is in two texts."""
    came = sorted(parts, key=lambda each: each[2])
    pieces = [piece(f"{name}{number}", number, 3, at) for name, number, at in came]

    waiting = gather(pieces)
    texts = [*waiting.whole, *waiting.settled(), *waiting.given_up()]
    kept = [each for text in texts for each in text.pieces] + waiting.spare

    assert sorted(map(id, kept)) == sorted(map(id, pieces))
    for text in texts:
        assert len({each.number for each in text.pieces}) == len(text.pieces) <= 3


@given(st.permutations([("A", 1), ("A", 2), ("A", 3), ("B", 1), ("B", 2), ("B", 3)]))
def test_two_texts_that_are_both_there_are_joined_rightly_or_not_at_all(order):
    """With one reference, whole, at once: what is told as whole has one text's parts, unless the
    parts came so that each order of sending explains them."""
    pieces = [piece(f"{name}{number}", number, 3, at) for at, (name, number) in enumerate(order)]

    waiting = gather(pieces)
    first = [each.content[0] for text in waiting.whole[:1] for each in text.pieces]
    if [name for name, _ in order[:3]] in (["A"] * 3, ["B"] * 3):
        assert len({each[0] for each in first}) == 1
        assert len(waiting.whole) == 2
