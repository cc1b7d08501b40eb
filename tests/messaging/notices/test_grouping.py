"""What only follows from another incident is none of its own."""

from __future__ import annotations

import pytest

from messaging.notices.decisions import Condition, Incident, Kind, Touched
from messaging.notices.grouping import causes


def condition(kind: Kind, *organizations: str, key: str = "") -> Condition:
    touches = tuple(Touched(each, each) for each in organizations)
    return Condition(key or f"{kind}:1", kind, "what", "why", "advice", "/", touches=touches)


def incident(kind: Kind, *organizations: str, key: str = "") -> Incident:
    return Incident("inc_1", key or f"{kind}:1", kind, frozenset(organizations), told=True)


QUEUE = condition(Kind.QUEUE, "org_a", key="queue")


@pytest.mark.parametrize("kind", [Kind.BIND, Kind.GATEWAY, Kind.THROTTLED, Kind.SLOW])
def test_messages_that_wait_for_a_carrier_in_trouble_are_its_incident(kind: Kind) -> None:
    cause = condition(kind, "org_a", "org_b")

    assert causes([QUEUE, cause], []) == [cause]
    assert causes([QUEUE], [incident(kind, "org_a")]) == []


def test_a_queue_is_told_of_those_whom_nothing_else_touches() -> None:
    both = condition(Kind.QUEUE, "org_a", "org_b", key="queue")

    _, found = causes([condition(Kind.BIND, "org_a"), both], [])

    assert [each.name for each in found.touches] == ["org_b"]


def test_a_webhook_that_fails_explains_no_queue() -> None:
    assert QUEUE in causes([QUEUE, condition(Kind.WEBHOOK, "org_a")], [])


def test_what_is_open_stays_when_its_cause_is_found_later() -> None:
    assert QUEUE in causes(
        [QUEUE, condition(Kind.BIND, "org_a")], [incident(Kind.QUEUE, key="queue")]
    )


def test_a_gateway_that_is_away_takes_its_binds_and_its_log_with_it() -> None:
    away = condition(Kind.GATEWAY, "org_a", key="gateway:gw_1")
    bind, log = condition(Kind.BIND, "org_a"), condition(Kind.LOG, key="log:gw_1")

    assert causes([away, bind, log], []) == [away]
    assert causes([bind, log], [incident(Kind.GATEWAY, "org_a", key="gateway:gw_1")]) == []


def test_binds_of_others_and_logs_of_other_gateways_are_told() -> None:
    away = condition(Kind.GATEWAY, "org_a", key="gateway:gw_1")
    shared, log = condition(Kind.BIND, "org_a", "org_b"), condition(Kind.LOG, key="log:gw_2")

    assert causes([away, shared, log], []) == [away, shared, log]
