"""Source and destination addresses of a PDU, by the credential's `addressing`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging.numbers import SenderType, sender_type


@dataclass(frozen=True)
class SmppAddress:
    """Type of number, numbering plan (SMPP 3.4 §5.2.5, §5.2.6), and the characters on the wire."""

    ton: int
    npi: int
    text: str


def source(sender: str, addressing: Mapping[str, Any]) -> SmppAddress:
    """The source address of a sender. Raises ValueError (`messaging.numbers`)."""
    kind = sender_type(sender)
    text = _number(sender, addressing) if kind is SenderType.LONG_CODE else sender
    return SmppAddress(*addressing[kind], text)


def destination(number: str, addressing: Mapping[str, Any]) -> SmppAddress:
    """The destination address of an E.164 number with `+`."""
    return SmppAddress(*addressing["destination"], _number(number, addressing))


def _number(number: str, addressing: Mapping[str, Any]) -> str:
    return number if addressing["plus"] else number.removeprefix("+")
