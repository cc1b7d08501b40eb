"""The pure choice, without a database."""

from __future__ import annotations

from collections import Counter

import pytest

from messaging.countries import COUNTRIES
from messaging.numbers import SenderType, sender_type
from messaging.pools.engine import geo_match
from messaging.pools.engine.choice import Pool, choose, state_after
from messaging.pools.engine.eligibility import REFUSED, REGISTERED, TABLE, faults, may_send
from messaging.pools.engine.geo_match import Place, place_of
from messaging.pools.engine.values import Member, State, Step, Strategy

FRANCE = "+33639980001"


def pool(*senders: str, strategy: str = "round_robin", **fields) -> Pool:
    members = [Member(f"mem_{sender}", sender, sender_type(sender)) for sender in senders]
    return Pool("pool_1", Strategy(strategy), tuple(members), **fields)


def run(of: Pool, count: int, destination: str = FRANCE, state: State | None = None) -> list[str]:
    """Senders of so many messages, one after the other."""
    found, state = [], state or State()
    for _ in range(count):
        choice = choose(of, destination, state)
        found.append(choice.member.sender)
        state = state_after(of, choice, state)
    return found


def test_the_same_state_gives_the_same_choice():
    one, other = pool("A", "B"), pool("A", "B")
    assert choose(one, FRANCE, State(turn=7)) == choose(other, FRANCE, State(turn=7))
    assert choose(one, FRANCE, State(turn=7)).turn == 7


def test_the_least_recently_used_comes_first_and_who_never_was_before_all():
    of = pool("A", "B", "C", strategy="least_recently_used")
    assert run(of, 7) == ["A", "B", "C", "A", "B", "C", "A"]
    assert run(of, 3, state=State(used={"mem_A": 9, "mem_C": 4})) == ["B", "C", "A"]


class TestRandom:
    def test_it_goes_by_the_seed(self):
        once = run(pool("A", "B", "C", strategy="random", seed=1), 50)
        assert run(pool("A", "B", "C", strategy="random", seed=1), 50) == once
        assert run(pool("A", "B", "C", strategy="random", seed=2), 50) != once

    def test_it_is_about_even_and_has_no_cycle(self):
        found = run(pool("A", "B", "C", "D", strategy="random", seed=42), 4000)
        assert all(800 < count < 1200 for count in Counter(found).values())
        assert found[:4] * 1000 != found

    def test_weights_are_for_the_strategy_weighted_alone(self):
        members = tuple(
            Member(f"mem_{name}", name, SenderType.ALPHANUMERIC, weight=weight)
            for name, weight in (("A", 1), ("B", 100))
        )
        for strategy in (Strategy.RANDOM, Strategy.ROUND_ROBIN):
            counts = Counter(run(Pool("pool_1", strategy, members), 1000))
            assert counts["B"] < 600


class TestGroups:
    def test_the_same_members_are_the_same_group_wherever_they_are_for(self):
        of = pool("A", "B")
        assert of.shortlist(FRANCE).group.key == of.shortlist("+4915123456789").group.key

    @pytest.mark.parametrize("other", [("B", "A"), ("A",), ("A", "B", "C")])
    def test_others_are_another(self, other):
        assert (
            pool("A", "B").shortlist(FRANCE).group.key != pool(*other).shortlist(FRANCE).group.key
        )

    def test_places_are_worked_out_once_and_are_not_more_than_needed(self):
        of = pool("+14155550100", geo_match=True)
        places = {of.shortlist(f"+1{area}5552671").place for area in (212, 312, 702, 415)}
        assert places == {Place("US"), Place("US", "415")}
        assert of.shortlist("+14155550000") is of.shortlist("+14155559999")

    def test_a_pool_that_does_not_match_places_knows_countries_only(self):
        assert pool("+14155550100").shortlist("+14155552671").place == Place("US")


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+14155552671", Place("US", "415")),
        ("+14165552671", Place("CA", "416")),
        ("+17875552671", Place("PR")),
        ("+442079460100", Place("GB")),
        ("+33142685300", Place("FR")),
        ("+80012345678", Place(None)),
    ],
)
def test_places(number, place):
    assert place_of(number) == place


class TestTheTableOfCountries:
    def test_its_countries_are_countries(self):
        assert REFUSED | REGISTERED <= COUNTRIES
        assert not REFUSED & REGISTERED

    def test_every_entry_has_its_sources(self):
        for table in ("refused", "registered"):
            for country, sources in TABLE[table].items():
                assert sources, country
                assert set(sources) <= TABLE["sources"].keys(), country
        assert all(len(TABLE["refused"][country]) >= 2 for country in REFUSED)

    @pytest.mark.parametrize("country", ["US", "CA", "CN"])
    def test_those_that_everybody_knows(self, country):
        assert country in REFUSED

    @pytest.mark.parametrize("country", ["FR", "DE", "GB"])
    def test_those_that_take_names(self, country):
        assert country not in REFUSED | REGISTERED

    def test_numbers_are_no_names(self):
        choice = choose(pool("+33700000001", "ACME"), "+14155552671", State())
        assert [each.eligible for each in choice.candidates] == [True, False]
        assert choice.step is Step.STRATEGY


def test_many_countries_are_not_all_listed():
    member = Member(
        "mem_1", "ACME", SenderType.ALPHANUMERIC, countries=("BE", "CH", "DE", "ES", "IT", "LU")
    )
    [candidate] = choose(Pool("pool_1", Strategy.RANDOM, (member,)), FRANCE, State()).candidates
    assert candidate.reason == "sends to BE, CH, DE, ES, IT and 1 more only"


@pytest.mark.parametrize("country", ["US", "FR", None])
@pytest.mark.parametrize("countries", [(), ("US",), ("FR", "BE")])
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("sender", ["ACME", "36179", "+14155550100"])
def test_who_has_no_fault_may_send(sender, enabled, countries, country):
    member = Member("mem_1", sender, sender_type(sender), 1, countries, enabled)
    assert may_send(member, country) is not any(faults(member, country))


def test_reasons_are_made_for_those_who_ask_alone(monkeypatch):
    """Kept for each place, those of a thousand members filled the memory of the web process."""
    of = pool("A", "B", geo_match=True)
    monkeypatch.setattr(geo_match, "_candidate", lambda *_, **__: pytest.fail("was made"))
    assert choose(of, FRANCE, State()).member
