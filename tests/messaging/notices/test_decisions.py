"""What is opened, closed and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from messaging.notices.decisions import (
    CALM,
    Condition,
    Decisions,
    Incident,
    Kind,
    Silence,
    Touched,
    decide,
)

NOW = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)
DOWN = Condition(
    key="bind:192.0.2.1:2775",
    kind=Kind.BIND,
    what="2 credentials are not bound",
    why="ESME_RINVPASWD",
    advice="press Push",
    path="/",
    touches=(Touched("org_a", "north"), Touched("org_b", "south")),
)
KNOWN = Incident(
    id="inc_1", key=DOWN.key, kind=Kind.BIND, organization_ids=DOWN.organization_ids, told=True
)


def silence(**fields) -> Silence:
    hour = timedelta(hours=1)
    return replace(Silence(NOW - hour, NOW + hour), **fields)


def test_a_new_condition_opens_an_incident_and_is_told() -> None:
    found = decide([DOWN], [], [], NOW)

    assert found == Decisions(opened=(DOWN,), tell_opened=(DOWN.key,))


def test_what_is_told_is_not_told_again() -> None:
    found = decide([DOWN], [KNOWN], [], NOW)

    assert found == Decisions(seen=(("inc_1", DOWN),))


def test_it_is_over_only_once_its_condition_stays_away() -> None:
    first = decide([], [KNOWN], [], NOW)
    early = decide([], [replace(KNOWN, missing_since=NOW)], [], NOW + CALM / 2)
    late = decide([], [replace(KNOWN, missing_since=NOW)], [], NOW + CALM)

    assert first == Decisions(missing=("inc_1",))
    assert early == Decisions()
    assert late == Decisions(closed=("inc_1",), tell_closed=("inc_1",))


def test_the_end_waits_for_the_calm_of_the_incident() -> None:
    gone = replace(KNOWN, missing_since=NOW - CALM, calm=2 * CALM)

    assert decide([], [gone], [], NOW) == Decisions()
    assert decide([], [gone], [], NOW + CALM).closed == ("inc_1",)


def test_nothing_is_over_of_which_nobody_knows() -> None:
    gone = replace(KNOWN, missing_since=NOW - CALM)

    assert decide([], [gone], [], NOW, unread={Kind.BIND}) == Decisions()


def test_the_end_of_what_nobody_was_told_is_not_told() -> None:
    untold = replace(KNOWN, told=False, missing_since=NOW - CALM)

    assert decide([], [untold], [], NOW) == Decisions(closed=("inc_1",))


@pytest.mark.parametrize(
    ("quiet", "told"),
    [
        (silence(), False),
        (silence(kind="bind"), False),
        (silence(kind="disk"), True),
        (silence(end=NOW), True),
        (silence(start=NOW + timedelta(seconds=1)), True),
        (silence(organization_id="org_a"), True),  # it touches another one, too
    ],
)
def test_a_silence_keeps_the_row_and_tells_nobody(quiet: Silence, told: bool) -> None:
    found = decide([DOWN], [], [quiet], NOW)

    assert found.opened == (DOWN,)
    assert bool(found.tell_opened) is told


def test_an_organisations_silence_covers_what_touches_it_alone() -> None:
    own = replace(DOWN, touches=DOWN.touches[:1])

    assert not decide([own], [], [silence(organization_id="org_a")], NOW).tell_opened


def test_what_outlasts_its_silence_is_told_once() -> None:
    found = decide([DOWN], [replace(KNOWN, told=False)], [silence(end=NOW)], NOW)

    assert found.tell_opened == (DOWN.key,)
