"""The address that each connector gets, and hosts without one."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.net import resolution
from orbit.accounts.models import Organization
from reconciler import addresses, desired, lock
from reconciler.desired import Desired
from reconciler.models import ConnectorRecord, Gateway
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import run

HOST = "smpp.carrier.example"
ONE, TWO, THREE = "8.8.8.8", "8.8.4.4", "1.1.1.1"


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
    return desired.build(snapshot, bound=dict.fromkeys(bound, (ONE, TWO, THREE)))


def connector(gateway: Gateway, credential: Credential, **options):
    return build(gateway, **options).state.connectors.get(credential.gateway_key)


def address(gateway: Gateway, credential: Credential, **options) -> str:
    return connector(gateway, credential, **options).settings["host"]


def told(credential: Credential, address: str, **fields) -> None:
    """Store the address that Jasmin got in an earlier pass."""
    values = {"host": credential.host, "address": address} | fields
    ConnectorRecord.objects.update_or_create(credential=credential, defaults=values)


def delete(credential: Credential) -> None:
    change(credential, deleted_at=timezone.now())


# -- addresses --------------------------------------------------------------------------------


def test_jasmin_is_told_an_address_and_never_the_name(modelled, credential):
    wanted = build(modelled)

    assert address(modelled, credential) == ONE
    assert HOST not in str(wanted.state.connectors)


def test_carriers_may_rotate_their_answers(modelled, credential, names):
    told(credential, TWO)
    names[HOST] = [ONE, TWO, THREE]

    assert address(modelled, credential) == TWO


def test_an_address_that_has_left_the_answer_is_given_up(modelled, credential, names):
    told(credential, THREE)
    names[HOST] = [ONE, TWO]

    assert address(modelled, credential) == ONE


def test_a_bind_that_is_up_keeps_its_address(modelled, credential, names):
    told(credential, THREE)
    names[HOST] = [ONE, TWO]

    assert address(modelled, credential, bound=[credential.gateway_key]) == THREE


def test_the_address_of_another_name_is_not_kept(modelled, credential, names):
    told(credential, THREE, host="before.carrier.example")

    assert address(modelled, credential, bound=[credential.gateway_key]) == ONE


def test_a_name_that_does_not_resolve_keeps_the_address(modelled, credential, names):
    told(credential, THREE)
    del names[HOST]

    wanted = build(modelled)

    assert wanted.state.connectors[credential.gateway_key].settings["host"] == THREE
    assert wanted.state.connectors[credential.gateway_key].running is True
    assert "does not exist" in wanted.unresolved[credential.gateway_key]
    assert wanted.refused == {}


def test_a_name_that_never_resolved_has_no_connector(modelled, credential, names):
    del names[HOST]

    wanted = build(modelled)

    assert wanted.state.connectors == {}
    assert set(wanted.state.users) == {credential.gateway_key}
    assert HOST in wanted.unresolved[credential.gateway_key]


def test_one_name_that_does_not_resolve_delays_no_other(modelled, tenant, credential, names):
    dead = make_credential(tenant, host="dead.example", port=2775, system_id="dead")

    wanted = build(modelled)

    assert set(wanted.state.connectors) == {credential.gateway_key}
    assert set(wanted.unresolved) == {dead.gateway_key}


@pytest.mark.parametrize("answer", [["127.0.0.1"], [ONE, "127.0.0.1"], ["10.0.0.7", ONE]])
def test_a_name_that_turns_to_us_is_stopped_and_told_nothing_new(
    modelled, credential, names, answer
):
    told(credential, ONE)
    names[HOST] = answer

    wanted = build(modelled, bound=[credential.gateway_key])

    link = wanted.state.connectors[credential.gateway_key]
    assert (link.running, link.settings["host"]) == (False, ONE)
    assert "is not allowed" in wanted.refused[credential.gateway_key]


def test_a_name_that_stands_for_us_from_the_start_gets_no_connector(modelled, credential, names):
    names[HOST] = ["127.0.0.1"]

    wanted = build(modelled)

    assert wanted.state.connectors == {}
    assert f"{HOST} (127.0.0.1) is not allowed" in wanted.refused[credential.gateway_key]


def test_a_name_that_returns_from_us_is_connected_to_again(modelled, credential, names):
    told(credential, ONE)

    wanted = build(modelled)

    assert wanted.refused == {}
    assert wanted.state.connectors[credential.gateway_key].running is True


@pytest.mark.parametrize("is_bound", [True, False])
def test_an_address_that_is_forbidden_by_now_is_exchanged(
    modelled, credential, names, settings, is_bound
):
    told(credential, TWO)
    settings.SMPP_FORBIDDEN_NETWORKS = [f"{TWO}/32"]

    wanted = build(modelled, bound=[credential.gateway_key] if is_bound else [])

    link = wanted.state.connectors[credential.gateway_key]
    assert (link.running, link.settings["host"]) == (True, ONE)
    assert wanted.refused == {}


def test_a_forbidden_address_of_a_name_that_does_not_resolve_is_stopped(
    modelled, credential, names, settings
):
    told(credential, TWO)
    settings.SMPP_FORBIDDEN_NETWORKS = [f"{TWO}/32"]
    del names[HOST]

    wanted = build(modelled, bound=[credential.gateway_key])

    link = wanted.state.connectors[credential.gateway_key]
    assert (link.running, link.settings["host"]) == (False, TWO)
    assert wanted.refused.keys() == {credential.gateway_key}


def test_an_address_in_the_place_of_a_name_needs_no_resolver(modelled, tenant, names, public_only):
    credential = make_credential(tenant, host=THREE, port=2775, system_id="acme")

    assert address(modelled, credential) == THREE


# -- who has to wait --------------------------------------------------------------------------


def test_a_held_bind_is_not_started(modelled, credential):
    told(credential, ONE, held=True, version=credential.version)

    assert connector(modelled, credential).running is False


def test_a_new_name_holds_a_bind_as_before(modelled, credential):
    told(credential, ONE, held=True, version=credential.bind_version)

    change(credential, name="Another name", max_binds=3)

    assert connector(modelled, credential).running is False


def test_a_changed_credential_is_held_no_longer(modelled, credential):
    told(credential, ONE, held=True, version=credential.version)

    change(credential, port=2776)

    assert connector(modelled, credential).running is True


def test_one_made_again_waits_for_the_deleted_one(modelled, tenant, credential):
    delete(credential)
    again = make_credential(tenant, host=HOST, port=2775, system_id="acme")

    assert connector(modelled, again).running is False

    credential.delete()
    assert connector(modelled, again).running is True


@pytest.mark.parametrize(
    "difference", [{"port": 2776}, {"system_id": "other"}, {"bind_type": "receiver"}, {"host": TWO}]
)
def test_only_the_same_account_waits(modelled, tenant, credential, difference):
    delete(credential)
    values = {"host": HOST, "port": 2775, "system_id": "acme"} | difference

    other = make_credential(tenant, **values)

    assert connector(modelled, other).running is True


def test_the_same_account_of_another_organisation_does_not_wait(modelled, credential):
    delete(credential)
    other = make_credential(make_tenant(modelled), host=HOST, port=2775, system_id="acme")

    assert connector(modelled, other).running is True


# -- names of a dead name server ----------------------------------------------------------------


def test_names_are_looked_up_before_a_pass_keeps_others_waiting(
    modelled, credential, names, monkeypatch
):
    happened: list[str] = []
    held, answered = lock.held, resolution.getaddrinfo

    def hold(name, **options):
        happened.append("lock")
        return held(name, **options)

    def answer(host, *args, **options):
        happened.append("look-up")
        return answered(host, *args, **options)

    monkeypatch.setattr(lock, "held", hold)
    monkeypatch.setattr(resolution, "getaddrinfo", answer)

    run(modelled)

    assert happened == ["look-up", "lock"]


def test_a_name_that_was_written_meanwhile_is_waited_for_a_moment_alone(
    modelled, credential, monkeypatch
):
    looked_up: list[tuple[set[str], float]] = []

    def resolve_many(hosts, *, timeout, owners):
        looked_up.append((set(hosts), timeout))
        return {host: resolution.NoAnswer("not yet") for host in hosts}

    answers = addresses.look_up(modelled)
    monkeypatch.setattr(resolution, "resolve_many", resolve_many)
    other = make_credential(credential.organization, host="new.example", port=1, system_id="b")
    snapshot = desired.take_snapshot(modelled)

    wanted = desired.build(snapshot, answers=answers)

    assert looked_up == [({"new.example"}, addresses.HASTE)]
    assert wanted.state.connectors[credential.gateway_key].settings["host"] == ONE
    assert wanted.unresolved[other.gateway_key] == "not yet"
