"""Delivery receipts: reading a deliver_sm (SMPP 3.4 Appendix B), and whose receipt it is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

INTERIM = frozenset({"ENROUTE", "ACCEPTD"})
"""States that another one follows."""

DELIVERED = "DELIVRD"

_STATES = {  # message_state, §5.2.28
    1: "ENROUTE",
    2: DELIVERED,
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_ABOUT_A_MESSAGE = 0x04 | 0x20  # esm_class: receipt, intermediate notification (§5.2.12)
_ID, _STAT, _ERR = (
    re.compile(rf"\b{name}:([^\s]+)", re.IGNORECASE) for name in ("id", "stat", "err")
)
_SAME_NUMBER = 7  # last digits that tell: carriers write numbers nationally as well


@dataclass(frozen=True)
class Receipt:
    """What a carrier says became of a message.

    `ids`: the message's id as the receipt writes it, in its text and in receipted_message_id,
    which need not agree. `state`: `DELIVRD`, `UNDELIV`, … or the carrier's own word. `numbers`:
    both addresses, since not every carrier exchanges them as it should.
    """

    ids: tuple[str, ...]
    state: str
    error: str
    numbers: tuple[str, ...]

    @property
    def is_interim(self) -> bool:
        return self.state in INTERIM


def read_receipt(fields: dict[str, Any]) -> Receipt | None:
    """The receipt in a deliver_sm or data_sm (fields as `pdu.fields` gives them), if it is one."""
    payload = fields.get("short_message") or fields.get("message_payload") or ""
    text = bytes.fromhex(payload).decode("latin-1")
    in_text = _ID.search(text)
    found = (fields.get("receipted_message_id"), in_text and in_text[1])
    ids = tuple(dict.fromkeys(each for each in found if each))
    stat, err = _STAT.search(text), _ERR.search(text)
    marked = fields.get("esm_class", 0) & _ABOUT_A_MESSAGE or "receipted_message_id" in fields
    if not ids or not (marked or stat):  # some carriers leave esm_class at 0
        return None
    state = stat[1].upper() if stat else _STATES.get(fields.get("message_state", 0), "UNKNOWN")
    numbers = (fields.get("source_addr", ""), fields.get("destination_addr", ""))
    return Receipt(ids, state, err[1] if err else "", tuple(filter(None, numbers)))


# How `message_id_format` reads: (base of the id in submit_sm_resp, base of the id in the receipt).
_BASES = {"receipt_decimal": (16, 10), "receipt_hex": (10, 16)}


def same_id(answered: str, receipted: str, message_id_format: str) -> bool:
    """Whether the id of submit_sm_resp and that of a receipt are one, written as the format says.

    `same`: as they are. `receipt_decimal`: hexadecimal in the answer, decimal in the receipt;
    `receipt_hex` the other way round. Leading zeros and case count only for `same`.
    """
    if message_id_format not in _BASES:
        return answered == receipted
    try:
        ours, theirs = _BASES[message_id_format]
        return int(answered, ours) == int(receipted, theirs)
    except ValueError:
        return False


def matching_format(answered: str, receipt: Receipt, message_id_format: str) -> str | None:
    """The format under which `receipt` is about the message: the one given, if that does, else
    another one (then the credential's setting is wrong), else None."""
    formats = [message_id_format, *(f for f in ("same", *_BASES) if f != message_id_format)]
    for each in formats:
        if any(same_id(answered, receipted, each) for receipted in receipt.ids):
            return each
    return None


def is_about(number: str, receipt: Receipt) -> bool:
    """Whether the receipt may be about a message to `number`: ids alone repeat."""
    end = number[-_SAME_NUMBER:]
    return not receipt.numbers or any(each.endswith(end) for each in receipt.numbers)
