"""The mode of a gateway, with its audit row."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from reconciler.models import Gateway, GatewayMode

UPGRADE = "upgrade"  # a reason: what stays on the gateway waits for its restart
_ACTIONS = {
    GatewayMode.ACTIVE: "gateway.activated",
    GatewayMode.DRAINING: "gateway.drained",
    GatewayMode.LOST: "gateway.evacuated",
}


class WrongMode(Exception):
    """The gateway can't get that mode now; `str()` says why."""


def set_mode(
    gateway: Gateway,
    mode: GatewayMode,
    *,
    by: Actor,
    reason: str = "",
    only: GatewayMode | None = None,
    closed: bool = False,
) -> None:
    """Give the gateway another mode. `only`: the mode that it must have now, else WrongMode;
    `closed`: it gets no new messages from now on. One that is drained again stays closed. A
    lost one is not drained: that would trust it again."""
    with transaction.atomic():
        row = Gateway.objects.select_for_update(of=("self",)).get(pk=gateway.pk)
        if only is not None and row.mode != only:
            raise WrongMode(f"{row} is {row.mode}, not {only}")
        if mode == GatewayMode.DRAINING and row.mode == GatewayMode.LOST:
            raise WrongMode(f"{row} is lost: it is drained already")
        closed = closed or (row.closed and row.mode == mode)
        news = {"mode": mode, "mode_reason": reason[:200], "closed": closed}
        if any(getattr(row, name) != value for name, value in news.items()):
            Gateway.objects.filter(pk=row.pk).update(**news, mode_since=timezone.now())
            audit.record(
                by=by, organization=None, action=_ACTIONS[mode], target=row.name, detail=reason
            )
    gateway.refresh_from_db()


def close(gateway: Gateway) -> None:
    """It gets no new messages, if what can leave it has left: until then it serves them."""
    gateways = Gateway.objects.filter(pk=gateway.pk, mode=GatewayMode.DRAINING, departures=None)
    gateways.update(closed=True)
    gateway.refresh_from_db()
