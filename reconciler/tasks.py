"""Celery tasks. The work of a lost task is late, not lost: beat comes again."""

from __future__ import annotations

from collections.abc import Iterable

from celery import shared_task
from django.conf import settings

from orbit.accounts.actors import SYSTEM
from reconciler import diagnosis_rounds, loop, pass_results, runs
from reconciler import push as pushes
from reconciler.fleet import door, draining, evacuation
from reconciler.models import Gateway, GatewayMode
from reconciler.traces import following

# Seconds to wait for a pass that is running. Beat and operators wait too: where pushes come all the
# time, their whole passes would never find the lock free.
WAIT = 10.0
SOON = 0.5  # seconds until a pass for them: binds that were started are up by then


@shared_task
def reconcile_all() -> None:
    """Queue a pass over each gateway, every 30 s. One task each, so that they run side by side."""
    for gateway_id in Gateway.objects.filter(enabled=True).values_list("pk", flat=True):
        expires = max(1, settings.RECONCILE_INTERVAL - 5)
        reconcile_gateway.apply_async((gateway_id,), expires=expires)


@shared_task
def reconcile_gateway(gateway_id: str, trigger: str = "beat", force: bool = False) -> None:
    gateway = Gateway.objects.filter(pk=gateway_id, enabled=True).first()
    if gateway is None:
        return
    door.keep(gateway)
    queue = diagnosis_rounds.queue
    result = runs.run(gateway, trigger=trigger, force=force, wait=WAIT, diagnose=queue)
    pushes.go_on(result.left)
    _hand_over(gateway)
    if trigger == pushes.MOVES and gateway.mode == GatewayMode.ACTIVE:
        # What has arrived is taken off the old one, and the next ones start.
        queue_passes(Gateway.objects.filter(enabled=True, mode=GatewayMode.DRAINING))


@shared_task
def tend(gateway_id: str) -> None:
    """Act on a drain, an evacuation or a trust that people have just ordered."""
    gateway = Gateway.objects.filter(pk=gateway_id, enabled=True).first()
    if gateway is not None:
        _hand_over(gateway)
        door.keep(gateway)


def _hand_over(gateway: Gateway) -> None:
    """Have other gateways take the next organisations of one that is drained or lost."""
    if gateway.mode == GatewayMode.DRAINING:
        queue_passes(draining.step(gateway, by=SYSTEM))
    elif gateway.mode == GatewayMode.LOST:
        queue_passes(evacuation.take_over(gateway, by=SYSTEM).targets)


@shared_task
def evacuate_if_lost(gateway_id: str) -> None:
    """Queued by a probe that has found the gateway away for too long."""
    gateway = Gateway.objects.filter(pk=gateway_id, enabled=True).first()
    if gateway is not None and (found := evacuation.evacuate_if_lost(gateway)):
        queue_passes(found.targets)


def queue_passes(gateways: Iterable[Gateway]) -> None:
    """Queue a pass over each of these gateways, to which organisations have come."""
    for each in gateways:
        args = (each.pk, pushes.MOVES)
        reconcile_gateway.apply_async(args, countdown=SOON, expires=pushes.EXPIRES)


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


@shared_task
def follow_trace(trace_id: str) -> None:
    """Go on with a trace: start it, read what it has, end it."""
    following.follow(trace_id)
