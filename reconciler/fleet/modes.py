"""The mode of a gateway, with its audit row."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
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
_RELOADED = (
    "enabled", "mode", "mode_since", "mode_reason", "closed", "told_closed", "away_since",
    "state", "state_since", "state_reason", "shown_by_looks", "capabilities", "epoch",
)  # fmt: skip


def longest_restart() -> timedelta:
    """The time that an upgrade gives a gateway, from its closing until its new process is up."""
    seconds = settings.GATEWAY_DRAIN_TIMEOUT + 2 * settings.GATEWAY_RESTART_TIMEOUT
    return timedelta(seconds=seconds)


def reload(gateway: Gateway) -> None:
    """Read its mode and state anew. Not its secrets: one whose key is lost is drained and evacuated
    like any other."""
    gateway.refresh_from_db(fields=_RELOADED)


class WrongMode(Exception):
    """The gateway can't get that mode now; `str()` says why."""


def set_mode(
    gateway: Gateway,
    mode: GatewayMode,
    *,
    by: Actor,
    reason: str = "",
    only: GatewayMode | None = None,
    because: str | None = None,
    closed: bool = False,
) -> None:
    """Give the gateway another mode, with an audit row. `only`, `because`: the mode that it must
    have now, and the reason of that, else WrongMode. `closed`: the site hands no new messages to it
    from now on.

    A gateway that is drained a second time stays closed. A lost gateway can't be drained:
    undraining it would trust it again.
    """
    with transaction.atomic():
        row = Gateway.objects.select_for_update(of=("self",)).get(pk=gateway.pk)
        if only is not None and row.mode != only:
            raise WrongMode(f"{row} is {row.mode}, not {only}")
        if because is not None and row.mode_reason != because:
            why = f" ({row.mode_reason})" if row.mode_reason else ""
            raise WrongMode(f"people have made it {row.mode} meanwhile{why}")
        if mode == GatewayMode.DRAINING and row.mode == GatewayMode.LOST:
            raise WrongMode(f"{row} is lost: it is drained already")
        closed = closed or (row.closed and row.mode == mode)
        news = {"mode": mode, "mode_reason": reason[:200], "closed": closed}
        if any(getattr(row, name) != value for name, value in news.items()):
            Gateway.objects.filter(pk=row.pk).update(**news, mode_since=timezone.now())
            audit.record(
                by=by, organization=None, action=_ACTIONS[mode], target=row.name, detail=reason
            )
    reload(gateway)


def close(gateway: Gateway) -> None:
    """Hand no new messages to a drained gateway, once no organisation is on its way off it: until
    then it serves them."""
    gateways = Gateway.objects.filter(pk=gateway.pk, mode=GatewayMode.DRAINING, departures=None)
    gateways.update(closed=True)
    reload(gateway)
