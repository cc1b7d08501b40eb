"""Texts as phones write them: words between two numbers become the carrier's deliver_sm."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from messaging.smpp.protocol.segmentation import encode
from messaging.smpp.protocol.user_data import UDHI
from orbit.dev.simulator.deliveries import Text, text_fields

_UNKNOWN, _INTERNATIONAL, _ALPHANUMERIC = 0, 1, 5  # types of number (SMPP 3.4 §5.2.5)
_ISDN = 1  # numbering plan (§5.2.6)
_SHORTEST = 9  # digits of a number that is no short code
_references = count(1)


def written(*, source_addr: str, destination_addr: str, text: str, **others: int) -> list[Text]:
    """The parts of a text, in the narrowest alphabet that has its characters. A + before a number
    may be there or not. `others`: more fields of deliver_sm.

    Raises ValueError for a text that is too long, and for a value that a deliver_sm can't hold.
    """
    encoded = encode(text)
    fields: dict[str, Any] = {
        **_address("source_addr", "source", source_addr),
        **_address("destination_addr", "dest", destination_addr),
        "data_coding": encoded.data_coding,
        "esm_class": UDHI if encoded.is_long else 0,
        **others,
    }
    parts = encoded.user_data(next(_references) % 256)
    return [Text(text_fields(short_message=each, **fields)) for each in parts]


def _address(name: str, kind: str, text: str) -> dict[str, Any]:
    """The address with its type of number: by its form, as carriers say it."""
    digits = re.sub(r"[\s().\-/]", "", text).removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        ton, npi, digits = _ALPHANUMERIC, 0, text.strip()
    elif len(digits) < _SHORTEST and not text.strip().startswith("+"):
        ton, npi = _UNKNOWN, _ISDN
    else:
        ton, npi = _INTERNATIONAL, _ISDN
    return {name: digits, f"{kind}_addr_ton": ton, f"{kind}_addr_npi": npi}
