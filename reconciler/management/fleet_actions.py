"""What `manage.py gateways` does with a fleet: drain, upgrade, evacuate, balance."""

from __future__ import annotations

from argparse import _SubParsersAction
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.conf import settings
from django.core.management.base import CommandError

from orbit.accounts.actors import command
from orbit.accounts.models import Organization
from reconciler import lock
from reconciler.fleet import (
    balancing,
    door,
    draining,
    evacuation,
    modes,
    relocation,
    restart_command,
    upgrading,
)
from reconciler.fleet.evacuation import StillThere
from reconciler.models import Gateway, GatewayMode

BY = command("gateways")
SHOWN = 20  # organisations that stay, in full

Tell = Callable[[str], None]
T = TypeVar("T")


def add_arguments(actions: _SubParsersAction) -> None:
    drain = actions.add_parser("drain", help="no new messages; its organisations go to others")
    drain.add_argument("name")
    drain.add_argument("--no-wait", action="store_true", help="beat moves them, in portions")
    undrain = actions.add_parser("undrain", help="it takes new messages again")
    undrain.add_argument("name")
    upgrade = actions.add_parser("upgrade", help="restart gateways one by one, each checked")
    upgrade.add_argument("names", nargs="*", metavar="NAME", help="all that are enabled, if none")
    upgrade.add_argument(
        "--restart-command",
        metavar="COMMAND",
        default=settings.GATEWAY_RESTART_COMMAND,
        help="run without a shell for each; {name} and {host} in it are the gateway's "
        "(GATEWAY_RESTART_COMMAND)",
    )
    evacuate = actions.add_parser("evacuate", help="others take over what is on a lost gateway")
    evacuate.add_argument("name")
    evacuate.add_argument("--force", action="store_true", help="although it is up")
    activate = actions.add_parser("activate", help="trust a lost gateway that is back")
    activate.add_argument("name")
    balance = actions.add_parser("balance", help="move organisations until loads are equal")
    balance.add_argument("--plan", action="store_true", help="only say which")


def drain(options: dict, tell: Tell) -> None:
    gateway = named(options["name"])
    _allowed(lambda: draining.begin(gateway, by=BY))
    if options["no_wait"]:
        tell(f"{gateway} is draining: beat moves its organisations")
        return
    stays = draining.move_off(gateway, by=BY, why="drained", gapless=False, tell=tell)
    modes.close(gateway)
    _tell_stays(gateway, stays, tell)
    left = draining.wait_until_empty(gateway, patience=settings.GATEWAY_DRAIN_TIMEOUT)
    tell(f"{gateway} is {'drained' if left.is_empty else 'not empty yet'}: {left}")


def undrain(options: dict, tell: Tell) -> None:
    gateway = named(options["name"])
    _allowed(lambda: draining.end(gateway, by=BY))
    door.keep(gateway)
    tell(f"{gateway} takes new messages again; what has moved stays where it is")


def upgrade(options: dict, tell: Tell) -> None:
    gateways = [named(name) for name in options["names"]] or _all_to_upgrade(tell)
    given = options["restart_command"]
    if given:
        _allowed(lambda: [restart_command.words(given, each) for each in gateways])

    def restart(gateway: Gateway) -> None:
        if given:
            restart_command.run(given, gateway)
        else:
            tell(f"start {gateway} again now: this waits for its new process")

    with lock.held("upgrade") as ours:
        if not ours:
            raise CommandError("another upgrade is running: two at once would leave no room")
        try:
            upgrading.upgrade(gateways, restart, by=BY, tell=tell)
        except upgrading.Stopped as error:
            raise CommandError(f"stopped at {error}") from error
    tell(f"{len(gateways)} gateway(s) upgraded; `gateways balance --plan` says what to move back")


def evacuate(options: dict, tell: Tell) -> None:
    gateway = named(options["name"])
    found = _allowed(
        lambda: evacuation.evacuate(gateway, by=BY, why="by hand", force=options["force"])
    )
    tell(f"{gateway} is lost: {found}")
    for each in found.targets:
        result = relocation.pass_over(each)
        tell(f"{each}: {result.ending}" + (f", {result.error}" if result.error else ""))
    count = draining.messages_in(gateway)
    tell(
        f"{count} message(s) are with {gateway}, and with no other gateway: its log tells what "
        f"became of them, or they end as unknown in {settings.GATEWAY_LOG_PATIENCE_HOURS:g} h "
        f"(GATEWAY_LOG_PATIENCE_HOURS) and {settings.MESSAGE_OUTCOME_TIMEOUT} s"
    )
    _tell_stays(gateway, found.stays, tell)


def activate(options: dict, tell: Tell) -> None:
    gateway = named(options["name"])
    _allowed(lambda: evacuation.trust(gateway, by=BY))
    door.keep(gateway)
    tell(f"{gateway} takes organisations again")


def balance(options: dict, tell: Tell) -> None:
    found = balancing.plan()
    for each in found.moves:
        tell(f"{each.organization.pk}  {each.organization}  {each.source} → {each.target}")
    for name, before in found.before.items():
        tell(f"{name}: {before} → {found.after[name]} ({settings.GATEWAY_PLACEMENT})")
    if options["plan"] or not found.moves:
        tell(f"{len(found.moves)} move(s)" + ("" if found.moves else ": nothing to balance"))
    elif not balancing.apply(found, by=BY):
        raise CommandError("some organisations have not arrived on their new gateways yet")
    else:
        tell(f"{len(found.moves)} organisation(s) moved")


def _all_to_upgrade(tell: Tell) -> list[Gateway]:
    """All but those that people keep drained, or that were lost."""
    found = []
    for gateway in Gateway.objects.filter(enabled=True):
        if gateway.mode == GatewayMode.ACTIVE or gateway.mode_reason == modes.UPGRADE:
            found.append(gateway)
        else:
            tell(f"{gateway} is {gateway.mode}: it is left out")
    return found


def named(name: str) -> Gateway:
    gateway = Gateway.objects.filter(name=name).first()
    if gateway is None:
        raise CommandError(f"there is no gateway {name}")
    return gateway


def _allowed(do: Callable[[], T]) -> T:
    try:
        return do()
    except (modes.WrongMode, StillThere, restart_command.RestartFailed) as error:
        raise CommandError(str(error)) from error


def _tell_stays(gateway: Gateway, stays: Sequence[tuple[Organization, str]], tell: Tell) -> None:
    for organization, why in stays[:SHOWN]:
        tell(f"  ! {organization.pk} {organization} stays on {gateway}, its messages wait: {why}")
    if len(stays) > SHOWN:
        tell(f"  ! and {len(stays) - SHOWN} more")


ACTIONS: dict[str, Callable[[dict, Tell], None]] = {
    each.__name__: each for each in (drain, undrain, upgrade, evacuate, activate, balance)
}
