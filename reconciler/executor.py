"""Plan → console. One change that fails does not keep the others from being applied.

Groups and users go over one session, pipelined. Connector commands are asynchronous in Jasmin, and
slow in a stock one (AMQP round trips): `ConnectorSessions` runs them over parallel sessions. What
hangs on a failed change (a user on its group) is skipped. The pass proves every outcome by reading
again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from reconciler.connector_sessions import ConnectorSessions, Outcomes
from reconciler.diff import Action, Change
from reconciler.display_names import few
from reconciler.jasmin.capabilities import LANE
from reconciler.jcli import connectors, groups, routes, users
from reconciler.jcli.commands import Command
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError
from reconciler.plan import Plan
from reconciler.state import Kind, User

PERSISTED = " configuration persisted (profile:jcli-prod)"
PERSISTED_KINDS = 9
_ADDING = (Action.CREATE, Action.REPLACE)


def apply(plan: Plan, console: Console, connect: Callable[[], Console]) -> Outcomes:
    """Carry out the plan; return the error of each change, "" for none.

    `console` is the open session, `connect` opens more. Raises no error of the console: a session
    that dies is the error of the changes that it left undone.
    """
    adding = [change for change in plan.changes if change.action is not Action.DELETE]
    removing = [change for change in plan.changes if change.action is Action.DELETE]
    outcomes: Outcomes = {}
    sessions = ConnectorSessions(connect, in_step=LANE not in console.greeting.capabilities)
    try:
        outcomes |= _both(adding, _add_in_order, console, sessions)
        missing = _missing(console, outcomes)
        outcomes |= _put_routes(console, [c for c in adding if c.kind is Kind.ROUTE], missing)
        outcomes |= _pipelined(console, [c for c in removing if c.kind is Kind.ROUTE])
        outcomes |= _both(removing, _remove_in_order, console, sessions)
    finally:
        sessions.close()
    return {change: outcomes[change] for change in plan.changes}


def persist(console: Console) -> str:
    """Make Jasmin keep its tables over a restart; return its error, or ""."""
    try:
        reply = console.ask("persist")[0]
    except JcliError as error:
        return f"not persisted: {error}"
    kept = [line for line in reply if line.endswith(PERSISTED)]
    if len(kept) == PERSISTED_KINDS:
        return ""
    return "not persisted: " + "; ".join(line for line in reply if line not in kept)


def _both(
    changes: Sequence[Change],
    in_order: Callable[[Console, Sequence[Change]], Outcomes],
    console: Console,
    sessions: ConnectorSessions,
) -> Outcomes:
    """Run groups and users on `console` and the connectors beside them."""
    slow = [change for change in changes if change.kind is Kind.CONNECTOR]
    fast = [change for change in changes if change.kind in (Kind.GROUP, Kind.USER)]
    with ThreadPoolExecutor(1) as beside:
        connectors = beside.submit(sessions.carry_out, slow)
        outcomes = in_order(console, fast)
        return outcomes | connectors.result()


def _add_in_order(console: Console, changes: Sequence[Change]) -> Outcomes:
    """Add groups, then the users of those groups that exist."""
    outcomes = _pipelined(console, [c for c in changes if c.kind is Kind.GROUP])
    missing = {change.key for change, error in outcomes.items() if error}
    users_of = [c for c in changes if c.kind is Kind.USER]
    hanging = [c for c in users_of if isinstance(c.resource, User) and c.resource.gid in missing]
    outcomes |= dict.fromkeys(hanging, "its group could not be made")
    return outcomes | _pipelined(console, [c for c in users_of if c not in outcomes])


def _remove_in_order(console: Console, changes: Sequence[Change]) -> Outcomes:
    """Remove users, then groups: Jasmin removes a group's users with it."""
    outcomes = _pipelined(console, [c for c in changes if c.kind is Kind.USER])
    return outcomes | _pipelined(console, [c for c in changes if c.kind is Kind.GROUP])


def _missing(console: Console, outcomes: Outcomes) -> set[str]:
    """Return cids of connectors that could not be added and are not in Jasmin."""
    failed = {
        change.key
        for change, error in outcomes.items()
        if error and change.kind is Kind.CONNECTOR and change.action in _ADDING
    }
    if failed:
        with contextlib.suppress(JcliError):  # a session that broke fails all that follows
            failed -= connectors.read(console.ask(connectors.LIST)[0]).keys()
    return failed


def _put_routes(console: Console, changes: Sequence[Change], missing: Collection[str]) -> Outcomes:
    """Add or replace routes, and leave no filter of theirs in the session that persists.

    Jasmin refuses a route that names a connector in `missing`, so the route gets the others.
    Otherwise one missing carrier would leave the whole route as it was, with carriers that were
    switched off.
    """
    absent: Outcomes = {}
    typed = []
    for change in changes:
        cids = change.resource.connectors
        if lacking := [cid for cid in dict.fromkeys(cids) if cid in missing]:
            absent[change] = f"{few(lacking)}: the connector could not be added"
        if there := routes.doubled(cid for cid in cids if cid not in missing):
            typed.append(replace(change, resource=replace(change.resource, connectors=there)))
    errors = _pipelined(console, typed)
    outcomes = {change: errors.get(change) or absent.get(change, "") for change in changes}
    if changes:
        with contextlib.suppress(JcliError):  # a session that broke has lost them already
            console.run_in_order(routes.drop_filters(int(c.key) for c in changes))
    return outcomes


def _pipelined(console: Console, changes: Sequence[Change]) -> Outcomes:
    outcomes: Outcomes = {}
    commands: list[tuple[Change, Command]] = []
    for change in changes:
        try:
            commands += [(change, command) for command in _commands(change)]
        except JcliError as error:
            outcomes[change] = str(error)
    try:
        replies = console.run_in_order([command for _, command in commands])
    except JcliError as error:
        return outcomes | {change: str(error) for change, _ in commands}
    for (change, _), error in zip(commands, replies, strict=True):
        outcomes[change] = outcomes.get(change) or (str(error) if error else "")
    return outcomes


def _commands(change: Change) -> list[Command]:
    """Return the commands of one change, but for connectors."""
    key = change.key
    match change.kind, change.action:
        case Kind.GROUP, Action.CREATE:
            return [groups.add(key)]
        case Kind.GROUP, Action.ENABLE:
            return [groups.enable(key)]
        case Kind.GROUP, Action.DELETE:
            return [groups.remove(key)]
        case Kind.USER, Action.CREATE | Action.REPLACE:
            return [*_dropped_sessions(change), users.put(change.resource)]
        case Kind.USER, Action.UPDATE:
            return [users.update(key, {each.name: each.desired for each in change.fields})]
        case Kind.USER, Action.ENABLE:
            return [users.enable(key)]
        case Kind.USER, Action.DISABLE:
            return [users.disable(key)]
        case Kind.USER, Action.DELETE:
            return [users.unbind(key), users.remove(key)]
        case Kind.ROUTE, Action.CREATE | Action.REPLACE:
            return routes.put(change.resource)
        case Kind.ROUTE, Action.DELETE:
            return [routes.remove(int(key))]
    raise ValueError(f"no way to {change.action} a {change.kind}")


def _dropped_sessions(change: Change) -> list[Command]:
    """Drop the sessions of a user that is replaced: they would keep the old password and limits.

    Dropped before the replacement, so that after a kill between the two the next pass sees what is
    left to do. No session can bind between the two: Jasmin reads them in one turn of its loop.
    """
    binds = change.resource.settings.get("smpps_cred authorization bind") == "True"
    return [users.unbind(change.key)] if change.action is Action.REPLACE and binds else []
