"""The gateway's log of the receipts' tests; numbers, and what is told of texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.inbound import access_queue
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.own_numbers.models import OwnNumber
from messaging.webhooks.models import Delivery, Event, Webhook
from orbit.accounts.models import Organization
from tests.messaging.receipts.conftest import (  # noqa: F401 - fixtures
    Log,
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


def due(organization: Organization) -> list[access_queue.Offer]:
    """What is handed over to the organisation's platform now."""
    return [access_queue.offer(row) for row in access_queue.due(organization.pk)]


def access_states() -> list[str]:
    """What became of each PDU at the platform, oldest first."""
    return list(InboundPdu.objects.order_by("pk").values_list("access_state", flat=True))


@pytest.fixture
def text(log: Log) -> Callable[..., InboundMessage | None]:  # noqa: F811
    """A text comes: the newest message then."""

    def deliver(octets: bytes = b"hi", **fields: Any) -> InboundMessage | None:
        log.deliver(octets, **{"source": PHONE, "destination": SHORT_CODE} | fields)
        log.take()
        return InboundMessage.objects.order_by("pk").last()

    return deliver


@pytest.fixture
def settle(log: Log) -> Callable[..., None]:  # noqa: F811
    """The platform has answered an offer with this status; None: it has not."""

    def write(offer: access_queue.Offer, status: int | None = 0, why: str = "") -> None:
        log.write("delivery", token=offer.token, status=status, why=why)
        log.take()

    return write


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
