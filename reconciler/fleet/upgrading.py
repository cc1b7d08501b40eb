"""Upgrades gateways one after another: moved off, started again, checked, and only then the next.

What can go to another gateway without a gap goes there first. The others wait in the queue while
theirs is started again. A gateway that fails its check stays drained, and no other one is touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db.models import QuerySet

from messaging.credentials.models import BindState, Credential
from orbit.accounts.actors import Actor
from orbit.db.fields import Undecryptable
from reconciler import actual
from reconciler.fleet import door, draining, modes, relocation
from reconciler.fleet.restart_command import RestartFailed
from reconciler.gateway_client import gateway_console
from reconciler.jcli.errors import JcliError
from reconciler.models import Gateway, GatewayMode
from reconciler.result import Ending

LOOK, BINDS_LOOK = 0.25, 1.0  # seconds
EPOCH_STEP = 1.0  # seconds: Jasmin tells when it was started in whole ones
BINDS_UP = 60.0  # seconds that binds have to come up again, longer than an account's release takes

Tell = Callable[[str], None]
Restart = Callable[[Gateway], None]


class Stopped(Exception):
    """The upgrade ended at a gateway; `str()` says why, and what is where."""


def upgrade(gateways: Sequence[Gateway], restart: Restart, *, by: Actor, tell: Tell) -> None:
    """Upgrade these, one by one. `restart` starts a gateway's process again, and may return before
    it is up. Raises Stopped."""
    for number, gateway in enumerate(gateways):
        rest = ", ".join(each.name for each in gateways[number + 1 :]) or "none"
        try:
            _upgrade(gateway, restart, by=by, tell=tell)
        except (Stopped, RestartFailed, JcliError, Undecryptable, modes.WrongMode) as error:
            modes.reload(gateway)
            raise Stopped(
                f"{gateway}: {error}. It is {gateway.mode} with {draining.left(gateway)}; "
                f"not touched: {rest}. Once it is well: `gateways undrain`, or `upgrade` again"
            ) from error


def _upgrade(gateway: Gateway, restart: Restart, *, by: Actor, tell: Tell) -> None:
    was = GatewayMode(gateway.mode)  # when it was chosen, which may be long ago
    modes.reload(gateway)
    if gateway.mode == GatewayMode.LOST:
        raise Stopped("it is lost; `gateways activate` it first")
    if gateway.mode != was:
        raise Stopped(f"people have made it {gateway.mode} meanwhile")
    epoch, read_at = _epoch_if_up(gateway), time.monotonic()
    stays = draining.move_off(gateway, by=by, why=modes.UPGRADE, gapless=True, tell=tell)
    for why in sorted({why for _, why in stays}):
        count = sum(each == why for _, each in stays)
        tell(f"{count} organisation(s) stay on {gateway}, and wait for its restart: {why}")
    before = _bound(gateway)
    # A process that was started a moment ago can't be told from one that is started now.
    time.sleep(max(0.0, read_at + EPOCH_STEP - time.monotonic()))
    upgrade = {"reason": modes.UPGRADE, "closed": True}
    modes.set_mode(gateway, GatewayMode.DRAINING, by=by, only=was, **upgrade)
    if epoch:
        left = draining.wait_until_empty(gateway, patience=settings.GATEWAY_DRAIN_TIMEOUT)
        if not left.is_empty:
            raise Stopped(f"it was not empty after {settings.GATEWAY_DRAIN_TIMEOUT} s")
        modes.reload(gateway)
        if not gateway.closed:
            raise Stopped("people have undrained it meanwhile")
        tell(f"{gateway} is empty; it is started again")
    began = time.monotonic()
    restart(gateway)
    _wait_for_new_process(gateway, epoch)
    _check(gateway)
    now = {"only": GatewayMode.DRAINING, "because": modes.UPGRADE}
    modes.set_mode(gateway, GatewayMode.ACTIVE, by=by, **now)
    door.keep(gateway)
    _wait_for_binds(gateway, before)
    tell(f"{gateway} is up again, in sync and checked, after {time.monotonic() - began:.1f} s")


def _epoch_if_up(gateway: Gateway) -> str:
    """When the process was started; "" for a gateway that an upgrade before has left down: then
    there is nothing to wait for."""
    try:
        return _epoch(gateway)
    except JcliError:
        if gateway.mode_reason != modes.UPGRADE:
            raise
        return ""


def _epoch(gateway: Gateway) -> str:
    with gateway_console.connect_if_ready(gateway) as console:
        return actual.read_epoch(console)


def _wait_for_new_process(gateway: Gateway, epoch: str) -> None:
    """Until another process than that of `epoch` takes messages."""
    deadline = time.monotonic() + settings.GATEWAY_RESTART_TIMEOUT
    why = "it is the same process still"
    while time.monotonic() < deadline:
        try:
            if _epoch(gateway) != epoch:
                return
        except JcliError as error:
            why = str(error)
        time.sleep(LOOK)
    why = f"no new process was up within {settings.GATEWAY_RESTART_TIMEOUT} s: {why}"
    raise Stopped(why)


def _check(gateway: Gateway) -> None:
    """Run a whole pass, which reads everything again."""
    result = relocation.pass_over(gateway)
    if result.ending not in (Ending.IN_SYNC, Ending.APPLIED):
        raise Stopped(f"the pass after its restart: {result.ending}, {result.error}")


def _wanted(gateway: Gateway) -> QuerySet[Credential]:
    """The credentials whose binds are to be on this gateway."""
    return Credential.objects.live().filter(enabled=True, organization__placement__gateway=gateway)


def _bound(gateway: Gateway) -> dict[str, int]:
    """The `bind_version` of each credential whose bind is up."""
    rows = _wanted(gateway).filter(status__bind_state=BindState.BOUND)
    return dict(rows.values_list("pk", "bind_version"))


def _down(gateway: Gateway, before: dict[str, int]) -> list[str]:
    """Credentials whose binds were up `before` and are not now. One that people have changed,
    disabled or deleted meanwhile says nothing about the gateway."""
    rows = _wanted(gateway).filter(pk__in=before).exclude(status__bind_state=BindState.BOUND)
    return [pk for pk, version in rows.values_list("pk", "bind_version") if version == before[pk]]


def _wait_for_binds(gateway: Gateway, before: dict[str, int]) -> None:
    """Until the binds that were up before the restart are up again."""
    deadline = time.monotonic() + BINDS_UP
    while down := _down(gateway, before):
        if time.monotonic() > deadline:
            raise Stopped(f"{len(down)} of {len(before)} binds are not up again")
        time.sleep(BINDS_LOOK)
        relocation.pass_over(gateway)
