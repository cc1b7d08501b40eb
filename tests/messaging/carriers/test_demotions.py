"""Where carriers stand that deliver too little."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.carriers.demotions import (
    PROBE_PERCENT,
    Demotion,
    Level,
    is_probe,
    placed,
    read,
    write,
)
from messaging.carriers.ranking import explain, for_country, route_positions
from orbit.ids import new_id
from tests.messaging.carriers.test_ranking import candidate

LETTERS = {"w": Level.WARN, "c": Level.CRITICAL}


@dataclass(frozen=True)
class One:
    name: str
    demotions: tuple[Demotion, ...] = ()


def line(text: str) -> list[One]:
    """`"a b:w c:c?"`: healthy, warn, critical and probing."""
    found = []
    for each in text.split():
        name, _, level = each.partition(":")
        demotions = (Demotion("FR", LETTERS[level[0]], level.endswith("?")),) if level else ()
        found.append(One(name, demotions))
    return found


def names(carriers: list[One]) -> str:
    return "".join(each.name for each in carriers)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a b c", "abc"),
        ("a:w b c", "bac"),
        ("a b:w c", "acb"),
        ("a b c:w", "abc"),
        ("a:w b:w c", "cab"),
        ("a:c b c", "bca"),
        ("a:c b:w c", "cba"),
        ("a:c b:c c", "cab"),
        ("a:c b:w", "ab"),  # nobody is healthy
        ("a:c", "a"),
    ],
)
def test_warn_is_one_place_back_and_critical_behind_all_healthy_ones(before, after):
    assert names(placed(line(before), "FR")) == after


def test_another_country_is_as_before():
    assert names(placed(line("a:c b"), "DE")) == "ab"


def test_a_probe_finds_those_that_are_probed_in_their_own_places():
    carriers = line("a:c? b:w c")

    assert names(placed(carriers, "FR")) == "cba"
    assert names(placed(carriers, "FR", probe=True)) == "acb"


def test_one_message_of_twenty_is_a_probe_and_stays_one():
    ids = [new_id("msg") for _ in range(20_000)]

    probes = [each for each in ids if is_probe(each)]

    assert PROBE_PERCENT == 5
    assert 800 < len(probes) < 1200
    assert all(is_probe(each) for each in probes)


@given(st.lists(st.sampled_from(["healthy", "warn", "critical"]), max_size=6))
def test_nobody_is_lost_and_the_healthy_keep_their_order(levels):
    carriers = [
        One(str(place), () if level == "healthy" else (Demotion("FR", Level(level), False),))
        for place, level in enumerate(levels)
    ]

    found = placed(carriers, "FR")

    assert sorted(found, key=lambda each: each.name) == carriers
    healthy = [each for each in carriers if not each.demotions]
    assert [each for each in found if not each.demotions] == healthy
    worst = [each for each in carriers if each not in healthy]
    last = [each for each in worst if each.demotions[0].level is Level.CRITICAL]
    assert not healthy or not last or found[-len(last) :] == last


@given(
    st.lists(
        st.builds(
            Demotion,
            st.sampled_from(["FR", "DE", "US"]),
            st.sampled_from([Level.WARN, Level.CRITICAL]),
            st.booleans(),
        ),
        unique_by=lambda each: each.country,
    )
)
def test_what_is_written_is_read(demotions):
    assert read(write(demotions)) == tuple(sorted(demotions))


class TestInTheOrder:
    def test_a_carrier_of_any_country_is_behind_in_that_one_alone(self):
        from_anywhere = candidate(1, countries=("*",), demotions=read("DE critical"))
        other = candidate(2, countries=("*",))
        carriers = [from_anywhere, other]

        assert [each.id for each in for_country(carriers, "DE")] == [other.id, from_anywhere.id]
        assert [each.id for each in for_country(carriers, "FR")] == [from_anywhere.id, other.id]
        assert [each.id for each in for_country(carriers, None)] == [from_anywhere.id, other.id]

    def test_one_that_lists_the_country_may_stand_behind_one_of_any(self):
        listed = candidate(1, countries=("FR",), demotions=read("FR critical"))
        anywhere = candidate(2, countries=("*",))

        explained = explain([listed, anywhere], "FR").carriers

        assert [each.candidate.id for each in explained] == [anywhere.id, listed.id]
        assert "delivers too little (critical), and stands behind" in explained[1].reason
        assert route_positions([listed, anywhere])[listed.id][0].position == 2

    def test_one_that_is_probed_says_so(self):
        behind = candidate(1, demotions=read("FR warn probing"))

        explained = explain([behind, candidate(2)], "FR").carriers

        assert explained[1].reason.endswith(
            "; it delivers too little (warn), and stands one place back; 5 % of the messages try "
            "it in its own place"
        )

    def test_advice_moves_nobody(self):
        advised = candidate(1, advised=read("FR critical"))

        explained = explain([advised, candidate(2)], "FR").carriers

        assert explained[0].candidate == advised
        assert "keeps its place: quality_mode is advise" in explained[0].reason

    def test_where_nobody_is_healthy_all_keep_their_places(self):
        carriers = [candidate(n, demotions=read("FR critical")) for n in (1, 2)]

        explained = explain(carriers, "FR").carriers

        assert [each.candidate for each in explained] == carriers
        assert "no carrier is healthy: it keeps its place" in explained[0].reason
