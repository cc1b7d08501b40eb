"""Celery tasks: what each passes on, and when a push runs again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.core.cache import cache

from messaging.credentials.models import CredentialStatus
from reconciler import push, runs, tasks
from reconciler.models import Gateway, Placement
from reconciler.result import Ending, Result
from tests.factories import make_organization
from tests.reconciler.conftest import make_credential


@dataclass
class Rounds:
    """Stands in for `runs.run`."""

    result: Result = field(default_factory=lambda: Result(Ending.IN_SYNC, "modelled"))
    runs: list[dict] = field(default_factory=list)

    def __call__(self, gateway: Gateway, **options: object) -> Result:
        self.runs.append({"gateway": gateway, **options})
        return self.result


@pytest.fixture
def passes(monkeypatch) -> Rounds:
    passes = Rounds()
    monkeypatch.setattr(runs, "run", passes)
    return passes


@pytest.fixture
def later(monkeypatch) -> list[tuple[tuple, dict]]:
    """Tasks that were queued."""
    queued: list[tuple[tuple, dict]] = []
    for task in (tasks.push, tasks.reconcile_gateway):
        monkeypatch.setattr(task, "apply_async", lambda args, **o: queued.append((args, o)))
    return queued


# -- beat -----------------------------------------------------------------------------------


def test_beat_queues_one_pass_a_gateway_that_does_not_outlive_the_next_beat(modelled, later):
    off = Gateway.objects.create(
        name="off", jcli_host="192.0.2.1", http_url="http://x", enabled=False
    )
    second = Gateway.objects.create(name="second", jcli_host="192.0.2.1", http_url="http://x")

    tasks.reconcile_all()

    assert {args for args, _ in later} == {(modelled.pk,), (second.pk,)}
    assert (off.pk,) not in [args for args, _ in later]
    assert {options["expires"] for _, options in later} == {settings.RECONCILE_INTERVAL - 5}


def test_beat_is_scheduled_with_expiry_below_its_interval():
    entry = settings.CELERY_BEAT_SCHEDULE["reconcile"]

    assert entry["task"] == tasks.reconcile_all.name
    assert entry["schedule"].seconds == settings.RECONCILE_INTERVAL
    assert entry["options"]["expires"] < settings.RECONCILE_INTERVAL


def test_a_pass_of_beat_is_a_round_over_the_whole_gateway(modelled, passes):
    tasks.reconcile_gateway(modelled.pk)

    (run,) = passes.runs
    assert (run["gateway"], run["trigger"], run["force"]) == (modelled, "beat", False)
    assert "organization_id" not in run


def test_a_gateway_that_was_disabled_or_removed_meanwhile_is_left_alone(modelled, passes):
    Gateway.objects.update(enabled=False)

    tasks.reconcile_gateway(modelled.pk)
    tasks.reconcile_gateway("gw_gone")

    assert passes.runs == []


# -- push -----------------------------------------------------------------------------------


def test_a_push_is_a_round_over_one_organisation(modelled, tenant, passes, later):
    tasks.push(tenant.pk)

    (run,) = passes.runs
    assert (run["gateway"], run["organization_id"], run["trigger"]) == (modelled, tenant.pk, "push")
    assert run["wait"] > 0
    assert later == []


def test_a_push_takes_its_mark_away_when_its_pass_begins(modelled, tenant, monkeypatch):
    cache.set(push.mark(tenant.pk), 1)
    marks = []

    def run(gateway: Gateway, *, begun, **_: object) -> Result:
        marks.append(cache.get(push.mark(tenant.pk)))  # it still waits for the lock
        begun()
        marks.append(cache.get(push.mark(tenant.pk)))
        return Result(Ending.IN_SYNC, "modelled")

    monkeypatch.setattr(runs, "run", run)

    tasks.push(tenant.pk)

    assert marks == [1, None]


def test_a_push_that_never_got_the_lock_leaves_no_mark(modelled, tenant, passes, later):
    cache.set(push.mark(tenant.pk), 1)
    passes.result = Result(Ending.BUSY, "modelled")

    tasks.push(tenant.pk)

    assert cache.get(push.mark(tenant.pk)) is None


def test_a_push_places_a_new_organisation(modelled, passes):
    organization = make_organization()

    tasks.push(organization.pk)

    assert passes.runs[0]["gateway"] == modelled
    assert Placement.objects.get(organization=organization).gateway == modelled


def test_a_push_without_a_gateway_is_nothing(db, passes):
    tasks.push(make_organization().pk)

    assert passes.runs == []


def test_a_push_to_a_disabled_gateway_is_nothing(modelled, tenant, passes):
    Gateway.objects.update(enabled=False)

    tasks.push(tenant.pk)

    assert passes.runs == []


@pytest.fixture
def binding(modelled, tenant, passes):
    """A bind that this push has started and that is not up."""
    credential = make_credential(tenant, port=1, system_id="acme")
    CredentialStatus.objects.update(sync_state="synced", bind_state="binding")
    passes.result = Result(Ending.APPLIED, "modelled", settling=(credential.gateway_key,))
    return credential


def test_a_push_looks_again_while_its_bind_is_not_up(tenant, binding, later):
    for follow_up, pause in enumerate(push.FOLLOW_UPS):
        later.clear()
        tasks.push(tenant.pk, follow_up)
        assert later == [
            ((tenant.pk, follow_up + 1), {"countdown": pause, "expires": push.EXPIRES})
        ]

    later.clear()
    tasks.push(tenant.pk, len(push.FOLLOW_UPS))
    assert later == []


def test_a_follow_up_goes_on_although_it_started_nothing_itself(tenant, binding, passes, later):
    passes.result = Result(Ending.IN_SYNC, "modelled")

    tasks.push(tenant.pk, 1)

    assert len(later) == 1


def test_a_bind_that_is_up_or_known_to_be_refused_is_not_looked_at_again(tenant, binding, later):
    for state in ("bound", "unbound"):
        CredentialStatus.objects.update(bind_state=state)
        tasks.push(tenant.pk)

    assert later == []


def test_a_push_that_found_the_gateway_busy_comes_again(tenant, binding, passes, later):
    CredentialStatus.objects.update(sync_state="pending", bind_state="unknown")
    passes.result = Result(Ending.BUSY, "modelled")

    tasks.push(tenant.pk)

    assert len(later) == 1


def test_a_bind_that_is_down_for_longer_is_no_matter_of_a_new_push(tenant, binding, passes, later):
    passes.result = Result(Ending.IN_SYNC, "modelled")

    tasks.push(tenant.pk)

    assert later == []
