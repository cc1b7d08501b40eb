"""Plan → console. One change that fails does not keep the others from being applied.

Groups and users go over one session, pipelined. Connector commands are asynchronous in Jasmin
and slow (AMQP round trips), so they run over up to SESSIONS sessions in parallel. What hangs on
a failed change (a user on its group) is skipped. Every outcome is proven by reading again.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from reconciler import words
from reconciler.diff import Action, Change
from reconciler.jcli import connectors, groups, users
from reconciler.jcli.commands import Command
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError, Rejected, Untypable
from reconciler.plan import Plan
from reconciler.state import Kind, User

SESSIONS = 8  # more gain nothing: Jasmin is one thread
PERSISTED = " configuration persisted (profile:jcli-prod)"
PERSISTED_KINDS = 9

# For each change its error, "" when Jasmin did it.
Outcomes = dict[Change, str]


def apply(plan: Plan, console: Console, connect: Callable[[], Console]) -> Outcomes:
    """Carry out the plan; return what Jasmin said against each change, "" for nothing.

    `console` is the open session, `connect` opens more. Raises nothing of the console's:
    a session that dies is the error of the changes that it left undone.
    """
    adding = [change for change in plan.changes if change.action is not Action.DELETE]
    removing = [change for change in plan.changes if change.action is Action.DELETE]
    outcomes = dict.fromkeys(plan.changes, "not reached: Jasmin stopped answering")
    for changes, in_order in ((adding, _add_in_order), (removing, _remove_in_order)):
        outcomes |= _both(changes, in_order, console, connect)
    return outcomes


def persist(console: Console) -> str:
    """Make Jasmin keep its tables over a restart; return what it said against it, or ""."""
    try:
        reply = console.ask("persist")[0]
    except JcliError as error:
        return str(error)
    kept = [line for line in reply if line.endswith(PERSISTED)]
    return "" if len(kept) == PERSISTED_KINDS else "; ".join(set(reply) - set(kept))


def _both(
    changes: Sequence[Change],
    in_order: Callable[[Console, Sequence[Change]], Outcomes],
    console: Console,
    connect: Callable[[], Console],
) -> Outcomes:
    """Run the pipelined kinds on `console` and the connectors beside them, then there too.

    A lone connector change needs no further session: a login would cost more than it gains.
    """
    slow = [change for change in changes if change.kind is Kind.CONNECTOR]
    fast = [change for change in changes if change.kind is not Kind.CONNECTOR]
    crew = _Crew(slow, connect)
    with ThreadPoolExecutor(SESSIONS) as pool:
        others = [pool.submit(crew.work) for _ in range(min(SESSIONS, len(slow)) - 1)]
        outcomes = in_order(console, fast)
        crew.work(console)
        for other in others:
            other.result()
    return outcomes | crew.outcomes


class _Crew:
    """Sessions that share one queue of connector changes.

    A session that broke is replaced; after GIVE_UP breaks in a row Jasmin is taken for gone and
    what is left stays undone, so that a dead one costs a few deadlines and not one a change.
    """

    GIVE_UP = 3

    def __init__(self, changes: Sequence[Change], connect: Callable[[], Console]) -> None:
        self.outcomes: Outcomes = {}
        self._connect = connect
        self._breaks = 0
        self._queue: queue.SimpleQueue[Change] = queue.SimpleQueue()
        for change in changes:
            self._queue.put(change)

    def work(self, console: Console | None = None) -> None:
        """Take changes until none is left."""
        opened = None
        try:
            while self._breaks < self.GIVE_UP:
                try:
                    change = self._queue.get_nowait()
                except queue.Empty:
                    return
                try:
                    if console is None:
                        console = opened = self._connect()
                    for command in _connector_commands(change):
                        console.run(command)
                    self.outcomes[change] = ""
                    self._breaks = 0
                except (Rejected, Untypable) as error:
                    self.outcomes[change] = str(error)
                except JcliError as error:
                    self.outcomes[change] = str(error)
                    self._breaks += 1
                    console = None
        finally:
            if opened is not None:
                opened.close()


def _connector_commands(change: Change) -> Iterator[Command]:
    cid, wanted = change.key, change.resource
    match change.action:
        case Action.CREATE | Action.REPLACE:
            if change.action is Action.REPLACE:
                yield connectors.remove(cid)
            yield connectors.add(wanted)
            if wanted.running:
                yield connectors.start(cid)
        case Action.UPDATE:
            yield connectors.update(cid, {each.name: each.desired for each in change.fields})
        case Action.START:
            yield connectors.start(cid)
        case Action.STOP:
            yield connectors.stop(cid)
        case Action.DELETE:
            yield connectors.remove(cid)


def _add_in_order(console: Console, changes: Sequence[Change]) -> Outcomes:
    """Groups, then the users of those groups that are there."""
    outcomes = _pipelined(console, [c for c in changes if c.kind is Kind.GROUP])
    missing = {change.key for change, error in outcomes.items() if error}
    users_of = [c for c in changes if c.kind is Kind.USER]
    hanging = [c for c in users_of if isinstance(c.resource, User) and c.resource.gid in missing]
    outcomes |= dict.fromkeys(hanging, "its group could not be made")
    return outcomes | _pipelined(console, [c for c in users_of if c not in outcomes])


def _remove_in_order(console: Console, changes: Sequence[Change]) -> Outcomes:
    """Users, then groups: Jasmin removes a group's users with it, unasked."""
    outcomes = _pipelined(console, [c for c in changes if c.kind is Kind.USER])
    return outcomes | _pipelined(console, [c for c in changes if c.kind is Kind.GROUP])


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
    for (change, _), said in zip(commands, replies, strict=True):
        outcomes[change] = outcomes.get(change) or (str(said) if said else "")
    return outcomes


def _commands(change: Change) -> list[Command]:
    """The commands of one group or user change."""
    key = change.key
    match change.kind, change.action:
        case Kind.GROUP, Action.CREATE:
            return [groups.add(key)]
        case Kind.GROUP, Action.ENABLE:
            return [groups.enable(key)]
        case Kind.GROUP, Action.DELETE:
            return [groups.remove(key)]
        case Kind.USER, Action.CREATE | Action.REPLACE:
            return [users.put(change.resource, words.PINNED_USER_TYPED)]
        case Kind.USER, Action.ENABLE:
            return [users.enable(key)]
        case Kind.USER, Action.DISABLE:
            return [users.disable(key)]
        case Kind.USER, Action.DELETE:
            return [users.unbind(key), users.remove(key)]
    raise ValueError(f"no way to {change.action} a {change.kind}")
