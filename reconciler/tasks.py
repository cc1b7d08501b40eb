"""Celery tasks. The work of a lost task is late, not lost: beat comes again."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from reconciler import diagnosis_rounds, loop, pass_results, runs
from reconciler import push as pushes
from reconciler.models import Gateway

# Seconds to wait for a pass that is running. Beat and operators wait too: where pushes come all the
# time, their whole passes would never find the lock free.
WAIT = 10.0


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
        queue = diagnosis_rounds.queue
        result = runs.run(gateway, trigger=trigger, force=force, wait=WAIT, diagnose=queue)
        pushes.go_on(result.left)


@shared_task
def answer(
    ticket: str,
    gateway_id: str,
    *,
    organization_id: str = "",
    plan_only: bool = False,
    force: bool = False,
) -> None:
    """Run a pass that a person waits for, and store its result on the ticket."""
    gateway = Gateway.objects.get(pk=gateway_id)
    scope = {"organization_id": organization_id, "trigger": "admin", "wait": WAIT}
    if plan_only:
        result = loop.reconcile(gateway, plan_only=True, **scope)
    else:
        result = runs.run(gateway, force=force, **scope)
    pass_results.store(ticket, result)


@shared_task
def push(organization_id: str, follow_up: int = 0) -> None:
    """Run a pass of one organisation after a commit, and more until its binds are up."""
    then = pushes.run(organization_id, follow_up, wait=WAIT)
    if then is not None:
        args = (organization_id, then.follow_up)
        push.apply_async(args, countdown=then.seconds, expires=pushes.EXPIRES)


@shared_task
def diagnose(gateway_id: str, organization_id: str) -> None:
    """Ask the carriers of one organisation why its binds are down, and act on the answers."""
    diagnosis_rounds.run(gateway_id, organization_id, wait=WAIT)
