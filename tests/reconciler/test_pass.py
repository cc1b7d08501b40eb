"""A whole pass over a modelled Jasmin: what it does, what it records."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import Organization
from reconciler.models import ConnectorRecord, GatewayState, RunState
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import run, runs, status, written


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def test_a_pass_makes_what_is_wanted_and_persists_once(modelled, model, tenant, credential):
    result = run(modelled)

    assert (result.ending, result.persisted, result.error) == (Ending.APPLIED, True, "")
    assert {entry["outcome"] for entry in result.changes} == {"done"}
    assert model.groups == {tenant.gateway_key: True}
    assert model.users[credential.gateway_key].password == credential.gateway_password
    assert model.connectors[credential.gateway_key].running
    assert model.persists == 1


def test_a_pass_that_finds_nothing_writes_nothing(modelled, model, credential):
    run(modelled)
    model.typed.clear()
    records = runs()

    result = run(modelled)

    assert (result.ending, result.changes) == (Ending.IN_SYNC, ())
    assert written(model) == []
    assert model.persists == 1
    assert runs() == records


def test_a_plan_writes_nothing_anywhere(modelled, model, credential):
    before = CredentialStatus.objects.values().get()

    result = run(modelled, plan_only=True)

    assert result.ending is Ending.PLANNED
    assert [entry["action"] for entry in result.changes] == ["create"] * 4
    assert "outcome" not in result.changes[0]
    assert written(model) == []
    assert CredentialStatus.objects.values().get() == before
    assert (runs(), ConnectorRecord.objects.count()) == ([], 0)
    modelled.refresh_from_db()
    assert (modelled.state, modelled.unpersisted) == (GatewayState.UNKNOWN, False)


def test_a_run_tells_what_was_done_without_secrets(modelled, credential):
    result = run(modelled, organization_id=credential.organization_id, trigger="push")

    (record,) = runs()
    assert (record.state, record.trigger, record.persisted) == (RunState.APPLIED, "push", True)
    assert record.organization_id == credential.organization_id
    assert record.finished_at >= record.started_at
    assert [entry["kind"] for entry in record.changes] == ["group", "user", "connector", "route"]
    text = json.dumps([record.changes, asdict(result)])
    assert credential.password not in text
    assert credential.gateway_password not in text


def test_the_gateway_is_marked_up_with_its_version_and_epoch(modelled, model, credential):
    run(modelled)

    modelled.refresh_from_db()
    assert (modelled.state, modelled.jasmin_version) == (GatewayState.UP, "0.11.0")
    assert modelled.epoch == model.epoch
    assert modelled.last_pass_at is not None
    assert modelled.unpersisted is False


def test_a_scoped_pass_touches_no_other_organisation(modelled, model, credential):
    run(modelled)
    other = make_credential(make_tenant(modelled), port=2775, system_id="other")
    change(credential, port=2776)

    result = run(modelled, organization_id=other.organization_id)

    ours = {entry["key"] for entry in result.changes if entry["kind"] != "route"}
    assert ours == {other.gateway_key, other.organization.gateway_key}
    (route,) = (entry for entry in result.changes if entry["kind"] == "route")
    assert route["fields"][0] == {"name": "user", "actual": None, "desired": other.gateway_key}
    assert model.connectors[credential.gateway_key].settings["port"] == "2775"
    assert (status(other).sync_state, status(credential).sync_state) == ("synced", "pending")


def test_a_scoped_pass_deletes_what_its_organisation_deleted(modelled, model, tenant, credential):
    keep = make_credential(tenant, port=2776, system_id="keep")
    run(modelled)
    change(credential, deleted_at=timezone.now())

    run(modelled, organization_id=tenant.id)

    assert set(model.connectors) == set(model.users) == {keep.gateway_key}
    assert not Credential.objects.filter(pk=credential.pk).exists()
