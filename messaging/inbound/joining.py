"""Which parts with one key make a text. Pure.

Phones use references again: those with 8 bits after 256 texts, some with each. So parts with one
key may be of several texts, and two different texts must never become one.

1. A part joins the newest text that has no such part yet, whose first part came no longer ago than
   parts wait, and that is in the same alphabet (some carriers write each part in the one that it
   needs: within `MIXED` they join all the same).
2. A part that the newest text has already, with other octets, begins the next text: the phone has
   used its reference again. While the one before is not whole, both are contested: what follows is
   counted to the newer one, but nothing is told before `SETTLE` has passed without another part.
3. If parts are left over then that would make a text together, parts of two texts came mixed. No
   rule says which part belongs to which text, so each is told by itself.
4. A part with the octets of one that came in the last `AGAIN` is a repetition by the carrier, and
   no part of another text. It may still be: a phone that never changes its reference sends two
   texts that begin alike. It fills a gap that is still there after `SETTLE`, if it came within
   `BESIDE` of that text's own parts; else it is a copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SETTLE = timedelta(seconds=30)
AGAIN = timedelta(minutes=10)
MIXED = BESIDE = timedelta(seconds=60)


@dataclass(eq=False)
class Piece:
    """A part. `content`: its octets and data_coding; `wait`: how long it waits for the others;
    `text`: the id of the text that it was told in, None while it waits; `row`: the caller's."""

    number: int
    of: int
    content: tuple[str, int]
    at: datetime
    wait: timedelta
    text: str | None = None
    row: Any = field(default=None, repr=False)
    repeats: Piece | None = None  # the one that it repeats

    def is_again(self, earlier: Piece) -> bool:
        same = (self.number, self.content) == (earlier.number, earlier.content)
        return same and abs(self.at - earlier.at) <= AGAIN


@dataclass(eq=False)
class Gathered:
    """Parts of one text, as far as they have come, by number."""

    parts: dict[int, Piece]

    @property
    def first(self) -> Piece:
        return next(iter(self.parts.values()))

    @property
    def is_whole(self) -> bool:
        return len(self.parts) == self.first.of

    @property
    def pieces(self) -> list[Piece]:
        return [self.parts[number] for number in sorted(self.parts)]

    def lives_at(self, moment: datetime) -> bool:
        return abs(moment - self.first.at) <= self.first.wait

    def takes(self, piece: Piece) -> bool:
        if piece.number in self.parts or not self.lives_at(piece.at):
            return False
        alike = any(each.content[1] == piece.content[1] for each in self.parts.values())
        return alike or any(abs(each.at - piece.at) <= MIXED for each in self.parts.values())


@dataclass
class Waiting:
    """The parts with one key that wait: `texts` in the order in which they began, and `spare` ones
    that repeat others. `whole`: texts that became whole without being contested; they don't wait
    any more."""

    texts: list[Gathered] = field(default_factory=list)
    spare: list[Piece] = field(default_factory=list)
    whole: list[Gathered] = field(default_factory=list)

    @property
    def is_contested(self) -> bool:
        return any(
            earlier.lives_at(later.first.at)
            for earlier, later in zip(self.texts, self.texts[1:], strict=False)
        )

    def add(self, piece: Piece) -> None:
        """Add a part that repeats none."""
        if self.texts and self.texts[-1].takes(piece):
            self.texts[-1].parts[piece.number] = piece
        else:
            self.texts.append(Gathered({piece.number: piece}))
        if self.texts[-1].is_whole and not self.is_contested:
            self.whole.append(self.texts.pop())

    @property
    def is_unsettled(self) -> bool:
        """Whether another look after `SETTLE` may find more."""
        incomplete = any(not each.is_whole for each in self.texts)
        return self.is_contested or bool(self.spare and incomplete)

    def settled(self) -> list[Gathered]:
        """The texts that are whole after `SETTLE` without another part; or all parts one by one,
        where two texts came mixed."""
        for text in self.texts:
            self._fill(text)
        if self._came_mixed():
            found = [Gathered({p.number: p}) for text in self.texts for p in text.pieces]
            self.texts = []
            return found
        found = [text for text in self.texts if text.is_whole]
        self.texts = [text for text in self.texts if not text.is_whole]
        return found

    def given_up(self) -> list[Gathered]:
        """What is told of texts that did not become whole. Parts that may be of an earlier text
        that waits too are told by themselves."""
        found: list[Gathered] = []
        for place, text in enumerate(self.texts):
            earlier = [each for each in self.texts[:place] if each.lives_at(text.first.at)]
            certain = {
                number: piece
                for number, piece in text.parts.items()
                if all(number in each.parts for each in earlier)
            }
            if certain:
                found.append(Gathered(certain))
            found += [
                Gathered({number: piece})
                for number, piece in text.parts.items()
                if number not in certain
            ]
        return found

    def _fill(self, text: Gathered) -> None:
        """Take repetitions into gaps that they fill wholly."""
        gaps = set(range(1, text.first.of + 1)) - text.parts.keys()
        fitting = {
            piece.number: piece
            for piece in reversed(self.spare)
            if piece.number in gaps
            and any(abs(piece.at - each.at) <= BESIDE for each in text.parts.values())
        }
        if gaps and fitting.keys() == gaps:
            text.parts |= fitting
            used = set(map(id, fitting.values()))
            self.spare = [piece for piece in self.spare if id(piece) not in used]

    def _came_mixed(self) -> bool:
        """Whether a text began and ended between two that lack what the other has."""
        pairs = (
            (one, other)
            for place, one in enumerate(self.texts)
            for other in self.texts[place + 2 :]
            if one.lives_at(other.first.at) and not (one.is_whole or other.is_whole)
        )
        return any(one.parts.keys().isdisjoint(other.parts) for one, other in pairs)


def gather(pieces: Iterable[Piece]) -> Waiting:
    """Sort the parts with one key, in the order in which they came; those that were told already
    are there to be recognised."""
    seen: list[Piece] = []
    waiting = Waiting()
    for piece in pieces:
        earlier = next((each for each in seen if piece.is_again(each)), None)
        if piece.text is not None:
            seen.append(piece)
        elif earlier is not None:
            piece.repeats = earlier
            waiting.spare.append(piece)
        else:
            seen.append(piece)
            waiting.add(piece)
    return waiting


def in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Those that were told first: what comes later may repeat any of them."""
    return sorted(pieces, key=lambda piece: piece.text is None)
