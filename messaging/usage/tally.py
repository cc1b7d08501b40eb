"""Changes of sums that one transaction collects, and writes in one statement.

They are rows of their own: to add to a sum in its place would make every transaction that counts
for the same carrier wait for the one before it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from messaging import bulk
from messaging.usage.models import UsageRecord

NOTHING = Decimal(0)


class Key(NamedTuple):
    """The columns of `UsageRecord` that tell one sum from another."""

    minute: datetime
    organization_id: str
    credential_id: str
    carrier_id: str
    country: str
    sender_type: str
    status: str
    outcome: str
    code: str
    bucket: int
    currency: str


_COLUMNS = (*Key._fields, "messages", "segments", "amount")


class Tally:
    def __init__(self) -> None:
        self._sums: dict[Key, tuple[int, int, Decimal]] = {}

    def add(self, key: Key, messages: int, segments: int = 0, amount: Decimal = NOTHING) -> None:
        before = self._sums.get(key)
        if before is not None:
            messages, segments = messages + before[0], segments + before[1]
            amount += before[2]
        self._sums[key] = (messages, segments, amount)

    def save(self) -> None:
        """Write what does not cancel out, in the caller's transaction."""
        rows = [(*key, *sums) for key, sums in self._sums.items() if any(sums)]
        if rows:
            bulk.insert(UsageRecord, _COLUMNS, rows)
        self._sums = {}
