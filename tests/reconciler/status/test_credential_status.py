"""The status of a credential: as the pass saw it, unless it was changed meanwhile."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.webhooks.models import Event, Webhook
from orbit.accounts.models import Organization
from reconciler import desired
from reconciler.diff import Action, Change
from reconciler.models import ConnectorRecord, Gateway, Placement
from reconciler.state import Kind
from reconciler.status import credential_status, status_rows
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.states import bound, connector, state

WAITS = "waits for the deleted credential of this account to leave the gateway"


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, host="127.0.0.1", port=2775, system_id="acme")


def look(gateway: Gateway, *objects, outcomes=None, before=lambda: None) -> bool:
    """A pass that found these objects; `before`: what happens between snapshot and writing."""
    wanted = desired.build(desired.take_snapshot(gateway))
    before()
    return credential_status.observe(gateway, wanted, state(*objects), outcomes)


def status(credential: Credential) -> CredentialStatus:
    return CredentialStatus.objects.get(pk=credential.pk)


def failed(kind: Kind, key: str, said: str) -> dict[Change, str]:
    return {Change(kind, key, Action.CREATE, "missing"): said}


# -- what is seen -----------------------------------------------------------------------------


def test_a_bind_that_is_up_is_synced_and_bound(modelled, credential):
    look(modelled, bound(credential.gateway_key))

    seen = status(credential)
    assert (seen.sync_state, seen.sync_error) == (SyncState.SYNCED, "")
    assert (seen.bind_state, seen.bind_error) == (BindState.BOUND, "")
    assert seen.gateway_id == modelled.pk
    assert seen.synced_at and seen.bind_since and seen.observed_at


def test_a_bind_that_is_on_its_way_is_binding(modelled, credential):
    look(modelled, connector(credential.gateway_key, session="BIND_TRX_PENDING"))

    assert status(credential).bind_state == BindState.BINDING


def test_a_disabled_one_is_disabled(modelled, credential):
    change(credential, enabled=False)

    look(modelled, connector(credential.gateway_key, running=False))

    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "disabled")


def test_what_could_not_be_done_is_an_error_of_its_credential_alone(modelled, tenant, credential):
    other = make_credential(tenant, host="127.0.0.1", port=2776, system_id="other")
    outcomes = failed(Kind.CONNECTOR, credential.gateway_key, "Jasmin said no")

    look(modelled, bound(other.gateway_key), outcomes=outcomes)

    assert (status(credential).sync_state, status(credential).sync_error) == (
        "error",
        "Jasmin said no",
    )
    assert (status(credential).bind_state, status(credential).bind_error) == (
        "unbound",
        "Jasmin said no",
    )
    assert (status(other).sync_state, status(other).bind_state) == ("synced", "bound")


def test_what_could_not_be_done_does_not_hide_that_the_bind_lives(modelled, credential):
    outcomes = failed(Kind.USER, credential.gateway_key, "Jasmin said no")

    look(modelled, bound(credential.gateway_key), outcomes=outcomes)

    assert (status(credential).sync_state, status(credential).bind_state) == ("error", "bound")


def test_a_host_that_is_not_allowed_is_an_error_that_says_so(modelled, credential, settings):
    settings.SMPP_ALLOWED_NETWORKS = []

    look(modelled)

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("error", "unbound")
    assert "127.0.0.1 is not allowed" in seen.sync_error


def test_a_name_without_an_address_is_an_error_that_says_so(modelled, tenant, names):
    credential = make_credential(tenant, host="dead.example", port=1, system_id="acme")

    look(modelled)

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("error", "unbound")
    assert seen.bind_error == "dead.example does not exist in the DNS"


@pytest.mark.parametrize("held", [True, False])
def test_why_a_bind_is_down_stays_to_be_read(modelled, credential, held):
    known = {"diagnosis": "invalid password.", "version": credential.version}
    ConnectorRecord.objects.create(credential=credential, host="127.0.0.1", held=held, **known)

    look(modelled, connector(credential.gateway_key, running=not held))

    assert status(credential).sync_state == "synced"
    assert (status(credential).bind_state, status(credential).bind_error) == (
        "unbound",
        "invalid password.",
    )


def test_why_it_was_down_before_a_change_says_nothing_now(modelled, credential):
    ConnectorRecord.objects.create(
        credential=credential, host="127.0.0.1", diagnosis="old", version=1
    )
    change(credential, port=2776)

    look(modelled, connector(credential.gateway_key))

    assert (status(credential).bind_state, status(credential).bind_error) == ("binding", "")


def test_a_bind_that_is_up_has_no_past(modelled, credential):
    known = {"diagnosis": "invalid password.", "version": credential.version, "failures": 5}
    ConnectorRecord.objects.create(credential=credential, host="127.0.0.1", **known)

    look(modelled, bound(credential.gateway_key))

    record = ConnectorRecord.objects.get(pk=credential.pk)
    assert (record.failures, record.held, record.retry_at, record.diagnosis) == (0, False, None, "")


def test_one_made_again_says_what_it_waits_for(modelled, tenant, credential):
    change(credential, deleted_at=timezone.now())
    again = make_credential(tenant, host="127.0.0.1", port=2775, system_id="acme")

    look(modelled, bound(credential.gateway_key), connector(again.gateway_key, running=False))

    assert (status(again).bind_state, status(again).bind_error) == ("unbound", WAITS)


def test_a_credential_without_a_status_row_gets_one(modelled, credential):
    CredentialStatus.objects.all().delete()

    look(modelled, bound(credential.gateway_key))

    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "bound")


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


# -- what not every gateway can -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "verified"),
    [
        ({"ssl": "yes", "tls_verify": "full"}, True),
        ({"ssl": "yes", "tls_verify": "unchecked"}, False),
        ({"ssl": "no", "tls_verify": "full"}, False),
        ({"ssl": "yes"}, False),  # a stock Jasmin
    ],
)
def test_a_bind_is_verified_as_its_connector_is_set(modelled, credential, settings, verified):
    look(modelled, bound(credential.gateway_key, settings=settings))
    assert status(credential).tls_verified is verified

    look(modelled, connector(credential.gateway_key, settings=settings))
    assert status(credential).tls_verified is False


def test_a_password_that_the_gateway_can_not_send_is_an_error_that_says_so(modelled, credential):
    change(credential, password="123456789")

    look(modelled)

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("error", "unbound")
    assert "at most 8 characters" in seen.sync_error
    assert "123456789" not in seen.sync_error


def test_what_is_left_out_is_said_and_the_bind_lives(modelled, credential):
    change(credential, tlvs=[{"tag": "0x1400", "type": "int8", "value": 1}])

    look(modelled, bound(credential.gateway_key))

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state, seen.bind_error) == ("error", "bound", "")
    assert "no TLVs" in seen.sync_error
