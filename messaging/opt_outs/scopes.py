"""The scope of an opt-out: from whom the person wants nothing more. Pure.

`organization`: from nobody of the organisation; `pool_…`: from that sender pool, also from its
members where a message names one of them; else a sender, as messages have it in `from`.
"""

from __future__ import annotations

import re

from messaging.numbers import sender

ORGANIZATION = "organization"
POOL, SENDER = "pool", "sender"  # kinds, beside ORGANIZATION
MAX_LENGTH = 40  # characters
EXPECTED = "organization, the id of one of your sender pools, or a sender"
_POOL_ID = re.compile(r"pool_[0-9a-f]{32}")


def is_pool(scope: str) -> bool:
    return _POOL_ID.fullmatch(scope) is not None


def read(text: str) -> str:
    """The scope that people wrote. Raises ValueError."""
    if text == ORGANIZATION or is_pool(text):
        return text
    try:
        return sender(text)
    except ValueError:
        raise ValueError(f"A scope is {EXPECTED}.") from None
