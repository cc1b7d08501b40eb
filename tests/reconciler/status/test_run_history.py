"""Rows of passes."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from reconciler.diff import diff
from reconciler.models import Gateway, Run, RunState
from reconciler.models.runs import ID_PREFIX
from reconciler.plan import make_plan
from reconciler.retention import prune_runs
from reconciler.status import run_history
from tests.factories import made_at
from tests.reconciler.conftest import make_credential
from tests.reconciler.passes import run, runs
from tests.reconciler.states import Group, Kind, bound, connector, state

pytestmark = pytest.mark.sqlite

WANTED, FOUND = state(Group("obg"), connector("ob1")), state(foreign={Kind.USER: ("them",)})
PLAN = make_plan(diff(WANTED, FOUND), FOUND)


def other_gateway() -> Gateway:
    return Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")


@pytest.fixture
def credential(tenant):
    return make_credential(tenant, port=2775, system_id="acme")


def test_a_plan_is_written_down_before_it_is_applied(modelled):
    begun = run_history.begin(modelled, "beat", "", PLAN)

    (record,) = runs()
    assert (record, record.state, record.trigger) == (begun, RunState.RUNNING, "beat")
    assert [entry["key"] for entry in record.changes] == ["obg", "ob1"]
    assert record.warnings == ["1 user(s) that are not ours are left alone: them"]
    modelled.refresh_from_db()
    assert modelled.unpersisted


def test_a_run_that_is_still_running_has_died(modelled):
    elsewhere = run_history.begin(other_gateway(), "beat", "", PLAN)
    dead = run_history.begin(modelled, "beat", "", PLAN)

    run_history.mark_died(modelled)

    dead.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (dead.state, dead.error) == (RunState.DIED, "its process was killed")
    assert dead.finished_at is not None
    assert elsewhere.state == RunState.RUNNING


def test_what_became_of_each_change_is_written_down(modelled):
    record = run_history.begin(modelled, "beat", "", PLAN)
    first, second = PLAN.changes

    run_history.finish(record, modelled, {first: "", second: "Jasmin said no"}, "")

    record.refresh_from_db()
    assert record.state == RunState.FAILED
    assert [(e["key"], e["outcome"], e.get("error")) for e in record.changes] == [
        ("obg", "done", None),
        ("ob1", "failed", "Jasmin said no"),
    ]
    modelled.refresh_from_db()
    assert (record.persisted, modelled.unpersisted) == (True, False)


def test_of_many_changes_a_bounded_number_is_kept_with_those_that_failed(modelled, settings):
    settings.RUN_CHANGES_KEPT = 3
    wanted = state(*(Group(f"obg{n}") for n in range(10)))
    plan = make_plan(diff(wanted, state()), state())
    record = run_history.begin(modelled, "beat", "", plan)
    assert (len(record.changes), record.change_count, record.left_out) == (3, 10, 7)
    outcomes = dict.fromkeys(plan.changes, "") | {plan.changes[8]: "Jasmin said no"}

    record = run_history.finish(record, modelled, outcomes)

    record.refresh_from_db()
    assert [(each["key"], each["outcome"]) for each in record.changes] == [
        ("obg0", "done"),
        ("obg1", "done"),
        ("obg8", "failed"),
    ]
    assert (record.change_count, record.drop_count) == (10, 0)


def test_dropped_binds_are_counted_and_kept_before_others(modelled, settings):
    settings.RUN_CHANGES_KEPT = 1
    found = state(bound("ob2", settings={"port": "1"}))
    plan = make_plan(diff(state(Group("obg"), connector("ob2")), found), found)

    record = run_history.begin(modelled, "beat", "", plan)

    assert [each["key"] for each in record.changes] == ["ob2"]
    assert (record.change_count, record.drop_count) == (2, 1)


def test_changes_of_runs_of_before_are_counted(modelled):
    run_history.begin(modelled, "beat", "", PLAN)
    Run.objects.update(change_count=0)

    import_module("reconciler.migrations.0011_bounded_changes").count(
        apps, SimpleNamespace(connection=connection)
    )

    assert runs()[0].change_count == len(runs()[0].changes) == 2


def test_what_was_not_persisted_is_a_failure_and_not_forgotten(modelled):
    record = run_history.begin(modelled, "beat", "", PLAN)

    run_history.finish(record, modelled, dict.fromkeys(PLAN.changes, ""), "disk full")

    record.refresh_from_db()
    modelled.refresh_from_db()
    assert (record.state, record.error) == (RunState.FAILED, "disk full")
    assert (record.persisted, modelled.unpersisted) == (False, True)


def test_the_same_refusal_again_and_again_is_one_run(modelled):
    for _ in range(3):
        run_history.unsafe(modelled, "beat", "", PLAN, "too many")
    run_history.unsafe(modelled, "beat", "", PLAN, "far too many")

    first, second = runs()
    assert (first.state, first.error, first.times) == (RunState.UNSAFE, "too many", 3)
    assert first.finished_at >= first.started_at
    assert (second.error, second.times) == ("far too many", 1)


def test_the_same_failure_again_and_again_is_one_run(modelled):
    first, second = PLAN.changes

    def fail(said: str) -> Run:
        record = run_history.begin(modelled, "beat", "", PLAN)
        return run_history.finish(record, modelled, {first: "", second: said})

    kept = [fail("no"), fail("no"), fail("no"), fail("never"), fail("no")]

    assert kept[0] == kept[1] == kept[2]
    assert [record.times for record in runs()] == [3, 1, 1]


def test_the_same_success_twice_is_two_runs(modelled):
    for _ in range(2):
        record = run_history.begin(modelled, "beat", "", PLAN)
        run_history.finish(record, modelled, dict.fromkeys(PLAN.changes, ""))

    assert [record.times for record in runs()] == [1, 1]


def test_a_refusal_after_something_else_is_a_run_of_its_own(modelled):
    run_history.unsafe(modelled, "beat", "", PLAN, "too many")
    run_history.finish(run_history.begin(modelled, "beat", "", PLAN), modelled, {}, "")
    run_history.unsafe(modelled, "beat", "", PLAN, "too many")

    assert [record.times for record in runs()] == [1, 1, 1]


def test_a_pass_after_a_killed_one_says_so_even_if_it_can_do_nothing(modelled, model, credential):
    dead = run_history.begin(modelled, "beat", "", PLAN)
    model.dies_at = 0

    run(modelled, plan_only=True)
    assert runs()[0].state == RunState.RUNNING
    run(modelled)

    dead.refresh_from_db()
    assert dead.state == RunState.DIED


def test_old_runs_are_pruned(modelled):
    old = run_history.begin(modelled, "beat", "", PLAN)
    new = run_history.begin(modelled, "beat", "", PLAN)
    too_old = timezone.now() - timedelta(days=settings.RETENTION_RUNS_DAYS, seconds=1)
    Run.objects.filter(pk=old.pk).update(id=made_at(ID_PREFIX, too_old), started_at=too_old)

    assert prune_runs() == 1

    assert runs() == [new]
