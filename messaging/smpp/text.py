"""A text as short messages: which encoding, how many segments, the octets of each. Pure.

GSM-7 where the alphabet has every character (3GPP TS 23.038 §6.2.1), else UCS-2, sent as UTF-16BE
(data_coding 8, SMPP 3.4 §5.2.19). smpplib's own splitter cuts escapes and surrogate pairs and
swaps two characters of the alphabet.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import count
from typing import Literal

from gsm0338 import charset

MAX_SEGMENTS = 10

_ESCAPE = b"\x1b"
# One octet a septet, as SMPP carries GSM-7. The escape itself is no character.
_GSM7: dict[str, bytes] = {
    unicodedata.lookup(name): bytes([code])
    for code, name in charset.BASIC_CHARACTER_SET.items()
    if name != "ESCAPE"
} | {
    unicodedata.lookup(name): _ESCAPE + bytes([code])
    for code, name in charset.BASIC_CHARACTER_SET_EXTENSION.items()
}


@dataclass(frozen=True)
class Encoding:
    """What fits into a message that stands alone, and into each part of a longer one.

    The header of a part takes 6 of its 140 octets (3GPP TS 23.040 §9.2.3.24.1).
    """

    name: Literal["gsm7", "ucs2"]
    unit: str
    octets: int  # of a unit, as SMPP carries it
    alone: int  # units
    part: int  # units


GSM7 = Encoding("gsm7", "septets", 1, 160, 153)
UCS2 = Encoding("ucs2", "UTF-16 units", 2, 70, 67)


class TextTooLong(ValueError):
    """More than `MAX_SEGMENTS`. The message names the count."""

    def __init__(self, encoding: Encoding, units: int, segments: int) -> None:
        super().__init__(
            f"This text has {units} {encoding.unit} and would take {segments} segments; at most "
            f"{MAX_SEGMENTS} are allowed ({GSM7.part * MAX_SEGMENTS} septets of GSM-7, or "
            f"{UCS2.part * MAX_SEGMENTS} UTF-16 units if a character is outside that alphabet)."
        )
        self.encoding = encoding
        self.units = units
        self.segments = segments


@dataclass(frozen=True)
class Encoded:
    """A text in `units` (septets or UTF-16 units); `parts` are its segments without headers."""

    encoding: Encoding
    units: int
    parts: tuple[bytes, ...]

    @property
    def segments(self) -> int:
        return len(self.parts)

    @property
    def is_long(self) -> bool:
        return self.segments > 1

    def user_data(self, reference: int) -> tuple[bytes, ...]:
        """The segments as `short_message`, with headers if there are several.

        The header is 05 00 03 reference total number; `esm_class` then has to say so (UDHI).
        `reference` (0-255) is the same in all parts of a text, and another one for the next text.
        """
        if not self.is_long:
            return self.parts
        total = self.segments
        return tuple(
            bytes([5, 0, 3, reference, total, number]) + part
            for number, part in zip(count(1), self.parts, strict=False)
        )


def encode(text: str) -> Encoded:
    """Choose the encoding and cut the text; no part ends inside an escape or a surrogate pair.

    Raises TextTooLong, and ValueError for half a surrogate pair.
    """
    characters = [_GSM7.get(character, b"") for character in text]
    if all(characters):
        return _cut(GSM7, characters)
    return _cut(UCS2, [character.encode("utf-16-be") for character in text])


def _cut(encoding: Encoding, characters: list[bytes]) -> Encoded:
    whole = b"".join(characters)
    units = len(whole) // encoding.octets
    if units <= encoding.alone:
        return Encoded(encoding, units, (whole,))
    parts = [b""]
    for character in characters:
        if len(parts[-1]) + len(character) > encoding.part * encoding.octets:
            parts.append(b"")
        parts[-1] += character
    if len(parts) > MAX_SEGMENTS:
        raise TextTooLong(encoding, units, len(parts))
    return Encoded(encoding, units, tuple(parts))
