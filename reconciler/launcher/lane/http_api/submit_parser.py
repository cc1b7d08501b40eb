"""Reads one submit of a request's JSON."""

from __future__ import annotations

import re
from typing import Any

from messaging.smpp.protocol.tlv import Tlv
from reconciler.gateway_api import LONGEST_TOKEN, MOST_PARTS
from reconciler.launcher.lane.submit import Submit

MAX_ADDRESS = 20  # SMPP 3.4 §5.2.8
MAX_VALIDITY = 16  # §5.2.16
MAX_PART = 60_000  # octets, as message_payload
MAX_TLVS = 50
MAX_EXPIRES_IN = 7 * 86_400.0  # seconds
_TOKEN = re.compile(rf"[A-Za-z0-9._:-]{{1,{LONGEST_TOKEN}}}")


class InvalidSubmit(ValueError):
    """The message names the field. `token` is "" if the token itself is wrong."""

    def __init__(self, detail: str, token: str = "") -> None:
        super().__init__(detail)
        self.token = token


def parse(item: Any) -> Submit:
    """The submit. Raises InvalidSubmit."""
    token = item.get("token") if isinstance(item, dict) else None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise InvalidSubmit("token: 1 to 64 of A-Z a-z 0-9 . _ : - are wanted")
    try:
        return Submit(
            token=token,
            source=_address(item, "from", least=0),
            destination=_address(item, "to", least=1),
            parts=_parts(item.get("parts")),
            udhi=_flag(item.get("udhi", False)),
            data_coding=_octet(item.get("data_coding", 0)),
            tlvs=_tlvs(item.get("tlvs", ())),
            validity=_validity(item.get("validity", "")),
            expires_in=_seconds(item.get("expires_in", 30.0)),
        )
    except InvalidSubmit as invalid:
        raise InvalidSubmit(str(invalid), token) from None


def _address(item: dict[str, Any], name: str, *, least: int) -> str:
    value = item.get(name, "")
    if not isinstance(value, str) or not least <= len(value) <= MAX_ADDRESS + 1:
        raise InvalidSubmit(f"{name}: {least} to {MAX_ADDRESS} characters are wanted")
    if len(value) > MAX_ADDRESS and not value.startswith("+"):
        raise InvalidSubmit(f"{name}: {least} to {MAX_ADDRESS} characters are wanted")
    if not value.isascii() and max(value) > "\xff" or "\0" in value:
        raise InvalidSubmit(f"{name}: characters of ISO-8859-1 are wanted")
    return value


def _parts(value: Any) -> list[bytes]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PARTS:
        raise InvalidSubmit(f"parts: a list of 1 to {MOST_PARTS} is wanted")
    try:
        parts = [bytes.fromhex(each) for each in value]
    except (TypeError, ValueError):
        raise InvalidSubmit("parts: octets in hexadecimal are wanted") from None
    if max(map(len, parts)) > MAX_PART:
        raise InvalidSubmit(f"parts: up to {MAX_PART} octets each are wanted")
    return parts


def _tlvs(value: Any) -> list[Tlv]:
    if not value:
        return []
    if not isinstance(value, list) or len(value) > MAX_TLVS:
        raise InvalidSubmit(f"tlvs: a list of up to {MAX_TLVS} is wanted")
    try:
        found = [Tlv(tag, bytes.fromhex(octets)) for tag, octets in value]
    except (TypeError, ValueError):
        raise InvalidSubmit("tlvs: pairs of a tag and octets in hexadecimal are wanted") from None
    if not all(type(tlv.tag) is int and 0 < tlv.tag <= 0xFFFF for tlv in found):
        raise InvalidSubmit("tlvs: a tag is a number from 1 to 65535")
    return found


def _validity(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_VALIDITY or not value.isascii():
        raise InvalidSubmit("validity: a time in the form of SMPP 3.4 §7.1.1 is wanted")
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise InvalidSubmit("expires_in: seconds are wanted")
    return min(float(value), MAX_EXPIRES_IN)


def _octet(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 0xFF:
        raise InvalidSubmit("data_coding: a number from 0 to 255 is wanted")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidSubmit("udhi: true or false is wanted")
    return value
