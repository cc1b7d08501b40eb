"""Where a carrier stands, by the counts of its minutes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.carriers.demotions import Level
from messaging.quality.decisions import MOVES, Changed, Minute, Rules, Standing, decide
from messaging.quality.figures import Count, Figures

START = datetime(2026, 3, 8, 12, tzinfo=UTC)
RULES = Rules(warn=85, critical=60, least=30, first_pause=300, longest_pause=3600)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WAIT = timedelta(seconds=20)


def minute(place: int, rate: float, messages: int = 3000, **figures: int) -> Minute:
    """The minute that begins `place` minutes after START: of its messages `rate` percent came."""
    delivered = round(messages * rate / 100)
    found = {"delivered": delivered, "undelivered": messages - delivered} | figures
    return Minute(START + place * MINUTE, Figures(**found))


def at(place: float) -> datetime:
    return START + place * MINUTE


def decided(
    standing: Standing, minutes: list[Minute], now: datetime, **options
) -> tuple[Standing, list[Changed]]:
    asked = {"wait": WAIT, "has_receipts": True, "rules": RULES} | options
    return decide(standing, minutes, now, **asked)


class Course:
    """A carrier, looked at every ten seconds. `rate` gives the percentage of each minute, and of
    the messages that find it in its own place while it is probed."""

    def __init__(self, rate: Callable[[int], float], messages: int = 3000) -> None:
        self.standing, self.moves = Standing(), []
        self._rate, self._messages = rate, messages
        self._minutes: list[Minute] = []

    def run(self, minutes: int) -> list[tuple[float, str]]:
        """Minutes after START, and the level from then on."""
        for place in range(len(self._minutes), len(self._minutes) + minutes):
            self._minutes.append(minute(place, self._rate(place), self._sent()))
            for tenth in range(6):
                now = at(place + 1) + timedelta(seconds=10 * tenth)
                self.standing, moves = decided(self.standing, self._minutes, now)
                self.moves += moves
        return [((each.at - START) / MINUTE, each.after.value) for each in self.moves]

    def _sent(self) -> int:
        if self.standing.level is Level.HEALTHY:
            return self._messages
        return self._messages // 20 if self.standing.probing_since else 0


def assert_few_moves(course: Course) -> None:
    for move in course.moves:
        hour = [each for each in course.moves if move.at - HOUR < each.at <= move.at]
        assert len(hour) <= MOVES


def test_a_fall_from_95_to_40_percent_is_acted_on_within_a_minute_of_the_evidence():
    course = Course(lambda place: 95 if place < 10 else 40)

    ((moved, level),) = course.run(14)

    # All messages of minute 10 have their receipts 20 s after its end.
    assert (level, moved) == ("critical", pytest.approx(11 + 1 / 3))


def test_it_is_back_once_messages_that_try_it_arrive():
    course = Course(lambda place: 40 if 10 <= place < 20 else 95)

    moves = course.run(40)

    assert [level for _, level in moves] == ["critical", "healthy"]
    assert 21 < moves[1][0] < 31


def test_while_they_do_not_arrive_the_pause_doubles():
    course = Course(lambda place: 40 if place >= 10 else 95)

    pauses = set()
    for _ in range(60):
        course.run(1)
        pauses.add(course.standing.pause)

    assert [move.after for move in course.moves] == [Level.CRITICAL]
    assert {300, 600, 1200} <= pauses


@pytest.mark.parametrize("every", [3, 7, 15])
def test_one_that_flaps_moves_twice_an_hour_at_most(every):
    course = Course(lambda place: 95 if place // every % 2 else 40)

    assert course.run(3 * 60)

    assert_few_moves(course)


def test_less_than_30_messages_say_nothing():
    standing, moves = decided(Standing(), [minute(0, 0, messages=29)], at(2))

    assert (standing, moves) == (Standing(), [])


def test_a_rate_that_chance_explains_says_nothing():
    assert decided(Standing(), [minute(0, 80, messages=40)], at(2))[1] == []
    assert decided(Standing(), [minute(0, 80, messages=3000)], at(2))[1] != []


def test_few_messages_are_added_up_over_a_quarter_of_an_hour():
    minutes = [minute(place, 40, messages=5) for place in range(12)]

    (move,) = decided(Standing(), minutes, at(13))[1]

    assert (move.evidence.sample, move.after) == (60, Level.CRITICAL)


def test_fresh_messages_do_not_count():
    minutes, known = [minute(4, 97), Minute(at(5), Figures(waiting=3000))], at(6) + WAIT

    assert decided(Standing(), minutes, known - timedelta(seconds=1))[1] == []
    assert decided(Standing(), minutes, known)[1] != []


def test_a_fault_of_the_number_does_not_count():
    dead = minute(0, 100, messages=100, number=900, refused_number=900, busy=500)

    assert decided(Standing(), [dead], at(2))[1] == []


def test_a_carrier_without_receipts_is_judged_by_its_answers():
    silent = Minute(at(0), Figures(waiting=1000, no_receipt=500))
    refusing = Minute(at(0), Figures(waiting=100, refused=1000))

    assert decided(Standing(), [silent], at(2), has_receipts=False)[1] == []
    assert decided(Standing(), [refusing], at(2), has_receipts=False)[1] != []


def test_one_place_back_it_may_still_prove_worse():
    warned, _ = decided(Standing(), [minute(0, 75)], at(2))
    worse, (move,) = decided(warned, [minute(0, 75), minute(2, 20)], at(4))

    assert (warned.level, worse.level) == (Level.WARN, Level.CRITICAL)
    assert (move.before, move.after) == (Level.WARN, Level.CRITICAL)


def test_what_it_did_before_it_came_back_is_no_evidence_against_it():
    back = Standing(level=Level.HEALTHY, since=at(10), pause=600, moves=(at(1), at(10)))

    standing, moves = decided(replace(back, moves=()), [minute(8, 40)], at(11))

    assert moves == []
    assert standing.level is Level.HEALTHY


def test_one_that_is_hardly_asked_comes_back_after_a_day():
    probed = Standing(Level.CRITICAL, at(0), 300, at(0), at(5))

    before, _ = decided(probed, [], at(6))
    after, (move,) = decided(probed, [], at(5) + 24 * HOUR)

    assert before == probed
    assert (after.level, move.evidence.sample) == (Level.HEALTHY, 0)


def test_a_day_later_its_past_is_forgotten():
    back = Standing(level=Level.HEALTHY, since=at(0), pause=1200)

    assert decided(back, [], at(0) + 25 * HOUR)[0].is_blank


rates = st.lists(st.sampled_from([0, 40, 60, 70, 80, 90, 97]), min_size=30, max_size=70)


@settings(max_examples=10)
@given(rates, st.sampled_from([10, 60, 3000]))
def test_the_same_rows_give_the_same_decisions(day, messages):
    def played() -> list[Changed]:
        course = Course(lambda place: day[place], messages)
        course.run(len(day))
        return course.moves

    first = played()

    assert played() == first
    for move, after in zip(first, first[1:], strict=False):
        assert move.after is after.before


@settings(max_examples=10)
@given(rates, st.sampled_from([60, 3000]))
def test_whatever_comes_it_moves_twice_an_hour_at_most(day, messages):
    course = Course(lambda place: day[place], messages)
    course.run(len(day))

    assert_few_moves(course)


def test_a_day_of_rows_played_again_gives_the_same_decisions():
    """Rows as they are kept, in whatever order they are read."""
    chance = random.Random(21)
    rates = [40 if place % 190 < 40 else 95 for place in range(24 * 60)]
    day = [
        (
            place,
            [["delivered", "", 3 * rate * 10], ["undelivered", "UNDELIV 069", 30 * (100 - rate)]],
        )
        for place, rate in enumerate(rates)
    ]

    def played(text: str) -> list[Changed]:
        standing, found, minutes = Standing(), [], []
        for place, rows in json.loads(text):
            chance.shuffle(rows)
            counts = [Count(outcome, code, -1, count) for outcome, code, count in rows]
            minutes = [*minutes[-30:], Minute(at(place), Figures().add(counts))]
            for tenth in range(0, 6, 2):
                now = at(place + 1) + timedelta(seconds=10 * tenth)
                standing, moves = decided(standing, minutes, now)
                found += moves
        return found

    kept = json.dumps(day)
    first = played(kept)

    assert len(first) > 6
    assert played(kept) == first
