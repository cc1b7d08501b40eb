"""Encodes a text for short messages: the encoding, the number of segments, the octets of each.

GSM-7 where the alphabet has every character (3GPP TS 23.038 §6.2.1), else UCS-2, sent as UTF-16BE
(data_coding 8, SMPP 3.4 §5.2.19). A carrier whose data_coding for plain texts is 3 or 1 reads
ISO-8859-1 or ASCII: these replace GSM-7 then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from messaging.smpp.protocol import gsm7

MAX_SEGMENTS = 10


@dataclass(frozen=True)
class Encoding:
    """How much fits into a single message, and into each part of a longer one.

    The header of a part takes 6 of its 140 octets (3GPP TS 23.040 §9.2.3.24.1), 7 septets of 160.
    `octets`: of a unit, as SMPP carries it; `alone` and `part` in units.
    """

    name: Literal["gsm7", "ucs2", "latin1", "ascii"]
    unit: str
    octets: int
    alone: int
    part: int


GSM7 = Encoding("gsm7", "septets", 1, 160, 153)
UCS2 = Encoding("ucs2", "UTF-16 units", 2, 70, 67)
LATIN1 = Encoding("latin1", "octets", 1, 140, 134)
"""data_coding 3 has eight bits a character on the air."""
ASCII = Encoding("ascii", "septets", 1, 160, 153)
"""data_coding 1 has seven, which the carrier turns into those of GSM-7."""

UCS2_CODING = 8
_NARROW = {3: LATIN1, 1: ASCII}  # by data_coding; any other means GSM-7
_CODINGS = {"gsm7": 0, "latin1": 3, "ascii": 1}


class TextTooLong(ValueError):
    """More than `MAX_SEGMENTS`. The message names the count; of a text with more characters than
    any of that many segments, `segments` is the least that its units can take."""

    def __init__(self, encoding: Encoding, units: int, segments: int) -> None:
        narrow = GSM7 if encoding is UCS2 else encoding
        super().__init__(
            f"This text has {units} {encoding.unit} and would take {segments} segments; at most "
            f"{MAX_SEGMENTS} are allowed ({narrow.part * MAX_SEGMENTS} {_CALLED[narrow.name]}, or "
            f"{UCS2.part * MAX_SEGMENTS} UTF-16 units if a character is outside that alphabet)."
        )
        self.encoding = encoding
        self.units = units
        self.segments = segments


_CALLED = {
    "gsm7": "septets of GSM-7",
    "latin1": "octets of ISO-8859-1",
    "ascii": "septets of ASCII",
}


@dataclass(frozen=True)
class Encoded:
    """A text in `units` (septets, octets or UTF-16 units); `parts` are its segments without
    headers; `data_coding` is what says so in a PDU."""

    encoding: Encoding
    units: int
    parts: tuple[bytes, ...]
    data_coding: int = 0

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
            for number, part in enumerate(self.parts, start=1)
        )


def encode(text: str, gsm_data_coding: int = 0) -> Encoded:
    """Choose the encoding and cut the text; no part ends inside an escape or a surrogate pair.

    `gsm_data_coding`: what this carrier wants as data_coding of a text without other alphabets. 3
    means octets of ISO-8859-1 and 1 of ASCII; all else means GSM-7.
    Raises TextTooLong, and ValueError for half a surrogate pair.
    """
    narrow = _NARROW.get(gsm_data_coding, GSM7)
    if narrow is GSM7 and (whole := _whole(text, gsm_data_coding)):
        return whole
    if len(text) > narrow.part * MAX_SEGMENTS:
        raise _overlong(narrow if _holds(narrow, text) else UCS2, text)
    octets = _octets(narrow, text)
    return _cut(narrow, text, octets, gsm_data_coding) if all(octets) else _wide(text)


def encode_as(text: str, name: str) -> Encoded:
    """The text in the encoding of this name: as `encode` chose it once, whatever the carrier wants
    by now. Raises TextTooLong, and ValueError for a text that has characters outside of it."""
    if name == UCS2.name:
        return _wide(text)
    coding = _CODINGS[name]
    narrow = _NARROW.get(coding, GSM7)
    octets = _octets(narrow, text)
    if not all(octets):
        raise ValueError(f"this text has characters that {name} has not")
    return _cut(narrow, text, octets, coding)


class _Septets(dict[int, str]):
    """For `str.translate`: a character outside GSM-7 becomes one outside Latin-1."""

    def __missing__(self, character: int) -> str:
        return "\uffff"


_SEPTETS = _Septets({ord(key): value.decode("latin-1") for key, value in gsm7.OCTETS.items()})


def _whole(text: str, data_coding: int) -> Encoded | None:
    """The text as a single message in GSM-7, if it fits: the quick way for most texts."""
    if len(text) > GSM7.alone:
        return None
    try:
        octets = text.translate(_SEPTETS).encode("latin-1")
    except UnicodeEncodeError:
        return None
    fits = len(octets) <= GSM7.alone
    return Encoded(GSM7, len(octets), (octets,), data_coding) if fits else None


_GSM7 = re.compile(f"[{re.escape(''.join(gsm7.OCTETS))}]*")


def _holds(narrow: Encoding, text: str) -> bool:
    """Whether the encoding has every character of the text; quick for long texts."""
    if narrow is GSM7:
        return _GSM7.fullmatch(text) is not None
    return text.isascii() or (narrow is LATIN1 and max(text) <= "\xff")


def _overlong(encoding: Encoding, text: str) -> TextTooLong:
    """The error for a text with more characters than units fit. Nothing is cut: a body may have
    millions of characters, which took two seconds and a hundred times the memory."""
    if encoding is UCS2:
        units = len(text.encode("utf-16-be")) // UCS2.octets
    elif encoding is LATIN1:
        units = len(text)
    else:
        units = len(text) + sum(map(text.count, gsm7.EXTENSION.values()))
    return TextTooLong(encoding, units, -(-units // encoding.part))


def _wide(text: str) -> Encoded:
    if len(text) > UCS2.part * MAX_SEGMENTS:
        raise _overlong(UCS2, text)
    return _cut(UCS2, text, [character.encode("utf-16-be") for character in text], UCS2_CODING)


def _octets(narrow: Encoding, text: str) -> list[bytes]:
    """The octets of each character, b"" where the encoding has none."""
    if narrow is GSM7:
        return [gsm7.OCTETS.get(character, b"") for character in text]
    codec = "latin-1" if narrow is LATIN1 else "ascii"
    return [character.encode(codec, "ignore") for character in text]


def _units(encoding: Encoding, text: str, octets: Sequence[bytes]) -> list[int]:
    """The units that each character takes. ASCII's brackets take two septets as GSM-7."""
    if encoding is ASCII:
        return [len(gsm7.OCTETS.get(character, b"?")) for character in text]
    return [len(each) // encoding.octets for each in octets]


def _cut(encoding: Encoding, text: str, characters: list[bytes], data_coding: int) -> Encoded:
    sizes = _units(encoding, text, characters)
    units = sum(sizes)
    if units <= encoding.alone:
        return Encoded(encoding, units, (b"".join(characters),), data_coding)
    parts, taken = [bytearray()], 0
    for character, size in zip(characters, sizes, strict=True):
        if taken + size > encoding.part:
            parts.append(bytearray())
            taken = 0
        parts[-1] += character
        taken += size
    if len(parts) > MAX_SEGMENTS:
        raise TextTooLong(encoding, units, len(parts))
    return Encoded(encoding, units, tuple(bytes(part) for part in parts), data_coding)
