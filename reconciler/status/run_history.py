"""What a pass leaves of itself: the run, its changes, and the state of the gateway."""

from __future__ import annotations

import copy

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from messaging.credentials.events import occurrences
from messaging.credentials.models import BindState, CredentialStatus, SyncState
from messaging.webhooks.events import emit_many
from reconciler.executor import Outcomes
from reconciler.models import Gateway, GatewayState, Run, RunState
from reconciler.plan import Plan, as_data, failures
from reconciler.state import Greeting, State
from reconciler.status import bind_history


def mark_dead(gateway: Gateway) -> None:
    """A run that is still `running` has lost its process: whoever calls this holds the lock."""
    Run.objects.filter(gateway=gateway, state=RunState.RUNNING).update(
        state=RunState.DIED, finished_at=timezone.now(), error="its process was killed"
    )


def begin(gateway: Gateway, trigger: str, organization_id: str, plan: Plan) -> Run:
    """Write the plan down before it is applied, and that Jasmin has not persisted it yet."""
    Gateway.objects.filter(pk=gateway.pk).update(unpersisted=True)
    return Run.objects.create(
        gateway=gateway,
        organization_id=organization_id,
        trigger=trigger,
        started_at=timezone.now(),
        changes=[as_data(change) for change in plan.changes],
        warnings=list(plan.warnings),
    )


def finish(run: Run, gateway: Gateway, outcomes: Outcomes, failure: str = "") -> Run:
    """Write down what became of each change; `failure`: why none of it is sure to last.

    Returns the run. What fails again and again in the same way is one run with a count.
    """
    run.changes = [
        as_data(change) | ({"outcome": "failed", "error": said} if said else {"outcome": "done"})
        for change, said in outcomes.items()
    ]
    failed = [said for said in outcomes.values() if said]
    run.state = RunState.FAILED if failed or failure else RunState.APPLIED
    run.error = failure or failures(outcomes)
    run.persisted = not failure
    run.finished_at = timezone.now()
    run.save()
    if not failure:
        Gateway.objects.filter(pk=gateway.pk).update(unpersisted=False)
    before = Run.objects.filter(gateway=gateway, pk__lt=run.pk).order_by("-id").first()
    if run.state == RunState.FAILED and before is not None and _tale(before) == _tale(run):
        before.times, before.finished_at = before.times + 1, run.finished_at
        before.save()
        run.delete()
        return before
    return run


def _tale(run: Run) -> tuple:
    """What the run has to tell, but for when and on whose behalf."""
    return run.state, run.error, run.organization_id, run.changes, run.warnings


def unsafe(gateway: Gateway, trigger: str, organization_id: str, plan: Plan, refusal: str) -> Run:
    """Keep a refused plan; one that is refused again and again is one run with a count."""
    return _repeated(
        gateway,
        trigger,
        RunState.UNSAFE,
        refusal,
        organization_id=organization_id,
        changes=[as_data(change) for change in plan.changes],
        warnings=list(plan.warnings),
    )


def _repeated(gateway: Gateway, trigger: str, state: RunState, error: str, **fields) -> Run:
    now = timezone.now()
    last = Run.objects.filter(gateway=gateway).order_by("-id").first()
    if last is not None and (last.state, last.error) == (state, error):
        Run.objects.filter(pk=last.pk).update(times=F("times") + 1, finished_at=now, **fields)
        return last
    return Run.objects.create(
        gateway=gateway,
        trigger=trigger,
        state=state,
        error=error,
        started_at=now,
        finished_at=now,
        **fields,
    )


def looked(gateway: Gateway) -> None:
    """A process of ours has looked at it, whatever it saw."""
    Gateway.objects.filter(pk=gateway.pk).update(looked_at=timezone.now())


def is_back(gateway: Gateway) -> None:
    """It takes messages again; how its binds are is for the next pass to see."""
    _gateway_is(gateway, GatewayState.UP)


def pass_failed(gateway: Gateway, reason: str, trigger: str, *, shown_by_looks: bool) -> None:
    """Keep a pass that could not be, and mark the gateway down."""
    gateway_down(gateway, reason, shown_by_looks=shown_by_looks)
    _repeated(gateway, trigger, RunState.FAILED, reason)


def gateway_down(gateway: Gateway, reason: str, *, shown_by_looks: bool) -> None:
    """Mark it down; nobody knows now whether a bind on it lives."""
    now = timezone.now()
    _gateway_is(gateway, GatewayState.DOWN, reason, shown_by_looks=shown_by_looks)
    mine = CredentialStatus.objects.filter(
        credential__organization__placement__gateway=gateway, credential__deleted_at=None
    )
    said = f"the gateway is down: {gateway.without_addresses(reason)}"
    live = mine.filter(credential__enabled=True)
    with transaction.atomic():
        _tell_of_losses(live, said)
        moved = live.exclude(bind_state=BindState.UNKNOWN)
        bind_history.record(list(moved.values_list("pk", flat=True)), BindState.UNKNOWN, said)
        moved.update(bind_state=BindState.UNKNOWN, bind_since=now)
    live.exclude(bind_error=said).update(bind_error=said)
    mine.exclude(sync_state=SyncState.SYNCED).update(sync_error=said)


def _tell_of_losses(live: QuerySet[CredentialStatus], said: str) -> None:
    """A bind that nobody sees any more is one that its owner can't count on."""
    up = live.filter(bind_state=BindState.BOUND).select_related("credential")
    now, told = timezone.now(), []
    for before in up.select_for_update(of=("self",)):
        after = copy.copy(before)
        after.bind_state, after.bind_error = BindState.UNKNOWN, said
        told += occurrences(before.credential, before=before, after=after, at=now)
    emit_many(told)


def _gateway_is(gateway: Gateway, state: GatewayState, reason: str = "", **fields) -> None:
    now = timezone.now()
    if gateway.state != state or gateway.state_reason != reason:
        fields |= {"state": state, "state_reason": reason}
        if gateway.state != state:
            fields["state_since"] = now
    if fields:
        Gateway.objects.filter(pk=gateway.pk).update(**fields)


def gateway_up(gateway: Gateway, found: State, greeting: Greeting, *, is_whole: bool) -> None:
    """The pass could read it; `is_whole`: all of it, not only one organisation's part."""
    news = {"last_pass_at": timezone.now()} if is_whole else {}
    _gateway_is(
        gateway,
        GatewayState.UP,
        looked_at=timezone.now(),
        epoch=found.epoch,
        conflicts=list(found.conflicts),
        jasmin_version=greeting.jasmin,
        launcher_version=greeting.launcher,
        capabilities=sorted(greeting.capabilities),
        **news,
    )
