"""Passes in which something goes wrong: nothing is hidden, the next one finishes it."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler.connector_sessions import ConnectorSessions
from reconciler.models import GatewayState, RunState
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.model import ModelJasmin
from tests.reconciler.passes import refuse, run, runs, status


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def test_one_change_that_fails_holds_up_no_other(modelled, model, tenant, credential, monkeypatch):
    other = make_credential(tenant, port=2776, system_id="other")
    refuse(model, monkeypatch, credential.gateway_key)

    result = run(modelled)

    assert result.ending is Ending.FAILED
    key, said = credential.gateway_key, "Failed adding connector, check log for details"
    assert result.error == (
        f"organisation {tenant.name}, credential acme@carrier (connector {key}): {said}; and 1 more"
    )
    assert model.connectors.keys() == {other.gateway_key}
    assert (status(credential).sync_state, status(other).sync_state) == ("error", "synced")
    assert status(credential).sync_error == said
    (record,) = runs()
    assert (record.state, record.error) == (RunState.FAILED, result.error)
    assert [e["outcome"] for e in record.changes if e["kind"] == "connector"].count("failed") == 1
    assert record.persisted


def test_a_session_that_breaks_tells_the_organisation_no_address(
    modelled, model, tenant, credential, monkeypatch
):
    address = f"{modelled.jcli_host}:{modelled.jcli_port}"
    said = f"console {address}: it closed the connection"
    monkeypatch.setattr(ConnectorSessions, "_run", lambda *given: said)

    result = run(modelled)

    assert address in result.error, "operators read which console"
    assert status(credential).sync_error == "console: it closed the connection"
    assert address not in status(credential).bind_error


def test_a_route_that_fails_is_an_error_of_its_credential(
    modelled, model, tenant, credential, monkeypatch
):
    other = make_credential(tenant, port=2776, system_id="other")
    add = model.add_route

    def refusing(typed: dict[str, str], filters: dict[str, str]) -> tuple[list[str], bool]:
        if credential.gateway_key in typed["connectors"]:
            return ["Failed adding MTRoute, check log for details"], False
        return add(typed, filters)

    monkeypatch.setattr(model, "add_route", refusing)
    run(modelled)

    assert status(credential).sync_state == "error"
    assert status(credential).sync_error == "Failed adding MTRoute, check log for details"
    assert (status(other).sync_state, status(other).bind_state) == ("synced", "bound")


def test_of_many_failures_the_first_is_told(modelled, model, credential, monkeypatch):
    """A connector that is missing makes its route fail, too."""
    refuse(model, monkeypatch, credential.gateway_key)

    result = run(modelled)

    failed = [entry["kind"] for entry in result.changes if entry["outcome"] == "failed"]
    assert failed == ["connector", "route"]
    assert status(credential).sync_error == "Failed adding connector, check log for details"


def test_a_lie_of_jasmin_is_found_by_reading_again(modelled, model, credential, monkeypatch):
    said = f"Successfully added connector [{credential.gateway_key}]"
    monkeypatch.setattr(model, "add_connector", lambda typed: ([said], True))

    result = run(modelled)

    assert result.ending is Ending.FAILED
    assert status(credential).sync_state == "error"


def test_a_lie_about_the_connector_is_not_blamed_on_the_user(modelled, model, credential):
    run(modelled)
    change(credential, port=2776)
    del model.users[credential.gateway_key]
    add = model.add_user
    model.add_user = lambda typed: (add(typed), model.users.clear())[0]

    result = run(modelled)

    outcomes = {entry["kind"]: entry["outcome"] for entry in result.changes}
    assert outcomes == {"user": "failed", "connector": "done"}


def test_what_jasmin_could_not_persist_is_persisted_by_the_next_pass(
    modelled, model, credential, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(ModelJasmin, "top", without_persist)
        result = run(modelled)
    assert (result.ending, result.persisted) == (Ending.FAILED, False)
    assert "Failed to persist" in result.error
    assert runs()[-1].error.startswith("not persisted: ")
    modelled.refresh_from_db()
    assert modelled.unpersisted

    result = run(modelled)

    assert (result.ending, result.persisted, result.changes) == (Ending.APPLIED, True, ())
    assert run(modelled).ending is Ending.IN_SYNC


_top = ModelJasmin.top


def without_persist(self: ModelJasmin, line: str) -> list[str]:
    said = _top(self, line)
    if line == "persist":
        said[6] = "Failed to persist smppcc configuration (profile:jcli-prod)"
    return said


@pytest.mark.parametrize("lines", range(0, 40, 3))
def test_a_jasmin_that_goes_in_the_middle_is_finished_by_the_next_pass(
    modelled, model, tenant, credential, lines
):
    make_credential(tenant, port=2776, system_id="other")
    model.dies_at = lines

    result = run(modelled)

    assert result.ending is Ending.UNREAD, result
    assert status(credential).bind_state == "unknown"
    modelled.refresh_from_db()
    assert modelled.state == GatewayState.UNKNOWN, "its HTTP API takes messages"
    assert "closed the connection" in modelled.state_reason
    assert not [record for record in runs() if record.state == RunState.RUNNING]
    model.dies_at = None
    assert run(modelled).ending in (Ending.APPLIED, Ending.IN_SYNC)
    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "bound")
    assert run(modelled).ending is Ending.IN_SYNC
    assert model.persists


def test_a_gateway_that_stays_unreadable_is_one_run_with_a_count(modelled, model, credential):
    model.dies_at = 0

    for _ in range(3):
        run(modelled)

    (record,) = runs()
    assert (record.state, record.times) == (RunState.FAILED, 3)
    modelled.refresh_from_db()
    since = modelled.state_since
    run(modelled)
    modelled.refresh_from_db()
    assert modelled.state_since == since


def test_a_plan_of_a_gateway_that_cant_be_read_records_nothing(modelled, model, credential):
    model.dies_at = 0

    result = run(modelled, plan_only=True)

    assert result.ending is Ending.UNREAD
    assert runs() == []
    assert status(credential).bind_state == "unknown"


def test_what_vanishes_while_it_is_read_is_read_again_and_repaired(
    modelled, model, credential, monkeypatch
):
    run(modelled)

    looks = iter(["user -s"])

    def vanishing(self: ModelJasmin, line: str) -> list[str]:
        if line.startswith("user -s") and next(looks, None):
            self.users.clear()
            self.connectors.clear()
        return _top(self, line)

    monkeypatch.setattr(ModelJasmin, "top", vanishing)
    result = run(modelled)

    assert result.ending is Ending.APPLIED
    assert credential.gateway_key in model.connectors


def test_a_value_that_may_not_be_typed_fails_for_itself_and_its_bind_stays(
    modelled, model, tenant, credential
):
    other = make_credential(tenant, port=2776, system_id="other")
    run(modelled)
    change(credential, system_type="x\nuser -r y")
    change(other, system_type="new")

    result = run(modelled)

    assert result.ending is Ending.FAILED
    assert status(credential).sync_state == "error"
    assert status(credential).sync_error.startswith("systype: only printable ASCII")
    assert status(credential).bind_state == "bound"
    assert model.connectors[credential.gateway_key].settings["systype"] == ""
    assert not [line for line in model.typed if "user -r y" in line]
    assert (status(other).sync_state, status(other).bind_state) == ("synced", "bound")
    assert model.connectors[other.gateway_key].settings["systype"] == "new"
