"""Plans that look like a mistake, foreign objects, and addresses that are not allowed."""

from __future__ import annotations

import threading

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.net import resolution
from orbit.accounts.models import Organization
from reconciler import addresses
from reconciler.models import Placement, RunState
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.model_objects import Account, Link
from tests.reconciler.passes import run, runs, status, written


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def test_a_plan_that_looks_like_a_mistake_is_kept_and_not_applied(modelled, model, tenant):
    for n in range(12):
        model.connectors[f"obstray{n}"] = Link(f"obstray{n}")
    before = model.tables()

    first, second = run(modelled), run(modelled)

    assert (first.ending, second.ending) == (Ending.UNSAFE, Ending.UNSAFE)
    assert "12 of 12 connectors" in first.error
    assert model.tables() == before
    (record,) = runs()
    assert (record.state, record.times, len(record.changes)) == (RunState.UNSAFE, 2, 13)


def test_force_applies_it(modelled, model, tenant):
    for n in range(12):
        model.connectors[f"obstray{n}"] = Link(f"obstray{n}")

    result = run(modelled, force=True)

    assert result.ending is Ending.APPLIED
    assert model.connectors == {}


def test_an_empty_database_empties_no_gateway(modelled, model, credential):
    run(modelled)
    before = model.tables()
    Placement.objects.all().delete()
    Organization.objects.all().delete()

    result = run(modelled)

    assert result.ending is Ending.UNSAFE
    assert "nothing at all is wanted" in result.error
    assert model.tables() == before


def test_an_old_database_drops_no_live_binds(modelled, model, tenant):
    for n in range(12):
        make_credential(tenant, port=2000 + n, system_id="acme")
    run(modelled)
    Credential.objects.update(host="127.0.0.2")  # as restored: nobody has changed them
    before = model.tables()

    result = run(modelled)

    assert result.ending is Ending.UNSAFE
    assert "12 of 12 live binds would be dropped by replacement" in result.error
    assert model.tables() == before
    assert run(modelled).ending is Ending.UNSAFE
    assert run(modelled, force=True).ending is Ending.APPLIED


def test_what_people_changed_themselves_drops_their_binds(modelled, model, tenant):
    made = [make_credential(tenant, port=2000 + n, system_id="acme") for n in range(12)]
    run(modelled)
    for credential in made:
        change(credential, host="127.0.0.2")

    result = run(modelled)

    assert result.ending is Ending.APPLIED
    assert sum(each["drops_bind"] for each in result.changes) == 12


def test_what_people_deleted_themselves_is_no_mistake(modelled, model, tenant):
    made = [make_credential(tenant, port=2000 + n, system_id="acme") for n in range(15)]
    run(modelled)
    for credential in made:
        change(credential, deleted_at=timezone.now())

    result = run(modelled)

    assert result.ending is Ending.APPLIED
    assert (model.users, model.connectors) == ({}, {})
    assert not Credential.objects.exists()


def test_a_refused_plan_is_an_error_of_the_credentials_that_wait_for_it(modelled, model, tenant):
    credential = make_credential(tenant, port=2775, system_id="acme")
    for n in range(12):
        model.connectors[f"obstray{n}"] = Link(f"obstray{n}")

    run(modelled)

    assert status(credential).sync_state == "error"
    assert status(credential).sync_error.startswith("the whole plan was refused: 12 of 12")


def test_what_is_not_ours_is_never_touched(modelled, model, tenant, credential):
    run(modelled)
    model.groups["theirs"] = True
    model.users["them"] = Account("them", tenant.gateway_key, "them", "x")
    model.connectors["their-cid"] = Link("their-cid")
    theirs = repr([model.groups["theirs"], model.users["them"], model.connectors["their-cid"]])
    model.typed.clear()

    result = run(modelled)

    assert result.ending is Ending.IN_SYNC
    assert len(result.warnings) == 3
    assert written(model) == []
    assert theirs == repr(
        [model.groups["theirs"], model.users["them"], model.connectors["their-cid"]]
    )


def test_a_username_that_is_taken_is_an_error_of_the_credential_and_stays_theirs(
    modelled, model, tenant, credential
):
    model.groups["theirs"] = True
    model.users["them"] = Account("them", "theirs", credential.gateway_key, "x")

    first, second = run(modelled), run(modelled)

    assert (first.ending, second.ending) == (Ending.APPLIED, Ending.IN_SYNC)
    assert model.users.keys() == {"them"}
    assert model.connectors[credential.gateway_key].running
    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("error", "bound")
    assert "its username belongs to a user that is not ours" in seen.sync_error


def test_another_name_of_the_same_address_touches_nothing_now_or_later(
    modelled, model, tenant, names, settings
):
    settings.SMPP_ALLOWED_NETWORKS = []
    names |= {"one.example": ["8.8.8.8"], "two.example": ["8.8.8.8"]}
    credential = make_credential(tenant, host="one.example", port=1000, system_id="acme")
    run(modelled)

    change(credential, host="two.example")
    assert run(modelled).ending is Ending.IN_SYNC

    names["two.example"] = ["8.8.4.4", "8.8.8.8"]
    assert run(modelled).ending is Ending.IN_SYNC


def test_a_name_that_turns_to_us_stops_the_bind_and_never_reaches_jasmin(
    modelled, model, tenant, names, settings
):
    settings.SMPP_ALLOWED_NETWORKS = []
    names["one.example"] = ["8.8.8.8"]
    credential = make_credential(tenant, host="one.example", port=1000, system_id="acme")
    run(modelled)
    names["one.example"] = ["127.0.0.1"]
    model.typed.clear()

    result = run(modelled)

    assert [entry["action"] for entry in result.changes] == ["stop"]
    assert result.changes[0]["drops_bind"]
    assert not [line for line in model.typed if "127.0.0.1" in line]
    assert (status(credential).sync_state, status(credential).bind_state) == ("error", "unbound")
    assert "one.example (127.0.0.1) is not allowed" in status(credential).sync_error
    assert run(modelled).ending is Ending.IN_SYNC

    names["one.example"] = ["8.8.8.8"]
    run(modelled)
    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "bound")


def test_a_slow_name_server_is_given_up_in_time(modelled, model, tenant, monkeypatch):
    credential = make_credential(tenant, host="slow.example", port=1000, system_id="acme")
    monkeypatch.setattr(addresses, "RESOLVE_TIMEOUT", 0.05)
    monkeypatch.setattr(resolution, "getaddrinfo", stuck := Stuck())

    run(modelled)
    stuck.let_go()

    assert "no answer from the name server" in status(credential).sync_error


class Stuck:
    """A resolver that does not answer until it is told to."""

    def __init__(self) -> None:
        self._answer = threading.Event()

    def __call__(self, *args: object, **options: object) -> list:
        self._answer.wait(10)
        return []

    def let_go(self) -> None:
        self._answer.set()
