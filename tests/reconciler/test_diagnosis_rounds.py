"""Rounds of the diagnosis in their own queue: one organisation each, one at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache

from reconciler import bind_diagnosis, budgets, diagnosis_rounds, push, runs, tasks
from reconciler.result import Ending, Result


@pytest.fixture(autouse=True)
def clean_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def queued(monkeypatch) -> list[tuple]:
    queued: list[tuple] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **o: queued.append(args))
    return queued


@pytest.fixture
def due(monkeypatch) -> list[str]:
    """The organisations with a bind to ask about."""
    due = ["org_a", "org_b"]
    monkeypatch.setattr(bind_diagnosis, "due_organizations", lambda gateway, **_: due)
    return due


def test_a_pass_of_a_worker_asks_no_carrier_itself(modelled, tenant, monkeypatch):
    given: list[Callable] = []

    def run(gateway, *, diagnose, **_):
        given.append(diagnose)
        return Result(Ending.IN_SYNC, "modelled")

    monkeypatch.setattr(runs, "run", run)

    tasks.push(tenant.pk)
    tasks.reconcile_gateway(modelled.pk)

    assert given == [diagnosis_rounds.queue] * 2


def test_each_organisation_has_a_round_of_its_own_and_one_at_a_time(modelled, due, queued):
    gateway = modelled

    assert diagnosis_rounds.queue(gateway) is False
    diagnosis_rounds.queue(gateway)

    assert queued == [(gateway.pk, "org_a"), (gateway.pk, "org_b")]


def test_a_round_that_ended_makes_room_for_the_next(modelled, due, queued, monkeypatch):
    monkeypatch.setattr(bind_diagnosis, "diagnose", lambda gateway, **_: False)
    diagnosis_rounds.queue(modelled)

    tasks.diagnose(modelled.pk, "org_a")
    diagnosis_rounds.queue(modelled)

    assert [organization for _, organization in queued] == ["org_a", "org_b", "org_a"]


@pytest.fixture
def acted(monkeypatch) -> list[str]:
    """The organisations of passes that act on answers."""
    acted: list[str] = []

    def reconcile(gateway, *, organization_id, **_):
        acted.append(organization_id)
        return Result(Ending.APPLIED, "modelled", held=2.0)

    monkeypatch.setattr(runs, "reconcile", reconcile)
    return acted


def test_answers_to_act_on_are_a_pass_of_that_organisation(
    modelled, due, queued, acted, monkeypatch
):
    monkeypatch.setattr(bind_diagnosis, "diagnose", lambda gateway, **_: True)

    tasks.diagnose(modelled.pk, "org_a")

    assert acted == ["org_a"]
    assert (modelled.pk, "org_a") in queued  # some may be left


def test_answers_beyond_the_time_of_passes_are_left_to_beat(
    modelled, due, queued, acted, monkeypatch
):
    monkeypatch.setattr(bind_diagnosis, "diagnose", lambda gateway, **_: True)
    monkeypatch.setattr(budgets, "charge_pass", lambda *args, **more: True)

    tasks.diagnose(modelled.pk, "org_a")

    assert acted == []


def test_a_round_that_failed_leaves_no_mark(modelled, due, queued, monkeypatch):
    def fail(gateway, **_):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(bind_diagnosis, "diagnose", fail)
    diagnosis_rounds.queue(modelled)

    with pytest.raises(RuntimeError):
        tasks.diagnose(modelled.pk, "org_a")
    diagnosis_rounds.queue(modelled)

    assert [organization for _, organization in queued].count("org_a") == 2


def test_pushes_and_diagnosis_wait_behind_nothing_else():
    routes = settings.CELERY_TASK_ROUTES

    assert routes[tasks.push.name] == {"queue": "pushes"}
    assert routes[tasks.diagnose.name] == {"queue": "diagnosis"}
    assert tasks.diagnose.name == diagnosis_rounds.TASK


def test_a_second_push_of_an_organisation_takes_no_worker_to_wait(modelled, tenant, monkeypatch):
    beside: list[push.Next | None] = []

    def run(gateway, *, begun, **_):
        begun()
        beside.append(push.run(tenant.pk, 2, wait=10))  # the next comes while this one runs
        return Result(Ending.IN_SYNC, "modelled")

    monkeypatch.setattr(runs, "run", run)

    push.run(tenant.pk, 0, wait=10)

    assert beside == [push.Next(push.TURN, 2)]


def test_a_push_that_waits_its_turn_is_queued_again_as_it_was(modelled, tenant, monkeypatch):
    later: list[tuple] = []
    monkeypatch.setattr(
        tasks.push, "apply_async", lambda args, **o: later.append((args, o["countdown"]))
    )
    cache.set(f"pushing:{tenant.pk}", 1)

    tasks.push(tenant.pk, 1)

    assert later == [((tenant.pk, 1), push.TURN)]


def test_pushes_beyond_the_budget_are_left_to_beat(modelled, tenant, monkeypatch):
    ran: list[int] = []

    def run(gateway, **_):
        ran.append(1)
        return Result(Ending.IN_SYNC, "modelled")

    monkeypatch.setattr(runs, "run", run)
    monkeypatch.setattr(push.budgets, "spend_push", lambda organization_id: 12)
    cache.set(push.mark(tenant.pk), 1)

    assert push.run(tenant.pk, 0, wait=10) is None

    assert ran == []
    assert cache.get(push.mark(tenant.pk)) is None
    assert cache.get(f"pushing:{tenant.pk}") is None


def test_a_push_is_charged_for_the_time_that_it_kept_others_waiting(modelled, tenant, monkeypatch):
    """And once its organisation has used its time, the next are left to beat."""
    charged: list[float] = []
    result = Result(Ending.IN_SYNC, "modelled", held=2.5)
    monkeypatch.setattr(runs, "run", lambda gateway, **_: result)

    def charge(organization_id, seconds=0.0, **more):
        charged.append(seconds)
        return sum(charged) > 4

    monkeypatch.setattr(budgets, "charge_pass", charge)

    for _ in range(3):
        push.run(tenant.pk, 0, wait=10)

    assert charged == [0.0, 2.5, 0.0, 2.5, 0.0]
