"""Deleted credentials, stored addresses, and what a push waits for."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import Organization
from reconciler import desired
from reconciler.models import ConnectorRecord, Gateway, Placement
from reconciler.status import credential_status
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.states import connector, state, user

pytestmark = pytest.mark.sqlite


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, host="127.0.0.1", port=2775, system_id="acme")


def look(gateway: Gateway, *objects, outcomes=None, before=lambda: None) -> bool:
    """A pass that found these objects; `before`: what happens between snapshot and writing."""
    wanted = desired.build(desired.take_snapshot(gateway))
    before()
    return credential_status.observe(gateway, wanted, state(*objects), outcomes)


# -- burial -----------------------------------------------------------------------------------


def test_a_deleted_credential_is_buried_once_jasmin_has_nothing_of_it(modelled, credential):
    change(credential, deleted_at=timezone.now())
    key = credential.gateway_key

    for there in (connector(key, running=False), user(key)):
        look(modelled, there)
        assert Credential.objects.filter(pk=credential.pk).exists()

    look(modelled)
    assert not Credential.objects.filter(pk=credential.pk).exists()


def test_a_deleted_credential_is_not_buried_while_its_organisation_moves(
    modelled, tenant, credential
):
    other = Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")
    Placement.objects.filter(organization=tenant).update(gateway=other, leaving=modelled)
    change(credential, deleted_at=timezone.now())

    look(other)

    assert Credential.objects.filter(pk=credential.pk).exists()


def test_a_deletion_that_a_successor_waits_for_asks_for_another_pass(modelled, tenant, credential):
    change(credential, deleted_at=timezone.now())
    again = make_credential(tenant, host="127.0.0.1", port=2775, system_id="acme")

    assert look(modelled, connector(again.gateway_key, running=False)) is True
    assert look(modelled, connector(again.gateway_key, running=False)) is False


def test_a_deletion_without_a_successor_asks_for_no_pass(modelled, tenant, credential):
    change(credential, deleted_at=timezone.now())
    make_credential(tenant, host="127.0.0.1", port=2776, system_id="acme")

    assert look(modelled) is False


# -- what is told to Jasmin ---------------------------------------------------------------------


def test_the_address_is_remembered_with_the_name_that_it_stood_for(modelled, credential):
    credential_status.remember_addresses(desired.build(desired.take_snapshot(modelled)))

    record = ConnectorRecord.objects.get(pk=credential.pk)
    assert (record.host, record.address) == ("127.0.0.1", "127.0.0.1")


def test_remembering_what_is_known_writes_nothing(modelled, credential, django_assert_num_queries):
    credential_status.remember_addresses(desired.build(desired.take_snapshot(modelled)))
    wanted = desired.build(desired.take_snapshot(modelled))

    with django_assert_num_queries(0):
        credential_status.remember_addresses(wanted)


def test_remembering_an_address_keeps_the_failures(modelled, credential):
    ConnectorRecord.objects.create(
        credential=credential, failures=4, held=True, diagnosis="refused"
    )

    credential_status.remember_addresses(desired.build(desired.take_snapshot(modelled)))

    record = ConnectorRecord.objects.get(pk=credential.pk)
    assert (record.address, record.failures, record.held) == ("127.0.0.1", 4, True)


# -- whether a push has to look again -------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sync_state": "synced", "bind_state": "binding"}, True),
        ({"sync_state": "pending", "bind_state": "bound"}, True),
        ({"sync_state": "synced", "bind_state": "bound"}, False),
        ({"sync_state": "synced", "bind_state": "unbound"}, False),
        ({"sync_state": "error", "bind_state": "unbound"}, False),
        ({"sync_state": "synced", "bind_state": "disabled"}, False),
    ],
)
def test_an_organisation_settles_while_a_bind_or_a_change_is_on_its_way(
    tenant, credential, fields, expected
):
    CredentialStatus.objects.filter(pk=credential.pk).update(**fields)

    assert credential_status.is_settling(tenant.id) is expected


def test_deleted_and_foreign_credentials_settle_nothing(tenant, credential):
    change(credential, deleted_at=timezone.now())

    assert credential_status.is_settling(tenant.id) is False
    assert credential_status.is_settling("org_none") is False
