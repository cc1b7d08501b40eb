"""The status of a credential: what a pass says of what it saw."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from orbit.accounts.models import Organization
from reconciler.models import ConnectorRecord
from reconciler.state import Kind
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import status
from tests.reconciler.states import bound, connector
from tests.reconciler.status.observing import failed, look

WAITS = "waits for the deleted credential of this account to leave the gateway"


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, host="127.0.0.1", port=2775, system_id="acme")


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
