"""Connector changes over parallel console sessions; in a stock Jasmin in step.

A stock Jasmin sends the AMQP commands of all sessions over one channel and gives each answer to the
oldest question (txamqp/protocol.py:78), but RabbitMQ answers `basic.consume` and `basic.cancel`
out of turn. A connector that starts beside one that is added makes both fail: the add is never
answered, the start leaves a bind that takes messages and sends none. So only commands that ask
RabbitMQ the same things run side by side: first those that cancel, then those that declare, then
those that consume.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum

from reconciler.diff import Action, Change
from reconciler.jcli import connectors
from reconciler.jcli.commands import Command
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError, Rejected, Untypable

SESSIONS = 8  # more gain little: Jasmin is one thread
# So many broken sessions in a row mean that Jasmin is gone. The other changes are not tried, so a
# dead Jasmin costs a few deadlines, not one a change.
GIVE_UP = 3
NOT_REACHED = "not reached: Jasmin stopped answering"

# The error of each change, "" where Jasmin did it.
Outcomes = dict[Change, str]


class Step(IntEnum):
    """Commands of one step run side by side; steps in this order."""

    CANCEL = 1  # stop, remove
    DECLARE = 2  # add; also updates, which ask RabbitMQ nothing
    CONSUME = 3  # start


class ConnectorSessions:
    """Console sessions that share the changes of a plan, opened when needed; `close` ends them.

    Not `in_step`: this Jasmin has no RabbitMQ, so each change runs through by itself.
    """

    def __init__(self, connect: Callable[[], Console], *, in_step: bool = True) -> None:
        self._connect = connect
        self._in_step = in_step
        self._idle: queue.SimpleQueue[Console] = queue.SimpleQueue()
        self._breaks = 0

    def carry_out(self, changes: Sequence[Change]) -> Outcomes:
        """Type the commands of connector changes; return the error of each."""
        outcomes: Outcomes = dict.fromkeys(changes, "")
        with ThreadPoolExecutor(SESSIONS) as pool:
            for batch in _batches(changes):
                work = _prepare(batch, outcomes)
                doing: dict[Change, list[Command]] = {}
                for steps in self._stages(batch):
                    doing = {
                        change: [commands[step] for step in steps if step in commands]
                        for change, commands in work.items()
                        if not outcomes[change]
                    }
                    errors = pool.map(self._run_all, doing.values())
                    outcomes |= zip(doing, errors, strict=True)
                if self._in_step:
                    # It may be bound and send nothing; stopped, it is seen by the next pass.
                    failed = [change for change in doing if outcomes[change] and doing[change]]
                    list(pool.map(self._run, [connectors.stop(change.key) for change in failed]))
        return outcomes

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()

    def _stages(self, batch: Sequence[Change]) -> list[list[Step]]:
        """In step also where one connector has two changes: one that is updated and stopped is
        stopped before, one that is started after it has its new settings."""
        if self._in_step or len({change.key for change in batch}) < len(batch):
            return [[step] for step in Step]
        return [list(Step)]

    def _run_all(self, commands: Sequence[Command]) -> str:
        """Run commands in order until one fails; return its error, or ""."""
        return next(filter(None, map(self._run, commands)), "")

    def _run(self, command: Command) -> str:
        """Run it on a free session; a session that broke is not used again. Return its error."""
        if self._breaks >= GIVE_UP:
            return NOT_REACHED
        console = None
        try:
            console = self._free()
            console.run(command)
        except (Rejected, Untypable) as error:
            outcome = str(error)
        except JcliError as error:
            self._breaks += 1
            if console is not None:
                console.close()
            return str(error)
        else:
            outcome = ""
        self._breaks = 0
        self._idle.put(console)
        return outcome

    def _free(self) -> Console:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._connect()


def _batches(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Yield all at once, but live binds a few at a time, so that each is down only for a moment;
    the changes of one connector together."""
    dropped = list(dict.fromkeys(change.key for change in changes if change.drops_bind))
    yield [change for change in changes if change.key not in dropped]
    for first in range(0, len(dropped), SESSIONS):
        few = dropped[first : first + SESSIONS]
        yield [change for change in changes if change.key in few]


def _prepare(batch: Sequence[Change], outcomes: Outcomes) -> dict[Change, dict[Step, Command]]:
    """Return the commands of each change by step; one that can't be typed gets an error in
    `outcomes`."""
    work = {}
    for change in batch:
        try:
            work[change] = _commands(change)
        except Untypable as error:
            outcomes[change] = str(error)
    return work


def _commands(change: Change) -> dict[Step, Command]:
    cid, wanted = change.key, change.resource
    start = {Step.CONSUME: connectors.start(cid)}
    match change.action:
        case Action.CREATE:
            return {Step.DECLARE: connectors.add(wanted)} | (start if wanted.running else {})
        case Action.REPLACE:
            anew = {Step.CANCEL: connectors.remove(cid), Step.DECLARE: connectors.add(wanted)}
            return anew | (start if wanted.running else {})
        case Action.UPDATE:
            if connectors.rolls(wanted):
                names = [each.name for each in change.fields]
                return {Step.DECLARE: connectors.roll(wanted, names)}
            changed = {each.name: each.desired for each in change.fields}
            return {Step.DECLARE: connectors.update(cid, changed)}
        case Action.START:
            # A service that ended by itself still consumes its queue: its start would cancel first.
            return {Step.CANCEL: connectors.stop(cid)} | start
        case Action.STOP:
            return {Step.CANCEL: connectors.stop(cid)}
        case Action.DELETE:
            return {Step.CANCEL: connectors.remove(cid)}
    raise ValueError(f"no way to {change.action} a connector")
