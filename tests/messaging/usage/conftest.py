"""A gateway's log, messages that the gateway has, and what was counted of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from messaging.usage.models import UsageHour, UsageRecord
from tests.messaging.receipts.conftest import (
    _new_counters,
    carrier,
    fake,
    log,
    send,
)

__all__ = ["_new_counters", "carrier", "fake", "log", "send"]


def statuses() -> dict[str, int]:
    """Messages by status, added up or not; without what is 0."""
    found: Counter[str] = Counter()
    for model in (UsageHour, UsageRecord):
        for status, messages in model.objects.exclude(status="").values_list("status", "messages"):
            found[status] += messages
    return {status: count for status, count in found.items() if count}


def record(**fields: Any) -> UsageRecord:
    """A row as a transaction leaves it."""
    values = {"messages": 1, "segments": 0, "amount": 0} | fields
    return UsageRecord.objects.create(**values)
