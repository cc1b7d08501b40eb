"""How many incidents open."""

from __future__ import annotations

from collections import Counter

from messaging.notices.decisions import CALM, Condition, Kind, Touched
from messaging.notices.limits import OF_ONE, admitted, calm, owner


def condition(key: str, *organizations: str, kind: Kind = Kind.WEBHOOK) -> Condition:
    touches = tuple(Touched(each, "x") for each in organizations)
    return Condition(key, kind, "what", "why", "advice", "/", touches=touches)


def keys(conditions: list[Condition]) -> list[str]:
    return [each.key for each in conditions]


def test_conditions_of_organisations_crowd_out_none_of_the_installation() -> None:
    theirs = [condition(f"webhook:{number}", f"org_{number}") for number in range(9)]
    ours = condition("gateway:1", "org_1", kind=Kind.GATEWAY)

    some = admitted([*theirs, ours], [], Counter(), 5)
    all_open = admitted([*theirs, ours], keys(theirs), Counter(), 5)

    assert keys(some) == [*keys(theirs[:5]), ours.key]
    assert len(all_open) == 10


def test_an_organisation_has_a_bounded_number_open_or_closed_lately() -> None:
    many = [condition(f"webhook:{number}", "org_a") for number in range(OF_ONE + 5)]
    other = condition("webhook:other", "org_b")

    found = admitted([*many, other], [], Counter({"org_a": 3}), 1_000)

    assert len(found) == OF_ONE - 3 + 1
    assert found[-1] is other


def test_what_is_open_stays_although_its_organisation_has_too_many() -> None:
    known = condition("webhook:1", "org_a")

    assert admitted([known], {known.key}, Counter({"org_a": 99}), 0) == [known]


def test_what_touches_several_organisations_is_nobodys_own() -> None:
    shared = condition("bind:host", "org_a", "org_b", kind=Kind.BIND)

    assert admitted([shared], [], Counter({"org_a": 99, "org_b": 99}), 1) == [shared]
    assert [owner(each) for each in ([], ["org_a"], ["org_a", "org_b"])] == ["", "org_a", ""]


def test_a_cause_that_comes_and_goes_has_to_be_away_longer_each_time() -> None:
    assert [calm(each) / CALM for each in (0, 1, 2, 6, 100)] == [1, 2, 4, 64, 64]
