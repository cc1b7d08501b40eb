"""Draining: a gateway takes nothing new, finishes what it has, and hands its organisations over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from messaging.messages.models import Message, MessageStatus
from orbit.accounts.actors import Actor
from orbit.accounts.models import Organization
from reconciler.fleet import door, modes, relocation
from reconciler.jasmin.capabilities import DRAIN
from reconciler.models import Gateway, GatewayLog, GatewayMode

LOOK = 0.25  # seconds

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Left:
    """What a gateway still has. `messages`: handed over to it, with an outcome that is not known
    yet. `open`: what its process has accepted, from platforms too; None: it did not answer.
    `is_asked`: whether its process can answer at all (a stock Jasmin can't)."""

    organizations: int
    moving: int
    messages: int
    open: int | None
    is_asked: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is under way. A gateway that did not answer is not empty."""
        is_silent = self.is_asked and self.open is None
        return not (self.moving or self.messages or self.open or is_silent)

    def __str__(self) -> str:
        asked = "?" if self.open is None else self.open
        return (
            f"{self.organizations} organisation(s), {self.moving} of them on the way, "
            f"{self.messages} message(s) without an outcome, {asked} open in its process"
        )


def begin(gateway: Gateway, *, by: Actor, reason: str = "") -> None:
    """Drain the gateway. Raises modes.WrongMode for a lost one."""
    modes.set_mode(gateway, GatewayMode.DRAINING, by=by, reason=reason)


def end(gateway: Gateway, *, by: Actor) -> None:
    """Let the gateway have new messages again, once `door.keep` has told its process. Organisations
    that have moved stay where they are. Raises modes.WrongMode for one that is not drained."""
    modes.set_mode(gateway, GatewayMode.ACTIVE, by=by, only=GatewayMode.DRAINING)


def step(gateway: Gateway, *, by: Actor) -> list[Gateway]:
    """Start the next moves off the gateway, once those before have arrived; return the gateways
    that need a pass for them.

    Tasks call this, where no command waits for the drain. It does nothing where people have put the
    gateway to use again.
    """
    gateway.refresh_from_db(fields=["mode", "mode_reason"])
    if gateway.mode != GatewayMode.DRAINING or gateway.mode_reason == modes.UPGRADE:
        return []  # after an upgrade: what is left there waits for its restart
    planned = relocation.plan(gateway, gapless=False).moves
    stranded = [each for each in planned if each.is_under_way]
    moves = stranded or next(iter(relocation.in_portions(planned)), ())
    if not stranded and gateway.departures.exists():
        return list(relocation.targets([gateway.pk]).values())
    if not moves:
        modes.close(gateway)
        return []
    relocation.begin(moves, by=by, why="drained")
    return list({each.target.pk: each.target for each in moves}.values())


def move_off(
    gateway: Gateway, *, by: Actor, why: str, gapless: bool, tell: Tell
) -> list[tuple[Organization, str]]:
    """Move the gateway's organisations to others and wait; return those that stay, and why."""
    plan = relocation.plan(gateway, gapless=gapless)
    done = 0
    for moves in relocation.in_portions(plan.moves):
        relocation.begin(moves, by=by, why=why)
        if not relocation.carry_out([gateway]):
            count = gateway.departures.count()
            tell(f"{count} organisation(s) have not arrived on their new gateways yet")
        done += len(moves)
        tell(f"{done} of {len(plan.moves)} organisation(s) moved off {gateway}")
    return plan.stays


def left(gateway: Gateway) -> Left:
    """Ask what the gateway still has; this closes its process, where its row says so."""
    said = door.keep(gateway)
    return Left(
        organizations=gateway.placements.count() + gateway.departures.count(),
        moving=gateway.departures.count(),
        messages=messages_in(gateway),
        open=None if said is None else said.open,
        is_asked=DRAIN in gateway.capabilities and _log(gateway) is not None,
    )


def messages_in(gateway: Gateway) -> int:
    """Count the messages that the gateway may have and whose outcome its log has not told."""
    log = _log(gateway)
    mine = Message.objects.filter(status=MessageStatus.SENDING, claimed_at__isnull=False)
    if log is not None:
        return mine.filter(lane=log.log).count()
    return mine.filter(lane="", organization__placement__gateway=gateway).count()


def _log(gateway: Gateway) -> GatewayLog | None:
    return GatewayLog.objects.filter(pk=gateway.pk).exclude(log="").first()


def wait_until_empty(gateway: Gateway, *, patience: float) -> Left:
    """Wait until the gateway has nothing under way; return what it has after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not (found := left(gateway)).is_empty and time.monotonic() < deadline:
        time.sleep(LOOK)
    return found
