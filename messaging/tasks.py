"""Re-exports all task modules for Celery; each noun has its own `tasks`."""

from __future__ import annotations

from messaging.campaigns import tasks as campaigns
from messaging.carrier_tests import tasks as carrier_tests
from messaging.inbound import tasks as inbound
from messaging.messages import tasks as messages
from messaging.notices import tasks as notices
from messaging.receipts import tasks as receipts
from messaging.usage import tasks as usage
from messaging.webhooks import tasks as webhooks

__all__ = [
    "campaigns",
    "carrier_tests",
    "inbound",
    "messages",
    "notices",
    "receipts",
    "usage",
    "webhooks",
]
