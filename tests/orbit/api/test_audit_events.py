"""GET /v1/audit-events."""

from __future__ import annotations

import pytest
import time_machine
from django.db import transaction

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import AuditEvent
from tests.factories import make_organization

pytestmark = pytest.mark.django_db

URL = "/v1/audit-events"
ADA = Actor(type="user", id="7", name="ada@example.com", address="198.51.100.7")
BOB = Actor(type="api_key", id="key_1", name="Deployments", user_agent="curl/8")


@pytest.fixture
def events(key) -> None:
    rows = [
        ("2026-03-01T12:00:00Z", ADA, "credential.created", "cred_1"),
        ("2026-03-02T12:00:00Z", BOB, "credential.revealed", "cred_1"),
        ("2026-03-03T12:00:00Z", ADA, "credential.revealed", "cred_2"),
    ]
    for at, actor, action, target in rows:
        with time_machine.travel(at, tick=False), transaction.atomic():
            audit.record(
                by=actor,
                organization=key.key.organization,
                action=action,
                target=target,
                changes=["host"],
            )


def found(api, **params) -> list[tuple[str, str]]:
    response = api.get(URL, {"created_before": "2026-03-10T00:00:00Z", **params})
    assert response.status_code == 200, response.content
    return [(row["action"], row["target"]) for row in response.json()["data"]]


def test_newest_first(api, events):
    assert found(api) == [
        ("credential.revealed", "cred_2"),
        ("credential.revealed", "cred_1"),
        ("credential.created", "cred_1"),
    ]


def test_a_row_is_whole(api, events):
    row = api.get(URL, {"target": "cred_1", "action": "credential.revealed"}).json()["data"][0]
    event = AuditEvent.objects.get(pk=row["id"])
    assert row == {
        "id": event.pk,
        "seq": event.seq,
        "action": "credential.revealed",
        "target": "cred_1",
        "outcome": "ok",
        "changes": ["host"],
        "detail": "",
        "actor": {"type": "api_key", "id": "key_1", "name": "Deployments"},
        "address": "",
        "user_agent": "curl/8",
        "request_id": "",
        "mac": event.mac,
        "created_at": "2026-03-02T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"action": "credential.revealed"}, 2),
        ({"target": "cred_1"}, 2),
        ({"actor": "ada@example.com"}, 2),
        ({"actor": "key_1"}, 1),
        ({"action": "credential.revealed", "actor": "7"}, 1),
        ({"created_after": "2026-03-01T12:00:00Z"}, 2),
        ({"created_before": "2026-03-02T12:00:00Z"}, 1),
        ({"created_after": "2026-03-02T14:00:00+02:00"}, 1),
        ({"action": "credential"}, 0),
    ],
)
def test_filters(api, events, params, count):
    assert len(found(api, **params)) == count


@pytest.mark.parametrize(
    "params", [{"created_after": "yesterday"}, {"actors": "x"}, {"action": ""}, {"target": "a\0"}]
)
def test_bad_filters_are_refused(api, params):
    assert api.get(URL, params).status_code == 422


def test_others_and_the_system_are_not_shown(api, key):
    with transaction.atomic():
        audit.record(by=ADA, organization=make_organization(), action="theirs")
        audit.record(by=ADA, organization=None, action="systems")
    actions = {row["action"] for row in api.get(URL).json()["data"]}
    assert actions == {"api_key.created"}
