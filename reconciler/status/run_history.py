"""Rows of passes that changed something or failed (`Run`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from reconciler.executor import Outcomes
from reconciler.models import Gateway, Run, RunState
from reconciler.plan import Plan, as_data, bounded, failures
from reconciler.status.gateway_status import mark_down, mark_unread

UNREAD = "not down, it takes messages; but the pass could not read it"


def mark_died(gateway: Gateway) -> None:
    """Mark runs that still say `running`; the caller has the lock, so their process is gone."""
    Run.objects.filter(gateway=gateway, state=RunState.RUNNING).update(
        state=RunState.DIED, finished_at=timezone.now(), error="its process was killed"
    )


def begin(gateway: Gateway, trigger: str, organization_id: str, plan: Plan) -> Run:
    """Write down the plan before it is applied, and that Jasmin has not persisted it yet."""
    Gateway.objects.filter(pk=gateway.pk).update(unpersisted=True)
    return Run.objects.create(
        gateway=gateway,
        organization_id=organization_id,
        trigger=trigger,
        started_at=timezone.now(),
        warnings=list(plan.warnings),
        **_kept([as_data(change) for change in plan.changes]),
    )


def _kept(changes: list[dict]) -> dict[str, Any]:
    """The columns of a run's changes: a bounded number of them, and the counts of all."""
    return {
        "changes": bounded(changes, settings.RUN_CHANGES_KEPT),
        "change_count": len(changes),
        "drop_count": sum(change["drops_bind"] for change in changes),
    }


def finish(run: Run, gateway: Gateway, outcomes: Outcomes, failure: str = "") -> Run:
    """Write down the outcome of each change; `failure`: why none of them is sure to last.

    Returns the run. Equal failures in a row are one run with a count.
    """
    changes = [
        as_data(change) | ({"outcome": "failed", "error": error} if error else {"outcome": "done"})
        for change, error in outcomes.items()
    ]
    for name, value in _kept(changes).items():
        setattr(run, name, value)
    failed = [error for error in outcomes.values() if error]
    run.state = RunState.FAILED if failed or failure else RunState.APPLIED
    run.error = failure or failures(outcomes)
    run.persisted = not failure
    run.finished_at = timezone.now()
    run.save()
    if not failure:
        Gateway.objects.filter(pk=gateway.pk).update(unpersisted=False)
    before = Run.objects.filter(gateway=gateway, pk__lt=run.pk).order_by("-id").first()
    if run.state == RunState.FAILED and before is not None and _content(before) == _content(run):
        before.times, before.finished_at = before.times + 1, run.finished_at
        before.save()
        run.delete()
        return before
    return run


def _content(run: Run) -> tuple:
    """Return the fields of a run that do not depend on time or caller."""
    return run.state, run.error, run.organization_id, run.changes, run.warnings


def unsafe(gateway: Gateway, trigger: str, organization_id: str, plan: Plan, refusal: str) -> Run:
    """Write down a refused plan; equal refusals in a row are one run with a count."""
    return _repeated(
        gateway,
        trigger,
        RunState.UNSAFE,
        refusal,
        organization_id=organization_id,
        warnings=list(plan.warnings),
        **_kept([as_data(change) for change in plan.changes]),
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


def pass_failed(gateway: Gateway, reason: str, trigger: str, *, shown_by_looks: bool) -> None:
    """Write down a pass that could not read the gateway, and mark the gateway down."""
    mark_down(gateway, reason, shown_by_looks=shown_by_looks)
    _repeated(gateway, trigger, RunState.FAILED, reason)


def pass_unread(gateway: Gateway, reason: str, trigger: str) -> None:
    """Write down a pass that could not read a gateway that takes messages."""
    mark_unread(gateway, reason)
    _repeated(gateway, trigger, RunState.FAILED, f"{UNREAD}: {reason}")
