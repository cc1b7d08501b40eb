"""The scope of an opt-out: whose messages the person does not want. Pure.

- `organization`: nothing from the organisation;
- `pool_…`: nothing from that sender pool, nor from its members if a message names one;
- a sender: nothing that has it in `from`.
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
