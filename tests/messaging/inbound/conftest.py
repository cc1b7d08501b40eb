"""The gateway's log of the receipts' tests; numbers, and what is told of texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.inbound.models import InboundMessage
from messaging.own_numbers.models import OwnNumber
from messaging.webhooks.models import Delivery, Event, Webhook
from orbit.accounts.models import Organization
from tests.messaging.receipts.conftest import (  # noqa: F401 - fixtures
    _new_counters,
    carrier,
    fake,
    log,
    send,
)

PHONE, OTHER_PHONE = "33612345678", "33699999999"
SHORT_CODE = "38080"
UDHI = 0x40


def part(text: bytes, number: int, of: int, *, reference: int = 0x5A) -> bytes:
    """User data of a part with a reference of 8 bits."""
    return bytes([5, 0, 3, reference, of, number]) + text


def part16(text: bytes, number: int, of: int, *, reference: int = 0x1A2B) -> bytes:
    return bytes([6, 8, 4, *reference.to_bytes(2), of, number]) + text


def bodies() -> list[str]:
    """Of all texts, oldest first."""
    return list(InboundMessage.objects.order_by("pk").values_list("body", flat=True))


def told() -> list[dict[str, Any]]:
    """`data` of each event message.received, oldest first."""
    events = Event.objects.filter(type="message.received").order_by("pk")
    return [json.loads(each.body)["data"] for each in events]


def urls() -> list[str]:
    """Where events go."""
    return sorted(Delivery.objects.values_list("url", flat=True))


@pytest.fixture
def still() -> Iterator[None]:
    """A clock that stands still: nothing is late because the machine is slow."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def number(organization: Organization, carrier: Carrier) -> Callable[..., OwnNumber]:  # noqa: F811
    """Register a number at the carrier's credential."""

    def make(number: str = SHORT_CODE, **fields: Any) -> OwnNumber:
        listed = [] if number.startswith("+") else ["FR"]
        keywords = [
            {"webhook_url": None, "answer": None} | each for each in fields.pop("keywords", [])
        ]
        columns = {"credential_id": carrier.credential_id, "countries": listed} | fields
        return OwnNumber.objects.create(
            organization=organization, number=number, keywords=keywords, **columns
        )

    return make


@pytest.fixture
def webhook(organization: Organization) -> Webhook:
    """The organisation's own, for all events."""
    return Webhook.objects.create(
        organization=organization,
        url="https://hooks.example.com/all",
        events=["*"],
        secret_set_at="2026-01-01T00:00:00Z",
    )
