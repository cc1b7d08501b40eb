"""Webhook events of a credential whose status has changed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.credentials.events import events_of
from messaging.credentials.models import Credential, CredentialStatus

BOUND, UNBOUND, FAILED = (f"smpp.credential.{what}" for what in ("bound", "unbound", "sync_failed"))


def status(bind: str, sync: str = "synced", error: str = "") -> CredentialStatus:
    return CredentialStatus(bind_state=bind, bind_error=error, sync_state=sync, sync_error=error)


def told(before: CredentialStatus, after: CredentialStatus) -> list[str]:
    credential = Credential(organization_id="org_1")
    found = events_of(credential, before=before, after=after, at=timezone.now())
    return [each.type for each in found]


@pytest.mark.parametrize(
    ("before", "after", "types"),
    [
        ("unknown", "bound", [BOUND]),
        ("binding", "bound", [BOUND]),
        ("unbound", "bound", [BOUND]),
        ("bound", "bound", []),
        ("bound", "binding", [UNBOUND]),
        ("bound", "unbound", [UNBOUND]),
        ("bound", "unknown", [UNBOUND]),  # the gateway is down
        ("unknown", "unbound", []),
        ("binding", "unbound", []),  # it was not bound before
        ("unknown", "binding", []),
        ("bound", "disabled", []),  # by its owner
        ("disabled", "binding", []),
        ("disabled", "bound", [BOUND]),
    ],
)
def test_binds_that_come_up_and_binds_that_are_lost(before, after, types):
    assert told(status(before), status(after)) == types


@pytest.mark.parametrize(
    ("before", "after", "types"),
    [
        (("pending", ""), ("error", "no"), [FAILED]),
        (("synced", ""), ("error", "no"), [FAILED]),
        (("error", "no"), ("error", "no"), []),
        (("error", "no"), ("error", "never"), [FAILED]),
        (("error", "no"), ("synced", ""), []),
    ],
)
def test_a_failure_to_sync_is_told_once_a_reason(before, after, types):
    assert told(status("binding", *before), status("binding", *after)) == types


def test_it_says_of_which_and_why():
    credential = Credential(
        organization_id="org_1", name="Main", host="smpp.example", port=2775, system_id="acme"
    )
    now = timezone.now()

    lost, failed = events_of(
        credential, before=status("bound"), after=status("unbound", "error", "no way"), at=now
    )

    assert lost.organization_id == "org_1" and lost.url == ""
    assert lost.data == {
        "credential_id": credential.id,
        "name": "Main",
        "host": "smpp.example",
        "port": 2775,
        "system_id": "acme",
        "state": "unbound",
        "error": "no way",
        "at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert failed.data == lost.data | {"state": "error"}
