"""Rows of one moment become the objects that Jasmin should have."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import desired
from reconciler.desired import Desired
from reconciler.models import Gateway, Placement
from tests.factories import make_organization
from tests.reconciler.conftest import change, make_credential, make_tenant

HOST = "smpp.carrier.example"
ONE = "8.8.8.8"


@pytest.fixture
def public_only(settings) -> None:
    settings.SMPP_ALLOWED_NETWORKS = []


@pytest.fixture
def credential(tenant: Organization, names, public_only) -> Credential:
    """A credential with a host name that resolves to ONE."""
    names[HOST] = [ONE]
    return make_credential(tenant, host=HOST, port=2775, system_id="acme")


def build(gateway: Gateway, *, organization_id: str = "", bound: list[str] = ()) -> Desired:
    snapshot = desired.take_snapshot(gateway, organization_id=organization_id)
    return desired.build(snapshot, bound=dict.fromkeys(bound, (ONE,)))


def delete(credential: Credential) -> None:
    change(credential, deleted_at=timezone.now())


# -- what becomes of an organisation and a credential -------------------------------------------


def test_a_credential_is_a_group_a_user_and_a_connector(modelled, tenant, credential):
    wanted = build(modelled).state

    assert set(wanted.groups) == {tenant.gateway_key}
    user = wanted.users[credential.gateway_key]
    assert (user.gid, user.username) == (tenant.gateway_key, credential.gateway_key)
    assert user.password == credential.gateway_password != credential.password
    link = wanted.connectors[credential.gateway_key]
    assert (link.running, link.password) == (True, credential.password)
    assert (link.settings["username"], link.settings["port"]) == ("acme", "2775")


def test_an_organisation_without_credentials_is_a_group(modelled, tenant):
    wanted = build(modelled).state

    assert (set(wanted.groups), wanted.users, wanted.connectors) == ({tenant.gateway_key}, {}, {})


def test_a_disabled_credential_keeps_its_objects_at_rest(modelled, credential):
    change(credential, enabled=False)

    wanted = build(modelled).state

    assert wanted.connectors[credential.gateway_key].running is False
    assert wanted.users[credential.gateway_key].enabled is False


def test_a_deleted_credential_is_not_wanted_and_known_by_its_key(modelled, credential):
    delete(credential)

    wanted = build(modelled)

    assert (wanted.state.users, wanted.state.connectors, wanted.credentials) == ({}, {}, {})
    assert wanted.deleted == {credential.gateway_key: credential}


def test_secrets_are_in_no_repr(modelled, credential):
    wanted = build(modelled)

    text = f"{wanted!r} {wanted.state!r} {vars(wanted.state)!r}"

    assert credential.password not in text
    assert credential.gateway_password not in text


# -- scope ------------------------------------------------------------------------------------


def test_organisations_of_other_gateways_are_not_in_it(modelled, credential):
    other = Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")
    make_credential(make_tenant(other), port=1, system_id="theirs")
    make_credential(make_organization(), port=1, system_id="nobody")

    assert set(build(modelled).credentials) == {credential.gateway_key}


def test_an_organisation_that_moves_is_wanted_on_both(modelled, tenant, credential):
    other = Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")
    Placement.objects.filter(organization=tenant).update(gateway=other, leaving=modelled)

    assert set(build(modelled).credentials) == set(build(other).credentials) != set()


def test_a_whole_pass_has_no_limits(modelled, credential):
    assert desired.take_snapshot(modelled).keys is None


def test_a_scoped_snapshot_names_all_that_is_in_scope_deleted_or_not(modelled, tenant, credential):
    gone = make_credential(tenant, port=9, system_id="gone", host=ONE)
    delete(gone)
    make_credential(make_tenant(modelled), port=1, system_id="neighbour", host=ONE)

    snapshot = desired.take_snapshot(modelled, organization_id=tenant.id)

    assert snapshot.keys == {tenant.gateway_key, credential.gateway_key, gone.gateway_key}
    assert [row.pk for row in snapshot.live] == [credential.pk]


def test_the_scope_of_an_unknown_organisation_is_nothing(modelled, credential):
    snapshot = desired.take_snapshot(modelled, organization_id="org_none")

    assert snapshot.keys == frozenset()


# -- what not every gateway can -----------------------------------------------------------------

LAUNCHED = ("tls", "tlvs", "passwords")
ENTITY = {"tag": "0x1400", "type": "cstring", "value": "12"}


def built(gateway: Gateway, *capabilities: str) -> Desired:
    return desired.build(desired.take_snapshot(gateway), capabilities=capabilities)


def test_the_host_s_name_is_what_a_certificate_has_to_be_for(modelled, credential):
    change(credential, tls=True)

    found = built(modelled, *LAUNCHED).state.connectors[credential.gateway_key]

    assert found.settings["host"] == ONE
    assert found.settings["tls_server_name"] == HOST
    assert (found.settings["tls_verify"], found.settings["tls_ca"]) == ("full", "None")


def test_a_key_is_beside_the_settings_and_in_no_repr(modelled, credential):
    change(credential, tls=True, tls_certificate="OURS", tls_key="SECRET KEY")

    wanted = built(modelled, *LAUNCHED)
    found = wanted.state.connectors[credential.gateway_key]

    assert found.tls_key == "U0VDUkVUIEtFWQ=="
    assert "tls_key" not in found.settings
    assert found.tls_key not in f"{wanted!r}" and "SECRET KEY" not in f"{wanted!r}"


def test_tlvs_are_typed_where_they_are_known(modelled, credential):
    change(credential, tlvs=[ENTITY])

    found = built(modelled, *LAUNCHED).state.connectors[credential.gateway_key]
    assert found.settings["tlvs"] == "1400=313200"

    stock = built(modelled)
    assert "tlvs" not in stock.state.connectors[credential.gateway_key].settings
    assert "`tlvs` are left out" in stock.left_out[credential.gateway_key]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "123456789"}, "at most 8 characters, and the credential's has 9"),
        (
            {"tls": True, "tls_certificate": "OURS", "tls_key": "KEY"},
            "shows no certificate",
        ),
    ],
)
def test_what_a_gateway_can_not_bind_has_no_connector_there(modelled, credential, fields, said):
    change(credential, **fields)

    stock, launched = built(modelled), built(modelled, *LAUNCHED)

    assert said in stock.unfit[credential.gateway_key]
    assert "through our launcher" in stock.unfit[credential.gateway_key]
    assert stock.state.connectors == {}
    assert stock.state.routes == ()
    assert launched.unfit == {}
    assert credential.gateway_key in launched.state.connectors
    assert all(str(value) not in f"{stock.unfit}" for value in fields.values() if value is not True)
