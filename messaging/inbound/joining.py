"""Decide which parts with the same key belong to one text. Pure.

Phones reuse the reference of concatenated messages: 8-bit references after 256 texts, some phones
for every text. So parts with one key may belong to several texts, and must not be mixed.

1. A part joins the newest text if that lacks this part, began no longer ago than parts wait, and
   has the same data_coding. (Some carriers encode each part separately: parts that arrive within
   `MIXED` join all the same.)
2. A part that the newest text already has, with other octets, begins a new text: the phone has
   reused its reference. If the text before it is incomplete, both are contested. Later parts go to
   the newer one, but no text is told before `SETTLE` has passed without another part.
3. If the parts left over then would make up a text, parts of two texts arrived interleaved. Nothing
   says which part belongs to which, so each is told as a text of its own.
4. A part equal to one of the last `AGAIN` is taken as the carrier's repetition. But a phone that
   never changes its reference may send two texts that begin alike. So the repetition fills a gap
   that is still open after `SETTLE` if it arrived within `BESIDE` of that text's parts; else it is
   a copy.
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
    """A part of a text.

    `content`: its octets and data_coding; `wait`: how long it waits for the others; `text`: the id
    of the text that it was told in, None while it waits; `row`: the caller's.
    """

    number: int
    of: int
    content: tuple[str, int]
    at: datetime
    wait: timedelta
    text: str | None = None
    row: Any = field(default=None, repr=False)
    repeats: Piece | None = None  # the part that it repeats

    def is_again(self, earlier: Piece) -> bool:
        same = (self.number, self.content) == (earlier.number, earlier.content)
        return same and abs(self.at - earlier.at) <= AGAIN


@dataclass(eq=False)
class Gathered:
    """The parts of one text that have arrived, by number."""

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
    """The waiting parts with one key.

    `texts`: in the order in which they began; `spare`: parts that repeat others; `whole`: texts
    that became complete uncontested and wait no longer.
    """

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
        """Add a part that is no repetition."""
        if self.texts and self.texts[-1].takes(piece):
            self.texts[-1].parts[piece.number] = piece
        else:
            self.texts.append(Gathered({piece.number: piece}))
        if self.texts[-1].is_whole and not self.is_contested:
            self.whole.append(self.texts.pop())

    @property
    def is_unsettled(self) -> bool:
        """Whether looking again after `SETTLE` may complete a text."""
        incomplete = any(not each.is_whole for each in self.texts)
        return self.is_contested or bool(self.spare and incomplete)

    def settled(self) -> list[Gathered]:
        """Take the texts that are complete after `SETTLE` without another part. If two texts
        arrived interleaved, take every part as a text of its own."""
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
        """What is told of incomplete texts. Parts that may belong to an earlier waiting text are
        told by themselves."""
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
        """Fill the text's gaps with repetitions, if these fill all of them."""
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
        """Whether two incomplete texts with another text between them have no part in common."""
        pairs = (
            (one, other)
            for place, one in enumerate(self.texts)
            for other in self.texts[place + 2 :]
            if one.lives_at(other.first.at) and not (one.is_whole or other.is_whole)
        )
        return any(one.parts.keys().isdisjoint(other.parts) for one, other in pairs)


def gather(pieces: Iterable[Piece]) -> Waiting:
    """Sort the parts with one key into texts, in their order of arrival. Parts told earlier only
    serve to recognise repetitions."""
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
    """Put parts told earlier first, since any later part may repeat one of them."""
    return sorted(pieces, key=lambda piece: piece.text is None)
