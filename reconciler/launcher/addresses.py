"""Senders and numbers look as the carrier wants them.

Jasmin's fault (protocols/smpp/configs.py:150, protocols/http/endpoints/send.py): a connector has
one type of number for all sources, so that a name leaves as a national number; and a `+` leaves
as it came.

The cure: two keys of a connector (keys.py). `senders` has type and plan for each kind of sender,
`long_code=1/1,short_code=3/0,alphanumeric=5/0`: a number with `+` or of 9 digits and more is a
long code, one of fewer digits a short code, all else a name. `plus no` takes the `+` off both
addresses. What comes from SMPP platforms is treated alike: they do not know which carrier it takes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import keys
from jasmin.protocols.smpp.protocol import SMPPClientProtocol
from smpp.pdu.constants import addr_npi_value_map, addr_ton_value_map
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import AddrNpi, AddrTon

KINDS = ("long_code", "short_code", "alphanumeric")
LONGEST_SHORT_CODE = 8
_SENDERS = re.compile(r"([a-z_]+)=(\d+)/(\d+)")


@lru_cache
def _read(senders: str) -> dict[str, tuple[AddrTon, AddrNpi]]:
    """Raises ValueError or KeyError."""
    found = {}
    for each in senders.split(","):
        match = _SENDERS.fullmatch(each)
        if match is None:
            raise ValueError(each)
        kind, ton, npi = match.groups()
        ton_name, npi_name = addr_ton_value_map[int(ton)], addr_npi_value_map[int(npi)]
        found[KINDS[KINDS.index(kind)]] = (AddrTon[ton_name], AddrNpi[npi_name])
    return found


def _is_senders(value: Any) -> bool:
    try:
        return value is None or bool(_read(value))
    except (ValueError, KeyError, AttributeError):
        return False


def correct() -> None:
    keys.add("senders", _is_senders, "such as long_code=1/1,short_code=3/0,alphanumeric=5/0")
    keys.add("plus", lambda value: value in (None, "yes", "no"), "yes or no")
    prepare = SMPPClientProtocol.preSubmitSm

    def address(self: SMPPClientProtocol, part: SubmitSM) -> None:
        prepare(self, part)
        config, params = self.config(), part.params
        source = _text(params["source_addr"])
        kinds = _read(config.senders) if config.senders else {}
        if source and (kind := kinds.get(_kind(source))):
            params["source_addr_ton"], params["source_addr_npi"] = kind
        if config.plus == "no":
            if _kind(source) == "long_code":
                params["source_addr"] = source.removeprefix("+").encode()
            params["destination_addr"] = (
                _text(params["destination_addr"]).removeprefix("+").encode()
            )

    SMPPClientProtocol.preSubmitSm = address


def _kind(source: str) -> str:
    digits = source.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return "alphanumeric"
    is_long = source.startswith("+") or len(digits) > LONGEST_SHORT_CODE
    return "long_code" if is_long else "short_code"


def _text(value: bytes | str | None) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value or ""
