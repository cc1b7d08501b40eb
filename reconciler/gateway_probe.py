"""Probes gateways between passes, so that a failed or recovered one shows within seconds.

A probe asks what a pass asks before it begins (`gateway_console.connect_if_ready`), and reads
nothing of what Jasmin has. A gateway that is found to be back gets a pass.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import Task
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from orbit.db.fields import Undecryptable
from reconciler import lock, push, tasks
from reconciler.fleet import evacuation
from reconciler.gateway_client import gateway_console, readiness
from reconciler.gateway_client.readiness import GatewayDown
from reconciler.jcli.errors import Slow
from reconciler.models import Gateway, GatewayState
from reconciler.status import gateway_status

FRESH = timedelta(seconds=2.5)  # another process has just probed it

logger = logging.getLogger(__name__)


def probe_all() -> None:
    """Probe the gateways that no process has just probed; one process at a time probes a gateway.

    Every process probes one that is away: another process may be cut off from it, and this one not.
    """
    due = Q(looked_at=None) | Q(looked_at__lt=Now() - FRESH) | Q(looked_at__gt=Now() + FRESH)
    due |= Q(away_since__isnull=False)
    for gateway in Gateway.objects.filter(due, enabled=True):
        with lock.held(f"look-{gateway.pk}") as ours:
            if ours:
                probe(gateway)


def probe(gateway: Gateway) -> None:
    """Write down whether it takes messages. A fault that only a pass sees, only a pass clears."""
    try:
        _reach(gateway)
        reason = ""
    except Slow:
        reason = ""  # its console is busy, and it takes messages
    except (GatewayDown, Undecryptable) as error:
        reason = str(error)
    gateway_status.mark_probed(gateway, reached=not reason)
    if reason or gateway.state == GatewayState.DOWN:
        # A pass that is running finds out by itself; else the next probe comes soon.
        with lock.held(f"gateway-{gateway.pk}") as ours:
            if ours:
                gateway.refresh_from_db(fields=["state", "state_reason", "shown_by_looks"])
                _write(gateway, reason)
    if reason and evacuation.is_lost(gateway):
        _queue(tasks.evacuate_if_lost, gateway, "is lost; its evacuation")


def _write(gateway: Gateway, reason: str) -> None:
    if reason:
        if (gateway.state, gateway.state_reason) != (GatewayState.DOWN, reason):
            logger.warning("gateway %s is down: %s", gateway.name, reason)
            gateway_status.mark_down(gateway, reason, shown_by_looks=True)
    elif gateway.state == GatewayState.DOWN and gateway.shown_by_looks:
        gateway_status.mark_back(gateway)
        _queue(tasks.reconcile_gateway, gateway, "is back; a pass", "look")


def _queue(task: Task, gateway: Gateway, what: str, *args: str) -> None:
    try:
        task.apply_async((gateway.pk, *args), expires=push.EXPIRES)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("gateway %s %s can't be queued: %s", gateway.name, what, error)


def _reach(gateway: Gateway) -> None:
    """Ask a gateway that was up only whether it is ready; of another, check every part."""
    if gateway.state == GatewayState.UP and readiness.is_ready(gateway):
        return
    with gateway_console.connect_if_ready(gateway):
        pass
