"""What one organisation changes at once comes in portions, and keeps no other back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.core.cache import cache
from django.utils import timezone

from messaging import enqueue
from messaging.access.models import Access
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential
from reconciler import executor, push, tasks
from reconciler.models import Run
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import refuse, run, status
from tests.reconciler.routes.rows import give_access, make_carrier

LIMIT = 2  # credentials: each is a user, a connector and a route


@pytest.fixture(autouse=True)
def _limit(settings) -> None:
    settings.PASS_CREDENTIALS_PER_ORGANIZATION = LIMIT


@pytest.fixture
def queued(monkeypatch) -> list[tuple]:
    """Arguments of the pushes in the queue, those that came first at the front."""
    queued: list[tuple] = []

    def send(task: str, *args: object, **_: object) -> bool:
        if task == tasks.push.name:
            queued.append(args)
        return True

    monkeypatch.setattr(enqueue, "send", send)
    return queued


@pytest.fixture(autouse=True)
def _no_follow_ups(monkeypatch) -> None:
    monkeypatch.setattr(tasks.push, "apply_async", lambda args, **_: None)


def make(tenant, count: int) -> list[Credential]:
    return [make_credential(tenant, port=2000 + n, system_id=f"a{n}") for n in range(count)]


def states(credentials: Iterable[Credential]) -> list[str]:
    return [status(each).sync_state for each in credentials]


def added(model) -> list[str]:
    return [line for line in model.typed if line.startswith("cid ")]


def push_all(tenant, queued: list[tuple]) -> int:
    """Run pushes until the queue is empty; return how many."""
    tasks.push(tenant.pk)
    count = 1
    while queued:
        tasks.push(*queued.pop(0))
        count += 1
    return count


def test_a_push_brings_whole_credentials_and_the_rest_stays_pending(
    modelled, model, tenant, queued
):
    made = make(tenant, 5)

    tasks.push(tenant.pk)

    assert states(made) == ["synced", "synced", "pending", "pending", "pending"]
    first = {each.gateway_key for each in made[:2]}
    assert model.connectors.keys() == model.users.keys() == first
    assert {route.filters for route in model.routes.values()} == {
        (f"<U (uid={key})>",) for key in first
    }
    assert queued == [(tenant.pk, 1)]
    (record,) = Run.objects.all()
    assert (record.state, len(record.changes)) == ("applied", 1 + 3 * LIMIT)


def test_further_pushes_bring_all_and_nothing_twice(modelled, model, tenant, queued):
    made = make(tenant, 5)

    assert push_all(tenant, queued) == 3

    assert states(made) == ["synced"] * 5
    assert sorted(added(model)) == sorted(f"cid {each.gateway_key}" for each in made)
    assert run(modelled).ending is Ending.IN_SYNC


def test_a_hundred_changes_of_one_keep_those_of_another_not_back(modelled, model, tenant, queued):
    made, other = make(tenant, 34), make_credential(make_tenant(modelled), port=1, system_id="b")

    tasks.reconcile_gateway(modelled.pk)

    assert status(other).sync_state == "synced"
    assert states(made) == ["synced"] * 2 + ["pending"] * 32
    assert queued == [(tenant.pk, 1)]
    tasks.push(tenant.pk)
    assert states(made) == ["synced"] * 4 + ["pending"] * 30


def test_a_push_that_is_queued_already_stands_for_the_rest(modelled, model, tenant, queued):
    make(tenant, 5)
    assert push.go_on([tenant.pk]) is None
    queued.clear()

    tasks.reconcile_gateway(modelled.pk)

    assert queued == []
    assert cache.get(push.mark(tenant.pk))


def test_who_waits_for_a_pass_gets_all_of_it(modelled, model, tenant, queued):
    made = make(tenant, 5)

    result = run(modelled)

    assert (result.ending, result.left) == (Ending.APPLIED, ())
    assert states(made) == ["synced"] * 5


def test_what_jasmin_has_lost_comes_back_in_one_pass_of_beat(modelled, model, tenant, queued):
    made = make(tenant, 5)
    run(modelled)
    model.groups, model.users, model.connectors, model.routes = {}, {}, {}, {}

    tasks.reconcile_gateway(modelled.pk)

    assert model.connectors.keys() == {each.gateway_key for each in made}
    assert queued == []


def test_a_death_between_two_portions_or_within_one_loses_nothing(
    modelled, model, tenant, queued, monkeypatch
):
    made = make(tenant, 6)
    tasks.push(tenant.pk)
    queued.clear()  # the worker died before it queued the next
    cache.clear()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(executor, "persist", die)
        tasks.push(tenant.pk, 1)
    cache.clear()

    assert run(modelled).ending is Ending.APPLIED

    assert states(made) == ["synced"] * 6
    assert sorted(added(model)) == sorted(f"cid {each.gateway_key}" for each in made)


def die(*_: object) -> str:
    raise KeyboardInterrupt


def test_a_removal_and_a_new_one_take_turns(modelled, model, tenant, queued):
    old = make(tenant, 4)
    run(modelled)
    made = [make_credential(tenant, port=3000 + n, system_id=f"n{n}") for n in range(4)]
    for each in old:
        change(each, deleted_at=timezone.now())

    tasks.push(tenant.pk)

    gone = set(Credential.objects.filter(pk__in=[each.pk for each in old]))
    assert len(gone) == 3
    assert states(made) == ["synced"] + ["pending"] * 3
    assert push_all(tenant, queued) >= 3
    assert model.connectors.keys() == {each.gateway_key for each in made}


def test_what_fails_keeps_no_other_back_and_is_left_to_beat(
    modelled, model, tenant, queued, monkeypatch
):
    made = make(tenant, 6)
    refuse(model, monkeypatch, made[0].gateway_key)

    assert push_all(tenant, queued) <= len(made)

    assert states(made) == ["error"] + ["synced"] * 5


def test_safety_judges_the_whole_plan(modelled, model, tenant, queued):
    made = make(tenant, 12)
    run(modelled)
    Credential.objects.update(host="127.0.0.2")  # as restored: nobody has changed them
    before = model.tables()

    tasks.push(tenant.pk)

    assert model.tables() == before
    assert states(made) == ["error"] * 12
    assert queued == []


def test_binds_of_the_rest_are_not_counted_yet(modelled, model, tenant, queued):
    made = [make_credential(tenant, port=1, system_id=f"a{n}") for n in range(4)]

    tasks.push(tenant.pk)

    counted = set(BindAttempt.objects.values_list("credential_id", flat=True))
    assert counted == {each.pk for each in made[:2]}


@pytest.fixture
def access(tenant) -> Access:
    return give_access(tenant)


def access_route(model, tenant) -> set[str]:
    shown = f"<U (uid={tenant.gateway_key})>"
    (way,) = (each for each in model.routes.values() if shown in each.filters)
    return set(way.cids)


def test_a_route_of_an_access_gets_those_that_are_made_and_then_all_at_once(
    modelled, model, tenant, access, queued
):
    made = make(tenant, 6)
    for each in made:
        make_carrier(each, ["FR"])

    tasks.push(tenant.pk)

    keys = [each.gateway_key for each in made]
    assert access_route(model, tenant) == set(keys[:2])
    assert Run.objects.get().state == "applied"
    tasks.push(*queued.pop(0))
    assert access_route(model, tenant) == set(keys[:2])
    push_all(tenant, queued)
    assert access_route(model, tenant) == set(keys)
    access.refresh_from_db()
    assert access.sync_state == "synced"


def test_a_carrier_that_is_deleted_leaves_the_route_at_once(
    modelled, model, tenant, access, queued
):
    old = make(tenant, 2)
    carriers = [make_carrier(each, ["FR"]) for each in old]
    run(modelled)
    for each in [make_credential(tenant, port=3000 + n, system_id=f"n{n}") for n in range(4)]:
        make_carrier(each, ["FR"])
    carriers[0].delete()
    change(old[0], deleted_at=timezone.now())

    tasks.push(tenant.pk)

    assert old[0].gateway_key not in model.connectors
    assert old[0].gateway_key not in access_route(model, tenant)
    assert old[1].gateway_key in access_route(model, tenant)
