"""What a term of the search can be, beside an id of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest

from messaging.numbers import as_read
from messaging.smpp.protocol.message_ids import FORMATS, id_keys
from orbit.console.messages import search

LONGEST = 253  # characters, as a host has
_NUMBER = re.compile(r"\+?[0-9][0-9\s().\-/]*")
_MESSAGE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.:\-]{2,252}")
_SHORTEST_NAME = 2


@dataclass(frozen=True)
class Term:
    """`numbers`: in E.164, that it can mean, none if its `fault` says why. `keys`: by which parts
    of messages are found whose carrier gave them this id, in each spelling of it. `name`: what may
    be a part of a name or a host, "" of one that is too short."""

    text: str
    numbers: tuple[str, ...] = ()
    fault: str = ""
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.text if len(self.text) >= _SHORTEST_NAME else ""


def read(request: HttpRequest) -> Term:
    """The term of a request (`q`)."""
    text = as_read(request.GET.get("q", "")[:LONGEST].replace("\0", "")).strip()
    numbers, fault = _numbers(request, text)
    return Term(text, numbers, fault, _keys(text))


def _numbers(request: HttpRequest, text: str) -> tuple[tuple[str, ...], str]:
    if not _NUMBER.fullmatch(text):
        return (), ""
    try:
        return tuple(search.numbers(request, text)), ""
    except ValueError as error:
        return (), str(error)


def _keys(text: str) -> tuple[str, ...]:
    """As receipts are matched: decimal and hexadecimal, with and without zeros before it."""
    if not _MESSAGE_ID.fullmatch(text):
        return ()
    return tuple(sorted({key for each in FORMATS for key in id_keys(text, each) if key}))
