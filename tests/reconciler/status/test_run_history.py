"""What passes leave of themselves."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from messaging.credentials.models import BindState, CredentialStatus
from messaging.webhooks.models import Event, Webhook
from reconciler.diff import diff
from reconciler.jasmin.route_orders import PINNED
from reconciler.models import Gateway, GatewayState, Run, RunState
from reconciler.plan import make_plan
from reconciler.result import Ending
from reconciler.retention import prune_runs
from reconciler.status import run_history
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.model_objects import Way
from tests.reconciler.passes import run, runs, status
from tests.reconciler.states import Group, Kind, connector, state

pytestmark = pytest.mark.sqlite

WANTED, FOUND = state(Group("obg"), connector("ob1")), state(foreign={Kind.USER: ("them",)})
PLAN = make_plan(diff(WANTED, FOUND), FOUND)


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

    run_history.mark_dead(modelled)

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


# -- a gateway that is down -----------------------------------------------------------------------


@pytest.fixture
def credential(tenant):
    return make_credential(tenant, port=2775, system_id="acme")


def test_nobody_knows_of_binds_on_a_gateway_that_is_down(modelled, tenant, credential):
    elsewhere = make_credential(make_tenant(other_gateway()), port=1, system_id="acme")
    off = make_credential(tenant, port=1, system_id="off", enabled=False)
    CredentialStatus.objects.update(bind_state="bound", sync_state="synced")
    CredentialStatus.objects.filter(pk=off.pk).update(bind_state="disabled")

    run_history.pass_failed(modelled, "no answer within 10 s", "beat", shown_by_looks=True)

    seen = status(credential)
    assert (seen.bind_state, seen.sync_state) == (BindState.UNKNOWN, "synced")
    assert seen.bind_error == "the gateway is down: no answer within 10 s"
    assert seen.bind_since is not None
    assert status(elsewhere).bind_state == BindState.BOUND
    assert status(off).bind_state == BindState.DISABLED


def test_webhooks_are_told_of_binds_that_nobody_sees_any_more(modelled, tenant, credential):
    Webhook.objects.create(
        organization=tenant, url="https://127.0.0.1/", events=["*"], secret_set_at=timezone.now()
    )
    CredentialStatus.objects.update(bind_state="bound", sync_state="error", sync_error="no")

    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)
    run_history.pass_failed(modelled, "connection refused", "beat", shown_by_looks=True)

    event = json.loads(Event.objects.get().body)
    assert event["type"] == "smpp.credential.unbound"
    assert (event["data"]["state"], event["data"]["error"]) == (
        "unknown",
        "the gateway is down: no answer",
    )


def test_another_reason_is_told_too(modelled, credential):
    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)
    since = status(credential).bind_since

    run_history.pass_failed(modelled, "connection refused", "beat", shown_by_looks=True)

    assert status(credential).bind_error == "the gateway is down: connection refused"
    assert status(credential).bind_since == since


def other_gateway() -> Gateway:
    return Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")


def test_what_waits_for_a_gateway_that_is_down_says_so(modelled, credential):
    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)

    assert (status(credential).sync_state, status(credential).sync_error) == (
        "pending",
        "the gateway is down: no answer",
    )


def test_the_reason_and_the_moment_are_kept(modelled):
    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)
    modelled.refresh_from_db()
    since = modelled.state_since

    run_history.pass_failed(modelled, "connection refused", "beat", shown_by_looks=True)

    modelled.refresh_from_db()
    assert (modelled.state, modelled.state_reason) == (GatewayState.DOWN, "connection refused")
    assert modelled.state_since == since
    assert [record.error for record in runs()] == ["no answer", "connection refused"]


def test_a_gateway_that_is_back_says_nothing_of_the_past(modelled, model, credential):
    run(modelled)
    model.dies_at = 0
    run(modelled)
    model.dies_at = None

    run(modelled)

    modelled.refresh_from_db()
    assert (modelled.state, modelled.state_reason) == (GatewayState.UP, "")
    assert (status(credential).bind_state, status(credential).bind_error) == ("bound", "")
    assert (status(credential).sync_state, status(credential).sync_error) == ("synced", "")


def test_only_a_whole_pass_counts_as_the_last_one(modelled, credential):
    run(modelled, organization_id=credential.organization_id)
    modelled.refresh_from_db()
    assert (modelled.state, modelled.last_pass_at) == (GatewayState.UP, None)

    run(modelled)
    modelled.refresh_from_db()
    assert modelled.last_pass_at is not None


def test_what_others_made_in_our_way_is_known_of_the_gateway_until_it_is_gone(modelled, model):
    model.routes[PINNED] = Way(PINNED, "FailoverMTRoute", ("theirs", "theirs"), ("<T>",))
    assert run(modelled).ending is Ending.IN_SYNC
    modelled.refresh_from_db()
    (said,) = modelled.conflicts
    assert said.startswith(f"conflict: route {PINNED} is not ours")

    del model.routes[PINNED]
    run(modelled)
    modelled.refresh_from_db()
    assert modelled.conflicts == []


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
    Run.objects.filter(pk=old.pk).update(started_at=too_old)

    assert prune_runs() == 1

    assert runs() == [new]
