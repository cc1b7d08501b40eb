"""Combine the answers and receipts of a message's parts. Pure.

Answers are combined once every part has one. Of receipts the worst decides: the first part that is
not delivered ends the message. It is delivered once all parts are, or once some are and no other
receipt has come for `PATIENCE`: some carriers report one part only.
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
    """The columns of `models.Part` that decide."""

    number: int
    of: int
    status: int | None
    state: str


@dataclass(frozen=True)
class AllTaken:
    """The carrier has every part."""


@dataclass(frozen=True)
class NoneTaken:
    """The carrier has refused every part. `status`: of `part`, the first with a permanent refusal,
    else the first."""

    status: Status
    part: Part


@dataclass(frozen=True)
class SomeTaken:
    """The carrier has `taken` of the parts, and has refused `part`: the whole can't be read."""

    status: Status
    part: Part
    taken: int


@dataclass(frozen=True)
class AnswerLost:
    """The carrier may have a part: its answer was lost."""


WholeAnswer = AllTaken | NoneTaken | SomeTaken | AnswerLost


def combine_answers(parts: Sequence[Part]) -> WholeAnswer | None:
    """Combine the answers of one attempt; None while some are awaited."""
    if not parts or len(parts) < parts[0].of:
        return None
    refused = [each for each in parts if each.status]
    taken = sum(each.status == 0 for each in parts)
    if any(each.status is None for each in parts):
        return AnswerLost()
    if not refused:
        return AllTaken()
    # A permanent refusal counts first: retrying would not help that part.
    first = min(refused, key=lambda each: (describe(each.status or 0).is_temporary, each.number))
    status = describe(first.status or 0)
    return SomeTaken(status, first, taken) if taken else NoneTaken(status, first)


def combine_receipts(parts: Sequence[Part]) -> State | None:
    """The state of the whole message, or None while receipts of other parts are awaited. `parts`:
    all of one attempt that were answered."""
    states = [State(each.state) for each in parts if each.state]
    for state in (State.UNDELIVERED, State.EXPIRED):
        if state in states:
            return state
    if parts and states.count(State.DELIVERED) == parts[0].of:
        return State.DELIVERED
    return None


def part_prefix(part: Part) -> str:
    """`part 2 of 3: `; "" of a message that has one part."""
    return f"part {part.number + 1} of {part.of}: " if part.of > 1 else ""
