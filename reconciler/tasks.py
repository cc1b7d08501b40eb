"""Doors for Celery: each calls one function. A lost task is late, never lost: beat comes again."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from reconciler import loop, pass_results, placements, runs
from reconciler.models import Gateway
from reconciler.result import Ending
from reconciler.status import credential_status

PUSH_EXPIRES = 25  # seconds; older than that, a beat has done it
# Seconds for a pass that is running. Beat and operators wait too: where pushes come all the time,
# their whole passes would else never find the lock free.
WAIT = 10.0
# Looks at binds that were started and not up yet: seconds after the push, one after another.
FOLLOW_UPS = (1.2, 3.0, 8.0)


def mark(organization_id: str) -> str:
    """Cache key: a push of this organisation is queued and has not started."""
    return f"push:{organization_id}"


@shared_task
def reconcile_all() -> None:
    """Every 30 s: one task a gateway, so that they run side by side."""
    for gateway_id in Gateway.objects.filter(enabled=True).values_list("pk", flat=True):
        expires = max(1, settings.RECONCILE_INTERVAL - 5)
        reconcile_gateway.apply_async((gateway_id,), expires=expires)


@shared_task
def reconcile_gateway(gateway_id: str, trigger: str = "beat", force: bool = False) -> None:
    gateway = Gateway.objects.filter(pk=gateway_id, enabled=True).first()
    if gateway is not None:
        runs.run(gateway, trigger=trigger, force=force, wait=WAIT)


@shared_task
def answer(
    ticket: str,
    gateway_id: str,
    *,
    organization_id: str = "",
    plan_only: bool = False,
    force: bool = False,
) -> None:
    """A pass that somebody waits for; its report goes to the ticket."""
    gateway = Gateway.objects.get(pk=gateway_id)
    scope = {"organization_id": organization_id, "trigger": "admin", "wait": WAIT}
    if plan_only:
        report = loop.reconcile(gateway, plan_only=True, **scope)
    else:
        report = runs.run(gateway, force=force, **scope)
    pass_results.settle(ticket, report)


@shared_task
def push(organization_id: str, follow_up: int = 0) -> None:
    """A scoped pass after a commit; looks again while a bind that it started is not up."""

    def begun() -> None:
        """A commit after this point queues a push of its own; those before it wait here with us,
        and not each in a worker's place."""
        cache.delete(mark(organization_id))

    gateway = placements.place(organization_id)
    if gateway is None or not gateway.enabled:
        begun()
        return
    report = runs.run(
        gateway, organization_id=organization_id, trigger="push", wait=WAIT, begun=begun
    )
    if report.ending is Ending.BUSY:
        begun()
    unfinished = report.settling or report.ending is Ending.BUSY or follow_up
    if unfinished and follow_up < len(FOLLOW_UPS) and credential_status.settling(organization_id):
        push.apply_async(
            (organization_id, follow_up + 1), countdown=FOLLOW_UPS[follow_up], expires=PUSH_EXPIRES
        )
