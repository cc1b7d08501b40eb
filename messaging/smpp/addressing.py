"""Numbers and names as one carrier wants them in a PDU (`addressing` of a credential). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging.numbers import SenderType, sender_type


@dataclass(frozen=True)
class Address:
    """Type of number, numbering plan (SMPP 3.4 §5.2.5, §5.2.6), and the characters on the wire."""

    ton: int
    npi: int
    text: str


def source(sender: str, addressing: Mapping[str, Any]) -> Address:
    """A sender. Raises ValueError if it is none (`messaging.numbers`)."""
    kind = sender_type(sender)
    text = _number(sender, addressing) if kind is SenderType.LONG_CODE else sender
    return Address(*addressing[kind], text)


def destination(number: str, addressing: Mapping[str, Any]) -> Address:
    """A destination in E.164 with `+`."""
    return Address(*addressing["destination"], _number(number, addressing))


def _number(number: str, addressing: Mapping[str, Any]) -> str:
    return number if addressing["plus"] else number.removeprefix("+")
