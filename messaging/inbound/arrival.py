"""A text that arrives, and the nouns that read it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from messaging.inbound.models import InboundMessage
from messaging.inbound.parts import Told
from messaging.own_numbers.selectors import Registered


@dataclass(eq=False)
class Arrival:
    """A text with what it was made of. `keyword`: the number's, as it is stored there."""

    message: InboundMessage
    told: Told
    number: Registered | None = None
    keyword: dict[str, Any] | None = field(default=None, repr=False)


Reader = Callable[[Sequence[Arrival]], Collection[str]]
"""Reads texts before they are answered, in the transaction that stores them. Returns the ids of
those that get no automatic answer: the reader has answered them, or an answer is not allowed."""

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Have texts read by another noun."""
    _readers.append(reader)


def unanswered(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Have all of them read; return those that may be answered."""
    silent = {pk for read in _readers for pk in read(arrivals)}
    return [each for each in arrivals if each.message.pk not in silent]
