"""Ids of messages: a carrier may write one id in two ways, in its answer and in the receipt."""

from __future__ import annotations

import re

FORMATS = ("same", "receipt_decimal", "receipt_hex")
"""`same`: written alike; `receipt_decimal`: hexadecimal in the answer and decimal in the receipt;
`receipt_hex` the other way round."""

_DECIMAL = re.compile(r"[0-9]{1,255}")
AROUND = " \t\r\n\0,;|&{}'\""
"""What stands around an id or a word and is no part of it."""

_PREFIXED = re.compile(r"0X([0-9A-F]+)")
_HEXADECIMAL = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{1,255})")


def id_key(id: str) -> str:
    """What equal spellings share: `0000000042` and `42`, `ab12cd`, `0xAB12CD` and `AB12CD`."""
    capitals = id.strip(AROUND).upper()
    if number := _PREFIXED.fullmatch(capitals):
        capitals = number[1]
    return capitals.lstrip("0") or capitals[-1:]


def id_keys(id: str, message_id_format: str) -> frozenset[str]:
    """The keys (`id_key`) of an answer under which the message of a receipt with this id is found.

    An id that is no number of the format's base is looked up as it stands: receipts may carry the
    answer's own spelling in receipted_message_id.
    """
    if message_id_format == "receipt_decimal" and _DECIMAL.fullmatch(id):
        return frozenset({f"{int(id):X}"})
    if message_id_format == "receipt_hex" and (digits := _HEXADECIMAL.fullmatch(id)):
        return frozenset({str(int(digits[1], 16))})
    return frozenset({id_key(id)})


def same_id(answered: str, receipted: str, message_id_format: str) -> bool:
    """Whether the id of submit_sm_resp and that of a receipt are one, written as the format says.
    No id is the same as none."""
    return bool(answered and receipted) and id_key(answered) in id_keys(
        receipted, message_id_format
    )


def matching_format(answered: str, ids: tuple[str, ...], message_id_format: str) -> str | None:
    """The format under which a receipt with `ids` is about the message: the one given, if that
    does, else another one (then the credential's setting is wrong), else None."""
    for each in (message_id_format, *(f for f in FORMATS if f != message_id_format)):
        if any(same_id(answered, receipted, each) for receipted in ids):
            return each
    return None
