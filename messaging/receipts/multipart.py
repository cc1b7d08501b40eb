"""What becomes of a whole message when its parts have ends of their own. Pure.

The answers decide once each part has one. Of receipts the worst end wins: the first part that is
not delivered ends the message, and it is delivered once all parts are, or once some are and of the
others nothing has come for `PATIENCE`: some carriers report one part only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from messaging.smpp.protocol.command_status import Status, describe
from messaging.smpp.protocol.receipt import State

PATIENCE = timedelta(seconds=60)


class Part(Protocol):
    """What counts of a row of `models.Part`."""

    number: int
    of: int
    status: int | None
    state: str


@dataclass(frozen=True)
class Taken:
    """The carrier has all of it."""


@dataclass(frozen=True)
class Refused:
    """The carrier has none of it. `status`: of `part`, the first that it refused for good, or else
    for now."""

    status: Status
    part: Part


@dataclass(frozen=True)
class Torn:
    """The carrier has `taken` of its parts, and has refused `part`: nobody can read the whole."""

    status: Status
    part: Part
    taken: int


@dataclass(frozen=True)
class Lost:
    """The carrier may have what nobody has an answer for."""


Verdict = Taken | Refused | Torn | Lost


def of_answers(parts: Sequence[Part]) -> Verdict | None:
    """`parts`: those of one attempt that have an end; None while others are awaited."""
    if not parts or len(parts) < parts[0].of:
        return None
    refused = [each for each in parts if each.status]
    taken = sum(each.status == 0 for each in parts)
    if any(each.status is None for each in parts):
        return Lost()
    if not refused:
        return Taken()
    # For good before for now: to try again would change nothing for that part.
    first = min(refused, key=lambda each: (describe(each.status or 0).is_temporary, each.number))
    status = describe(first.status or 0)
    return Torn(status, first, taken) if taken else Refused(status, first)


def of_receipts(parts: Sequence[Part]) -> State | None:
    """What all of it has become, or None while receipts of other parts are awaited. `parts`: all
    of one attempt that were answered."""
    states = [State(each.state) for each in parts if each.state]
    for state in (State.UNDELIVERED, State.EXPIRED):
        if state in states:
            return state
    if parts and states.count(State.DELIVERED) == parts[0].of:
        return State.DELIVERED
    return None


def name_of(part: Part) -> str:
    """`part 2 of 3: `; "" of a message that has one part."""
    return f"part {part.number + 1} of {part.of}: " if part.of > 1 else ""
