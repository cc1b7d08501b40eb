"""Render a campaign's text for one recipient, with encoding and segments, at a bounded cost. Pure.

The length is computed before the text is built: 2,000 places for a value of 1,530 characters would
be 3,000,000 characters, of which no carrier takes more than 1,530.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from messaging.campaigns.template import Template
from messaging.smpp.protocol import gsm7
from messaging.smpp.protocol.segmentation import (
    GSM7,
    MAX_SEGMENTS,
    UCS2,
    Encoding,
    TextTooLong,
    encode,
)

MAX_CHARACTERS = GSM7.part * MAX_SEGMENTS  # a character takes at least one unit of any encoding
MOST_SEGMENTS_KEPT = 32_767  # limit of the column
TOO_LONG, NO_VARIABLE = "TEXT_TOO_LONG", "MISSING_VARIABLE"

_ONE_SEPTET = re.escape("".join(c for c, octets in gsm7.OCTETS.items() if len(octets) == 1))
_TWO_SEPTETS = re.escape("".join(gsm7.EXTENSION.values()))
_BASIC = re.compile(f"[{_ONE_SEPTET}]*")
_ALPHABET = re.compile(f"[{_ONE_SEPTET}{_TWO_SEPTETS}]*")
_EXTENSION = re.compile(f"[{_TWO_SEPTETS}]")


def _evenly_cut(body: str) -> Encoding | None:
    """The encoding if every character takes one unit, so that the length tells the segments; else
    None. Most texts are such; `encode` handles the others."""
    if _BASIC.fullmatch(body):
        return GSM7
    if not _ALPHABET.fullmatch(body) and len(body.encode("utf-16-be")) == 2 * len(body):
        return UCS2
    return None


def _segments(encoding: Encoding, units: int) -> int:
    return 1 if units <= encoding.alone else -(-units // encoding.part)


@dataclass(frozen=True, slots=True)
class RenderedText:
    """The rendered text. If it can't be sent, `fault` (a code) and `why` say why; of a text that is
    too long, `body` is the beginning. Encoding and segments are those of a carrier that takes
    GSM-7."""

    body: str
    encoding: str
    segments: int
    fault: str = ""
    why: str = ""


class TextRenderer:
    """Renders one campaign's text for its recipients."""

    def __init__(self, body: str) -> None:
        self._template = Template(body)
        # Without variables the text is the same for all recipients.
        self._constant = None if self._template.uses else self._render({})

    def render(self, variables: Mapping[str, str]) -> RenderedText:
        """Render for one recipient. Never raises: a fault ends this recipient's message only."""
        if self._constant:
            return self._constant
        try:
            return self._render(variables)
        except KeyError as error:
            why = f"The recipient has no variable {error.args[0]}, which the text names."
            return RenderedText("", GSM7.name, 1, NO_VARIABLE, why)

    def is_too_long(self, variables: Mapping[str, str]) -> bool:
        """Raises KeyError for a variable that is not there."""
        characters = self._template.length(variables)
        # A character takes at most two units in any encoding.
        if 2 * characters <= UCS2.alone:
            return False
        return characters > MAX_CHARACTERS or bool(self._render(variables).fault)

    def _render(self, variables: Mapping[str, str]) -> RenderedText:
        if self._template.length(variables) > MAX_CHARACTERS:
            return self._overlong(variables, self._measured(variables))
        body = self._template.render(variables)
        encoding = _evenly_cut(body)
        if encoding and (segments := _segments(encoding, len(body))) <= MAX_SEGMENTS:
            return RenderedText(body, encoding.name, segments)
        try:
            text = encode(body)
        except TextTooLong as error:
            return self._overlong(variables, error)
        return RenderedText(body, text.encoding.name, text.segments)

    def _overlong(self, variables: Mapping[str, str], error: TextTooLong) -> RenderedText:
        body = self._template.beginning(variables, MAX_CHARACTERS)
        if self._template.length(variables) > len(body):
            body += "…"
        segments = min(error.segments, MOST_SEGMENTS_KEPT)
        return RenderedText(body, error.encoding.name, segments, TOO_LONG, str(error))

    def _measured(self, variables: Mapping[str, str]) -> TextTooLong:
        """The error that `encode` would raise for the whole text. It reads each value once, however
        often the text names it."""
        pieces = list(self._pieces(variables))
        if all(_ALPHABET.fullmatch(piece) for piece, _ in pieces):
            encoding = GSM7
            units = sum(n * (len(p) + len(_EXTENSION.findall(p))) for p, n in pieces)
        else:
            encoding = UCS2
            units = sum(n * len(p.encode("utf-16-be", "replace")) // 2 for p, n in pieces)
        return TextTooLong(encoding, units, _segments(encoding, units))

    def _pieces(self, variables: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        """The pieces of the text with how often each occurs."""
        yield "".join(self._template.plain), 1
        for name, count in self._template.uses.items():
            yield variables[name], count
