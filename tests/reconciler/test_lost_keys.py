"""Rows with secrets that can't be decrypted any more: FERNET_KEYS lost a key too early."""

from __future__ import annotations

import pytest

from messaging.access.models import Access
from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import gateway_probe, health
from reconciler.gateway_client import readiness
from reconciler.models import Gateway, Placement
from reconciler.result import Ending
from tests.factories import lose_key
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import run, status
from tests.reconciler.routes.rows import give_access


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def test_what_cannot_be_decrypted_stays_as_it_is_and_delays_no_other(
    modelled, model, tenant, credential
):
    run(modelled)
    before = model.tables()
    lose_key(credential, "password")

    assert run(modelled).ending is Ending.IN_SYNC

    assert model.tables() == before
    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("error", "bound")
    assert "FERNET_KEYS" in seen.sync_error

    other = make_credential(tenant, port=2776, system_id="other")
    assert run(modelled).ending is Ending.APPLIED
    assert (status(other).sync_state, status(other).bind_state) == ("synced", "bound")


def test_one_that_is_disabled_is_stopped_since_that_takes_no_password(modelled, model, credential):
    run(modelled)
    lose_key(credential, "password")
    Credential.objects.update(enabled=False, gateway_version=credential.gateway_version + 1)

    assert run(modelled).ending is Ending.APPLIED

    assert not model.connectors[credential.gateway_key].running
    assert "FERNET_KEYS" in status(credential).sync_error
    run(modelled)  # its route, now that nothing is bound
    assert run(modelled).ending is Ending.IN_SYNC


def test_one_that_jasmin_has_not_yet_is_not_made_and_says_why(modelled, model, tenant, credential):
    lose_key(credential, "gateway_password")

    run(modelled)

    assert model.connectors == {}
    assert "gateway_password: no key in FERNET_KEYS" in status(credential).sync_error


def test_one_that_is_set_anew_is_as_new(modelled, model, credential):
    run(modelled)
    lose_key(credential, "password")
    run(modelled)

    change(Credential.objects.get(), password="n3wpass")
    run(modelled)

    assert model.connectors[credential.gateway_key].settings["password"] == "n3wpass"
    assert status(credential).sync_state == "synced"


def test_one_that_is_deleted_goes(modelled, model, credential):
    run(modelled)
    lose_key(credential, "password", "gateway_password")
    Credential.objects.update(deleted_at="2026-01-02T00:00Z")

    run(modelled)

    assert (model.connectors, model.users) == ({}, {})


def test_an_access_keeps_its_user_and_says_why(modelled, model, tenant, credential):
    access = give_access(tenant)
    run(modelled)
    lose_key(access, "password")

    assert run(modelled).ending is Ending.IN_SYNC

    assert tenant.gateway_key in model.users
    access = Access.objects.get()
    assert (access.sync_state, "FERNET_KEYS" in access.sync_error) == ("error", True)


def test_an_organisation_does_not_leave_a_gateway_with_what_only_that_one_knows(
    modelled, model, tenant, credential
):
    lose_key(credential, "password")
    Placement.objects.filter(organization=tenant).update(leaving=modelled)

    run(modelled)

    assert Placement.objects.get().leaving == modelled


def test_a_gateway_whose_own_password_is_lost_is_down_and_says_why(modelled):
    lose_key(modelled, "jcli_password")

    result = run(modelled)

    assert result.ending is Ending.DOWN
    assert "jcli_password: no key in FERNET_KEYS" in result.error
    modelled.refresh_from_db(fields=["state", "state_reason"])
    assert (modelled.state, modelled.state_reason) == ("down", result.error)


def test_a_gateway_whose_broker_address_is_lost_is_down_and_says_why(modelled):
    Gateway.objects.update(amqp_url="amqp://main:pw@192.0.2.99:5672/main")
    lose_key(modelled, "amqp_url")

    result = run(Gateway.objects.get())

    assert result.ending is Ending.DOWN
    assert "amqp_url: no key in FERNET_KEYS" in result.error
    seen = Gateway.objects.get()
    assert (seen.state, seen.state_reason) == ("down", result.error)
    assert health.gateway_health(seen).public == f"down: {result.error}"


def test_a_gateway_with_a_lost_key_holds_up_no_look_at_others(db, monkeypatch):
    monkeypatch.setattr(readiness, "is_ready", lambda gateway: True)
    for name in ("first", "other"):
        Gateway.objects.create(
            name=name,
            jcli_host="127.0.0.1",
            jcli_port=1,
            jcli_username="jcliadmin",
            jcli_password="c0ns0le-pw",
            http_url="http://127.0.0.1:1",
        )
    lose_key(Gateway.objects.get(name="first"), "jcli_password")

    gateway_probe.probe_all()

    seen = {each.name: each for each in Gateway.objects.all()}
    assert "jcli_password: no key in FERNET_KEYS" in seen["first"].state_reason
    assert "connection refused" in seen["other"].state_reason
