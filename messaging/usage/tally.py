"""Collect what one transaction counts, and write it in one statement.

Counts are inserted as rows and folded later: updating a sum in place would make every transaction
that counts for the same carrier wait for the one before it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from messaging import bulk
from messaging.usage.models import UsageRecord

NOTHING = Decimal(0)
_WHERE = ("minute", "organization_id", "credential_id", "carrier_id", "country", "sender_type")
_WHAT = ("status", "outcome", "code", "bucket", "currency")
_COLUMNS = (*_WHERE, *_WHAT, "messages", "segments", "amount")

Where = tuple[datetime, str, str, str, str, str]
What = tuple[str, str, str, int, str]
"""Key of a sum: the values of `_WHERE`, and of `_WHAT`."""


class Tally:
    def __init__(self) -> None:
        self._sums: dict[tuple[Where, What], tuple[int, int, Decimal]] = {}

    def add(
        self, where: Where, what: What, messages: int, segments: int = 0, amount: Decimal = NOTHING
    ) -> None:
        key = where, what
        before = self._sums.get(key)
        if before is not None:
            messages, segments = messages + before[0], segments + before[1]
            amount += before[2]
        self._sums[key] = (messages, segments, amount)

    def save(self) -> None:
        """Write the sums that are not zero, in the caller's transaction."""
        rows = [(*where, *what, *sums) for (where, what), sums in self._sums.items() if any(sums)]
        if rows:
            bulk.insert(UsageRecord, _COLUMNS, rows)
        self._sums = {}
