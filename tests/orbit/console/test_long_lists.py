"""Searches of lists that may have a million rows: by whole values, or among few or recent rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orbit.accounts.actors import SYSTEM, command
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.console import bind_history
from reconciler.models import BindChange
from tests.messaging.messages.conftest import make_carrier, make_message

pytestmark = pytest.mark.sqlite

AUDIT = "/admin/accounts/auditevent/"
BINDS = "/admin/reconciler/bindchange/"
MESSAGES = "/admin/messaging/message/"


def found(client, address: str) -> list:
    return list(client.get(address).context["cl"].result_list)


@pytest.fixture
def organization(db) -> Organization:
    return Organization.objects.create(name="Acme")


@pytest.mark.parametrize(
    ("term", "finds"),
    [("carr_1", True), ("carrier.deleted", True), ("carr", False), ("CARR_1", False), ("", True)],
)
def test_the_audit_is_searched_by_whole_values(operator, organization, term, finds):
    audit.record(by=SYSTEM, organization=organization, action="carrier.deleted", target="carr_1")
    targets = {event.target for event in found(operator, f"{AUDIT}?q={term}")}
    assert ("carr_1" in targets) is finds


def test_the_audit_of_a_time_and_of_an_outcome(operator, organization):
    about = {"by": SYSTEM, "organization": organization, "target": "carr_1"}
    refused = audit.record(action="carrier.deleted", outcome="refused", **about)
    audit.record(action="carrier.updated", **about)
    assert found(operator, f"{AUDIT}?outcome__exact=refused&created=hour") == [refused]
    old = f"{timezone.now() - timedelta(days=2):%Y-%m-%dT%H:%M:%S%z}"
    assert found(operator, f"{AUDIT}?created={old}/{old}".replace("+", "%2B")) == []


@pytest.mark.parametrize(("term", "count"), [("ORANGE", 3), ("orang", 3), ("closed", 2), ("x", 0)])
def test_bind_changes_are_found_by_credential_and_by_recent_reason(
    operator, carrier, monkeypatch, term, count
):
    monkeypatch.setattr(bind_history, "RECENT", 2)
    for _ in range(3):
        BindChange.objects.create(
            credential=carrier.credential, state="unbound", reason="it closed", at=timezone.now()
        )
    assert len(found(operator, f"{BINDS}?q={term}")) == count
    assert len(found(operator, f"{BINDS}?q={carrier.credential_id}")) == 3


def test_messages_of_a_carrier_are_those_that_took_it(operator, organization):
    carrier, other = make_carrier(organization), make_carrier(organization)
    through = make_message(organization, status="delivered", carrier=carrier)
    make_message(organization, status="delivered", carrier=other, wanted_carrier=carrier)
    make_message(organization, wanted_carrier=carrier)
    assert found(operator, f"{MESSAGES}?carrier__id__exact={carrier.pk}") == [through]


def test_the_audit_of_a_type_of_actors(operator, organization):
    about = {"organization": organization, "action": "carrier.updated", "target": "carr_1"}
    by_command = audit.record(by=command("prune"), **about)
    audit.record(by=SYSTEM, **about)
    assert found(operator, f"{AUDIT}?actor_type__exact=command") == [by_command]
    assert len(found(operator, f"{AUDIT}?actor_type__exact=nobody")) == 0
