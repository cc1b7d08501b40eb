"""Counts of a carrier, as they are added up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.quality.outcomes import NO_BUCKET
from messaging.usage.folding import fold
from messaging.usage.models import UsageRecord
from tests.messaging.messages.dispatch.conftest import _new_counters, fake, make_carrier

__all__ = ["_new_counters", "fake"]

QUICK = 4  # the bucket of 3 s


@pytest.fixture
def carrier(organization) -> Carrier:
    return make_carrier(organization, "north", quality_mode="enforce")


@pytest.fixture
def second(organization) -> Carrier:
    return make_carrier(organization, "second", fallback_order=2, quality_mode="enforce")


def minute(ago: float = 0) -> datetime:
    return (timezone.now() - timedelta(minutes=ago)).replace(second=0, microsecond=0)


def count(carrier: Carrier, outcome: str, messages: int, *, ago: float = 5, **fields: Any) -> None:
    """`messages` that the carrier took so many minutes ago."""
    reported = outcome in ("delivered", "undelivered")
    values = {
        "country": "FR",
        "sender_type": "long_code",
        "bucket": QUICK if reported else NO_BUCKET,
    }
    UsageRecord.objects.create(
        minute=minute(ago),
        organization_id=carrier.organization_id,
        credential_id=carrier.credential_id,
        carrier_id=carrier.pk,
        outcome=outcome,
        messages=messages,
        segments=0,
        amount=0,
        **values | fields,
    )


@pytest.fixture
def falls(carrier: Carrier) -> Callable[[], None]:
    """It delivered 95 % for long, and 40 % five minutes ago."""

    def fall() -> None:
        for ago in (20, 60):
            count(carrier, "delivered", 95, ago=ago)
            count(carrier, "undelivered", 5, ago=ago, code="UNDELIV 069")
        count(carrier, "delivered", 400)
        count(carrier, "undelivered", 600, code="UNDELIV 069")
        fold()

    return fall
