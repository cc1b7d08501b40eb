"""The row of a credential's status is written where it changes, unless people have changed the
credential meanwhile; webhooks are told what is written."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from messaging.webhooks.models import Event, Webhook
from orbit.accounts.models import Organization
from reconciler.models import Gateway, Placement
from reconciler.state import Kind
from reconciler.status import status_rows
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import status
from tests.reconciler.states import bound, connector
from tests.reconciler.status.observing import failed, look


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, host="127.0.0.1", port=2775, system_id="acme")


# -- when it is written -------------------------------------------------------------------------


def test_since_when_tells_of_the_last_change_of_state(modelled, credential):
    long_ago = timezone.now() - timedelta(days=3)
    look(modelled, bound(credential.gateway_key))
    CredentialStatus.objects.update(bind_since=long_ago)

    look(modelled, bound(credential.gateway_key))
    assert status(credential).bind_since == long_ago

    look(modelled, connector(credential.gateway_key))
    assert status(credential).bind_since > long_ago


def test_what_was_seen_before_is_only_observed_again(modelled, credential, monkeypatch):
    look(modelled, bound(credential.gateway_key))
    first = status(credential)
    monkeypatch.delattr(status_rows, "_write_changed")

    look(modelled, bound(credential.gateway_key))

    assert status(credential).synced_at == first.synced_at
    assert status(credential).observed_at > first.observed_at


def test_a_patch_in_between_is_not_called_synced(modelled, credential):
    def patch() -> None:
        change(Credential.objects.get(pk=credential.pk), port=2776)

    look(modelled, bound(credential.gateway_key), before=patch)

    assert status(credential).sync_state == "pending"
    assert status(credential).bind_state == "unknown"


def test_a_patch_of_one_in_between_does_not_keep_others_from_being_written(
    modelled, tenant, credential
):
    other = make_credential(tenant, host="127.0.0.1", port=2776, system_id="other")

    look(
        modelled,
        bound(credential.gateway_key),
        bound(other.gateway_key),
        before=lambda: change(Credential.objects.get(pk=credential.pk), port=2777),
    )

    assert (status(credential).sync_state, status(other).sync_state) == ("pending", "synced")


def test_a_deletion_in_between_stays_pending(modelled, credential):
    def delete() -> None:
        change(Credential.objects.get(pk=credential.pk), deleted_at=timezone.now())

    look(modelled, bound(credential.gateway_key), before=delete)

    assert status(credential).sync_state == "pending"
    assert Credential.objects.filter(pk=credential.pk).exists()


def test_a_gateway_on_which_it_has_not_arrived_says_nothing_of_it(modelled, tenant, credential):
    other = Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")
    look(modelled, bound(credential.gateway_key))
    Placement.objects.filter(organization=tenant).update(gateway=other, leaving=modelled)

    look(other, connector(credential.gateway_key))
    look(modelled, bound(credential.gateway_key))

    assert (status(credential).gateway_id, status(credential).bind_state) == (modelled.pk, "bound")
    Placement.objects.filter(organization=tenant).update(leaving=None)
    look(other, connector(credential.gateway_key))
    assert (status(credential).gateway_id, status(credential).bind_state) == (other.pk, "binding")


# -- webhooks -----------------------------------------------------------------------------------


def told() -> list[tuple[str, dict]]:
    """Return types of events and their data, oldest first."""
    bodies = [json.loads(event.body) for event in Event.objects.order_by("pk")]
    return [(body["type"].removeprefix("smpp.credential."), body["data"]) for body in bodies]


def test_webhooks_are_told_of_changes_alone(modelled, tenant, credential):
    Webhook.objects.create(
        organization=tenant, url="https://127.0.0.1/", events=["*"], secret_set_at=timezone.now()
    )
    key = credential.gateway_key
    lost = failed(Kind.CONNECTOR, key, "Jasmin said no")
    for connector_now, outcomes in (
        (connector(key), None),
        (bound(key), None),
        (bound(key), None),
        (connector(key), None),
        (connector(key), lost),
        (connector(key), lost),
        (bound(key), None),
    ):
        look(modelled, connector_now, outcomes=outcomes)

    assert [(type, data["state"], data["error"]) for type, data in told()] == [
        ("bound", "bound", None),
        ("unbound", "binding", None),
        ("sync_failed", "error", "Jasmin said no"),
        ("bound", "bound", None),
    ]
    assert told()[0][1]["credential_id"] == credential.id


def test_what_is_not_written_is_not_told(modelled, tenant, credential):
    Webhook.objects.create(
        organization=tenant, url="https://127.0.0.1/", events=["*"], secret_set_at=timezone.now()
    )

    def patch() -> None:
        change(Credential.objects.get(pk=credential.pk), port=2776)

    look(modelled, bound(credential.gateway_key), before=patch)

    assert told() == []
