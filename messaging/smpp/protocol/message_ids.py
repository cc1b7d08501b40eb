"""Compares message ids, which a carrier may write differently in submit_sm_resp and receipt."""

from __future__ import annotations

import re

FORMATS = ("same", "receipt_decimal", "receipt_hex")
"""How the receipt writes the id: `same` as the answer; `receipt_decimal` where the answer has it
in hexadecimal; `receipt_hex` where the answer has it in decimal."""

_DECIMAL = re.compile(r"[0-9]{1,255}")
SURROUNDING = " \t\r\n\0,;|&{}'\""
"""Characters around an id or a word that are no part of it."""

_PREFIXED = re.compile(r"0X([0-9A-F]+)")
_HEXADECIMAL = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{1,255})")


def id_key(id: str) -> str:
    """One key for all spellings of an id: `0000000042` and `42`; `ab12cd`, `0xAB12CD`, `AB12CD`."""
    capitals = id.strip(SURROUNDING).upper()
    if number := _PREFIXED.fullmatch(capitals):
        capitals = number[1]
    return capitals.lstrip("0") or capitals[-1:]


def id_keys(id: str, message_id_format: str) -> frozenset[str]:
    """The keys (`id_key` of the answer's id) under which to look for a receipt with this id.

    An id that is no number in the format's base is taken as it is: receipts may have the answer's
    spelling in receipted_message_id.
    """
    if message_id_format == "receipt_decimal" and _DECIMAL.fullmatch(id):
        return frozenset({f"{int(id):X}"})
    if message_id_format == "receipt_hex" and (digits := _HEXADECIMAL.fullmatch(id)):
        return frozenset({str(int(digits[1], 16))})
    return frozenset({id_key(id)})


def same_id(answered: str, receipted: str, message_id_format: str) -> bool:
    """Whether the ids of a submit_sm_resp and of a receipt are equal under this format.

    An empty id equals none.
    """
    return bool(answered and receipted) and id_key(answered) in id_keys(
        receipted, message_id_format
    )


def matching_format(answered: str, ids: tuple[str, ...], message_id_format: str) -> str | None:
    """The format under which one of `ids` equals the answer's id: the given one first.

    Another one means that the credential's setting is wrong; None that no format fits.
    """
    for each in (message_id_format, *(f for f in FORMATS if f != message_id_format)):
        if any(same_id(answered, receipted, each) for receipted in ids):
            return each
    return None
