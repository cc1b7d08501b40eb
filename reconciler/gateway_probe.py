"""Looks at gateways between their passes: a few seconds after one has failed, or is back, it shows.

A look asks what `gateways.reach` asks and reads nothing of what Jasmin has; a pass follows where
one was found to be back.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from orbit.db.fields import Undecryptable
from reconciler import lock, tasks
from reconciler.gateway_client import connection as gateways
from reconciler.gateway_client.connection import GatewayDown
from reconciler.models import Gateway, GatewayState
from reconciler.status import run_history

FRESH = timedelta(seconds=2.5)  # another process has just looked

logger = logging.getLogger(__name__)


def look_at_all() -> None:
    """Look at those that no process has looked at just now; each is looked at by one at a time."""
    now = timezone.now()
    due = Q(looked_at=None) | Q(looked_at__lt=now - FRESH) | Q(looked_at__gt=now + FRESH)
    for gateway in Gateway.objects.filter(due, enabled=True):
        with lock.held(f"look-{gateway.pk}") as ours:
            if ours:
                look(gateway)


def look(gateway: Gateway) -> None:
    """Write down whether it takes messages. What a pass alone can see, a pass alone clears."""
    try:
        _reach(gateway)
        reason = ""
    except (GatewayDown, Undecryptable) as error:
        reason = str(error)
    run_history.looked(gateway)
    if reason or gateway.state == GatewayState.DOWN:
        # A pass that runs sees for itself; if it does not, the next look comes soon.
        with lock.held(f"gateway-{gateway.pk}") as ours:
            if ours:
                gateway.refresh_from_db(fields=["state", "state_reason", "shown_by_looks"])
                _write(gateway, reason)


def _write(gateway: Gateway, reason: str) -> None:
    if reason:
        if (gateway.state, gateway.state_reason) != (GatewayState.DOWN, reason):
            logger.warning("gateway %s is down: %s", gateway.name, reason)
            run_history.gateway_down(gateway, reason, shown_by_looks=True)
    elif gateway.state == GatewayState.DOWN and gateway.shown_by_looks:
        run_history.is_back(gateway)
        try:
            tasks.reconcile_gateway.apply_async((gateway.pk, "look"), expires=tasks.PUSH_EXPIRES)
        except (OperationalError, RedisError, OSError) as error:
            logger.warning("gateway %s is back; no pass can be queued: %s", gateway.name, error)


def _reach(gateway: Gateway) -> None:
    """One that was up and says itself that it is ready is; of others each part is asked."""
    if gateway.state == GatewayState.UP and gateways.is_ready(gateway):
        return
    with gateways.reach(gateway):
        pass
