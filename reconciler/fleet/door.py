"""Tells a gateway's process that it is closed to what is new, or open again: `gateway_api.DRAIN`.

The site hands nothing over to a closed gateway; the process refuses platforms' submits too, and
what comes late. One that was started again is open until it is told.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from reconciler import lock
from reconciler.gateway_client.operator_client import Drained, GatewayAway, OperatorClient
from reconciler.jasmin.capabilities import DRAIN
from reconciler.models import Gateway, GatewayLog, GatewayMode, GatewayState

WAIT = 5.0  # seconds for another process that tells the same gateway

logger = logging.getLogger(__name__)


def keep(gateway: Gateway) -> Drained | None:
    """Tell the gateway's process whether its row says that it is closed.

    None: there was nothing to tell, or the process can't be reached now, and the next pass tells
    it.
    """
    if not (gateway.closed or gateway.told_closed):
        return None
    with _alone(gateway) as log:
        if not log or gateway.state == GatewayState.DOWN:
            return None
        return _tell(gateway, log)


def untaken(tokens: Mapping[str, Collection[str]]) -> dict[str, frozenset[str] | None]:
    """`messaging.gateway.Gateway.untaken`."""
    rows = GatewayLog.objects.filter(
        log__in=tokens, gateway__enabled=True, gateway__closed=True
    ).select_related("gateway")
    return {row.log: _untaken(row.gateway, row.log, tokens[row.log]) for row in rows}


def _untaken(gateway: Gateway, lane: str, tokens: Collection[str]) -> frozenset[str] | None:
    if DRAIN not in gateway.capabilities:
        return frozenset()
    with _alone(gateway) as log:
        if log != lane or not gateway.closed or gateway.state == GatewayState.DOWN:
            return None
        said = _tell(gateway, log, tokens)
    return None if said is None else frozenset(said.unknown)


@contextmanager
def _alone(gateway: Gateway) -> Iterator[str]:
    """Read the gateway's row anew and keep others from telling its process anything meanwhile;
    yield the id of its log.

    "" where the process has no `POST /lane/drain`, or where others hold the lock.
    """
    with lock.held(f"door-{gateway.pk}", wait=WAIT) as ours:
        gateway.refresh_from_db(fields=["mode", "closed", "told_closed", "state", "capabilities"])
        log = GatewayLog.objects.filter(pk=gateway.pk).first()
        yield log.log if ours and log and DRAIN in gateway.capabilities else ""


def _tell(gateway: Gateway, log: str, tokens: Collection[str] = ()) -> Drained | None:
    mine, closed = Gateway.objects.filter(pk=gateway.pk), gateway.closed
    if closed:
        mine.update(told_closed=True)  # before: the answer may be lost
    client = OperatorClient(gateway)
    try:
        withdraw = gateway.mode == GatewayMode.LOST
        said = client.drain(log, closed=closed, withdraw=withdraw, tokens=sorted(tokens))
    except GatewayAway as error:
        logger.warning("gateway %s can't be told whether it is drained: %s", gateway, error)
        return None
    finally:
        client.close()
    if not closed:
        mine.update(told_closed=False)
    return said
