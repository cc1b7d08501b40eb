"""The text of PDUs. Pure; nothing is refused.

Parts are decoded once they are joined: a pair of UTF-16 surrogates, or GSM's escape and what is
behind it, may be split between two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from messaging.smpp.protocol.data_coding import Charset, charset_of, decoded
from messaging.smpp.protocol.user_data import split_header

MISSING = "…"  # where parts are
_NUL, _UNKNOWN = "\0", "\ufffd"


@dataclass(frozen=True)
class Encoded:
    """A part as it came: its place (from 1), and the PDU's octets."""

    number: int
    octets: bytes
    esm_class: int
    data_coding: int


def charset(part: Encoded, default: Charset) -> Charset:
    """The alphabet of a part. `default`: what data_coding 0 means at the carrier."""
    return charset_of(part.data_coding, default)


def text_of(parts: Sequence[Encoded], *, of: int, default: Charset) -> str:
    """The text of the parts that came of `of`, in their order; `…` for each run of missing ones."""
    pieces: list[str] = []
    expected = 1
    for run in _runs(parts):
        if run[0].number > expected:
            pieces.append(MISSING)
        expected = run[-1].number + 1
        for known, alike in groupby(run, lambda part: charset(part, default)):
            data = [split_header(each.octets, each.esm_class)[1] for each in alike]
            pieces.append(_storable(decoded(data, known)))
    if expected <= of:
        pieces.append(MISSING)
    return "".join(pieces)


def _runs(parts: Iterable[Encoded]) -> Iterator[list[Encoded]]:
    """Parts that follow each other without a gap."""
    run: list[Encoded] = []
    for part in parts:
        if run and part.number != run[-1].number + 1:
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _storable(text: str) -> str:
    """NUL fits no column of PostgreSQL: at the end it is padding, elsewhere a character that can't
    be shown."""
    return text.rstrip(_NUL).replace(_NUL, _UNKNOWN)
