"""An arriving text, and the readers that other packages register."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from messaging.inbound.models import InboundMessage
from messaging.inbound.parts import Told
from messaging.own_numbers.selectors import Registered


@dataclass(eq=False)
class Arrival:
    """A text with its parts. `keyword`: the entry of the number's `keywords` that it begins
    with."""

    message: InboundMessage
    told: Told
    number: Registered | None = None
    keyword: dict[str, Any] | None = field(default=None, repr=False)


Reader = Callable[[Sequence[Arrival]], Collection[str]]
"""Reads texts before automatic answers are sent, in the transaction that stores them. Returns the
ids of texts that get no automatic answer: the reader has answered them, or no answer is allowed."""

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Add a reader; other packages call this at start-up."""
    _readers.append(reader)


def unanswered(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Call all readers; return the texts that may be answered."""
    silent = {pk for read in _readers for pk in read(arrivals)}
    return [each for each in arrivals if each.message.pk not in silent]
