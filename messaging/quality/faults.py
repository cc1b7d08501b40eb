"""Whose fault a failure is: the number's, nobody's (the carrier is busy), or the carrier's. Pure.

The table is `number_faults.json`, with its sources.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from messaging.quality.outcomes import parts_of


class Fault(StrEnum):
    NUMBER = "number"
    BUSY = "busy"
    CARRIER = "carrier"


def _table() -> Mapping[str, Mapping[str, str]]:
    return json.loads((Path(__file__).parent / "number_faults.json").read_text())


_TABLE = _table()


@functools.lru_cache(maxsize=4096)
def fault_of(code: str) -> tuple[Fault, str]:
    """Whose fault this code (`outcomes.code_of`) is, and what it means ("" if the table has no
    entry)."""
    ours, carrier_code = parts_of(code)
    for fault, table in ((Fault.NUMBER, "statuses"), (Fault.BUSY, "busy")):
        if ours in _TABLE[table]:
            return fault, _TABLE[table][ours]
    # The table has decimal codes without leading zeros; other forms are a carrier's own codes.
    if carrier_code.isdecimal() and (meaning := _TABLE["receipts"].get(carrier_code.lstrip("0"))):
        return Fault.NUMBER, meaning
    return Fault.CARRIER, ""
